//! Frames that a board coded row by row and sent as packets, on a bad link: only the tiles of lost packets are missing, every other
//! value is right.
//!
//! Needs QEMU and a compiler for the boards: the errors say what to install.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use pixelrnn::Pyramid;
use pixelrnn::codec::{PacketInfo, Tile};
use pixelrnn_convert::archive::packets::Received;
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::receive::{self, ReceiveArguments};
use pixelrnn_convert::data::{ImageOptions, Picture};
use pixelrnn_tests::boards::{Board, Figures};
use pixelrnn_tests::cross::workspace;
use pixelrnn_tests::random::Numbers;

const MODEL: &str = "examples/models/photos-grey-fast.prnn";

fn frames() -> Vec<Picture> {
    let folder = workspace().join("examples/firmware/frames");
    ImageOptions::default().read_all(&[folder]).unwrap()
}

/// What a board printed.
fn printed(board: &str, packet: &str, tile: &str) -> String {
    let board = Board::named(board).unwrap();
    let image = board
        .crate_at("examples/firmware")
        .features(&board.features())
        .variable("PIXELRNN_PACKET", packet)
        .variable("PIXELRNN_TILE", tile)
        .build("camera", &format!("{}-camera", board.name))
        .unwrap_or_else(|error| panic!("{error}"));
    let output = board.run(&image, Duration::from_secs(300)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(output.code, Some(0), "{}", output.serial);
    let figures = Figures::parse(&output.serial).unwrap();
    assert!(figures.stack < figures.room, "{figures:?}");
    println!("{}: {figures:?}", board.name);
    output.serial
}

/// Packets of a recording, a line each.
fn lines(recording: &str) -> Vec<&str> {
    recording.lines().filter(|line| line.starts_with("packet ")).collect()
}

/// What a packet says of itself.
fn info(line: &str) -> PacketInfo {
    let digits = line.strip_prefix("packet ").unwrap();
    let byte = |place: usize| u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).unwrap();
    let bytes: Vec<u8> = (0..digits.len() / 2).map(byte).collect();
    PacketInfo::read(&bytes).unwrap().0
}

fn shuffle(lines: &mut [&str], numbers: &mut Numbers) {
    for last in (1..lines.len()).rev() {
        lines.swap(last, numbers.below(last as u32 + 1) as usize);
    }
}

/// Whether a picture has the values of another everywhere but in some tiles.
fn equal_but_for(missing: &[Tile], picture: &Picture, sent: &Picture) -> bool {
    let is_missing = |place: usize| {
        let (column, row) = ((place % sent.width) as u32, (place / sent.width) as u32);
        let holds = |tile: &Tile| {
            (tile.left..tile.left + tile.width).contains(&column) && (tile.top..tile.top + tile.height).contains(&row)
        };
        missing.iter().any(holds)
    };
    let mut pairs = picture.values.iter().zip(&sent.values).enumerate();
    picture.size() == sent.size() && pairs.all(|(place, (value, sent))| value == sent || is_missing(place))
}

/// Every packet with probability one in `one_in` lost, every other one in two doubled, all out of order.
fn on_a_bad_link(recording: &str, one_in: u32, numbers: &mut Numbers) {
    let (mut arrived, mut lost) = (Vec::new(), BTreeSet::new());
    for line in lines(recording) {
        let info = info(line);
        if !info.is_header && numbers.below(one_in) == 0 {
            lost.insert((info.frame, u32::from(info.tile)));
            continue;
        }
        arrived.extend(std::iter::repeat_n(line, 1 + numbers.below(2) as usize));
    }
    shuffle(&mut arrived, numbers);
    let blob = Blob::read(&workspace().join(MODEL)).unwrap();
    let received = Received::read(arrived.join("\n").as_bytes());
    let rebuilt = received.frames(&Pyramid::new(&[blob.load().unwrap()]).unwrap()).unwrap();
    for (frame, sent) in rebuilt.iter().zip(&frames()) {
        let missing: BTreeSet<_> = frame.missing.iter().map(|tile| (frame.number, tile.index)).collect();
        let expected: BTreeSet<_> = lost.iter().copied().filter(|&(number, _)| number == frame.number).collect();
        assert_eq!(missing, expected);
        assert!(equal_but_for(&frame.missing, &frame.picture, sent), "frame {}", frame.number);
    }
    assert_eq!((received.refused, rebuilt.len()), (0, frames().len()));
}

/// The whole recording, other lines included, through the command.
fn command_rebuilds(recording: &str) {
    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        arguments: ReceiveArguments,
    }
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("recording"), folder.path().join("out"));
    std::fs::write(&file, recording).unwrap();
    let model = workspace().join(MODEL);
    let arguments = [PathBuf::from("receive"), model, file, "--out".into(), out.clone()];
    receive::run(&Cli::parse_from(arguments).arguments).unwrap();
    let rebuilt = ImageOptions::default().read_all(&[out]).unwrap();
    assert!(rebuilt.iter().zip(&frames()).all(|(rebuilt, sent)| equal_but_for(&[], rebuilt, sent)));
    assert_eq!(rebuilt.len(), frames().len());
}

fn check(board: &str, packet: usize, tile: &str) {
    let recording = printed(board, &packet.to_string(), tile);
    let longest = lines(&recording).iter().map(|line| (line.len() - "packet ".len()) / 2).max();
    assert_eq!(longest, Some(packet));
    command_rebuilds(&recording);
    let mut numbers = Numbers(5);
    for one_in in [u32::MAX, 200, 20, 2] {
        on_a_bad_link(&recording, one_in, &mut numbers);
    }
}

#[test]
fn cortex_m4_sends_frames_over_lora() {
    check("mps2-an386", 51, "40x24");
}

#[test]
fn cortex_m0_sends_frames_over_bluetooth() {
    check("microbit", 244, "80x16");
}
