//! The commands complete, score, compress and decompress, as one types them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::GrayImage;

/// A small random model of 2 levels, from the fuzz targets' corpus.
fn model(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus/blob").join(name);
    assert!(path.is_file(), "{} is missing", path.display());
    path
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `pixelrnn` here.
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_pixelrnn")).args(arguments).current_dir(self.0.path()).output().unwrap()
    }

    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs it and gives the one-line reason of its failure.
    fn fails(&self, arguments: &[&str]) -> String {
        let before = self.files();
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("error: "), "{text}");
        assert!(!text.contains("panicked"), "{text}");
        assert_eq!(self.files(), before, "{arguments:?} left something behind");
        text
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<_> = std::fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    fn picture(&self, name: &str, width: u32, height: u32, value: impl Fn(u32, u32) -> u8) {
        GrayImage::from_fn(width, height, |x, y| image::Luma([value(x, y)])).save(self.path(name)).unwrap();
    }
}

fn tone(x: u32, y: u32) -> u8 {
    if (x * 7 + y * 3) % 5 < 2 { 255 } else { 0 }
}

#[test]
fn pictures_are_compressed_and_come_back() {
    for name in ["pixelcnn-2.prnn", "row-lstm-2.prnn", "diagonal-bilstm-2.prnn", "pixelcnn-3.prnn", "row-lstm-256.prnn"]
    {
        let (place, model) = (Place::new(), model(name));
        let model = model.to_str().unwrap();
        for number in 0..5 {
            place.picture(&format!("{number}.png"), 9, 7, |x, y| tone(x + number, y));
        }
        let files = ["0.png", "1.png", "2.png", "3.png", "4.png"];
        place.succeeds(&[&["compress", model, "-o", "all.prnz", "--group", "2"], &files[..]].concat());
        place.succeeds(&["decompress", model, "all.prnz", "-o", "back"]);
        for (number, file) in files.iter().enumerate() {
            let back = image::open(place.path(&format!("back/0000{number}.png"))).unwrap().into_luma8();
            assert_eq!(back, image::open(place.path(file)).unwrap().into_luma8(), "{name}: {file}");
        }
        // The same again from the folder, and to an idx file and back.
        place.succeeds(&["compress", model, "back", "-o", "again.prnz", "--group", "2"]);
        assert_eq!(std::fs::read(place.path("all.prnz")).unwrap(), std::fs::read(place.path("again.prnz")).unwrap());
        for out in ["images.idx", "images-idx3-ubyte.gz"] {
            place.succeeds(&["decompress", model, "all.prnz", "-o", out]);
            place.succeeds(&["compress", model, out, "-o", "again.prnz", "--group", "2"]);
            assert_eq!(
                std::fs::read(place.path("all.prnz")).unwrap(),
                std::fs::read(place.path("again.prnz")).unwrap()
            );
        }
        let text = place.fails(&["decompress", model, "all.prnz", "-o", "back"]);
        assert!(text.contains("already there"), "{text}");
    }
}

/// What was coded with a model is decoded with the same one packed for another instruction set.
#[test]
fn a_packed_model_is_the_same_model() {
    let (place, model) = (Place::new(), model("diagonal-bilstm-3.prnn"));
    let model = model.to_str().unwrap();
    place.picture("0.png", 9, 7, tone);
    place.succeeds(&["repack", model, "--for", "mve", "-o", "mve.prnn"]);
    assert!(place.succeeds(&["inspect", "mve.prnn"]).contains("packed for mve"));
    place.succeeds(&["compress", model, "0.png", "-o", "all.prnz"]);
    place.succeeds(&["decompress", "mve.prnn", "all.prnz", "-o", "back"]);
    place.succeeds(&["repack", "mve.prnn", "--for", "all", "-o", "all.prnn"]);
    assert_eq!(std::fs::read(place.path("all.prnn")).unwrap(), std::fs::read(model).unwrap());
    std::fs::write(place.path("short.prnn"), &std::fs::read(model).unwrap()[..99]).unwrap();
    assert!(place.fails(&["repack", "short.prnn", "--for", "mve", "-o", "x.prnn"]).contains("truncated"));
}

#[test]
fn what_cannot_be_decoded_is_an_error_and_writes_nothing() {
    let (place, model_path) = (Place::new(), model("pixelcnn-2.prnn"));
    let model = model_path.to_str().unwrap();
    let other_path = self::model("row-lstm-2.prnn");
    let other = other_path.to_str().unwrap();
    place.picture("a.png", 9, 7, tone);
    place.succeeds(&["compress", model, "a.png", "-o", "a.prnz"]);
    let bytes = std::fs::read(place.path("a.prnz")).unwrap();
    let written = |name: &str, bytes: &[u8]| std::fs::write(place.path(name), bytes).unwrap();
    written("short.prnz", &bytes[..bytes.len() - 1]);
    written("long.prnz", &[&bytes[..], b"x"].concat());
    let mut damaged = bytes.clone();
    damaged[24] ^= 16;
    written("damaged.prnz", &damaged);
    written("text.prnz", b"some text that is longer than a header");
    for (file, reason) in [
        ("short.prnz", "end early"),
        ("long.prnz", "1 bytes follow"),
        ("damaged.prnz", "damaged"),
        ("text.prnz", "not coded images"),
        ("none.prnz", "cannot read"),
    ] {
        let text = place.fails(&["decompress", model, file, "-o", "out"]);
        // Damage may run the coder past the end first.
        assert!(text.contains(reason) || (file == "damaged.prnz" && text.contains("end early")), "{file}: {text}");
    }
    assert!(place.fails(&["decompress", other, "a.prnz", "-o", "out"]).contains("fingerprint"));
    assert!(place.fails(&["decompress", "a.prnz", "a.prnz", "-o", "out"]).contains("not a model"));
    place.fails(&["decompress", model, "a.prnz", "-o", "no/such/folder/out"]);
}

#[test]
fn what_cannot_be_compressed_without_loss_is_refused() {
    let (place, model_path) = (Place::new(), model("pixelcnn-2.prnn"));
    let model = model_path.to_str().unwrap();
    place.picture("a.png", 9, 7, tone);
    place.picture("wide.png", 10, 7, tone);
    place.picture("grey.png", 9, 7, |x, y| (x * 9 + y) as u8);
    std::fs::create_dir(place.path("empty")).unwrap();
    assert!(place.fails(&["compress", model, "a.png", "wide.png", "-o", "x.prnz"]).contains("one size"));
    assert!(place.fails(&["compress", model, "grey.png", "-o", "x.prnz"]).contains("--values even"));
    assert!(place.fails(&["compress", model, "empty", "-o", "x.prnz"]).contains("no image"));
    assert!(place.fails(&["compress", model, "none.png", "-o", "x.prnz"]).contains("cannot read"));
    place.succeeds(&["compress", model, "grey.png", "--values", "even", "-o", "x.prnz"]);
    assert_eq!(place.run(&["compress", model, "a.png"]).status.code(), Some(2), "usage");
}

#[test]
fn completions_keep_what_is_known_and_repeat_for_a_seed() {
    let (place, model_path) = (Place::new(), model("diagonal-bilstm-2.prnn"));
    let model = model_path.to_str().unwrap();
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
    // Cells of 9 by 8 pixels, two apart; the first shows what was given.
    for cell in 1..5 {
        let at = |sheet: &GrayImage, x: u32, y: u32| sheet.get_pixel(2 + cell * 11 + x, 2 + y)[0];
        for (x, y) in (0..8).flat_map(|y| (0..9).map(move |x| (x, y))) {
            if y < 5 {
                assert_eq!(at(&rows, x, y), tone(x, y));
            }
            if x > 5 || y == 3 {
                assert_eq!(at(&masked, x, y), tone(x, y));
            }
        }
    }
    place.fails(&["complete", model, "in.png", "-o", "x.png"]);
    place.fails(&["complete", model, "in.png", "--keep-rows", "9", "-o", "x.png"]);
    place.fails(&["complete", model, "in.png", "--keep-pixels", "73", "-o", "x.png"]);
    place.fails(&["complete", model, "in.png", "--keep-rows", "2", "--index", "1", "-o", "x.png"]);
    place.fails(&["complete", model, "in.png", "--mask", "rows.png", "-o", "x.png"]);
}

#[test]
fn scores_are_sorted_and_agree_with_the_coder() {
    let (place, model_path) = (Place::new(), model("pixelcnn-2.prnn"));
    let model = model_path.to_str().unwrap();
    let background = self::model("row-lstm-2.prnn");
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
    place.succeeds(&["compress", model, "set", "-o", "set.prnz"]);
    let coded = std::fs::metadata(place.path("set.prnz")).unwrap().len() as f64;
    // Header, one group's end and the container's.
    assert!(coded >= ideal && coded < ideal + 20.0 + 7.0 + 6.0 + 1.0, "{coded} bytes, ideally {ideal}");

    let ratio = place.succeeds(&["score", model, "set", "--csv", "--background", background.to_str().unwrap()]);
    let ratios: Vec<f64> =
        ratio.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().parse().unwrap()).collect();
    assert!(ratios.is_sorted_by(|one, other| one >= other), "{ratios:?}");
    let table = place.succeeds(&["score", model, "set", "--heat-map", "heat.png", "--zoom", "1"]);
    assert!(table.contains("set/0.png") && table.contains("mean of 6 images"), "{table}");
    let heat = image::open(place.path("heat.png")).unwrap().into_rgb8();
    assert!(heat.pixels().any(|pixel| pixel.0 == [255; 3]), "the most bits are white");
    let three = self::model("pixelcnn-3.prnn");
    place.fails(&["score", model, "set", "--background", three.to_str().unwrap()]);
    place.fails(&["score", model, "nothing"]);
}
