//! Whose rules judge a request.
//!
//! The strict dialects judge by their own rules. `any` judges by those of the provider whose form the documents have: the
//! bucket's policy first, else the caller's own policies, else the caller's name, else as Amazon S3. A document of
//! another form than the chosen one is judged all the same; it cannot be read then, and so the request is refused.

use stocktake_core::finding::Dialect;
use stocktake_core::provider;

/// Whose rules judge a request.
pub(crate) fn of_request(
    dialect: Dialect,
    bucket_policy: Option<&str>,
    own: &[String],
    principal: &str,
) -> Dialect {
    if dialect != Dialect::Any {
        return dialect;
    }
    if let Some(policy) = bucket_policy {
        return provider::of_text(policy);
    }
    let own = own.iter().map(|text| provider::of_text(text));
    provider::of_first(own.chain([provider::of_principal(principal)]))
}

/// Whose rules a policy is judged by: those of its own form where the dialect leaves that open.
pub(crate) fn of_policy(dialect: Dialect, policy: &str) -> Dialect {
    if dialect == Dialect::Any { provider::of_text(policy) } else { dialect }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_judged_as_of_amazon_s3() {
        assert_eq!(of_policy(Dialect::Any, r#"{"version":"2.0","statement":[]}"#), Dialect::Cos);
        assert_eq!(of_policy(Dialect::Any, "no JSON"), Dialect::Aws);
        assert_eq!(of_policy(Dialect::Coreweave, r#"{"version":"2.0"}"#), Dialect::Coreweave);
    }

    #[test]
    fn the_policy_of_the_bucket_comes_first() {
        let own = [r#"{"version":"2.0"}"#.to_owned()];
        let coreweave = Some(r#"{"Statement":{"Principal":{"CW":"*"}}}"#);
        let of = of_request;
        assert_eq!(of(Dialect::Any, coreweave, &own, ""), Dialect::Coreweave);
        assert_eq!(of(Dialect::Any, Some("{}"), &own, ""), Dialect::Aws);
        assert_eq!(of(Dialect::Any, None, &own, ""), Dialect::Cos);
        assert_eq!(of(Dialect::Any, None, &[], "qcs::cam::uin/1:uin/2"), Dialect::Cos);
        let writer = "arn:aws:iam::static:role/static/inventory";
        assert_eq!(of(Dialect::Any, None, &[], writer), Dialect::Coreweave);
        assert_eq!(of(Dialect::Any, None, &[], "arn:aws:iam::1:user/a"), Dialect::Aws);
        assert_eq!(of(Dialect::Aws, coreweave, &own, "qcs::"), Dialect::Aws);
    }
}
