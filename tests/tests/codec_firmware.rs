//! Coded on a microcontroller, decoded on the workstation, and the other way round, bit for bit.
//!
//! Needs QEMU and a compiler for the boards: the errors say what to install.

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Duration;

use pixelrnn::blob::Architecture;
use pixelrnn::codec::{Decoder, Encoder, HEADER_BYTES, Header, Next};
use pixelrnn::{Model, Stream};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_tests::boards::Board;
use pixelrnn_tests::coded::class;
use pixelrnn_tests::cross::{build_directory, workspace};
use pixelrnn_tests::images::{drawn, drawn_of};
use pixelrnn_tests::random::{Numbers, Recipe, model};
use pixelrnn_tests::{golden, golden_scales};

const SEED: u32 = 40;
const COUNT: u32 = 2;

/// A model, the size of its images, and what the board is given to decode.
struct Job {
    path: PathBuf,
    blob: Blob,
    width: u32,
    height: u32,
    images: Vec<Vec<u16>>,
    coded: Vec<u8>,
    /// How the board's decoding ends.
    ends: &'static str,
}

fn encode(model: &Model<'_>, width: u32, height: u32, images: &[Vec<u16>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let sink = |byte| -> Result<(), Infallible> {
        bytes.push(byte);
        Ok(())
    };
    let mut state = vec![0; model.state_words(width)];
    let class = class(model, SEED.into());
    let header = Header::new(model, width, height).unwrap().of_class(class);
    let mut encoder = Encoder::with_header(header, sink).unwrap();
    for image in images {
        encoder.image(&mut Stream::begin_class(model, class, width, height, &mut state).unwrap(), image).unwrap();
        encoder.end_group().unwrap();
    }
    let _sink = encoder.finish().unwrap();
    bytes
}

fn decode(model: &Model<'_>, bytes: &[u8]) -> Vec<Vec<u16>> {
    let mut decoder = Decoder::begin(model, bytes).unwrap();
    let Header { class, .. } = *decoder.header();
    let (width, height) = (decoder.header().width(), decoder.header().height());
    let mut state = vec![0; model.state_words(width)];
    let mut images = Vec::new();
    loop {
        match decoder.next().unwrap() {
            Next::Image => {
                let mut image = vec![0; (width * height) as usize * usize::from(model.channels())];
                let mut stream = Stream::begin_class(model, class, width, height, &mut state).unwrap();
                decoder.image(&mut stream, &mut image).unwrap();
                images.push(image);
            }
            Next::Checked => {}
            Next::End => return images,
        }
    }
}

impl Job {
    /// An image that the model drew, and noise, which it finds unlikely.
    fn new(path: PathBuf, width: u32, height: u32) -> Self {
        let blob = Blob::read(&path).unwrap();
        let model = blob.load().unwrap();
        let mut numbers = Numbers(9);
        let values = width * height * u32::from(model.channels());
        let noise = (0..values).map(|_| numbers.below(model.levels()) as u16).collect();
        let images = vec![drawn(&model, width, height, 7), noise];
        let coded = encode(&model, width, height, &images);
        Self { path, blob, width, height, images, coded, ends: "decoded" }
    }

    fn damaged(mut self) -> Self {
        let last = self.coded.len() - 8;
        self.coded[last] ^= 4;
        self.ends = "damaged";
        self
    }

    fn of_another_model(mut self, other: &Self) -> Self {
        self.coded = other.coded.clone();
        self.ends = "wrong model";
        self
    }

    fn cut_short(mut self) -> Self {
        self.coded.truncate(HEADER_BYTES + 3);
        self.ends = "truncated";
        self
    }

    /// An image as the board prints it.
    fn text(&self, image: &[u16]) -> Vec<String> {
        let model = self.blob.load().unwrap();
        let (levels, row) = (model.levels(), self.width as usize * usize::from(model.channels()));
        let value = |&value: &u16| match (levels, value) {
            (2, 0) => ".".to_owned(),
            (2, _) => "#".to_owned(),
            (3..=256, value) => format!("{value:02x}"),
            (_, value) => format!("{value:04x}"),
        };
        image.chunks(row).map(|row| row.iter().map(value).collect()).collect()
    }

    /// Coded there: the same bytes as here, and they decode to what it drew.
    fn check_coded(&self, line: &str) {
        let (model, size) = (self.blob.load().unwrap(), (self.width, self.height));
        let class = class(&model, SEED.into());
        let digits = line.strip_prefix("coded ").unwrap();
        let bytes: Vec<u8> =
            (0..digits.len() / 2).map(|n| u8::from_str_radix(&digits[2 * n..2 * n + 2], 16).unwrap()).collect();
        let images: Vec<Vec<u16>> = (0..COUNT).map(|n| drawn_of(&model, class, size, u64::from(SEED + n))).collect();
        assert_eq!(decode(&model, &bytes), images, "{}", self.path.display());
        assert_eq!(bytes, encode(&model, self.width, self.height, &images), "{}", self.path.display());
    }

    /// Coded here, decoded there.
    fn check_decoded<'s>(&self, next: &mut impl FnMut() -> &'s str) {
        let name = self.path.display();
        if self.ends != "decoded" {
            let rest: Vec<&str> = std::iter::repeat_with(next).take_while(|line| *line != self.ends).collect();
            let checked = rest.iter().filter(|line| **line == "checked").count();
            assert!(checked < self.images.len(), "{name}: damage was vouched for:\n{}", rest.join("\n"));
            return;
        }
        for image in &self.images {
            for row in self.text(image) {
                assert_eq!(next(), row, "{name}");
            }
            assert!(next().starts_with("crc "));
            assert_eq!(next(), "checked");
        }
        assert_eq!(next(), "decoded");
    }
}

/// The random models, of every architecture, with 2 and with more levels.
fn random_jobs() -> Vec<Job> {
    let directory = build_directory().join("codec");
    std::fs::create_dir_all(&directory).unwrap();
    let mut jobs = Vec::new();
    for architecture in Architecture::ALL {
        let small = |levels| Recipe { levels, ..Recipe::small(architecture) };
        // All of them in the flash of a micro:bit.
        let others = [
            Recipe { hidden: 12, maps: 12, blocks: 1, ..Recipe::groups(architecture) },
            Recipe::mixture(architecture, 256, 3),
            Recipe::mixture(architecture, 65_536, 1),
            Recipe { classes: 3, ..small(2) },
        ];
        for (number, recipe) in [small(2), small(17)].into_iter().chain(others).enumerate() {
            let path = directory.join(format!("{}-{number}.prnn", architecture.name()));
            let bytes = model(&recipe, 12);
            // Tests run side by side and share these files: each is whole whenever it is read.
            pixelrnn_convert::report::write(&path, bytes.bytes()).unwrap();
            jobs.push(Job::new(path, 11, 9));
        }
    }
    let again = |job: &Job| Job::new(job.path.clone(), 11, 9);
    let (damaged, short) = (again(&jobs[0]).damaged(), again(&jobs[2]).cut_short());
    let other = again(&jobs[4]).of_another_model(&jobs[0]);
    jobs.extend([damaged, short, other]);
    jobs
}

/// What a board's program `code` prints of models, each with the size of its images, and of a coded file for each.
fn run_on(board: &Board, name: &str, (models, coded): (&[String], &[String]), (seed, count): (u32, u32)) -> String {
    let image = board
        .crate_at("examples/firmware")
        .features(&board.features())
        .variable("PIXELRNN_MODEL", models.join(","))
        .variable("PIXELRNN_CODED", coded.join(","))
        .variable("PIXELRNN_SEED", seed.to_string())
        .variable("PIXELRNN_COUNT", count.to_string())
        .build("code", &format!("{}-{name}", board.name))
        .unwrap_or_else(|error| panic!("{error}"));
    let output = board.run(&image, Duration::from_secs(300)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(output.code, Some(0), "{}", output.serial);
    output.serial
}

/// The jobs as the program is told of them.
fn told(board: &Board, name: &str, jobs: &[Job]) -> (Vec<String>, Vec<String>) {
    let directory = build_directory().join("codec");
    std::fs::create_dir_all(&directory).unwrap();
    let (mut models, mut coded) = (Vec::new(), Vec::new());
    for (number, job) in jobs.iter().enumerate() {
        let path = directory.join(format!("{}-{name}-{number}.prnz", board.name));
        std::fs::write(&path, &job.coded).unwrap();
        models.push(format!("{}@{}x{}", job.path.display(), job.width, job.height));
        coded.push(path.display().to_string());
    }
    (models, coded)
}

fn code_on(board: &str, name: &str, jobs: &[Job]) {
    let board = Board::named(board).unwrap();
    let (models, coded) = told(board, name, jobs);
    let serial = run_on(board, name, (&models, &coded), (SEED, COUNT));
    let mut lines = serial.lines();
    let mut next = || lines.next().unwrap_or_else(|| panic!("the output ends early:\n{serial}"));
    assert_eq!(next(), format!("board {}", board.name));
    for job in jobs {
        assert_eq!(next(), format!("model {}", job.path.file_stem().unwrap().display()));
        job.check_coded(next());
        job.check_decoded(&mut next);
    }
    let rest: Vec<&str> = lines.collect();
    assert_eq!(rest.last(), Some(&"done"));
    println!("{}: {}", board.name, rest.join(", "));
}

#[test]
fn cortex_m0_and_the_workstation_decode_each_other() {
    code_on("microbit", "code", &random_jobs());
}

#[test]
fn cortex_m4_and_the_workstation_decode_each_other() {
    code_on("mps2-an386", "code", &random_jobs());
}

/// Every shipped model of one scale whose state the board holds, at its own size.
#[test]
fn shipped_models_code_on_cortex_m4() {
    let directory = workspace().join("examples/models");
    let Ok(entries) = std::fs::read_dir(&directory) else { return };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "prnn"));
    paths.retain(|path| Blob::read_scales(path).unwrap().load().is_ok());
    paths.sort();
    let jobs: Vec<Job> = paths
        .into_iter()
        .map(|path| {
            let side = if path.file_stem().is_some_and(|name| name == "digits8") { 8 } else { 28 };
            Job::new(path, side, side)
        })
        .collect();
    if !jobs.is_empty() {
        code_on("mps2-an386", "shipped", &jobs);
    }
}

/// Models of several scales: coded there, these are the committed bytes; decoded there, the committed images.
fn code_scales_on(board: &str) {
    let board = Board::named(board).unwrap();
    let (width, height) = golden_scales::SIZE;
    let place = |name: &str, ending: &str| golden::path(&format!("scales/{name}.{ending}")).display().to_string();
    let names = golden_scales::made().map(|(name, ..)| name);
    let models = names.map(|name| format!("{}@{width}x{height}", place(name, "prnn")));
    let coded = names.map(|name| place(name, "prnz"));
    let serial = run_on(board, "scales", (&models, &coded), (1, 1));
    for name in names {
        let part = serial.split(&format!("model {name}\n")).nth(1).unwrap();
        let digits: String =
            golden_scales::read(name, "prnz").unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
        // Golden texts begin with the model's name and the seed.
        let drawn = std::fs::read_to_string(golden::path(&format!("{name}.txt"))).unwrap();
        let (_, drawn) = drawn.split_once("seed 1\n").unwrap();
        let (drawn, _) = drawn.split_once("model ").unwrap_or((drawn, ""));
        let expected = format!("coded {digits}\n{drawn}decoded\n");
        assert!(part.starts_with(&expected), "{name}: expected\n{expected}\nfound\n{part}");
    }
}

#[test]
fn scales_on_netduinoplus2() {
    code_scales_on("netduinoplus2");
}

#[test]
fn scales_on_riscv32_virt() {
    code_scales_on("riscv32-virt");
}
