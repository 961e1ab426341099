//! Runs on a microcontroller in QEMU: first every kernel is compared with the plain one, then regions are marked in which
//! a QEMU plugin counts instructions and data accesses. Prints a region's name before it; exits with 1 on a difference.
#![no_std]
#![no_main]

mod check;
mod console;
mod measure;
mod mixture;
mod others;
mod region;

#[cfg(target_arch = "arm")]
use cortex_m as _;
use panic_halt as _;

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;

#[entry]
fn main() -> ! {
    let differences = check::differences(&mut |case| console::line(format_args!("DIFFERENT {case}")));
    if cfg!(feature = "nibbles") {
        measure::kernels_of_nibbles();
    } else if !cfg!(models_only) {
        measure::kernels();
        mixture::all();
        others::all();
    }
    measure::models();
    semihosting::process::exit(i32::from(differences > 0))
}
