//! Counting instructions and data accesses of the kernels, of embedded-nn and of whole models in QEMU.
//!
//! `tests/instructions` is the image that runs; its plugin counts. Counts are exact and repeatable; they are not cycles.

mod committed;
mod images;
mod models;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use committed::{committed, committed_path, rises, to_json};
pub use images::{plugin, regions};
pub use models::{MVE_CORE, PACKED_FOR_MVE, SCALE};

use crate::cross::CrossError;
use images::Images;

/// A processor that is counted on.
#[derive(Debug, Clone, Copy)]
pub struct Core {
    /// Its name in the tables.
    pub name: &'static str,
    /// The board in QEMU whose memory map serves.
    board: &'static str,
    target: &'static str,
    /// The compiler's name of the processor, where it must know.
    cpu: Option<&'static str>,
}

const fn core(name: &'static str, board: &'static str, target: &'static str, cpu: Option<&'static str>) -> Core {
    Core { name, board, target, cpu }
}

/// All of them. Code for Cortex-M0 is counted on a Cortex-M3, which executes it instruction by instruction as it is,
/// because QEMU's only board with a Cortex-M0 has 16 KB of RAM.
pub const CORES: [Core; 7] = [
    core("M0", "mps2-an385", "thumbv6m-none-eabi", None),
    core("M3", "mps2-an385", "thumbv7m-none-eabi", None),
    core("M4", "mps2-an386", "thumbv7em-none-eabihf", None),
    core("M7", "mps2-an500", "thumbv7em-none-eabihf", None),
    core("M33", "mps2-an505", "thumbv8m.main-none-eabihf", Some("cortex-m33")),
    core("M55", "mps3-an547", "thumbv8m.main-none-eabihf", Some("cortex-m55")),
    core("RV32IMC", "riscv32-virt", "riscv32imc-unknown-none-elf", None),
];

/// What one region executed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// What was done.
    pub case: String,
    /// On which processor.
    pub core: String,
    /// Multiply-adds of the work, or levels of a distribution.
    pub multiply_adds: u64,
    /// Instructions executed.
    pub instructions: u64,
    /// Loads and stores; one for each register of a multiple load.
    pub accesses: u64,
}

/// How cases begin that run the crate embedded-nn.
pub const OTHER: &str = "embedded-nn: ";

/// Everything, on every processor, or on those named, several side by side; `progress` is told which were begun.
///
/// # Errors
/// Tools that are missing, builds that fail, kernels that differ.
pub fn count_all(named: &[String], progress: &(dyn Fn(&str) + Sync)) -> Result<Vec<Count>, CrossError> {
    let plugin = &plugin()?;
    let images = |name, models| Images { plugin, name, feature: None, models, kernels: true };
    let of_bytes = images("all", models::of_bytes()?);
    let of_nibbles = Images { feature: Some("nibbles"), ..images("nibbles", models::of_nibbles()?) };
    let packed = Images { kernels: false, ..images("mve", models::packed_for_mve()?) };
    let is_named = |core: &&Core| named.is_empty() || named.iter().any(|name| name == core.name);
    let cores: Vec<&Core> = CORES.iter().filter(is_named).collect();
    let count = |core: &&Core| {
        progress(core.name);
        let mut counts = of_bytes.count(core)?;
        counts.extend(of_nibbles.count(core)?);
        if core.name == MVE_CORE {
            counts.extend(packed.count(core)?);
        }
        Ok(counts)
    };
    Ok(cores.par_iter().map(count).collect::<Result<Vec<_>, CrossError>>()?.concat())
}
