//! libFuzzer's program for the target `inventory_json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| stocktake_fuzz::run("inventory_json", input));
