//! AWS's own vectors, read from the package `aws-sigv4` that the workspace depends on, whose licence is Apache-2.0.
//!
//! They are for services in general; S3 differs in that it takes a path as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::Wire;
use crate::canonical::{canonical_request, string_to_sign};
use crate::credentials::Proof;
use crate::hex;
use crate::key::{Secret, sha256};
use crate::verify::expected;

/// Forms of vectors that S3's rules refuse, and why.
const NOT_S3: [(&str, &str); 17] = [
    ("double-encode-path/header", "encodes the path twice"),
    ("double-url-encode/header", "encodes the path twice"),
    ("get-header-value-multiline/header", "folds a header"),
    ("get-header-value-multiline/query", "folds a header"),
    ("get-relative-normalized/header", "tidies the path"),
    ("get-relative-normalized/query", "tidies the path"),
    ("get-relative-relative-normalized/header", "tidies the path"),
    ("get-relative-relative-normalized/query", "tidies the path"),
    ("get-slash-dot-slash-normalized/header", "tidies the path"),
    ("get-slash-dot-slash-normalized/query", "tidies the path"),
    ("get-slash-normalized/header", "tidies the path"),
    ("get-slash-normalized/query", "tidies the path"),
    ("get-slash-pointless-dot-normalized/header", "tidies the path"),
    ("get-slash-pointless-dot-normalized/query", "tidies the path"),
    ("get-slashes-normalized/header", "tidies the path"),
    ("get-slashes-normalized/query", "tidies the path"),
    ("post-sts-header-after/query", "adds the token behind the signature"),
];

/// The folder of vectors of the package that Cargo resolved.
fn folder() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(["--filter-platform", "host-tuple"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "aws-sigv4").unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    manifest.with_file_name("aws-signing-test-suite").join("v4")
}

/// Compares every stage of one form, `header` or `query`, of a vector; what is wrong otherwise.
fn check(vector: &Path, form: &str) -> Result<(), String> {
    let file = |name: &str| fs::read_to_string(vector.join(format!("{form}-{name}.txt")));
    let request = file("signed-request").map_err(|error| error.to_string())?;
    let expect = |name: &str, found: &str| match file(name) {
        Ok(text) if text.trim_end_matches('\n') == found => Ok(()),
        // A few vectors have no file for the signature, which stands in their request too.
        Err(_) if name == "signature" => Ok(()),
        other => Err(format!("{name}: expected {other:?}, found {found:?}")),
    };
    let wire = Wire::parse(&request);
    let credentials = wire.credentials().map_err(|error| error.to_string())?;
    let Proof::Signature(signature) = &credentials.proof else { return Err("bearer".into()) };
    wire.with(|request| {
        let payload = hex::encode(&sha256(request.body.unwrap()));
        let canonical = canonical_request(request, &signature.signed_headers, &payload).unwrap();
        expect("canonical-request", str::from_utf8(&canonical).unwrap())?;
        let scope = &signature.scope;
        let scope = format!("{}/{}/{}/aws4_request", scope.date, scope.region, scope.service);
        expect("string-to-sign", &string_to_sign(signature.at, &scope, &canonical))?;
        let (bytes, _) = expected(request, signature, &secret(vector), &payload).unwrap();
        expect("signature", &hex::encode(&bytes))?;
        if bytes == signature.bytes { Ok(()) } else { Err("signature of the request".into()) }
    })
}

fn secret(vector: &Path) -> Secret {
    let context = fs::read_to_string(vector.join("context.json"));
    let context: Value = context.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
    let secret = context["credentials"]["secret_access_key"].as_str();
    Secret::new(secret.unwrap_or("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
}

#[test]
fn every_vector_that_s3_takes_is_signed_stage_by_stage() {
    let mut checked = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let vector = entry.unwrap().path();
        for form in ["header", "query"] {
            if !vector.join(format!("{form}-signed-request.txt")).exists() {
                continue;
            }
            let name = format!("{}/{form}", vector.file_name().unwrap().to_str().unwrap());
            let reason = NOT_S3.iter().find(|(known, _)| *known == name).map(|(_, reason)| reason);
            match (check(&vector, form), reason) {
                (Ok(()), None) | (Err(_), Some(_)) => checked += 1,
                (Err(wrong), None) => panic!("{name}: {wrong}"),
                (Ok(()), Some(reason)) => panic!("{name} is accepted, although it {reason}"),
            }
        }
    }
    assert!(checked >= 78, "only {checked} forms of vectors were found");
}
