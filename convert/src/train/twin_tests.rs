//! The float twin, which streams pixels, against the network that trains, which sees whole images.

use tch::{Device, Kind};

use super::images::Examples;
use super::lstm::Walk;
use super::network::Network;
use super::network::tests::unit;
use super::parameters::{self, Named};
use crate::config::{Architecture, NetworkConfig};
use crate::data::Picture;
use crate::float::{self, Conditions, Image, Silent};

pub const SHAPE: NetworkConfig = NetworkConfig { head: 24, ..NetworkConfig::plain(Architecture::PixelCnn, 12, 3) };

/// Random weights around what they are at the beginning.
fn weights(config: &NetworkConfig) -> Named {
    let mut named = parameters::initialize(config, 5, Device::Cpu);
    for (name, value) in &mut named {
        // Where a mixture gives almost nothing, that one of 2^24 is all that the twin says.
        let mild = config.components > 0 && name.starts_with("head");
        let scale = if mild { 0.02 } else { 0.3 };
        *value = (&*value + value.randn_like() * scale) * unit(config, name);
    }
    parameters::hide(&mut named, &parameters::masks(config, Device::Cpu));
    named
}

/// Nats of an image by the twin. Its mixtures leave one of 2^24 to every level, as the engine's do; training has the mixture alone.
fn streamed(twin: &float::Network, class: Option<u16>, (width, height): (usize, usize), values: &[u16]) -> f64 {
    const ONE: f64 = 1.0 / (1u32 << 24) as f64;
    let channels = usize::from(twin.config.channels);
    let picture = Picture { height, channels, ..Picture::grey(width, values.to_vec()) };
    let small = picture.sampled(twin.config.factor);
    let given = Conditions { class, small: small.as_ref().map(|small| small.values.as_slice()) };
    let mut image = Image::begin(twin, given, (width, height));
    let mut nats = 0.0;
    for &value in values {
        if image.is_known() {
            image.predict(&mut Silent);
            image.observe(value);
            continue;
        }
        let one = image.predict(&mut Silent).nats(value);
        image.observe(value);
        let mixed = ((-one).exp() - ONE) / (1.0 - f64::from(twin.config.levels) * ONE);
        nats += if twin.config.components == 0 { one } else { -mixed.ln() };
    }
    nats
}

/// Nats an image of both on the same weights, which go through the files that a run writes.
fn compare(config: &NetworkConfig, (height, width): (usize, usize)) {
    const COUNT: usize = 8;
    let named = weights(config);
    let bytes = parameters::documented_bytes(&named, config).unwrap();
    let back = parameters::from_documented(config, &bytes, Device::Cpu).unwrap();
    assert_eq!(back.keys().collect::<Vec<_>>(), named.keys().collect::<Vec<_>>());
    assert!(
        back.iter().all(|(name, tensor)| tensor.allclose(&named[name], 1e-4, 1e-5, false)),
        "other weights came back"
    );

    let each = height * width * usize::from(config.channels);
    let wave = |n: usize| 0.5 + 0.2 * ((n / 3) as f64 * 0.07 + (n % 3) as f64 * 0.3).sin();
    let value = |n: usize| (wave(n) * f64::from(config.levels - 1)).round() as u16;
    let values: Vec<u16> = (0..COUNT * each).map(value).collect();
    let network = Network::new(config.clone(), named, Kind::Float, Walk::Pixels);
    let classes: Vec<u16> = (0..COUNT).filter_map(|n| (n as u16).checked_rem(config.classes)).collect();
    let examples = Examples { classes: &classes, ..(&values).into() };
    let trained = network.loss(network.batch(COUNT, 4, height, width), examples, false).0;
    let twin = float::Network::from_safetensors(config.clone(), &bytes).unwrap();
    let class = |n: usize| classes.get(n).copied();
    let images = values.chunks_exact(each).enumerate();
    let streamed: f64 = images.map(|(n, image)| streamed(&twin, class(n), (width, height), image)).sum();
    let streamed = streamed / COUNT as f64;
    assert!(
        (trained - streamed).abs() < 2e-4 * (1.0 + streamed),
        "{config:?}, {width}x{height}: {trained} nats at training, {streamed} by the twin"
    );
}

#[test]
fn the_float_twin_gives_the_likelihood_that_was_trained() {
    let heads = [(2, 1, 0), (17, 1, 0), (2, 3, 0), (200, 3, 0), (2, 1, 3), (256, 3, 5), (4096, 1, 3), (65_536, 4, 5)];
    for (architecture, (levels, channels, components)) in
        Architecture::ALL.into_iter().flat_map(|architecture| heads.map(|head| (architecture, head)))
    {
        for skip in [false, true] {
            let classes = if skip { 3 } else { 0 };
            for kernel in if architecture == Architecture::RowLstm { vec![3, 5] } else { vec![3] } {
                for size in [(6, 7), (5, 1), (1, 6)] {
                    let shape = NetworkConfig { architecture, levels, channels, components, skip, kernel, ..SHAPE };
                    compare(&NetworkConfig { classes, ..shape.clone() }, size);
                    let factor = if skip { 4 } else { 2 };
                    compare(&NetworkConfig { classes, factor, upsampled: 8, ..shape.clone() }, size);
                    if architecture == Architecture::PixelCnn {
                        compare(&NetworkConfig { classes, dilation: factor, ..shape }, size);
                    }
                }
            }
        }
    }
}
