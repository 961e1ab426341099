//! What differs from board to board: where a byte of text goes.

#[cfg_attr(feature = "microbit", path = "microbit.rs")]
#[cfg_attr(feature = "stm32vldiscovery", path = "stm32vldiscovery.rs")]
#[cfg_attr(feature = "netduinoplus2", path = "netduinoplus2.rs")]
#[cfg_attr(feature = "mps2-an385", path = "mps.rs")]
#[cfg_attr(feature = "mps2-an386", path = "mps.rs")]
#[cfg_attr(feature = "mps2-an500", path = "mps.rs")]
#[cfg_attr(feature = "mps2-an505", path = "mps.rs")]
#[cfg_attr(feature = "mps3-an547", path = "mps.rs")]
#[cfg_attr(feature = "riscv32-virt", path = "riscv32_virt.rs")]
mod board;

pub use board::{start, write};

/// Ends the program.
pub fn end(code: i32) -> ! {
    #[cfg(feature = "qemu")]
    semihosting::process::exit(code);
    #[cfg(not(feature = "qemu"))]
    loop {
        let _ = code;
        #[cfg(target_arch = "arm")]
        cortex_m::asm::wfi();
        #[cfg(target_arch = "riscv32")]
        riscv::asm::wfi();
    }
}
