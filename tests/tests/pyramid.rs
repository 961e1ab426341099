//! Several scales in one blob: loaded in place, drawn from the smallest up, scored and completed.

use std::convert::Infallible;

use pixelrnn::blob::{self, Architecture, MAX_SCALES, Scales};
use pixelrnn::codec::DecodeError;
use pixelrnn::{
    BeginError, CodeLength, Conditions, LoadError, Model, Pyramid, PyramidError, Seeded, Stream, StreamError, sample,
    score,
};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::quantize::pack;
use pixelrnn_tests::changed;
use pixelrnn_tests::coded::{class, sampled};
use pixelrnn_tests::random::{self, Recipe};
use rand_core::SeedableRng;

/// Blobs of scales of these factors, the first given nothing.
fn blobs(base: &Recipe, factors: &[u8]) -> Vec<Blob> {
    factors.iter().zip(1..).map(|(&factor, seed)| random::model(&Recipe { factor, ..*base }, seed)).collect()
}

fn packed(blobs: &[Blob]) -> Blob {
    pack::scales(&blobs.iter().collect::<Vec<_>>())
}

/// A pyramid of every architecture, in colour groups, as a mixture, with classes.
fn recipes() -> Vec<Recipe> {
    let of = |architecture| {
        let base = Recipe::small(architecture);
        [
            Recipe { levels: 17, ..base },
            Recipe { classes: 3, ..Recipe::groups(architecture) },
            Recipe::mixture(architecture, 4096, 2),
        ]
    };
    Architecture::ALL.into_iter().flat_map(of).collect()
}

#[test]
fn scales_are_drawn_from_the_smallest_up() {
    for recipe in recipes() {
        let blob = packed(&blobs(&recipe, &[0, 2, 4]));
        let models = blob.load_scales().unwrap();
        let pyramid = Pyramid::new(&models).unwrap();
        let size = (13, 11);
        let sizes: Vec<_> = (0..3).map(|scale| pyramid.size(scale, size)).collect();
        assert_eq!(sizes, [(2, 2), (4, 3), size]);
        let channels = usize::from(recipe.channels);
        assert_eq!(pyramid.values(size), (4 + 12 + 143) * channels);
        let mut state = vec![0; pyramid.state_words(13)];
        let mut images = vec![0u16; pyramid.values(size)];
        let class = class(&models[0], 1);
        pyramid.draw(class, size, &mut state, &mut Seeded::seed_from_u64(9), &mut images).unwrap();

        // By hand, each by its model alone.
        let mut rng = Seeded::seed_from_u64(9);
        let (mut before, mut expected): (Option<Vec<u16>>, Vec<u16>) = (None, Vec::new());
        for (model, (width, height)) in models.iter().zip(sizes) {
            let given = before.as_deref().map_or_else(Conditions::default, Conditions::of_small).and_class(class);
            let mut stream = Stream::begin_given(model, given, width, height, &mut state).unwrap();
            let mut image = vec![0; (width * height) as usize * channels];
            sample::fill(&mut stream, &mut rng, &mut image);
            expected.extend(&image);
            before = Some(image);
        }
        assert_eq!(images, expected, "{recipe:?}");
        let ranges: Vec<_> = (0..3).map(|scale| pyramid.range(scale, size)).collect();
        assert_eq!(sampled(&models[2], size, &images[ranges[2].clone()]).as_deref(), Some(&images[ranges[1].clone()]));
        let middle = sampled(&models[1], pyramid.size(1, size), &images[ranges[1].clone()]);
        assert_eq!(middle.as_deref(), Some(&images[ranges[0].clone()]));

        check_code(&pyramid, class, size, &images);
        check_score(&pyramid, class, size, &images);
        check_others(&pyramid, class, size, &images);
    }
}

/// The score is the sum of the scales', each of which counts what the scale before does not hold.
fn check_score(pyramid: &Pyramid<'_>, class: Option<u16>, size: (u32, u32), images: &[u16]) {
    let mut state = vec![0; pyramid.state_words(size.0)];
    let mut sum = CodeLength::ZERO;
    for (scale, model) in pyramid.models().iter().enumerate() {
        let (width, height) = pyramid.size(scale, size);
        let small = scale.checked_sub(1).map(|smaller| &images[pyramid.range(smaller, size)]);
        let given = small.map_or_else(Conditions::default, Conditions::of_small).and_class(class);
        let mut stream = Stream::begin_given(model, given, width, height, &mut state).unwrap();
        for &value in &images[pyramid.range(scale, size)] {
            let is_known = stream.known().is_some();
            let length = score::next(&mut stream, value).unwrap();
            assert!(!is_known || length == CodeLength::ZERO);
            sum += length;
        }
    }
    let mut filled = images.to_vec();
    filled[..pyramid.range(2, size).start].fill(7);
    let mut each = Vec::new();
    let look = |scale, length| each.push((scale, length));
    let score = pyramid.score(class, size, &mut state, &mut filled, look).unwrap();
    assert_eq!((score, filled.as_slice()), (sum, images));
    assert_eq!(each.iter().map(|(_, length)| *length).sum::<CodeLength>(), sum);
    assert_eq!(each.iter().map(|(scale, _)| *scale).collect::<Vec<_>>(), [0, 1, 2]);
}

/// All scales come back, or as many as are wanted; a code that is cut short gives those that it holds, a damaged one those before.
fn check_code(pyramid: &Pyramid<'_>, class: Option<u16>, size: (u32, u32), images: &[u16]) {
    let mut state = vec![0; pyramid.state_words(size.0)];
    let (mut bytes, mut filled) = (Vec::new(), images.to_vec());
    filled[..pyramid.range(2, size).start].fill(3);
    let sink = |byte| {
        bytes.push(byte);
        Ok::<(), Infallible>(())
    };
    let _sink = pyramid.encode(class, size, &mut state, &mut filled, sink).unwrap();
    assert_eq!(filled, images);
    let ends = ends(pyramid, size, images, &bytes);
    assert_eq!(ends[2], bytes.len());
    // Values that the scale before holds take no bits: what is left is the coder's overhead and the headers.
    let mut lengths = Vec::new();
    pyramid.score(class, size, &mut state, &mut filled, |_, length| lengths.push(length)).unwrap();
    for (scale, length) in lengths.iter().enumerate() {
        let coded = ends[scale] - scale.checked_sub(1).map_or(0, |before| ends[before]);
        let ideal = length.units() as f64 / 65536.0 / 8.0;
        assert!((coded as f64) < ideal + 26.0 + 14.0, "{coded} bytes for {ideal}");
    }
    check_parts(pyramid, size, images, (&bytes, &ends));
    // Another size than the code's.
    let other = (size.0 + 9, size.1);
    let (mut values, mut state) = (vec![0u16; pyramid.values(other)], vec![0; pyramid.state_words(other.0)]);
    let error = pyramid.decode(other, &mut state, &mut values, &bytes[..], |_, _| true).err();
    let [needed, given] = [size, other].map(|size| needed(pyramid, size));
    assert_eq!(error, Some(DecodeError::WrongLength { needed, given }));
}

/// Where each scale's code ends: as many scales are decoded as are wanted.
fn ends(pyramid: &Pyramid<'_>, size: (u32, u32), images: &[u16], bytes: &[u8]) -> Vec<usize> {
    let mut state = vec![0; pyramid.state_words(size.0)];
    let end = |wanted: usize| {
        let mut decoded = vec![0u16; images.len()];
        let mut shown = Vec::new();
        let show = |scale: usize, image: &[u16]| {
            shown.push((scale, image.to_vec()));
            scale < wanted
        };
        let rest = pyramid.decode(size, &mut state, &mut decoded, bytes, show).unwrap();
        let expected: Vec<_> = (0..=wanted).map(|scale| (scale, images[pyramid.range(scale, size)].to_vec())).collect();
        assert_eq!(shown, expected);
        bytes.len() - rest.len()
    };
    (0..3).map(end).collect()
}

/// A code that is cut short or damaged gives the scales before it, and nothing wrong.
fn check_parts(pyramid: &Pyramid<'_>, size: (u32, u32), images: &[u16], (bytes, ends): (&[u8], &[usize])) {
    let holds = |bytes: &[u8]| {
        let (mut decoded, mut scales) = (vec![0u16; images.len()], 0);
        let mut state = vec![0; pyramid.state_words(size.0)];
        let result = pyramid.decode(size, &mut state, &mut decoded, bytes, |scale, image| {
            assert_eq!(image, &images[pyramid.range(scale, size)]);
            scales += 1;
            true
        });
        (result.map(<[u8]>::len), scales)
    };
    for length in (0..bytes.len()).step_by(3) {
        assert_eq!(holds(&bytes[..length]).1, ends.iter().filter(|&&end| end <= length).count());
    }
    for place in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.to_vec();
        damaged[place] ^= 0x10;
        let (result, scales) = holds(&damaged);
        assert!(result.is_err(), "byte {place}");
        assert_eq!(scales, ends.iter().filter(|&&end| end <= place).count());
    }
}

/// Values of the smallest scale.
fn needed(pyramid: &Pyramid<'_>, size: (u32, u32)) -> u64 {
    pyramid.range(0, size).len() as u64
}

/// What is known is kept: the smaller scales of an enlarged image, the known part of a completed one.
fn check_others(pyramid: &Pyramid<'_>, class: Option<u16>, size: (u32, u32), images: &[u16]) {
    let mut state = vec![0; pyramid.state_words(size.0)];
    let mut rng = Seeded::seed_from_u64(3);
    let mut enlarged = images.to_vec();
    pyramid.enlarge(1, class, size, &mut state, &mut rng, &mut enlarged).unwrap();
    let (kept, drawn) = (0..pyramid.range(1, size).end, pyramid.range(2, size));
    assert_eq!(enlarged[kept.clone()], images[kept]);
    assert!(enlarged[drawn.clone()] != images[drawn.clone()], "the same image again");

    let known = |index: usize| index.is_multiple_of(7) || index < 40;
    let mut completed = images.to_vec();
    completed[drawn.clone()]
        .iter_mut()
        .enumerate()
        .filter(|(index, _)| !known(*index))
        .for_each(|(_, value)| *value = 0);
    completed[..drawn.start].fill(0);
    pyramid.complete(class, size, &mut state, &mut rng, &mut completed, known).unwrap();
    let pairs = completed[drawn.clone()].iter().zip(&images[drawn]).enumerate();
    assert!(pairs.filter(|(index, _)| known(*index)).all(|(_, (found, truth))| found == truth));
}

#[test]
fn wrong_pyramids_and_buffers_are_errors() {
    let base = Recipe { levels: 5, ..Recipe::small(Architecture::PixelCnn) };
    let new = |blobs: &[Blob]| {
        let models: Vec<Model<'_>> = blobs.iter().map(|blob| blob.load().unwrap()).collect();
        Pyramid::new(&models).err()
    };
    let wrong = |scale| Some(PyramidError::WrongScale { scale });
    assert_eq!(Pyramid::new(&[]).err(), Some(PyramidError::NoScale));
    assert_eq!(new(&blobs(&base, &[2])), wrong(0));
    assert_eq!(new(&blobs(&base, &[0, 2, 0])), wrong(2));
    let other = blobs(&Recipe { levels: 4, ..base }, &[2]);
    assert_eq!(new(&[blobs(&base, &[0]), other].concat()), wrong(1));

    let blob = packed(&blobs(&base, &[0, 2]));
    let models = blob.load_scales().unwrap();
    let pyramid = Pyramid::new(&models).unwrap();
    let (needed, words) = (pyramid.values((6, 6)), pyramid.state_words(6));
    let draw = |values: usize, words: usize, size| {
        let (mut state, mut rng) = (vec![0; words], Seeded::seed_from_u64(1));
        pyramid.draw(None, size, &mut state, &mut rng, &mut vec![0u8; values]).err()
    };
    assert_eq!(draw(needed, words, (6, 6)), None);
    for given in [0, needed - 1, needed + 1] {
        assert_eq!(draw(given, words, (6, 6)), Some(PyramidError::WrongLength { needed, given }));
    }
    assert!(matches!(
        draw(needed, words - 1, (6, 6)),
        Some(PyramidError::Begin(BeginError::StateTooSmall { needed_words, .. })) if needed_words == words
    ));
    assert_eq!(draw(0, words, (0, 6)), Some(PyramidError::Begin(BeginError::EmptyImage)));
    let mut beyond = vec![9u8; needed];
    let error = pyramid.score(None, (6, 6), &mut vec![0; words], &mut beyond, |_, _| ()).err();
    let levels = 5;
    assert_eq!(error, Some(PyramidError::Stream(StreamError::ValueOutOfRange { value: 9, levels })));
}

/// Networks are loaded where they lie; the directory is checked, and a file that is cut short holds its smaller scales.
#[test]
fn blobs_of_scales_are_read_in_place() {
    let base = Recipe::small(Architecture::RowLstm);
    let blobs = blobs(&base, &[0, 2, 4]);
    let all = packed(&blobs);
    let scales = Scales::open(all.bytes()).unwrap();
    assert_eq!(scales.count(), 3);
    for (scale, blob) in blobs.iter().enumerate() {
        assert_eq!(scales.blob(scale).unwrap(), blob.bytes());
        assert_eq!(Scales::open(blob.bytes()).unwrap().blob(0).unwrap(), blob.bytes());
    }
    assert_eq!(scales.blob(3), Err(LoadError::NoScale { scale: 3, scales: 3 }));
    assert_eq!(Model::load(all.bytes()).err(), Some(LoadError::SeveralScales));

    let second = all.bytes().len() - blobs[2].bytes().len();
    let cut = Blob::new(&all.bytes()[..second]);
    let scales = Scales::open(cut.bytes()).unwrap();
    assert!(Model::load(scales.blob(1).unwrap()).is_ok());
    let (needed, given) = (all.bytes().len() as u32, second as u32);
    assert_eq!(scales.blob(2), Err(LoadError::Truncated { needed, given }));

    let longer = Blob::new(&[all.bytes(), &[0, 0]].concat());
    assert_eq!(Scales::open(longer.bytes()).err(), Some(LoadError::TrailingBytes { extra: 2 }));

    let directory = blob::directory_bytes(3);
    for length in 0..directory {
        assert!(Scales::open(Blob::new(&all.bytes()[..length]).bytes()).is_err(), "{length} bytes");
    }
    for bit in 0..8 * directory {
        let mut bytes = all.bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Scales::open(Blob::new(&bytes).bytes()).is_err(), "bit {bit}");
    }
    let mut many = all.bytes()[..directory].to_vec();
    many[6] = MAX_SCALES as u8 + 1;
    changed::seal(&mut many);
    assert_eq!(Scales::open(Blob::new(&many).bytes()).err(), Some(LoadError::InvalidHeader));
}
