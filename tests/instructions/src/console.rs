//! Text through semihosting, to QEMU's own console device.

use core::fmt::{self, Arguments, Write};

struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(semihosting::sys::arm_compat::sys_writec);
        Ok(())
    }
}

/// Prints a line.
pub fn line(text: Arguments<'_>) {
    // The console takes everything.
    let _ = writeln!(Console, "{text}");
}
