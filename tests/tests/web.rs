//! The page in `examples/web`, in Chromium: it draws, completes, scores and codes what the engine does here, and says what is wrong.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use pixelrnn::{CodeLength, Model, Pyramid, Seeded, Stream, classify, complete, score};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::decompress::decompress;
use pixelrnn_convert::data::{ImageOptions, Picture};
use pixelrnn_tests::browser::{Browser, serve};
use pixelrnn_tests::c_tools::{run, tool};
use pixelrnn_tests::cross::workspace;
use pixelrnn_tests::golden_scales;
use pixelrnn_tests::images::{drawn, drawn_of};
use pixelrnn_tests::models::{self, TestModel};
use rand_core::SeedableRng;
use serde_json::{Value, json};

/// The module may not be larger.
const MOST_BYTES: usize = 150_000;
/// Columns and rows of a digit.
const SIDE: u32 = 28;

/// The page, built once for all tests.
static PAGE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = workspace().join("target/web");
    run(tool("bash", "bash").arg(workspace().join("examples/web/build.sh")));
    folder
});

/// The page in a browser, as it stands once a model is chosen.
fn open() -> Browser {
    let browser = Browser::open(&serve(PAGE.clone()));
    browser.wait("document.getElementById('not-started').hidden");
    slide(&browser, "speed", 100);
    browser
}

fn slide(browser: &Browser, id: &str, value: u32) {
    let script = "const slider = document.getElementById(arguments[0]); slider.value = arguments[1]; \
                  slider.dispatchEvent(new Event('input'))";
    browser.run(script, &[id.into(), value.into()]);
}

fn model(name: &str) -> Blob {
    Blob::read(&workspace().join("examples/models").join(name).with_extension("prnn")).unwrap()
}

/// The red of a canvas' pixels.
fn shown(browser: &Browser, canvas: &str) -> Vec<u8> {
    let script = "const canvas = document.querySelector(arguments[0]); const context = canvas.getContext('2d'); \
                  return [...context.getImageData(0, 0, canvas.width, canvas.height).data].filter((_, at) => at % 4 === 0)";
    let values = browser.run(script, &[canvas.into()]);
    values.as_array().unwrap().iter().map(|value| value.as_u64().unwrap() as u8).collect()
}

fn nats(model: &Model<'_>, image: &[u8]) -> String {
    let mut state = vec![0; model.state_words(SIDE)];
    let mut stream = Stream::begin(model, SIDE, SIDE, &mut state).unwrap();
    format!("{:.1} nats", score::image(&mut stream, image).unwrap().nats())
}

/// Black and white as they are shown.
fn tones(image: &[u8]) -> Vec<u8> {
    image.iter().map(|value| value * 255).collect()
}

/// Drops a file on the page, as a mouse would.
fn drop_file(browser: &Browser, name: &str, bytes: &[u8]) {
    let script = "const files = new DataTransfer(); files.items.add(new File([new Uint8Array(arguments[1])], arguments[0])); \
                  document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }))";
    browser.run(script, &[name.into(), json!(bytes)]);
}

/// What the page says of a file that it cannot take.
fn complaint(browser: &Browser, name: &str, bytes: &[u8]) -> String {
    drop_file(browser, name, bytes);
    browser.wait("!document.getElementById('message').hidden");
    let text = browser.text("#message p");
    browser.click("#message button");
    text
}

#[test]
fn the_module_is_small_and_whole() {
    let bytes = std::fs::read(PAGE.join("pixelrnn.wasm")).unwrap();
    assert!(bytes.len() <= MOST_BYTES, "{} bytes", bytes.len());
    let mut config = wasmi::Config::default();
    config.wasm_simd(true);
    let module = wasmi::Module::new(&wasmi::Engine::new(&config), &bytes).unwrap();
    assert_eq!(module.imports().len(), 0);
    config.wasm_simd(false);
    assert!(wasmi::Module::new(&wasmi::Engine::new(&config), &bytes).is_err(), "no vectors in the module");
}

/// What its pages say of sizes is near what they are: compilers differ a little.
#[test]
fn pages_say_how_large_it_is() {
    let bytes = |name: &str| std::fs::metadata(PAGE.join(name)).unwrap().len() as f64;
    let said = |page: &str, before: &str| -> f64 {
        let text = std::fs::read_to_string(workspace().join(page)).unwrap();
        let (_, after) = text.split_once(before).unwrap_or_else(|| panic!("{page} does not say `{before}`"));
        let digits = after.chars().take_while(|letter| letter.is_ascii_digit() || *letter == ',');
        digits.filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
    };
    let page = "examples/web/README.md";
    for (found, said) in [
        (bytes("pixelrnn.wasm"), said(page, "| `pixelrnn.wasm` | ")),
        (bytes("pixelrnn.wasm"), 1000.0 * said("README.md", "compresses, on ")),
        (bytes("pixelrnn.js"), said(page, "| `pixelrnn.js`, the wrapper | ")),
    ] {
        assert!((said / found - 1.0).abs() < 0.05, "{said} bytes are said, {found} are there");
    }
}

#[test]
fn it_draws_and_completes_as_the_engine_does() {
    let browser = open();
    let blob = model("mnist-micro");
    let model = blob.load().unwrap();
    slide(&browser, "seed", 7);
    browser.click("#draw");
    browser.wait("document.getElementById('seed').value === '8'");
    let mut image: Vec<u8> = drawn(&model, SIDE, SIDE, 7);
    assert_eq!(shown(&browser, "#image"), tones(&image));
    assert!(browser.text("#likelihood").starts_with(&nats(&model, &image)), "{}", browser.text("#likelihood"));
    assert!(shown(&browser, "#bits").iter().any(|&red| red > 200), "no heat");

    browser.click("#complete");
    browser.wait("document.getElementById('seed').value === '9'");
    let mut state = vec![0; model.state_words(SIDE)];
    let mut stream = Stream::begin(&model, SIDE, SIDE, &mut state).unwrap();
    let kept = (SIDE * 14) as usize;
    complete::fill(&mut stream, &mut Seeded::seed_from_u64(8), &mut image, |place| place < kept).unwrap();
    assert_eq!(shown(&browser, "#image"), tones(&image));
    nothing_else_was_asked_for(&browser);
}

#[test]
fn it_draws_the_class_that_it_is_asked_for() {
    let browser = open();
    let blob = model("mnist-classes");
    select(&browser, "model", "mnist-classes");
    browser.wait("!document.getElementById('conditions').hidden");
    select(&browser, "class", "7");
    slide(&browser, "seed", 3);
    browser.click("#draw");
    browser.wait("document.getElementById('seed').value === '4'");
    let model = blob.load().unwrap();
    let image: Vec<u8> = drawn_of(&model, Some(7), (SIDE, SIDE), 3);
    assert_eq!(shown(&browser, "#image"), tones(&image));

    let (mut state, mut lengths) = (vec![0; model.state_words(SIDE)], [CodeLength::ZERO; 10]);
    let found = classify::image(&model, SIDE, SIDE, &mut state, &image, &mut lengths).unwrap();
    let [margin, evidence] = [found.margin.nats(), found.evidence.nats()];
    let expected = format!(
        "Class {}, {margin:.1} nats likelier than the next; of unknown class it has {evidence:.1}",
        found.class
    );
    assert!(browser.text("#found").starts_with(&expected), "{}", browser.text("#found"));
    select(&browser, "model", "mnist-micro");
    browser.wait("document.getElementById('found').hidden");
    nothing_else_was_asked_for(&browser);
}

/// A model of several scales is drawn by one generator from the smallest up, completed, and scored as the program does.
#[test]
fn it_draws_scale_by_scale() {
    let browser = open();
    let blob = Blob::new(&golden_scales::read("random-pixelcnn-scales", "prnn").unwrap());
    let models = blob.load_scales().unwrap();
    let (pyramid, size) = (Pyramid::new(&models).unwrap(), (64, 64));
    let mut images = vec![0u16; pyramid.values(size)];
    let mut state = vec![0; pyramid.state_words(64)];
    drop_file(&browser, "scales.prnn", blob.bytes());
    browser
        .wait("document.getElementById('model').value === 'scales' && document.getElementById('image').width === 64");
    slide(&browser, "seed", 3);
    browser.click("#draw");
    browser.wait("document.getElementById('seed').value === '4'");
    pyramid.draw(None, size, &mut state, &mut Seeded::seed_from_u64(3), &mut images).unwrap();
    let whole = &images[pyramid.range(models.len() - 1, size)];
    let tones: Vec<u8> = whole
        .iter()
        .step_by(models[0].channels().into())
        .map(|&value| (f64::from(value) * 255.0 / 4095.0).round() as u8)
        .collect();
    assert_eq!(shown(&browser, "#image"), tones);
    let nats = pyramid.score(None, size, &mut state, &mut images.clone(), |_, _| ()).unwrap().nats();
    assert!(browser.text("#likelihood").starts_with(&format!("{nats:.1} nats")), "{}", browser.text("#likelihood"));

    browser.click("#complete");
    browser.wait("document.getElementById('seed').value === '5'");
    let completed = shown(&browser, "#image");
    assert_eq!(completed[..64 * 32], tones[..64 * 32]);
    assert_ne!(completed, tones);
    nothing_else_was_asked_for(&browser);
}

/// Images coded given a class open without being told which, and the wrapper codes them to the same bytes.
#[test]
fn it_opens_images_that_were_coded_given_a_class() {
    let browser = open();
    let read = |name: &str| std::fs::read(workspace().join("tests/golden").join(name)).unwrap();
    drop_file(&browser, "classes.prnn", &read("random-row-lstm-classes.prnn"));
    browser.wait("document.getElementById('model').value === 'classes'");
    for name in ["random-row-lstm-classes.prnz", "random-row-lstm-classes-tiles.prnz"] {
        drop_file(&browser, name, &read(name));
        browser.wait(&format!("document.getElementById('photo-reading').innerText.includes('in {name}')"));
        assert!(browser.text("#photo-reading").contains("checked"), "{}", browser.text("#photo-reading"));
    }
    nothing_else_was_asked_for(&browser);
}

/// What the wrapper codes given a class is decoded here.
#[test]
fn the_wrapper_codes_images_given_a_class() {
    let browser = open();
    let blob = Blob::read(&workspace().join("tests/golden/random-diagonal-classes.prnn")).unwrap();
    let model = blob.load().unwrap();
    let image: Vec<u8> = drawn_of(&model, Some(2), (13, 9), 5);
    let script = "return (async ([blob, image]) => { const { Pixelrnn } = await import('./pixelrnn.js'); \
                  const engine = await Pixelrnn.open(); const model = engine.load(new Uint8Array(blob)); \
                  const coded = model.compress(13, 9, new Uint8Array(image), { tile: 4, imageClass: 2 }); \
                  const [{ values }] = model.decompress(coded); \
                  return [[...coded], [...values], engine.inspect(coded).imageClass]; })(arguments)";
    let [coded, values, class]: [Value; 3] =
        serde_json::from_value(browser.run(script, &[json!(blob.bytes()), json!(image)])).unwrap();
    let coded: Vec<u8> = serde_json::from_value(coded).unwrap();
    assert_eq!((values, class), (json!(image), json!(2)));
    let decoded = decompress(&model, &coded, None, &|_| {}).unwrap();
    assert!(decoded[0].values.iter().copied().eq(image.iter().map(|&value| u16::from(value))));
}

#[test]
fn it_is_drawn_on_with_mouse_and_keyboard() {
    let browser = open();
    let blob = model("mnist-micro");
    browser.stroke("#image", &[(-80, -100), (80, -100), (0, -20)]);
    let image: Vec<u8> = shown(&browser, "#image").iter().map(|tone| tone / 255).collect();
    assert!((20..120).contains(&image.iter().filter(|&&value| value == 1).count()), "{image:?}");
    assert!(image[14 * 28..].iter().all(|&value| value == 0), "the lower half is drawn on");
    let expected = nats(&blob.load().unwrap(), &image);
    browser.wait(&format!("document.getElementById('likelihood').innerText.startsWith('{expected}')"));

    browser.click("#clear");
    browser.wait("document.getElementById('likelihood').innerText.includes(' nats')");
    // Right, down, draw: WebDriver's codes of keys.
    browser.press("#image", "\u{e014}\u{e015} ");
    let image = shown(&browser, "#image");
    let drawn: Vec<usize> = (0..image.len()).filter(|&pixel| image[pixel] > 0).collect();
    assert_eq!(drawn, [29, 30, 57, 58]);
    browser.press("#image", "\u{e017}");
    assert!(shown(&browser, "#image").iter().all(|&tone| tone == 0), "nothing is erased");

    slide(&browser, "speed", 0);
    browser.click("#draw");
    browser.click("#stop");
    browser.wait("document.getElementById('stop').disabled");
}

#[test]
fn it_opens_models_and_says_what_is_wrong_with_others() {
    let browser = open();
    let blob = model("digits8");
    drop_file(&browser, "mine.prnn", blob.bytes());
    browser.wait("document.getElementById('model').value === 'mine' && document.getElementById('image').width === 28");
    slide(&browser, "seed", 3);
    browser.click("#draw");
    browser.wait("document.getElementById('seed').value === '4'");
    let image: Vec<u8> = drawn(&blob.load().unwrap(), SIDE, SIDE, 3);
    let tones: Vec<u8> = image.iter().map(|&value| (f64::from(value) * 255.0 / 16.0).round() as u8).collect();
    assert_eq!(shown(&browser, "#image"), tones);

    let mut damaged = blob.bytes().to_vec();
    damaged[1000] ^= 1;
    let says = |name: &str, bytes: &[u8]| complaint(&browser, name, bytes);
    assert_eq!(says("broken.prnn", &damaged), "broken.prnn: the model is damaged: its checksum is wrong.");
    assert_eq!(says("short.prnn", &damaged[..99]), "short.prnn: the model is truncated.");
    let text = b"a picture of a cat, in words, and then some more of them";
    assert_eq!(says("cat.prnn", text), "cat.prnn: not a pixelrnn model: the first four bytes are not \"PRNN\".");
    assert!(says("cat.prnz", text).starts_with("cat.prnz: not coded images: the first four bytes are not \"PRNZ\""));
    assert!(
        says("cat.txt", text).starts_with("cat.txt: neither a model (.prnn), nor coded images (.prnz), nor a picture")
    );
    let archive = std::fs::read(workspace().join("tests/golden/pictures.prnz")).unwrap();
    assert!(says("pictures.prnz", &archive).contains("pixelrnn decompress"), "no hint at what opens an archive");
    let other = std::fs::read(workspace().join("tests/golden/random-pixelcnn.prnz")).unwrap();
    assert!(says("other.prnz", &other).contains("a model that is not here"));
    nothing_else_was_asked_for(&browser);
}

/// Gives a file to an input of files, as a person who chooses it.
fn choose(browser: &Browser, path: &Path) {
    browser.press("#photo-file", &path.to_string_lossy());
}

fn select(browser: &Browser, id: &str, value: &str) {
    let script = "const field = document.getElementById(arguments[0]); field.value = arguments[1]; \
                  field.dispatchEvent(new Event('change'))";
    browser.run(script, &[id.into(), value.into()]);
}

#[test]
fn it_compresses_photographs_that_the_program_decompresses() {
    let browser = open();
    let photo = workspace().join("tests/data/kodak.png");
    let pictures = ImageOptions::default().read(&photo).unwrap();
    let [picture] = pictures.as_slice() else { panic!("one picture") };
    let mut saved = Vec::new();
    for (name, expected) in [("photos-grey", picture.as_grey()), ("photos", picture.clone())] {
        select(&browser, "photo-model", name);
        choose(&browser, &photo);
        browser.wait("!document.getElementById('photo-result').hidden");
        let reading = browser.text("#photo-reading");
        assert!(reading.contains("% of the bytes as a PNG"), "{reading}");
        browser.click("#photo-save");
        saved = browser.saved("kodak.prnz");
        let blob = model(name);
        let decoded: Vec<Picture> = decompress(&blob.load().unwrap(), &saved, None, &|_| {}).unwrap();
        let sizes: Vec<_> = decoded.iter().map(|picture| (picture.width, picture.height)).collect();
        assert_eq!(sizes, [(96, 128)]);
        assert!(decoded[0].values == expected.values, "{name}: other values");
    }
    reopens(&browser, saved);
    nothing_else_was_asked_for(&browser);
}

/// What was saved opens again; once it is damaged, nothing of it is shown.
fn reopens(browser: &Browser, mut saved: Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kodak.prnz");
    std::fs::write(&path, &saved).unwrap();
    choose(browser, &path);
    browser.wait("document.getElementById('photo-reading').innerText.includes('checked')");
    assert!(browser.text("#photo-reading").contains("96 × 128"), "{}", browser.text("#photo-reading"));
    let middle = saved.len() / 2;
    saved[middle] ^= 1;
    let complaint = complaint(browser, "damaged.prnz", &saved);
    assert!(complaint.starts_with("damaged.prnz: the coded images"), "{complaint}");
    assert_eq!(browser.run("return document.getElementById('photo-result').hidden", &[]), Value::Bool(true));
}

#[test]
fn its_golden_images_are_the_devices() {
    let browser = open();
    browser.click("#golden");
    browser.wait("document.getElementById('golden').disabled === false");
    let all: u32 = models::shipped().unwrap().iter().map(TestModel::images).sum();
    assert_eq!(browser.text("#golden-reading"), format!("{all} of {all} checksums agree"));
}

/// Every request went to the page's own files, and the browser has nothing to complain about.
fn nothing_else_was_asked_for(browser: &Browser) {
    let script = "return performance.getEntriesByType('resource').map(entry => entry.name).filter(name => \
                  !name.startsWith(location.origin) && !name.startsWith('blob:'))";
    assert_eq!(browser.run(script, &[]), json!([]));
    assert_eq!(browser.complaints(), [""; 0]);
}

/// No wider than a phone, and pictures of it: light, dark, and small, in `target/web-screenshots`.
#[test]
fn it_fits_a_phone_and_has_its_picture_taken() {
    let folder = workspace().join("target/web-screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    let browser = open();
    slide(&browser, "seed", 4);
    browser.click("#draw");
    browser.wait("document.getElementById('seed').value === '5'");
    slide(&browser, "speed", 60);
    browser.click("#photo-example");
    browser.wait("!document.getElementById('photo-result').hidden");
    for (name, width, height, dark) in
        [("light", 900, 1760, false), ("dark", 900, 1760, true), ("phone", 360, 2300, false)]
    {
        browser.appear(width, height, dark);
        let wide = browser.run("return document.documentElement.scrollWidth", &[]);
        assert!(wide.as_u64().unwrap() <= u64::from(width), "{name}: {wide} pixels wide");
        std::fs::write(folder.join(name).with_extension("png"), browser.screenshot(width, height)).unwrap();
    }
}

/// What `pixelrnn.d.ts` promises is in `pixelrnn.js`.
#[test]
fn the_wrappers_types_name_what_it_has() {
    let read = |name: &str| std::fs::read_to_string(workspace().join("examples/web").join(name)).unwrap();
    let (code, types) = (read("pixelrnn.js"), read("pixelrnn.d.ts"));
    let methods = types.lines().filter_map(|line| line.strip_prefix("    ")?.split_once('('));
    let methods = methods.filter_map(|(front, _)| front.rsplit(' ').next()).map(|name| format!("{name}("));
    let classes = types.lines().filter_map(|line| line.strip_prefix("export class ")?.split(' ').next());
    let promised: Vec<String> = methods.chain(classes.map(|name| format!("export class {name}"))).collect();
    assert!(promised.len() > 20, "{promised:?}");
    assert!(
        read("package.json").contains(concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"")),
        "package.json is behind"
    );
    let absent: Vec<_> = promised.iter().filter(|name| !code.contains(*name)).collect();
    assert!(absent.is_empty(), "{absent:?}");
}
