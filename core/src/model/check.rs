//! The inner check, at loading, that everything later relies on: layers in their places, shapes, ranges, weights.

use crate::blob::{Architecture, Header, LayerDescription, LoadError, Matrix, Section};
use crate::kernels;
use crate::layers::{Content, Dimensions};

/// Largest shift: the zero point, shifted, has 31 bits.
const MOST_SHIFT: u8 = 23;

/// Checks everything that a header says.
pub fn header(header: &Header) -> Result<(), LoadError> {
    let last = header.layers.len().saturating_sub(1);
    let is_mixture = matches!(header.layers.last(), Some(LayerDescription::Mixture(_)));
    let most_levels = if is_mixture { 65_536 } else { 256 };
    if !(2..=most_levels).contains(&header.levels) {
        return Err(LoadError::UnsupportedLevels(header.levels));
    }
    if !(1..=4).contains(&header.channels) {
        return Err(LoadError::UnsupportedChannels(header.channels));
    }
    if !is_built(header, is_mixture) {
        return Err(LoadError::LeftOut { layer: last as u8 });
    }
    let is_upsampled = cfg!(feature = "scales") && matches!(header.layers.first(), Some(LayerDescription::Upsample(_)));
    if !matches!((header.condition.factor, is_upsampled), (0, false) | (2 | 4, true)) {
        return Err(LoadError::UnsupportedCondition);
    }
    if !kernels::reads(header.packing) {
        return Err(LoadError::UnsupportedPacking);
    }
    let first = usize::from(is_upsampled);
    if header.layers.len() < 2 + first {
        return Err(LoadError::InvalidLayer { layer: last as u8 });
    }
    let network = Dimensions::new(header);
    for (place, layer) in header.layers.iter().enumerate() {
        let fits = has_its_place(layer, header.architecture, place, (first, last));
        if !fits || !layer.layer().is_possible_in(&network) {
            return Err(LoadError::InvalidLayer { layer: place as u8 });
        }
        if layer.layer().shifts().iter().any(|&shift| shift > MOST_SHIFT) {
            return Err(LoadError::InvalidShift { layer: place as u8 });
        }
    }
    Ok(())
}

/// Whether this build draws values of such a number of channels and levels, and of classes.
const fn is_built(header: &Header, is_mixture: bool) -> bool {
    (cfg!(feature = "channels") || header.channels == 1)
        && (cfg!(feature = "levels") || header.levels == 2 || is_mixture)
        && (cfg!(feature = "classes") || header.condition.classes == 0)
}

/// Whether a layer stands where its kind belongs.
fn has_its_place(
    layer: &LayerDescription,
    architecture: Architecture,
    place: usize,
    (first, last): (usize, usize),
) -> bool {
    match (layer, architecture) {
        (LayerDescription::Upsample(_), _) => place < first,
        (LayerDescription::First(_), _) => place == first,
        (LayerDescription::Softmax(_) | LayerDescription::Mixture(_), _) => place == last,
        (LayerDescription::PixelCnn(_) | LayerDescription::Dilated(_), Architecture::PixelCnn)
        | (LayerDescription::RowLstm(_), Architecture::RowLstm)
        | (LayerDescription::Diagonal(_), Architecture::DiagonalBilstm) => place > first && place < last,
        _ => false,
    }
}

/// Checks the length and every number of a body whose header was checked.
pub fn body(header: &Header, body: &[u8]) -> Result<(), LoadError> {
    let network = Dimensions::new(header);
    let needed: usize = header.layers.iter().map(|layer| layer.layer().body_bytes(&network)).sum();
    if needed != body.len() {
        return Err(LoadError::WrongBodyLength { needed: needed as u32, given: body.len() as u32 });
    }
    let mut section = Section::new(body, header.packing);
    for (place, layer) in header.layers.iter().enumerate() {
        let mut valid = true;
        layer.layer().visit(&network, &mut section, &mut |content| valid &= is_valid(&content));
        if !valid {
            return Err(LoadError::InvalidWeights { layer: place as u8 });
        }
    }
    Ok(())
}

/// Whether an array's numbers are in range.
fn is_valid(content: &Content<'_>) -> bool {
    let not_negative = |multipliers: &[i16]| multipliers.iter().all(|&multiplier| multiplier >= 0);
    match content {
        Content::Multipliers(multipliers) => not_negative(multipliers),
        Content::Matrix(matrix) => not_negative(matrix.multipliers) && accumulators_fit(matrix),
        // Whatever they are, sums wrap.
        Content::Vectors(_) => true,
        Content::Coefficients(coefficients) => {
            coefficients.iter().all(|coefficient| coefficient.unsigned_abs() <= 1 << 18)
        }
    }
}

/// No weight is -128, and no activations of -127..=127 take an accumulator out of -2^23..2^23.
fn accumulators_fit(matrix: &Matrix<'_>) -> bool {
    (0..matrix.multipliers.len()).all(|row| norm(matrix, row).saturating_mul(127) < 1 << 23)
}

/// Sum of a row's magnitudes; more than any row may have if a weight is -128.
fn norm(matrix: &Matrix<'_>, row: usize) -> u32 {
    let (mut norm, mut bits) = (0, 0);
    for group in 0..matrix.columns / 4 {
        for magnitude in matrix.weights_at(row, group).map(|weight| u32::from(weight.unsigned_abs())) {
            norm += magnitude;
            bits |= magnitude;
        }
    }
    norm | (bits & 128) << 16
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::blob::Packing;

    const COLUMNS: usize = 524;

    /// Whether accumulators fit with these weights of eight rows, as the body holds them but for the packing.
    fn fit(packing: Packing, weights: &[i8]) -> bool {
        let words = weights.as_chunks::<4>().0.iter();
        let packed = words.map(|word| u32::from_le_bytes(word.map(|weight| weight as u8)) ^ packing.flip());
        let weights: std::vec::Vec<u8> = packed.flat_map(u32::to_le_bytes).collect();
        accumulators_fit(&Matrix { columns: COLUMNS, multipliers: &[0; 8], weights: &weights, packing })
    }

    /// Weights of which those of a row have this sum of magnitudes, 127 as far as it goes, of either sign; the others are 1.
    fn heavy(row: usize, sum: usize) -> std::vec::Vec<i8> {
        let weight = |place: usize| {
            let (group, column) = (place / 16, 4 * (place / 16 % (COLUMNS / 4)) + place % 4);
            let magnitude = sum.saturating_sub(127 * column).min(127) as i8;
            let is_row = 4 * (group / (COLUMNS / 4)) + place / 4 % 4 == row;
            if is_row { if place.is_multiple_of(2) { magnitude } else { -magnitude } } else { 1 }
        };
        (0..8 * COLUMNS).map(weight).collect()
    }

    #[test]
    fn the_weight_that_no_kernel_takes_is_refused() {
        for packing in [Packing::Rows4, Packing::Rows4Signed { fingerprint: 0 }] {
            for (weight, fits) in [(-127, true), (-128, false)] {
                let mut weights = std::vec![0; 8 * COLUMNS];
                weights[COLUMNS] = weight;
                assert_eq!(fit(packing, &weights), fits, "{weight}");
            }
        }
    }

    /// 127 times the sum of a row's magnitudes is below 2^23.
    #[test]
    fn rows_are_as_heavy_as_accumulators_hold() {
        for packing in [Packing::Rows4, Packing::Rows4Signed { fingerprint: 0 }] {
            for row in 0..8 {
                let fit = |sum| fit(packing, &heavy(row, sum));
                assert!(fit(66_052) && fit(0), "row {row}");
                assert!(!fit(66_053) && !fit(127 * COLUMNS), "row {row}");
            }
        }
    }
}
