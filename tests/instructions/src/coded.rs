//! A pixel coded and decoded as a device does it: the layers, the distributions, the range coder, the group's check.

use core::convert::Infallible;
use core::hint::black_box;

use pixelrnn::codec::{GroupDecoder, GroupEncoder, Header};
use pixelrnn::{Model, Seeded, Stream, sample};
use rand_core::SeedableRng;

use crate::region::region;

/// Channels at most, and bytes that a pixel's values take at most with a group's end.
const CHANNELS: usize = 4;
const BYTES: usize = 64;

/// A stream in the middle of its fourth row, and what drew it.
pub fn begin<'s>(model: &'s Model<'s>, state: &'s mut [u32]) -> Option<(Stream<'s>, Seeded)> {
    let mut rng = Seeded::seed_from_u64(1);
    let mut stream = Stream::begin(model, 28, 28, state).ok()?;
    for _ in 0..(3 * 28 + 14) * u32::from(model.channels()) {
        let _ = sample::next(&mut stream, &mut rng);
    }
    Some((stream, rng))
}

/// The pixel that a model would draw there, coded and decoded; `None` if it does not begin.
pub fn pixel(name: &str, model: &Model<'_>, state: &mut [u32]) -> Option<()> {
    let (macs, channels) = (model.macs_per_pixel(), usize::from(model.channels()));
    let header = Header::new(model, 28, 28)?;
    let mut values = [0; CHANNELS];
    let values = values.get_mut(..channels)?;
    let (mut stream, mut rng) = begin(model, state)?;
    values.iter_mut().for_each(|value| *value = sample::next(&mut stream, &mut rng).unwrap_or_default());

    let mut bytes = [0; BYTES];
    let mut places = bytes.iter_mut();
    let mut sink = |byte| -> Result<(), Infallible> {
        if let Some(place) = places.next() {
            *place = byte;
        }
        Ok(())
    };
    let (mut stream, _) = begin(model, state)?;
    let mut encoder = GroupEncoder::begin(&header, 0);
    region(format_args!("{name}: a pixel coded|{macs}"), || {
        for &value in black_box(&*values) {
            let Ok(distribution) = stream.predict() else { return };
            let Ok(()) = encoder.value(&distribution, value, &mut sink);
            let _ = black_box(stream.observe(value));
        }
    });
    let Ok(()) = encoder.end(&mut sink);

    let (mut stream, _) = begin(model, state)?;
    let mut source = &bytes[..];
    let mut decoder = GroupDecoder::begin(&header, 0, &mut source).ok()?;
    let mut decoded = [0; CHANNELS];
    region(format_args!("{name}: a pixel decoded|{macs}"), || {
        for place in decoded.iter_mut().take(black_box(channels)) {
            let Ok(distribution) = stream.predict() else { return };
            *place = decoder.value(&distribution, &mut source).unwrap_or_default();
            let _ = black_box(stream.observe(*place));
        }
    });
    if decoded.get(..channels) != Some(&*values) {
        crate::console::line(format_args!("DIFFERENT values of {name} are decoded than were coded"));
    }
    Some(())
}
