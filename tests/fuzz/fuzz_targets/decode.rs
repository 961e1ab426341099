#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pixelrnn_tests::fuzz::decode(data));
