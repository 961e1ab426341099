//! Text on the board's serial line. Written by hand because `core::fmt` is large, and may panic.

use crc::{CRC_32_ISO_HDLC, Crc, Digest, NoTable};

use crate::boards;

/// Writes text.
pub fn write(text: &str) {
    text.bytes().for_each(boards::write);
}

/// Writes a name, a number, and ends the line.
pub fn line(name: &str, number: u32) {
    write(name);
    decimal(number);
    write("\n");
}

fn decimal(number: u32) {
    let mut unit = 1_000_000_000;
    while unit > 1 {
        if number >= unit {
            boards::write(b'0' + (number / unit % 10) as u8);
        }
        unit /= 10;
    }
    boards::write(b'0' + (number % 10) as u8);
}

fn hexadecimal_digit(value: u32) {
    let digit = (value & 15) as u8;
    boards::write(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
}

/// Writes eight hexadecimal digits.
pub fn hexadecimal(number: u32) {
    (0..8).rev().for_each(|place| hexadecimal_digit(number >> (4 * place)));
}

static CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// An image being written, a line a row: for two levels `.` and `#`, for more two hexadecimal digits a pixel.
pub struct Image {
    levels: u16,
    width: u32,
    column: u32,
    crc: Digest<'static, u32, NoTable>,
}

impl Image {
    /// Begins an image.
    pub fn new(levels: u16, width: u32) -> Self {
        Self { levels, width, column: 0, crc: CRC.digest() }
    }

    /// Writes the next pixel.
    pub fn push(&mut self, value: u8) {
        self.crc.update(&[value]);
        if self.levels == 2 {
            boards::write(if value == 0 { b'.' } else { b'#' });
        } else {
            hexadecimal_digit(u32::from(value >> 4));
            hexadecimal_digit(u32::from(value));
        }
        self.column += 1;
        if self.column == self.width {
            self.column = 0;
            boards::write(b'\n');
        }
    }

    /// The CRC-32 (ISO-HDLC) of all pixels.
    pub fn end(self) -> u32 {
        self.crc.finalize()
    }
}
