//! Images of every kind through the commands: channels, bits a value, sizes, sheets.

mod common;

use common::{Kind, Place};
use pixelrnn_convert::data::{ImageOptions, Picture, Values};
use pixelrnn_convert::report::{save_png, shown};
use serde_json::Value;

/// Bytes and words, one channel to four, both heads, every architecture.
const KINDS: [Kind; 6] = [
    Kind { architecture: "pixelcnn", levels: 2, channels: 1, components: 0, classes: 0, factor: 0 },
    Kind { architecture: "row-lstm", levels: 256, channels: 3, components: 0, classes: 0, factor: 0 },
    Kind { architecture: "diagonal-bilstm", levels: 256, channels: 4, components: 2, classes: 0, factor: 0 },
    Kind { architecture: "pixelcnn", levels: 17, channels: 2, components: 0, classes: 0, factor: 0 },
    Kind { architecture: "pixelcnn", levels: 4096, channels: 1, components: 3, classes: 0, factor: 0 },
    Kind { architecture: "row-lstm", levels: 65_536, channels: 3, components: 1, classes: 0, factor: 0 },
];

/// Writes images of several sizes as `set/N.png`.
fn set(place: &Place, kind: Kind) -> Vec<Picture> {
    std::fs::create_dir(place.path("set")).unwrap();
    let sizes = (0..19).map(|number| if number % 5 == 0 { (7, 4 + number / 5) } else { (5, 6) });
    let image = |(number, (width, height)): (usize, (usize, usize))| kind.noise(width, height, number as u64);
    let images: Vec<Picture> = sizes.enumerate().map(image).collect();
    for (number, image) in images.iter().enumerate() {
        save_png(image, &place.path(&format!("set/{number:02}.png"))).unwrap();
    }
    images
}

fn read(place: &Place, name: &str) -> Picture {
    ImageOptions::default().read(&place.path(name)).unwrap().remove(0)
}

/// A table's lines without the images' names.
fn figures(csv: &str) -> Vec<String> {
    csv.lines().filter_map(|line| line.split_once(',')).map(|(_, figures)| figures.to_owned()).collect()
}

#[test]
fn every_kind_is_drawn_scored_and_measured() {
    for kind in KINDS {
        let place = Place::new();
        let model = kind.model(&place, 1);
        let images = set(&place, kind);
        let values = "--values=exact";

        let csv = place.succeeds(&["score", &model, "set", "--csv", values, "--heat-map", "heat.png"]);
        assert_eq!(csv.lines().count(), 20, "{csv}");
        let bits: f64 = csv.lines().skip(1).map(|line| line.split(',').nth(3).unwrap().parse::<f64>().unwrap()).sum();
        let bits = bits / std::f64::consts::LN_2 / images.iter().map(|image| image.values.len()).sum::<usize>() as f64;
        assert_eq!((read(&place, "heat.png").channels, read(&place, "heat.png").depth), (3, 8));

        let json = place.succeeds(&["eval", &model, "--data", "set", "--values=asis", "--json"]);
        let report: Value = serde_json::from_str(&json).unwrap();
        let figure = |name: &str| report[name].as_f64().unwrap();
        assert!((figure("integer_bits_per_dim") - bits).abs() < 1e-3, "{kind:?}: {bits} bits scored, {json}");
        assert!((figure("float_bits_per_dim") - figure("integer_bits_per_dim")).abs() < 1.0, "{kind:?}: {json}");
        assert_eq!((report["width"].clone(), report["images"].clone()), (Value::Null, 19.into()));

        place.succeeds(&[
            "sample", &model, "--width", "5", "--height", "6", "--count", "3", "--zoom", "1", "-o", "s.png",
        ]);
        let sheet = read(&place, "s.png");
        assert_eq!((sheet.size(), sheet.channels), ((23, 10), kind.channels));
        assert_eq!(sheet.depth, if kind.levels <= 256 { 8 } else { 16 });
        place.succeeds(&["sample", &model, "--width=5", "--height=6", "--count=3", "-o", "s.npy"]);
        let drawn = ImageOptions::default().read(&place.path("s.npy")).unwrap();
        let corner = &sheet.values[kind.channels * (2 * 23 + 2)..][..kind.channels];
        assert_eq!((drawn.len(), drawn[0].size(), drawn[0].depth), (3, (5, 6), sheet.depth));
        assert_eq!(&shown(&drawn[0], kind.levels).values[..kind.channels], corner);
    }
}

/// Value for value, whatever the kind, the sizes and the files' names.
#[test]
fn every_kind_is_compressed_and_comes_back() {
    for kind in KINDS {
        let place = Place::new();
        let model = kind.model(&place, 1);
        let images = set(&place, kind);
        place.succeeds(&["compress", &model, "set", "-o", "set.prnz"]);
        place.succeeds(&["decompress", &model, "set.prnz", "-o", "back"]);
        for (number, image) in images.iter().enumerate() {
            let back = read(&place, &format!("back/{number:02}.png"));
            assert_eq!((back.size(), back.channels, back.depth), (image.size(), kind.channels, image.depth));
            let levels = Values::Exact.apply(vec![back], kind.levels).unwrap().remove(0).values;
            assert_eq!(levels, image.values, "{kind:?}, image {number}");
        }
    }
}

/// A sheet's images are the same as those images alone.
#[test]
fn sheets_are_cut_for_every_command() {
    let (place, kind) = (
        Place::new(),
        Kind { architecture: "pixelcnn", levels: 256, channels: 3, components: 2, classes: 0, factor: 0 },
    );
    let model = kind.model(&place, 1);
    let sheet = kind.noise(12, 10, 3);
    save_png(&sheet, &place.path("sheet.png")).unwrap();
    let mut tiles = Vec::new();
    for (number, (left, top)) in [(0, 0), (6, 0), (0, 5), (6, 5)].into_iter().enumerate() {
        let row = |row: usize| &sheet.values[3 * (row * 12 + left)..][..18];
        let values = (top..top + 5).flat_map(row).copied().collect();
        let tile = Picture { width: 6, height: 5, values, ..sheet.clone() };
        save_png(&tile, &place.path(&format!("{number}.png"))).unwrap();
        tiles.push(format!("{number}.png"));
    }
    let tiles: Vec<&str> = tiles.iter().map(String::as_str).collect();
    place.succeeds(&["compress", &model, "sheet.png", "--grid", "6x5", "-o", "cut.prnz"]);
    let cut = figures(&place.succeeds(&["score", &model, "sheet.png", "--grid=6x5", "--csv"]));
    assert_eq!(cut, figures(&place.succeeds(&[&["score", &model, "--csv"], &tiles[..]].concat())));
    let evaluated = place.succeeds(&["eval", &model, "--data", "sheet.png", "--grid=6x5", "--integer-only"]);
    assert!(evaluated.contains("4 of 6x5, 3 channels"), "{evaluated}");
    place.fails(&["score", &model, "sheet.png", "--grid=6x4"], "12x10 pixels, which --grid 6x4");
    assert_eq!(place.run(&["score", &model, "sheet.png", "--grid=6"]).status.code(), Some(2), "usage");
}

#[test]
fn colour_is_read_as_grey_if_asked() {
    let place = Place::new();
    let model = Kind::grey("pixelcnn", 256).model(&place, 1);
    let colour =
        Kind { architecture: "", levels: 256, channels: 3, components: 0, classes: 0, factor: 0 }.noise(6, 5, 3);
    save_png(&colour, &place.path("colour.png")).unwrap();
    save_png(&colour.as_grey(), &place.path("grey.png")).unwrap();
    place.succeeds(&["compress", &model, "colour.png", "--grey", "-o", "a.prnz"]);
    assert_eq!(
        figures(&place.succeeds(&["score", &model, "colour.png", "--grey", "--csv"])),
        figures(&place.succeeds(&["score", &model, "grey.png", "--csv"]))
    );
    for arguments in
        [&["compress", &model, "colour.png", "-o", "x.prnz"], &["score", &model, "colour.png", "--csv", "-v"][..4]]
    {
        place.fails(arguments, "--grey");
    }
    place.fails(&["eval", &model, "--data", "colour.png"], "3 channels (colour) a pixel, the model takes 1: --grey");
    place.fails(&["complete", &model, "colour.png", "--keep-rows=1", "-o", "x.png"], "--grey");
    let three = Kind { architecture: "pixelcnn", levels: 256, channels: 3, components: 0, classes: 0, factor: 0 }
        .model(&place, 2);
    place.fails(&["eval", &three, "--data", "grey.png"], "1 channel (grey) a pixel, the model takes 3");
}

#[test]
fn words_do_not_fit_a_model_of_bytes() {
    let place = Place::new();
    let model = Kind::grey("pixelcnn", 256).model(&place, 1);
    let wide = Kind { components: 1, ..Kind::grey("pixelcnn", 4096) };
    save_png(&wide.noise(6, 5, 3), &place.path("wide.png")).unwrap();
    place.picture("byte.png", 6, 5, |x, y| (x * y) as u8);
    place.fails(&["compress", &model, "wide.png", "-o", "x.prnz"], "--levels");
    place.fails(&["eval", &model, "--data", "wide.png", "--values=asis"], "--values even");
    place.fails(&["score", &model, "wide.png", "byte.png"], "16");
    place.succeeds(&["score", &model, "wide.png", "--values=even"]);
}

#[test]
fn a_heat_map_shows_a_channel_or_their_sum() {
    let (place, kind) = (
        Place::new(),
        Kind { architecture: "pixelcnn", levels: 256, channels: 3, components: 0, classes: 0, factor: 0 },
    );
    let model = kind.model(&place, 1);
    save_png(&kind.noise(6, 5, 3), &place.path("a.png")).unwrap();
    let heat = |what: &[&str]| {
        let output = place.run(&[&["score", &model, "a.png", "--heat-map", "heat.png", "--zoom=1"], what].concat());
        assert!(output.status.success());
        read(&place, "heat.png").values
    };
    let sum = heat(&[]);
    let channels = ["0", "1", "2"].map(|channel| heat(&["--channel", channel]));
    assert!(channels.iter().all(|heat| *heat != sum) && channels[0] != channels[1]);
    place.fails(&["score", &model, "a.png", "--heat-map=x.png", "--channel=3"], "--channel 3");
}

#[test]
fn colours_are_completed() {
    for kind in [KINDS[1], KINDS[2], KINDS[5]] {
        let place = Place::new();
        let model = kind.model(&place, 1);
        let image = kind.noise(6, 5, 3);
        save_png(&image, &place.path("a.png")).unwrap();
        place.picture("mask.png", 6, 5, |x, _| if x < 3 { 255 } else { 0 });
        for how in [&["--keep-rows=2"][..], &["--mask=mask.png", "--candidates=3"]] {
            let command = ["complete", &model, "a.png", "--count=2", "--zoom=1", "--columns=3", "-o", "c.png"];
            place.succeeds(&[&command, how].concat());
            let sheet = read(&place, "c.png");
            assert_eq!((sheet.size(), sheet.channels, sheet.depth), ((26, 9), kind.channels, image.depth));
            // The upper left pixel is known: all three cells show it.
            let corner = |cell: usize| &sheet.values[kind.channels * (2 * 26 + 2 + 8 * cell)..][..kind.channels];
            assert_eq!((corner(0), corner(1), corner(2)), (&image.values[..kind.channels], corner(0), corner(0)));
            let last = |cell: usize| &sheet.values[kind.channels * (6 * 26 + 7 + 8 * cell)..][..kind.channels];
            assert_eq!(last(0)[0], if image.depth == 8 { 96 } else { 96 * 257 });
            // A random mixture may be sure of its values.
            assert!(kind.components > 0 || last(1) != last(2), "{kind:?}");
        }
    }
}

#[test]
fn models_say_what_they_draw() {
    let place = Place::new();
    let text = |kind: Kind, seed| place.succeeds(&["inspect", &kind.model(&place, seed)]);
    assert!(text(KINDS[0], 1).contains("pixelcnn, 2 levels, fingerprint"));
    assert!(text(KINDS[1], 2).contains("row-lstm, 3 channels of 256 levels, 3 channel groups"));
    assert!(text(KINDS[2], 3).contains("4 channels of 256 levels, mixture of 2"));
    place.succeeds(&["embed", "model-3.prnn", "--name=four", "-o", "four.h"]);
    assert!(String::from_utf8(place.read("four.h")).unwrap().contains("#define FOUR_CHANNELS 4\n"));
    let report: Value = serde_json::from_str(&place.succeeds(&["inspect", "model-3.prnn", "--json"])).unwrap();
    assert_eq!(
        (report["channels"].clone(), report["groups"].clone(), report["components"].clone()),
        (4.into(), 1.into(), 2.into())
    );
}
