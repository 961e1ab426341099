//! Coded images: the way there and back, what it costs, and what damage does.

use pixelrnn::blob::Architecture;
use pixelrnn::codec::{
    CodeError, DecodeError, Decoder, Encoder, HEADER_BYTES, Header, Next, RangeDecoder, RangeEncoder,
};
use pixelrnn::{Distribution, Model, Stream, StreamError, score};
use pixelrnn_tests::coded::{self, ALL, class, encode, pieces};
use pixelrnn_tests::images::drawn;
use pixelrnn_tests::kinds::small;
use pixelrnn_tests::random::{Numbers, Recipe, model};

type Never = std::convert::Infallible;

/// The tiles that the container vouches for, and how it ended.
fn decode(model: &Model<'_>, bytes: &[u8]) -> (Vec<coded::Piece>, coded::End) {
    coded::decode(model, bytes, ALL)
}

/// The header of images that are not cut.
fn whole(model: &Model<'_>, width: u32, height: u32) -> Header {
    Header::new(model, width, height).unwrap().of_class(class(model, 1))
}

/// The header of images that are cut.
fn tiled(model: &Model<'_>, image: (u32, u32), tile: (u32, u32)) -> Header {
    Header::tiled(model, image, tile).unwrap().of_class(class(model, 1))
}

fn images(model: &Model<'_>, (width, height): (u32, u32), count: u64) -> Vec<Vec<u16>> {
    (0..count).map(|seed| drawn(model, width, height, seed)).collect()
}

/// A container without anything to go wrong, of one image of a small model.
fn one_image(model: &Model<'_>) -> (Vec<u16>, Vec<u8>) {
    let image: Vec<u16> = drawn(model, 8, 8, 1);
    let bytes = encode(model, whole(model, 8, 8), std::slice::from_ref(&image), 1).bytes;
    (image, bytes)
}

#[test]
fn images_come_back() {
    for (name, recipe) in small() {
        let blob = model(&recipe, 1);
        let model = blob.load().unwrap();
        for (width, height) in [(1, 1), (1, 9), (9, 1), (8, 5)] {
            for count in [0, 1, 5] {
                let (header, images) = (whole(&model, width, height), images(&model, (width, height), count));
                for group in [1, 2, 100] {
                    let mut bytes = encode(&model, header, &images, group).bytes;
                    bytes.extend(b"what follows");
                    assert_eq!(decode(&model, &bytes), (pieces(&header, &images), Ok(12)), "{name}");
                }
            }
        }
    }
}

/// Tiles come back in order, smaller ones at the right and at the bottom, whatever shares a group.
#[test]
fn tiles_come_back() {
    for (name, recipe) in small() {
        let blob = model(&recipe, 1);
        let model = blob.load().unwrap();
        for tile in [(3, 2), (7, 2), (2, 5), (1, 1), (100, 3)] {
            let header = tiled(&model, (7, 5), tile);
            let images = images(&model, (7, 5), 2);
            let expected = pieces(&header, &images);
            for group in [1, 4, 100] {
                let bytes = encode(&model, header, &images, group).bytes;
                assert_eq!(decode(&model, &bytes), (expected.clone(), Ok(0)), "{name} in {tile:?}");
            }
        }
    }
}

/// A tile is coded as if it were an image alone: its values cost what they cost there.
#[test]
fn a_tile_is_an_image_alone() {
    let blob = model(&Recipe::mixture(Architecture::PixelCnn, 256, 3), 1);
    let model = blob.load().unwrap();
    let image = drawn(&model, 7, 5, 3);
    let header = Header::tiled(&model, (7, 5), (4, 4)).unwrap();
    let cut = encode(&model, header, std::slice::from_ref(&image), 1);
    for (number, (index, values)) in pieces(&header, &[image]).into_iter().enumerate() {
        let tile = header.tiles.get(index).unwrap();
        let alone = encode(&model, whole(&model, tile.width, tile.height), &[values], 1);
        // But for the check, which knows the place.
        let coded = |group: &[u8]| group[..group.len() - 4].to_vec();
        assert_eq!(coded(cut.group(number)), coded(alone.group(0)));
    }
}

/// Damage to one tile is found there, and spares the others: each is decoded alone, from its own bytes.
#[test]
fn damage_stays_in_its_tile() {
    for (name, recipe) in small() {
        let blob = model(&recipe, 1);
        let model = blob.load().unwrap();
        let header = tiled(&model, (7, 5), (3, 2));
        let images = images(&model, (7, 5), 1);
        let container = encode(&model, header, &images, 1);
        let expected = pieces(&header, &images);
        let mut damaged = container.clone();
        damaged.bytes[(container.ends[4] + container.ends[5]) / 2] ^= 0x10;
        for (number, piece) in expected.iter().enumerate() {
            let decoder = Decoder::at_tile(&model, header, number as u32, damaged.group(number)).unwrap();
            let (checked, end) = coded::decode_rest(&model, decoder, ALL);
            let found = checked.first();
            assert_eq!(found, (number != 4).then_some(piece), "{name}: tile {number}, {end:?}");
        }
        assert_eq!(decode(&model, &damaged.bytes).0, expected[..4], "{name}");
    }
}

/// A group in another's place is an error, though its bytes are whole.
#[test]
fn swapped_tiles_are_found() {
    for (name, recipe) in small() {
        let blob = model(&recipe, 1);
        let model = blob.load().unwrap();
        let header = tiled(&model, (6, 4), (3, 2));
        let images = images(&model, (6, 4), 1);
        let container = encode(&model, header, &images, 1);
        let end = container.bytes[*container.ends.last().unwrap()..].to_vec();
        let order = [0, 2, 1, 3].map(|number| container.group(number)).concat();
        let swapped = [&header.to_bytes()[..], &order, &end].concat();
        assert_eq!(decode(&model, &swapped), (pieces(&header, &images)[..1].to_vec(), Err(DecodeError::Damaged)));
        let elsewhere = Decoder::at_tile(&model, header, 1, container.group(2)).unwrap();
        let found = coded::decode_rest(&model, elsewhere, ALL);
        assert_eq!(found, (vec![], Err(DecodeError::Damaged)), "{name}");
    }
}

/// Images that the model finds as unlikely as can be still come back.
#[test]
fn unlikely_images_come_back() {
    let unlikely = |distribution: &Distribution<'_>| {
        let levels = distribution.levels();
        let values = (0..levels).step_by(levels.div_ceil(256) as usize).map(|value| value as u16);
        values.min_by_key(|&value| distribution.frequency(value)).unwrap()
    };
    for (name, recipe) in small() {
        let blob = model(&recipe, 1);
        let model = blob.load().unwrap();
        let mut numbers = Numbers(3);
        let count = 14 * 14 * usize::from(recipe.channels);
        let noise = (0..count).map(|_| numbers.below(recipe.levels) as u16).collect();
        let mut state = vec![0; model.state_words(14)];
        let mut stream = Stream::begin_class(&model, class(&model, 1), 14, 14, &mut state).unwrap();
        let mut worst = Vec::new();
        for _ in 0..count {
            let value = unlikely(&stream.predict().unwrap());
            stream.observe(value).unwrap();
            worst.push(value);
        }
        let (header, images) = (whole(&model, 14, 14), [noise, worst]);
        let bytes = encode(&model, header, &images, 100).bytes;
        assert_eq!(decode(&model, &bytes), (pieces(&header, &images), Ok(0)), "{name}");
    }
}

/// The ideal length of images, in bytes.
fn ideal(model: &Model<'_>, (width, height): (u32, u32), images: &[Vec<u16>]) -> f64 {
    let mut state = vec![0; model.state_words(width)];
    let mut bytes = |image: &Vec<u16>| {
        let mut stream = Stream::begin_class(model, class(model, 1), width, height, &mut state).unwrap();
        score::image(&mut stream, image).unwrap().units() as f64 / 65536.0 / 8.0
    };
    images.iter().map(&mut bytes).sum()
}

/// An image's bytes by the coder alone.
fn bare(model: &Model<'_>, (width, height): (u32, u32), image: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut sink = |byte| -> Result<(), Never> {
        bytes.push(byte);
        Ok(())
    };
    let mut state = vec![0; model.state_words(width)];
    let mut stream = Stream::begin_class(model, class(model, 1), width, height, &mut state).unwrap();
    let mut encoder = RangeEncoder::new();
    for &value in image {
        encoder.encode(&stream.predict().unwrap(), value, &mut sink).unwrap();
        stream.observe(value).unwrap();
    }
    encoder.finish(&mut sink).unwrap();
    bytes
}

/// The cost stated in the documentation, above the ideal code length.
#[test]
fn the_overhead_is_as_stated() {
    const COUNT: f64 = 25.0;
    for (name, recipe) in small() {
        let blob = model(&recipe, 1);
        let model = blob.load().unwrap();
        let (size, header) = ((14, 14), whole(&model, 14, 14));
        let images = images(&model, size, COUNT as u64);
        let ideal = ideal(&model, size, &images);
        let over = |bytes: usize| (bytes as f64 - header.size() as f64 - 6.0 - ideal) / COUNT;
        let together = over(encode(&model, header, &images, 100).bytes.len());
        let single = over(encode(&model, header, &images, 1).bytes.len());
        let what = format!("{name}, {:.1} bytes an image", ideal / COUNT);
        let values = 0.0002 * ideal / COUNT;
        assert!(together < 0.3 + values, "{what}: {together} over in one group");
        assert!(single < 6.0 + values, "{what}: {single} over in groups of one");
        let bare: usize = images.iter().map(|image| bare(&model, size, image).len()).sum();
        let bare = (bare as f64 - ideal) / COUNT;
        assert!((0.0..0.9 + values).contains(&bare), "{what}: {bare} over by the coder alone");
    }
}

/// Small images of every kind, cut in tiles of which two share a group.
fn cut_images(model: &Model<'_>) -> (Vec<coded::Piece>, Vec<u8>) {
    let header = tiled(model, (4, 3), (3, 2));
    let images = images(model, (4, 3), 2);
    (pieces(&header, &images), encode(model, header, &images, 2).bytes)
}

#[test]
fn every_flipped_bit_is_an_error() {
    for (name, recipe) in small() {
        let blob = model(&recipe, 1);
        let model = blob.load().unwrap();
        let (pieces, bytes) = cut_images(&model);
        for bit in 0..8 * bytes.len() {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let (checked, end) = decode(&model, &damaged);
            assert!(end.is_err(), "{name}: bit {bit} of {}", 8 * bytes.len());
            assert!(pieces.starts_with(&checked), "{name}, bit {bit}: a wrong image was vouched for");
        }
    }
}

#[test]
fn every_truncation_is_an_error() {
    for (name, recipe) in small() {
        let blob = model(&recipe, 1);
        let model = blob.load().unwrap();
        let (pieces, bytes) = cut_images(&model);
        for length in 0..bytes.len() {
            let (checked, end) = decode(&model, &bytes[..length]);
            assert_eq!(end, Err(DecodeError::Truncated), "{name}: {length} of {} bytes", bytes.len());
            assert!(pieces.starts_with(&checked), "{name}");
        }
    }
}

#[test]
fn random_damage_is_never_a_wrong_image() {
    let softmax = Recipe { levels: 17, ..Recipe::small(Architecture::PixelCnn) };
    for recipe in [softmax, Recipe::mixture(Architecture::PixelCnn, 4096, 2)] {
        let blob = model(&recipe, 1);
        let model = blob.load().unwrap();
        let (pieces, bytes) = cut_images(&model);
        let mut numbers = Numbers(8);
        for _ in 0..2000 {
            let (checked, _) = decode(&model, &damaged(&bytes, &mut numbers));
            assert!(pieces.starts_with(&checked));
        }
    }
}

/// Bytes behind the header changed, cut off or inserted.
fn damaged(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..1 + numbers.below(4) {
        let place = HEADER_BYTES + numbers.below((bytes.len() - HEADER_BYTES) as u32) as usize;
        match numbers.below(3) {
            0 => damaged[place] = numbers.below(256) as u8,
            1 => damaged.truncate(place),
            _ => damaged.insert(place, numbers.below(256) as u8),
        }
        damaged.resize(damaged.len().max(bytes.len()), 0);
    }
    damaged
}

#[test]
fn other_models_and_other_files_have_their_own_errors() {
    let blobs = [1, 2].map(|seed| model(&Recipe::small(Architecture::RowLstm), seed));
    let [model, other] = [&blobs[0], &blobs[1]].map(|blob| blob.load().unwrap());
    let (_, bytes) = one_image(&model);
    let wrong = DecodeError::WrongModel { needed: model.fingerprint(), given: other.fingerprint() };
    assert_eq!(decode(&other, &bytes).1, Err(wrong));
    assert_eq!(decode(&model, blobs[0].bytes()).1, Err(DecodeError::WrongMagic));
    assert_eq!(decode(&model, b"PNG is no PRNZ").1, Err(DecodeError::WrongMagic));
    assert_eq!(decode(&model, b"").1, Err(DecodeError::Truncated));
    assert_eq!(decode(&model, b"PRNZ").1, Err(DecodeError::Truncated));
    let mut older = bytes.clone();
    older[4] = 1;
    assert_eq!(decode(&model, &older).1, Err(DecodeError::UnsupportedVersion { found: 1, supported: 4 }));
    let mut source = &bytes[..];
    let header = Header::read(&mut source).unwrap();
    assert_eq!((header.width(), header.height(), header.levels, header.channels), (8, 8, 2, 1));
    assert!(Decoder::with_header(&model, header, source).is_ok());
}

/// Headers that do not agree with the images, their checksums right: the groups' checks cover them.
#[test]
fn other_headers_are_found() {
    let blob = model(&Recipe::small(Architecture::RowLstm), 1);
    let model = blob.load().unwrap();
    let (_, bytes) = one_image(&model);
    let with = |header: Header| {
        let mut changed = bytes.clone();
        changed[..HEADER_BYTES].copy_from_slice(&header.to_bytes());
        decode(&model, &changed).1
    };
    let header = whole(&model, 8, 8);
    assert_eq!(with(header), Ok(0));
    assert!(with(whole(&model, 16, 4)).is_err());
    assert!(with(Header::tiled(&model, (8, 16), (8, 8)).unwrap()).is_err());
    assert_eq!(with(Header { levels: 3, ..header }), Err(DecodeError::DamagedHeader));
    assert_eq!(with(Header { channels: 2, ..header }), Err(DecodeError::DamagedHeader));
    for place in [5, 6, 8, 10, 12, 14, 20] {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert_eq!(decode(&model, &changed).1, Err(DecodeError::DamagedHeader), "byte {place}");
    }
}

/// The header says what it was made of, up to the largest of everything.
#[test]
fn headers_are_read_back() {
    let blob = model(&Recipe::mixture(Architecture::PixelCnn, 65_536, 4), 1);
    let model = blob.load().unwrap();
    let header = Header::tiled(&model, (65_535, 65_535), (65_535, 9)).unwrap();
    assert_eq!(Header::from_bytes::<Never>(&header.to_bytes()), Ok(header));
    assert_eq!((header.levels, header.channels, header.tiles.tile()), (65_536, 4, (65_535, 9)));
    assert_eq!(header.values(), 65_535 * 65_535 * 4);
    for (image, tile) in [((0, 1), (1, 1)), ((1, 65_536), (1, 1)), ((1, 1), (0, 1)), ((1, 1), (1, 65_536))] {
        assert_eq!(Header::tiled(&model, image, tile), None);
    }
}

/// A container of a model with classes names one, and is coded and decoded given it alone.
#[test]
fn a_class_is_part_of_the_header() {
    let blobs = [0, 3].map(|classes| model(&Recipe { classes, ..Recipe::small(Architecture::RowLstm) }, 1));
    let [without, with] = [&blobs[0], &blobs[1]].map(|blob| blob.load().unwrap());
    let header = Header::new(&with, 8, 8).unwrap();
    for class in [0, 2] {
        let header = header.of_class(class);
        assert_eq!(header.to_bytes().len(), HEADER_BYTES + 2);
        assert_eq!(Header::from_bytes::<Never>(&header.to_bytes()), Ok(header));
        assert_eq!(Header::from_bytes::<Never>(&header.to_bytes()[..HEADER_BYTES]), Err(DecodeError::Truncated));
        let image: Vec<u16> = drawn(&with, 8, 8, class.into());
        let bytes = encode(&with, header, std::slice::from_ref(&image), 1).bytes;
        assert_eq!(decode(&with, &bytes), (pieces(&header, &[image]), Ok(0)));
    }
    let damaged = Err(DecodeError::<Never>::DamagedHeader);
    assert_eq!(header.check_model(&with), damaged);
    assert_eq!(header.of_class(3).check_model(&with), damaged);
    assert_eq!(Header::new(&without, 8, 8).unwrap().of_class(0).check_model(&without), damaged);
    // The right size and place, given another class.
    let mut encoder = Encoder::with_header(header.of_class(1), |_| Ok::<(), Never>(())).unwrap();
    let mut state = vec![0; with.state_words(8)];
    let mut stream = Stream::begin_class(&with, 2, 8, 8, &mut state).unwrap();
    assert_eq!(encoder.value(&mut stream, 0), Err(CodeError::WrongStream));
}

#[test]
fn wrong_orders_of_coding_are_errors() {
    let blobs = [1, 2].map(|seed| model(&Recipe::small(Architecture::PixelCnn), seed));
    let [model, other] = [&blobs[0], &blobs[1]].map(|blob| blob.load().unwrap());
    let mut state = vec![0; model.state_words(8)];
    assert!(matches!(Encoder::begin(&model, 0, 8, |_| Ok::<(), Never>(())), Err(CodeError::WrongSize)));
    assert!(matches!(Encoder::begin(&model, 8, 65536, |_| Ok::<(), Never>(())), Err(CodeError::WrongSize)));
    let mut encoder = Encoder::begin(&model, 4, 3, |_| Ok::<(), Never>(())).unwrap();
    for (model, width, height) in [(&model, 4, 4), (&model, 8, 3), (&other, 4, 3)] {
        let mut stream = Stream::begin(model, width, height, &mut state).unwrap();
        assert_eq!(encoder.value(&mut stream, 0), Err(CodeError::WrongStream));
    }
    let mut stream = Stream::begin(&model, 4, 3, &mut state).unwrap();
    assert_eq!(encoder.image(&mut stream, &[0u8; 11]), Err(CodeError::WrongLength { needed: 12, given: 11 }));
    let out_of_range = StreamError::ValueOutOfRange { value: 2, levels: 2 };
    assert_eq!(encoder.value(&mut stream, 2), Err(CodeError::Stream(out_of_range)));
    encoder.value(&mut stream, 1).unwrap();
    assert_eq!(encoder.end_group(), Err(CodeError::InsideImage));
    stream.observe(0).unwrap();
    assert_eq!(encoder.value(&mut stream, 1), Err(CodeError::WrongStream));
    // A stream brought to the right pixel with the same values goes on.
    let mut stream = Stream::begin(&model, 4, 3, &mut state).unwrap();
    stream.observe(1).unwrap();
    for _ in 0..11 {
        encoder.value(&mut stream, 0).unwrap();
    }
    assert_eq!(encoder.value(&mut stream, 0), Err(CodeError::WrongStream));
    encoder.finish().map(drop).unwrap();
}

#[test]
fn wrong_orders_of_decoding_are_errors() {
    let blob = model(&Recipe::small(Architecture::PixelCnn), 1);
    let model = blob.load().unwrap();
    let header = whole(&model, 4, 3);
    let mut image = [0u16; 12];
    image[0] = 1;
    let bytes = encode(&model, header, &[image.to_vec()], 1).bytes;
    let mut state = vec![0; model.state_words(4)];
    let mut decoder = Decoder::begin(&model, &bytes[..]).unwrap();
    let mut stream = Stream::begin(&model, 4, 3, &mut state).unwrap();
    assert_eq!(decoder.value(&mut stream), Err(DecodeError::OutOfOrder));
    assert_eq!(decoder.next(), Ok(Next::Image));
    assert_eq!(decoder.next(), Err(DecodeError::OutOfOrder));
    assert_eq!(decoder.image(&mut stream, &mut [0u8; 13]), Err(DecodeError::WrongLength { needed: 12, given: 13 }));
    let mut found = [9u16; 12];
    decoder.image(&mut stream, &mut found).unwrap();
    assert_eq!(found, image);
    assert_eq!(decoder.value(&mut stream), Err(DecodeError::OutOfOrder));
    assert_eq!(decoder.next(), Ok(Next::Checked));
    assert_eq!(decoder.next(), Ok(Next::End));
    assert_eq!(decoder.next(), Ok(Next::End));
}

/// After an error nothing more is decoded, whatever follows.
#[test]
fn nothing_follows_an_error() {
    let blob = model(&Recipe::small(Architecture::PixelCnn), 1);
    let model = blob.load().unwrap();
    let (_, bytes) = one_image(&model);
    let mut state = vec![0; model.state_words(8)];
    let mut decoder = Decoder::begin(&model, &bytes[..bytes.len() - 12]).unwrap();
    let mut stream = Stream::begin(&model, 8, 8, &mut state).unwrap();
    let mut run = || {
        decoder.next()?;
        decoder.image(&mut stream, &mut [0u8; 64])?;
        decoder.next()
    };
    assert_eq!(run(), Err(DecodeError::Truncated));
    assert_eq!(decoder.next(), Err(DecodeError::Damaged));
    let mut stream = Stream::begin(&model, 8, 8, &mut state).unwrap();
    assert_eq!(decoder.value(&mut stream), Err(DecodeError::Damaged));
}

/// A stream's temperature does not matter to the coder, and 8 bits are as good as 16.
#[test]
fn temperature_and_width_of_values_change_nothing() {
    let blob = model(&Recipe { levels: 17, ..Recipe::small(Architecture::RowLstm) }, 1);
    let model = blob.load().unwrap();
    let (image, bytes) = one_image(&model);
    let mut again = Vec::new();
    let sink = |byte| -> Result<(), Never> {
        again.push(byte);
        Ok(())
    };
    let mut state = vec![0; model.state_words(8)];
    let mut stream = Stream::begin(&model, 8, 8, &mut state).unwrap();
    stream.set_temperature(pixelrnn::Temperature::from_percent(30).unwrap());
    let mut encoder = Encoder::begin(&model, 8, 8, sink).unwrap();
    encoder.image(&mut stream, &drawn::<u8>(&model, 8, 8, 1)).unwrap();
    encoder.finish().map(drop).unwrap();
    assert_eq!(again, bytes);
    let mut decoder = Decoder::begin(&model, &bytes[..]).unwrap();
    decoder.next().unwrap();
    let mut stream = Stream::begin(&model, 8, 8, &mut state).unwrap();
    stream.set_temperature(pixelrnn::Temperature::from_percent(30).unwrap());
    let mut found = [0u8; 64];
    decoder.image(&mut stream, &mut found).unwrap();
    assert_eq!(found.map(u16::from), image[..]);
}

/// A group's last byte is the last that its decoding asks for: a receiver never waits for the next frame.
#[test]
fn a_frame_is_complete_with_its_own_bytes() {
    for recipe in [Recipe::small(Architecture::DiagonalBilstm), Recipe::mixture(Architecture::PixelCnn, 256, 1)] {
        let blob = model(&recipe, 1);
        let model = blob.load().unwrap();
        let images = images(&model, (8, 8), 20);
        let mut state = vec![0; model.state_words(8)];
        let container = encode(&model, whole(&model, 8, 8), &images, 1);
        let taken = std::cell::Cell::new(0);
        let source = || -> Result<Option<u8>, Never> {
            taken.set(taken.get() + 1);
            Ok(container.bytes.get(taken.get() - 1).copied())
        };
        let mut decoder = Decoder::begin(&model, source).unwrap();
        for (image, &end) in images.iter().zip(&container.ends[1..]) {
            assert_eq!(decoder.next(), Ok(Next::Image));
            let mut decoded = [0u16; 64];
            decoder.image(&mut Stream::begin(&model, 8, 8, &mut state).unwrap(), &mut decoded).unwrap();
            assert_eq!(decoder.next(), Ok(Next::Checked));
            assert_eq!((&decoded[..], taken.get()), (&image[..], end));
        }
    }
}

/// The coder alone, as a link that checks its frames itself would use it.
#[test]
fn the_coder_alone_codes_a_frame() {
    for architecture in Architecture::ALL {
        for recipe in [Recipe::small(architecture), Recipe::mixture(architecture, 65_536, 1)] {
            let blob = model(&recipe, 1);
            let model = blob.load().unwrap();
            let mut state = vec![0; model.state_words(8)];
            for image in images(&model, (8, 8), 20) {
                let bytes = bare(&model, (8, 8), &image);
                let mut source = &bytes[..];
                let mut decoder = RangeDecoder::begin(&mut source).unwrap();
                let mut stream = Stream::begin(&model, 8, 8, &mut state).unwrap();
                for &expected in &image {
                    let value = decoder.decode(&stream.predict().unwrap(), &mut source).unwrap();
                    stream.observe(value).unwrap();
                    assert_eq!(value, expected);
                }
                assert!(decoder.finish().is_some());
            }
        }
    }
}

/// The sink's and the source's own errors come through.
#[test]
fn failing_links_are_errors() {
    let blob = model(&Recipe::small(Architecture::PixelCnn), 1);
    let model = blob.load().unwrap();
    let (image, bytes) = one_image(&model);
    let mut state = vec![0; model.state_words(8)];
    for room in 0..bytes.len() {
        let mut sent = 0;
        let sink = |_| {
            sent += 1;
            if sent > room { Err("full") } else { Ok(()) }
        };
        let mut stream = Stream::begin(&model, 8, 8, &mut state).unwrap();
        let run = || {
            let mut encoder = Encoder::begin(&model, 8, 8, sink)?;
            encoder.image(&mut stream, &image)?;
            encoder.finish().map(drop)
        };
        assert_eq!(run(), Err(CodeError::Io("full")));

        let mut taken = 0;
        let source = || {
            taken += 1;
            if taken > room { Err("unplugged") } else { Ok(bytes.get(taken - 1).copied()) }
        };
        let mut stream = Stream::begin(&model, 8, 8, &mut state).unwrap();
        let run = || {
            let mut decoder = Decoder::begin(&model, source)?;
            while decoder.next()? == Next::Image {
                decoder.image(&mut stream, &mut [0u8; 64])?;
            }
            decoder.next()
        };
        assert_eq!(run(), Err(DecodeError::Io("unplugged")));
    }
}

/// A container of images that are given smaller ones says by how much, and its tiles begin with small pixels.
#[test]
fn a_factor_is_part_of_the_header() {
    let blobs = [0, 2].map(|factor| model(&Recipe { factor, ..Recipe::small(Architecture::PixelCnn) }, 1));
    let [without, with] = [&blobs[0], &blobs[1]].map(|blob| blob.load().unwrap());
    let header = Header::new(&with, 9, 8).unwrap();
    for header in [header, header.of_class(3)] {
        assert_eq!((header.factor, header.to_bytes()[4], header.to_bytes()[5]), (2, 4, 0x21));
        assert_eq!(Header::from_bytes::<Never>(&header.to_bytes()), Ok(header));
        assert_eq!(Header::from_bytes::<Never>(&header.to_bytes()[..HEADER_BYTES]), Err(DecodeError::Truncated));
    }
    assert_eq!(Header::new(&without, 9, 8).unwrap().to_bytes()[4], 2);
    let damaged = Err(DecodeError::<Never>::DamagedHeader);
    assert_eq!(Header { factor: 0, ..header }.check_model(&with), damaged);
    assert_eq!(Header { factor: 4, ..header }.check_model(&with), damaged);
    for (tile, fits) in [((4, 2), true), ((9, 8), true), ((9, 3), false), ((3, 8), false), ((60, 60), true)] {
        assert_eq!(Header::tiled(&with, (9, 8), tile).is_some(), fits, "{tile:?}");
    }
    // Such tiles under a checksum that is right.
    let odd = Header { tiles: Header::tiled(&without, (9, 8), (3, 8)).unwrap().tiles, ..header };
    assert_eq!(Header::from_bytes::<Never>(&odd.to_bytes()), Err(DecodeError::DamagedHeader));
}
