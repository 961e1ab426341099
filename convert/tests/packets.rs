//! Packets of a device on a bad link: lost, doubled, out of order, damaged. A lost packet costs its tile and nothing else.

use pixelrnn::codec::{Header, Packets};
use pixelrnn::{Model, Pyramid, Seeded, Stream, sample};
use pixelrnn_convert::archive::packets::Received;
use pixelrnn_convert::blob_file::Blob;
use rand_core::{Rng, SeedableRng};

const SIZE: (u32, u32) = (28, 28);
const TILE: (u32, u32) = (10, 9);

fn blob() -> Blob {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/models/mnist-micro.prnn");
    Blob::read(path.as_ref()).unwrap()
}

fn drawn(model: &Model<'_>, seed: u64) -> Vec<u8> {
    let mut state = vec![0; model.state_words(SIZE.0)];
    let mut stream = Stream::begin(model, SIZE.0, SIZE.1, &mut state).unwrap();
    let mut image = vec![0; 784];
    sample::fill(&mut stream, &mut Seeded::seed_from_u64(seed), &mut image);
    image
}

/// The packets of a frame, the header first and last.
fn sent(model: &Model<'_>, frame: u8, image: &[u8]) -> Vec<Vec<u8>> {
    let header = Header::tiled(model, SIZE, TILE).unwrap();
    let mut sent = Vec::new();
    let mut packets = Packets::<32, _>::begin(frame, |packet: &[u8]| -> Result<(), ()> {
        sent.push(packet.to_vec());
        Ok(())
    });
    packets.header(&header).unwrap();
    let mut state = vec![0; model.state_words(TILE.0)];
    for tile in (0..header.tiles.count()).filter_map(|index| header.tiles.get(index)) {
        let mut stream = Stream::begin(model, tile.width, tile.height, &mut state).unwrap();
        let mut group = packets.begin_tile(&header, tile.index as u16);
        group.tile(&mut packets).unwrap();
        for row in tile.top..tile.top + tile.height {
            for column in tile.left..tile.left + tile.width {
                let value = image[(row * SIZE.0 + column) as usize].into();
                group.value(&stream.predict().unwrap(), value, &mut packets).unwrap();
                stream.observe(value).unwrap();
            }
        }
        group.end(&mut packets).unwrap();
        packets.end_tile().unwrap();
    }
    packets.header(&header).unwrap();
    sent
}

/// A model as the only scale of its images.
fn alone<'m>(model: &'m Model<'m>) -> Pyramid<'m> {
    Pyramid::new(std::slice::from_ref(model)).unwrap()
}

fn received(packets: &[Vec<u8>]) -> Received {
    let record = |packet: &Vec<u8>| [&(packet.len() as u16).to_le_bytes(), &packet[..]].concat();
    Received::read(&packets.iter().flat_map(record).collect::<Vec<u8>>())
}

#[test]
fn doubled_packets_in_any_order_make_the_picture() {
    let blob = blob();
    let model = blob.load().unwrap();
    let images = [drawn(&model, 1), drawn(&model, 2)];
    let mut packets: Vec<_> = (0u8..2).flat_map(|frame| sent(&model, frame, &images[usize::from(frame)])).collect();
    packets.extend(packets.clone());
    let mut numbers = Seeded::seed_from_u64(3);
    for last in (1..packets.len()).rev() {
        packets.swap(last, numbers.next_u32() as usize % (last + 1));
    }
    let frames = received(&packets).frames(&alone(&model)).unwrap();
    assert_eq!(frames.len(), 2);
    for (frame, image) in frames.iter().zip(&images) {
        assert!(frame.missing.is_empty());
        assert!(frame.picture.values.iter().copied().eq(image.iter().map(|&value| u16::from(value))));
    }
}

#[test]
fn a_lost_or_damaged_packet_costs_its_tile_alone() {
    let blob = blob();
    let model = blob.load().unwrap();
    let image = drawn(&model, 4);
    let packets = sent(&model, 7, &image);
    let tiles = Header::tiled(&model, SIZE, TILE).unwrap().tiles;
    // The header came twice.
    for number in 1..packets.len() - 1 {
        let tile = u32::from(u16::from_le_bytes([packets[number][2], packets[number][3]]));
        for is_damaged in [false, true] {
            let mut packets = packets.clone();
            match is_damaged {
                true => *packets[number].last_mut().unwrap() ^= 4,
                false => drop(packets.remove(number)),
            }
            let frames = received(&packets).frames(&alone(&model)).unwrap();
            assert_eq!((frames.len(), frames[0].number), (1, 7));
            assert_eq!(frames[0].missing, [tiles.get(tile).unwrap()], "packet {number}");
            let is_missing = |place: u32| {
                let tile = tiles.get(tile).unwrap();
                (tile.left..tile.left + tile.width).contains(&(place % 28))
                    && (tile.top..tile.top + tile.height).contains(&(place / 28))
            };
            for (place, (&value, &sent)) in frames[0].picture.values.iter().zip(&image).enumerate() {
                assert!(is_missing(place as u32) || value == u16::from(sent));
            }
        }
    }
}

#[test]
fn without_a_header_or_with_another_model_nothing_is_rebuilt() {
    let blob = blob();
    let model = blob.load().unwrap();
    let mut packets = sent(&model, 0, &drawn(&model, 4));
    packets.pop();
    packets.remove(0);
    let error = received(&packets).frames(&alone(&model)).unwrap_err().to_string();
    assert!(error.contains("no packet holds a header"), "{error}");
    let other = Blob::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/models/digits8.prnn").as_ref()).unwrap();
    let packets = sent(&model, 0, &drawn(&model, 4));
    assert!(received(&packets).frames(&alone(&other.load().unwrap())).is_err());
    assert_eq!(received(&[b"no packet at all".to_vec()]).refused, 1);
}

#[test]
fn packets_are_read_off_a_serial_line() {
    let blob = blob();
    let model = blob.load().unwrap();
    let image = drawn(&model, 5);
    let line = |packet: &Vec<u8>| {
        let digits: String = packet.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("packet {digits}\r\n")
    };
    let lines: String = sent(&model, 0, &image).iter().map(line).collect();
    let text = format!("board\r\n{lines}packet 0\npacket +1\npacket xy\ndone\n");
    let received = Received::read(text.as_bytes());
    assert_eq!(received.refused, 3);
    let frames = received.frames(&alone(&model)).unwrap();
    assert!(frames[0].missing.is_empty());
    assert!(frames[0].picture.values.iter().copied().eq(image.into_iter().map(u16::from)));
}
