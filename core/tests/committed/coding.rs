//! What coding and decoding refuse, and what damage does: every model, an image that is cut in tiles, two a group.

use std::convert::Infallible;

use pixelrnn::codec::{CLASS_HEADER_BYTES, CodeError, DecodeError, Decoder, Encoder, HEADER_BYTES, Header, Next};
use pixelrnn::{Model, Stream, StreamError, Temperature};

use super::coded::{self, ALL, Container, Piece, class, pieces, tile_of};
use super::images::drawn;
use super::models::{SIZE, each, read, with_blob};

type Damage = DecodeError<Infallible>;

fn header(model: &Model<'_>) -> Header {
    Header::tiled(model, SIZE, (7, 5)).unwrap().of_class(class(model, 1))
}

/// An image's tiles, and its code.
fn cut(model: &Model<'_>) -> (Vec<Piece>, Container) {
    let images = [drawn(model, 1)];
    (pieces(&header(model), &images), coded::encode(model, header(model), &images, 2))
}

/// A stream of a size.
fn stream<'s>(model: &'s Model<'s>, (width, height): (u32, u32), state: &'s mut Vec<u32>) -> Stream<'s> {
    state.resize(model.state_words(width), 0);
    Stream::begin_class(model, class(model, 1), width, height, state).unwrap()
}

fn encoder<'m>(header: Header) -> Encoder<impl FnMut(u8) -> Result<(), Infallible> + 'm> {
    Encoder::with_header(header, |_| Ok(())).unwrap()
}

/// Two models that are given nothing.
fn two(look: impl FnOnce(&Model<'_>, &Model<'_>)) {
    with_blob(&read("random-row-lstm.prnn"), |blob| {
        with_blob(&read("random-pixelcnn.prnn"), |other| {
            look(&Model::load(blob).unwrap(), &Model::load(other).unwrap());
        });
    });
}

#[test]
fn changed_bytes_are_found_and_spare_the_groups_before() {
    each(|name, model| {
        let (pieces, Container { bytes, ends }) = cut(model);
        for place in (0..bytes.len()).filter(|place| *place < 40 || place % 7 == 0) {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1 << (place % 8);
            let (checked, end) = coded::decode(model, &damaged, ALL);
            let before = ends.iter().filter(|&&end| end <= place).count().saturating_sub(1);
            assert!(end.is_err(), "{name}: byte {place} of {}", bytes.len());
            assert_eq!(checked, pieces[..2 * before], "{name}: byte {place}");
        }
    });
}

#[test]
fn truncated_codes_are_found() {
    each(|name, model| {
        let (pieces, Container { bytes, ends }) = cut(model);
        for length in (0..bytes.len()).filter(|length| *length < 40 || length % 5 == 0 || length + 12 > bytes.len()) {
            let (checked, end) = coded::decode(model, &bytes[..length], ALL);
            let whole = ends.iter().filter(|&&end| end <= length).count().saturating_sub(1);
            assert_eq!(end, Err(DecodeError::Truncated), "{name}: {length} of {} bytes", bytes.len());
            assert_eq!(checked, pieces[..2 * whole], "{name}: {length} bytes");
        }
    });
}

#[test]
fn other_files_have_their_own_errors() {
    two(|model, other| {
        let decode = |bytes: &[u8]| coded::decode(model, bytes, ALL).1;
        let wrong = DecodeError::WrongModel { needed: other.fingerprint(), given: model.fingerprint() };
        assert_eq!(decode(&cut(other).1.bytes), Err(wrong));
        assert_eq!(decode(&read("random-row-lstm.prnn")), Err(DecodeError::WrongMagic));
        assert_eq!(decode(b"PNG"), Err(DecodeError::Truncated));
        assert_eq!((decode(b"JPEG"), decode(b"a text")), (Err(DecodeError::WrongMagic), Err(DecodeError::WrongMagic)));
        let mut other = cut(model).1.bytes;
        other[4] = 1;
        assert_eq!(decode(&other), Err(DecodeError::UnsupportedVersion { found: 1, supported: 4 }));
    });
}

/// A header says what it was made of, up to the largest of everything.
#[test]
fn headers_are_read_back() {
    each(|name, model| {
        let header = Header::tiled(model, (65_535, 300), (65_535, 9)).unwrap().of_class(class(model, 2));
        let bytes = header.to_bytes();
        assert_eq!(Header::from_bytes::<Infallible>(&bytes), Ok(header), "{name}");
        assert_eq!(Header::read(&mut &bytes[..]), Ok(header), "{name}");
        assert_eq!(header.check_model::<Infallible>(model), Ok(()), "{name}");
        let size = if class(model, 2).is_some() { CLASS_HEADER_BYTES } else { HEADER_BYTES };
        assert_eq!((header.size(), bytes.len(), Header::size_in(&bytes)), (size, size, size), "{name}");
        assert_eq!((header.width(), header.height(), header.levels), (65_535, 300, model.levels()), "{name}");
        assert_eq!(header.values(), 65_535 * 300 * u64::from(model.channels()), "{name}");
        for end in 0..size {
            assert_eq!(Header::from_bytes::<Infallible>(&bytes[..end]), Err(DecodeError::Truncated), "{name}");
        }
    });
}

/// Headers that do not agree with the model, their checksums right.
#[test]
fn other_headers_are_found() {
    each(|name, model| {
        let damaged = Err(Damage::DamagedHeader);
        let header = header(model);
        assert_eq!(Header { levels: header.levels - 1, ..header }.check_model(model), damaged, "{name}");
        assert_eq!(Header { channels: header.channels + 1, ..header }.check_model(model), damaged, "{name}");
        assert_eq!(Header { factor: 2, ..header }.check_model(model), damaged, "{name}");
        assert_eq!(header.of_class(model.classes()).check_model(model), damaged, "{name}");
        let without = header.of_class(None).check_model::<Infallible>(model);
        assert_eq!(without.is_ok(), model.classes() == 0, "{name}");
        let mut bytes = header.to_bytes();
        let last = bytes.len() - 1;
        for place in (5..16).chain([last]) {
            bytes[place] ^= 1;
            assert_eq!(Header::from_bytes(&bytes), damaged.map(|()| header), "{name}: byte {place}");
            bytes[place] ^= 1;
        }
        for (image, tile) in [((0, 1), (1, 1)), ((1, 65_536), (1, 1)), ((1, 1), (0, 1)), ((1, 1), (1, 65_536))] {
            assert_eq!(Header::tiled(model, image, tile), None);
        }
    });
}

/// The stream must be the one that comes next: of the tile's size, at the value that follows.
#[test]
fn wrong_streams_are_not_coded() {
    each(|name, model| {
        let (header, mut state) = (header(model), Vec::new());
        let mut encoder = encoder(header);
        assert_eq!((encoder.header(), encoder.tile().width, encoder.tile().height), (&header, 7, 5), "{name}");
        for size in [(7, 4), (6, 5), SIZE] {
            let mut stream = stream(model, size, &mut state);
            assert_eq!(encoder.value(&mut stream, 0), Err(CodeError::WrongStream), "{name}: {size:?}");
        }
        let mut stream = stream(model, (7, 5), &mut state);
        stream.observe(0).unwrap();
        assert_eq!(encoder.value(&mut stream, 0), Err(CodeError::WrongStream), "{name}");
    });
    two(|model, other| {
        let mut state = Vec::new();
        let mut stream = stream(other, (7, 5), &mut state);
        assert_eq!(encoder(header(model)).value(&mut stream, 0), Err(CodeError::WrongStream));
    });
    each(|_, model| {
        let mut state = vec![0; model.state_words(7)];
        if let Ok(mut other) = Stream::begin_class(model, 2, 7, 5, &mut state) {
            assert_eq!(encoder(header(model)).value(&mut other, 0), Err(CodeError::WrongStream));
        }
    });
}

#[test]
fn wrong_values_and_orders_are_not_coded() {
    each(|name, model| {
        let (mut encoder, mut state) = (encoder(header(model)), Vec::new());
        let mut stream = stream(model, (7, 5), &mut state);
        let (needed, levels) = (7 * 5 * usize::from(model.channels()), model.levels());
        for given in [needed - 1, needed + 1] {
            let wrong = CodeError::WrongLength { needed: needed as u64, given: given as u64 };
            assert_eq!(encoder.image(&mut stream, &vec![0u16; given]), Err(wrong), "{name}");
        }
        if let Ok(value) = u16::try_from(levels) {
            let beyond = StreamError::ValueOutOfRange { value, levels };
            assert_eq!(encoder.value(&mut stream, value), Err(CodeError::Stream(beyond)), "{name}");
        }
        assert_eq!(encoder.end_group(), Ok(()), "{name}: a group without tiles is none");
        for _ in 0..needed {
            encoder.value(&mut stream, 1).unwrap();
            let is_inside = !stream.is_complete();
            assert_eq!(encoder.tile().index, u32::from(!is_inside), "{name}");
            if is_inside {
                assert_eq!(encoder.end_group(), Err(CodeError::InsideImage), "{name}");
            }
        }
        assert_eq!(encoder.value(&mut stream, 1), Err(CodeError::WrongStream), "{name}");
        assert!(encoder.finish().is_ok(), "{name}");
    });
}

#[test]
fn images_without_a_size_are_not_coded() {
    each(|_, model| {
        let begin = |width, height| Encoder::begin(model, width, height, |_| Ok::<_, Infallible>(())).err();
        for (width, height) in [(0, 8), (8, 0), (65_536, 8), (8, 65_536)] {
            assert_eq!(begin(width, height), Some(CodeError::WrongSize));
        }
        assert_eq!(begin(65_535, 65_535), None);
    });
}

#[test]
fn wrong_orders_of_decoding_are_errors() {
    each(|name, model| {
        let (pieces, container) = cut(model);
        let mut decoder = Decoder::begin(model, &container.bytes[..]).unwrap();
        assert_eq!((decoder.header(), decoder.tile().width), (&header(model), 7), "{name}");
        let mut states = [Vec::new(), Vec::new()];
        let [state, other] = &mut states;
        let (mut stream, mut other) = (stream(model, (7, 5), state), stream(model, (6, 5), other));
        assert_eq!(decoder.value(&mut stream), Err(DecodeError::OutOfOrder), "{name}");
        assert_eq!(decoder.next(), Ok(Next::Image), "{name}");
        assert_eq!(decoder.next(), Err(DecodeError::OutOfOrder), "{name}");
        assert_eq!(decoder.value(&mut other), Err(DecodeError::WrongStream), "{name}");
        let mut image = pieces[0].1.clone();
        image.push(0);
        let (needed, given) = (image.len() as u64 - 1, image.len() as u64);
        assert_eq!(decoder.image(&mut stream, &mut image), Err(DecodeError::WrongLength { needed, given }), "{name}");
        image.pop();
        image.fill(0);
        decoder.image(&mut stream, &mut image).unwrap();
        assert_eq!((&image, decoder.tile().index), (&pieces[0].1, 1), "{name}");
        assert_eq!(decoder.value(&mut stream), Err(DecodeError::OutOfOrder), "{name}");
    });
}

#[test]
fn the_end_stays_the_end() {
    each(|name, model| {
        let empty = coded::encode(model, header(model), &[], 1);
        let mut decoder = Decoder::begin(model, &empty.bytes[..]).unwrap();
        assert_eq!([decoder.next(), decoder.next()], [Ok(Next::End); 2], "{name}");
        let mut state = Vec::new();
        assert_eq!(decoder.value(&mut stream(model, (7, 5), &mut state)), Err(DecodeError::OutOfOrder), "{name}");
        assert!(decoder.into_source().is_empty(), "{name}");
    });
}

#[test]
fn nothing_follows_an_error() {
    each(|name, model| {
        let header = Header::new(model, SIZE.0, SIZE.1).unwrap().of_class(class(model, 1));
        let mut bytes = coded::encode(model, header, &[drawn(model, 1)], 1).bytes;
        bytes.truncate(header.size() + 1);
        let mut decoder = Decoder::begin(model, &bytes[..]).unwrap();
        let mut state = Vec::new();
        let mut stream = stream(model, SIZE, &mut state);
        decoder.next().unwrap();
        let error = (0..header.values()).find_map(|_| decoder.value(&mut stream).err());
        assert_eq!(error, Some(DecodeError::Truncated), "{name}");
        assert_eq!(decoder.value(&mut stream), Err(DecodeError::Damaged), "{name}");
        assert_eq!(decoder.next(), Err(DecodeError::Damaged), "{name}");
    });
}

/// Codes are of the model's own distributions, whatever temperature a stream draws at.
#[test]
fn temperatures_do_not_matter() {
    each(|name, model| {
        let (pieces, container) = cut(model);
        let cold = Temperature::from_percent(30).unwrap();
        let (mut bytes, mut state) = (Vec::new(), Vec::new());
        let sink = |byte| {
            bytes.push(byte);
            Ok::<_, Infallible>(())
        };
        let mut of_tile = stream(model, (7, 5), &mut state);
        of_tile.set_temperature(cold);
        Encoder::with_header(header(model), sink).unwrap().image(&mut of_tile, &pieces[0].1).unwrap();
        assert!(container.bytes.starts_with(&bytes), "{name}");
        let mut decoder = Decoder::begin(model, &container.bytes[..]).unwrap();
        decoder.next().unwrap();
        let mut of_tile = stream(model, (7, 5), &mut state);
        of_tile.set_temperature(cold);
        let found: Vec<_> = pieces[0].1.iter().map(|_| decoder.value(&mut of_tile).unwrap()).collect();
        assert_eq!(found, tile_of(&header(model), &header(model).tiles.get(0).unwrap(), &drawn(model, 1)), "{name}");
    });
}

/// The sink's and the source's own errors come through, whichever byte it is.
#[test]
fn failing_links_are_errors() {
    each(|name, model| {
        let (pieces, container) = cut(model);
        for room in (0..container.ends[1]).step_by(3) {
            let mut left = room;
            let sink = |_| {
                left = left.checked_sub(1).ok_or("full")?;
                Ok(())
            };
            let (mut states, tiles) = ([Vec::new(), Vec::new()], header(model).tiles);
            let run = || {
                let mut encoder = Encoder::with_header(header(model), sink)?;
                for (state, (index, values)) in states.iter_mut().zip(&pieces) {
                    let tile = tiles.get(*index).unwrap();
                    encoder.image(&mut stream(model, (tile.width, tile.height), state), values)?;
                }
                encoder.end_group()
            };
            assert_eq!(run(), Err(CodeError::Io("full")), "{name}: {room}");
        }
    });
}
