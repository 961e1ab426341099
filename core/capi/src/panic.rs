//! The panic handler that a `no_std` library must name. Nothing calls it: the tests look for it in the archive.

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
