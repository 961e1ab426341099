//! A picture to draw on: rectangles, text in fonts of its own, other pictures.

use std::convert::Infallible;

use embedded_graphics::mono_font::ascii::{FONT_8X13, FONT_10X20};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use embedded_graphics::text::{Alignment, Baseline, Text, TextStyleBuilder};
use pixelrnn_convert::data::Picture;

/// A picture of three channels and 8 bits.
#[derive(Debug, Clone)]
pub struct Canvas(Picture);

impl Canvas {
    /// One of a single colour.
    pub fn new(size: Size, colour: Rgb888) -> Self {
        let (width, height) = (size.width as usize, size.height as usize);
        let values = channels(colour).repeat(width * height);
        Self(Picture { name: String::new(), width, height, channels: 3, depth: 8, values, class: None })
    }

    /// What was drawn.
    pub fn into_picture(self) -> Picture {
        self.0
    }

    /// Fills a rectangle.
    pub fn fill(&mut self, area: Rectangle, colour: Rgb888) {
        let Ok(()) = self.fill_solid(&area, colour);
    }

    /// Large text to the right of a place and below it.
    pub fn title(&mut self, place: Point, text: &str, colour: Rgb888) {
        self.text(&FONT_10X20, place, text, colour, Alignment::Left);
    }

    /// Small text below a place.
    pub fn label(&mut self, place: Point, text: &str, colour: Rgb888, alignment: Alignment) {
        self.text(&FONT_8X13, place, text, colour, alignment);
    }

    fn text(&mut self, font: &MonoFont<'_>, place: Point, text: &str, colour: Rgb888, alignment: Alignment) {
        let style = TextStyleBuilder::new().alignment(alignment).baseline(Baseline::Top).build();
        let Ok(_) = Text::with_text_style(text, place, MonoTextStyle::new(font, colour), style).draw(self);
    }

    /// Another picture of 8 bits, grey or in colour, its upper left corner at a place; every pixel becomes `zoom` by `zoom`.
    pub fn put(&mut self, place: Point, picture: &Picture, zoom: usize) {
        for (number, pixel) in picture.values.chunks(picture.channels).enumerate() {
            let (column, row) = ((number % picture.width * zoom) as i32, (number / picture.width * zoom) as i32);
            let [red, green, blue] = match *pixel {
                [red, green, blue, ..] => [red, green, blue],
                [grey, ..] => [grey; 3],
                [] => [0; 3],
            };
            let square = Rectangle::new(place + Point::new(column, row), Size::new_equal(zoom as u32));
            self.fill(square, Rgb888::new(red as u8, green as u8, blue as u8));
        }
    }
}

fn channels(colour: Rgb888) -> [u16; 3] {
    [colour.r(), colour.g(), colour.b()].map(u16::from)
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(self.0.width as u32, self.0.height as u32)
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        let area = self.bounding_box();
        for Pixel(place, colour) in pixels.into_iter().filter(|pixel| area.contains(pixel.0)) {
            let start = 3 * (place.y as usize * self.0.width + place.x as usize);
            self.0.values[start..start + 3].copy_from_slice(&channels(colour));
        }
        Ok(())
    }
}
