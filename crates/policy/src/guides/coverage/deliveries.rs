//! A sound delivery of each provider, and ways to change one.

use super::super::*;
use crate::DocumentKind::{CamPolicy, TrustPolicy};

pub(super) const COS_KEY: &str = "qcs::cos:ap-guangzhou:uid/1250000001:tide-reports-1250000001";
pub(super) const COS_SOURCE: &str = "qcs::cos:ap-guangzhou:uid/1250000001:tide-1250000001";
pub(super) const COS_USER: &str = "qcs::cam::uin/100000000001:uin/100000000011";

pub(super) fn cos_configuration(bucket: &str, prefix: &str) -> String {
    json!({"Id": "daily", "IsEnabled": true, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Daily"},
        "Destination": {"COSBucketDestination": {"Bucket": format!("qcs::cos:ap-guangzhou::{bucket}"),
            "Format": "CSV", "Prefix": prefix}}})
    .to_string()
}

pub(super) fn cam(statements: &Json) -> String {
    json!({"version": "2.0", "statement": statements}).to_string()
}

/// A role that writes the reports and nothing else, a user who manages and reads, and no bucket policy.
pub(super) fn cos() -> Delivery {
    let trust = cam(&json!([{"action": "name/sts:AssumeRole", "effect": "allow",
        "principal": {"service": "cos.cloud.tencent.com"}}]));
    let actions = [
        "Put",
        "InitiateMultipartUpload",
        "UploadPart",
        "ListParts",
        "ListMultipartUploads",
        "CompleteMultipartUpload",
        "AbortMultipartUpload",
    ];
    let actions =
        actions.map(|it| format!("name/cos:{}", if it == "Put" { "PutObject" } else { it }));
    let writes = cam(
        &json!([{"action": actions, "effect": "allow", "resource": format!("{COS_KEY}/inv/*")}]),
    );
    let own = cam(&json!([
        {"action": ["name/cos:PutBucketInventory", "name/cos:GetBucketInventory", "name/cos:DeleteBucketInventory",
            "name/cos:PostBucketInventory"], "effect": "allow", "resource": COS_SOURCE},
        {"action": "name/cos:GetBucket", "effect": "allow", "resource": COS_KEY},
        {"action": "name/cos:GetObject", "effect": "allow", "resource": format!("{COS_KEY}/inv/*")}]));
    let user = principal_named(COS_USER, Cos);
    let region = Some("ap-guangzhou".to_owned());
    let owner = Some("100000000001".to_owned());
    let configuration = cos_configuration("tide-reports-1250000001", "inv");
    Delivery {
        configurations: vec![document("k", InventoryConfig, &configuration)],
        source: "tide-1250000001".to_owned(),
        source_account: owner.clone(),
        destination_account: owner,
        source_region: region.clone(),
        destination_region: region,
        source_policy: Some(Vec::new()),
        destination_policy: Some(Vec::new()),
        identity: Some(vec![document("own", CamPolicy, &own)]),
        role: Some(vec![
            document("trust", TrustPolicy, &trust),
            document("writes", CamPolicy, &writes),
        ]),
        managers: vec![user.clone()],
        readers: vec![user],
        at_seconds: 1_762_563_600,
        ..Delivery::default()
    }
}

/// The same with policies of the destination.
pub(super) fn cos_with(statements: &Json) -> Delivery {
    Delivery { destination_policy: policy("destination", &cam(statements)), ..cos() }
}

pub(super) fn tight_aws() -> Delivery {
    let p6 = changed(P6, |it| {
        statement(it, 0)["Resource"] = json!("arn:aws:s3:::harbor-reports/inventory/harbor-data/*");
        let more = json!([
            {"Effect": "Allow", "Principal": {"AWS": ADMIN}, "Action": "s3:ListBucket",
                "Resource": "arn:aws:s3:::harbor-reports"},
            {"Effect": "Allow", "Principal": {"AWS": ADMIN}, "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::harbor-reports/*"},
            {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::harbor-reports/*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject",
                "Resource": "arn:aws:s3:::harbor-reports/*"}]);
        it["Statement"].as_array_mut().unwrap().extend(more.as_array().unwrap().clone());
    });
    let k3 = k3("k3", "CSV", "Daily", "Current", "inventory/harbor-data");
    let own = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": "s3:*InventoryConfiguration", "Resource": "arn:aws:s3:::harbor-data"}]});
    let admin = principal_named(ADMIN, Aws);
    Delivery {
        identity: Some(vec![document("own", IdentityPolicy, &own.to_string())]),
        managers: vec![admin.clone()],
        readers: vec![admin],
        ..aws(&p6, &[&k3])
    }
}

pub(super) fn tight_coreweave() -> Delivery {
    let tight = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"CW": INVENTORY}, "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
            "Resource": "arn:aws:s3:::harbor-reports/inventory/*"},
        {"Effect": "Allow", "Principal": {"CW": USER}, "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::harbor-reports"},
        {"Effect": "Allow", "Principal": {"CW": USER}, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::harbor-reports/inventory/*"},
        {"Effect": "Deny", "Principal": {"CW": USER}, "Action": "s3:*", "Resource": "arn:aws:s3:::harbor-reports/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Effect": "Deny", "Principal": {"CW": USER}, "Action": "s3:DeleteObject",
            "Resource": "arn:aws:s3:::harbor-reports/*"}]});
    coreweave(&tight.to_string(), K1)
}

pub(super) fn kept_cos() -> Delivery {
    let deny = |more: Json| {
        let mut statement = json!({"principal": {"qcs": ["*"]}, "effect": "deny", "action": "name/cos:DeleteObject",
            "resource": format!("{COS_KEY}/*")});
        statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        statement
    };
    let plain = json!({"condition": {"bool_equal": {"aws:SecureTransport": "false"}}});
    cos_with(&json!([deny(plain), deny(json!({}))]))
}

/// The delivery of a dialect, changed in the destination's policy.
pub(super) fn destination(delivery: &Delivery, change: impl FnOnce(&mut Json)) -> Delivery {
    let text = &delivery.destination_policy.as_ref().unwrap()[0].text;
    Delivery {
        destination_policy: policy("destination", &changed(text, change)),
        ..delivery.clone()
    }
}

/// The delivery of a dialect, changed in its configuration.
pub(super) fn configured(delivery: &Delivery, change: impl FnOnce(&mut Json)) -> Delivery {
    let text = changed(&delivery.configurations[0].text, change);
    Delivery { configurations: vec![document("k", InventoryConfig, &text)], ..delivery.clone() }
}
