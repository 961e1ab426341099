//! A mixture's values coded, drawn and decoded, from the head's outputs on: the linear prediction, the components, the cumulative
//! frequencies, the range coder. The products that give the outputs are counted elsewhere.

use core::convert::Infallible;
use core::hint::black_box;

use pixelrnn::blob::{Mixture, Packing, Section};
use pixelrnn::codec::{RangeDecoder, RangeEncoder};
use pixelrnn::kernels::mixture::Component;
use pixelrnn::layers::{
    Canvas, Carver, Dimensions, Given, GivenHere, Images, Layer, Place, Rows, Work, WorkSizes, mixture,
};
use pixelrnn::{Distribution, Seeded, Temperature, sample};
use rand_core::SeedableRng;

use crate::check::Numbers;
use crate::region::region;

/// Values that a region counts, each of a distribution of its own.
const VALUES: usize = 16;
const COMPONENTS: u8 = 5;
/// Words that an image takes here: its scratch, and four rows of eight pixels.
const WORDS: usize = 64;
const PLACE: Place = Place { width: 8, column: 3, group: 0 };

#[repr(align(4))]
struct Coefficients([u8; 16]);
/// 3/4, 1/2, -5/16 and 1/16 of the neighbours, Q16.
static COEFFICIENTS: Coefficients = Coefficients([0, 0xc0, 0, 0, 0, 0x80, 0, 0, 0, 0xb0, 0xff, 0xff, 0, 0x10, 0, 0]);

/// Mixtures of five, over values of 8 and of 16 bits.
pub fn all() {
    for bits in [8, 16] {
        values_of(bits);
    }
}

/// An image whose head has given outputs as trained networks do: components near each other, of scales from a unit or two
/// of 256 to a tenth of the range.
fn image<'a>(network: &Dimensions, layer: &Mixture, words: &'a mut [u32], numbers: &mut Numbers) -> Images<'a, 1> {
    let mut sizes = WorkSizes::default();
    layer.widen(network, &mut sizes);
    let mut states = Carver::new(words);
    let work = Work::carve(states.words(sizes.words()), &sizes, GivenHere::new(&Given::NOTHING));
    let rows = match network.levels {
        0..=256 => Rows::Bytes(states.u8(4 * PLACE.width)),
        _ => Rows::Words(states.u16(4 * PLACE.width)),
    };
    let mut canvas = Canvas { rows, width: PLACE.width, row: 2, channels: 1 };
    for row in 1..3 {
        canvas.row = row;
        for column in 0..PLACE.width {
            canvas.set(column, 0, &[(network.levels / 2 + numbers.bits() % (network.levels / 8)) as u16]);
        }
    }
    let mut within = |most: i32| (numbers.bits() % (2 * most as u32 + 1)) as i32 - most;
    let whole = (network.bits() as i32 - 8) * 1419;
    for [logit, offset, scale] in work.logits.as_chunks_mut::<3>().0 {
        (*logit, *offset, *scale) = ([within(4000)], [within(800)], [whole + 3500 + within(2500)]);
    }
    Images { work, canvas, states }
}

/// What the next value of an image is distributed like.
fn predict<'a>(network: &Dimensions, layer: &Mixture, images: &'a mut Images<'_, 1>) -> Distribution<'a> {
    let mut body = Section::new(&COEFFICIENTS.0, Packing::Rows4);
    mixture::prepare(layer, network, &mut body, (PLACE, 0), Temperature::ONE, images);
    Distribution::of_components(Component::of_words(images.work.scratch), network.levels)
}

fn values_of(bits: u32) {
    let network = Dimensions {
        features: 4,
        levels: 1 << bits,
        channels: 1,
        groups: 1,
        classes: 0,
        factor: 0,
        upsampled: 0,
        has_row_end: false,
        #[cfg(feature = "nibbles")]
        has_nibbles: false,
    };
    let layer = Mixture { maps: 4, components: COMPONENTS, shifts: [0; 3] };
    let mut words = [[0; WORDS]; VALUES];
    let mut numbers = Numbers(0x1234_5678);
    let mut images = words.each_mut().map(|words| image(&network, &layer, words, &mut numbers));
    let (network, layer) = black_box((network, layer));

    let mut values = [0; VALUES];
    let mut rng = Seeded::seed_from_u64(1);
    region(format_args!("mixture of 5, {bits} bits: a value drawn|{VALUES}"), || {
        for (images, value) in images.iter_mut().zip(&mut values) {
            *value = sample::draw(&predict(&network, &layer, images), &mut rng);
        }
    });

    let mut coded = [0u8; 4 * VALUES];
    let mut places = coded.iter_mut();
    let mut sink = |byte| -> Result<(), Infallible> {
        if let Some(place) = places.next() {
            *place = byte;
        }
        Ok(())
    };
    let mut encoder = RangeEncoder::new();
    region(format_args!("mixture of 5, {bits} bits: a value coded|{VALUES}"), || {
        for (images, &value) in images.iter_mut().zip(&values) {
            let Ok(()) = encoder.encode(&predict(&network, &layer, images), value, &mut sink);
        }
    });
    let Ok(()) = encoder.finish(&mut sink);

    let mut source = &coded[..];
    let Ok(mut decoder) = RangeDecoder::begin(&mut source) else { return };
    let mut decoded = [0; VALUES];
    region(format_args!("mixture of 5, {bits} bits: a value decoded|{VALUES}"), || {
        for (images, value) in images.iter_mut().zip(&mut decoded) {
            *value = decoder.decode(&predict(&network, &layer, images), &mut source).unwrap_or_default();
        }
    });
    if decoded != values {
        crate::console::line(format_args!("DIFFERENT values of {bits} bits are decoded than were coded"));
    }
    black_box((&values, &decoded, &coded));
}
