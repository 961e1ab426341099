//! An image of a model of one or several scales, the smallest scale first: printed as it is drawn. Nothing here knows of a board.

use pixelrnn::blob::{MAX_SCALES, Scales};
use pixelrnn::{BeginError, Conditions, LoadError, Model, Seeded, Stream, StreamError};
use rand_core::SeedableRng;

use crate::text::{self, Image};

/// Why nothing, or not everything, was drawn.
#[allow(dead_code, reason = "not every program shows the details")]
pub enum Failure {
    /// The blob is no model.
    Load(LoadError),
    /// A scale was not begun.
    Begin(BeginError),
    /// A scale was not completed.
    Draw(StreamError),
}

/// What images are drawn in.
pub struct Memory<'m> {
    /// State of the scale that needs the most.
    pub state: &'m mut [u32],
    /// Values of all scales but the largest: none of a single network.
    pub small: &'m mut [u16],
}

/// A model's scales. Only one of them is loaded at a time.
pub struct Drawing<'b> {
    scales: Scales<'b>,
    /// How many times larger each scale's images are than those before it.
    factors: [u32; MAX_SCALES],
    classes: u16,
    channels: u8,
}

impl<'b> Drawing<'b> {
    /// Loads each scale once, to look at it.
    #[inline(never)]
    pub fn open(blob: &'b [u8], mut look: impl FnMut(&Model<'_>)) -> Result<Self, Failure> {
        let scales = Scales::open(blob).map_err(Failure::Load)?;
        let mut drawing = Self { scales, factors: [1; MAX_SCALES], classes: 0, channels: 1 };
        for (scale, factor) in drawing.factors.iter_mut().enumerate().take(scales.count()) {
            with_model(scales.blob(scale), |model| {
                look(model);
                *factor = model.factor().into();
                (drawing.classes, drawing.channels) = (model.classes(), model.channels());
                Ok(())
            })?;
        }
        Ok(drawing)
    }

    /// Images to draw: an image of each class at least.
    pub fn images(&self, count: u32) -> u32 {
        count.max(self.classes.into())
    }

    /// Draws and prints the image of a seed; with classes it is of the seed modulo their number. Returns the checksum of its values.
    ///
    /// `next` draws a value.
    #[inline(never)]
    pub fn image(
        &self,
        size: (u32, u32),
        seed: u32,
        memory: &mut Memory<'_>,
        mut next: impl FnMut(&mut Stream<'_>, &mut Seeded) -> Result<u16, StreamError>,
    ) -> Result<u32, Failure> {
        let mut random = Seeded::seed_from_u64(u64::from(seed));
        let class = seed.checked_rem(self.classes.into()).map(|class| class as u16);
        let mut image = Image::new();
        let (mut small, mut rest) = (&[][..], &mut *memory.small);
        for scale in 0..self.scales.count() {
            let size = self.size(scale, size);
            let given = if scale == 0 { Conditions::default() } else { Conditions::of_small(small) };
            let values;
            // The largest scale's are printed alone.
            (values, rest) = rest.split_at_mut_checked(self.values(scale, size)).unwrap_or_default();
            let mut keep = values.iter_mut();
            let next = |stream: &mut Stream<'_>| {
                let value = next(stream, &mut random)?;
                keep.next().into_iter().for_each(|place| *place = value);
                Ok(value)
            };
            let (given, state) = (given.and_class(class), &mut *memory.state);
            with_model(self.scales.blob(scale), |model| draw(model, size, given, state, &mut image, next))?;
            small = values;
        }
        let crc = image.end();
        text::write("crc ");
        text::hexadecimal(crc);
        text::write("\n");
        Ok(crc)
    }

    /// The size of a scale of an image.
    fn size(&self, scale: usize, (width, height): (u32, u32)) -> (u32, u32) {
        let larger = self.factors.iter().take(self.scales.count()).skip(scale + 1);
        let factor = larger.fold(1, |all: u32, &factor| all.wrapping_mul(factor)).max(1);
        (width.div_ceil(factor), height.div_ceil(factor))
    }

    /// Values of a scale that a larger one is given; 0 of the largest.
    fn values(&self, scale: usize, (width, height): (u32, u32)) -> usize {
        let values = (width * height) as usize * usize::from(self.channels);
        if scale + 1 == self.scales.count() { 0 } else { values }
    }
}

/// Loads a model for `look`.
#[inline(never)]
fn with_model(
    blob: Result<&[u8], LoadError>,
    look: impl FnOnce(&Model<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // Where it was loaded to: a copy would take the stack twice.
    match &Model::load(blob.map_err(Failure::Load)?) {
        Ok(model) => look(model),
        Err(error) => Err(Failure::Load(*error)),
    }
}

// Not inlined: loading's stack is free again here.
#[inline(never)]
fn draw(
    model: &Model<'_>,
    (width, height): (u32, u32),
    given: Conditions<'_>,
    state: &mut [u32],
    image: &mut Image,
    mut next: impl FnMut(&mut Stream<'_>) -> Result<u16, StreamError>,
) -> Result<(), Failure> {
    let mut stream = Stream::begin_given(model, given, width, height, state).map_err(Failure::Begin)?;
    image.scale(model, width);
    while !stream.is_complete() {
        image.push(next(&mut stream).map_err(Failure::Draw)?);
    }
    Ok(())
}
