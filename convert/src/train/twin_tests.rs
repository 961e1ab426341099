//! The float twin, which streams pixels, against the network that trains, which sees whole images.

use tch::{Device, Kind, Tensor};

use super::lstm::Walk;
use super::maps::to_vec;
use super::network::Network;
use super::parameters;
use crate::config::{Architecture, NetworkConfig};
use crate::float::{self, Image, Silent};

/// Nats an image of both on the same weights, which go through the files that a run writes.
fn compare(architecture: Architecture, levels: u32, skip: bool, kernel: u8, (height, width): (usize, usize)) {
    let config = NetworkConfig {
        architecture,
        levels,
        channels: 1,
        hidden: 8,
        blocks: 3,
        head: 12,
        kernel,
        skip,
        components: 0,
    };
    let mut named = parameters::initialize(&config, 5, Device::Cpu);
    for value in named.values_mut() {
        *value = &*value + value.randn_like() * 0.3;
    }
    let folder = tempfile::tempdir().unwrap();
    let (shape, weights) = (folder.path().join("config.json"), folder.path().join("model.safetensors"));
    std::fs::write(&shape, serde_json::to_string(&config).unwrap()).unwrap();
    parameters::save(&named, &config, &weights).unwrap();
    let twin = float::Network::read(&shape, &weights).unwrap();
    let back = parameters::from_twin(&twin, Device::Cpu);
    assert_eq!(back.keys().collect::<Vec<_>>(), named.keys().collect::<Vec<_>>());
    assert!(back.iter().all(|(name, tensor)| tensor.equal(&named[name])), "weights do not come back as they were");

    let network = Network { config, parameters: named, kind: Kind::Float, walk: Walk::Pixels };
    let batch = network.batch(16, 8, height, width);
    let images = Tensor::randint(i64::from(levels), [16, height as i64, width as i64], (Kind::Uint8, Device::Cpu));
    let trained = network.loss(batch, &images, false).0;
    let values: Vec<u16> = to_vec(&images).into_iter().map(|value| value as u16).collect();
    let streamed = values
        .chunks_exact(height * width)
        .map(|image| Image::score(&twin, width, height, image, &mut Silent))
        .sum::<f64>()
        / 16.0;
    assert!(
        (trained - streamed).abs() < 2e-4 * (1.0 + streamed),
        "{architecture:?}, {levels} levels, skip {skip}, kernel {kernel}, {width}x{height}: \
         {trained} nats at training, {streamed} by the twin"
    );
}

#[test]
fn the_float_twin_gives_the_likelihood_that_was_trained() {
    for architecture in [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm] {
        for levels in [2, 17] {
            for skip in [false, true] {
                for kernel in if architecture == Architecture::RowLstm { vec![3, 5] } else { vec![3] } {
                    for size in [(6, 7), (5, 1), (1, 6)] {
                        compare(architecture, levels, skip, kernel, size);
                    }
                }
            }
        }
    }
}
