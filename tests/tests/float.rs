//! The integer engine against the float one.

use indicatif::ProgressBar;
use pixelrnn_convert::config::{Architecture, NetworkConfig};
use pixelrnn_convert::evaluate;
use pixelrnn_convert::float::Dense;
use pixelrnn_convert::quantize::{Calibration, quantize};
use pixelrnn_tests::random_float;

/// Random networks lose little, whatever their architecture and levels; the float engine's own sums are the yardstick.
#[test]
fn quantized_networks_stay_close() {
    let bar = ProgressBar::hidden();
    for architecture in [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm] {
        for (levels, skip, kernel) in [(2, false, 3), (2, true, 5), (17, true, 3), (256, false, 3)] {
            let config =
                NetworkConfig { architecture, levels, channels: 1, hidden: 12, blocks: 3, head: 16, kernel, skip };
            let network = random_float::network(&config, 11);
            let images = random_float::pictures(12, (14, 11), levels, 5);
            let calibration = Calibration::run(&network, &images);
            let quantized = quantize(&network, &calibration);
            let model = quantized.blob.load().unwrap();
            let float = evaluate::float(&network, &images, &bar);
            let integer = evaluate::integer(&model, &images, &bar).unwrap();
            let share = (integer - float).abs() / float;
            assert!(share < 0.01, "{config:?}: {integer} nats in integers, {float} in floats");
        }
    }
}

/// The comparison can fail: a network with one bias changed is not close to its integers.
#[test]
fn a_changed_network_is_noticed() {
    let bar = ProgressBar::hidden();
    let config = NetworkConfig {
        architecture: Architecture::RowLstm,
        levels: 2,
        channels: 1,
        hidden: 12,
        blocks: 3,
        head: 16,
        kernel: 3,
        skip: false,
    };
    let network = random_float::network(&config, 11);
    let images = random_float::pictures(12, (14, 11), 2, 5);
    let quantized = quantize(&network, &Calibration::run(&network, &images));
    let mut changed = network;
    let output = &changed.head_output;
    let biases = output.biases.iter().map(|bias| bias + 0.5).collect();
    changed.head_output = Dense::new(output.inputs, output.weights.clone(), biases);
    let float = evaluate::float(&changed, &images, &bar);
    let integer = evaluate::integer(&quantized.blob.load().unwrap(), &images, &bar).unwrap();
    assert!((integer - float).abs() / float > 0.01);
}
