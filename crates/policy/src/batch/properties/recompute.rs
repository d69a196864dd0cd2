//! The decision once more, from the trace alone.

use serde_json::Value;

use crate::{Decision, MatchOutcome, TraceStep};

/// What statements come to, of which all is known, by nothing but how they matched and who asks for what.
pub(super) fn recomputed(question: &Value, trace: &[TraceStep]) -> Decision {
    let request = &question["request"];
    let matched = |from: &str, allows: bool, direct: bool| {
        trace.iter().any(|step| {
            step.document.starts_with(from)
                && step.allows == allows
                && step.outcome == MatchOutcome::Match
                && !(direct && step.via_account)
        })
    };
    let principal = request["principal"].as_str().unwrap();
    let owner = request["resource-account"].as_str().unwrap();
    let is_same =
        principal.contains(&format!(":{owner}:")) || principal.contains(&format!("uin/{owner}:"));
    let is_root = |of: &str| principal == format!("qcs::cam::uin/{of}:uin/{of}");
    if question["dialect"] == "cos" && is_root(owner) {
        return Decision::Allowed;
    }
    if matched("", false, false) {
        return Decision::ExplicitDeny;
    }
    let (identity, bucket) = (matched("identity", true, false), matched("bucket", true, false));
    let is_allowed = if question["dialect"] == "coreweave" {
        let action = request["action"].as_str().unwrap();
        let is_writer = principal.contains("static");
        let is_global = action.starts_with("cwobject") || action == "s3:ListAllMyBuckets";
        let is_admin = principal == "role/Object Storage Admin" && action.starts_with("cwobject");
        let organization = is_admin || matched("organization", true, false);
        let is_foreign = !is_same && principal != "role/Object Storage Admin";
        match action {
            "s3:PutBucketPolicy" => organization && !is_writer && !is_foreign,
            _ if is_global => organization && !is_writer,
            _ => {
                (organization || is_writer)
                    && (bucket || question["policies"]["resource"].is_null())
            }
        }
    } else if ["*", "s3.amazonaws.com"].contains(&principal) {
        bucket
    } else if is_same {
        identity || matched("bucket", true, true)
    } else {
        (identity || is_root("2") || is_root("1")) && bucket
    };
    if is_allowed { Decision::Allowed } else { Decision::ImplicitDeny }
}
