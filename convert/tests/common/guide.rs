//! The commands of `examples/guide.md`, for the two tests that run them: `tests/tests/guide.rs` those of the blocks `sh`,
//! `convert/tests/guide.rs` those of the blocks `sh train`. Blocks of another name are not run.

use std::path::{Path, PathBuf};

/// The repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The guide.
pub fn text() -> String {
    std::fs::read_to_string(repository().join("examples/guide.md")).unwrap()
}

/// The commands of all blocks of a name, in order; a line that ends in a backslash goes on in the next one.
pub fn commands(name: &str) -> Vec<String> {
    let text = text();
    let mut open = None;
    let mut commands = Vec::new();
    let mut command = String::new();
    for line in text.lines() {
        match (line.strip_prefix("```"), open) {
            (Some(name), None) => open = Some(name),
            (Some(_), Some(_)) => {
                assert!(command.is_empty(), "a block ends within a command: {command}");
                open = None;
            }
            (None, Some(block)) if block == name => match line.strip_suffix('\\') {
                Some(part) => command += part,
                None => commands.push(std::mem::take(&mut command) + line),
            },
            (None, _) => {}
        }
    }
    assert!(open.is_none() && !commands.is_empty(), "no whole blocks of {name}");
    commands
}

/// A folder to work in as the guide has it: this repository as `pixelrnn`, colour and grey pictures in `photographs`, others in
/// `others`.
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::os::unix::fs::symlink(repository(), at("pixelrnn")).unwrap();
    let frames = ["kodim08.png", "kodim23.png"].map(|name| repository().join("examples/firmware/frames").join(name));
    std::fs::create_dir(at("photographs")).unwrap();
    std::fs::create_dir(at("others")).unwrap();
    std::fs::copy(repository().join("tests/data/kodak.png"), at("photographs/kodak.png")).unwrap();
    for (number, path) in frames.iter().enumerate() {
        std::fs::copy(path, at("others").join(format!("{number}.png"))).unwrap();
        // Four pieces of each.
        let whole = image::open(path).unwrap();
        for (part, (x, y)) in [(0, 0), (80, 0), (0, 60), (80, 60)].into_iter().enumerate() {
            whole.crop_imm(x, y, 80, 60).save(at("photographs").join(format!("{number}-{part}.png"))).unwrap();
        }
    }
    folder
}
