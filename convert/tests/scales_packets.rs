//! Packets of a picture in several scales: the smaller ones come first, and stand where tiles of larger ones are missing.

mod common;

use std::convert::Infallible;

use common::scales::scales;
use common::{Kind, Place};
use pixelrnn::codec::{Header, PacketInfo, Packets, Tile};
use pixelrnn::{Conditions, Pyramid, Seeded, Stream};
use pixelrnn_convert::archive::packets::{Frame, Received};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::data::{ImageOptions, Picture};
use pixelrnn_convert::report::shown;
use rand_core::{Rng, SeedableRng};

const SIZE: (u32, u32) = (37, 22);
const TILE: (u32, u32) = (16, 8);

fn kind() -> Kind {
    Kind { channels: 3, components: 2, ..Kind::grey("row-lstm", 256) }
}

/// A picture's tile.
fn part(picture: &Picture, tile: &Tile) -> Vec<u16> {
    let rows = picture.values.chunks(picture.width * picture.channels);
    let (left, width) = (tile.left as usize * picture.channels, tile.width as usize * picture.channels);
    let rows = rows.skip(tile.top as usize).take(tile.height as usize);
    rows.flat_map(|row| row[left..left + width].to_vec()).collect()
}

/// The picture of each scale.
fn all_scales(picture: &Picture) -> [Picture; 3] {
    [8, 4, 1].map(|factor| picture.sampled_every(factor))
}

/// The packets of a frame as a device sends them: scale after scale, a header before each, its tiles in order.
fn sent(pyramid: &Pyramid<'_>, frame: u8, picture: &Picture) -> Vec<Vec<u8>> {
    let mut sent = Vec::new();
    let mut packets = Packets::<40, _>::begin(frame, |packet: &[u8]| -> Result<(), Infallible> {
        sent.push(packet.to_vec());
        Ok(())
    });
    let pictures = all_scales(picture);
    for (scale, model) in pyramid.models().iter().enumerate() {
        let header = Header::tiled(model, pyramid.size(scale, SIZE), TILE).unwrap();
        packets.scale(scale as u8);
        let Ok(()) = packets.header(&header);
        for tile in (0..header.tiles.count()).filter_map(|index| header.tiles.get(index)) {
            let values = part(&pictures[scale], &tile);
            let image =
                Picture { channels: 3, height: tile.height as usize, ..Picture::grey(tile.width as usize, values) };
            let small = image.sampled(model.factor());
            let given = small.as_ref().map_or_else(Conditions::default, |small| Conditions::of_small(&small.values));
            let mut state = vec![0; model.state_words(tile.width)];
            let mut stream = Stream::begin_given(model, given, tile.width, tile.height, &mut state).unwrap();
            let mut group = packets.begin_tile(&header, tile.index as u16);
            let Ok(()) = group.tile(&mut packets);
            for &value in &image.values {
                let Ok(()) = group.value(&stream.predict().unwrap(), value, &mut packets);
                stream.observe(value).unwrap();
            }
            let Ok(()) = group.end(&mut packets);
            let Ok(()) = packets.end_tile();
        }
    }
    sent
}

fn recording(packets: &[Vec<u8>]) -> Vec<u8> {
    packets.iter().flat_map(|packet| [&(packet.len() as u16).to_le_bytes(), &packet[..]].concat()).collect()
}

fn frames(pyramid: &Pyramid<'_>, packets: &[Vec<u8>]) -> Vec<Frame> {
    Received::read(&recording(packets)).frames(pyramid).unwrap()
}

/// Runs a check with the models of three scales, two pictures and their packets.
fn with_packets(check: impl FnOnce(&Place, &str, Pyramid<'_>, &[Picture; 2], [Vec<Vec<u8>>; 2])) {
    let place = Place::new();
    let model = scales(&place, kind());
    let blob = Blob::read_scales(&place.path(&model)).unwrap();
    let models = blob.load_scales().unwrap();
    let pyramid = Pyramid::new(&models).unwrap();
    let pictures = [1, 2].map(|seed| kind().noise(SIZE.0 as usize, SIZE.1 as usize, seed));
    let packets = [0, 1].map(|frame| sent(&pyramid, frame, &pictures[usize::from(frame)]));
    check(&place, &model, pyramid, &pictures, packets);
}

#[test]
fn doubled_packets_in_any_order_make_every_scale() {
    with_packets(|place, model, pyramid, pictures, packets| {
        let mut packets = packets.concat();
        packets.extend(packets.clone());
        let mut numbers = Seeded::seed_from_u64(3);
        for last in (1..packets.len()).rev() {
            packets.swap(last, numbers.next_u32() as usize % (last + 1));
        }
        let frames = frames(&pyramid, &packets);
        let numbers: Vec<_> = frames.iter().map(|frame| (frame.number, frame.scale)).collect();
        assert_eq!(numbers, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]);
        for frame in &frames {
            assert!(frame.missing.is_empty());
            assert_eq!(frame.picture.values, all_scales(&pictures[usize::from(frame.number)])[frame.scale].values);
        }
        place.write("recording", &recording(&packets));
        let text = place.succeeds(&["receive", model, "recording", "-o", "out"]);
        assert!(text.contains("frame 1, scale 2: 9 of 9 tiles"), "{text}");
        for (name, scale) in [("000-0", 0), ("000-1", 1), ("000", 2)] {
            let written = ImageOptions::default().read(&place.path(&format!("out/{name}.png"))).unwrap().remove(0);
            assert_eq!(written.values, shown(&all_scales(&pictures[0])[scale], 256).values, "{name}");
        }
    });
}

/// Packets that end early: the scales whose headers came, the last as far as it did.
#[test]
fn a_picture_grows_as_packets_come() {
    with_packets(|place, model, pyramid, pictures, [packets, _]| {
        let mut scales = Vec::new();
        for count in 1..=packets.len() {
            let frames = match Received::read(&recording(&packets[..count])).frames(&pyramid) {
                Ok(frames) => frames,
                Err(error) => panic!("{count} packets: {error}"),
            };
            let Some(last) = frames.last() else { continue };
            assert!(frames[..last.scale].iter().all(|frame| frame.missing.is_empty()), "{count} packets");
            scales.push(last.scale);
            let expected = all_scales(&pictures[0]);
            let smaller = last.scale.checked_sub(1).map(|scale| expected[scale].clone());
            let factor = usize::from(pyramid.models()[last.scale].factor());
            for (at, value) in last.picture.values.iter().enumerate() {
                let (row, column, channel) = (at / 3 / last.picture.width, at / 3 % last.picture.width, at % 3);
                let holds = |tile: &Tile| {
                    (tile.left..tile.left + tile.width).contains(&(column as u32))
                        && (tile.top..tile.top + tile.height).contains(&(row as u32))
                };
                match (&smaller, last.missing.iter().any(holds)) {
                    (_, false) => assert_eq!(*value, expected[last.scale].values[at]),
                    (Some(small), true) => {
                        assert_eq!(*value, small.values[(row / factor * small.width + column / factor) * 3 + channel]);
                    }
                    (None, true) => {}
                }
            }
        }
        assert!(scales.is_sorted() && scales.first() == Some(&0) && scales.last() == Some(&2));
        // The smallest alone, by the command.
        let small = packets.iter().filter(|packet| PacketInfo::read(packet).unwrap().0.scale == 0).cloned();
        place.write("small", &recording(&small.collect::<Vec<_>>()));
        assert_eq!(place.succeeds(&["receive", model, "small", "-o", "out"]), "frame 0, scale 0: 1 of 1 tiles\n");
        assert_eq!(std::fs::read_dir(place.path("out")).unwrap().count(), 1);
    });
}

/// A packet that is lost or damaged costs its tile, and the tiles of larger scales that are given a part of it.
#[test]
fn a_lost_packet_costs_its_tile_and_those_given_it() {
    with_packets(|_, _, pyramid, pictures, [packets, _]| {
        let expected = all_scales(&pictures[0]);
        for (number, packet) in packets.iter().enumerate() {
            let (info, _) = PacketInfo::read(packet).unwrap();
            if info.is_header {
                continue;
            }
            for is_damaged in [false, true] {
                let mut packets = packets.clone();
                match is_damaged {
                    true => *packets[number].last_mut().unwrap() ^= 4,
                    false => drop(packets.remove(number)),
                }
                let frames = frames(&pyramid, &packets);
                assert_eq!(frames.len(), 3);
                for frame in &frames {
                    let missing: Vec<u32> = frame.missing.iter().map(|tile| tile.index).collect();
                    match frame.scale.cmp(&usize::from(info.scale)) {
                        std::cmp::Ordering::Less => assert!(missing.is_empty()),
                        std::cmp::Ordering::Equal => assert_eq!(missing, [u32::from(info.tile)]),
                        std::cmp::Ordering::Greater => assert!(!missing.is_empty()),
                    }
                    let header = Header::tiled(&pyramid.models()[frame.scale], pyramid.size(frame.scale, SIZE), TILE);
                    let tiles = header.unwrap().tiles;
                    for tile in (0..tiles.count()).filter(|tile| !missing.contains(tile)) {
                        let tile = tiles.get(tile).unwrap();
                        assert_eq!(part(&frame.picture, &tile), part(&expected[frame.scale], &tile));
                    }
                }
            }
        }
    });
}

#[test]
fn scales_that_do_not_go_together_are_refused() {
    with_packets(|place, model, pyramid, _, [packets, _]| {
        let scale = |packet: &Vec<u8>| PacketInfo::read(packet).unwrap().0.scale;
        // Without the smallest there is nothing to begin with.
        let larger: Vec<_> = packets.iter().filter(|packet| scale(packet) > 0).cloned().collect();
        let error = Received::read(&recording(&larger)).frames(&pyramid).unwrap_err().to_string();
        assert!(error.contains("no packet holds a header"), "{error}");
        // Of another size.
        let header = Header::tiled(&pyramid.models()[1], (11, 6), TILE).unwrap();
        let mut other = vec![[&[0, 15, 0, 0, 0, 0][..], &header.to_bytes()].concat()];
        other.extend(packets.iter().filter(|packet| scale(packet) == 0).cloned());
        let error = Received::read(&recording(&other)).frames(&pyramid).unwrap_err().to_string();
        assert!(error.contains("do not go together"), "{error}");
        place.write("recording", &recording(&packets));
        place.fails(&["receive", "model-2.prnn", "recording", "-o", "out"], "smaller image");
        let one = pyramid.models().first().unwrap().fingerprint();
        assert!(place.succeeds(&["inspect", model]).contains(&format!("{one:08x}")));
    });
}
