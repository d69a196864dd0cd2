//! libFuzzer's program for the target `policy_document`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| stocktake_fuzz::run("policy_document", input));
