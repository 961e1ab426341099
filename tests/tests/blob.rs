//! Every way in which a blob can be wrong is its own error, and nothing that loads can go wrong later.

use pixelrnn::blob::{self, Architecture, LayerDescription};
use pixelrnn::layers::Shape;
use pixelrnn::{LoadError, Model, Seeded, Stream, sample};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::quantize::pack;
use pixelrnn_tests::images::drawn;
use pixelrnn_tests::random::{self, Numbers, Recipe};
use rand_core::SeedableRng;

const ARCHITECTURES: [Architecture; 3] = [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm];

fn bytes(architecture: Architecture) -> Vec<u8> {
    random::model(&Recipe { blocks: 1, hidden: 4, maps: 4, ..Recipe::small(architecture) }, 3).bytes().to_vec()
}

fn load(bytes: &[u8]) -> Result<(), LoadError> {
    Blob::new(bytes).load().map(drop)
}

/// Writes the checksum that the bytes should have.
fn seal(bytes: &mut [u8]) {
    let checksum = blob::checksum(bytes);
    bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
}

#[test]
fn every_flipped_bit_is_found() {
    let blobs = ARCHITECTURES.map(|architecture| Blob::new(&bytes(architecture)));
    let packed = blobs.each_ref().map(|blob| pack::repack(blob, true).unwrap());
    for blob in blobs.iter().chain(&packed) {
        let bytes = blob.bytes().to_vec();
        assert_eq!(load(&bytes), Ok(()));
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(load(&flipped).is_err(), "bit {bit}");
        }
    }
}

#[test]
fn every_truncation_is_found() {
    let bytes = bytes(Architecture::RowLstm);
    for length in 0..bytes.len() {
        let error = load(&bytes[..length]).unwrap_err();
        assert!(matches!(error, LoadError::Truncated { .. }), "{length}: {error:?}");
    }
}

#[test]
fn each_fault_has_its_error() {
    let good = bytes(Architecture::PixelCnn);
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        load(&bytes).unwrap_err()
    };
    assert_eq!(changed(&|bytes| bytes[0] = b'Q'), LoadError::WrongMagic);
    let supported = blob::VERSION;
    assert_eq!(changed(&|bytes| bytes[4] = 9), LoadError::UnsupportedVersion { found: 9, supported });
    assert_eq!(changed(&|bytes| bytes[6] = 1), LoadError::ReservedBits);
    assert_eq!(changed(&|bytes| bytes.push(0)), LoadError::TrailingBytes { extra: 1 });
    assert!(matches!(changed(&|bytes| bytes[40] ^= 1), LoadError::WrongChecksum { .. }));

    let mut shifted = vec![0; 1];
    shifted.extend(&good);
    let blob = Blob::new(&shifted);
    assert_eq!(Model::load(&blob.bytes()[1..]).unwrap_err(), LoadError::Misaligned);
}

/// A model packed for MVE is the same model: hosts draw the same from it, coded images name it the same, and back it is what it
/// was, byte for byte.
#[test]
fn packing_changes_nothing_but_bytes() {
    for architecture in ARCHITECTURES {
        let blob = Blob::new(&bytes(architecture));
        let packed = pack::repack(&blob, true).unwrap();
        assert_ne!(packed.bytes(), blob.bytes());
        let models = [blob.load().unwrap(), packed.load().unwrap()];
        assert_eq!(models[0].fingerprint(), models[1].fingerprint());
        let [image, of_packed] = models.each_ref().map(|model| drawn(model, 9, 7, 1));
        assert_eq!(image, of_packed);
        assert_eq!(pack::repack(&packed, false).unwrap().bytes(), blob.bytes());
        assert_eq!(pack::repack(&packed, true).unwrap().bytes(), packed.bytes());
    }
}

/// Headers that are well-formed and impossible.
#[test]
fn impossible_headers_are_refused() {
    let recipe = Recipe::small(Architecture::PixelCnn);
    let with = |change: &dyn Fn(&mut blob::Header)| {
        let mut header = random::header(&recipe);
        change(&mut header);
        let encoded = postcard::to_stdvec(&header).unwrap();
        let mut bytes = random::model(&recipe, 1).bytes()[..16].to_vec();
        bytes.extend(&encoded);
        bytes.resize(blob::body_offset(encoded.len()), 0);
        let length = bytes.len() as u32;
        bytes[8..12].copy_from_slice(&length.to_le_bytes());
        seal(&mut bytes);
        load(&bytes).unwrap_err()
    };
    assert_eq!(with(&|header| header.levels = 1), LoadError::UnsupportedLevels(1));
    assert_eq!(with(&|header| header.levels = 257), LoadError::UnsupportedLevels(257));
    assert_eq!(with(&|header| header.channels = 3), LoadError::UnsupportedChannels(3));
    for condition in [blob::Condition::Class(10), blob::Condition::Image { factor: 4 }] {
        assert_eq!(with(&|header| header.condition = condition), LoadError::UnsupportedCondition);
    }
    assert_eq!(with(&|header| header.features = 6), LoadError::InvalidLayer { layer: 0 });
    assert_eq!(with(&|header| header.layers.clear()), LoadError::InvalidLayer { layer: 0 });
    assert_eq!(with(&|header| header.layers.truncate(1)), LoadError::InvalidLayer { layer: 0 });
    assert_eq!(with(&|header| header.layers.swap(0, 1)), LoadError::InvalidLayer { layer: 0 });
    assert_eq!(with(&|header| header.architecture = Architecture::RowLstm), LoadError::InvalidLayer { layer: 1 });
    assert_eq!(
        with(&|header| header.layers[0] = LayerDescription::First { shift: 31 }),
        LoadError::InvalidShift { layer: 0 }
    );
    assert!(matches!(with(&|_| {}), LoadError::WrongBodyLength { given: 0, .. }));
}

/// Weights of -128, rows that could overflow an accumulator and negative multipliers are refused.
#[test]
fn weights_out_of_range_are_refused() {
    let recipe = Recipe { hidden: 128, blocks: 1, ..Recipe::small(Architecture::PixelCnn) };
    let header = random::header(&recipe);
    let mut numbers = Numbers(1);
    let layers: Vec<_> =
        header.layers.iter().map(|layer| random::arrays(&Shape::new(&header, layer), &mut numbers)).collect();
    let with = |layer: usize, array: usize, change: &dyn Fn(&mut pack::Array)| {
        let mut changed = layers.clone();
        change(&mut changed[layer][array]);
        pack::blob(&header, &changed).load().map(drop)
    };
    let weights = |array: &mut pack::Array, change: &dyn Fn(&mut [i8])| match array {
        pack::Array::Linear { matrix, .. } | pack::Array::Matrix(matrix) => change(&mut matrix.weights),
        pack::Array::Quantizer(_) => panic!("no weights here"),
    };
    let invalid = |layer| Err(LoadError::InvalidWeights { layer });
    assert_eq!(with(0, 0, &|_| {}), Ok(()));
    assert_eq!(with(0, 0, &|array| weights(array, &|weights| weights[5] = -128)), invalid(0));
    assert_eq!(with(1, 2, &|array| weights(array, &|weights| weights.fill(127))), invalid(1));
    let negative = |array: &mut pack::Array| *array = pack::Array::Quantizer(vec![-1; 256]);
    assert_eq!(with(1, 0, &negative), invalid(1));
}

/// Random damage under a right checksum: it loads or it does not, and what loads runs.
#[test]
fn what_loads_runs() {
    let mut loaded = 0;
    for architecture in ARCHITECTURES {
        let bytes = bytes(architecture);
        for seed in 0..1500 {
            let mut numbers = Numbers(seed);
            let mut damaged = bytes.clone();
            for _ in 0..=numbers.below(3) {
                let place = 16 + numbers.below(bytes.len() as u32 - 16) as usize;
                damaged[place] = numbers.bits() as u8;
            }
            seal(&mut damaged);
            let blob = Blob::new(&damaged);
            let Ok(model) = blob.load() else { continue };
            loaded += 1;
            let mut state = vec![0; model.state_words(5)];
            let mut stream = Stream::begin(&model, 5, 4, &mut state).unwrap();
            let mut image = [0; 20];
            assert_eq!(sample::fill(&mut stream, &mut Seeded::seed_from_u64(seed), &mut image), 20);
        }
    }
    assert!(loaded > 500, "only {loaded} damaged blobs loaded: the test shows nothing");
}
