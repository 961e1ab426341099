//! The integer engine against the float one.

use std::f64::consts::LN_2;
use std::path::Path;

use indicatif::ProgressBar;
use pixelrnn::{Model, Stream};
use pixelrnn_convert::config::{Architecture, NetworkConfig};
use pixelrnn_convert::data::{ImageOptions, Picture, set};
use pixelrnn_convert::evaluate;
use pixelrnn_convert::float::{Dense, Head, Image, Network, Silent};
use pixelrnn_convert::quantize::{Bits, Calibration, Quantized, quantize};
use pixelrnn_tests::random_float;

fn config(architecture: Architecture, channels: u8, levels: u32, components: u8) -> NetworkConfig {
    let groups = if components == 0 { u16::from(channels) } else { 1 };
    let (hidden, head) = (if groups == 1 { 12 } else { 8 * groups }, 16 * groups);
    NetworkConfig { levels, channels, head, components, ..NetworkConfig::plain(architecture, hidden, 3) }
}

/// A network, its integers, and the pictures that it was calibrated on.
fn quantized(config: &NetworkConfig) -> (Network, Quantized, Vec<Picture>) {
    let network = random_float::network(config, 11);
    let pictures = random_float::pictures(12, (14, 11), config, 5);
    let quantized = quantize(&network, &Calibration::run(&network, &pictures), Bits::Eight);
    (network, quantized, pictures)
}

/// Bits of every value under a float network.
fn float_bits(network: &Network, picture: &Picture) -> Vec<f64> {
    let mut image = Image::begin(network, picture.class, (picture.width, picture.height));
    let bits = |&value: &u16| {
        let nats = image.predict(&mut Silent).nats(value);
        image.observe(value);
        nats / LN_2
    };
    picture.values.iter().map(bits).collect()
}

/// Bits of every value under an integer model.
fn integer_bits(model: &Model<'_>, picture: &Picture) -> Vec<f64> {
    let (width, height) = (picture.width as u32, picture.height as u32);
    let mut state = vec![0; model.state_words(width)];
    let mut stream = Stream::begin(model, width, height, &mut state).unwrap();
    let bits = |&value: &u16| {
        let distribution = stream.predict().unwrap();
        let share = f64::from(distribution.frequency(value)) / f64::from(distribution.total());
        stream.observe(value).unwrap();
        -share.log2()
    };
    picture.values.iter().map(bits).collect()
}

/// Bits a value of a float network, of its integers' weights as floats, and of its integers; of pictures without a class by all.
fn bits(network: &Network, quantized: &Quantized, pictures: &[Picture]) -> [f64; 3] {
    let bar = ProgressBar::hidden();
    let model = quantized.blob.load().unwrap();
    let nats = [
        evaluate::float(network, pictures, &bar),
        evaluate::float(&quantized.dequantized, pictures, &bar),
        evaluate::integer(&model, pictures, &bar).unwrap(),
    ];
    nats.map(|nats| nats / set::count_values(pictures) as f64 / LN_2)
}

/// How far the integers are from the floats: in bits a value on average, and typically, whatever the sign.
fn distance(float: &[f64], integer: &[f64]) -> (f64, f64) {
    let differences = || float.iter().zip(integer).map(|(float, integer)| integer - float);
    let count = float.len() as f64;
    (differences().sum::<f64>() / count, differences().map(f64::abs).sum::<f64>() / count)
}

/// Asserts that integers, and their weights as floats, differ by at most so many bits a value on average, and typically.
fn assert_close(config: &NetworkConfig, (most, most_typical): (f64, f64)) {
    let (network, quantized, pictures) = quantized(config);
    let model = quantized.blob.load().unwrap();
    let of = |bits: &dyn Fn(&Picture) -> Vec<f64>| pictures.iter().flat_map(bits).collect::<Vec<f64>>();
    let float = of(&|picture| float_bits(&network, picture));
    let rounded = of(&|picture| float_bits(&quantized.dequantized, picture));
    let integer = of(&|picture| integer_bits(&model, picture));
    for (what, bits) in [("rounded weights", rounded), ("integers", integer)] {
        let (mean, typical) = distance(&float, &bits);
        assert!(mean.abs() < most && typical < most_typical, "{config:?}: {what} lose {mean}, typically {typical}");
    }
}

/// Random networks lose little, whatever their architecture and levels; the float engine's own sums are the yardstick.
#[test]
fn sigmoids_and_softmaxes_stay_close() {
    for architecture in Architecture::ALL {
        for (levels, skip, kernel) in [(2, false, 3), (2, true, 5), (17, true, 3), (256, false, 3)] {
            let config = NetworkConfig { skip, kernel, ..config(architecture, 1, levels, 0) };
            assert_close(&config, (0.01, 0.02));
        }
    }
}

#[test]
fn dilated_blocks_stay_close() {
    for (dilation, channels, levels, components) in [(2, 1, 2, 0), (8, 1, 17, 0), (4, 3, 5, 0), (2, 3, 256, 5)] {
        let config = config(Architecture::PixelCnn, channels, levels, components);
        assert_close(&NetworkConfig { dilation, ..config }, (0.01, 0.04));
    }
}

#[test]
fn channel_groups_stay_close() {
    for architecture in Architecture::ALL {
        for (channels, levels, skip) in [(3, 2, false), (3, 256, true), (2, 17, true), (4, 5, false)] {
            let config = NetworkConfig { skip, ..config(architecture, channels, levels, 0) };
            assert_close(&config, (0.005, 0.002 * f64::from(levels).log2()));
        }
    }
}

#[test]
fn mixtures_stay_close() {
    for architecture in Architecture::ALL {
        for (channels, levels) in [(1, 256), (3, 256), (4, 100), (1, 4096), (3, 4096), (1, 65_536)] {
            assert_close(&config(architecture, channels, levels, 5), (0.005, 0.04));
        }
    }
}

/// Given each image's class, and where that is not known by the mean over all.
#[test]
fn classes_stay_close() {
    for architecture in Architecture::ALL {
        for (channels, levels, components) in [(1, 2, 0), (1, 17, 0), (3, 5, 0), (3, 256, 5)] {
            let config = NetworkConfig { classes: 4, ..config(architecture, channels, levels, components) };
            let (network, quantized, mut pictures) = quantized(&config);
            for is_known in [true, false] {
                if !is_known {
                    pictures.iter_mut().for_each(|picture| picture.class = None);
                }
                let [float, rounded, integer] = bits(&network, &quantized, &pictures);
                let most = 0.01 * f64::from(levels).log2().min(2.0);
                assert!((rounded - float).abs() < most, "{config:?}: {rounded} bits, {float} in floats");
                assert!((integer - float).abs() < most, "{config:?}: {integer} bits in integers, {float} in floats");
            }
        }
    }
}

/// Given what the images hold every few pixels, which is certain; with classes too.
#[test]
fn smaller_images_stay_close() {
    for architecture in Architecture::ALL {
        for (factor, channels, levels, components, classes) in
            [(2, 1, 2, 0, 0), (4, 1, 17, 0, 3), (2, 3, 5, 0, 0), (2, 3, 256, 5, 4), (4, 1, 4096, 5, 0)]
        {
            let config = config(architecture, channels, levels, components);
            let config = NetworkConfig { factor, upsampled: 8, classes, ..config };
            let (network, quantized, pictures) = quantized(&config);
            let [float, rounded, integer] = bits(&network, &quantized, &pictures);
            let most = 0.01 * f64::from(levels).log2().min(2.0);
            assert!((rounded - float).abs() < most, "{config:?}: {rounded} bits, {float} in floats");
            assert!((integer - float).abs() < most, "{config:?}: {integer} bits in integers, {float} in floats");
            // Other features of the smaller images are noticed.
            let mut other = network.clone();
            let biases = vec![2.0; 8];
            let upsample = other.upsample.as_mut().unwrap();
            let weights = upsample.convolution.weights.iter().map(|weight| -weight).collect();
            upsample.convolution = Dense::new(upsample.convolution.inputs, weights, biases);
            let [other, ..] = self::bits(&other, &quantized, &pictures);
            assert!((other - float).abs() > 1e-3, "{config:?}: {other} bits whatever the smaller image, {float}");
        }
    }
}

/// Whatever else networks learn to be, weights that are shipped are as likely as they were.
#[test]
fn shipped_weights_give_the_likelihoods_that_they_gave() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (name, images, expected) in [
        ("mnist-micro", "mnist", 78.594_177_455_205_35),
        ("mnist-nano", "mnist", 81.623_291_047_059_64),
        ("mnist-rowlstm", "mnist", 75.979_421_344_185_06),
        ("mnist-diagonal", "mnist", 74.322_768_576_118_35),
        ("mnist-diagonal-4bit", "mnist", 74.794_096_228_772_09),
        ("mnist-pixelcnn", "mnist", 77.012_360_644_446_87),
        ("mnist-pixelcnn-4bit", "mnist", 76.928_600_449_146_15),
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
    let float = float_bits(&network, &pictures[0]);
    let integer = integer_bits(&quantized.blob.load().unwrap(), &pictures[0]);
    assert!(distance(&float, &integer).1 > 0.05);
}
