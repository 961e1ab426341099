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
// The plot's edges.
const LEFT: i32 = 70;
const TOP: i32 = 34;
const RIGHT: i32 = SIZE.width as i32 - 20;
const BOTTOM: i32 = SIZE.height as i32 - 44;
const MIDDLE: i32 = (LEFT + RIGHT) / 2;
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

/// Round figures between two, and the decimals that they have.
fn ticks(from: f64, to: f64) -> impl Iterator<Item = (f64, usize)> {
    let step = step(to - from);
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    ((from / step).ceil() as i64..=(to / step).floor() as i64).map(move |n| (n as f64 * step, decimals))
}

/// The picture, and what its axes span.
struct Plot {
    canvas: Canvas,
    /// Minutes at the right edge.
    end: f64,
    /// Figures at the lower and the upper edge.
    range: (f64, f64),
}

impl Plot {
    fn of(points: &[Point]) -> Self {
        let canvas = Canvas(RgbImage::from_pixel(SIZE.width, SIZE.height, Rgb([255, 255, 255])));
        let end = points.last().map_or(1.0, |point| point.minutes).max(1e-9);
        Self { canvas, end, range: range(points) }
    }

    fn x(&self, minutes: f64) -> i32 {
        LEFT + (minutes / self.end * f64::from(RIGHT - LEFT)).round() as i32
    }

    fn y(&self, value: f64) -> i32 {
        let (low, high) = self.range;
        // Outside, but not so far that squares of lengths leave 32 bits.
        let share = ((high - value) / (high - low)).clamp(-2.0, 3.0);
        TOP + (share * f64::from(BOTTOM - TOP)).round() as i32
    }

    fn text(&mut self, words: &str, (x, y): (i32, i32), color: Rgb888, alignment: Alignment) {
        let style = TextStyleBuilder::new().alignment(alignment).baseline(Baseline::Middle).build();
        let font = MonoTextStyle::new(&FONT_7X13, color);
        let Ok(_) = Text::with_text_style(words, Place::new(x, y), font, style).draw(&mut self.canvas);
    }

    /// A grid with the figures that its lines stand for.
    fn grid(&mut self) {
        let style = PrimitiveStyle::with_stroke(GRID, 1);
        let (low, high) = self.range;
        for (value, decimals) in ticks(low, high) {
            let y = self.y(value);
            let line = Line::new(Place::new(LEFT, y), Place::new(RIGHT, y));
            let Ok(()) = line.into_styled(style).draw(&mut self.canvas);
            self.text(&format!("{value:.decimals$}"), (LEFT - 6, y), INK, Alignment::Right);
        }
        for (minutes, decimals) in ticks(0.0, self.end) {
            let x = self.x(minutes);
            let line = Line::new(Place::new(x, TOP), Place::new(x, BOTTOM));
            let Ok(()) = line.into_styled(style).draw(&mut self.canvas);
            self.text(&format!("{minutes:.decimals$}"), (x, BOTTOM + 12), INK, Alignment::Center);
        }
    }

    fn curve(&mut self, points: &[Point], figure: Figure, color: Rgb888) {
        let shown = points.iter().filter(|point| figure(point).is_finite());
        let line: Vec<Place> = shown.map(|point| Place::new(self.x(point.minutes), self.y(figure(point)))).collect();
        let inside = Rectangle::with_corners(Place::new(LEFT, TOP), Place::new(RIGHT, BOTTOM));
        let style = PrimitiveStyle::with_stroke(color, 2);
        // Line by line: where a thick polyline bends sharply, the library's joins leave 32 bits.
        for (&start, &end) in line.iter().zip(line.iter().skip(1)) {
            let Ok(()) = Line::new(start, end).into_styled(style).draw(&mut self.canvas.clipped(&inside));
        }
    }
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
    let mut plot = Plot::of(points);
    plot.grid();
    plot.text("minutes trained", (MIDDLE, BOTTOM + 30), INK, Alignment::Center);
    plot.text(unit, (LEFT, TOP - 20), INK, Alignment::Left);
    let curves: [(&str, Rgb888, Figure, i32); 2] = [
        ("training", TRAINING, |point| point.training, RIGHT - 110),
        ("validation", VALIDATION, |point| point.validation, RIGHT),
    ];
    for (name, color, figure, x) in curves {
        plot.curve(points, figure, color);
        plot.text(name, (x, TOP - 20), color, Alignment::Right);
    }
    if let Some(best) = points.iter().map(|point| point.validation).reduce(f64::min) {
        plot.text(&format!("best {best:.3}"), (MIDDLE, TOP - 20), VALIDATION, Alignment::Center);
    }
    plot.canvas.0
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
