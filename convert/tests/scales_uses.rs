//! Completing, scoring and classifying with models of several scales, as one types the commands.

mod common;

use common::scales::scales;
use common::{Kind, Place};
use pixelrnn::{CodeLength, Pyramid, Seeded};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::score::value_lengths;
use pixelrnn_convert::data::{ImageOptions, Picture};
use pixelrnn_convert::report::save_png;
use rand_core::SeedableRng;

const SIZE: (u32, u32) = (17, 11);

fn grey() -> Kind {
    Kind::grey("row-lstm", 2)
}

fn colour() -> Kind {
    Kind { channels: 3, components: 2, ..Kind::grey("pixelcnn", 256) }
}

fn classes() -> Kind {
    Kind { classes: 3, ..Kind::grey("diagonal-bilstm", 2) }
}

fn images(place: &Place, file: &str) -> Vec<Picture> {
    ImageOptions::default().read(&place.path(file)).unwrap()
}

fn with_pyramid<T>(place: &Place, model: &str, look: impl FnOnce(Pyramid<'_>) -> T) -> T {
    let blob = Blob::read_scales(&place.path(model)).unwrap();
    let models = blob.load_scales().unwrap();
    look(Pyramid::new(&models).unwrap())
}

/// An image's values behind room for its smaller scales.
fn with_room(pyramid: &Pyramid<'_>, image: &Picture) -> Vec<u16> {
    let mut all = vec![0; pyramid.values(SIZE)];
    let largest = pyramid.range(2, SIZE);
    all[largest].copy_from_slice(&image.values);
    all
}

#[test]
fn completions_are_the_engines_and_keep_what_is_known() {
    for kind in [grey(), colour()] {
        let place = Place::new();
        let model = scales(&place, kind);
        let image = kind.noise(17, 11, 5);
        save_png(&image, &place.path("in.png")).unwrap();
        // Whole columns: known pixels lie behind unknown ones in every scale.
        place.picture("mask.png", 17, 11, |x, _| if x > 9 { 255 } else { 0 });
        let complete = |out: &str, what: &[&str]| {
            let start = ["complete", &model, "in.png", "--count", "3", "--seed", "4", "-o", out];
            place.succeeds(&[&start[..], what].concat());
            images(&place, out)
        };
        let rows = complete("rows.npy", &["--keep-rows", "5"]);
        let masked = complete("masked.npy", &["--mask", "mask.png", "--candidates", "6"]);
        let pixels = |keep: &dyn Fn(usize) -> bool, picture: &Picture| -> Vec<u16> {
            picture.values.iter().enumerate().filter(|(at, _)| keep(at / kind.channels)).map(|(_, v)| *v).collect()
        };
        for (number, (rows, masked)) in rows.iter().zip(&masked).enumerate() {
            let (first, right) = (|pixel: usize| pixel < 5 * 17, |pixel: usize| pixel % 17 > 9);
            assert_eq!(pixels(&first, rows), pixels(&first, &image));
            assert_eq!(pixels(&right, masked), pixels(&right, &image));
            with_pyramid(&place, &model, |pyramid| {
                let mut state = vec![0; pyramid.state_words(SIZE.0)];
                let mut all = with_room(&pyramid, &image);
                let mut random = Seeded::seed_from_u64(4 + number as u64);
                let known = |value: usize| first(value / kind.channels);
                pyramid.complete(None, SIZE, &mut state, &mut random, &mut all, known).unwrap();
                assert_eq!(all[pyramid.range(2, SIZE)], rows.values);
            });
        }
        assert_ne!(masked, complete("alone.npy", &["--mask", "mask.png"]), "candidates change nothing");
        let all = complete("all.npy", &["--keep-rows", "11", "--candidates", "2"]);
        assert!(all.iter().all(|picture| picture.values == image.values));
        place.succeeds(&["complete", &model, "in.png", "--keep-rows", "3", "-o", "sheet.png"]);
        place.fails(&["complete", "model-2.prnn", "in.png", "--keep-rows", "3", "-o", "x.png"], "smaller image");
    }
}

/// Bits in the heat map are those of every value at the scale that codes it: what smaller scales hold is not counted twice.
#[test]
fn scores_are_the_sum_of_all_scales() {
    for kind in [grey(), colour(), classes()] {
        let place = Place::new();
        let model = scales(&place, kind);
        let drawn = ["sample", &model, "--width", "17", "--height", "11", "--count", "9", "-o", "drawn.npy"];
        let class: &[&str] = if kind.classes > 0 { &["--class", "2"] } else { &[] };
        place.succeeds(&[&drawn[..], class].concat());
        let csv = place.succeeds(&["score", &model, "drawn.npy", "--csv", "--heat-map", "heat.png"]);
        let nats = csv.lines().skip(1).map(|line| line.split(',').nth(3).unwrap().parse::<f64>().unwrap());
        let eval = ["eval", &model, "--data", "drawn.npy", "--values", "asis", "--json", "--integer-only"];
        let report: serde_json::Value = serde_json::from_str(&place.succeeds(&eval)).unwrap();
        let mean = report["integer_nats_per_image"].as_f64().unwrap();
        assert!((nats.sum::<f64>() / 9.0 / mean - 1.0).abs() < 1e-3, "{csv} {mean}");
        let parts: f64 = report["scales"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["integer_nats_per_image"].as_f64().unwrap())
            .sum();
        assert!((parts / mean - 1.0).abs() < 1e-9, "{parts} {mean}");
        // A background of one scale for a model of three.
        let background = Kind { classes: 0, ..kind }.model(&place, 8);
        let ratio = place.succeeds(&["score", &model, "drawn.npy", "--csv", "--background", &background]);
        assert!(ratio.starts_with("image,width,height,nats,bits_per_dimension,background_nats,ratio_nats"));
        place.fails(&["score", "model-3.prnn", "drawn.npy"], "given a smaller image");

        let image = &images(&place, "drawn.npy")[0];
        with_pyramid(&place, &model, |pyramid| {
            let (total, lengths) = value_lengths(&pyramid, image).unwrap();
            let given: Vec<Option<u16>> = if kind.classes > 0 { (0..3).map(Some).collect() } else { vec![None] };
            let of_class = |class| {
                let mut of_scales = Vec::new();
                let (mut state, mut all) = (vec![0; pyramid.state_words(SIZE.0)], with_room(&pyramid, image));
                pyramid.score(class, SIZE, &mut state, &mut all, |_, length| of_scales.push(length)).unwrap();
                of_scales
            };
            let likeliest: Vec<CodeLength> = given
                .into_iter()
                .map(of_class)
                .min_by_key(|scales| scales.iter().copied().sum::<CodeLength>())
                .unwrap();
            let coded_by = |value: usize| {
                let (row, column) = (value / kind.channels / 17, value / kind.channels % 17);
                [8, 4, 1].iter().position(|factor| row % factor == 0 && column % factor == 0).unwrap()
            };
            for (scale, expected) in likeliest.iter().enumerate() {
                let found = lengths.iter().enumerate().filter(|(value, _)| coded_by(*value) == scale);
                assert_eq!(found.map(|(_, length)| *length).sum::<CodeLength>(), *expected, "scale {scale}");
            }
            let sum = lengths.iter().copied().sum::<CodeLength>();
            assert!(kind.classes > 0 || sum == total);
        });
    }
}

#[test]
fn images_are_told_apart_by_all_scales_together() {
    let place = Place::new();
    let model = scales(&place, classes());
    let sample = ["sample", &model, "--class", "all", "--count", "6", "--width", "17", "--height", "11"];
    place.succeeds(&[&sample[..], &["-o", "drawn.npy"]].concat());
    let labels: Vec<u8> = (0..18).map(|image| image / 6).collect();
    place.write("labels", &[&[0, 0, 8, 1, 0, 0, 0, 18][..], &labels].concat());
    let classify = ["classify", &model, "drawn.npy", "--labels", "labels"];
    let json = place.succeeds(&[&classify[..], &["--json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(report["accuracy"].as_f64().unwrap() > 0.6, "{json}");
    let eval = ["eval", &model, "--data", "drawn.npy", "--labels", "labels", "--json"];
    let given: serde_json::Value = serde_json::from_str(&place.succeeds(&eval)).unwrap();
    let [found, expected] = [&report["nats_given_label"], &given["integer_nats_per_image"]];
    assert!((found.as_f64().unwrap() - expected.as_f64().unwrap()).abs() < 1e-2, "{found} {expected}");
    place.fails(&["classify", &scales(&place, grey()), "drawn.npy"], "no classes");
}

/// What a model packed for MVE draws and codes is what the model does; packed for all again it is the same file.
#[test]
fn scales_are_packed_and_embedded() {
    let place = Place::new();
    let model = scales(&place, colour());
    place.succeeds(&["repack", &model, "--for", "mve", "-o", "mve.prnn"]);
    assert!(place.succeeds(&["inspect", "mve.prnn"]).matches("packed for mve").count() == 3);
    assert_ne!(place.read("mve.prnn"), place.read(&model));
    let draw = |model: &str, out: &str| place.succeeds(&["sample", model, "--count", "2", "-o", out]);
    draw(&model, "one.npy");
    draw("mve.prnn", "other.npy");
    assert_eq!(place.read("one.npy"), place.read("other.npy"));
    place.succeeds(&["repack", "mve.prnn", "--for", "all", "-o", "all.prnn"]);
    assert_eq!(place.read("all.prnn"), place.read(&model));
    place.write("short.prnn", &place.read(&model)[..99]);
    place.fails(&["repack", "short.prnn", "--for", "mve", "-o", "x.prnn"], "truncated");

    place.succeeds(&["embed", &model, "--name", "scales", "-o", "scales.h"]);
    let header = String::from_utf8(place.read("scales.h")).unwrap();
    for line in ["#define SCALES_SCALES 3\n", "#define SCALES_FACTORS {0, 2, 4}\n", "#define SCALES_CHANNELS 3\n"] {
        assert!(header.contains(line), "no {line} in {header}");
    }
    place.fails(&["embed", "short.prnn", "-o", "x.h"], "truncated");
}

/// The card has a column a scale, each scale's commands, and every scale of each image on the sheet.
#[test]
fn a_card_tells_every_scale() {
    let place = Place::new();
    let model = scales(&place, grey());
    let sample = ["sample", &model, "--width", "17", "--height", "17", "--count", "4", "-o", "test.npy"];
    place.succeeds(&sample);
    for (run, scale) in [("a", 0), ("b", 2), ("c", 4)] {
        std::fs::create_dir(place.path(run)).unwrap();
        let mut settings = serde_json::json!({"seed": 7, "threads": 1, "device": "cpu", "hidden": 4, "upsampled": 4});
        if scale > 0 {
            settings["scale"] = scale.into();
        }
        place.write(&format!("{run}/train.json"), settings.to_string().as_bytes());
        place.write(&format!("{run}/log.csv"), b"step,minutes\n10,2.0\n");
    }
    let card = ["card", &model, "--data", "test.npy", "--values", "asis", "--data-name", "noise"];
    place.fails(&[&card[..], &["--run", "a", "b"]].concat(), "2 run folders of 3 scales");
    place.succeeds(&[&card[..], &["--run", "a", "b", "c"]].concat());
    let text = String::from_utf8(place.read("scales.md")).unwrap();
    for part in [
        "A row-lstm of 2 levels, 3 scales, trained on noise.",
        "| what | scale 0 | scale 1 | scale 2 | all scales |",
        "| test images | 4 of 3x3 | 4 of 5x5 | 4 of 17x17 | 4 of 17x17 |",
        "| blocks, h | 1, 4 | 1, 4 | 1, 4 | 1, 4 + 1, 4 + 1, 4 |",
        "Scale 0: trained for 2 minutes, 10 steps, seed 7, one thread on a CPU:",
        "pixelrnn train --out runs/NAME-scale-0 --hidden 4 --seed 7\n",
        "pixelrnn train --out runs/NAME-scale-2 --hidden 4 --scale 4 --seed 7 --upsampled 4\n",
        "`pixelrnn export runs/NAME-scale-0 runs/NAME-scale-1 runs/NAME-scale-2 -o scales.prnn",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    // 4 images of three scales a row, 4 of 17 pixels a pixel.
    let sheet = image::open(place.path("scales.png")).unwrap();
    assert_eq!((sheet.width(), sheet.height()), (12 * (4 * 24 + 2) + 2, 4 * (4 * 24 + 2) + 2));
    // The figures, the runs and the machine of the earlier card.
    place.succeeds(&[&card[..6], &["--keep"]].concat());
    assert_eq!(String::from_utf8(place.read("scales.md")).unwrap(), text);
}
