//! The models that the checks draw from, and the text of what they draw.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::quantize::pack;
use pixelrnn_convert::report;

use crate::cross::{build_directory, workspace};
use crate::golden;
use crate::images::drawn;

/// A model, and the size of the images drawn from it.
#[derive(Debug, Clone)]
pub struct TestModel {
    /// Its file's name, without `.prnn`.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// Its bytes.
    pub blob: Blob,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// Images drawn from every model, with the seeds 1, 2, …; with classes one of each if those are more.
pub const COUNT: u32 = 2;

impl TestModel {
    fn read(path: &Path, (width, height): (u32, u32)) -> io::Result<Self> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let blob = Blob::read(path).map_err(io::Error::other)?;
        Ok(Self { name, path: path.into(), blob, width, height })
    }

    /// The same model, packed for MVE: a file by the same name in a folder of its own.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn packed_for_mve(&self) -> io::Result<Self> {
        let directory = build_directory().join("models/mve");
        fs::create_dir_all(&directory)?;
        let blob = pack::repack(&self.blob, true).map_err(io::Error::other)?;
        let path = directory.join(&self.name).with_extension("prnn");
        write_whole(&path, blob.bytes())?;
        Ok(Self { path, blob, ..self.clone() })
    }

    /// The model as the firmware's build script takes it.
    pub fn entry(&self) -> String {
        format!("{}@{}x{}", self.path.display(), self.width, self.height)
    }

    /// Classes of the model; 0 without.
    ///
    /// # Panics
    /// If the model does not load.
    pub fn classes(&self) -> u32 {
        self.blob.load().expect("a checked model").classes().into()
    }

    /// Images drawn from the model.
    ///
    /// # Panics
    /// If the model does not load.
    pub fn images(&self) -> u32 {
        COUNT.max(self.classes())
    }

    /// What the firmware prints of the model, computed on this machine.
    ///
    /// # Panics
    /// If the model does not load.
    pub fn text(&self) -> String {
        let model = self.blob.load().expect("a checked model");
        let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
        let mut text = String::new();
        for seed in 1..=self.images() {
            let image: Vec<u16> = drawn(&model, self.width, self.height, u64::from(seed));
            writeln!(text, "model {}\nseed {seed}", self.name).expect("a String takes all");
            for row in image.chunks(self.width as usize * usize::from(model.channels())) {
                let value = |&value: &u16| match (model.levels(), value) {
                    (2, 0) => ".".into(),
                    (2, _) => "#".into(),
                    (3..=256, _) => format!("{value:02x}"),
                    _ => format!("{value:04x}"),
                };
                text.extend(row.iter().map(value));
                text.push('\n');
            }
            let bytes = image.iter().flat_map(|value| value.to_le_bytes());
            let bytes: Vec<u8> = bytes.step_by(if model.levels() <= 256 { 2 } else { 1 }).collect();
            writeln!(text, "crc {:08x}", crc.checksum(&bytes)).expect("a String takes all");
        }
        text
    }

    /// Where the committed text lies.
    pub fn golden(&self) -> PathBuf {
        golden::path(&format!("{}.txt", self.name))
    }

    /// The committed text.
    ///
    /// # Errors
    /// There is none: the message says how to make it.
    pub fn golden_text(&self) -> Result<String, String> {
        let bytes = golden::read(&format!("{}.txt", self.name))?;
        String::from_utf8(bytes).map_err(|error| format!("{}: {error}", self.golden().display()))
    }
}

/// Writes a file unless it is there already. Several tests may be at it: none ever sees half of one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::read(path) {
        Ok(old) if old == bytes => Ok(()),
        _ => report::write(path, bytes).map_err(io::Error::other),
    }
}

/// Every model in `examples/models`, by name.
///
/// # Errors
/// A file that is no model.
pub fn shipped() -> io::Result<Vec<TestModel>> {
    let directory = workspace().join("examples/models");
    let mut paths = Vec::new();
    if directory.exists() {
        for entry in fs::read_dir(directory)? {
            paths.push(entry?.path());
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "prnn"));
    paths.sort();
    let size = |path: &Path| match path.file_stem().and_then(|name| name.to_str()) {
        Some(name) if name.starts_with("digits8") => (8, 8),
        Some(name) if name.starts_with("photos") || name == "cifar10" => (16, 8),
        _ => (28, 28),
    };
    paths.iter().map(|path| TestModel::read(path, size(path))).collect()
}

/// Random models of every kind, as committed: small, and quick on any board.
///
/// # Errors
/// A file that is not there, or is no model.
pub fn random() -> io::Result<Vec<TestModel>> {
    let path = |name: &str| golden::path(&format!("{name}.prnn"));
    golden::made().iter().map(|made| TestModel::read(&path(&made.name), golden::SIZE)).collect()
}

/// Random models, then the shipped ones.
///
/// # Errors
/// As for [`random`] and [`shipped`].
pub fn all() -> io::Result<Vec<TestModel>> {
    Ok(random()?.into_iter().chain(shipped()?).collect())
}
