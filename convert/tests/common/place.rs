//! A folder, and the program run in it.

use std::path::PathBuf;
use std::process::{Command, Output};

use pixelrnn_convert::data::Picture;
use pixelrnn_convert::report::save_png;

/// A folder of its own for a test.
pub struct Place(tempfile::TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `pixelrnn` here.
    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_pixelrnn")).args(arguments).current_dir(self.0.path()).output().unwrap()
    }

    /// Runs it, and gives what it prints.
    #[track_caller]
    pub fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs it, and checks that it fails, leaves nothing behind, and says why.
    #[track_caller]
    pub fn fails(&self, arguments: &[&str], reason: &str) {
        let before = self.files();
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("error: ") && !text.contains("panicked"), "{arguments:?}: {text}");
        assert!(text.contains(reason), "{arguments:?}: no {reason:?} in {text}");
        assert_eq!(self.files(), before, "{arguments:?} left something behind");
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<_> = std::fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// Writes a PNG of 8 bits and one channel.
    pub fn picture(&self, name: &str, width: u32, height: u32, value: impl Fn(u32, u32) -> u8) {
        let values = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let values = values.map(|(x, y)| u16::from(value(x, y))).collect();
        save_png(&Picture::grey(width as usize, values), &self.path(name)).unwrap();
    }
}
