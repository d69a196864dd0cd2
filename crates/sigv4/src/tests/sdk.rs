//! Requests of any shape, signed by the signer of AWS's SDK for Rust.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningInstructions, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{ACCESS_KEY_ID, SCOPE, SECRET, Wire};
use crate::{Payload, Secret, UnixSeconds, percent};

/// What the SDK adds to a request, with the settings that it has for S3.
fn instructions(
    wire: &Wire,
    token: Option<&str>,
    expires: Option<u64>,
    at: u64,
) -> SigningInstructions {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings.expires_in = expires.map(Duration::from_secs);
    let body = wire.body.as_deref().unwrap();
    let body = match expires {
        Some(_) => SignableBody::UnsignedPayload,
        None => SignableBody::Bytes(body),
    };
    if expires.is_some() {
        settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
        settings.signature_location = SignatureLocation::QueryParams;
    }
    let token = token.map(str::to_owned);
    let identity =
        aws_credential_types::Credentials::new(ACCESS_KEY_ID, SECRET, token, None, "test").into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(SCOPE.region)
        .name(SCOPE.service)
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(at))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let headers =
        wire.headers.iter().map(|(name, value)| (name.as_str(), str::from_utf8(value).unwrap()));
    let url = format!("http://localhost:9000{}?{}", wire.path, wire.query);
    let request = SignableRequest::new(wire.method.as_str(), url, headers, body).unwrap();
    sign(request, &parameters).unwrap().into_parts().0
}

fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    percent::encode(bytes.iter().copied(), &mut text);
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn what_the_sdk_signs_is_verified(
        segments in vec(vec(any::<u8>(), 0..6), 0..5),
        query in vec((any::<String>(), any::<String>()), 0..5),
        plus: bool,
        headers in vec(("x-amz-meta-[a-z]{1,3}|X-[A-Z][a-z]{1,8}", "[ -~]{0,30}"), 0..6),
        body in vec(any::<u8>(), 0..100),
        at in 0_u32..4_000_000_000,
        token in proptest::option::of("[A-Za-z0-9+/]{1,30}={0,2}"),
        expires in proptest::option::of(1_u64..=604_800),
    ) {
        let segments: Vec<String> = segments.iter().map(|segment| encoded(segment)).collect();
        let pairs = query.iter().map(|(name, value)| (encoded(name.as_bytes()), encoded(value.as_bytes())));
        let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
        let query = pairs.join("&").replace("%20", if plus { "+" } else { "%20" });
        let mut wire = Wire::new("PUT", &format!("/{}", segments.join("/")), &query);
        for (name, value) in &headers {
            wire.push(name, value);
        }
        wire.push("host", "localhost:9000");
        wire.body = Some(body);

        let made = instructions(&wire, token.as_deref(), expires, u64::from(at));
        made.headers().for_each(|(name, value)| wire.push(name, value));
        for (name, value) in made.params() {
            let value = encoded(value.as_bytes());
            wire.query = format!("{}&{name}={value}", wire.query);
        }
        let credentials = wire.credentials().unwrap();
        let token = token.map(Secret::new);
        prop_assert!(credentials.security_token() == token.as_ref());
        match (wire.judge(UnixSeconds(i64::from(at)), SCOPE), expires) {
            (Ok(Payload::Checked), None) | (Ok(Payload::Unsigned), Some(_)) => {}
            (other, _) => prop_assert!(false, "{:?} of {:?}", other, wire),
        }
    }
}
