//! Writes the fuzz targets' corpus: small blobs of every kind, and inputs of the decoder's every arm.

use std::path::{Path, PathBuf};
use std::{fs, io};

use pixelrnn::{Architecture, Model, Pyramid, Seeded};
use pixelrnn_convert::quantize::pack::{self, Form};
use pixelrnn_tests::coded::encode;
use pixelrnn_tests::fuzz::{MODELS, Models, SCALES_SIZE, SIZE, header};
use pixelrnn_tests::random::{Numbers, Recipe, model, models_of_nibbles};
use pixelrnn_tests::{images, kinds};
use rand_core::SeedableRng;

/// A target's folder, empty.
fn folder(target: &str) -> io::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Blobs as they come, and one packed for MVE.
fn blobs() -> io::Result<Vec<Vec<u8>>> {
    let folder = folder("blob")?;
    let mut blobs = Vec::new();
    for (name, recipe) in kinds::scales() {
        fs::write(folder.join(format!("{name}.prnn")), model(&recipe, 5).bytes())?;
    }
    for (name, recipe) in kinds::small() {
        let blob = model(&recipe, 5);
        fs::write(folder.join(format!("{name}.prnn")), blob.bytes())?;
        if blobs.is_empty() {
            let packed = pack::repack(&blob, Form::Mve).map_err(io::Error::other)?;
            fs::write(folder.join(format!("{name}-mve.prnn")), packed.bytes())?;
            let [_, narrow] = models_of_nibbles(&Recipe { hidden: 8, ..recipe }, 5);
            fs::write(folder.join(format!("{name}-nibbles.prnn")), narrow.bytes())?;
        }
        blobs.push(blob.bytes().to_vec());
    }
    Ok(blobs)
}

/// A model's inputs of every arm: see `fuzz::decode`.
fn inputs(model: &Model<'_>, numbers: &mut Numbers) -> [(&'static str, Vec<u8>); 6] {
    let drawn: Vec<Vec<u16>> = (0..2).map(|seed| images::drawn(model, SIZE.0, SIZE.1, seed)).collect();
    let [whole, cut] = [false, true].map(|is_cut| encode(model, header(model, is_cut), &drawn, 3).bytes);
    let mut damage = || {
        let images = (0..drawn.as_slice().concat().len()).map(|_| numbers.below(256) as u8);
        [150, 4, 2].into_iter().chain(images).collect()
    };
    let damages = [damage(), damage()];
    let [damage_whole, damage_cut] = damages;
    [
        ("container", whole.clone()),
        ("container-cut", cut.clone()),
        ("groups", whole[header(model, false).size()..].to_vec()),
        ("groups-cut", cut[header(model, true).size()..].to_vec()),
        ("damage", damage_whole),
        ("damage-cut", damage_cut),
    ]
}

/// Blobs of two scales, and of each architecture a code, as it is and damaged: see `fuzz::scales`.
fn scales() -> io::Result<()> {
    let (folder, mut numbers) = (folder("scales")?, Numbers(2));
    for (choice, architecture) in Architecture::ALL.into_iter().enumerate() {
        let blob = |name: &str| {
            let all = kinds::small().into_iter().chain(kinds::scales());
            let mut named = all.filter(|(other, _)| *other == format!("{}-{name}", architecture.name()));
            named.next().map(|(_, recipe)| model(&recipe, 5)).ok_or_else(|| io::Error::other("no such kind"))
        };
        let packed = pack::scales(&[&blob("17")?, &blob("scale-2")?]);
        let models = packed.load_scales().map_err(io::Error::other)?;
        let pyramid = Pyramid::new(&models).map_err(io::Error::other)?;
        let mut images = vec![0u16; pyramid.values(SCALES_SIZE)];
        let mut state = vec![0; pyramid.state_words(SCALES_SIZE.0)];
        let mut rng = Seeded::seed_from_u64(1);
        pyramid.draw(None, SCALES_SIZE, &mut state, &mut rng, &mut images).map_err(io::Error::other)?;
        let mut code = Vec::new();
        let sink = |byte| -> Result<(), io::Error> {
            code.push(byte);
            Ok(())
        };
        pyramid.encode(None, SCALES_SIZE, &mut state, &mut images, sink).map(drop).map_err(io::Error::other)?;
        let damage: Vec<u8> = (0..2 + 20).map(|_| numbers.below(256) as u8).collect();
        let first = |arm: u8| arm + 3 * choice as u8;
        for (name, arm, bytes) in [("blob", 0, packed.bytes()), ("code", 1, &code), ("damage", 2, &damage)] {
            fs::write(folder.join(format!("{name}-{choice}")), [&[first(arm)], bytes].concat())?;
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let blobs = blobs()?;
    scales()?;
    // The corpus that was compiled in may be of an older format.
    let models = Models::new(&blobs.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let (folder, mut numbers) = (folder("decode")?, Numbers(1));
    for choice in 0..MODELS {
        let inputs = inputs(&models.chosen(choice), &mut numbers);
        for (arm, (name, bytes)) in inputs.into_iter().enumerate() {
            let first = choice + arm as u8 * MODELS;
            fs::write(folder.join(format!("{name}-{choice}")), [&[first], &bytes[..]].concat())?;
        }
    }
    Ok(())
}
