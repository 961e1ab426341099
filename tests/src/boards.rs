//! The boards that `examples/firmware` runs on, as QEMU has them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cross::{self, CrossError, Firmware, Output};

/// A board.
#[derive(Debug, Clone, Copy)]
pub struct Board {
    /// Its feature in `examples/firmware`, and QEMU's name of it.
    pub name: &'static str,
    /// Its processor.
    pub core: &'static str,
    /// The compiler's target.
    pub target: &'static str,
    /// The compiler's name of the processor, where it makes faster code.
    pub cpu: Option<&'static str>,
    /// Bytes of flash.
    pub flash: u32,
    /// Bytes of RAM.
    pub ram: u32,
    /// Whether the tests log with defmt there.
    pub defmt: bool,
}

const fn board(
    name: &'static str,
    core: &'static str,
    target: &'static str,
    cpu: Option<&'static str>,
    flash_kib: u32,
    ram_kib: u32,
    defmt: bool,
) -> Board {
    Board { name, core, target, cpu, flash: flash_kib << 10, ram: ram_kib << 10, defmt }
}

/// All boards, the smallest processor first.
pub const BOARDS: [Board; 9] = [
    board("microbit", "Cortex-M0", "thumbv6m-none-eabi", None, 256, 16, false),
    board("stm32vldiscovery", "Cortex-M3", "thumbv7m-none-eabi", None, 128, 8, false),
    board("mps2-an385", "Cortex-M3", "thumbv7m-none-eabi", None, 4096, 4096, false),
    board("netduinoplus2", "Cortex-M4F", "thumbv7em-none-eabihf", None, 1024, 128, false),
    board("mps2-an386", "Cortex-M4F", "thumbv7em-none-eabihf", None, 4096, 4096, true),
    board("mps2-an500", "Cortex-M7", "thumbv7em-none-eabihf", None, 4096, 4096, false),
    board("mps2-an505", "Cortex-M33", "thumbv8m.main-none-eabihf", Some("cortex-m33"), 4096, 4096, false),
    board("mps3-an547", "Cortex-M55", "thumbv8m.main-none-eabihf", Some("cortex-m55"), 512, 512, false),
    board("riscv32-virt", "RV32IMC", "riscv32imc-unknown-none-elf", None, 4096, 4096, false),
];

impl Board {
    /// A board by its name.
    pub fn named(name: &str) -> Option<&'static Self> {
        BOARDS.iter().find(|board| board.name == name)
    }

    /// QEMU's program and its arguments.
    pub fn machine(&self) -> (&'static str, Vec<&'static str>) {
        match self.name {
            "riscv32-virt" => ("qemu-system-riscv32", vec!["-M", "virt", "-bios", "none"]),
            name => ("qemu-system-arm", vec!["-M", name]),
        }
    }

    /// The features of `examples/firmware` that the tests build with.
    pub fn features(&self) -> String {
        format!("{},qemu{}", self.name, if self.defmt { ",defmt" } else { "" })
    }

    /// A crate of this workspace or beside it, for the board's processor.
    pub fn crate_at(&self, directory: &str) -> Firmware {
        let firmware = Firmware::new(directory, self.target);
        match self.cpu {
            Some(cpu) => firmware.flag(&format!("-Ctarget-cpu={cpu}")),
            None => firmware,
        }
    }

    /// Builds `examples/firmware` to draw `models` (each `PATH@WIDTHxHEIGHT`), `count` images of each from `seed` on.
    ///
    /// # Errors
    /// What [`Firmware::build`] finds.
    pub fn firmware(&self, name: &str, models: &[String], seed: u32, count: u32) -> Result<PathBuf, CrossError> {
        self.crate_at("examples/firmware")
            .features(&self.features())
            .variable("PIXELRNN_MODEL", models.join(","))
            .variable("PIXELRNN_SEED", seed.to_string())
            .variable("PIXELRNN_COUNT", count.to_string())
            .build("pixelrnn-firmware", &format!("{}-{name}", self.name))
    }

    /// Runs an image on the board in QEMU.
    ///
    /// # Errors
    /// What [`cross::run`] finds.
    pub fn run(&self, image: &Path, limit: Duration) -> Result<Output, CrossError> {
        self.run_with(&[], image, limit)
    }

    /// The same, with more arguments for QEMU.
    ///
    /// # Errors
    /// What [`cross::run`] finds.
    pub fn run_with(&self, arguments: &[&str], image: &Path, limit: Duration) -> Result<Output, CrossError> {
        let (program, mut machine) = self.machine();
        machine.extend(arguments);
        cross::run(program, &machine, image, limit)
    }
}

/// What the firmware reports of itself, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// The state's buffer.
    pub state: u32,
    /// The worst stack, found by painting.
    pub stack: u32,
    /// What the stack could have used.
    pub room: u32,
}

impl Figures {
    /// Reads them off the serial line; `None` unless the firmware came to its end.
    pub fn parse(serial: &str) -> Option<Self> {
        let number =
            |name: &str| serial.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        serial.lines().any(|line| line == "done").then_some(())?;
        Some(Self { state: number("state")?, stack: number("stack")?, room: number("room")? })
    }
}
