//! Where a training computes.

use tch::Device;

use super::TrainError;

#[cfg(windows)]
const LIBRARY: &str = "torch_cuda.dll";
#[cfg(not(windows))]
const LIBRARY: &str = "libtorch_cuda.so";

/// The device of a name: `cpu` or `cuda`.
///
/// # Errors
/// Another name; a libtorch without CUDA; a machine without a CUDA device.
pub fn choose(name: &str) -> Result<Device, TrainError> {
    match name {
        "cpu" => Ok(Device::Cpu),
        "cuda" => {
            load_cuda()?;
            if tch::Cuda::is_available() {
                return Ok(Device::Cuda(0));
            }
            Err(TrainError::Argument(format!(
                "{LIBRARY} is loaded, but it sees no CUDA device: is there one, and its driver? --device cpu trains without"
            )))
        }
        other => Err(TrainError::Argument(format!("--device is cpu or cuda, not {other}"))),
    }
}

/// Loads libtorch's CUDA half: no symbol of it is called from here, so the linker leaves it out, and libtorch
/// sees a device only once it is there. Must come before libtorch is asked anything about devices.
fn load_cuda() -> Result<(), TrainError> {
    // SAFETY: the library's initializers do nothing but register its kernels with the libtorch that is loaded already.
    let library = unsafe { libloading::Library::new(LIBRARY) }.map_err(|error| {
        TrainError::Argument(format!(
            "cannot load {LIBRARY}: {error}; this libtorch is without CUDA, or the library path does not name its folder; \
             --device cpu trains without"
        ))
    })?;
    // It stays for as long as the program runs.
    std::mem::forget(library);
    Ok(())
}
