//! Models with classes, as one types the commands.

mod common;

use common::{Kind, Place};

const ARCHITECTURES: [&str; 3] = ["pixelcnn", "row-lstm", "diagonal-bilstm"];

/// A model of three classes.
fn model(place: &Place, architecture: &'static str) -> String {
    Kind { classes: 3, ..Kind::grey(architecture, 2) }.model(place, 1)
}

/// Six images of each class that the model drew, as an array, and their labels.
fn drawn(place: &Place, model: &str) {
    let size = ["--width", "9", "--height", "8"];
    place.succeeds(&[&["sample", model, "--class", "all", "--count", "6", "-o", "drawn.npy"], &size[..]].concat());
    let labels: Vec<u8> = (0..18).map(|image| image / 6).collect();
    place.write("labels", &[&[0, 0, 8, 1, 0, 0, 0, 18][..], &labels].concat());
}

#[test]
fn images_are_drawn_of_a_class_and_told_apart_again() {
    for architecture in ARCHITECTURES {
        let place = Place::new();
        let model = &model(&place, architecture);
        drawn(&place, model);
        let json = place.succeeds(&["classify", model, "drawn.npy", "--labels", "labels", "--json"]);
        let report: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((report["images"].as_u64(), report["classes"].as_u64()), (Some(18), Some(3)));
        let accuracy = report["accuracy"].as_f64().unwrap();
        assert!(accuracy > 0.6, "{architecture}: {json}");
        let confusion: Vec<Vec<u32>> = serde_json::from_value(report["confusion"].clone()).unwrap();
        assert!(confusion.iter().all(|row| row.iter().sum::<u32>() == 6));

        let csv = place.succeeds(&["classify", model, "drawn.npy", "--labels", "labels", "--csv"]);
        let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(rows[0][..5], ["image", "label", "class", "margin_nats", "nats"]);
        let right = rows[1..].iter().filter(|row| row[1] == row[2]).count();
        assert!((right as f64 / 18.0 - accuracy).abs() < 1e-9);
        for row in &rows[1..] {
            let given: Vec<f64> = row[5..].iter().map(|nats| nats.parse().unwrap()).collect();
            let mean = given.iter().map(|nats| (-nats).exp()).sum::<f64>() / 3.0;
            let [margin, nats]: [f64; 2] = [3, 4].map(|field| row[field].parse().unwrap());
            assert!((nats + mean.ln()).abs() < 1e-3, "{row:?}");
            let mut sorted = given.clone();
            sorted.sort_by(f64::total_cmp);
            assert!((sorted[1] - sorted[0] - margin).abs() < 1e-3);
            assert_eq!(given[row[2].parse::<usize>().unwrap()], sorted[0]);
        }
        let table = place.succeeds(&["classify", model, "drawn.npy", "--labels", "labels", "--confusion", "c.png"]);
        assert!(table.contains("are taken for their label") && table.contains("drawn.npy#17"), "{table}");
        assert_eq!(image::open(place.path("c.png")).unwrap().width(), 48);
        let table = place.succeeds(&["classify", model, "drawn.npy", "--limit", "2"]);
        assert!(table.contains("2 images") && !table.contains("label:"), "{table}");
    }
}

/// Given their classes images are likelier than if those are not known, by both engines.
#[test]
fn likelihoods_are_given_classes_or_their_mean() {
    let place = Place::new();
    let model = &model(&place, "pixelcnn");
    drawn(&place, model);
    let eval = |arguments: &[&str]| -> serde_json::Value {
        let all = [&["eval", model, "--data", "drawn.npy", "--json"], arguments].concat();
        serde_json::from_str(&place.succeeds(&all)).unwrap()
    };
    let (given, mean) = (eval(&["--labels", "labels"]), eval(&[]));
    for engine in ["integer_nats_per_image", "float_nats_per_image"] {
        let [given, mean] = [&given, &mean].map(|report| report[engine].as_f64().unwrap());
        assert!(given < mean && mean < given + 3f64.ln(), "{engine}: {given} given classes, {mean} their mean");
    }
    let csv = place.succeeds(&["score", model, "drawn.npy", "--csv", "--heat-map", "heat.png"]);
    let nats = csv.lines().skip(1).map(|line| line.split(',').nth(3).unwrap().parse::<f64>().unwrap());
    let mean = mean["integer_nats_per_image"].as_f64().unwrap();
    assert!((nats.sum::<f64>() / 18.0 - mean).abs() < 1e-2);
}

#[test]
fn a_sheet_has_a_row_a_class() {
    let place = Place::new();
    let model = &model(&place, "row-lstm");
    let draw = |class: &str, out: &str| {
        let size = ["--width", "9", "--height", "8", "--count", "4", "--zoom", "1", "--columns", "4"];
        place.succeeds(&[&["sample", model, "--class", class, "-o", out], &size[..]].concat());
        image::open(place.path(out)).unwrap().into_luma8()
    };
    let all = draw("all", "all.png");
    assert_eq!(all.dimensions(), (4 * 11 + 2, 3 * 10 + 2));
    for class in 0..3 {
        let one = draw(&class.to_string(), "one.png");
        let row = image::imageops::crop_imm(&all, 0, 10 * class, 46, 12).to_image();
        assert!(row == one, "class {class}");
    }
}

#[test]
fn pictures_are_coded_and_completed_given_their_classes() {
    for architecture in ARCHITECTURES {
        let place = Place::new();
        let model = &model(&place, architecture);
        drawn(&place, model);
        place.succeeds(&["compress", model, "drawn.npy", "-o", "one.prnz", "--class", "1"]);
        place.succeeds(&["compress", model, "drawn.npy", "-o", "each.prnz", "--labels", "labels"]);
        for coded in ["one.prnz", "each.prnz"] {
            place.succeeds(&["decompress", model, coded, "-o", "back.idx"]);
            let json = place.succeeds(&["eval", model, "--data", "back.idx", "--labels", "labels", "--json"]);
            let before = place.succeeds(&["eval", model, "--data", "drawn.npy", "--labels", "labels", "--json"]);
            assert_eq!(json, before, "{coded}");
            std::fs::remove_file(place.path("back.idx")).unwrap();
        }
        let known = ["--index", "7", "--keep-rows", "4", "--count", "2"];
        let complete = |class: &str, out: &str| {
            place.succeeds(&[&["complete", model, "drawn.npy", "--class", class, "-o", out], &known[..]].concat());
            place.read(out)
        };
        assert_eq!(complete("1", "a.png"), complete("1", "b.png"));
        let best = ["complete", model, "drawn.npy", "--class", "2", "-o", "c.png", "--candidates", "3"];
        place.succeeds(&[&best[..], &known[..]].concat());
    }
}

#[test]
fn wrong_classes_are_errors() {
    let place = Place::new();
    let model = &model(&place, "pixelcnn");
    let without = &Kind::grey("pixelcnn", 2).model(&place, 2);
    drawn(&place, model);
    assert!(place.succeeds(&["inspect", model]).contains("3 classes"));
    let size = ["--width", "9", "--height", "8", "-o", "x.npy"];
    let sample = |arguments: &[&str], reason: &str| place.fails(&[&["sample"], arguments, &size[..]].concat(), reason);
    sample(&[model], "--class tells which, 0 to 2");
    sample(&[model, "--class", "3"], "3 classes are 0 to 2");
    sample(&[without, "--class", "0"], "no classes");
    sample(&[without, "--class", "all"], "no classes");
    place.fails(&["complete", model, "drawn.npy", "--keep-rows", "2", "-o", "x.png"], "--class tells which");
    place.fails(&["compress", model, "drawn.npy", "-o", "x.prnz"], "--class tells which");
    place.fails(&["compress", without, "drawn.npy", "-o", "x.prnz", "--class", "1"], "no classes");
    place.fails(&["classify", without, "drawn.npy"], "no classes");
    place.fails(&["classify", model, "drawn.npy", "--labels", "none"], "cannot read");
    place.fails(&["eval", without, "--data", "drawn.npy", "--labels", "labels"], "no classes");
    let weights = model.replace("prnn", "safetensors");
    place.fails(&["export", &weights, "--data", "drawn.npy", "-o", "x.prnn"], "--labels must tell");
    let mut labels = place.read("labels");
    *labels.last_mut().unwrap() = 3;
    place.write("labels", &labels);
    place.fails(&["classify", model, "drawn.npy", "--labels", "labels"], "drawn.npy#17 has the label 3");
    labels.pop();
    place.write("labels", &labels);
    place.fails(&["classify", model, "drawn.npy", "--labels", "labels"], "labels, 17 are there");
}
