//! Images as packets: every tile comes out of its own, whatever is lost, repeated or late.

use std::convert::Infallible;

use pixelrnn::codec::{DecodeError, GroupDecoder, Header, PACKET_HEADER_BYTES, PacketInfo, Packets};
use pixelrnn::{Model, Stream};

use super::coded::{packets, pieces};
use super::images::drawn;
use super::models::{SIZE, each};

const MOST: usize = 40;

fn header(model: &Model<'_>) -> Header {
    Header::tiled(model, SIZE, (7, 5)).unwrap()
}

/// The packets of two frames, as they were sent.
fn sent(model: &Model<'_>) -> Vec<Vec<u8>> {
    let images = [1, 2].map(|seed| drawn(model, seed));
    let mut rest = &packets::<MOST>(model, &header(model), &images)[..];
    let mut all = Vec::new();
    while let Some((length, behind)) = rest.split_first_chunk() {
        let (packet, behind) = behind.split_at(u16::from_le_bytes(*length).into());
        all.push(packet.to_vec());
        rest = behind;
    }
    all
}

/// The values of the tile whose group some bytes are.
fn decoded(model: &Model<'_>, place: u32, mut bytes: &[u8]) -> Result<Vec<u16>, DecodeError<Infallible>> {
    let header = header(model);
    let mut group = GroupDecoder::begin(&header, place, &mut bytes)?;
    assert!(group.tile(&mut bytes)?);
    let tile = header.tiles.get(place & 0xffff).unwrap();
    let mut state = vec![0; model.state_words(tile.width)];
    let mut stream = Stream::begin(model, tile.width, tile.height, &mut state).unwrap();
    let mut values = Vec::new();
    while !stream.is_complete() {
        values.push(group.value(&stream.predict().unwrap(), &mut bytes)?);
        stream.observe(*values.last().unwrap()).unwrap();
    }
    assert!(!group.tile(&mut bytes)?);
    group.end(&mut bytes).map(|()| values)
}

fn each_without_classes(look: impl Fn(&str, &Model<'_>)) {
    each(|name, model| {
        if model.classes() == 0 {
            look(name, model);
        }
    });
}

#[test]
fn tiles_come_out_of_their_packets() {
    each_without_classes(|name, model| {
        let sent = sent(model);
        let read = |packet: &'_ Vec<u8>| PacketInfo::read(packet).unwrap().0;
        for (frame, seed) in [(0, 1), (1, 2)] {
            for (tile, values) in pieces(&header(model), &[drawn(model, seed)]) {
                let of_tile = |packet: &&Vec<u8>| {
                    let info = read(packet);
                    (info.frame, u32::from(info.tile), info.is_header) == (frame, tile, false)
                };
                let packets: Vec<_> = sent.iter().filter(of_tile).collect();
                let bytes: Vec<u8> =
                    packets.iter().flat_map(|packet| &packet[PACKET_HEADER_BYTES..]).copied().collect();
                let place = u32::from(frame) << 24 | tile;
                assert_eq!(read(packets[0]).place(), place, "{name}");
                assert_eq!(decoded(model, place, &bytes), Ok(values), "{name}");
                let of_another = decoded(model, place ^ 1 << 24, &bytes);
                assert_eq!(of_another, Err(DecodeError::Damaged), "{name}: another frame's");
            }
        }
    });
}

/// A frame's packets count from 0 on; its header is a packet of its own, which counts for nothing.
#[test]
fn packets_say_what_they_are() {
    each_without_classes(|name, model| {
        let mut number = 0;
        for packet in sent(model) {
            let (info, bytes) = PacketInfo::read(&packet).unwrap();
            if info.is_header {
                let of_header = PacketInfo { is_first: true, is_last: true, tile: 0, number: 0, ..info };
                assert_eq!((info, bytes), (of_header, &header(model).to_bytes()[..]), "{name}");
                number = 0;
            } else {
                assert_eq!((info.number, info.scale), (number, 0), "{name}");
                assert!(info.is_last || packet.len() == MOST, "{name}");
                number += 1;
            }
        }
    });
}

/// Frames count up to 255 and begin anew; what is sent after a scale was named is of it.
#[test]
fn frames_and_scales_go_on() {
    each_without_classes(|_, model| {
        let mut infos = Vec::new();
        let send = |packet: &[u8]| {
            infos.push(PacketInfo::read(packet).unwrap().0);
            Ok::<_, Infallible>(())
        };
        let mut packets = Packets::<MOST, _>::begin(255, send);
        assert_eq!((packets.next_frame(), Packets::<MOST, _>::begin(7, |_| Ok::<_, ()>(())).next_frame()), (0, 8));
        for scale in [0, 5] {
            packets.scale(scale);
            let Ok(()) = packets.header(&header(model));
            let group = packets.begin_tile(&header(model), 3);
            let Ok(()) = group.end(&mut packets);
            let Ok(()) = packets.end_tile();
        }
        let of = |is_header: bool, scale, number| {
            let tile = if is_header { 0 } else { 3 };
            PacketInfo { frame: 255, is_first: true, is_last: true, is_header, scale, tile, number }
        };
        assert_eq!(infos, [of(true, 0, 0), of(false, 0, 0), of(true, 5, 0), of(false, 5, 1)]);
    });
}

#[test]
fn a_senders_error_comes_through() {
    each_without_classes(|_, model| {
        let mut packets = Packets::<MOST, _>::begin(0, |_| Err::<(), _>("no link"));
        assert_eq!(packets.header(&header(model)), Err("no link"));
        assert_eq!(packets.end_tile(), Err("no link"));
    });
}
