//! Models of several scales, as one types the commands.

mod common;

use common::scales::{networks, scales};
use common::{Kind, Place};
use pixelrnn_convert::data::{ImageOptions, Picture};
use pixelrnn_convert::report::{save_png, shown};

const ARCHITECTURES: [&str; 3] = ["pixelcnn", "row-lstm", "diagonal-bilstm"];

#[test]
fn scales_are_exported_drawn_and_measured() {
    for architecture in ARCHITECTURES {
        for base in [Kind::grey(architecture, 2), Kind { channels: 3, components: 2, ..Kind::grey(architecture, 256) }]
        {
            let place = Place::new();
            let model = scales(&place, base);
            let size = ["--width", "17", "--height", "16"];
            let sample = |out| [&["sample", &model, "--count", "2", "--zoom", "1", "-o", out], &size[..]].concat();
            place.succeeds(&sample("sheet.png"));
            // Two images of three scales, each as large as the largest, with gaps; a small pixel may stand for what is cut off.
            let sheet = image::open(place.path("sheet.png")).unwrap();
            assert_eq!((sheet.width(), sheet.height()), (6 * 26 + 2, 26.min(sheet.height())));
            place.succeeds(&sample("drawn.npy"));

            let eval = ["eval", &model, "--data", "drawn.npy", "--values", "asis"];
            let json = place.succeeds(&[&eval[..], &["--json"]].concat());
            let report: serde_json::Value = serde_json::from_str(&json).unwrap();
            let scales = report["scales"].as_array().unwrap();
            let sizes: Vec<_> =
                scales.iter().map(|scale| (scale["width"].as_u64(), scale["height"].as_u64())).collect();
            assert_eq!(sizes, [(Some(3), Some(2)), (Some(5), Some(4)), (Some(17), Some(16))]);
            for kind in ["integer_nats_per_image", "float_nats_per_image"] {
                let sum: f64 = scales.iter().map(|scale| scale[kind].as_f64().unwrap()).sum();
                assert!((report[kind].as_f64().unwrap() - sum).abs() < 1e-9 * sum, "{json}");
            }
            let bits = |report: &serde_json::Value, unknown: usize| {
                let nats = report["integer_nats_per_image"].as_f64().unwrap();
                let expected = nats / (unknown * base.channels) as f64 / std::f64::consts::LN_2;
                assert!((report["integer_bits_per_dim"].as_f64().unwrap() - expected).abs() < 1e-9);
            };
            [6, 20 - 6, 272 - 20].iter().zip(scales).for_each(|(&unknown, scale)| bits(scale, unknown));
            bits(&report, 272);
            // So many that a core takes several at once, and more than it has.
            place.succeeds(&[&["sample", &model, "--count", "25", "-o", "many.npy"], &size[..]].concat());
            let many = ["eval", &model, "--data", "many.npy", "--values", "asis", "--integer-only", "--json"];
            let all: serde_json::Value = serde_json::from_str(&place.succeeds(&many)).unwrap();
            let first: serde_json::Value =
                serde_json::from_str(&place.succeeds(&[&many[..], &["--limit", "2"]].concat())).unwrap();
            assert_eq!(
                (all["images"].as_u64(), &first["integer_nats_per_image"]),
                (Some(25), &report["integer_nats_per_image"])
            );
            let text = place.succeeds(&eval);
            assert!(text.contains("scale 2, images: 2 of 17x16") && text.contains("all scales, images"), "{text}");

            let text = place.succeeds(&["inspect", &model, "--width", "17"]);
            assert!(text.contains("scale 1: ") && text.contains("given an image 4 times smaller"), "{text}");
            assert!(text.contains("upsample") && text.contains("for each scale in turn"), "{text}");
            let json = place.succeeds(&["inspect", &model, "--width", "17", "--json"]);
            let all: serde_json::Value = serde_json::from_str(&json).unwrap();
            let scales = all["scales"].as_array().unwrap();
            assert_eq!(scales.iter().map(|one| one["width"].as_u64().unwrap()).collect::<Vec<_>>(), [3, 5, 17]);
            assert_eq!(all["blob_bytes"].as_u64(), Some(place.read(&model).len() as u64));
        }
    }
}

#[test]
fn a_small_image_is_enlarged() {
    let place = Place::new();
    let kind = Kind { channels: 3, components: 2, ..Kind::grey("pixelcnn", 256) };
    let model = scales(&place, kind);
    let small = kind.noise(3, 2, 4);
    save_png(&small, &place.path("small.png")).unwrap();
    let enlarge = ["enlarge", &model, "small.png", "--count", "3"];
    place.succeeds(&[&enlarge[..], &["-o", "sheet.png", "--zoom", "1", "--columns", "2"]].concat());
    let sheet = image::open(place.path("sheet.png")).unwrap();
    assert_eq!((sheet.width(), sheet.height()), (2 * 26 + 2, 2 * 18 + 2));
    place.succeeds(&[&enlarge[..], &["-o", "drawn.npy"]].concat());
    let bytes = place.read("drawn.npy");
    let values = &bytes[bytes.len() - 3 * 24 * 16 * 3..];
    for image in values.chunks_exact(24 * 16 * 3) {
        let drawn =
            Picture { channels: 3, height: 16, ..Picture::grey(24, image.iter().map(|&value| value.into()).collect()) };
        assert_eq!(drawn.sampled_every(8).values, small.values);
    }
    assert!(values[..24 * 16 * 3] != values[24 * 16 * 3..2 * 24 * 16 * 3], "the same image twice");
    // What the middle scale would be, at a size of which it is that scale.
    place.succeeds(&[&enlarge[..], &["-o", "middle.png", "--scale", "1", "--size", "11x7"]].concat());
    place.fails(&[&enlarge[..], &["-o", "none.png", "--size", "30x16"]].concat(), "its small image is 4x2");
    place.fails(&[&enlarge[..], &["-o", "none.png", "--scale", "2"]].concat(), "3 scales");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let place = Place::new();
    let base = Kind::grey("row-lstm", 2);
    let [small, middle, large] = networks(&place, base);
    save_png(&base.noise(16, 16, 9), &place.path("data.png")).unwrap();
    let export = |weights: &[&str]| {
        let mut arguments = vec!["export"];
        arguments.extend(weights);
        arguments.extend(["--data", "data.png", "--values", "asis", "-o", "none.prnn"]);
        arguments.into_iter().map(String::from).collect::<Vec<_>>()
    };
    let fails = |weights: &[&str], reason| {
        let arguments = export(weights);
        place.fails(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), reason);
    };
    fails(&[&middle, &large], "the smallest scale's network comes first");
    fails(&[&small, &small], "given no smaller image");
    let other = Kind { factor: 2, ..Kind::grey("row-lstm", 17) }.model(&place, 5).replace(".prnn", ".safetensors");
    fails(&[&small, &other], "other levels");

    // A network of a larger scale alone: measured given what the images hold, and not drawn from nothing.
    let alone = middle.replace(".safetensors", ".prnn");
    let report = place.succeeds(&["eval", &alone, "--data", "data.png", "--values", "asis", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let expected = report["integer_nats_per_image"].as_f64().unwrap() / 192.0 / std::f64::consts::LN_2;
    assert!((report["integer_bits_per_dim"].as_f64().unwrap() - expected).abs() < 1e-9);
    place.fails(&["sample", &alone, "-o", "none.png"], "given a smaller image");
    place.fails(&["enlarge", &alone, "data.png", "-o", "none.png"], "given a smaller image");
}

/// Every scale comes back exactly, from tiles and whole, also of a file that is cut short behind it; names are kept.
#[test]
fn scales_are_compressed_one_after_the_other() {
    for architecture in ARCHITECTURES {
        for base in [Kind::grey(architecture, 2), Kind { channels: 3, components: 2, ..Kind::grey(architecture, 256) }]
        {
            let place = Place::new();
            let model = scales(&place, base);
            std::fs::create_dir(place.path("set")).unwrap();
            let sizes = [(21, 13), (9, 30), (21, 13), (1, 1)];
            let images: Vec<Picture> =
                sizes.iter().zip(1..).map(|(&(width, height), seed)| base.noise(width, height, seed)).collect();
            for (number, image) in images.iter().enumerate() {
                save_png(&shown(image, base.levels), &place.path(&format!("set/{number}.png"))).unwrap();
            }
            for tile in ["none", "7x6", "128x128"] {
                let coded = format!("{tile}.prnz");
                place.succeeds(&["compress", &model, "set", "--tile", tile, "-o", &coded]);
                for (scale, factor) in [(0, 8), (1, 4), (2, 1)] {
                    let out = format!("back-{tile}-{scale}");
                    place.succeeds(&["decompress", &model, &coded, "--scale", &scale.to_string(), "-o", &out]);
                    for (number, image) in images.iter().enumerate() {
                        let back = read(&place, &format!("{out}/{number}.png"));
                        let expected = shown(&image.sampled_every(factor), base.levels);
                        assert_eq!((back.size(), back.values), (expected.size(), expected.values), "{tile}, {number}");
                    }
                }
                place.succeeds(&["decompress", &model, &coded, "-o", &format!("all-{tile}")]);
                let mut bytes = place.read(&coded);
                let whole = bytes.len();
                bytes.truncate(whole - 1);
                place.write("cut.prnz", &bytes);
                place.fails(&["decompress", &model, "cut.prnz", "-o", "none"], "");
                place.succeeds(&["decompress", &model, "cut.prnz", "--scale", "1", "-o", &format!("cut-{tile}")]);
                bytes.extend([0, 0]);
                place.write("long.prnz", &bytes);
                place.fails(&["decompress", &model, "long.prnz", "-o", "none"], "");
                place.fails(&["decompress", &model, &coded, "--scale", "3", "-o", "none"], "scales are 0 to 2");
                // A part of the largest scale.
                let region = ["--region", "3,0,5x1"];
                let only = ["decompress", &model, &coded, "-o", "region.idx"];
                let output = place.run(&[&only[..], &region[..]].concat());
                assert!(!output.status.success(), "one picture has a single pixel");
            }
        }
    }
}

fn read(place: &Place, name: &str) -> Picture {
    ImageOptions::default().read(&place.path(name)).unwrap().remove(0)
}
