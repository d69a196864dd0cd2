//! libFuzzer's program for the target `file_json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| stocktake_fuzz::run("file_json", input));
