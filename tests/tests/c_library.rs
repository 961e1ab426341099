//! The C library as C programs find it: its header, its archive, its answers.

use std::path::{Path, PathBuf};
use std::process::Command;

use pixelrnn::complete;
use pixelrnn::{Architecture, CodeLength, Pyramid, Seeded, Stream, Temperature, classify, codec, sample, score};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::embed;
use pixelrnn_convert::quantize::pack;
use pixelrnn_tests::c_header;
use pixelrnn_tests::c_tools::{SANITIZED, STRICT, cargo_directory, library, output, program, run, tool, valgrind};
use pixelrnn_tests::coded::class;
use pixelrnn_tests::cross::workspace;
use pixelrnn_tests::random::{Recipe, model};
use rand_core::SeedableRng;

fn committed_header() -> String {
    std::fs::read_to_string(workspace().join("core/capi/include/pixelrnn.h")).expect("the header is committed")
}

#[test]
fn the_header_is_current() {
    let generated = c_header::generate().expect("cbindgen reads the crate");
    assert!(
        committed_header() == generated,
        "pixelrnn.h is stale: cargo run -p pixelrnn-tests --bin c-header > core/capi/include/pixelrnn.h"
    );
}

#[test]
fn the_header_is_clean_c_and_cpp() {
    let folder = tempfile::tempdir().unwrap();
    let header = workspace().join("core/capi/include/pixelrnn.h");
    let languages = [
        ("gcc", "gcc libc6-dev", "c", "c99"),
        ("gcc", "gcc libc6-dev", "c", "c11"),
        ("g++", "g++", "c++", "c++11"),
        ("g++", "g++", "c++", "c++20"),
    ];
    for (compiler, package, language, standard) in languages {
        let source = folder.path().join(format!("{standard}.source"));
        let text = format!(
            "#include \"{}\"\nint main(void) {{\n    pixelrnn_model model = PIXELRNN_INIT;\n    \
             pixelrnn_result result = pixelrnn_model_load(&model, NULL, 0);\n    \
             return pixelrnn_error_text(result) == NULL || PIXELRNN_NATS(1) < 0 || result == PIXELRNN_OK;\n}}\n",
            header.display()
        );
        std::fs::write(&source, text).unwrap();
        let mut command = tool(compiler, package);
        command.args(STRICT).args(["-Wconversion", "-Wshadow", "-fsyntax-only", "-x", language]);
        run(command.arg(format!("-std={standard}")).arg(&source));
    }
}

/// Names of the header's functions.
fn functions() -> Vec<String> {
    let header = committed_header();
    let prototypes = header.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    let mut names: Vec<String> = prototypes
        .filter(|line| !line.starts_with("typedef") && !line.starts_with("enum"))
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next().map(str::to_owned))
        .collect();
    names.sort();
    names
}

/// A symbol table: kind and name.
fn symbols(nm: &mut Command, archive: &Path) -> Vec<(char, String)> {
    let table = run(nm.arg(archive));
    let symbol = |line: &str| {
        let mut words = line.split_whitespace().rev();
        let name = words.next()?.to_owned();
        words.next().filter(|kind| kind.len() == 1).and_then(|kind| kind.chars().next()).map(|kind| (kind, name))
    };
    table.lines().filter_map(symbol).collect()
}

fn shows_only_its_functions(symbols: &[(char, String)]) {
    let mut global: Vec<_> = symbols
        .iter()
        .filter(|(kind, _)| kind.is_ascii_uppercase() && *kind != 'U')
        .map(|(_, name)| name.clone())
        .collect();
    global.sort();
    assert_eq!(global, functions());
}

fn has_no_panics(symbols: &[(char, String)]) {
    let panics: Vec<_> = symbols.iter().filter(|(_, name)| name.contains("panic") || name.contains("3fmt")).collect();
    assert!(panics.is_empty(), "panic machinery: {panics:?}");
}

#[test]
fn the_host_archive_shows_only_its_functions() {
    assert!(functions().len() > 30);
    let prefix = library(None);
    let table = symbols(&mut tool("nm", "binutils"), &prefix.join("lib/libpixelrnn.a"));
    shows_only_its_functions(&table);
    has_no_panics(&table);
    let needed: Vec<_> = table.iter().filter(|(kind, _)| *kind == 'U').map(|(_, name)| name.as_str()).collect();
    let allowed = ["memcpy", "memset", "memmove", "memcmp", "bcmp"];
    assert!(needed.iter().all(|name| allowed.contains(name)), "{needed:?}");

    let shared = run(tool("nm", "binutils").args(["-D", "--defined-only"]).arg(prefix.join("lib/libpixelrnn.so")));
    let mut exported: Vec<_> = shared.lines().filter_map(|line| line.split_whitespace().last()).collect();
    exported.sort_unstable();
    assert_eq!(exported, functions());
}

#[test]
fn firmware_archives_show_only_their_functions_and_need_nothing() {
    for target in ["thumbv6m-none-eabi", "thumbv7em-none-eabihf"] {
        let archive = library(Some(target)).join("lib/libpixelrnn.a");
        let table = symbols(&mut tool("arm-none-eabi-nm", "binutils-arm-none-eabi"), &archive);
        shows_only_its_functions(&table);
        has_no_panics(&table);
        let needed: Vec<_> = table.iter().filter(|(kind, _)| *kind == 'U').collect();
        assert!(needed.is_empty(), "{target}: {needed:?}");
    }
}

/// A model of the vectors, in a file.
fn write_model(folder: &Path, recipe: &Recipe, seed: u64) -> (Blob, PathBuf) {
    let blob = model(recipe, seed);
    let path = folder.join(format!("{}-{}-{seed}.prnn", recipe.architecture.name(), recipe.levels));
    std::fs::write(&path, blob.bytes()).unwrap();
    (blob, path)
}

#[test]
fn every_mistake_has_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let (_, first) = write_model(folder.path(), &Recipe::small(Architecture::PixelCnn), 1);
    let (_, second) = write_model(folder.path(), &Recipe::small(Architecture::RowLstm), 2);
    let (_, deep) = write_model(folder.path(), &Recipe::mixture(Architecture::PixelCnn, 65_536, 1), 3);
    let (_, classes) = write_model(folder.path(), &Recipe { classes: 3, ..Recipe::small(Architecture::PixelCnn) }, 4);
    let misuse = folder.path().join("misuse");
    program(&library(None), &["tests/c/misuse.c"], &SANITIZED, &misuse);
    run(Command::new(&misuse).args([first, second, deep, classes]));
}

/// One case of the shared vectors.
struct Case {
    recipe: Recipe,
    seed: u64,
    width: u32,
    height: u32,
    percent: u32,
}

fn cases() -> Vec<Case> {
    let of = |recipe, seed, width, height, percent| Case { recipe, seed, width, height, percent };
    let case = |architecture, levels, seed, width, height, percent| {
        of(Recipe { levels, skip: levels == 4, ..Recipe::small(architecture) }, seed, width, height, percent)
    };
    vec![
        case(Architecture::PixelCnn, 2, 1, 28, 28, 100),
        case(Architecture::PixelCnn, 17, 2, 8, 8, 100),
        case(Architecture::PixelCnn, 256, 3, 9, 5, 80),
        case(Architecture::RowLstm, 2, 4, 28, 28, 100),
        case(Architecture::RowLstm, 4, 5, 1, 7, 120),
        case(Architecture::DiagonalBilstm, 2, 6, 28, 28, 100),
        case(Architecture::DiagonalBilstm, 17, 7, 13, 1, 50),
        of(Recipe::groups(Architecture::PixelCnn), 8, 9, 5, 100),
        of(Recipe::groups(Architecture::RowLstm), 9, 7, 6, 80),
        of(Recipe::mixture(Architecture::DiagonalBilstm, 256, 3), 10, 8, 5, 100),
        of(Recipe::mixture(Architecture::PixelCnn, 65_536, 1), 11, 9, 7, 100),
        of(Recipe::mixture(Architecture::RowLstm, 4096, 2), 12, 6, 6, 150),
        of(Recipe { classes: 4, ..Recipe::small(Architecture::DiagonalBilstm) }, 13, 12, 9, 100),
        of(Recipe { classes: 3, levels: 17, ..Recipe::small(Architecture::PixelCnn) }, 14, 8, 8, 90),
        of(Recipe { classes: 2, ..Recipe::mixture(Architecture::RowLstm, 256, 1) }, 15, 7, 7, 100),
    ]
}

/// CRC-32 of values as bytes up to 256 levels, else as half words.
fn checksum(values: &[u16], levels: u32) -> u32 {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    let bytes: Vec<u8> = bytes.step_by(if levels > 256 { 1 } else { 2 }).collect();
    crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&bytes)
}

/// What `tests/c/vectors.c` prints, from the Rust engine.
fn expected(case: &Case, blob: &Blob) -> String {
    let model = blob.load().unwrap();
    let (width, height) = (case.width, case.height);
    let class = class(&model, case.seed);
    let values = (width * height) as usize * usize::from(model.channels());
    let mut state = vec![0; model.state_words(width)];
    let mut image = vec![0u16; values];
    let mut stream = Stream::begin_class(&model, class, width, height, &mut state).unwrap();
    stream.set_temperature(Temperature::from_percent(case.percent).unwrap());
    sample::fill(&mut stream, &mut Seeded::seed_from_u64(case.seed), &mut image);
    let length =
        score::image(&mut Stream::begin_class(&model, class, width, height, &mut state).unwrap(), &image).unwrap();

    let mut coded = Vec::new();
    let sink = |byte| -> Result<(), ()> {
        coded.push(byte);
        Ok(())
    };
    let header = codec::Header::new(&model, width, height).unwrap().of_class(class);
    let mut encoder = codec::Encoder::with_header(header, sink).unwrap();
    for _ in 0..2 {
        encoder.image(&mut Stream::begin_class(&model, class, width, height, &mut state).unwrap(), &image).unwrap();
        encoder.end_group().unwrap();
    }
    encoder.finish().map(drop).unwrap();

    let mut generator = Seeded::seed_from_u64(case.seed + 1);
    let mut completed = image.clone();
    let mut stream = Stream::begin_class(&model, class, width, height, &mut state).unwrap();
    complete::fill(&mut stream, &mut generator, &mut completed, |place| place < values / 2).unwrap();
    let (mut best, mut trial) = (image.clone(), vec![0; values]);
    let known = |place| place % 3 == 1;
    let decided =
        complete::best_of(&model, class, width, height, &mut state, &mut generator, 3, known, &mut best, &mut trial);
    let decided = decided.unwrap();
    let mut lengths = vec![CodeLength::ZERO; model.classes().into()];
    let found = classify::image(&model, width, height, &mut state, &image, &mut lengths);
    let found = found.map_or(String::new(), |found| {
        let (margin, evidence) = (found.margin.units(), found.evidence.units());
        format!(" class {} margin {margin} evidence {evidence}", found.class)
    });
    format!(
        "image {:08x} length {} coded {} completed {:08x} best {:08x} {}{found}\n",
        checksum(&image, model.levels()),
        length.units(),
        coded.len(),
        checksum(&completed, model.levels()),
        checksum(&best, model.levels()),
        decided.units()
    )
}

/// C and Rust agree with each other, and with what was committed.
#[test]
fn c_and_rust_agree_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = library(None);
    let (plain, sanitized) = (folder.path().join("vectors"), folder.path().join("vectors-sanitized"));
    program(&prefix, &["tests/c/vectors.c"], &[], &plain);
    program(&prefix, &["tests/c/vectors.c"], &SANITIZED, &sanitized);
    let mut table = String::new();
    for (number, case) in cases().iter().enumerate() {
        let (blob, path) = write_model(folder.path(), &case.recipe, number as u64);
        let rust = expected(case, &blob);
        let arguments = [case.seed, case.width.into(), case.height.into(), case.percent.into()].map(|n| n.to_string());
        assert_eq!(run(Command::new(&sanitized).arg(&path).args(&arguments)), rust, "case {number}, sanitized");
        assert_eq!(run(valgrind(&plain).arg(&path).args(&arguments)), rust, "case {number}, valgrind");
        let (name, levels) = (case.recipe.architecture.name(), case.recipe.levels);
        let channels = case.recipe.channels;
        table += &format!(
            "{name} {levels}x{channels} seed {} {}x{} at {}: {rust}",
            case.seed, case.width, case.height, case.percent
        );
    }
    let file = workspace().join("tests/vectors/c_library.txt");
    let committed = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert!(committed == table, "tests/vectors/c_library.txt differs; computed now:\n{table}");
}

/// Several scales from C: as the Rust pyramid draws and codes them.
#[test]
fn scales_from_c_are_those_from_rust() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = library(None);
    let (plain, sanitized) = (folder.path().join("scales"), folder.path().join("scales-sanitized"));
    program(&prefix, &["tests/c/scales.c"], &[], &plain);
    program(&prefix, &["tests/c/scales.c"], &SANITIZED, &sanitized);
    for recipe in [Recipe::small(Architecture::DiagonalBilstm), Recipe::mixture(Architecture::RowLstm, 4096, 2)] {
        let blobs = [(0, 1), (2, 2), (4, 3)].map(|(factor, seed)| model(&Recipe { factor, ..recipe }, seed));
        let blob = pack::scales(&blobs.each_ref());
        let path = folder.path().join("scales.prnn");
        std::fs::write(&path, blob.bytes()).unwrap();
        let rust = expected_scales(&blob, (13, 11), 5);
        let arguments = ["5", "13", "11"];
        assert_eq!(run(Command::new(&sanitized).arg(&path).args(arguments)), rust, "{recipe:?}, sanitized");
        assert_eq!(run(valgrind(&plain).arg(&path).args(arguments)), rust, "{recipe:?}, valgrind");
    }
}

/// The macros that `embed` writes of several scales are what the engine asks for.
#[test]
fn embedded_scales_are_as_large_as_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let (prefix, to) = (library(None), folder.path().join("embedded"));
    let include = format!("-I{}", folder.path().display());
    for (base, factors) in [
        (Recipe::small(Architecture::DiagonalBilstm), [0, 2, 4]),
        (Recipe::mixture(Architecture::RowLstm, 4096, 2), [0, 4, 2]),
    ] {
        // The smallest scale's network is the widest: of narrow images it needs the most.
        let recipes = [Recipe { hidden: 4 * base.hidden, ..base }, base, base];
        let blobs = [0, 1, 2].map(|scale| model(&Recipe { factor: factors[scale], ..recipes[scale] }, scale as u64));
        let blob = pack::scales(&blobs.each_ref());
        std::fs::write(folder.path().join("model.h"), embed::header(&blob, "model").unwrap()).unwrap();
        program(&prefix, &["tests/c/embedded.c"], &[&include], &to);
        let models = blob.load_scales().unwrap();
        let pyramid = Pyramid::new(&models).unwrap();
        let line = |width| format!("{} {}\n", pyramid.state_words(width), pyramid.values((width, width)));
        assert_eq!(run(Command::new(&to).arg("60")), (1..=60).map(line).collect::<String>(), "{base:?}");
    }
}

/// What `tests/c/scales.c` prints, from the Rust engine.
fn expected_scales(blob: &Blob, size: (u32, u32), seed: u64) -> String {
    let models = blob.load_scales().unwrap();
    let pyramid = Pyramid::new(&models).unwrap();
    let mut state = vec![0; pyramid.state_words(size.0)];
    let mut images = vec![0u16; pyramid.values(size)];
    pyramid.draw(None, size, &mut state, &mut Seeded::seed_from_u64(seed), &mut images).unwrap();
    let (mut coded, mut ends) = (Vec::new(), vec![0]);
    let sink = |byte| -> Result<(), ()> {
        coded.push(byte);
        Ok(())
    };
    pyramid.encode(None, size, &mut state, &mut images.clone(), sink).map(drop).unwrap();
    for last in 0..models.len() {
        let mut decoded = vec![0u16; images.len()];
        let rest = pyramid.decode(size, &mut state, &mut decoded, &coded[..], |scale, _| scale < last).unwrap();
        ends.push(coded.len() - rest.len());
    }
    let line = |scale: usize| {
        let (width, height) = pyramid.size(scale, size);
        let values = &images[pyramid.range(scale, size)];
        let sum = values.iter().fold(0u32, |sum, &value| sum.wrapping_mul(31).wrapping_add(value.into()));
        format!("{width}x{height} {sum:08x} {}\n", ends[scale + 1] - ends[scale])
    };
    (0..models.len()).map(line).collect()
}

/// The library is found by an installed CMake package, from the source tree, and by pkg-config.
#[test]
fn build_systems_find_it() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = installed_by_cmake(folder.path());
    std::fs::write(
        folder.path().join("version.c"),
        "#include <pixelrnn.h>\n#include <stdio.h>\nint main(void) { return puts(pixelrnn_version()) < 0; }\n",
    )
    .unwrap();
    std::fs::write(
        folder.path().join("CMakeLists.txt"),
        "cmake_minimum_required(VERSION 3.19)\nproject(user C)\nfind_package(pixelrnn 0.1 REQUIRED)\n\
         add_executable(static version.c)\ntarget_link_libraries(static PRIVATE pixelrnn::pixelrnn)\n\
         add_executable(dynamic version.c)\ntarget_link_libraries(dynamic PRIVATE pixelrnn::shared)\n",
    )
    .unwrap();
    let version = concat!(env!("CARGO_PKG_VERSION"), "\n");
    let build = folder.path().join("build");
    let cmake = || tool("cmake", "cmake make");
    run(cmake()
        .arg("-S")
        .arg(folder.path())
        .arg("-B")
        .arg(&build)
        .arg("-DCMAKE_PREFIX_PATH=".to_owned() + &prefix.to_string_lossy()));
    run(cmake().arg("--build").arg(&build));
    assert_eq!(run(&mut Command::new(build.join("static"))), version);
    assert_eq!(run(&mut Command::new(build.join("dynamic"))), version);
    let other = cmake_version_refused(folder.path(), &prefix);
    assert!(other.contains("pixelrnn"), "{other}");

    let flags = run(tool("pkg-config", "pkg-config").env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")).args([
        "--cflags",
        "--libs",
        "pixelrnn >= 0.1",
    ]));
    let program = folder.path().join("by-pkg-config");
    let mut gcc = tool("gcc", "gcc libc6-dev");
    run(gcc.arg(folder.path().join("version.c")).args(flags.split_whitespace()).arg("-o").arg(&program));
    assert_eq!(run(Command::new(&program).env("LD_LIBRARY_PATH", prefix.join("lib"))), version);
}

/// A package of another series is not taken: what CMake says of it.
fn cmake_version_refused(folder: &Path, prefix: &Path) -> String {
    let source = folder.join("later");
    std::fs::create_dir(&source).unwrap();
    let text = "cmake_minimum_required(VERSION 3.19)\nproject(user C)\nfind_package(pixelrnn 7.3 REQUIRED)\n";
    std::fs::write(source.join("CMakeLists.txt"), text).unwrap();
    let mut command = tool("cmake", "cmake make");
    command.arg("-S").arg(&source).arg("-B").arg(folder.join("later-build"));
    let output = output(command.arg("-DCMAKE_PREFIX_PATH=".to_owned() + &prefix.to_string_lossy()));
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Builds the library with CMake, and installs it; returns the prefix.
fn installed_by_cmake(folder: &Path) -> PathBuf {
    let (build, prefix) = (folder.join("library"), folder.join("prefix"));
    let mut command = tool("cmake", "cmake make");
    command.arg("-S").arg(workspace().join("core/capi")).arg("-B").arg(&build);
    run(command.arg(format!("-DPIXELRNN_CARGO_DIR={}", cargo_directory().display())));
    run(tool("cmake", "cmake make").arg("--build").arg(&build));
    run(tool("cmake", "cmake make").arg("--install").arg(&build).arg("--prefix").arg(&prefix));
    prefix
}
