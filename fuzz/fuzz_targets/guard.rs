#![no_main]

// How it is cut, then what is cut.
libfuzzer_sys::fuzz_target!(|input: (&[u8], &[u8])| livehouse::ws::ordeal::withstand(input.1, input.0));
