//! The first layer: a 7x7 convolution with mask A over the values.

use tch::Tensor;

use super::layers::{Gradients, Pass};
use super::maps::Tap;
use super::weights::{Mask, Weight};
use crate::config::NetworkConfig;

/// Places of the kernel that are read: mask A's 24 taps in raster order; with channel groups also the pixel itself.
fn taps(config: &NetworkConfig) -> Vec<Tap> {
    let count = if config.groups() > 1 { 25 } else { 24 };
    (0..count).map(|tap| (tap / 7 - 3, tap % 7 - 3)).collect()
}

/// What a value is to the first layer: of up to 128 levels 0 to 1, of more -1 to 1 around the middle.
pub fn scaled(value: u16, levels: u32) -> f32 {
    if levels <= 128 {
        return f32::from(value) / (levels - 1) as f32;
    }
    let bits = (levels - 1).ilog2() + 1;
    let below = 1u16 << (bits - 8);
    let high = f32::from((value >> (bits - 8)).max(1)) - 128.0;
    // The last of 16 bits is more than the integer engine reads.
    let low = (value & (below - 1)) & if bits == 16 { !1 } else { !0 };
    (high + f32::from(low) / f32::from(below)) / 128.0
}

/// Its weights.
pub fn weights(config: &NetworkConfig) -> Vec<Weight> {
    let rows = 2 * i64::from(config.hidden);
    let weight = Weight::linear(config, "first".into(), rows, i64::from(config.channels));
    let weight = weight.over(taps(config).len() as i64, &[7, 7]);
    vec![if config.groups() > 1 { weight.masked(Mask::A) } else { weight.masked(Mask::Nothing) }]
}

/// The stream before the first block, and the way back.
pub fn forward<'a>(pass: &'a Pass<'_>) -> (Tensor, impl FnOnce(&Tensor, &mut Gradients) + use<'a>) {
    let levels = pass.config().levels;
    let values: Vec<f32> = pass.values.iter().map(|&value| scaled(value, levels)).collect();
    let images = Tensor::from_slice(&values).to_device(pass.device()).to_kind(pass.network.kind);
    let window = pass.batch.window(&images, &taps(pass.config()));
    let stream = pass.linear(&window, "first");
    (stream, move |gradient, gradients| gradients.linear("first", &window, gradient))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_scaled_as_the_engine_reads_them() {
        assert_eq!([scaled(0, 2), scaled(1, 2), scaled(4, 17)], [0.0, 1.0, 0.25]);
        assert_eq!([0, 1, 128, 255].map(|value| scaled(value, 256)), [-127.0, -127.0, 0.0, 127.0].map(|x| x / 128.0));
        assert_eq!(scaled(2048 + 8, 4096), 0.5 / 128.0);
        assert_eq!(scaled(32_768 + 129, 65_536), 0.5 / 128.0);
    }
}
