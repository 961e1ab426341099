//! Coded images: the way there and back, what it costs, and what damage does.

use pixelrnn::blob::Architecture;
use pixelrnn::codec::{
    CodeError, DecodeError, Decoder, Encoder, HEADER_BYTES, Header, Next, RangeDecoder, RangeEncoder,
};
use pixelrnn::{Model, Stream, StreamError, score};
use pixelrnn_tests::images::drawn;
use pixelrnn_tests::random::{Numbers, Recipe, model};

const ARCHITECTURES: [Architecture; 3] = [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm];

type Never = std::convert::Infallible;

fn encode(model: &Model<'_>, width: u32, height: u32, images: &[Vec<u8>], group: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let sink = |byte| -> Result<(), Never> {
        bytes.push(byte);
        Ok(())
    };
    let mut state = vec![0; model.state_words(width)];
    let mut encoder = Encoder::begin(model, width, height, sink).unwrap();
    for (number, image) in images.iter().enumerate() {
        let mut stream = Stream::begin(model, width, height, &mut state).unwrap();
        encoder.image(&mut stream, image).unwrap();
        if (number + 1) % group == 0 {
            encoder.end_group().unwrap();
        }
    }
    let _sink = encoder.finish().unwrap();
    bytes
}

/// The images that the container vouches for, and how it ended.
fn decode(model: &Model<'_>, bytes: &[u8]) -> (Vec<Vec<u8>>, Result<usize, DecodeError<Never>>) {
    let mut checked = Vec::new();
    let mut group = Vec::new();
    let mut run = || {
        let mut decoder = Decoder::begin(model, bytes)?;
        let (width, height) = (u32::from(decoder.header().width), u32::from(decoder.header().height));
        let mut state = vec![0; model.state_words(width)];
        loop {
            match decoder.next()? {
                Next::Image => {
                    let mut image = vec![0; (width * height) as usize];
                    let mut stream = Stream::begin(model, width, height, &mut state).unwrap();
                    decoder.image(&mut stream, &mut image)?;
                    group.push(image);
                }
                Next::Checked => checked.append(&mut group),
                Next::End => return Ok(decoder.into_source().len()),
            }
        }
    };
    let end = run();
    (checked, end)
}

#[test]
fn images_come_back() {
    for architecture in ARCHITECTURES {
        for levels in [2, 3, 17, 256] {
            let blob = model(&Recipe { levels, ..Recipe::small(architecture) }, 1);
            let model = blob.load().unwrap();
            for (width, height) in [(1, 1), (1, 9), (9, 1), (12, 7)] {
                for count in [0, 1, 5] {
                    let images: Vec<_> = (0..count).map(|seed| drawn(&model, width, height, seed)).collect();
                    for group in [1, 2, 100] {
                        let mut bytes = encode(&model, width, height, &images, group);
                        bytes.extend(b"what follows");
                        assert_eq!(decode(&model, &bytes), (images.clone(), Ok(12)));
                    }
                }
            }
        }
    }
}

/// Images that the model finds as unlikely as can be still come back.
#[test]
fn unlikely_images_come_back() {
    for architecture in ARCHITECTURES {
        for levels in [2, 256] {
            let blob = model(&Recipe { levels, ..Recipe::small(architecture) }, 1);
            let model = blob.load().unwrap();
            let mut numbers = Numbers(3);
            let noise = (0..400).map(|_| numbers.below(u32::from(levels)) as u8).collect();
            let mut state = vec![0; model.state_words(20)];
            let mut stream = Stream::begin(&model, 20, 20, &mut state).unwrap();
            let mut worst = Vec::new();
            for _ in 0..400 {
                let distribution = stream.predict().unwrap();
                let value = (0..=(levels - 1) as u8).min_by_key(|&value| distribution.frequency(value)).unwrap();
                stream.observe(value).unwrap();
                worst.push(value);
            }
            let images = [noise, worst];
            assert_eq!(decode(&model, &encode(&model, 20, 20, &images, 100)), (images.to_vec(), Ok(0)));
        }
    }
}

/// The cost stated in the documentation, above the ideal code length.
#[test]
fn the_overhead_is_as_stated() {
    for architecture in ARCHITECTURES {
        for levels in [2, 17, 256] {
            let blob = model(&Recipe { levels, ..Recipe::small(architecture) }, 1);
            let model = blob.load().unwrap();
            let images: Vec<_> = (0..40).map(|seed| drawn(&model, 28, 28, seed)).collect();
            let mut state = vec![0; model.state_words(28)];
            let ideal: f64 = images
                .iter()
                .map(|image| {
                    let mut stream = Stream::begin(&model, 28, 28, &mut state).unwrap();
                    score::image(&mut stream, image).unwrap().units() as f64 / 65536.0 / 8.0
                })
                .sum();
            let over = |bytes: f64| (bytes - HEADER_BYTES as f64 - 6.0 - ideal) / 40.0;
            let together = over(encode(&model, 28, 28, &images, 100).len() as f64);
            let single = over(encode(&model, 28, 28, &images, 1).len() as f64);
            let what = format!("{architecture:?}, {levels} levels, {:.1} bytes an image", ideal / 40.0);
            let values = 0.0002 * ideal / 40.0;
            assert!(together < 0.2 + values, "{what}: {together} over in one group");
            assert!(single < 6.0 + values, "{what}: {single} over in groups of one");

            let mut bare = 0;
            for image in &images {
                let mut sink = |_| -> Result<(), Never> {
                    bare += 1;
                    Ok(())
                };
                let mut stream = Stream::begin(&model, 28, 28, &mut state).unwrap();
                let mut encoder = RangeEncoder::new();
                for &value in image {
                    encoder.encode(&stream.predict().unwrap(), value, &mut sink).unwrap();
                    stream.observe(value).unwrap();
                }
                encoder.finish(&mut sink).unwrap();
            }
            let bare = (f64::from(bare) - ideal) / 40.0;
            assert!((0.0..0.9 + values).contains(&bare), "{what}: {bare} over by the coder alone");
        }
    }
}

#[test]
fn every_flipped_bit_is_an_error() {
    for architecture in ARCHITECTURES {
        let blob = model(&Recipe::small(architecture), 1);
        let model = blob.load().unwrap();
        let images: Vec<_> = (0..4).map(|seed| drawn(&model, 8, 8, seed)).collect();
        let bytes = encode(&model, 8, 8, &images, 2);
        for bit in 0..8 * bytes.len() {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let (checked, end) = decode(&model, &damaged);
            assert!(end.is_err(), "bit {bit} of {}", 8 * bytes.len());
            assert!(images.starts_with(&checked), "bit {bit}: a wrong image was vouched for");
        }
    }
}

#[test]
fn every_truncation_is_an_error() {
    for architecture in ARCHITECTURES {
        let blob = model(&Recipe { levels: 17, ..Recipe::small(architecture) }, 1);
        let model = blob.load().unwrap();
        let images: Vec<_> = (0..4).map(|seed| drawn(&model, 8, 8, seed)).collect();
        let bytes = encode(&model, 8, 8, &images, 2);
        for length in 0..bytes.len() {
            let (checked, end) = decode(&model, &bytes[..length]);
            assert_eq!(end, Err(DecodeError::Truncated), "{length} of {} bytes", bytes.len());
            assert!(images.starts_with(&checked));
        }
    }
}

#[test]
fn random_damage_is_never_a_wrong_image() {
    let blob = model(&Recipe { levels: 17, ..Recipe::small(Architecture::PixelCnn) }, 1);
    let model = blob.load().unwrap();
    let images: Vec<_> = (0..3).map(|seed| drawn(&model, 8, 8, seed)).collect();
    let bytes = encode(&model, 8, 8, &images, 1);
    let mut numbers = Numbers(8);
    for _ in 0..2000 {
        let mut damaged = bytes.clone();
        for _ in 0..1 + numbers.below(4) {
            let place = HEADER_BYTES + numbers.below((bytes.len() - HEADER_BYTES) as u32) as usize;
            match numbers.below(3) {
                0 => damaged[place] = numbers.below(256) as u8,
                1 => damaged.truncate(place.max(1)),
                _ => damaged.insert(place.min(damaged.len()), numbers.below(256) as u8),
            }
            if damaged.len() <= HEADER_BYTES {
                break;
            }
            damaged.resize(damaged.len().max(bytes.len()), 0);
        }
        let (checked, _) = decode(&model, &damaged);
        assert!(images.starts_with(&checked));
    }
}

#[test]
fn other_models_and_other_files_have_their_own_errors() {
    let blobs = [1, 2].map(|seed| model(&Recipe::small(Architecture::RowLstm), seed));
    let [model, other] = [&blobs[0], &blobs[1]].map(|blob| blob.load().unwrap());
    let bytes = encode(&model, 8, 8, &[drawn(&model, 8, 8, 1)], 1);
    let wrong = DecodeError::WrongModel { needed: model.fingerprint(), given: other.fingerprint() };
    assert_eq!(decode(&other, &bytes).1, Err(wrong));
    assert_eq!(decode(&model, blobs[0].bytes()).1, Err(DecodeError::WrongMagic));
    assert_eq!(decode(&model, b"PNG is no PRNZ").1, Err(DecodeError::WrongMagic));
    assert_eq!(decode(&model, b"").1, Err(DecodeError::Truncated));
    let mut newer = bytes.clone();
    newer[4] = 9;
    assert_eq!(decode(&model, &newer).1, Err(DecodeError::UnsupportedVersion { found: 9, supported: 1 }));
    let mut wider = bytes.clone();
    wider[8] ^= 1;
    assert_eq!(decode(&model, &wider).1, Err(DecodeError::DamagedHeader));

    // A header of another size with a right checksum: the group's check covers the header too.
    let sized = Header::new(&model, 16, 4).unwrap().to_bytes();
    let mut reshaped = bytes.clone();
    reshaped[..HEADER_BYTES].copy_from_slice(&sized);
    assert!(decode(&model, &reshaped).1.is_err());

    let mut source = &bytes[..];
    let header = Header::read(&mut source).unwrap();
    assert_eq!((header.width, header.height, header.levels), (8, 8, 2));
    assert!(Decoder::with_header(&model, header, source).is_ok());
}

#[test]
fn wrong_orders_are_errors() {
    let blob = model(&Recipe::small(Architecture::PixelCnn), 1);
    let model = blob.load().unwrap();
    let other = pixelrnn_tests::random::model(&Recipe::small(Architecture::PixelCnn), 2);
    let other = other.load().unwrap();
    let mut state = vec![0; model.state_words(8)];
    let mut bytes = Vec::new();
    let sink = |byte| -> Result<(), Never> {
        bytes.push(byte);
        Ok(())
    };
    assert!(matches!(Encoder::begin(&model, 0, 8, |_| Ok::<(), Never>(())), Err(CodeError::WrongSize)));
    assert!(matches!(Encoder::begin(&model, 8, 65536, |_| Ok::<(), Never>(())), Err(CodeError::WrongSize)));
    let mut encoder = Encoder::begin(&model, 4, 3, sink).unwrap();
    for (model, width, height) in [(&model, 4, 4), (&model, 8, 3), (&other, 4, 3)] {
        let mut stream = Stream::begin(model, width, height, &mut state).unwrap();
        assert_eq!(encoder.value(&mut stream, 0), Err(CodeError::WrongStream));
    }
    let mut stream = Stream::begin(&model, 4, 3, &mut state).unwrap();
    assert_eq!(encoder.image(&mut stream, &[0; 11]), Err(CodeError::WrongLength { needed: 12, given: 11 }));
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
    let _sink = encoder.finish().unwrap();

    let mut decoder = Decoder::begin(&model, &bytes[..]).unwrap();
    let mut stream = Stream::begin(&model, 4, 3, &mut state).unwrap();
    assert_eq!(decoder.value(&mut stream), Err(DecodeError::OutOfOrder));
    assert_eq!(decoder.next(), Ok(Next::Image));
    assert_eq!(decoder.next(), Err(DecodeError::OutOfOrder));
    assert_eq!(decoder.image(&mut stream, &mut [0; 13]), Err(DecodeError::WrongLength { needed: 12, given: 13 }));
    let mut image = [9; 12];
    decoder.image(&mut stream, &mut image).unwrap();
    assert_eq!(image, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(decoder.value(&mut stream), Err(DecodeError::OutOfOrder));
    assert_eq!(decoder.next(), Ok(Next::Checked));
    assert_eq!(decoder.next(), Ok(Next::End));
    assert_eq!(decoder.next(), Ok(Next::End));
}

/// A group's last byte is the last that its decoding asks for: a receiver never waits for the next frame.
#[test]
fn a_frame_is_complete_with_its_own_bytes() {
    let blob = model(&Recipe::small(Architecture::DiagonalBilstm), 1);
    let model = blob.load().unwrap();
    let images: Vec<_> = (0..30).map(|seed| drawn(&model, 8, 8, seed)).collect();
    let mut state = vec![0; model.state_words(8)];
    let ends = std::cell::RefCell::new((0, Vec::new()));
    let sink = |_| -> Result<(), Never> {
        ends.borrow_mut().0 += 1;
        Ok(())
    };
    let mut encoder = Encoder::begin(&model, 8, 8, sink).unwrap();
    for image in &images {
        encoder.image(&mut Stream::begin(&model, 8, 8, &mut state).unwrap(), image).unwrap();
        encoder.end_group().unwrap();
        let (sent, ends) = &mut *ends.borrow_mut();
        ends.push(*sent);
    }
    let _sink = encoder.finish().unwrap();

    let bytes = encode(&model, 8, 8, &images, 1);
    let taken = std::cell::Cell::new(0);
    let source = || -> Result<Option<u8>, Never> {
        taken.set(taken.get() + 1);
        Ok(bytes.get(taken.get() - 1).copied())
    };
    let mut decoder = Decoder::begin(&model, source).unwrap();
    for (image, end) in images.iter().zip(&ends.borrow().1) {
        assert_eq!(decoder.next(), Ok(Next::Image));
        let mut decoded = [0; 64];
        decoder.image(&mut Stream::begin(&model, 8, 8, &mut state).unwrap(), &mut decoded).unwrap();
        assert_eq!(decoder.next(), Ok(Next::Checked));
        assert_eq!((&decoded[..], taken.get()), (&image[..], *end));
    }
}

/// The coder alone, as a link that checks its frames itself would use it.
#[test]
fn the_coder_alone_codes_a_frame() {
    let blob = model(&Recipe::small(Architecture::RowLstm), 1);
    let model = blob.load().unwrap();
    let mut state = vec![0; model.state_words(8)];
    for seed in 0..50 {
        let image = drawn(&model, 8, 8, seed);
        let mut bytes = Vec::new();
        let mut sink = |byte| -> Result<(), Never> {
            bytes.push(byte);
            Ok(())
        };
        let mut stream = Stream::begin(&model, 8, 8, &mut state).unwrap();
        let mut encoder = RangeEncoder::new();
        for &value in &image {
            encoder.encode(&stream.predict().unwrap(), value, &mut sink).unwrap();
            stream.observe(value).unwrap();
        }
        encoder.finish(&mut sink).unwrap();

        let mut source = &bytes[..];
        let mut decoder = RangeDecoder::begin(&mut source).unwrap();
        let mut stream = Stream::begin(&model, 8, 8, &mut state).unwrap();
        let decoded: Vec<u8> = (0..64)
            .map(|_| {
                let value = decoder.decode(&stream.predict().unwrap(), &mut source).unwrap();
                stream.observe(value).unwrap();
                value
            })
            .collect();
        assert_eq!(decoded, image);
        assert!(decoder.finish().is_some());
    }
}

/// The sink's and the source's own errors come through.
#[test]
fn failing_links_are_errors() {
    let blob = model(&Recipe::small(Architecture::PixelCnn), 1);
    let model = blob.load().unwrap();
    let image = drawn(&model, 8, 8, 0);
    let bytes = encode(&model, 8, 8, std::slice::from_ref(&image), 1);
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
                decoder.image(&mut stream, &mut [0; 64])?;
            }
            decoder.next()
        };
        assert_eq!(run(), Err(DecodeError::Io("unplugged")));
    }
}
