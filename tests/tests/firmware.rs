//! `examples/firmware` on every board in QEMU: its images are the golden ones, byte for byte; no panic is linked in;
//! the stack stays within its room.
//!
//! What did not fit a board, and why, is written past the test runner's capture: it shows in every run.

use std::io::Write;
use std::time::Duration;

use pixelrnn_tests::boards::{Board, Figures};
use pixelrnn_tests::cross::CrossError;
use pixelrnn_tests::image_size::ImageSize;
use pixelrnn_tests::models::{self, COUNT, TestModel};

/// Bytes of code and constants that are set aside when models are dealt out to images; what really fits, the linker says.
const CODE: usize = 80 << 10;
/// The least that is left for the stack, as the firmware's `build.rs` has it.
const STACK: usize = 3_200;
/// More than any image took on a machine with every core busy.
const LIMIT: Duration = Duration::from_secs(300);

fn say(line: &str) {
    // Not `println`: the test runner would keep it to itself.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Deals the models out to as few images as hold them; and says why a model can never fit.
fn deal<'a>(board: &Board, models: &'a [TestModel]) -> (Vec<Vec<&'a TestModel>>, Vec<String>) {
    let (flash, ram) = (board.flash as usize, board.ram as usize);
    let (mut images, mut misfits) = (Vec::<Vec<&TestModel>>::new(), Vec::new());
    for model in models {
        let (words, small) = model.needs();
        let (blob, state) = (model.blob.bytes().len(), 4 * words + 2 * small);
        if blob >= flash {
            misfits.push(format!("{}: its blob of {blob} bytes is more than the flash, {flash} bytes", model.name));
        } else if state >= ram {
            misfits.push(format!("{}: its state of {state} bytes is more than the RAM, {ram} bytes", model.name));
        } else if state + STACK > ram {
            misfits.push(format!("{}: its state of {state} bytes leaves too little stack of {ram} bytes", model.name));
        } else {
            let fits = |image: &Vec<&TestModel>| {
                let blobs: usize = image.iter().map(|other| other.blob.bytes().len()).sum();
                CODE + blobs + blob <= flash
            };
            match images.iter_mut().find(|image| fits(image)) {
                Some(image) => image.push(model),
                None => images.push(vec![model]),
            }
        }
    }
    (images, misfits)
}

/// A program that knows one kind of model is smaller, draws the same, and refuses others.
#[test]
fn a_program_may_leave_out_what_its_model_lacks() {
    let board = Board::named("microbit").unwrap();
    let program = |features: Option<&str>, model: &TestModel| {
        let firmware = board.crate_at("examples/firmware");
        let firmware = match features {
            Some(features) => firmware.no_default_features().features(&format!("{},{features}", board.features())),
            None => firmware.features(&board.features()),
        };
        let firmware = firmware.variable("PIXELRNN_MODEL", model.entry()).variable("PIXELRNN_COUNT", COUNT.to_string());
        firmware.build("pixelrnn-firmware", &format!("microbit-parts-{}", model.name)).unwrap()
    };
    let all = models::shipped().unwrap();
    let named = |name: &str| all.iter().find(|model| model.name == name).unwrap();
    let digits = named("mnist-micro");
    let whole = ImageSize::read(&program(None, digits)).unwrap().flash;
    let image = program(Some("row-lstm,softmax"), digits);
    let part = ImageSize::read(&image).unwrap().flash;
    say(&format!("microbit: mnist-micro alone takes {part} bytes of flash, with every kind of model {whole}"));
    assert!(part + 20_000 < whole, "{part} bytes of {whole}");
    let output = board.run(&image, LIMIT).unwrap();
    assert!(output.serial.contains(&digits.golden_text().unwrap()), "{}", output.serial);

    let output = board.run(&program(Some("row-lstm,softmax"), named("photos-grey-fast")), LIMIT).unwrap();
    assert_eq!(output.code, Some(1), "{}", output.serial);
    assert!(output.serial.contains("error: the model does not load"), "{}", output.serial);
}

fn check(name: &str) {
    check_models(name, "test", &models::all().unwrap());
}

fn check_models(name: &str, build: &str, models: &[TestModel]) {
    let board = Board::named(name).expect("a board of the table");
    let (images, misfits) = deal(board, models);
    misfits.iter().for_each(|misfit| say(&format!("{name}: does not fit: {misfit}")));
    let mut drawn = 0;
    for (number, group) in images.iter().enumerate() {
        let entries: Vec<_> = group.iter().map(|model| model.entry()).collect();
        let image = match board.firmware(&format!("{build}-{number}"), &entries, 1, COUNT) {
            Ok(image) => image,
            Err(CrossError::DoesNotFit(reason)) if group.len() == 1 => {
                say(&format!("{name}: does not fit: {}: {reason}", group[0].name));
                continue;
            }
            Err(error) => panic!("{name}: {error}"),
        };
        let output = board.run(&image, LIMIT).unwrap_or_else(|error| panic!("{name}: {error}"));
        let golden = group.iter().map(|model| model.golden_text().unwrap_or_else(|message| panic!("{message}")));
        let expected = format!("board {name}\n{}", golden.collect::<String>());
        let names: Vec<_> = group.iter().map(|model| model.name.as_str()).collect();
        assert_eq!(output.code, Some(0), "{name}: {} {}", output.serial, output.messages);
        let figures = Figures::parse(&output.serial).unwrap_or_else(|| panic!("{name}: {}", output.serial));
        let images_text = output.serial.split("state ").next().unwrap_or_default();
        assert!(images_text == expected, "{name}: {names:?}: expected\n{expected}\nfound\n{images_text}");
        assert!(figures.stack < figures.room, "{name}: the stack used all of its {} bytes", figures.room);
        let size = ImageSize::read(&image).unwrap();
        say(&format!(
            "{name}: the golden images of {}; flash {}, RAM {} (state {}), stack {} of {}",
            names.join(", "),
            size.flash,
            size.ram,
            figures.state,
            figures.stack,
            figures.room
        ));
        if board.defmt {
            // defmt itself panics when it is called from within itself.
            let log = pixelrnn_tests::defmt_log::decode(&image, &output.semihosting).unwrap();
            for model in group {
                for scale in model.scales() {
                    let fingerprint = format!("{:08x}", scale.fingerprint());
                    assert!(log.iter().any(|line| line.contains(&fingerprint)), "{name}: {fingerprint} not in {log:?}");
                }
            }
            let images: u32 = group.iter().map(|model| model.images()).sum();
            assert_eq!(log.iter().filter(|line| line.contains("crc ")).count(), images as usize);
        } else {
            assert!(size.panics.is_empty(), "{name}: panics are linked in: {:?}", size.panics);
        }
        drawn += group.len();
    }
    assert!(drawn > 0, "{name}: no model fits");
}

/// What is packed for MVE gives the same images there.
#[test]
fn models_packed_for_mve_draw_the_golden_images_on_it() {
    let models: Vec<_> = models::all().unwrap().iter().map(|model| model.packed_for_mve().unwrap()).collect();
    check_models("mps3-an547", "mve", &models);
}

/// And is refused where the kernels would read it wrongly.
#[test]
fn models_packed_for_mve_are_refused_elsewhere() {
    let board = Board::named("mps2-an386").unwrap();
    let model = models::random().unwrap()[0].packed_for_mve().unwrap();
    let image = board.firmware("mve", &[model.entry()], 1, 1).unwrap();
    let output = board.run(&image, LIMIT).unwrap();
    assert_eq!(output.code, Some(1), "{}", output.serial);
    assert!(output.serial.contains("error: the model does not load"), "{}", output.serial);
}

macro_rules! boards {
    ($($test:ident $name:literal)*) => {$(
        #[test]
        fn $test() {
            check($name);
        }
    )*
    #[test]
    fn every_board_is_checked() {
        let checked = [$($name),*];
        assert!(pixelrnn_tests::boards::BOARDS.iter().map(|board| board.name).eq(checked));
    }};
}

boards! {
    microbit "microbit"
    stm32vldiscovery "stm32vldiscovery"
    mps2_an385 "mps2-an385"
    netduinoplus2 "netduinoplus2"
    mps2_an386 "mps2-an386"
    mps2_an500 "mps2-an500"
    mps2_an505 "mps2-an505"
    mps3_an547 "mps3-an547"
    riscv32_virt "riscv32-virt"
}
