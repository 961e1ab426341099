//! The commands complete, score, compress and decompress, as one types them, on images of bytes in one channel.

mod common;

use common::{Kind, Place};
use image::GrayImage;
use pixelrnn_convert::data::ImageOptions;

fn tone(x: u32, y: u32) -> u8 {
    if (x * 7 + y * 3) % 5 < 2 { 255 } else { 0 }
}

#[test]
fn pictures_are_compressed_and_come_back() {
    for (architecture, levels) in
        [("pixelcnn", 2), ("row-lstm", 2), ("diagonal-bilstm", 2), ("pixelcnn", 3), ("row-lstm", 256)]
    {
        let place = Place::new();
        let model = &Kind::grey(architecture, levels).model(&place, 1);
        for number in 0..5 {
            place.picture(&format!("{number}.png"), 9, 7, |x, y| tone(x + number, y));
        }
        let files = ["0.png", "1.png", "2.png", "3.png", "4.png"];
        place.succeeds(&[&["compress", model, "-o", "all.prnz", "--group", "2"], &files[..]].concat());
        place.succeeds(&["decompress", model, "all.prnz", "-o", "back"]);
        for file in files {
            let back = image::open(place.path(&format!("back/{file}"))).unwrap().into_luma8();
            let before = image::open(place.path(file)).unwrap().into_luma8();
            assert_eq!(back, before, "{architecture}, {levels} levels: {file}");
        }
        // The same again from the folder, and without names to an idx file and back.
        place.succeeds(&["compress", model, "back", "-o", "again.prnz", "--group", "2"]);
        assert_eq!(place.read("all.prnz"), place.read("again.prnz"));
        place.succeeds(&["compress", model, "back", "-o", "nameless.prnz", "--group", "2", "--no-names"]);
        for out in ["images.idx", "images-idx3-ubyte.gz"] {
            place.succeeds(&["decompress", model, "all.prnz", "-o", out]);
            place.succeeds(&["compress", model, out, "-o", "again.prnz", "--group", "2", "--no-names"]);
            assert_eq!(place.read("nameless.prnz"), place.read("again.prnz"));
        }
        place.fails(&["decompress", model, "all.prnz", "-o", "back"], "already there");
    }
}

/// What was coded with a model is decoded with the same one packed for another instruction set.
#[test]
fn a_packed_model_is_the_same_model() {
    let place = Place::new();
    let model = &Kind::grey("diagonal-bilstm", 3).model(&place, 1);
    place.picture("0.png", 9, 7, tone);
    place.succeeds(&["repack", model, "--for", "mve", "-o", "mve.prnn"]);
    assert!(place.succeeds(&["inspect", "mve.prnn"]).contains("packed for mve"));
    place.succeeds(&["compress", model, "0.png", "-o", "all.prnz"]);
    place.succeeds(&["decompress", "mve.prnn", "all.prnz", "-o", "back"]);
    place.succeeds(&["repack", "mve.prnn", "--for", "all", "-o", "all.prnn"]);
    assert_eq!(place.read("all.prnn"), place.read(model));
    place.write("short.prnn", &place.read(model)[..99]);
    place.fails(&["repack", "short.prnn", "--for", "mve", "-o", "x.prnn"], "truncated");
}

#[test]
fn what_cannot_be_decoded_is_an_error_and_writes_nothing() {
    let place = Place::new();
    let (model, other) = (&Kind::grey("pixelcnn", 2).model(&place, 1), &Kind::grey("row-lstm", 2).model(&place, 2));
    place.picture("a.png", 9, 7, tone);
    place.succeeds(&["compress", model, "a.png", "-o", "a.prnz"]);
    let bytes = place.read("a.prnz");
    place.write("short.prnz", &bytes[..bytes.len() - 1]);
    place.write("long.prnz", &[&bytes[..], b"x"].concat());
    let mut damaged = bytes.clone();
    damaged[bytes.len() - 12] ^= 16;
    place.write("damaged.prnz", &damaged);
    place.write("text.prnz", b"some text that is longer than a header");
    for (file, reason) in [
        ("short.prnz", "end early"),
        ("long.prnz", "1 bytes follow"),
        ("damaged.prnz", "damaged"),
        ("text.prnz", "no coded images"),
        ("none.prnz", "cannot read"),
    ] {
        place.fails(&["decompress", model, file, "-o", "out"], reason);
    }
    place.fails(&["decompress", other, "a.prnz", "-o", "out"], "fingerprint");
    place.fails(&["decompress", "a.prnz", "a.prnz", "-o", "out"], "not a model");
    place.fails(&["decompress", model, "a.prnz", "-o", "no/such/folder/out"], "cannot write");
}

#[test]
fn what_cannot_be_compressed_without_loss_is_refused() {
    let place = Place::new();
    let model = &Kind::grey("pixelcnn", 2).model(&place, 1);
    place.picture("a.png", 9, 7, tone);
    place.picture("grey.png", 9, 7, |x, y| (x * 9 + y) as u8);
    std::fs::create_dir(place.path("empty")).unwrap();
    place.fails(&["compress", model, "grey.png", "-o", "x.prnz"], "--values even");
    place.fails(&["compress", model, "empty", "-o", "x.prnz"], "no image");
    place.fails(&["compress", model, "none.png", "-o", "x.prnz"], "cannot read");
    place.succeeds(&["compress", model, "grey.png", "--values", "even", "-o", "x.prnz"]);
    assert_eq!(place.run(&["compress", model, "a.png"]).status.code(), Some(2), "usage");
}

#[test]
fn completions_keep_what_is_known_and_repeat_for_a_seed() {
    let place = Place::new();
    let model = &Kind::grey("diagonal-bilstm", 2).model(&place, 1);
    place.picture("in.png", 9, 8, tone);
    place.picture("mask.png", 9, 8, |x, y| if x > 5 || y == 3 { 255 } else { 0 });
    let complete = |out: &str, what: &[&str]| {
        let arguments = [&["complete", model, "in.png", "--count", "4", "--zoom", "1", "-o", out], what].concat();
        place.succeeds(&arguments);
        image::open(place.path(out)).unwrap().into_luma8()
    };
    let rows = complete("rows.png", &["--keep-rows", "5"]);
    assert_eq!(rows, complete("again.png", &["--keep-rows", "5"]));
    assert_ne!(rows, complete("other.png", &["--keep-rows", "5", "--seed", "77"]));
    let masked = complete("mask-out.png", &["--mask", "mask.png", "--candidates", "5"]);
    place.succeeds(&["complete", model, "in.png", "--count", "4", "--keep-rows", "5", "-o", "rows.npy"]);
    let values = ImageOptions::default().read(&place.path("rows.npy")).unwrap();
    // Cells of 9 by 8 pixels, two apart; the first shows what was given.
    for cell in 1..5 {
        let at = |sheet: &GrayImage, x: u32, y: u32| sheet.get_pixel(2 + cell * 11 + x, 2 + y)[0];
        for (x, y) in (0..8).flat_map(|y| (0..9).map(move |x| (x, y))) {
            let value = values[cell as usize - 1].values[(y * 9 + x) as usize];
            assert_eq!(u16::from(at(&rows, x, y)), 255 * value);
            if y < 5 {
                assert_eq!(at(&rows, x, y), tone(x, y));
            }
            if x > 5 || y == 3 {
                assert_eq!(at(&masked, x, y), tone(x, y));
            }
        }
    }
    place.fails(&["complete", model, "in.png", "-o", "x.png"], "say what is known");
    place.fails(&["complete", model, "in.png", "--keep-rows", "9", "-o", "x.png"], "the image has 8 rows");
    place.fails(&["complete", model, "in.png", "--keep-pixels", "73", "-o", "x.png"], "the image has 72 pixels");
    place.fails(&["complete", model, "in.png", "--keep-rows", "2", "--index", "1", "-o", "x.png"], "has 1 images");
    place.fails(&["complete", model, "in.png", "--mask", "rows.png", "-o", "x.png"], "a mask has the image's size");
}

#[test]
fn scores_are_sorted_and_agree_with_the_coder() {
    let place = Place::new();
    let model = &Kind::grey("pixelcnn", 2).model(&place, 1);
    let background = &Kind::grey("row-lstm", 2).model(&place, 2);
    std::fs::create_dir(place.path("set")).unwrap();
    for number in 0..6 {
        place.picture(&format!("set/{number}.png"), 20, 20, |x, y| tone(x * number, y * (number + 1)));
    }
    let csv = place.succeeds(&["score", model, "set", "--csv"]);
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["image", "width", "height", "nats", "bits_per_dimension"]);
    let nats: Vec<f64> = rows[1..].iter().map(|row| row[3].parse().unwrap()).collect();
    assert_eq!(nats.len(), 6);
    assert!(nats.is_sorted_by(|one, other| one >= other), "{nats:?}");
    let ideal = nats.iter().sum::<f64>() / std::f64::consts::LN_2 / 8.0;
    place.succeeds(&["compress", model, "set", "-o", "set.prnz", "--no-names"]);
    let coded = std::fs::metadata(place.path("set.prnz")).unwrap().len() as f64;
    // The archive's directory, the container's header, one group's end and the container's.
    assert!(coded >= ideal && coded < ideal + 40.0 + 24.0 + 7.0 + 6.0 + 1.0, "{coded} bytes, ideally {ideal}");

    let ratio = place.succeeds(&["score", model, "set", "--csv", "--background", background]);
    let ratios: Vec<f64> =
        ratio.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().parse().unwrap()).collect();
    assert!(ratios.is_sorted_by(|one, other| one >= other), "{ratios:?}");
    let table = place.succeeds(&["score", model, "set", "--heat-map", "heat.png", "--zoom", "1"]);
    assert!(table.contains("set/0.png") && table.contains("mean of 6 images"), "{table}");
    let heat = image::open(place.path("heat.png")).unwrap().into_rgb8();
    assert!(heat.pixels().any(|pixel| pixel.0 == [255; 3]), "the most bits are white");
    let three = &Kind::grey("pixelcnn", 3).model(&place, 3);
    place.fails(&["score", model, "set", "--background", three], "they must agree");
    place.fails(&["score", model, "nothing"], "cannot read");
}
