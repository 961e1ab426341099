//! All scales of an image coded, one container after the other, and decoded again.

use core::convert::Infallible;

use pixelrnn::blob::{LoadError, Scales};
use pixelrnn::{Model, Pyramid, PyramidError, Seeded};
use rand_core::SeedableRng;

use crate::settings::{Job, SEED, VALUES};
use crate::text::{self, Image};

/// Scales of a model that this program codes.
const MOST: usize = 3;

/// Why a model's images were not coded.
enum Failure {
    Load,
    Draw,
    Code,
    Decode,
}

impl From<LoadError> for Failure {
    fn from(_: LoadError) -> Self {
        Self::Load
    }
}

impl From<PyramidError> for Failure {
    fn from(_: PyramidError) -> Self {
        Self::Draw
    }
}

/// Whether a job's model has several scales.
pub fn are_several(job: &Job) -> bool {
    Scales::open(job.model).is_ok_and(|scales| scales.count() > 1)
}

/// Codes and decodes; returns the exit code.
pub fn run(job: &Job, state: &mut [u32]) -> i32 {
    let (code, said) = match coded(job, state) {
        Ok(()) => (0, "decoded\n"),
        Err(Failure::Load) => (1, "error: the model does not load\n"),
        Err(Failure::Draw) => (2, "error: the image was not drawn\n"),
        Err(Failure::Code) => (2, "\nerror: the image was not coded\n"),
        Err(Failure::Decode) => (2, "error: the image was not decoded\n"),
    };
    text::write(said);
    code
}

fn coded(job: &Job, state: &mut [u32]) -> Result<(), Failure> {
    let scales = Scales::open(job.model)?;
    // Fewer than three have the largest again, which no pyramid then reads.
    let load = |scale: usize| Ok::<_, Failure>(Model::load(scales.blob(scale.min(scales.count() - 1))?)?);
    let models: [Model<'_>; MOST] = [load(0)?, load(1)?, load(2)?];
    let pyramid = Pyramid::new(models.get(..scales.count()).ok_or(Failure::Load)?)?;
    let class = SEED.checked_rem(models[0].classes().into()).map(|class| class as u16);
    let size = (job.width, job.height);
    static mut IMAGES: [u16; VALUES] = [0; VALUES];
    // SAFETY: jobs run one after the other; nothing else names the buffer.
    let images = unsafe { (&raw mut IMAGES).as_mut() }.and_then(|images| images.get_mut(..pyramid.values(size)));
    let images = images.ok_or(Failure::Draw)?;
    pyramid.draw(class, size, state, &mut Seeded::seed_from_u64(SEED.into()), images)?;
    text::write("coded ");
    let send = |byte| -> Result<(), Infallible> {
        text::byte(byte);
        Ok(())
    };
    pyramid.encode(class, size, state, images, send).map(drop).map_err(|_| Failure::Code)?;
    text::write("\n");
    pyramid.decode(size, state, images, job.coded, |_, _| true).map_err(|_| Failure::Decode)?;
    print(&pyramid, size, images);
    Ok(())
}

/// Prints all scales, and the checksum of their values.
fn print(pyramid: &Pyramid<'_>, size: (u32, u32), images: &[u16]) {
    let mut image = Image::new();
    for (scale, model) in pyramid.models().iter().enumerate() {
        image.scale(model, pyramid.size(scale, size).0);
        images.get(pyramid.range(scale, size)).unwrap_or_default().iter().for_each(|&value| image.push(value));
    }
    text::write("crc ");
    text::hexadecimal(image.end());
    text::write("\n");
}
