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

/// Draws, completes, scores, codes and decodes with the host program; compares every file with the Rust engine's.
fn try_demo(demo: &dyn Fn() -> Command, folder: &Path, models: Vec<Named>) {
    let read = |path: &Path| std::fs::read(path).unwrap();
    for (name, blob, side) in models {
        let model = blob.load().unwrap();
        let levels = model.levels();
        let prnn = file(folder, "model.prnn", blob.bytes());
        let of_class = |seed| {
            let mut demo = demo();
            class(&model, seed).iter().for_each(|class| _ = demo.args(["--class", &class.to_string()]));
            demo
        };
        let size = side.to_string();
        let pictures: Vec<PathBuf> = (1..=2)
            .map(|seed: u64| {
                let out = folder.join(format!("{seed}.pgm"));
                run(of_class(seed).arg("sample").arg(&prnn).args([&seed.to_string(), &size, &size]).arg(&out));
                assert_eq!(
                    read(&out),
                    pgm(side, side, levels, &drawn(&model, side, side, seed)),
                    "{name}, seed {seed}"
                );
                out
            })
            .collect();

        let completed = folder.join("completed.pgm");
        run(of_class(1).arg("complete").arg(&prnn).args(["9", &size]).arg(&pictures[0]).arg(&completed));
        assert_eq!(read(&completed), read(&pictures[0]), "{name}: all rows known");
        run(of_class(2).arg("complete").arg(&prnn).args(["2", "0"]).arg(&pictures[0]).arg(&completed));
        assert_eq!(read(&completed), read(&pictures[1]), "{name}: no row known");

        let printed = run(of_class(1).arg("score").arg(&prnn).arg(&pictures[0]));
        let mut state = vec![0; model.state_words(side)];
        let mut stream = Stream::begin_class(&model, class(&model, 1), side, side, &mut state).unwrap();
        let length = score::image(&mut stream, &drawn::<u8>(&model, side, side, 1)).unwrap();
        let bits = length.units() as f64 / 65536.0;
        let expected = format!(
            "{}: {:.3} nats, {bits:.3} bits, {:.4} bits per dimension\n",
            pictures[0].display(),
            bits * core::f64::consts::LN_2,
            bits / f64::from(side * side)
        );
        assert_eq!(printed, expected, "{name}");

        let coded = folder.join("pictures.prnz");
        let printed = run(of_class(1).arg("compress").arg(&prnn).args(&pictures).arg(&coded));
        assert_eq!(printed, format!("2 pictures, {} bytes\n", read(&coded).len()), "{name}");
        run(demo().arg("decompress").arg(&prnn).arg(&coded).arg(folder.join("decoded")));
        for (number, picture) in pictures.iter().enumerate() {
            assert_eq!(read(&folder.join(format!("decoded{number}.pgm"))), read(picture), "{name}");
        }
        assert_eq!(
            decoded(&model, &read(&coded)),
            pictures.iter().map(|path| read(path)).collect::<Vec<_>>(),
            "{name}"
        );
        let mut damaged = read(&coded);
        let middle = damaged.len() / 2;
        damaged[middle] ^= 4;
        let damaged = file(folder, "damaged.prnz", &damaged);
        let output = output(demo().arg("decompress").arg(&prnn).arg(damaged).arg(folder.join("wrong")));
        assert_eq!(output.status.code(), Some(1), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!folder.join("wrong0.pgm").exists(), "{name}: a damaged picture was written");
        classifies(demo, &prnn, &model, &pictures[0]);
    }
}

/// The class of a picture by the host program; an error of models without classes.
fn classifies(demo: &dyn Fn() -> Command, prnn: &Path, model: &Model<'_>, path: &Path) {
    let mut command = demo();
    command.arg("classify").arg(prnn).arg(path);
    if model.classes() == 0 {
        assert_eq!(output(&mut command).status.code(), Some(1));
        return;
    }
    let (picture, bytes) = (ImageOptions::default().read(path).unwrap().remove(0), std::fs::read(path).unwrap());
    let (width, height) = (picture.width as u32, picture.height as u32);
    let (mut state, mut lengths) = (vec![0; model.state_words(width)], vec![CodeLength::ZERO; model.classes().into()]);
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

#[test]
fn the_host_program_under_sanitizers() {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("demo");
    program(&library(None), &["examples/c/host/main.c", "examples/c/host/files.c"], &SANITIZED, &demo);
    try_demo(&|| Command::new(&demo), folder.path(), models());
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
    try_demo(&|| valgrind(&build.join("demo")), folder.path(), random_models());
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
