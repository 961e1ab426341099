//! MNIST images coded on this machine and decoded on boards in QEMU.

use std::path::Path;
use std::time::Duration;

use crc::{CRC_32_ISO_HDLC, Crc};
use pixelrnn::codec::Header;
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::data::set::spread;
use pixelrnn_tests::boards::Board;
use pixelrnn_tests::coded::encode;
use pixelrnn_tests::cross::build_directory;
use pixelrnn_tests::sets::{DIGITS, Error, levels, model_path};

use crate::Outcome;

const MODEL: &str = "mnist-micro";
const BOARDS: [&str; 4] = ["microbit", "mps2-an386", "mps3-an547", "riscv32-virt"];

/// A row a board.
pub fn all(folder: &Path, count: usize) -> Vec<Result<Outcome, Error>> {
    BOARDS.into_iter().map(|board| decoded_by(board, folder, count)).collect()
}

fn decoded_by(board: &str, folder: &Path, count: usize) -> Result<Outcome, Error> {
    let board = Board::named(board).ok_or("no such board")?;
    let blob = Blob::read(&model_path(MODEL))?;
    let model = blob.load()?;
    let pictures = spread(levels(&model, &DIGITS[0].read(folder, usize::MAX)?)?, count);
    let images: Vec<Vec<u16>> = pictures.into_iter().map(|picture| picture.values).collect();
    let header = Header::new(&model, 28, 28).ok_or("no size")?;
    let path = build_directory().join("reliability.prnz");
    std::fs::create_dir_all(build_directory())?;
    std::fs::write(&path, encode(&model, header, &images, 1).bytes)?;
    let image = board
        .crate_at("examples/firmware")
        .features(&format!("{},qemu", board.name))
        .variable("PIXELRNN_MODEL", model_path(MODEL))
        .variable("PIXELRNN_CODED", path)
        .build("code", &format!("{}-reliability", board.name))?;
    let output = board.run(&image, Duration::from_secs(600))?;

    // Of each image its check, and that the decoder vouched for it.
    let mut lines = output.serial.lines();
    let mut outcome = Outcome::of(format!("{}, {}", board.name, board.core));
    for image in &images {
        let crc = lines.by_ref().find_map(|line| line.strip_prefix("crc "));
        let is_checked = lines.next() == Some("checked");
        outcome.count(&crc.filter(|_| is_checked).ok_or(()), |&crc| crc == check(image));
    }
    Ok(outcome)
}

/// As the firmware prints it.
fn check(image: &[u16]) -> String {
    let bytes: Vec<u8> = image.iter().map(|&value| value as u8).collect();
    format!("{:08x}", Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&bytes))
}
