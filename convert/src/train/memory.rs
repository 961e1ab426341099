//! Memory that libtorch and this program share.

use std::mem::MaybeUninit;

use tch::{Device, Kind, Tensor};

/// The numbers of a tensor, if it is one whose numbers lie side by side as floats in this processor's memory.
pub fn numbers(tensor: &Tensor) -> Option<&[f32]> {
    let here = tensor.device() == Device::Cpu && tensor.kind() == Kind::Float && tensor.is_contiguous();
    // SAFETY: a contiguous float tensor has as many floats at its address as elements, for as long as there is a handle of it.
    here.then(|| unsafe { std::slice::from_raw_parts(tensor.data_ptr().cast(), tensor.numel()) })
}

/// A tensor of a size whose numbers `fill` writes, all of them.
pub fn filled<const D: usize>(size: [i64; D], fill: impl FnOnce(&mut [MaybeUninit<f32>])) -> Tensor {
    let tensor = Tensor::empty(size, (Kind::Float, Device::Cpu));
    // SAFETY: as above, and nobody else has a handle of it yet.
    fill(unsafe { std::slice::from_raw_parts_mut(tensor.data_ptr().cast(), tensor.numel()) });
    tensor
}

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
