//! A layer's sizes, from its description alone.

use heapless::Vec;

use super::WorkSizes;
use crate::blob::{Header, LayerDescription, Matrix, Section};

/// One of the arrays in a layer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Multipliers of this many inputs.
    Quantizer(usize),
    /// Rows and columns, with biases.
    Linear(usize, usize),
    /// Rows and columns.
    Matrix(usize, usize),
}

impl Part {
    const fn bytes(self) -> usize {
        match self {
            Self::Quantizer(inputs) => 2 * inputs,
            Self::Linear(rows, columns) => (6 + columns) * rows,
            Self::Matrix(rows, columns) => (2 + columns) * rows,
        }
    }

    const fn rows_and_columns(self) -> (usize, usize) {
        match self {
            Self::Quantizer(_) => (0, 0),
            Self::Linear(rows, columns) | Self::Matrix(rows, columns) => (rows, columns),
        }
    }
}

/// A layer within a model: what its sizes depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The layer.
    pub layer: LayerDescription,
    /// Features between blocks.
    pub features: usize,
    /// Values a pixel can take.
    pub levels: u16,
}

impl LayerDescription {
    /// The layer's shifts.
    pub fn shifts(&self) -> &[u8] {
        match self {
            Self::First { shift } => core::slice::from_ref(shift),
            Self::PixelCnn { shifts, .. } | Self::DiagonalBilstm { shifts, .. } => shifts,
            Self::RowLstm { shifts, .. } => shifts,
            Self::Head { shifts, .. } => shifts,
        }
    }

    /// Features inside the layer: `h` of a block, the head's maps, 0 for the first convolution.
    pub const fn hidden(&self) -> usize {
        match *self {
            Self::First { .. } => 0,
            Self::PixelCnn { hidden, .. } | Self::RowLstm { hidden, .. } | Self::DiagonalBilstm { hidden, .. } => {
                hidden as usize
            }
            Self::Head { maps, .. } => maps as usize,
        }
    }

    /// Whether the layer has a skip connection to the head.
    pub const fn skip(&self) -> bool {
        match *self {
            Self::PixelCnn { skip, .. } | Self::RowLstm { skip, .. } | Self::DiagonalBilstm { skip, .. } => skip,
            Self::First { .. } | Self::Head { .. } => false,
        }
    }
}

impl Shape {
    /// A layer of a model.
    pub fn new(header: &Header, layer: &LayerDescription) -> Self {
        Self { layer: *layer, features: usize::from(header.features), levels: header.levels }
    }

    /// Whether the sizes are ones that the engine runs.
    pub fn is_possible(&self) -> bool {
        let hidden = self.layer.hidden();
        let fits = |most: usize| (4..=most).contains(&hidden) && hidden.is_multiple_of(4);
        (4..=512).contains(&self.features)
            && self.features.is_multiple_of(4)
            && match self.layer {
                LayerDescription::First { .. } => true,
                LayerDescription::Head { .. } => fits(1024),
                LayerDescription::RowLstm { kernel, .. } => fits(256) && kernel >= 3 && !kernel.is_multiple_of(2),
                LayerDescription::PixelCnn { .. } | LayerDescription::DiagonalBilstm { .. } => fits(256),
            }
    }

    /// The arrays of the layer's body, in order.
    pub fn parts(&self) -> Vec<Part, 8> {
        let (f, h) = (self.features, self.layer.hidden());
        let mut parts = Vec::new();
        let mut add = |list: &[Part]| parts.extend_from_slice(list).unwrap_or_default();
        match self.layer {
            LayerDescription::First { .. } => add(&[Part::Linear(f, Header::first_columns(self.levels))]),
            LayerDescription::PixelCnn { .. } => {
                add(&[Part::Quantizer(f), Part::Linear(h, f), Part::Linear(h, 5 * h), Part::Linear(f, h)]);
            }
            LayerDescription::RowLstm { kernel, .. } => add(&[
                Part::Quantizer(f),
                Part::Linear(4 * h, 2 * f),
                Part::Matrix(4 * h, usize::from(kernel) * h),
                Part::Linear(f, h),
            ]),
            LayerDescription::DiagonalBilstm { .. } => add(&[
                Part::Quantizer(f),
                Part::Linear(4 * h, f),
                Part::Matrix(4 * h, 2 * h),
                Part::Linear(4 * h, f),
                Part::Matrix(4 * h, 2 * h),
                Part::Linear(f, h),
            ]),
            LayerDescription::Head { .. } => {
                add(&[Part::Quantizer(f), Part::Linear(h, f), Part::Linear(Header::output_rows(self.levels), h)]);
            }
        }
        if self.layer.skip() {
            add(&[Part::Linear(f, h)]);
        }
        parts
    }

    /// Bytes of the layer's body.
    pub fn body_bytes(&self) -> usize {
        self.parts().iter().map(|part| part.bytes()).sum()
    }

    /// Multiply-adds a pixel, over a whole row (the right-to-left direction included).
    pub fn multiply_adds(&self) -> u64 {
        let product = |part: &Part| {
            let (rows, columns) = part.rows_and_columns();
            (rows * columns) as u64
        };
        self.parts().iter().map(product).sum()
    }

    /// Words of state that the layer keeps for a width.
    pub fn state_words(&self, width: usize) -> usize {
        let (f, h) = (self.features, self.layer.hidden());
        let bytes = match self.layer {
            LayerDescription::First { .. } | LayerDescription::Head { .. } => 0,
            // The row above, and the vector last overwritten.
            LayerDescription::PixelCnn { .. } => (width + 1) * h,
            // Hidden states and those last overwritten, cells, the left neighbour's input.
            LayerDescription::RowLstm { kernel, .. } => (width + usize::from(kernel) / 2) * h + 2 * width * h + f,
            // Hidden states and a cell for each direction, the row's inputs.
            LayerDescription::DiagonalBilstm { .. } => 2 * (width * h + 2 * h) + width * f,
        };
        bytes / 4
    }

    /// The shared scratch that the layer needs.
    pub fn work(&self) -> WorkSizes {
        let mut sizes = WorkSizes { features: self.features, skip: self.layer.skip(), ..WorkSizes::default() };
        sizes.hidden = self.layer.hidden();
        for part in &self.parts() {
            let (_, columns) = part.rows_and_columns();
            sizes.columns = sizes.columns.max(columns);
        }
        if let LayerDescription::Head { .. } = self.layer {
            sizes.logits = Header::output_rows(self.levels);
        }
        if let LayerDescription::RowLstm { hidden, .. } | LayerDescription::DiagonalBilstm { hidden, .. } = self.layer {
            sizes.gates = 4 * usize::from(hidden);
        }
        sizes
    }

    /// Takes every array off a section, and shows its multipliers and its matrix.
    pub fn visit<'a>(&self, section: &mut Section<'a>, look: &mut dyn FnMut(&'a [i16], Option<Matrix<'a>>)) {
        for part in &self.parts() {
            match *part {
                Part::Quantizer(inputs) => look(section.quantizer(inputs), None),
                Part::Linear(rows, columns) => {
                    let linear = section.linear(rows, columns);
                    look(linear.matrix.multipliers, Some(linear.matrix));
                }
                Part::Matrix(rows, columns) => {
                    let matrix = section.matrix(rows, columns);
                    look(matrix.multipliers, Some(matrix));
                }
            }
        }
    }
}
