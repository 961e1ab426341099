#![no_main]

#[path = "../../src/coded.rs"]
#[allow(dead_code)]
mod coded;
#[path = "../../src/fuzz/mod.rs"]
#[allow(dead_code, unused_imports)]
mod fuzz;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::scales(data));
