//! `examples/nano`: 16 KB of flash and 4 KB of RAM, in which it draws what the engine draws here.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pixelrnn::blob::Architecture;
use pixelrnn::{Model, Seeded, Stream, sample};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_tests::cross::{CrossError, workspace};
use pixelrnn_tests::image_size::ImageSize;
use pixelrnn_tests::nano::{self, FLASH, RAM, SIDE};
use rand_core::SeedableRng;

/// Images that are compared.
const COUNT: usize = 3;

fn shipped(name: &str) -> PathBuf {
    workspace().join("examples/models").join(name)
}

/// What the program prints, computed on this machine: images one after the other from one generator.
fn expected(model: &Model<'_>) -> String {
    let (mut text, mut random) = (String::new(), Seeded::seed_from_u64(1));
    for _ in 0..COUNT {
        let mut state = vec![0; model.state_words(SIDE)];
        let mut stream = Stream::begin(model, SIDE, SIDE, &mut state).unwrap();
        while let Ok(value) = sample::next(&mut stream, &mut random) {
            text.push(if value == 0 { '.' } else { '#' });
            if stream.column() == 0 {
                text.push('\n');
            }
        }
        text.push('\n');
    }
    text
}

/// The program draws what this machine draws, within the chip's memory.
fn draws_the_same(path: &Path, blob: &Blob) {
    let model = blob.load().unwrap();
    let image = nano::program("microbit", model.architecture(), path).unwrap();
    let expected = expected(&model);
    let ran = nano::run(&image, expected.lines().count(), Duration::from_secs(120)).unwrap();
    assert!(ran.serial.starts_with(&expected), "expected\n{expected}\nfound\n{}", ran.serial);

    let size = ImageSize::read(&image).unwrap();
    assert!(size.flash as usize <= FLASH, "{} bytes of flash", size.flash);
    assert!(size.panics.is_empty(), "panics are linked in: {:?}", size.panics);
    // All of RAM is stack, the state in it. What would leave it faults: there is no more memory, and no paint is left then.
    assert_eq!(size.ram, 0, "statics");
    assert!(ran.unused > 0, "the stack used all of RAM");
    let (used, state, kept) = (RAM - ran.unused, model.state_bytes(SIDE), nano::stack_kept().unwrap());
    // Not `println`: the test runner would keep it to itself.
    let _ = writeln!(
        std::io::stderr(),
        "nano, {}: flash {} (program {}, model {}) of {FLASH}; RAM {used} (state {state}, the rest {}) of {RAM}",
        path.file_stem().unwrap().display(),
        size.flash,
        size.flash as usize - blob.bytes().len(),
        blob.bytes().len(),
        used - state
    );
    assert!(used <= state + kept, "the stack takes {} bytes, {kept} are kept for it", used - state);
}

#[test]
fn the_smallest_chip_draws_what_a_workstation_draws() {
    let path = shipped("mnist-nano.prnn");
    draws_the_same(&path, &Blob::read(&path).unwrap());
}

#[test]
fn it_draws_so_with_every_architecture() {
    for architecture in [Architecture::RowLstm, Architecture::PixelCnn, Architecture::DiagonalBilstm] {
        let (path, blob) = nano::random_model(architecture).unwrap();
        draws_the_same(&path, &blob);
    }
}

#[test]
fn the_chip_itself_has_room() {
    let image = nano::program("stm32f030f4", Architecture::RowLstm, &shipped("mnist-nano.prnn")).unwrap();
    assert!(ImageSize::read(&image).unwrap().flash as usize <= FLASH);
}

#[test]
fn larger_models_are_refused_by_the_linker() {
    let result = nano::program("microbit", Architecture::RowLstm, &shipped("mnist-micro.prnn"));
    assert!(matches!(result, Err(CrossError::DoesNotFit(_))), "{result:?}");
}
