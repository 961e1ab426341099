//! On AArch64 (QEMU's user mode) and WebAssembly (an interpreter): the kernels equal the plain ones, and the images drawn are
//! the golden ones. Microcontrollers are `kernels_on_targets`' and `firmware`'s.

use std::path::{Path, PathBuf};
use std::process::Command;

use pixelrnn_tests::cross::{Firmware, has};
use pixelrnn_tests::models::{self, TestModel};

/// Builds the program for a target, with all models that are quick to draw from.
fn build(target: &str, name: &str, flag: Option<&str>) -> (PathBuf, Vec<TestModel>) {
    let mut models = models::all().unwrap();
    models.retain(|model| model.blob.bytes().len() < 64 << 10);
    assert!(models.iter().any(|model| model.name == "mnist-micro"), "no shipped model among them");
    let entries: Vec<_> = models.iter().map(TestModel::entry).collect();
    let mut program = Firmware::new("tests/processors", target).variable("PIXELRNN_MODEL", entries.join(","));
    if let Some(flag) = flag {
        program = program.flag(flag);
    }
    let image = program.build("pixelrnn-processors", name).unwrap_or_else(|error| panic!("{error}"));
    (image, models)
}

fn check(name: &str, printed: &str, code: i32, models: &[TestModel]) {
    assert!(!printed.contains("DIFFERENT"), "{name}: {printed}");
    assert_eq!(code, 0, "{name}: {printed}");
    let expected: String = models.iter().map(|model| model.golden_text().unwrap_or_else(|_| model.text())).collect();
    assert_eq!(printed, expected, "{name}");
}

#[test]
fn aarch64_in_qemu() {
    assert!(has("qemu-aarch64"), "no qemu-aarch64: apt-get install --no-install-recommends qemu-user");
    let (image, models) = build("aarch64-unknown-none", "aarch64", None);
    let run = |image: &Path| {
        let output = Command::new("qemu-aarch64").arg("-cpu").arg("cortex-a53").arg(image).output().unwrap();
        (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code().unwrap_or(-1))
    };
    let (printed, code) = run(&image);
    check("NEON", &printed, code, &models);

    let (image, models) = build("aarch64-unknown-none", "aarch64-dotprod", Some("-Ctarget-feature=+dotprod"));
    // A processor without the instructions must not get through: then they were not run.
    assert_ne!(run(&image).1, 0, "no dot products in the program");
    let output = Command::new("qemu-aarch64").args(["-cpu", "max"]).arg(&image).output().unwrap();
    let code = output.status.code().unwrap_or(-1);
    check("dot products", &String::from_utf8_lossy(&output.stdout), code, &models);
}

#[test]
fn webassembly_in_an_interpreter() {
    for (name, flag) in [("wasm32", None), ("wasm32-simd128", Some("-Ctarget-feature=+simd128"))] {
        let (image, models) = build("wasm32-unknown-unknown", name, flag);
        let bytes = std::fs::read(image).unwrap();
        let mut config = wasmi::Config::default();
        // Without vectors, the module with them must be refused: else they are not in it.
        config.wasm_simd(flag.is_some());
        let engine = wasmi::Engine::new(&config);
        let module = wasmi::Module::new(&engine, &bytes).unwrap();
        if flag.is_some() {
            let mut without = wasmi::Config::default();
            without.wasm_simd(false);
            let engine = wasmi::Engine::new(&without);
            assert!(wasmi::Module::new(&engine, &bytes).is_err(), "no vectors in the module");
        }
        let mut store = wasmi::Store::new(&engine, Vec::<u8>::new());
        let mut linker = wasmi::Linker::new(&engine);
        linker
            .func_wrap("host", "write", |mut caller: wasmi::Caller<'_, Vec<u8>>, byte: u32| {
                caller.data_mut().push(byte as u8);
            })
            .unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        let run = instance.get_typed_func::<(), i32>(&store, "run").unwrap();
        let code = run.call(&mut store, ()).unwrap();
        check(name, &String::from_utf8_lossy(store.data()), code, &models);
    }
}
