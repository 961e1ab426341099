//! Decoding what an image logged with defmt.

use std::path::Path;

use defmt_decoder::{DecodeError, Table};

/// The lines that an image logged, decoded with the strings that its ELF file keeps.
///
/// # Errors
/// The image has no such strings, or a frame is damaged.
pub fn decode(image: &Path, frames: &[u8]) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let elf = std::fs::read(image)?;
    let table = Table::parse(&elf)?.ok_or("the image has no defmt strings")?;
    let mut decoder = table.new_stream_decoder();
    decoder.received(frames);
    let mut lines = Vec::new();
    loop {
        match decoder.decode() {
            Ok(frame) => lines.push(frame.display_message().to_string()),
            Err(DecodeError::UnexpectedEof) => return Ok(lines),
            Err(DecodeError::Malformed) => return Err("a damaged defmt frame".into()),
        }
    }
}
