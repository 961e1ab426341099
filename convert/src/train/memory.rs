//! Memory that a step's maps take again and again.

/// Asks the allocator to keep what is freed: every step takes the same maps, and getting their pages from the system anew each time
/// is a fifth of a small network's step.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn keep() {
    const MIB: libc::c_int = 1 << 20;
    let settings =
        [(libc::M_MMAP_THRESHOLD, 1024 * MIB), (libc::M_TRIM_THRESHOLD, 1024 * MIB), (libc::M_TOP_PAD, 64 * MIB)];
    for (setting, value) in settings {
        // SAFETY: mallopt takes two numbers, and may be called at any time.
        unsafe { libc::mallopt(setting, value) };
    }
}

/// Other allocators do as they like.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn keep() {}
