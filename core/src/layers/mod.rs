//! The layers: each is a shape, a state, a *step* at a column and, for the diagonal, a *row end*.
//!
//! Adding a layer means a file here, a description of its name in the [format](crate::blob), and its lines in the tables:
//! [`LayerDescription::layer`] for its numbers, [`step`] for its work.

mod canvas;
mod class;
mod diagonal;
mod dilated;
pub mod first;
mod given;
pub mod mixture;
mod pixelcnn;
mod row_lstm;
mod shape;
mod softmax;
pub mod upsample;
mod work;

pub use canvas::{Canvas, Rows};
pub use class::Classes;
pub use given::{Given, GivenHere};
pub use mixture::MAX_COMPONENTS;
pub use shape::{Content, Dimensions, Layer, Shape};
pub use upsample::Small;
use work::widen;
pub use work::{Carver, Work, WorkSizes};

use core::ops::Range;

use crate::blob::{LayerDescription, Section};
use crate::kernels;
use crate::temperature::Temperature;

/// `N` images in a step, at the same column of their rows: a load of a layer's weights serves them all.
///
/// Microcontrollers run one (`N = 1`); on hosts sixteen fill vectors.
pub struct Images<'a, const N: usize> {
    /// The shared scratch, with the residual stream.
    pub work: Work<'a, N>,
    /// The values so far.
    pub canvas: Canvas<'a, N>,
    /// The layers' states: each layer takes its own off, [`Shape::state_words`] words an image.
    pub states: Carver<'a, N>,
}

/// Where a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Columns of the image.
    pub width: usize,
    /// The column.
    pub column: usize,
    /// The channel group, 0 where there is but one.
    pub group: usize,
}

/// A group's part of a layer's body.
#[inline]
fn of_group<'a>(layer: &LayerDescription, network: &Dimensions, mut body: Section<'a>, group: usize) -> Section<'a> {
    if cfg!(feature = "channels") && group > 0 {
        body.section(layer.layer().bytes_before(network, group));
    }
    body
}

/// Whether PixelCNN's blocks, dilated or not, share one copy of their step: where a program's size counts for more than 1 % of its speed.
const SHARED: bool = cfg!(all(feature = "dilation", any(kernels = "armv6m", target_family = "wasm")));

/// Computes a group of a layer at a column: reads and adds to the residual stream, moves the layer's state on.
#[inline]
pub fn step<'b, const N: usize>(
    layer: &LayerDescription,
    network: &Dimensions,
    body: Section<'b>,
    place: Place,
    images: &mut Images<'b, N>,
) {
    images.work.given.at(&body);
    let body = &mut of_group(layer, network, body, place.group);
    match layer {
        LayerDescription::First(layer) => first::step(layer, network, body, place, images),
        LayerDescription::PixelCnn(layer) if cfg!(feature = "pixelcnn") => {
            pixelcnn::step::<N, SHARED>(layer, 1, network, body, place, images)
        }
        LayerDescription::Dilated(layer) if cfg!(feature = "dilation") => {
            dilated::step(layer, network, body, place, images)
        }
        LayerDescription::RowLstm(layer) if cfg!(feature = "row-lstm") => {
            row_lstm::step(layer, network, body, place, images)
        }
        LayerDescription::Diagonal(layer) if cfg!(feature = "diagonal-bilstm") => {
            diagonal::step(layer, network, body, place, images)
        }
        LayerDescription::Softmax(layer) if cfg!(feature = "softmax") => {
            softmax::step(layer, network, body, place, images)
        }
        LayerDescription::Upsample(layer) if cfg!(feature = "scales") => {
            upsample::step(layer, network, body, place, images)
        }
        // A mixture's rows are computed where its outputs are asked for; of what is not built there is no model.
        _ => {}
    }
}

/// Computes what a layer leaves for the row's end, at some columns of a row of so many, from the last to the first.
#[inline]
pub fn row_end<'b, const N: usize>(
    layer: &LayerDescription,
    network: &Dimensions,
    body: &Section<'b>,
    width: usize,
    columns: Range<usize>,
    images: &mut Images<'b, N>,
) {
    if let LayerDescription::Diagonal(diagonal) = layer
        && cfg!(feature = "diagonal-bilstm")
    {
        images.work.given.at(body);
        let bodies = |group| of_group(layer, network, body.clone(), group);
        diagonal::row_end(diagonal, network, bodies, (width, columns), images);
    }
}

/// Passes over a layer on the way to one whose row's end is due.
#[inline]
pub fn pass_over<const N: usize>(
    layer: &LayerDescription,
    network: &Dimensions,
    width: usize,
    images: &mut Images<'_, N>,
) {
    match layer {
        LayerDescription::Upsample(layer) if cfg!(feature = "scales") => {
            upsample::row_end(layer, network, width, images)
        }
        _ => drop(images.states.words(layer.layer().state_words(network, width))),
    }
}

/// The same of a head, with its outputs: a softmax's logits of the group at hand, or a mixture's rows of all channels, and the
/// components of the one at hand.
#[inline]
pub fn outputs<const N: usize>(
    layer: &LayerDescription,
    network: &Dimensions,
    body: Section<'_>,
    (place, channel): (Place, usize),
    temperature: Temperature,
    images: &mut Images<'_, N>,
) {
    let body = &mut of_group(layer, network, body, place.group);
    match layer {
        LayerDescription::Softmax(layer) if cfg!(feature = "softmax") => {
            softmax::logits(layer, network, body, place, images)
        }
        LayerDescription::Mixture(layer) if cfg!(feature = "mixture") => {
            mixture::outputs(layer, network, body, images);
            mixture::prepare(layer, network, body, (place, channel), temperature, images);
        }
        _ => {}
    }
}

/// The `index`-th vector of `size` features in a row of them; empty outside the row.
fn slot<T>(row: &[T], index: usize, size: usize) -> &[T] {
    slots(row, index, 1, size)
}

/// `count` vectors, from the `index`-th on.
fn slots<T>(row: &[T], index: usize, count: usize, size: usize) -> &[T] {
    row.get(index * size..(index + count) * size).unwrap_or_default()
}

/// The same, to write.
fn slot_mut<T>(row: &mut [T], index: usize, size: usize) -> &mut [T] {
    row.get_mut(index * size..(index + 1) * size).unwrap_or_default()
}

/// Copies as many features as both hold.
#[inline]
fn copy<const N: usize>(from: &[[i8; N]], to: &mut [[i8; N]]) {
    kernels::copy(from.as_flattened(), to.as_flattened_mut());
}
