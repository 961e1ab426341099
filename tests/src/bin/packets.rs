//! Bytes and packets a frame, of the frames that the firmware's program `camera` sends: ours in several tiles, beside PNG. Markdown.
//!
//! `cargo run --release -p pixelrnn-tests --bin packets > tests/measured/packets.md`

use pixelrnn::Model;
use pixelrnn::codec::{Header, PACKET_HEADER_BYTES, Tiles};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::data::{ImageOptions, Picture};
use pixelrnn_tests::coded;
use pixelrnn_tests::cross::workspace;
use pixelrnn_tests::sets::{Error, levels, model_path};

const TILES: [(u32, u32); 5] = [(20, 16), (40, 24), (80, 16), (80, 40), (160, 120)];
/// LoRa at its longest range, and Bluetooth Low Energy.
const LORA: usize = 51;
const BLE: usize = 244;

/// Bytes and packets of frames sent in packets of a size.
fn sent<const SIZE: usize>(model: &Model<'_>, header: &Header, frames: &[Vec<u16>]) -> (usize, usize) {
    let mut recording = &coded::packets::<SIZE>(model, header, frames)[..];
    let (mut bytes, mut packets) = (0, 0);
    while let Some((length, rest)) = recording.split_first_chunk::<2>() {
        let length = usize::from(u16::from_le_bytes(*length));
        (bytes, packets, recording) = (bytes + length, packets + 1, &rest[length..]);
    }
    (bytes, packets)
}

fn row(
    name: &str,
    model: &Model<'_>,
    size: (u32, u32),
    tile: (u32, u32),
    frames: &[Vec<u16>],
) -> Result<String, Error> {
    let header = Header::tiled(model, size, tile).ok_or("no size")?;
    let mean = |all: usize| all as f64 / frames.len() as f64;
    let (lora, ble) = (sent::<LORA>(model, &header, frames), sent::<BLE>(model, &header, frames));
    let lost = 100.0 * f64::from(tile.0 * tile.1) / f64::from(size.0 * size.1);
    let strip = size.0 * Tiles::new(size, tile).ok_or("no size")?.tile().1;
    Ok(format!(
        "| `{name}`, tiles of {}x{} | {:.0} | {:.0} | {:.0} | {:.0} | {lost:.1} % | {} |",
        tile.0,
        tile.1,
        mean(lora.0),
        mean(lora.1),
        mean(ble.0),
        mean(ble.1),
        model.state_bytes(tile.0) + strip as usize,
    ))
}

/// PNG files cut into packets with the same six bytes before each part.
fn png(frames: &[Picture]) -> Result<String, Error> {
    let sizes: Result<Vec<usize>, _> =
        frames.iter().map(|frame| std::fs::metadata(&frame.name).map(|data| data.len() as usize)).collect();
    let sizes = sizes?;
    let mean =
        |of: &dyn Fn(usize) -> usize| sizes.iter().map(|&size| of(size)).sum::<usize>() as f64 / sizes.len() as f64;
    let packets = |size: usize, packet: usize| size.div_ceil(packet - PACKET_HEADER_BYTES);
    let cells = [LORA, BLE].map(|packet| {
        let bytes = mean(&|size| size + packets(size, packet) * PACKET_HEADER_BYTES);
        format!("{bytes:.0} | {:.0}", mean(&|size| packets(size, packet)))
    });
    Ok(format!("| PNG (libpng, level 9) | {} | 100 % | |", cells.join(" | ")))
}

fn main() -> Result<(), Error> {
    let frames = ImageOptions::default().read_all(&[workspace().join("examples/firmware/frames")])?;
    let (width, height) = frames.first().ok_or("no frames")?.size();
    println!(
        "As `cargo run --release -p pixelrnn-tests --bin packets` printed it: means of the {} frames in `frames`, {width}x{height}, grey, \
         headers of packets and frames included. Buffers are the model's state and a strip of rows.\n\n\
         | | bytes in packets of {LORA} (LoRa) | packets | bytes in packets of {BLE} (BLE) | packets | a lost packet costs of the frame | \
         buffers, bytes |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        frames.len()
    );
    for name in ["photos-grey-fast", "photos-grey"] {
        let blob = Blob::read(&model_path(name))?;
        let model = blob.load()?;
        let values: Vec<_> = levels(&model, &frames)?.into_iter().map(|frame| frame.values).collect();
        for tile in TILES {
            println!("{}", row(name, &model, (width as u32, height as u32), tile, &values)?);
        }
    }
    println!("{}", png(&frames)?);
    Ok(())
}
