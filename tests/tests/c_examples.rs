//! `examples/c`: built as their README says, and run.

use std::path::{Path, PathBuf};
use std::process::Command;

use pixelrnn::codec::{Decoder, Next};
use pixelrnn::{Architecture, CodeLength, Model, Stream, classify, score};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::embed;
use pixelrnn_convert::commands::score::nats;
use pixelrnn_convert::data::ImageOptions;
use pixelrnn_tests::c_tools::{SANITIZED, cargo_directory, library, output, program, run, tool, valgrind};
use pixelrnn_tests::coded::class;
use pixelrnn_tests::cross::workspace;
use pixelrnn_tests::images::{drawn, drawn_of};
use pixelrnn_tests::random::{Recipe, model};

/// A model's name, its blob, the side of an image.
type Named = (String, Blob, u32);

/// Random models of all architectures, one of them with classes.
fn random_models() -> Vec<Named> {
    let mut models = Vec::new();
    for (architecture, levels, classes) in
        [(Architecture::PixelCnn, 2, 0), (Architecture::RowLstm, 17, 3), (Architecture::DiagonalBilstm, 2, 0)]
    {
        let recipe = Recipe { levels, classes, ..Recipe::small(architecture) };
        models.push((format!("random-{}", architecture.name()), model(&recipe, 5), 12));
    }
    models
}

/// The same, and every shipped one of one scale, one channel and up to 256 levels.
fn models() -> Vec<Named> {
    let mut models = random_models();
    if let Ok(folder) = std::fs::read_dir(workspace().join("examples/models")) {
        let paths = folder.map(|entry| entry.unwrap().path());
        for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "prnn")) {
            let blob = Blob::read_scales(&path).unwrap();
            let Ok(model) = blob.load() else { continue };
            // The programs show pictures of one channel and bytes.
            if model.channels() > 1 || model.levels() > 256 {
                continue;
            }
            let side = if model.levels() == 2 { 28 } else { 8 };
            models.push((path.file_stem().unwrap().to_string_lossy().into_owned(), blob, side));
        }
    }
    models
}

fn pgm(width: u32, height: u32, levels: u32, pixels: &[u8]) -> Vec<u8> {
    let mut file = format!("P5\n{width} {height}\n{}\n", levels - 1).into_bytes();
    file.extend_from_slice(pixels);
    file
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The pictures of a container, by the Rust decoder.
fn decoded(model: &Model<'_>, coded: &[u8]) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::begin(model, coded).unwrap();
    let (width, height) = (decoder.header().width(), decoder.header().height());
    let mut pictures = Vec::new();
    loop {
        match decoder.next().unwrap() {
            Next::Image => {
                let mut state = vec![0; model.state_words(width)];
                let class = decoder.header().class;
                let mut stream = Stream::begin_class(model, class, width, height, &mut state).unwrap();
                let mut pixels = vec![0; (width * height) as usize];
                decoder.image(&mut stream, &mut pixels).unwrap();
                pictures.push(pgm(width, height, model.levels(), &pixels));
            }
            Next::Checked => {}
            Next::End => return pictures,
        }
    }
}

/// The host program with a model, and a folder for what it writes: every file and figure is compared with the Rust engine's.
struct Demo<'d> {
    program: &'d dyn Fn() -> Command,
    folder: &'d Path,
    name: &'d str,
    model: Model<'d>,
    prnn: &'d Path,
    /// Columns and rows of its pictures.
    side: u32,
}

/// What a file holds.
fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

impl Demo<'_> {
    /// The program, asked to do something with the model for the class that belongs to a seed.
    fn command(&self, seed: u64, command: &str) -> Command {
        let mut demo = (self.program)();
        class(&self.model, seed).iter().for_each(|class| _ = demo.args(["--class", &class.to_string()]));
        demo.arg(command).arg(self.prnn);
        demo
    }

    /// Two pictures that it draws.
    fn draws(&self) -> Vec<PathBuf> {
        let (side, size) = (self.side, self.side.to_string());
        let draw = |seed: u64| {
            let out = self.folder.join(format!("{seed}.pgm"));
            run(self.command(seed, "sample").args([&seed.to_string(), &size, &size]).arg(&out));
            let expected = pgm(side, side, self.model.levels(), &drawn(&self.model, side, side, seed));
            assert_eq!(read(&out), expected, "{}, seed {seed}", self.name);
            out
        };
        (1..=2).map(draw).collect()
    }

    fn completes(&self, pictures: &[PathBuf]) {
        let (completed, all) = (self.folder.join("completed.pgm"), self.side.to_string());
        run(self.command(1, "complete").args(["9", &all]).arg(&pictures[0]).arg(&completed));
        assert_eq!(read(&completed), read(&pictures[0]), "{}: all rows known", self.name);
        run(self.command(2, "complete").args(["2", "0"]).arg(&pictures[0]).arg(&completed));
        assert_eq!(read(&completed), read(&pictures[1]), "{}: no row known", self.name);
    }

    /// The first of the pictures that it drew.
    fn scores(&self, picture: &Path) {
        let (model, side) = (&self.model, self.side);
        let mut state = vec![0; model.state_words(side)];
        let mut stream = Stream::begin_class(model, class(model, 1), side, side, &mut state).unwrap();
        let length = score::image(&mut stream, &drawn::<u8>(model, side, side, 1)).unwrap();
        let bits = length.units() as f64 / 65536.0;
        let expected = format!(
            "{}: {:.3} nats, {bits:.3} bits, {:.4} bits per dimension\n",
            picture.display(),
            bits * core::f64::consts::LN_2,
            bits / f64::from(side * side)
        );
        assert_eq!(run(self.command(1, "score").arg(picture)), expected, "{}", self.name);
    }

    /// Pictures, and back; the container.
    fn codes(&self, pictures: &[PathBuf]) -> Vec<u8> {
        let path = self.folder.join("pictures.prnz");
        let printed = run(self.command(1, "compress").args(pictures).arg(&path));
        let coded = read(&path);
        assert_eq!(printed, format!("2 pictures, {} bytes\n", coded.len()), "{}", self.name);
        run((self.program)().arg("decompress").arg(self.prnn).arg(&path).arg(self.folder.join("decoded")));
        for (number, picture) in pictures.iter().enumerate() {
            let back = self.folder.join(format!("decoded{number}.pgm"));
            assert_eq!(read(&back), read(picture), "{}", self.name);
        }
        let pictures: Vec<_> = pictures.iter().map(|path| read(path)).collect();
        assert_eq!(decoded(&self.model, &coded), pictures, "{}", self.name);
        coded
    }

    fn refuses_damage(&self, mut coded: Vec<u8>) {
        let middle = coded.len() / 2;
        coded[middle] ^= 4;
        let (damaged, wrong) = (file(self.folder, "damaged.prnz", &coded), self.folder.join("wrong"));
        let output = output((self.program)().arg("decompress").arg(self.prnn).arg(damaged).arg(&wrong));
        assert_eq!(output.status.code(), Some(1), "{}: {}", self.name, String::from_utf8_lossy(&output.stderr));
        assert!(!self.folder.join("wrong0.pgm").exists(), "{}: a damaged picture was written", self.name);
    }

    /// The class of a picture by the host program; an error of models without classes.
    fn classifies(&self, path: &Path) {
        let (mut command, model) = ((self.program)(), &self.model);
        command.arg("classify").arg(self.prnn).arg(path);
        if model.classes() == 0 {
            assert_eq!(output(&mut command).status.code(), Some(1));
            return;
        }
        let (picture, bytes) = (ImageOptions::default().read(path).unwrap().remove(0), read(path));
        let (width, height) = (picture.width as u32, picture.height as u32);
        let (mut state, mut lengths) =
            (vec![0; model.state_words(width)], vec![CodeLength::ZERO; model.classes().into()]);
        let values = &bytes[bytes.len() - picture.values.len()..];
        let found = classify::image(model, width, height, &mut state, values, &mut lengths).unwrap();
        let [margin, evidence] = [found.margin, found.evidence].map(nats);
        let mut expected = format!(
            "{}: class {} by {margin:.3} nats, {evidence:.3} nats if its class is not known\n",
            path.display(),
            found.class
        );
        for (class, length) in lengths.iter().enumerate() {
            expected += &format!("{class}: {:.3} nats\n", nats(*length));
        }
        assert_eq!(run(&mut command), expected);
    }
}

/// All that the host program does, with each model.
fn try_demo(program: &dyn Fn() -> Command, folder: &Path, models: &[Named]) {
    for (name, blob, side) in models {
        let prnn = &file(folder, "model.prnn", blob.bytes());
        let demo = Demo { program, folder, name, model: blob.load().unwrap(), prnn, side: *side };
        let pictures = demo.draws();
        demo.completes(&pictures);
        demo.scores(&pictures[0]);
        demo.refuses_damage(demo.codes(&pictures));
        demo.classifies(&pictures[0]);
    }
}

#[test]
fn the_host_program_under_sanitizers() {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("demo");
    program(&library(None), &["examples/c/host/main.c", "examples/c/host/files.c"], &SANITIZED, &demo);
    try_demo(&|| Command::new(&demo), folder.path(), &models());
}

/// Built by CMake from the repository, as its README says. Valgrind is slow: random models only.
#[test]
fn the_host_program_under_valgrind() {
    let folder = tempfile::tempdir().unwrap();
    let build = folder.path().join("build");
    let mut cmake = tool("cmake", "cmake make");
    cmake.arg("-S").arg(workspace().join("examples/c/host")).arg("-B").arg(&build);
    run(cmake.arg(format!("-DPIXELRNN_CARGO_DIR={}", cargo_directory().display())));
    run(tool("cmake", "cmake make").arg("--build").arg(&build));
    try_demo(&|| valgrind(&build.join("demo")), folder.path(), &random_models());
}

/// What the Cortex-M4 program prints of an image.
fn text(levels: u32, width: u32, pixels: &[u8]) -> String {
    let shades: Vec<char> = " .:-=+*#%@".chars().collect();
    let shade = |&value: &u8| shades[usize::from(value) * (shades.len() - 1) / (levels - 1) as usize];
    let rows = pixels.chunks(width as usize).map(|row| row.iter().map(shade).collect::<String>() + "\n");
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(pixels);
    rows.collect::<String>() + &format!("crc {crc:08x}\n")
}

/// Every model's images, drawn by a C program on a Cortex-M4 in QEMU, are the workstation's.
#[test]
fn the_cortex_m4_program_draws_the_same_images() {
    let folder = tempfile::tempdir().unwrap();
    let build = folder.path().join("build");
    tool("arm-none-eabi-gcc", "gcc-arm-none-eabi libnewlib-arm-none-eabi");
    for (name, blob, side) in models() {
        let model = blob.load().unwrap();
        let header = file(folder.path(), "model.h", embed::header(&blob, "model").unwrap().as_bytes());
        let source = workspace().join("examples/c/cortex-m4");
        let mut cmake = tool("cmake", "cmake make");
        cmake.arg("-S").arg(&source).arg("-B").arg(&build);
        cmake.arg(format!("-DCMAKE_TOOLCHAIN_FILE={}", source.join("arm-none-eabi.cmake").display()));
        cmake.arg(format!("-DPIXELRNN_CARGO_DIR={}", cargo_directory().display()));
        cmake.arg(format!("-DMODEL_HEADER={}", header.display())).arg(format!("-DWIDTH={side}"));
        run(cmake.args([&format!("-DHEIGHT={side}"), "-DCOUNT=2", "-DSEED=1", "-DCMAKE_BUILD_TYPE=Release"]));
        run(tool("cmake", "cmake make").arg("--build").arg(&build));
        let expected: String =
            (1..=2).map(|seed| text(model.levels(), side, &drawn(&model, side, side, seed))).collect();
        assert_eq!(qemu(&build.join("digits.elf")), expected, "{name}");
        if model.classes() > 0 {
            run(tool("cmake", "cmake make").arg("-S").arg(&source).arg("-B").arg(&build).arg("-DCLASS=2"));
            run(tool("cmake", "cmake make").arg("--build").arg(&build));
            let of_class =
                (1..=2).map(|seed| text(model.levels(), side, &drawn_of(&model, Some(2), (side, side), seed)));
            assert_eq!(qemu(&build.join("digits.elf")), of_class.collect::<String>(), "{name}, class 2");
            run(tool("cmake", "cmake make").arg("-S").arg(&source).arg("-B").arg(&build).arg("-DCLASS="));
        }
    }
}

/// Runs an image on QEMU's Cortex-M4 board, and returns what it printed: newlib opens files of the host's, its standard output.
fn qemu(image: &Path) -> String {
    let mut command = tool("timeout", "coreutils");
    command.args(["300", "qemu-system-arm", "-M", "mps2-an386", "-display", "none", "-monitor", "none"]);
    command.args(["-serial", "none", "-semihosting-config", "enable=on,target=native", "-kernel"]);
    tool("qemu-system-arm", "qemu-system-arm");
    let output = output(command.arg(image));
    let (printed, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {}\n{printed}{errors}", image.display(), output.status);
    printed.into_owned() + &errors
}
