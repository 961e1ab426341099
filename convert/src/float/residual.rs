//! The way out of every block: 1x1 products onto the residual stream and, with skip connections, onto their sum.

use super::load::Tensors;
use super::pixel::Pixel;
use super::{Grouped, Site};
use crate::config::NetworkConfig;

/// What a block's products onto the stream read.
pub const INNER: &str = "inner";

/// A block's last products.
#[derive(Debug, Clone, PartialEq)]
pub struct Residual {
    /// `h` to `2h`, onto the stream.
    pub expand: Grouped,
    /// The same, onto the skip connections' sum.
    pub skip: Option<Grouped>,
}

impl Residual {
    pub(super) fn take(tensors: &mut Tensors<'_>, config: &NetworkConfig, block: &str) -> Result<Self, String> {
        let h = usize::from(config.hidden);
        let mut product = |name: &str| -> Result<Grouped, String> {
            let whole = tensors.linear(&format!("{block}.{name}"), 2 * h, h)?;
            Ok(Grouped::mask_b(&whole, config.groups().into(), 1, h))
        };
        Ok(Self { expand: product("expand")?, skip: if config.skip { Some(product("skip")?) } else { None } })
    }

    /// Adds what a block made of a pixel.
    pub(super) fn add(&self, inner: &[f32], pixel: &mut Pixel<'_>) {
        pixel.see(INNER, inner);
        pixel.read(INNER, inner);
        self.expand.add(pixel.group, inner, pixel.stream);
        if let Some(skip) = &self.skip {
            skip.add(pixel.group, inner, pixel.skip);
            pixel.observer.see(Site::SKIP, pixel.skip);
        }
    }
}
