//! The integer engine against the float one.

use std::path::Path;

use indicatif::ProgressBar;
use pixelrnn_convert::config::{Architecture, NetworkConfig};
use pixelrnn_convert::data::{ImageOptions, Picture, set};
use pixelrnn_convert::evaluate;
use pixelrnn_convert::float::{Dense, Head, Network};
use pixelrnn_convert::quantize::{Calibration, Quantized, quantize};
use pixelrnn_tests::random_float;

const ARCHITECTURES: [Architecture; 3] = [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm];

fn config(architecture: Architecture, channels: u8, levels: u32, components: u8) -> NetworkConfig {
    let groups = if components == 0 { u16::from(channels) } else { 1 };
    let (hidden, head) = (12 * groups.min(2), 16 * groups);
    let hidden = hidden.next_multiple_of(4 * groups);
    NetworkConfig { architecture, levels, channels, hidden, blocks: 3, head, kernel: 3, skip: false, components }
}

/// A network, its integers, and the pictures that it was calibrated on.
fn quantized(config: &NetworkConfig) -> (Network, Quantized, Vec<Picture>) {
    let network = random_float::network(config, 11);
    let pictures = random_float::pictures(12, (14, 11), config, 5);
    let quantized = quantize(&network, &Calibration::run(&network, &pictures));
    (network, quantized, pictures)
}

/// Bits a value of a float network, of its integers' weights as floats, and of its integers.
fn bits(network: &Network, quantized: &Quantized, pictures: &[Picture]) -> [f64; 3] {
    let bar = ProgressBar::hidden();
    let model = quantized.blob.load().unwrap();
    let nats = [
        evaluate::float(network, pictures, &bar),
        evaluate::float(&quantized.dequantized, pictures, &bar),
        evaluate::integer(&model, pictures, &bar).unwrap(),
    ];
    nats.map(|nats| nats / set::count_values(pictures) as f64 / std::f64::consts::LN_2)
}

/// Asserts that integers and rounded weights lose at most `most` bits a value.
fn assert_close(config: &NetworkConfig, most: f64) {
    let (network, quantized, pictures) = quantized(config);
    let [float, rounded, integer] = bits(&network, &quantized, &pictures);
    assert!((rounded - float).abs() < most, "{config:?}: {rounded} bits by rounded weights, {float} in floats");
    assert!((integer - float).abs() < most, "{config:?}: {integer} bits in integers, {float} in floats");
}

/// Random networks lose little, whatever their architecture and levels; the float engine's own sums are the yardstick.
#[test]
fn sigmoids_and_softmaxes_stay_close() {
    for architecture in ARCHITECTURES {
        for (levels, skip, kernel) in [(2, false, 3), (2, true, 5), (17, true, 3), (256, false, 3)] {
            let config = NetworkConfig { skip, kernel, ..config(architecture, 1, levels, 0) };
            assert_close(&config, 0.01 * f64::from(levels).log2());
        }
    }
}

#[test]
fn channel_groups_stay_close() {
    for architecture in ARCHITECTURES {
        for (channels, levels, skip) in [(3, 2, false), (3, 256, true), (2, 17, true), (4, 5, false)] {
            let config = NetworkConfig { skip, ..config(architecture, channels, levels, 0) };
            assert_close(&config, 0.01 * f64::from(levels).log2());
        }
    }
}

#[test]
fn mixtures_stay_close() {
    for architecture in ARCHITECTURES {
        for (channels, levels) in [(1, 256), (3, 256), (4, 100), (1, 4096), (3, 4096), (1, 65_536)] {
            let config = config(architecture, channels, levels, 5);
            assert_close(&config, if levels <= 256 { 0.01 } else { 0.02 });
        }
    }
}

/// What was trained before there were channels, groups and mixtures is as likely as it was.
#[test]
fn shipped_weights_give_the_likelihoods_that_they_gave() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (name, images, expected) in [
        ("mnist-micro", "mnist", 80.304_190_888_763_39),
        ("mnist-rowlstm", "mnist", 77.814_308_357_915_79),
        ("mnist-diagonal", "mnist", 75.042_068_882_451_9),
        ("mnist-pixelcnn", "mnist", 78.477_907_122_699_1),
        ("digits8", "optdigits", 74.449_871_149_220_47),
    ] {
        let model = root.join("examples/models").join(name);
        let network = Network::read(&model.with_extension("json"), &model.with_extension("safetensors")).unwrap();
        let images = root.join("tests/data").join(images).with_extension("idx.gz");
        let pictures = ImageOptions::default().read(&images).unwrap();
        let nats = evaluate::float(&network, &pictures[..16], &ProgressBar::hidden()) / 16.0;
        assert!((nats - expected).abs() < 1e-4, "{name}: {nats} nats, {expected} before");
    }
}

/// The comparison can fail: a network with its biases changed is not close to its integers.
#[test]
fn a_changed_network_is_noticed() {
    let (mut network, quantized, pictures) = quantized(&config(Architecture::RowLstm, 1, 2, 0));
    let Head::Softmax(head) = &mut network.head else { panic!("a softmax") };
    let output = &mut head.readout.output.groups[0];
    let biases = output.biases.iter().map(|bias| bias + 0.5).collect();
    *output = Dense::new(output.inputs, output.weights.clone(), biases);
    let [float, _, integer] = bits(&network, &quantized, &pictures);
    assert!((integer - float).abs() > 0.01);
}
