//! Drawing images on displays, with [embedded-graphics](https://docs.rs/embedded-graphics): feature `embedded-graphics`.
//!
//! ```
//! use embedded_graphics::mock_display::MockDisplay;
//! use embedded_graphics::pixelcolor::BinaryColor;
//! use embedded_graphics::prelude::Point;
//! use pixelrnn::draw::{Placement, binary};
//!
//! let mut display = MockDisplay::new();
//! let placement = Placement { top_left: Point::new(1, 0), zoom: 1 };
//! placement.image(&mut display, 2, &[1u8, 0, 1, 1], binary)?;
//! display.assert_pattern(&[" #.", " ##"]);
//! # Ok::<(), core::convert::Infallible>(())
//! ```
//!
//! While an image is being drawn, each pixel can be shown as it comes:
//!
//! ```
//! # use embedded_graphics_core::draw_target::DrawTarget;
//! # use embedded_graphics_core::pixelcolor::Rgb565;
//! use pixelrnn::draw::{Placement, gray};
//! use pixelrnn::{Seeded, Stream, sample};
//!
//! fn next<D: DrawTarget<Color = Rgb565>>(
//!     stream: &mut Stream, random: &mut Seeded, placement: &Placement, display: &mut D,
//! ) -> Result<(), D::Error> {
//!     let (column, row, levels) = (stream.column(), stream.row(), stream.levels());
//!     match sample::next(stream, random) {
//!         Ok(value) => placement.pixel(display, column, row, gray(value, levels).into()),
//!         Err(_) => Ok(()), // The image is complete.
//!     }
//! }
//! ```

use core::iter::repeat_n;

use embedded_graphics_core::draw_target::DrawTarget;
use embedded_graphics_core::geometry::{Point, Size};
use embedded_graphics_core::pixelcolor::{BinaryColor, Gray8, Rgb565, Rgb888};
use embedded_graphics_core::primitives::Rectangle;

use crate::value::Value;

/// Where on a display an image lies, and how large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// The upper left corner of the image's first pixel, in display pixels.
    pub top_left: Point,
    /// Display pixels along a side of an image's pixel; 0 draws nothing.
    pub zoom: u32,
}

impl Placement {
    /// The display's pixels under columns and rows of the image from `(column, row)` on.
    fn area(&self, (column, row): (u32, u32), (columns, rows): (u32, u32)) -> Rectangle {
        let scaled = |length: u32| length.saturating_mul(self.zoom);
        let place = |start: i32, length: u32| start.saturating_add_unsigned(scaled(length));
        let corner = Point::new(place(self.top_left.x, column), place(self.top_left.y, row));
        Rectangle::new(corner, Size::new(scaled(columns), scaled(rows)))
    }

    /// Draws one pixel of the image.
    ///
    /// # Errors
    /// The display's own.
    pub fn pixel<D: DrawTarget>(
        &self,
        display: &mut D,
        column: u32,
        row: u32,
        color: D::Color,
    ) -> Result<(), D::Error> {
        display.fill_solid(&self.area((column, row), (1, 1)), color)
    }

    /// Draws an image of one channel and `width` columns, values row by row, each in the colour that `color` gives it.
    ///
    /// # Errors
    /// The display's own.
    pub fn image<D: DrawTarget, V: Value>(
        &self,
        display: &mut D,
        width: u32,
        values: &[V],
        mut color: impl FnMut(u16) -> D::Color,
    ) -> Result<(), D::Error> {
        self.channels(display, width, values, |[value]| color(value))
    }

    /// Draws an image of `C` channels and `width` columns, pixels row by row, the channels of each side by side, each in the colour that
    /// `color` gives it.
    ///
    /// The display gets one area and its colours in order, which most do fastest. A last row that is not complete is left out.
    ///
    /// ```
    /// use embedded_graphics::mock_display::MockDisplay;
    /// use embedded_graphics::pixelcolor::Rgb888;
    /// use embedded_graphics::prelude::{Point, RgbColor};
    /// use pixelrnn::draw::{Placement, rgb888};
    ///
    /// let mut display = MockDisplay::new();
    /// let placement = Placement { top_left: Point::zero(), zoom: 1 };
    /// placement.channels(&mut display, 2, &[255u8, 0, 0, 0, 0, 255], |pixel| rgb888(pixel, 256))?;
    /// assert_eq!(display.get_pixel(Point::zero()), Some(Rgb888::RED));
    /// assert_eq!(display.get_pixel(Point::new(1, 0)), Some(Rgb888::BLUE));
    /// # Ok::<(), core::convert::Infallible>(())
    /// ```
    ///
    /// # Errors
    /// The display's own.
    pub fn channels<const C: usize, D: DrawTarget, V: Value>(
        &self,
        display: &mut D,
        width: u32,
        values: &[V],
        mut color: impl FnMut([u16; C]) -> D::Color,
    ) -> Result<(), D::Error> {
        let zoom = self.zoom as usize;
        let rows = values.chunks_exact((width as usize * C).max(1));
        let area = self.area((0, 0), (width, rows.len() as u32));
        let rows = rows.flat_map(|row| repeat_n(row, zoom));
        let pixels = rows.flat_map(|row| row.as_chunks::<C>().0.iter().flat_map(|pixel| repeat_n(pixel, zoom)));
        display.fill_contiguous(&area, pixels.map(|pixel| color(pixel.map(Value::to_level))))
    }
}

/// A value as 8 bits: 0 for 0, 255 for the highest of `levels`.
fn tone(value: u16, levels: u32) -> u8 {
    let most = levels.saturating_sub(1).max(1);
    let tone = (u32::from(value) * 255 + most / 2).checked_div(most).unwrap_or(0);
    tone.min(255) as u8
}

/// A grey for a value: black for 0, white for the highest of `levels`.
pub fn gray(value: u16, levels: u32) -> Gray8 {
    Gray8::new(tone(value, levels))
}

/// The colour of three channels of `levels`: red, green, blue.
pub fn rgb888([red, green, blue]: [u16; 3], levels: u32) -> Rgb888 {
    Rgb888::new(tone(red, levels), tone(green, levels), tone(blue, levels))
}

/// The same in the 16 bits that most small displays take.
pub fn rgb565(pixel: [u16; 3], levels: u32) -> Rgb565 {
    rgb888(pixel, levels).into()
}

/// On for every value but 0.
pub fn binary(value: u16) -> BinaryColor {
    if value == 0 { BinaryColor::Off } else { BinaryColor::On }
}

#[cfg(test)]
mod tests {
    use embedded_graphics::mock_display::MockDisplay;
    use embedded_graphics_core::pixelcolor::GrayColor;

    use super::*;

    #[test]
    fn an_image_is_zoomed_and_placed() {
        let mut display = MockDisplay::new();
        let placement = Placement { top_left: Point::new(2, 1), zoom: 2 };
        placement.image(&mut display, 3, &[1u8, 0, 1, 0, 1, 0], binary).unwrap();
        display.assert_pattern(&["        ", "  ##..##", "  ##..##", "  ..##..", "  ..##.."]);
    }

    #[test]
    fn a_row_that_is_not_complete_is_left_out() {
        let mut display = MockDisplay::new();
        let placement = Placement { top_left: Point::zero(), zoom: 1 };
        placement.image(&mut display, 2, &[1u8, 0, 1], binary).unwrap();
        display.assert_pattern(&["#."]);
    }

    #[test]
    fn pixels_as_they_come_make_the_image() {
        let values = [0u16, 1, 2, 3, 3, 2, 1, 0];
        let color = |value| gray(value, 4);
        let placement = Placement { top_left: Point::new(1, 0), zoom: 3 };
        let (mut whole, mut pixels) = (MockDisplay::new(), MockDisplay::new());
        placement.image(&mut whole, 4, &values, color).unwrap();
        for (place, &value) in values.iter().enumerate() {
            placement.pixel(&mut pixels, place as u32 % 4, place as u32 / 4, color(value)).unwrap();
        }
        pixels.assert_eq(&whole);
        assert_eq!(whole.get_pixel(Point::new(1 + 3 * 2, 0)), Some(Gray8::new(170)));
    }

    #[test]
    fn what_lies_outside_the_display_is_the_displays_business() {
        let mut display = MockDisplay::<BinaryColor>::new();
        display.set_allow_out_of_bounds_drawing(true);
        let placement = Placement { top_left: Point::new(-1, -1), zoom: u32::MAX };
        placement.pixel(&mut display, u32::MAX, u32::MAX, BinaryColor::On).unwrap();
        let placement = Placement { top_left: Point::new(-1, -1), zoom: 1 };
        placement.image(&mut display, 2, &[1u8, 1, 1, 1], binary).unwrap();
        display.assert_pattern(&["#"]);
    }

    #[test]
    fn nothing_is_drawn_at_zoom_0_or_of_no_columns() {
        let mut display = MockDisplay::<BinaryColor>::new();
        Placement { top_left: Point::zero(), zoom: 0 }.image(&mut display, 2, &[1u8, 1], binary).unwrap();
        Placement { top_left: Point::zero(), zoom: 1 }.image(&mut display, 0, &[1u8, 1], binary).unwrap();
        assert_eq!(display, MockDisplay::new());
    }

    #[test]
    fn greys_span_black_to_white() {
        for levels in [2, 3, 17, 256, 4096, 65_536] {
            assert_eq!(gray(0, levels), Gray8::BLACK);
            assert_eq!(gray((levels - 1) as u16, levels), Gray8::WHITE);
        }
        assert_eq!(gray(255, 2), Gray8::WHITE);
        assert_eq!(gray(0, 0), Gray8::BLACK);
    }

    #[test]
    fn colours_are_zoomed_and_scaled() {
        let mut display = MockDisplay::new();
        let placement = Placement { top_left: Point::zero(), zoom: 2 };
        placement.channels(&mut display, 1, &[4095u16, 0, 2048], |pixel| rgb565(pixel, 4096)).unwrap();
        for (x, y) in [(0, 0), (1, 1)] {
            assert_eq!(display.get_pixel(Point::new(x, y)), Some(Rgb565::new(31, 0, 16)));
        }
        assert_eq!(rgb888([0, 1, 1], 2), Rgb888::new(0, 255, 255));
    }
}
