//! Every way in which a blob can be wrong is its own error, and nothing that loads can go wrong later.

use pixelrnn::blob::{self, Architecture, Condition, First, Header, LayerDescription, Packing, Upsample};
use pixelrnn::layers::Shape;
use pixelrnn::{LoadError, Model, Seeded, Stream, sample};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::quantize::pack::{self, Array, Form};
use pixelrnn_tests::changed::{resize, seal, shorten};
use pixelrnn_tests::coded::{class, given, small};
use pixelrnn_tests::images::drawn;
use pixelrnn_tests::kinds;
use pixelrnn_tests::random::{self, Numbers, Recipe};
use rand_core::SeedableRng;

fn bytes(architecture: Architecture) -> Vec<u8> {
    random::model(&Recipe { blocks: 1, hidden: 4, maps: 4, ..Recipe::small(architecture) }, 3).bytes().to_vec()
}

/// Every kind, and those that are given smaller images.
fn all() -> Vec<(String, Recipe)> {
    kinds::small().into_iter().chain(kinds::scales()).collect()
}

fn load(bytes: &[u8]) -> Result<(), LoadError> {
    Blob::new(bytes).load().map(drop)
}

/// Every bit of what a blob says of itself, and of its body some.
#[test]
fn every_flipped_bit_is_found() {
    let blobs = all().into_iter().map(|(_, recipe)| random::model(&recipe, 3));
    let nibbles =
        Architecture::ALL.map(|architecture| random::models_of_nibbles(&Recipe::small(architecture), 3)[1].clone());
    let blobs = blobs.flat_map(|blob| [pack::repack(&blob, Form::Mve).unwrap(), blob]);
    for blob in blobs.chain(nibbles) {
        let bytes = blob.bytes().to_vec();
        assert_eq!(load(&bytes), Ok(()));
        for bit in (0..8 * 128).chain((8 * 128..8 * bytes.len()).step_by(101)) {
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
        let needed = if length < 16 { 16 } else { bytes.len() as u32 };
        assert_eq!(error, LoadError::Truncated { needed, given: length as u32 });
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
    assert_eq!(changed(&|bytes| bytes[4] = 1), LoadError::UnsupportedVersion { found: 1, supported });
    assert_eq!(changed(&|bytes| bytes[6] = 1), LoadError::ReservedBits);
    assert_eq!(changed(&|bytes| bytes.push(0)), LoadError::TrailingBytes { extra: 1 });
    let stored = blob::checksum(&good);
    let computed = blob::checksum(&[&good[..40], &[good[40] ^ 1], &good[41..]].concat());
    assert_eq!(changed(&|bytes| bytes[40] ^= 1), LoadError::WrongChecksum { stored, computed });

    let mut shifted = vec![0; 1];
    shifted.extend(&good);
    let blob = Blob::new(&shifted);
    assert_eq!(Model::load(&blob.bytes()[1..]).unwrap_err(), LoadError::Misaligned);
}

/// A model packed for MVE is the same model: hosts draw the same from it, coded images name it the same, and back it is what it
/// was, byte for byte.
#[test]
fn packing_changes_nothing_but_bytes() {
    for (name, recipe) in all() {
        let blob = random::model(&recipe, 3);
        let packed = pack::repack(&blob, Form::Mve).unwrap();
        assert_ne!(packed.bytes(), blob.bytes());
        let models = [blob.load().unwrap(), packed.load().unwrap()];
        assert_eq!(models[0].fingerprint(), models[1].fingerprint());
        let [image, of_packed] = models.each_ref().map(|model| drawn::<u16>(model, 9, 7, 1));
        assert_eq!(image, of_packed, "{name}");
        assert_eq!(packed.to_run().unwrap().bytes(), blob.bytes());
        assert_eq!(pack::repack(&packed, Form::Mve).unwrap().bytes(), packed.bytes());
    }
}

/// A model of weights of 4 bits is the one of 8 bits that it was made of, in half the bytes a weight.
#[test]
fn nibbles_change_nothing_but_bytes() {
    for (name, recipe) in all() {
        let unit = 2 * if recipe.components == 0 { u16::from(recipe.channels) } else { 1 };
        let recipe = Recipe { hidden: 4 * unit, ..recipe };
        let [wide, narrow] = random::models_of_nibbles(&recipe, 3);
        let models = [wide.load().unwrap(), narrow.load().unwrap()];
        assert_eq!(models[0].fingerprint(), models[1].fingerprint());
        let [image, of_narrow] = models.each_ref().map(|model| drawn::<u16>(model, 9, 7, 1));
        assert_eq!(image, of_narrow, "{name}");
        assert_eq!(narrow.to_run().unwrap().bytes(), wide.bytes(), "{name}");
        assert_eq!(pack::repack(&narrow, Form::Nibbles).unwrap().bytes(), narrow.bytes());
    }
}

/// Words of eight weights ask for features by eights.
#[test]
fn nibbles_of_half_a_word_are_refused() {
    let packing = Packing::Rows4Nibbles { fingerprint: 0 };
    for architecture in Architecture::ALL {
        let recipe = Recipe { hidden: 4, ..Recipe::small(architecture) };
        assert_eq!(with(&recipe, |header| header.packing = packing), LoadError::InvalidLayer { layer: 1 });
        assert!(is_possible(&Recipe::small(architecture), |header| header.packing = packing));
    }
}

/// A blob of a header alone, its checksum right.
fn without_body(header: &Header) -> Vec<u8> {
    let encoded = postcard::to_stdvec(header).unwrap();
    let mut bytes = bytes(Architecture::PixelCnn)[..16].to_vec();
    bytes.extend(&encoded);
    bytes.resize(blob::body_offset(encoded.len()), 0);
    let length = bytes.len() as u32;
    bytes[8..12].copy_from_slice(&length.to_le_bytes());
    seal(&mut bytes);
    bytes
}

/// What loading says of a recipe's header, changed.
fn with(recipe: &Recipe, change: impl Fn(&mut Header)) -> LoadError {
    let mut header = random::header(recipe);
    change(&mut header);
    load(&without_body(&header)).unwrap_err()
}

/// Of a header that is fine, no body is too little.
fn is_possible(recipe: &Recipe, change: impl Fn(&mut Header)) -> bool {
    matches!(with(recipe, change), LoadError::WrongBodyLength { given: 0, needed } if needed > 0)
}

#[test]
fn impossible_values_are_refused() {
    let softmax = Recipe::small(Architecture::PixelCnn);
    let mixture = Recipe::mixture(Architecture::PixelCnn, 256, 3);
    for levels in [0, 1, 257, 65_536, 65_537, u32::MAX] {
        assert_eq!(with(&softmax, |header| header.levels = levels), LoadError::UnsupportedLevels(levels));
    }
    for levels in [0, 1, 65_537, u32::MAX] {
        assert_eq!(with(&mixture, |header| header.levels = levels), LoadError::UnsupportedLevels(levels));
    }
    assert!([2, 3, 256].iter().all(|&levels| is_possible(&softmax, |header| header.levels = levels)));
    assert!([2, 257, 65_536].iter().all(|&levels| is_possible(&mixture, |header| header.levels = levels)));
    for channels in [0, 5, 255] {
        for recipe in [&softmax, &mixture] {
            let error = with(recipe, |header| header.channels = channels);
            assert_eq!(error, LoadError::UnsupportedChannels(channels));
        }
    }
    for condition in [Condition { classes: 10, factor: 2 }, Condition { classes: 0, factor: 4 }] {
        assert_eq!(with(&softmax, |header| header.condition = condition), LoadError::UnsupportedCondition);
    }
    for classes in [1, 10, u16::MAX] {
        assert!(is_possible(&softmax, |header| header.condition.classes = classes));
    }
}

#[test]
fn layers_out_of_place_are_refused() {
    let recipe = Recipe::small(Architecture::PixelCnn);
    let invalid = |layer| LoadError::InvalidLayer { layer };
    let other = |architecture| random::header(&Recipe::small(architecture)).layers[1];
    assert_eq!(with(&recipe, |header| header.layers.clear()), invalid(0));
    assert_eq!(with(&recipe, |header| header.layers.truncate(1)), invalid(0));
    assert_eq!(with(&recipe, |header| header.layers.truncate(3)), invalid(2));
    assert_eq!(with(&recipe, |header| header.layers.swap(0, 1)), invalid(0));
    assert_eq!(with(&recipe, |header| header.layers.swap(2, 3)), invalid(2));
    assert_eq!(with(&recipe, |header| header.layers[1] = header.layers[0]), invalid(1));
    assert_eq!(with(&recipe, |header| header.layers[3] = header.layers[0]), invalid(3));
    assert_eq!(with(&recipe, |header| header.layers[0] = header.layers[3]), invalid(0));
    for (architecture, wrong) in [(1, 2), (2, 0), (0, 1)].map(|(a, b)| (Architecture::ALL[a], Architecture::ALL[b])) {
        assert_eq!(with(&Recipe::small(architecture), |header| header.layers[2] = other(wrong)), invalid(2));
        assert_eq!(with(&Recipe::small(architecture), |header| header.architecture = wrong), invalid(1));
    }
    // Without blocks it is a network still.
    assert!(is_possible(&recipe, |header| shorten(header, 1)));
}

/// An upsampling network stands first, and is there if images are given smaller ones, 2 or 4 times.
#[test]
fn impossible_upsampling_is_refused() {
    let recipe = Recipe { factor: 2, ..Recipe::groups(Architecture::DiagonalBilstm) };
    let invalid = |layer| LoadError::InvalidLayer { layer };
    for factor in [0, 1, 3, 5, 8, 255] {
        assert_eq!(with(&recipe, |header| header.condition.factor = factor), LoadError::UnsupportedCondition);
    }
    assert!([2, 4].iter().all(|&factor| is_possible(&recipe, |header| header.condition.factor = factor)));
    let remove = |header: &mut Header| {
        header.layers.remove(0);
    };
    assert_eq!(with(&recipe, remove), LoadError::UnsupportedCondition);
    assert_eq!(with(&recipe, |header| header.layers.swap(0, 1)), LoadError::UnsupportedCondition);
    assert_eq!(with(&recipe, |header| header.layers[1] = header.layers[0]), invalid(1));
    assert_eq!(with(&recipe, |header| header.layers[2] = header.layers[0]), invalid(2));
    assert_eq!(with(&recipe, |header| header.layers.truncate(2)), invalid(1));
    let features = |header: &mut Header, features| {
        header.layers[0] = LayerDescription::Upsample(Upsample { features, shifts: [23, 23] });
    };
    for count in [0, 2, 6, 260] {
        assert_eq!(with(&recipe, |header| features(header, count)), invalid(0));
    }
    assert!([4, 256].iter().all(|&count| is_possible(&recipe, |header| features(header, count))));
    for shifts in [[31, 0], [0, 31]] {
        let upsample = LayerDescription::Upsample(Upsample { features: 8, shifts });
        assert_eq!(with(&recipe, |header| header.layers[0] = upsample), LoadError::InvalidShift { layer: 0 });
    }
}

/// Features, units and maps are multiples of four a channel group, within what accumulators and scratch take.
#[test]
fn impossible_sizes_are_refused() {
    let invalid = |layer| LoadError::InvalidLayer { layer };
    for architecture in Architecture::ALL {
        let kinds = [(Recipe::groups(architecture), 12), (Recipe::mixture(architecture, 256, 3), 4)];
        for (recipe, unit) in kinds.into_iter().chain([(Recipe::small(architecture), 4)]) {
            for features in [0, 2, unit - 2, unit + 2, unit * (512 / unit) + unit] {
                assert_eq!(with(&recipe, |header| header.features = features), invalid(0), "{features}");
            }
            for (layer, most) in [(1, 256), (3, 1024)] {
                for size in [0, 2, unit - 2, unit + 2, unit * (most / unit) + unit] {
                    let error = with(&recipe, |header| resize(&mut header.layers[layer], size));
                    assert_eq!(error, invalid(layer as u8), "{recipe:?}: {size}");
                }
            }
            let most = |most: u16| most / unit * unit;
            assert!(is_possible(&recipe, |header| {
                header.features = most(512);
                resize(&mut header.layers[1], most(256));
                resize(&mut header.layers[3], most(1024));
            }));
        }
    }
    // PixelCNN's block keeps in one place what it reads and what it convolves.
    let recipe = Recipe::small(Architecture::PixelCnn);
    assert_eq!(with(&recipe, |header| resize(&mut header.layers[2], 20)), invalid(2));
    assert!(is_possible(&recipe, |header| resize(&mut header.layers[2], 16)));
}

#[test]
fn impossible_kernels_and_components_are_refused() {
    let recipe = Recipe::small(Architecture::RowLstm);
    let kernel = |header: &mut Header, size| {
        if let LayerDescription::RowLstm(layer) = &mut header.layers[2] {
            layer.kernel = size;
        }
    };
    for size in [0, 1, 2, 4, 254] {
        assert_eq!(with(&recipe, |header| kernel(header, size)), LoadError::InvalidLayer { layer: 2 });
    }
    assert!(is_possible(&recipe, |header| kernel(header, 7)));
    let recipe = Recipe::mixture(Architecture::PixelCnn, 256, 3);
    let components = |header: &mut Header, count| {
        if let LayerDescription::Mixture(layer) = &mut header.layers[3] {
            layer.components = count;
        }
    };
    for count in [0, 11, 255] {
        assert_eq!(with(&recipe, |header| components(header, count)), LoadError::InvalidLayer { layer: 3 });
    }
    assert!([1, 10].iter().all(|&count| is_possible(&recipe, |header| components(header, count))));
}

#[test]
fn impossible_shifts_are_refused() {
    let recipe = Recipe::small(Architecture::DiagonalBilstm);
    let first = |header: &mut Header, shifts| header.layers[0] = LayerDescription::First(First { shifts });
    for shifts in [[31, 0], [0, 31]] {
        assert_eq!(with(&recipe, |header| first(header, shifts)), LoadError::InvalidShift { layer: 0 });
    }
    assert!(is_possible(&recipe, |header| first(header, [23, 23])));
    for place in 0..5 {
        let error = with(&recipe, |header| match &mut header.layers[2] {
            LayerDescription::Diagonal(layer) => layer.shifts[place] = 31,
            other => panic!("{other:?}"),
        });
        assert_eq!(error, LoadError::InvalidShift { layer: 2 });
    }
}

/// A header that is none, or is followed by what is not zero.
#[test]
fn unreadable_headers_are_refused() {
    let good = bytes(Architecture::PixelCnn);
    let header_bytes = postcard::to_stdvec(&Blob::new(&good).load().unwrap().header().clone()).unwrap().len();
    let mut changed = good.clone();
    changed[16] = 77;
    seal(&mut changed);
    assert_eq!(load(&changed), Err(LoadError::InvalidHeader));
    for place in 16 + header_bytes..blob::body_offset(header_bytes) {
        let mut changed = good.clone();
        changed[place] = 1;
        seal(&mut changed);
        assert_eq!(load(&changed), Err(LoadError::InvalidHeader));
    }
    let mut short = good[..16 + header_bytes].to_vec();
    short[8..12].copy_from_slice(&(16 + header_bytes as u32).to_le_bytes());
    seal(&mut short);
    let is_padded = blob::body_offset(header_bytes) > short.len();
    assert!(is_padded, "the header ends at a multiple of 16: this shows nothing");
    assert_eq!(load(&short), Err(LoadError::InvalidHeader));
}

/// What serde and postcard read of a blob: its header, if all is well up to the body.
fn by_postcard(bytes: &[u8]) -> Option<Header> {
    let (header, rest) = postcard::take_from_bytes::<Header>(&bytes[16..]).ok()?;
    let end = bytes.len() - rest.len();
    let padding = bytes.get(end..blob::body_offset(end - 16))?;
    padding.iter().all(|&byte| byte == 0).then_some(header)
}

/// Every byte of every kind's header changed: the engine's own reader and postcard take the same, and refuse the same.
#[test]
fn headers_are_what_postcard_reads() {
    for (name, recipe) in all() {
        let good = without_body(&random::header(&recipe));
        for (place, value) in (16..good.len()).flat_map(|place| (0..=255).map(move |value| (place, value))) {
            let mut changed = good.clone();
            changed[place] = value;
            // Of a number, what follows counts too.
            if place % 3 == 0 && place + 1 < good.len() {
                changed[place + 1] ^= 0x80;
            }
            seal(&mut changed);
            let blob = Blob::new(&changed);
            let read = blob::open(blob.bytes()).ok().map(|(header, ..)| header);
            // Formatted: a unit may be no number, which equals nothing.
            assert_eq!(format!("{read:?}"), format!("{:?}", by_postcard(&changed)), "{name}: byte {place}: {value}");
        }
    }
}

/// The body is as long as the layers say, to the byte.
#[test]
fn bodies_of_a_wrong_length_are_refused() {
    for (name, recipe) in all() {
        let good = random::model(&recipe, 3).bytes().to_vec();
        let model_bytes = Blob::new(&good).load().unwrap().shapes().map(|shape| shape.body_bytes()).sum::<usize>();
        let resized = |length: usize| {
            let mut bytes = good.clone();
            bytes.resize(length, 0);
            bytes[8..12].copy_from_slice(&(length as u32).to_le_bytes());
            seal(&mut bytes);
            load(&bytes)
        };
        let needed = model_bytes as u32;
        assert_eq!(resized(good.len() + 4), Err(LoadError::WrongBodyLength { needed, given: needed + 4 }), "{name}");
        assert_eq!(resized(good.len() - 4), Err(LoadError::WrongBodyLength { needed, given: needed - 4 }), "{name}");
    }
}

/// A recipe's arrays, one of them changed.
struct Changed {
    header: Header,
    layers: Vec<Vec<Array>>,
}

impl Changed {
    fn new(recipe: &Recipe) -> Self {
        let (header, mut numbers) = (random::header(recipe), Numbers(1));
        let arrays = |layer| random::arrays(&Shape::new(&header, layer), &mut numbers);
        let layers = header.layers.iter().map(arrays).collect();
        Self { header, layers }
    }

    fn load(&self, layer: usize, array: usize, change: impl Fn(&mut Array)) -> Result<(), LoadError> {
        let mut changed = self.layers.clone();
        change(&mut changed[layer][array]);
        pack::blob(&self.header, &changed).load().map(drop)
    }
}

fn weights(array: &mut Array) -> &mut [i8] {
    match array {
        Array::Linear { matrix, .. } | Array::Matrix(matrix) => &mut matrix.weights,
        other => panic!("no weights in {other:?}"),
    }
}

fn multipliers(array: &mut Array) -> &mut [i16] {
    match array {
        Array::Quantizer(multipliers) => multipliers,
        Array::Linear { matrix, .. } | Array::Matrix(matrix) => &mut matrix.multipliers,
        Array::Coefficients(_) | Array::Vectors { .. } => panic!("no multipliers"),
    }
}

/// Weights of -128 and negative multipliers are refused in every array, in channel groups' too.
#[test]
fn numbers_out_of_range_are_refused() {
    for (name, recipe) in all() {
        let model = Changed::new(&recipe);
        for (layer, arrays) in model.layers.iter().enumerate() {
            for (place, array) in arrays.iter().enumerate() {
                let invalid = Err(LoadError::InvalidWeights { layer: layer as u8 });
                let what = format!("{name}, layer {layer}, array {place}");
                if let Array::Coefficients(coefficients) = array {
                    let last = coefficients.len() - 1;
                    for (value, loads) in [(1, true), (-1, true), (1 << 18, true), (-(1 << 18), true)]
                        .into_iter()
                        .chain([((1 << 18) + 1, false), (-(1 << 18) - 1, false), (i32::MIN, false), (i32::MAX, false)])
                    {
                        let found = model.load(layer, place, |array| match array {
                            Array::Coefficients(coefficients) => coefficients[last] = value,
                            other => panic!("{other:?}"),
                        });
                        assert_eq!(found.is_ok(), loads, "{what}: {value}");
                    }
                    continue;
                }
                // Whatever classes add, sums wrap.
                if let Array::Vectors { .. } = array {
                    let found = model.load(layer, place, |array| match array {
                        Array::Vectors { multipliers, numbers } => {
                            multipliers.fill(i32::MIN);
                            numbers.fill(-128);
                        }
                        other => panic!("{other:?}"),
                    });
                    assert_eq!(found, Ok(()), "{what}");
                    continue;
                }
                let last = |array: &mut Array| *multipliers(array).last_mut().unwrap() = -1;
                assert_eq!(model.load(layer, place, last), invalid, "{what}");
                assert_eq!(model.load(layer, place, |array| multipliers(array).fill(32_767)), Ok(()), "{what}");
                if !matches!(array, Array::Quantizer(_)) {
                    let last = |array: &mut Array| *weights(array).last_mut().unwrap() = -128;
                    assert_eq!(model.load(layer, place, last), invalid, "{what}");
                }
            }
        }
    }
}

/// The largest sum of a row's weights is what accumulators of 24 bits take of activations of 127, in any row of four.
#[test]
fn rows_that_could_overflow_are_refused() {
    const MOST: usize = ((1 << 23) - 1) / 127;
    let model = Changed::new(&Recipe { hidden: 128, blocks: 1, ..Recipe::small(Architecture::PixelCnn) });
    let columns = 5 * 128;
    for row in [0, 1, 2, 3, 126] {
        let with = |sum: usize| {
            model.load(1, 2, |array| {
                let row = &mut weights(array)[row * columns..][..columns];
                row.fill(0);
                for weight in row.iter_mut().take(sum / 127) {
                    *weight = if sum.is_multiple_of(2) { 127 } else { -127 };
                }
                row[columns - 1] = (sum % 127) as i8;
            })
        };
        assert_eq!(with(MOST), Ok(()));
        assert_eq!(with(MOST + 1), Err(LoadError::InvalidWeights { layer: 1 }), "row {row}");
    }
}

/// Random damage under a right checksum: it loads or it does not, and what loads runs.
#[test]
fn what_loads_runs() {
    let mut loaded = 0;
    for (_, recipe) in all() {
        let bytes = random::model(&recipe, 3).bytes().to_vec();
        for seed in 0..300 {
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
            let small = small(&model, (5, 4), seed);
            let given = given(&small, class(&model, seed));
            let mut stream = Stream::begin_given(&model, given, 5, 4, &mut state).unwrap();
            let mut image = vec![0u16; 20 * usize::from(model.channels())];
            let drawn = sample::fill(&mut stream, &mut Seeded::seed_from_u64(seed), &mut image);
            assert_eq!(drawn, image.len());
        }
    }
    assert!(loaded > 500, "only {loaded} damaged blobs loaded: the test shows nothing");
}
