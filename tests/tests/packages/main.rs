//! The packages that `examples/packages/build.sh` makes: their examples build against stubs of the build systems, and print in QEMU
//! what the engine draws here. `tests/packages/check.sh` runs those of the systems' own tools that there are.

mod arduino;
mod esp_idf;
mod two_libraries;
mod zephyr;
