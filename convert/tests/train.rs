//! `pixelrnn train` as its users meet it: run folders, interruptions, mistakes.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// An idx file of 320 small images; `grey` says what a value is.
fn data(folder: &TempDir, grey: impl Fn(usize, usize, usize) -> u8) -> PathBuf {
    let mut bytes = vec![0, 0, 8, 3, 0, 0, 1, 64, 0, 0, 0, 6, 0, 0, 0, 5];
    for image in 0..320 {
        bytes.extend((0..30).map(|pixel| grey(image, pixel / 5, pixel % 5)));
    }
    let path = folder.path().join("images-idx3-ubyte");
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Slanted strokes, which a small network learns soon.
fn stroke(image: usize, row: usize, column: usize) -> u8 {
    u8::from((column + row * (image % 3)) % 5 == image % 5)
}

/// An idx file of the images' classes: those of the strokes' phase.
fn labels(folder: &TempDir) -> PathBuf {
    let mut bytes = vec![0, 0, 8, 1, 0, 0, 1, 64];
    bytes.extend((0..320).map(|image| (image % 5) as u8));
    let path = folder.path().join("labels-idx1-ubyte");
    std::fs::write(&path, bytes).unwrap();
    path
}

fn command(data: &Path, out: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pixelrnn"));
    command.arg("train").arg("--data").arg(data).arg("--out").arg(out);
    let sizes = [("--hidden", "4"), ("--blocks", "1"), ("--head", "8"), ("--batch", "16")];
    for (name, value) in sizes.into_iter().chain([("--threads", "2"), ("--samples", "4")]) {
        if !arguments.contains(name) {
            command.args([name, value]);
        }
    }
    command.args(arguments.split_whitespace()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn train(data: &Path, out: &Path, arguments: &str) -> Output {
    command(data, out, arguments).output().unwrap()
}

#[track_caller]
fn good(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn bad(output: &Output, reason: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(1 | 2)), "{:?}: {text}", output.status);
    assert!(text.contains("error") && text.contains(reason) && !text.contains("panicked"), "no {reason:?} in: {text}");
}

/// Waits for a new checkpoint.
fn wait(child: &mut Child, out: &Path) {
    let path = out.join("checkpoint.safetensors");
    let written = || std::fs::metadata(&path).and_then(|data| data.modified()).ok();
    let (before, start) = (written(), Instant::now());
    while written() == before {
        assert!(child.try_wait().unwrap().is_none(), "the training ended before it could be interrupted");
        assert!(start.elapsed() < Duration::from_secs(120), "no checkpoint in two minutes");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A folder of colour pictures of several sizes: slanted waves.
fn photographs(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("photographs");
    std::fs::create_dir_all(&path).unwrap();
    for number in 0..40u32 {
        let value =
            |x: u32, y: u32, channel: u32| ((x * 9 + y * (number % 5) * 7 + channel * 20 + number * 31) % 256) as u8;
        let pixel = |x, y| image::Rgb([0, 1, 2].map(|channel| value(x, y, channel)));
        let picture = image::RgbImage::from_fn(9 + number % 4, 8 + number % 3, pixel);
        picture.save(path.join(format!("{number:02}.png"))).unwrap();
    }
    path
}

/// The weights of a run's last step, and their averages.
fn last_weights(run: &Path) -> Vec<(String, Vec<u8>)> {
    let bytes = std::fs::read(run.join("checkpoint.safetensors")).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut all: Vec<_> = file.iter().map(|(name, tensor)| (name.to_owned(), tensor.data().to_vec())).collect();
    all.sort();
    all
}

/// Trains once without a break, once with a kill and a signal between: both must end alike.
fn interrupt(data: &Path, folder: &TempDir, name: &str, shape: &str) {
    let whole = folder.path().join(format!("{name}-whole"));
    good(&train(data, &whole, &format!("{shape} --every 1000")));
    let parts = folder.path().join(format!("{name}-parts"));
    let often = format!("{shape} --every 0.002");
    let mut child = command(data, &parts, &often).spawn().unwrap();
    wait(&mut child, &parts);
    child.kill().unwrap();
    child.wait().unwrap();
    let mut child = command(data, &parts, &often).spawn().unwrap();
    wait(&mut child, &parts);
    let status = Command::new("sh").arg("-c").arg(format!("kill -TERM {}", child.id())).status().unwrap();
    assert!(status.success());
    let stopped = good(&child.wait_with_output().unwrap());
    assert!(stopped.contains("going on from step") && stopped.contains("stopped at step"), "{stopped}");
    let finished = good(&train(data, &parts, &format!("{often} --threads 1")));
    assert!(finished.contains("going on from step"), "{finished}");
    assert!(last_weights(&whole) == last_weights(&parts), "{name}: the weights differ");
    let log = std::fs::read_to_string(parts.join("log.csv")).unwrap();
    let steps: Vec<u64> = log.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect();
    assert!(steps.is_sorted_by(|a, b| a < b) && steps.last() == Some(&1000), "{steps:?}");

    // What is complete stays as it is.
    let model = std::fs::read(parts.join("model.safetensors")).unwrap();
    good(&train(data, &parts, &often));
    assert!(std::fs::read(parts.join("model.safetensors")).unwrap() == model);
}

#[test]
fn an_interrupted_run_ends_with_the_weights_of_an_uninterrupted_one() {
    let folder = TempDir::new().unwrap();
    let data = data(&folder, stroke);
    for architecture in ["pixelcnn", "row-lstm", "diagonal-bilstm"] {
        let shape = format!("--architecture {architecture} --skip --steps 1000 --samples 0");
        interrupt(&data, &folder, architecture, &shape);
    }
    let classes = format!("--labels {} --steps 1000 --samples 0", labels(&folder).display());
    interrupt(&data, &folder, "classes", &classes);
    let crops = "--crop 6x5 --flip --levels 256 --components 2 --batch 6 --steps 1000 --samples 0";
    interrupt(&photographs(&folder), &folder, "crops", crops);
}

#[test]
fn colour_trains_on_pieces_by_a_mixture_or_by_channel_groups() {
    let folder = TempDir::new().unwrap();
    let data = photographs(&folder);
    let bits = |out: &Path| -> Vec<f64> {
        let log = std::fs::read_to_string(out.join("log.csv")).unwrap();
        log.lines().skip(1).map(|line| line.split(',').nth(8).unwrap().parse().unwrap()).collect()
    };
    for (name, head) in
        [("mixture", "--components 3"), ("groups", "--hidden 12 --head 12"), ("grey", "--components 1 --grey")]
    {
        let out = folder.path().join(name);
        let arguments = format!("--crop 6x5 --flip --levels 256 --batch 8 --steps 300 --every 0.002 {head}");
        let text = good(&train(&data, &out, &arguments));
        assert!(text.contains("bits a dimension on all"), "{text}");
        let bits = bits(&out);
        assert!(bits.last() < bits.first() && bits.iter().all(|&bits| bits > 0.0), "{name}: {bits:?}");
        let config = std::fs::read_to_string(out.join("config.json")).unwrap();
        assert!(config.contains(if name == "grey" { "\"channels\": 1" } else { "\"channels\": 3" }), "{config}");
        let sheet = image::open(out.join("samples").join("00000300.png")).unwrap();
        assert_eq!(sheet.color().has_color(), name != "grey");
    }
    bad(&train(&data, &folder.path().join("a"), "--levels 256"), "--crop");
    bad(&train(&data, &folder.path().join("b"), "--levels 256 --crop 10x5"), "00.png is 9x8, smaller than --crop 10x5");
    bad(&train(&data, &folder.path().join("c"), "--levels 256 --crop 6x5"), "of 4 a channel");
}

#[test]
fn a_run_that_gets_no_better_ends_when_patience_does() {
    let folder = TempDir::new().unwrap();
    let (data, out) = (data(&folder, stroke), folder.path().join("run"));
    let text = good(&train(&data, &out, "--minutes 60 --rate 1e-30 --decay 0 --every 0.001 --patience 2 --samples 0"));
    assert!(text.contains("validations"), "{text}");
    let log = std::fs::read_to_string(out.join("log.csv")).unwrap();
    let nats: Vec<f64> = log.lines().skip(1).map(|line| line.split(',').nth(5).unwrap().parse().unwrap()).collect();
    let (before, last) = nats.split_at(nats.len() - 2);
    assert!(!before.is_empty() && last.iter().all(|last| before.iter().any(|before| before <= last)), "{nats:?}");
    assert!(!log.contains("NaN"), "{log}");
}

#[test]
fn a_run_folder_holds_curves_and_sheets_and_its_weights_begin_another() {
    let folder = TempDir::new().unwrap();
    let sixteen = data(&folder, |image, row, column| stroke(image, row, column) * (image % 17) as u8);
    let out = folder.path().join("run");
    let text = good(&train(&sixteen, &out, "--levels 17 --steps 60 --every 0.002 --architecture row-lstm --kernel 5"));
    assert!(text.contains("bits a dimension"), "{text}");
    for name in ["config.json", "train.json", "model.safetensors", "checkpoint.safetensors", "log.csv"] {
        assert!(out.join(name).exists(), "{name} is missing");
    }
    assert_eq!(image::open(out.join("curve.png")).unwrap().width(), 800);
    let sheets: Vec<_> = std::fs::read_dir(out.join("samples")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(sheets.iter().any(|sheet| sheet.ends_with("00000060.png")), "{sheets:?}");
    assert!(sheets.iter().all(|sheet| image::open(sheet).is_ok()));
    let log = std::fs::read_to_string(out.join("log.csv")).unwrap();
    let fields = |line: &str| -> Vec<f64> { line.split(',').take(9).map(|field| field.parse().unwrap()).collect() };
    let lines: Vec<Vec<f64>> = log.lines().skip(1).map(fields).collect();
    let last = lines.iter().min_by(|a, b| a[5].total_cmp(&b[5])).unwrap();
    assert!((last[8] - last[5] / (30.0 * std::f64::consts::LN_2)).abs() < 1e-3, "{last:?}");

    // Begun from these weights, the first validation is already where the run before was best.
    let model = out.join("model.safetensors");
    let begun = folder.path().join("begun");
    good(&train(&sixteen, &begun, &format!("--levels 17 --steps 1 --rate 1e-9 --init {}", model.display())));
    let other = std::fs::read_to_string(begun.join("log.csv")).unwrap();
    let other = fields(other.lines().last().unwrap());
    assert!((other[5] - last[5]).abs() < 1e-2, "{} nats after, {} before", other[5], last[5]);
    // A larger network begun from them, too; there is no smaller one.
    let grown = folder.path().join("grown");
    let init = format!("--levels 17 --steps 1 --rate 1e-9 --grow --init {}", model.display());
    good(&train(&sixteen, &grown, &format!("{init} --hidden 8 --blocks 3 --head 12")));
    let log = std::fs::read_to_string(grown.join("log.csv")).unwrap();
    let larger: f64 = log.lines().last().unwrap().split(',').nth(5).unwrap().parse().unwrap();
    assert!((larger - last[5]).abs() < 1e-2, "{larger} nats grown, {} before", last[5]);
    bad(&train(&sixteen, &folder.path().join("w"), &format!("{init} --head 4")), "at least");

    let moved = folder.path().join("alone.safetensors");
    std::fs::copy(&model, &moved).unwrap();
    let init = format!("--levels 17 --steps 1 --init {}", moved.display());
    bad(&train(&sixteen, &folder.path().join("x"), &init), "no config lies beside it");
    good(&train(&sixteen, &folder.path().join("y"), &format!("{init} --architecture row-lstm --kernel 5")));
    std::fs::write(&model, &std::fs::read(&moved).unwrap()[..1000]).unwrap();
    bad(&train(&sixteen, &folder.path().join("z"), &format!("--levels 17 --init {}", model.display())), "weights");
}

/// The validation nats of a run's best weights.
fn best_nats(out: &Path) -> f64 {
    let log = std::fs::read_to_string(out.join("log.csv")).unwrap();
    let nats = log.lines().skip(1).map(|line| line.split(',').nth(5).unwrap().parse().unwrap());
    nats.fold(f64::INFINITY, f64::min)
}

/// Told the class, a network finds images likelier; weights without classes are begun from, and folders are classes too.
#[test]
fn classes_are_learned_from_a_file_and_from_folders() {
    let folder = TempDir::new().unwrap();
    let (data, labels) = (data(&folder, stroke), labels(&folder));
    let run = |name: &str, arguments: &str| {
        let out = folder.path().join(name);
        good(&train(&data, &out, &format!("--steps 600 --rate 0.01 --average 50 {arguments}")));
        out
    };
    let labelled = format!("--labels {}", labels.display());
    let (without, with) = (run("without", ""), run("with", &labelled));
    let config = std::fs::read_to_string(with.join("config.json")).unwrap();
    assert!(config.contains("\"classes\": 5"), "{config}");
    assert!(best_nats(&with) < best_nats(&without) - 0.3, "{} and {}", best_nats(&with), best_nats(&without));
    let accuracy = |out: &Path| {
        let log = std::fs::read_to_string(out.join("log.csv")).unwrap();
        log.lines().last().unwrap().split(',').nth(9).unwrap().parse::<f64>().ok()
    };
    assert_eq!(accuracy(&without), None);
    // One in five is right by chance.
    assert!(accuracy(&with).unwrap() > 0.5, "{:?} classified right", accuracy(&with));
    run("told", &format!("{labelled} --classify-weight 0.5 --classify-images 4"));
    // Classes add nothing at first to weights that know none.
    let init = format!("--init {}", without.join("model.safetensors").display());
    let begun = folder.path().join("begun");
    good(&train(&data, &begun, &format!("{labelled} {init} --steps 1 --rate 1e-9")));
    assert!((best_nats(&begun) - best_nats(&without)).abs() < 1e-2);

    let pictures = folder.path().join("pictures");
    for image in 0..60u32 {
        let class = pictures.join(["oak", "ash", "elm"][image as usize % 3]);
        std::fs::create_dir_all(&class).unwrap();
        let picture =
            image::GrayImage::from_fn(5, 6, |x, y| image::Luma([255 * stroke(image as usize, y as usize, x as usize)]));
        picture.save(class.join(format!("{image}.png"))).unwrap();
    }
    let trees = folder.path().join("trees");
    good(&train(&pictures, &trees, "--labels folders --steps 5 --values even"));
    assert!(std::fs::read_to_string(trees.join("config.json")).unwrap().contains("\"classes\": 3"));

    let none = folder.path().join("none");
    let fails = |arguments: &str, reason: &str| bad(&train(&data, &none, arguments), reason);
    fails("--labels nowhere", "nowhere");
    fails("--labels folders", "cannot read");
    fails(&format!("--labels {}", data.display()), "0x00000801");
    fails(&format!("{labelled} --valid {}", data.display()), "--valid-labels");
    fails("--valid-labels x", "--labels");
    fails("--classify-weight 1", "--classify-weight needs --labels");
    fails(&format!("{labelled} --classify-weight=-1"), "--classify-weight");
    fails(&format!("{labelled} --classify-weight 1 --components 2"), "--components");
    let begun = format!("--init {}", with.join("model.safetensors").display());
    fails(&begun, "for 5 classes");
    std::fs::write(&labels, [0, 0, 8, 1, 0, 0, 0, 2, 0, 1]).unwrap();
    fails(&labelled, "2 labels for 320 images");
    assert!(!none.exists(), "a run that did not begin left a folder");
}

#[test]
fn grey_images_are_drawn_or_cut_to_two_levels() {
    let folder = TempDir::new().unwrap();
    let grey = data(&folder, |image, row, column| stroke(image, row, column) * (100 + image % 156) as u8);
    let nats = |values: &str| {
        let out = folder.path().join(values);
        good(&train(&grey, &out, &format!("--steps 30 --values {values}")));
        std::fs::read(out.join("model.safetensors")).unwrap()
    };
    assert!(nats("threshold") != nats("sample"));
    bad(&train(&grey, &folder.path().join("a"), "--steps 3 --values asis"), "--values even");
    bad(&train(&grey, &folder.path().join("b"), "--steps 3 --values sample --levels 4"), "2 levels");
    let binary = data(&folder, stroke);
    bad(&train(&binary, &folder.path().join("c"), "--steps 3 --values threshold"), "asis");
}

#[test]
fn mistakes_are_errors_and_keep_the_last_checkpoint() {
    let folder = TempDir::new().unwrap();
    let data = data(&folder, stroke);
    let out = folder.path().join("run");
    good(&train(&data, &out, "--steps 10"));
    let checkpoint = out.join("checkpoint.safetensors");
    let bytes = std::fs::read(&checkpoint).unwrap();
    let same = |arguments: &str, reason: &str| {
        bad(&train(&data, &out, arguments), reason);
        assert!(std::fs::read(&checkpoint).unwrap() == bytes, "{arguments}: the checkpoint changed");
    };
    same("--steps 20 --seed 2", "--seed 1, not 2");
    same("--steps 20 --skip", "network");
    same("--steps 20 --optimizer rmsprop", "--optimizer");
    same("--steps 4000 --rate 1e30", "not finite");
    same("--rate nan", "--rate");
    same("--minutes 0", "--minutes");
    same("--every 0", "--every");
    same("--average 0", "--average");
    same("--device tpu", "--device");
    same("--steps 0", "--steps");

    let none = folder.path().join("none");
    for (arguments, reason) in [
        ("--kernel 4", "kernel"),
        ("--dilation 3", "dilation is 1, 2, 4 or 8"),
        ("--dilation 2 --architecture row-lstm", "goes with pixelcnn"),
        ("--teacher nowhere.safetensors", "nowhere"),
        ("--levels 1", "levels"),
        ("--levels 257", "--components"),
        ("--levels 65537 --components 1", "levels"),
        ("--components 11", "components"),
        ("--patience 0", "--patience"),
        ("--batch 0", "--batch"),
        ("--crop 6", "WIDTHxHEIGHT"),
        ("--valid nowhere", "nowhere"),
        ("--init nowhere.safetensors", "nowhere"),
    ] {
        bad(&train(&data, &none, arguments), reason);
    }
    bad(&train(Path::new("nowhere"), &none, ""), "nowhere");
    assert!(!none.exists(), "a run that did not begin left a folder");

    for length in [0, 7, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&checkpoint, &bytes[..length]).unwrap();
        bad(&train(&data, &out, "--steps 20"), "cannot go on from");
    }
}

#[test]
fn steps_are_timed() {
    let output = Command::new(env!("CARGO_BIN_EXE_pixelrnn"))
        .args("train --benchmark 2 --architecture row-lstm --hidden 4 --blocks 1 --batch 16".split(' '))
        .output()
        .unwrap();
    let text = good(&output);
    assert!(text.contains("steps a second") && text.contains("row-lstm"), "{text}");
}

/// A network goes on with blocks that read further away; one that learns a teacher's probabilities comes close to it.
#[test]
fn networks_reach_further_and_learn_from_others() {
    let folder = TempDir::new().unwrap();
    let data = data(&folder, stroke);
    let run = |name: &str, arguments: &str| {
        let out = folder.path().join(name);
        good(&train(&data, &out, &format!("--steps 200 --rate 0.01 --average 30 {arguments}")));
        out
    };
    let weights = |run: &Path| run.join("model.safetensors").display().to_string();
    let near = run("near", "--blocks 3");
    let far = run("far", &format!("--blocks 3 --dilation 2 --init {}", weights(&near)));
    let config = std::fs::read_to_string(far.join("config.json")).unwrap();
    assert!(config.contains("\"dilation\": 2"), "{config}");
    assert!(best_nats(&far) < best_nats(&near) + 0.5, "{} far, {} near", best_nats(&far), best_nats(&near));

    let taught = run("taught", &format!("--blocks 3 --teacher {}", weights(&far)));
    // Thirty pixels whose values are as likely as not take 20.8 nats.
    assert!(best_nats(&taught) < best_nats(&far) + 4.0, "{} taught, {} teacher", best_nats(&taught), best_nats(&far));
    assert!(std::fs::read(taught.join("model.safetensors")).unwrap() != std::fs::read(weights(&near)).unwrap());
    let none = folder.path().join("none");
    let fails = |arguments: &str, reason: &str| bad(&train(&data, &none, arguments), reason);
    fails(
        &format!("--levels 4 --values even --teacher {}", weights(&far)),
        "the teacher's levels are 2, the network's 4",
    );
    fails(&format!("--components 2 --teacher {}", weights(&far)), "not --components");
}

/// A smaller scale's pieces, and a network that is given them: less is left to say, and the weights begin another run of the same scale.
#[test]
fn scales_are_learned_one_by_one() {
    let folder = TempDir::new().unwrap();
    let data = data(&folder, stroke);
    let run = |name: &str, arguments: &str| {
        let out = folder.path().join(name);
        good(&train(&data, &out, &format!("--steps 300 --rate 0.01 --average 50 {arguments}")));
        let config = std::fs::read_to_string(out.join("config.json")).unwrap();
        (out, config)
    };
    let (whole, config) = run("whole", "");
    assert!(!config.contains("factor"), "{config}");
    let (small, config) = run("small", "--shrink 2");
    assert!(!config.contains("factor"), "{config}");
    let (large, config) = run("large", "--scale 2 --upsampled 8 --round-from 0.5");
    assert!(config.contains("\"factor\": 2") && config.contains("\"upsampled\": 8"), "{config}");
    let (whole, sum) = (best_nats(&whole), best_nats(&small) + best_nats(&large));
    assert!(best_nats(&large) < whole && sum < whole + 3.0, "{whole} nats in one scale, {sum} in two");
    assert!(large.join("samples").read_dir().unwrap().next().is_some());

    let none = folder.path().join("none");
    let fails = |arguments: &str, reason: &str| bad(&train(&data, &none, arguments), reason);
    fails("--scale 3", "factor is 2 or 4");
    fails("--scale 2 --upsampled 6", "multiple of 4");
    fails("--upsampled 8", "--scale");
    fails("--shrink 0", "--shrink");
    fails(&format!("--init {}", large.join("model.safetensors").display()), "for --scale 2, not 0");
    let begun = folder.path().join("begun");
    let init = format!("--scale 2 --init {} --steps 1 --rate 1e-9", large.join("model.safetensors").display());
    good(&train(&data, &begun, &init));
    assert!((best_nats(&begun) - best_nats(&large)).abs() < 0.2, "{} and {}", best_nats(&begun), best_nats(&large));
}
