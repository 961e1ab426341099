//! Coded images: the committed bytes decode to their values, and are what is coded.

use pixelrnn::codec::{DecodeError, Decoder, Header, Next};
use pixelrnn::{Model, Stream};

use super::coded::{ALL, Container, class, decode, decode_rest, encode, pieces};
use super::images::drawn;
use super::models::{SIZE, each, read};

/// The images of the committed files: in the second, the last level is every third value.
fn images(model: &Model<'_>) -> [Vec<u16>; 2] {
    let [plain, mut last] = [1, 2].map(|seed| drawn::<u16>(model, seed));
    last.iter_mut().step_by(3).for_each(|value| *value = (model.levels() - 1) as u16);
    [plain, last]
}

fn tiled(model: &Model<'_>, images: &[Vec<u16>], group: usize) -> (Header, Container) {
    let header = Header::tiled(model, SIZE, (6, 4)).unwrap().of_class(class(model, 1));
    (header, encode(model, header, images, group))
}

#[test]
fn the_committed_bytes_are_coded_and_decoded() {
    each(|name, model| {
        let images = images(model);
        let whole = Header::new(model, SIZE.0, SIZE.1).unwrap().of_class(class(model, 1));
        let committed = read(&format!("{name}.prnz"));
        assert_eq!(decode(model, &committed, ALL), (pieces(&whole, &images), Ok(0)), "{name}");
        assert!(encode(model, whole, &images, 4).bytes == committed, "{name}: other bytes");
        let committed = read(&format!("{name}-tiles.prnz"));
        let (header, container) = tiled(model, &images[1..], 4);
        assert_eq!(decode(model, &committed, ALL), (pieces(&header, &images[1..]), Ok(0)), "{name}");
        assert!(container.bytes == committed, "{name}: other bytes in tiles");
    });
}

/// From any tile on, each group is decoded by itself.
#[test]
fn every_tile_decodes_alone() {
    each(|name, model| {
        let images = images(model);
        let (header, container) = tiled(model, &images, 1);
        for (number, piece) in pieces(&header, &images).iter().enumerate() {
            let decoder = Decoder::at_tile(model, header, piece.0, container.group(number)).unwrap();
            let (checked, _) = decode_rest(model, decoder, ALL);
            assert_eq!(checked, std::slice::from_ref(piece), "{name}");
        }
    });
}

/// Bytes may come one by one from whatever has them, and an error of the source is the decoder's.
#[test]
fn a_closure_is_a_source() {
    each(|name, model| {
        let committed = read(&format!("{name}.prnz"));
        let mut bytes = committed.iter().copied();
        let mut decoder = Decoder::begin(model, || Ok::<_, &str>(bytes.next())).unwrap();
        assert_eq!(decoder.next(), Ok(Next::Image), "{name}");
        let mut state = vec![0; model.state_words(SIZE.0)];
        let mut stream = Stream::begin_class(model, class(model, 1), SIZE.0, SIZE.1, &mut state).unwrap();
        let mut image = images(model)[0].clone();
        image.fill(0);
        decoder.image(&mut stream, &mut image).unwrap();
        assert_eq!(image, images(model)[0], "{name}");
        let fails = || Err::<Option<u8>, _>("no line");
        assert_eq!(Decoder::begin(model, fails).err(), Some(DecodeError::Io("no line")));
    });
}
