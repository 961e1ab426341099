//! Models of several scales: the committed images and bytes, and every way to draw, complete and score them.

use std::convert::Infallible;

use pixelrnn::blob::Scales;
use pixelrnn::{CodeLength, Model, Pyramid, PyramidError, Seeded, complete, sample, score};
use rand_core::SeedableRng;

use super::coded::class;
use super::models::{read, with_blob};

/// Columns and rows of the committed images.
pub const SIZE: (u32, u32) = (19, 13);

/// A name, the sizes of the scales and how many times wider the largest is.
type Made = (&'static str, [(u32, u32); 3], [u32; 3]);

const MADE: [Made; 3] = [
    ("random-pixelcnn-scales", [(3, 2), (10, 7), SIZE], [8, 2, 1]),
    ("random-row-lstm-scales", [(5, 4), (10, 7), SIZE], [4, 2, 1]),
    ("random-diagonal-scales", [(3, 2), (5, 4), SIZE], [8, 4, 1]),
];

/// A committed model, and the image that it draws.
pub struct Committed<'a> {
    pub name: &'static str,
    pub pyramid: Pyramid<'a>,
    pub class: Option<u16>,
    images: Vec<u16>,
}

impl Committed<'_> {
    fn state(&self) -> Vec<u32> {
        vec![u32::MAX; self.pyramid.state_words(SIZE.0)]
    }

    /// The values of a scale.
    pub fn scale(&self, scale: usize) -> &[u16] {
        &self.images[self.pyramid.range(scale, SIZE)]
    }

    /// All scales of which only the largest is filled, as callers hand them over.
    fn largest_only(&self) -> Vec<u16> {
        let mut images = self.images.clone();
        images[..self.pyramid.range(2, SIZE).start].fill(0);
        images
    }
}

/// Shows every committed model of several scales.
pub fn each(mut look: impl FnMut(&Committed<'_>)) {
    for (name, ..) in MADE {
        with_blob(&read(&format!("scales/{name}.prnn")), |blob| {
            let scales = Scales::open(blob).unwrap();
            let models: Vec<_> = (0..3).map(|scale| Model::load(scales.blob(scale).unwrap()).unwrap()).collect();
            let values = read(&format!("scales/{name}.values"));
            let images = values.as_chunks::<2>().0.iter().map(|&bytes| u16::from_le_bytes(bytes)).collect();
            let (pyramid, class) = (Pyramid::new(&models).unwrap(), class(&models[0], 1));
            look(&Committed { name, pyramid, class, images });
        });
    }
}

#[test]
fn scales_are_as_large_as_they_say() {
    let mut made = MADE.iter();
    each(|Committed { name, pyramid, images, .. }| {
        let of_each = [0, 1, 2].map(|scale| pyramid.size(scale, SIZE));
        let factors = [0, 1, 2].map(|scale| pyramid.factor(scale));
        assert_eq!((*name, of_each, factors), *made.next().unwrap());
        assert_eq!((pyramid.size(3, SIZE), pyramid.factor(3)), (SIZE, 1));
        let mut end = 0;
        for (scale, (model, (width, height))) in pyramid.models().iter().zip(of_each).enumerate() {
            let start = end;
            end += (width * height) as usize * usize::from(model.channels());
            assert_eq!(pyramid.range(scale, SIZE), start..end, "{name}");
            let small = scale.checked_sub(1).map(|smaller| of_each[smaller]);
            assert_eq!(model.small_size(SIZE).is_some(), small.is_some(), "{name}");
            assert_eq!(model.small_size((width, height)), small, "{name}");
        }
        assert_eq!((pyramid.values(SIZE), images.len()), (end, end), "{name}");
        let words = pyramid.models().iter().zip(of_each).map(|(model, (width, _))| model.state_words(width));
        assert_eq!(Some(pyramid.state_words(SIZE.0)), words.max(), "{name}");
    });
}

#[test]
fn the_committed_images_are_drawn() {
    each(|all| {
        let mut images = vec![0u16; all.images.len()];
        let mut rng = Seeded::seed_from_u64(1);
        all.pyramid.draw(all.class, SIZE, &mut all.state(), &mut rng, &mut images).unwrap();
        assert_eq!(images, all.images, "{}", all.name);
    });
}

#[test]
fn the_committed_bytes_are_coded_and_decoded() {
    each(|all| {
        let (pyramid, committed) = (&all.pyramid, read(&format!("scales/{}.prnz", all.name)));
        let (mut bytes, mut state) = (Vec::new(), all.state());
        let sink = |byte| {
            bytes.push(byte);
            Ok::<(), Infallible>(())
        };
        pyramid.encode(all.class, SIZE, &mut state, &mut all.largest_only(), sink).map(drop).unwrap();
        assert!(bytes == committed, "{}: other bytes", all.name);
        let (mut images, mut shown) = (vec![0u16; all.images.len()], Vec::new());
        let show = |scale, image: &[u16]| {
            shown.push((scale, image.to_vec()));
            true
        };
        let rest = pyramid.decode(SIZE, &mut state, &mut images, &bytes[..], show).unwrap();
        assert_eq!((rest.len(), &images), (0, &all.images), "{}", all.name);
        assert_eq!(shown, [0, 1, 2].map(|scale| (scale, all.scale(scale).to_vec())), "{}", all.name);
    });
}

/// A decoder that has seen enough leaves the larger scales where they are.
#[test]
fn decoding_ends_where_it_is_told() {
    each(|all| {
        let committed = read(&format!("scales/{}.prnz", all.name));
        let mut images = vec![0u16; all.images.len()];
        let rest = all.pyramid.decode(SIZE, &mut all.state(), &mut images, &committed[..], |scale, _| scale < 1);
        assert!(rest.unwrap().starts_with(b"PRNZ"), "{}", all.name);
        let end = all.pyramid.range(1, SIZE).end;
        assert_eq!((&images[..end], images[end..].iter().max()), (&all.images[..end], Some(&0)), "{}", all.name);
    });
}

/// A smaller scale's values are the largest's, of every few pixels.
#[test]
fn smaller_scales_are_what_the_largest_holds() {
    each(|all| {
        for scale in 0..3 {
            let place = all.pyramid.places(scale, SIZE);
            let sampled = (0..all.scale(scale).len()).map(|index| all.scale(2)[place(index)]);
            assert!(sampled.eq(all.scale(scale).iter().copied()), "{}: scale {scale}", all.name);
        }
        let mut images = all.largest_only();
        all.pyramid.shrink(SIZE, &mut images).unwrap();
        assert_eq!(images, all.images, "{}", all.name);
    });
}

/// A generator that has drawn the smaller scales enlarges them to the image that it draws in all.
#[test]
fn enlarging_goes_on_where_drawing_was() {
    each(|all| {
        let (mut state, mut images) = (all.state(), vec![0u16; all.images.len()]);
        let mut rng = Seeded::seed_from_u64(1);
        for scale in 0..2 {
            let (mut stream, image) = all.pyramid.begin(scale, all.class, SIZE, &mut state, &mut images).unwrap();
            sample::fill(&mut stream, &mut rng, image);
        }
        all.pyramid.enlarge(1, all.class, SIZE, &mut state, &mut rng, &mut images).unwrap();
        assert_eq!(images, all.images, "{}", all.name);
    });
}

/// Known values are neither drawn nor changed, and steer what is drawn.
#[test]
fn known_values_of_all_scales_are_kept() {
    each(|all| {
        let known = |place: usize| place < 90 || place.is_multiple_of(5);
        let (mut state, mut images) = (all.state(), all.largest_only());
        let mut rng = Seeded::seed_from_u64(3);
        all.pyramid.complete(all.class, SIZE, &mut state, &mut rng, &mut images, known).unwrap();
        let mut expected = all.images.clone();
        let mut rng = Seeded::seed_from_u64(3);
        for scale in 0..3 {
            let place = all.pyramid.places(scale, SIZE);
            let (mut stream, image) = all.pyramid.begin(scale, all.class, SIZE, &mut state, &mut expected).unwrap();
            complete::fill(&mut stream, &mut rng, image, |index| known(place(index))).unwrap();
        }
        assert_eq!(images, expected, "{}", all.name);
        let pairs = all.scale(2).iter().zip(&images[all.pyramid.range(2, SIZE)]).enumerate();
        assert!(pairs.filter(|(place, _)| known(*place)).all(|(_, (truth, kept))| truth == kept), "{}", all.name);
    });
}

/// The code length of the known values that come after an unknown one.
fn steered(all: &Committed<'_>, images: &mut [u16], known: impl Fn(usize) -> bool) -> CodeLength {
    let (mut state, mut is_behind, mut sum) = (all.state(), false, CodeLength::ZERO);
    for scale in 0..3 {
        let place = all.pyramid.places(scale, SIZE);
        let (mut stream, image) = all.pyramid.begin(scale, all.class, SIZE, &mut state, images).unwrap();
        for (index, &value) in image.iter().enumerate() {
            is_behind |= !known(place(index)) && stream.known().is_none();
            let length = score::next(&mut stream, value).unwrap();
            sum += if is_behind && known(place(index)) { length } else { CodeLength::ZERO };
        }
    }
    sum
}

/// Of as many draws as are asked for, the one under which the later known values are likeliest is kept.
#[test]
fn the_best_candidate_of_all_scales_is_kept() {
    each(|all| {
        let known = |place: usize| place < 90 || place.is_multiple_of(5);
        let (mut state, mut rng) = (all.state(), Seeded::seed_from_u64(3));
        let mut draws = Vec::new();
        for _ in 0..4 {
            let mut images = all.largest_only();
            all.pyramid.complete(all.class, SIZE, &mut state, &mut rng, &mut images, known).unwrap();
            draws.push((steered(all, &mut images, known), images));
        }
        let best = draws.into_iter().min_by_key(|(length, _)| *length).unwrap();
        let (mut images, mut trial) = (all.largest_only(), vec![0; all.images.len()]);
        let mut rng = Seeded::seed_from_u64(3);
        let length =
            all.pyramid.complete_best_of(all.class, SIZE, &mut state, &mut rng, 4, known, &mut images, &mut trial);
        assert_eq!((length, images), (Ok(best.0), best.1), "{}", all.name);
    });
}

/// The score is the sum of what each scale's distributions say; what the scale before holds is certain.
#[test]
fn a_score_is_the_sum_of_the_scales() {
    each(|all| {
        let (mut state, mut images) = (all.state(), all.largest_only());
        let mut shown = Vec::new();
        let look = |scale, length| shown.push((scale, length));
        let score = all.pyramid.score(all.class, SIZE, &mut state, &mut images, look).unwrap();
        let scored = |scale| {
            let (mut stream, image) = all.pyramid.begin(scale, all.class, SIZE, &mut state, &mut images).unwrap();
            (scale, score::image(&mut stream, image).unwrap())
        };
        let expected = [0, 1, 2].map(scored);
        assert_eq!((score, &shown[..]), (expected.iter().map(|scale| scale.1).sum(), &expected[..]), "{}", all.name);
        assert!(expected.iter().all(|(_, length)| length.bits() > 10), "{}: {expected:?}", all.name);
    });
}

#[test]
fn buffers_of_other_sizes_are_refused() {
    each(|all| {
        let (pyramid, needed) = (&all.pyramid, all.images.len());
        for given in [0, needed - 1, needed + 1] {
            let wrong = Some(PyramidError::WrongLength { needed, given });
            let mut images = vec![0u16; given];
            assert_eq!(pyramid.shrink(SIZE, &mut images).err(), wrong);
            let begun = |scale| pyramid.begin(scale, all.class, SIZE, &mut all.state(), &mut images).err();
            assert_eq!([0, 1, 2].map(begun), [wrong; 3]);
        }
        let begun = pyramid.begin(3, all.class, SIZE, &mut [], &mut vec![0u16; needed]).err();
        assert_eq!(begun, Some(PyramidError::NoScale));
    });
}
