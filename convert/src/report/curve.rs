//! A likelihood curve as PNG, with fonts of its own: nothing is asked of the system.

use std::convert::Infallible;
use std::io::Cursor;
use std::path::Path;

use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::ascii::FONT_7X13;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::{Line, PrimitiveStyle, Rectangle};
use embedded_graphics::text::{Alignment, Baseline, Text, TextStyleBuilder};
use image::{ImageFormat, Rgb, RgbImage};

use super::{WriteError, write};

const SIZE: Size = Size::new(800, 480);
// Space around the plot.
const LEFT: i32 = 70;
const TOP: i32 = 34;
const RIGHT: i32 = 20;
const BOTTOM: i32 = 44;
const TRAINING: Rgb888 = Rgb888::new(150, 170, 200);
const VALIDATION: Rgb888 = Rgb888::new(190, 40, 40);
const GRID: Rgb888 = Rgb888::new(225, 225, 225);
const INK: Rgb888 = Rgb888::new(40, 40, 40);

/// One validation of a training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Minutes trained until then.
    pub minutes: f64,
    /// Mean negative log-likelihood of the training images since the validation before.
    pub training: f64,
    /// That of the validation images.
    pub validation: f64,
}

/// A place on the picture.
type Place = embedded_graphics::geometry::Point;

/// What a curve shows of a point.
type Figure = fn(&Point) -> f64;

struct Canvas(RgbImage);

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        SIZE
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(place, color) in pixels {
            if let (Ok(x), Ok(y)) = (u32::try_from(place.x), u32::try_from(place.y))
                && let Some(pixel) = self.0.get_pixel_mut_checked(x, y)
            {
                *pixel = Rgb([color.r(), color.g(), color.b()]);
            }
        }
        Ok(())
    }
}

/// A step of 1, 2 or 5 times a power of ten that divides a span into five to twelve parts.
fn step(span: f64) -> f64 {
    let power = 10f64.powf((span / 5.0).log10().floor());
    [5.0, 2.0, 1.0].map(|n| n * power).into_iter().find(|step| span / step >= 5.0).unwrap_or(power)
}

/// Range of the figures worth showing: those of the first tenth of the time fall from far above.
fn range(points: &[Point]) -> (f64, f64) {
    let end = points.last().map_or(0.0, |point| point.minutes);
    let late = points.iter().filter(|point| point.minutes >= end / 10.0);
    let values: Vec<f64> =
        late.flat_map(|point| [point.training, point.validation]).filter(|value| value.is_finite()).collect();
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), &v| (low.min(v), high.max(v)));
    if values.is_empty() {
        return (0.0, 1.0);
    }
    let margin = ((high - low) * 0.05).max(high.abs() * 1e-3 + 1e-6);
    (low - margin, high + margin)
}

fn text(canvas: &mut Canvas, words: &str, place: Place, color: Rgb888, alignment: Alignment) {
    let style = TextStyleBuilder::new().alignment(alignment).baseline(Baseline::Middle).build();
    let Ok(_) = Text::with_text_style(words, place, MonoTextStyle::new(&FONT_7X13, color), style).draw(canvas);
}

/// Draws a training's curve and writes it. `unit` names the likelihood's unit.
///
/// # Errors
/// What the file system says.
pub fn save(points: &[Point], unit: &str, path: &Path) -> Result<(), WriteError> {
    let mut bytes = Cursor::new(Vec::new());
    draw(points, unit)
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(|error| WriteError { path: path.to_path_buf(), source: std::io::Error::other(error) })?;
    write(path, bytes.get_ref())
}

fn draw(points: &[Point], unit: &str) -> RgbImage {
    let mut canvas = Canvas(RgbImage::from_pixel(SIZE.width, SIZE.height, Rgb([255, 255, 255])));
    let (right, bottom) = (SIZE.width as i32 - RIGHT, SIZE.height as i32 - BOTTOM);
    let (low, high) = range(points);
    let end = points.last().map_or(1.0, |point| point.minutes).max(1e-9);
    let x = |minutes: f64| LEFT + (minutes / end * f64::from(right - LEFT)).round() as i32;
    let y = |value: f64| {
        // Outside, but not so far that squares of lengths leave 32 bits.
        let share = ((high - value) / (high - low)).clamp(-2.0, 3.0);
        TOP + (share * f64::from(bottom - TOP)).round() as i32
    };
    let grid = PrimitiveStyle::with_stroke(GRID, 1);
    let ticks = |from: f64, to: f64| {
        let step = step(to - from);
        let first = (from / step).ceil() as i64;
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        (first..=(to / step).floor() as i64).map(move |n| (n as f64 * step, decimals))
    };
    for (value, decimals) in ticks(low, high) {
        let Ok(()) =
            Line::new(Place::new(LEFT, y(value)), Place::new(right, y(value))).into_styled(grid).draw(&mut canvas);
        let place = Place::new(LEFT - 6, y(value));
        text(&mut canvas, &format!("{value:.decimals$}"), place, INK, Alignment::Right);
    }
    for (minutes, decimals) in ticks(0.0, end) {
        let Ok(()) =
            Line::new(Place::new(x(minutes), TOP), Place::new(x(minutes), bottom)).into_styled(grid).draw(&mut canvas);
        let place = Place::new(x(minutes), bottom + 12);
        text(&mut canvas, &format!("{minutes:.decimals$}"), place, INK, Alignment::Center);
    }
    text(&mut canvas, "minutes trained", Place::new((LEFT + right) / 2, bottom + 30), INK, Alignment::Center);
    text(&mut canvas, unit, Place::new(LEFT, TOP - 20), INK, Alignment::Left);
    let curves: [(&str, Rgb888, Figure, i32); 2] = [
        ("training", TRAINING, |point| point.training, right - 110),
        ("validation", VALIDATION, |point| point.validation, right),
    ];
    let corner = Place::new(LEFT, TOP);
    let plot = Rectangle::with_corners(corner, Place::new(right, bottom));
    for (name, color, value, place) in curves {
        let line: Vec<Place> = points
            .iter()
            .filter(|point| value(point).is_finite())
            .map(|point| Place::new(x(point.minutes), y(value(point))))
            .collect();
        let style = PrimitiveStyle::with_stroke(color, 2);
        // Line by line: where a thick polyline bends sharply, the library's joins leave 32 bits.
        for (&start, &end) in line.iter().zip(line.iter().skip(1)) {
            let Ok(()) = Line::new(start, end).into_styled(style).draw(&mut canvas.clipped(&plot));
        }
        text(&mut canvas, name, Place::new(place, TOP - 20), color, Alignment::Right);
    }
    if let Some(best) = points.iter().map(|point| point.validation).reduce(f64::min) {
        let words = format!("best {best:.3}");
        text(&mut canvas, &words, Place::new((LEFT + right) / 2, TOP - 20), VALIDATION, Alignment::Center);
    }
    canvas.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(picture: &RgbImage, color: Rgb888) -> usize {
        picture.pixels().filter(|pixel| pixel.0 == [color.r(), color.g(), color.b()]).count()
    }

    #[test]
    fn steps_are_round() {
        assert_eq!((step(10.0), step(7.0), step(0.06)), (2.0, 1.0, 0.01));
    }

    #[test]
    fn draws_both_curves_and_survives_few_or_odd_points() {
        let point = |n: f64| Point { minutes: n, training: 80.0 + 50.0 / n, validation: 82.0 + 40.0 / n };
        let points: Vec<Point> = (1..=30).map(|n| point(f64::from(n))).collect();
        let picture = draw(&points, "nats an image");
        assert!(count(&picture, TRAINING) > 600 && count(&picture, VALIDATION) > 600);
        for points in [&points[..0], &points[..1], &[Point { minutes: 0.0, training: f64::NAN, validation: 1.0 }]] {
            assert_eq!(draw(points, "bits a dimension").width(), SIZE.width);
        }
        // A beginning that lies as far above the rest as floats go.
        let far = Point { minutes: 1e-3, training: 1e30, validation: f64::MAX };
        assert!(count(&draw(&[&[far], &points[..]].concat(), "nats an image"), TRAINING) > 600);
    }
}
