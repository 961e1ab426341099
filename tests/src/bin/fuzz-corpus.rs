//! Writes the fuzz targets' corpus: small blobs of every kind, and inputs of the decoder's every arm.

use std::path::Path;

use pixelrnn::blob::Architecture;
use pixelrnn::codec::HEADER_BYTES;
use pixelrnn_convert::quantize::pack;
use pixelrnn_tests::fuzz::{MODELS, Models, encode};
use pixelrnn_tests::random::{Numbers, Recipe, model};

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let write = |target: &str, name: &str, bytes: &[u8]| {
        std::fs::create_dir_all(folder.join(target))?;
        std::fs::write(folder.join(target).join(name), bytes)
    };
    let mut blobs = Vec::new();
    for architecture in [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm] {
        for (levels, skip) in [(2, false), (3, true), (256, false)] {
            let recipe = Recipe { architecture, levels, hidden: 4, blocks: 1, maps: 4, kernel: 3, skip };
            let blob = model(&recipe, 5);
            write("blob", &format!("{}-{levels}.prnn", architecture.name()), blob.bytes())?;
            blobs.push(blob);
        }
    }
    let packed = pack::repack(&blobs[0], true).map_err(std::io::Error::other)?;
    write("blob", "pixelcnn-2-mve.prnn", packed.bytes())?;
    // The corpus that was compiled in may be of an older format.
    let models = Models::new(core::array::from_fn(|place| blobs[place].bytes()));
    let mut numbers = Numbers(1);
    for choice in 0..MODELS {
        let model = models.chosen(choice);
        let mut image = || core::array::from_fn(|_| numbers.below(u32::from(model.levels())) as u8);
        let images: Vec<[u8; 15]> = (0..3).map(|_| image()).collect();
        let coded = encode(&model, &images, 2);
        let arm = |number: u8, bytes: &[u8]| [&[choice + number * MODELS], bytes].concat();
        write("decode", &format!("container-{choice}"), &arm(0, &coded))?;
        write("decode", &format!("groups-{choice}"), &arm(1, &coded[HEADER_BYTES..]))?;
        write("decode", &format!("damage-{choice}"), &arm(2, &[&[150, 4, 2], images.as_flattened()].concat()))?;
    }
    Ok(())
}
