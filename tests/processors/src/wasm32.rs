//! WebAssembly: the host gives a function that takes a byte, and calls `run`.

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    #[link_name = "write"]
    safe fn write_byte(byte: u32);
}

/// Writes a byte.
pub fn write(byte: u8) {
    write_byte(u32::from(byte));
}

#[unsafe(no_mangle)]
extern "C" fn run() -> i32 {
    crate::run()
}
