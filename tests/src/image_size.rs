//! What a firmware image occupies, and what is linked into it.

use std::path::Path;

use object::{Object, ObjectSection, ObjectSymbol, SectionFlags, SectionKind, elf};

/// Bytes and symbols of an image.
#[derive(Debug, Clone, Default)]
pub struct ImageSize {
    /// Bytes of flash: code, constants, models, and what initializes RAM.
    pub flash: u64,
    /// Bytes of RAM for statics, the state among them; the stack comes on top.
    pub ram: u64,
    /// Symbols of panics, and of what only panics need.
    pub panics: Vec<String>,
}

/// Pieces of mangled names that only panics have.
const PANICS: [&str; 5] = ["9panicking", "rust_begin_unwind", "rust_panic", "_fail", "panic_"];

impl ImageSize {
    /// Reads an ELF file.
    ///
    /// # Errors
    /// The file cannot be read, or is no ELF file.
    pub fn read(image: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let bytes = std::fs::read(image)?;
        let file = object::File::parse(&*bytes)?;
        let mut size = Self::default();
        for section in file.sections() {
            let SectionFlags::Elf { sh_flags, .. } = section.flags() else { continue };
            if sh_flags & u64::from(elf::SHF_ALLOC) == 0 {
                continue;
            }
            let writable = sh_flags & u64::from(elf::SHF_WRITE) != 0;
            let zeros = matches!(section.kind(), SectionKind::UninitializedData);
            // The linker scripts reserve what is left of RAM under these names.
            if matches!(section.name(), Ok(".heap" | ".stack")) {
                continue;
            }
            size.ram += if writable { section.size() } else { 0 };
            size.flash += if zeros { 0 } else { section.size() };
        }
        let names = file.symbols().filter(|symbol| symbol.is_definition() && symbol.size() > 0);
        let names = names.filter_map(|symbol| symbol.name().ok().map(str::to_owned));
        size.panics = names.filter(|name| PANICS.iter().any(|piece| name.contains(piece))).collect();
        Ok(size)
    }
}
