//! libFuzzer's program for the target `policy_delivery`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| stocktake_fuzz::run("policy_delivery", input));
