//! libFuzzer's program for the target `signature`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| stocktake_fuzz::run("signature", input));
