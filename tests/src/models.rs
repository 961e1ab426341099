//! The models that the checks draw from, and the text of what they draw.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use pixelrnn::blob::Packing;
use pixelrnn::{Model, Pyramid};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::quantize::pack::{self, Form};
use pixelrnn_convert::report;

use crate::cross::{build_directory, workspace};
use crate::images::drawn_scales;
use crate::{golden, golden_nibbles, golden_scales};

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
        let blob = Blob::read_scales(path).map_err(io::Error::other)?;
        Ok(Self { name, path: path.into(), blob, width, height })
    }

    /// Whether blocks' weights have 4 bits.
    pub fn is_of_nibbles(&self) -> bool {
        self.blob.load().is_ok_and(|model| matches!(model.header().packing, Packing::Rows4Nibbles { .. }))
    }

    /// The same model, packed for MVE: a file by the same name in a folder of its own.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn packed_for_mve(&self) -> io::Result<Self> {
        let directory = build_directory().join("models/mve");
        fs::create_dir_all(&directory)?;
        let blob = pack::repack(&self.blob, Form::Mve).map_err(io::Error::other)?;
        let path = directory.join(&self.name).with_extension("prnn");
        write_whole(&path, blob.bytes())?;
        Ok(Self { path, blob, ..self.clone() })
    }

    /// The model as the firmware's build script takes it.
    pub fn entry(&self) -> String {
        format!("{}@{}x{}", self.path.display(), self.width, self.height)
    }

    /// The networks of all its scales, the smallest first.
    ///
    /// # Panics
    /// If the model does not load.
    pub fn scales(&self) -> Vec<Model<'_>> {
        self.blob.load_scales().expect("a checked model")
    }

    /// Classes of the model; 0 without.
    ///
    /// # Panics
    /// If the model does not load.
    pub fn classes(&self) -> u32 {
        self.scales()[0].classes().into()
    }

    /// Words of state that an image takes, and values of its scales but the largest.
    ///
    /// # Panics
    /// If the model does not load.
    pub fn needs(&self) -> (usize, usize) {
        let models = self.scales();
        let pyramid = Pyramid::new(&models).expect("scales of one model");
        (pyramid.state_words(self.width), pyramid.range(models.len() - 1, (self.width, self.height)).start)
    }

    /// Images drawn from the model.
    ///
    /// # Panics
    /// If the model does not load.
    pub fn images(&self) -> u32 {
        COUNT.max(self.classes())
    }

    /// What the firmware prints of the model, every scale of each image, computed on this machine.
    ///
    /// # Panics
    /// If the model does not load.
    pub fn text(&self) -> String {
        let models = self.scales();
        let (model, pyramid) = (&models[0], Pyramid::new(&models).expect("scales of one model"));
        let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
        let mut text = String::new();
        for seed in 1..=self.images() {
            let size = (self.width, self.height);
            let image: Vec<u16> = drawn_scales(&pyramid, size, u64::from(seed));
            writeln!(text, "model {}\nseed {seed}", self.name).expect("a String takes all");
            let value = |&value: &u16| match (model.levels(), value) {
                (2, 0) => ".".into(),
                (2, _) => "#".into(),
                (3..=256, _) => format!("{value:02x}"),
                _ => format!("{value:04x}"),
            };
            for scale in 0..models.len() {
                let row = pyramid.size(scale, size).0 as usize * usize::from(model.channels());
                for row in image[pyramid.range(scale, size)].chunks(row) {
                    text.extend(row.iter().map(value));
                    text.push('\n');
                }
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

/// Random models of several scales, as committed.
///
/// # Errors
/// A file that is not there, or is no model.
pub fn several() -> io::Result<Vec<TestModel>> {
    let path = |name: &str| golden::path(&format!("scales/{name}.prnn"));
    golden_scales::made().iter().map(|(name, ..)| TestModel::read(&path(name), golden_scales::SIZE)).collect()
}

/// Random models whose blocks' weights have 4 bits, as committed.
///
/// # Errors
/// As for [`random`].
pub fn nibbles() -> io::Result<Vec<TestModel>> {
    let path = |name: &str| golden::path(&format!("nibbles/{name}.prnn"));
    golden_nibbles::made().iter().map(|(name, _)| TestModel::read(&path(name), golden_nibbles::SIZE)).collect()
}

/// Random models of one scale, of several, and of weights of 4 bits, then the shipped ones.
///
/// # Errors
/// As for [`random`], [`several`], [`nibbles`] and [`shipped`].
pub fn all() -> io::Result<Vec<TestModel>> {
    Ok(random()?.into_iter().chain(several()?).chain(nibbles()?).chain(shipped()?).collect())
}
