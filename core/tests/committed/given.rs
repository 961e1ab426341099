//! Networks that are given a smaller image: what they are begun with, what they know, and what their codes say of it.

use std::convert::Infallible;

use pixelrnn::codec::{CLASS_HEADER_BYTES, CodeError, DecodeError, Encoder, HEADER_BYTES, Header};
use pixelrnn::{BeginError, Conditions, Model, Seeded, Stream, StreamError, Streams, sample};
use rand_core::SeedableRng;

use super::scales::{self, Committed, SIZE};

/// A network of a committed model, and what it is given.
struct Network<'a> {
    name: &'a str,
    model: &'a Model<'a>,
    /// Columns and rows.
    size: (u32, u32),
    small: &'a [u16],
    class: Option<u16>,
    image: &'a [u16],
}

impl Network<'_> {
    fn given(&self) -> Conditions<'_> {
        Conditions::of_small(self.small).and_class(self.class)
    }

    fn begin<'s>(&'s self, given: Conditions<'s>, state: &'s mut Vec<u32>) -> Result<Stream<'s>, BeginError> {
        state.resize(self.model.state_words(self.size.0), 0);
        Stream::begin_given(self.model, given, self.size.0, self.size.1, state)
    }
}

/// Shows the networks of all scales but the smallest.
fn each(mut look: impl FnMut(&Network<'_>)) {
    scales::each(|all: &Committed<'_>| {
        for (scale, model) in all.pyramid.models().iter().enumerate().skip(1) {
            let (size, small, image) = (all.pyramid.size(scale, SIZE), all.scale(scale - 1), all.scale(scale));
            look(&Network { name: all.name, model, size, small, class: all.class, image });
        }
    });
}

/// Every second or fourth pixel of every second or fourth row is known, whatever channel.
#[test]
fn the_small_images_values_are_known() {
    each(|network| {
        let mut state = Vec::new();
        let mut stream = network.begin(network.given(), &mut state).unwrap();
        assert_eq!((stream.class(), stream.known().is_some()), (network.class, true), "{}", network.name);
        let factor = u32::from(network.model.factor());
        for &value in network.image {
            let is_known = stream.row() % factor == 0 && stream.column() % factor == 0;
            assert_eq!(stream.known(), is_known.then_some(value), "{}", network.name);
            if is_known {
                let other = u16::from(value == 0);
                let wrong = StreamError::NotTheKnownValue { value: other, known: value };
                assert_eq!(stream.observe(other), Err(wrong), "{}", network.name);
                let distribution = stream.predict().unwrap();
                assert_eq!((distribution.find(0), distribution.total()), (value, 1), "{}", network.name);
            }
            stream.observe(value).unwrap();
        }
        assert_eq!((stream.known(), stream.predict().err()), (None, Some(StreamError::PastEnd)), "{}", network.name);
    });
}

#[test]
fn other_conditions_are_refused() {
    each(|network| {
        let mut state = Vec::new();
        let (needed, levels, classes) = (Some(network.small.len()), network.model.levels(), network.model.classes());
        let mut refused = |given| network.begin(given, &mut state).err();
        let wrong = |given| Some(BeginError::WrongSmallImage { needed, given });
        assert_eq!(refused(Conditions::from(network.class)), wrong(None), "{}", network.name);
        let short = &network.small[1..];
        let error = refused(Conditions { small: Some(pixelrnn::Values::Words(short)), ..network.given() });
        assert_eq!(error, wrong(Some(short.len())), "{}", network.name);
        let given = if classes == 0 { Some(0) } else { None };
        let error = refused(network.given().and_class(given));
        assert_eq!(error, Some(BeginError::WrongClass { given, classes }), "{}", network.name);
        let mut beyond = network.small.to_vec();
        if let Ok(value) = u16::try_from(levels) {
            beyond[3] = value;
            let error = refused(Conditions::of_small(&beyond).and_class(network.class));
            assert_eq!(error, Some(BeginError::SmallValueOutOfRange { value, levels }), "{}", network.name);
        }
    });
}

/// Side by side, each of its own smaller image, images are what they are alone.
#[test]
fn images_at_once_are_what_they_are_alone() {
    each(|network| {
        let (width, height) = network.size;
        let mirrored: Vec<u16> = network.small.iter().rev().copied().collect();
        let same: Vec<u16> = network.small.iter().map(|_| 1).collect();
        let given = [network.small, &mirrored, &same].map(|small| Conditions::of_small(small).and_class(network.class));
        let mut state = vec![u32::MAX; Streams::<3>::state_words(network.model, width)];
        let mut streams = Streams::<3>::begin_each_given(network.model, given, width, height, &mut state).unwrap();
        let mut rngs = [1, 2, 3].map(Seeded::seed_from_u64);
        let mut images = [Vec::new(), Vec::new(), Vec::new()];
        while !streams.is_complete() {
            let values = sample::next_of_each(&mut streams, &mut rngs).unwrap();
            images.iter_mut().zip(values).for_each(|(image, value)| image.push(value));
        }
        for ((image, given), seed) in images.iter().zip(given).zip(1..) {
            let mut state = Vec::new();
            let mut alone = vec![0; image.len()];
            let mut stream = network.begin(given, &mut state).unwrap();
            sample::fill(&mut stream, &mut Seeded::seed_from_u64(seed), &mut alone);
            assert_eq!(image, &alone, "{}: {seed}", network.name);
        }
    });
}

/// A container says by how much larger its images are than those that they are given, and its tiles begin with small pixels.
#[test]
fn a_factor_is_part_of_the_header() {
    each(|Network { name, model, class, .. }| {
        let header = Header::new(model, 9, 8).unwrap().of_class(*class);
        let bytes = header.to_bytes();
        let kind = model.factor() << 4 | model.channels();
        assert_eq!((header.factor, bytes[4], bytes[5], bytes.len()), (model.factor(), 4, kind, CLASS_HEADER_BYTES));
        assert_eq!(Header::from_bytes::<Infallible>(&bytes), Ok(header), "{name}");
        assert_eq!(Header::from_bytes::<Infallible>(&bytes[..HEADER_BYTES]), Err(DecodeError::Truncated), "{name}");
        assert_eq!(header.check_model::<Infallible>(model), Ok(()), "{name}");
        let other = Header { factor: 6 - header.factor, ..header };
        assert_eq!(other.check_model::<Infallible>(model), Err(DecodeError::DamagedHeader), "{name}");
        for (tile, fits) in [((4, 4), true), ((9, 8), true), ((60, 60), true), ((9, 3), false), ((3, 8), false)] {
            assert_eq!(Header::tiled(model, (9, 8), tile).is_some(), fits, "{name}: {tile:?}");
            let tiles = pixelrnn::codec::Tiles::new((9, 8), tile).unwrap();
            let read = Header::from_bytes::<Infallible>(&Header { tiles, ..header }.to_bytes());
            assert_eq!(read.is_ok(), fits, "{name}: {tile:?} under a checksum that is right");
        }
    });
}

#[test]
fn other_values_than_the_known_are_not_coded() {
    each(|network| {
        let header = Header::new(network.model, network.size.0, network.size.1).unwrap().of_class(network.class);
        let mut encoder = Encoder::with_header(header, |_| Ok::<_, Infallible>(())).unwrap();
        let mut state = Vec::new();
        let mut stream = network.begin(network.given(), &mut state).unwrap();
        let (known, value) = (network.image[0], u16::from(network.image[0] == 0));
        let wrong = CodeError::Stream(StreamError::NotTheKnownValue { value, known });
        assert_eq!(encoder.value(&mut stream, value), Err(wrong), "{}", network.name);
        assert_eq!(encoder.image(&mut stream, network.image), Ok(()), "{}", network.name);
    });
}
