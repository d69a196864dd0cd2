//! Of which provider a policy is.
//!
//! The strict dialects judge by their own rules. `any` judges by those of the provider whose form the documents have: the
//! bucket's policy first, else the caller's own policies, else the caller's name, else as Amazon S3. A document of
//! another form than the chosen one is judged all the same; it cannot be read then, and so the request is refused.

use serde_json::Value;
use stocktake_core::finding::Dialect;

/// What `CoreWeave` names principals by.
const COREWEAVE_NAMES: [&str; 4] =
    [":coreweave/", ":saml/", "arn:aws:iam:::user/", "arn:aws:iam::coreweave:static/"];

/// What [`COREWEAVE_NAMES`] lacks: the service that writes reports.
const COREWEAVE_WRITER: &str = "arn:aws:iam::static:role/static/inventory";

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
        return form(policy);
    }
    let own = own.iter().map(|text| form(text)).find(|form| *form != Dialect::Aws);
    own.unwrap_or_else(|| of_principal(principal))
}

/// Whose rules a policy is judged by: those of its own form where the dialect leaves that open.
pub(crate) fn of_policy(dialect: Dialect, policy: &str) -> Dialect {
    if dialect == Dialect::Any { form(policy) } else { dialect }
}

/// Of which provider a policy is, by its form.
fn form(text: &str) -> Dialect {
    let Ok(Value::Object(document)) = serde_json::from_str(text) else { return Dialect::Aws };
    if document.contains_key("statements") || document.contains_key("policy") {
        return Dialect::Coreweave;
    }
    let is_cam = |(name, value): (&String, &Value)| match name.as_str() {
        "statement" | "principal" => true,
        "version" | "Version" => value == "2.0",
        _ => false,
    };
    if document.iter().any(is_cam) {
        return Dialect::Cos;
    }
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement) => std::slice::from_ref(statement),
        None => &[],
    };
    let principals = statements.iter().filter_map(|statement| statement.get("Principal"));
    principals.map(of_principals).find(|form| *form != Dialect::Aws).unwrap_or(Dialect::Aws)
}

fn of_principals(value: &Value) -> Dialect {
    let Value::Object(kinds) = value else { return Dialect::Aws };
    if kinds.contains_key("CW") {
        return Dialect::Coreweave;
    }
    if kinds.contains_key("qcs") {
        return Dialect::Cos;
    }
    let names = kinds.values().flat_map(|names| match names {
        Value::Array(names) => names.as_slice(),
        name => std::slice::from_ref(name),
    });
    let forms = names.filter_map(Value::as_str).map(of_principal);
    forms.into_iter().find(|form| *form != Dialect::Aws).unwrap_or(Dialect::Aws)
}

fn of_principal(name: &str) -> Dialect {
    if name.starts_with("qcs::") {
        Dialect::Cos
    } else if name == COREWEAVE_WRITER || COREWEAVE_NAMES.iter().any(|part| name.contains(part)) {
        Dialect::Coreweave
    } else {
        Dialect::Aws
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_tells_whose_it_is() {
        for (text, expected) in [
            (r#"{"Version":"2012-10-17","Statement":[]}"#, Dialect::Aws),
            (r#"{"Statement":{"Principal":"*"}}"#, Dialect::Aws),
            (r#"{"Statement":{"Principal":{"AWS":["1","arn:aws:iam::1:user/a"]}}}"#, Dialect::Aws),
            (r#"{"Statement":{"Principal":{"CW":"*"}}}"#, Dialect::Coreweave),
            (
                r#"{"Statement":[{},{"Principal":{"AWS":"arn:aws:iam::f3:coreweave/u"}}]}"#,
                Dialect::Coreweave,
            ),
            (r#"{"policy":{"version":"v1alpha1"}}"#, Dialect::Coreweave),
            (r#"{"version":"v1alpha1","statements":[]}"#, Dialect::Coreweave),
            (r#"{"version":"2.0","statement":[]}"#, Dialect::Cos),
            (r#"{"Statement":[{"Principal":{"qcs":["qcs::cam::uin/1:uin/2"]}}]}"#, Dialect::Cos),
            ("[]", Dialect::Aws),
            ("no JSON", Dialect::Aws),
        ] {
            assert_eq!(form(text), expected, "{text}");
        }
    }

    #[test]
    fn the_policy_of_the_bucket_comes_first() {
        let own = [r#"{"version":"2.0"}"#.to_owned()];
        let coreweave = Some(r#"{"Statement":{"Principal":{"CW":"*"}}}"#);
        let of = |dialect, bucket, own: &[String], principal| {
            of_request(dialect, bucket, own, principal)
        };
        assert_eq!(of(Dialect::Any, coreweave, &own, ""), Dialect::Coreweave);
        assert_eq!(of(Dialect::Any, Some("{}"), &own, ""), Dialect::Aws);
        assert_eq!(of(Dialect::Any, None, &own, ""), Dialect::Cos);
        assert_eq!(of(Dialect::Any, None, &[], "qcs::cam::uin/1:uin/2"), Dialect::Cos);
        assert_eq!(of(Dialect::Any, None, &[], COREWEAVE_WRITER), Dialect::Coreweave);
        assert_eq!(of(Dialect::Any, None, &[], "arn:aws:iam::1:user/a"), Dialect::Aws);
        assert_eq!(of(Dialect::Aws, coreweave, &own, "qcs::"), Dialect::Aws);
    }
}
