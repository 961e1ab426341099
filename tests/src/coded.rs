//! Images into containers and out of them, tile by tile, as whoever uses the codec would. Depends on the core alone.

use std::cell::RefCell;
use std::convert::Infallible;

use pixelrnn::codec::{DecodeError, Decoder, Encoder, Header, Next, Packets, Tile};
use pixelrnn::{BeginError, Conditions, Model, Stream};

/// The class that a number stands for, if a model has classes.
pub fn class(model: &Model<'_>, number: u64) -> Option<u16> {
    number.checked_rem(model.classes().into()).map(|class| class as u16)
}

/// A smaller image for one of a size, of a model that asks for one: smooth values, others for another number.
pub fn small(model: &Model<'_>, size: (u32, u32), number: u64) -> Option<Vec<u16>> {
    let (width, height) = model.small_size(size)?;
    let channels = u64::from(model.channels());
    let value = |place: u64| {
        let (pixel, channel) = (place / channels, place % channels);
        let (row, column) = (pixel / u64::from(width), pixel % u64::from(width));
        ((number * 7 + row * 3 + column * 2 + channel) / 4 * 5 % u64::from(model.levels())) as u16
    };
    Some((0..u64::from(width) * u64::from(height) * channels).map(value).collect())
}

/// A smaller image, if there is one, and a class.
pub fn given(small: &Option<Vec<u16>>, class: Option<u16>) -> Conditions<'_> {
    small.as_deref().map_or_else(Conditions::default, Conditions::of_small).and_class(class)
}

/// Every few pixels of an image: the smaller image that a model asks for.
pub fn sampled(model: &Model<'_>, (width, height): (u32, u32), image: &[u16]) -> Option<Vec<u16>> {
    model.small_size((width, height))?;
    let (factor, channels) = (usize::from(model.factor()), usize::from(model.channels()));
    let rows = image.chunks(width as usize * channels).step_by(factor);
    Some(rows.flat_map(|row| row.chunks(channels).step_by(factor)).flatten().copied().collect())
}

/// A tile's place in its image, and its values.
pub type Piece = (u32, Vec<u16>);

/// The values of a tile of an image.
pub fn tile_of(header: &Header, tile: &Tile, image: &[u16]) -> Vec<u16> {
    let channels = usize::from(header.channels);
    let (width, columns) = (header.width() as usize * channels, tile.width as usize * channels);
    let rows = (tile.top..tile.top + tile.height).map(|row| row as usize * width + tile.left as usize * channels);
    rows.flat_map(|start| &image[start..start + columns]).copied().collect()
}

/// All tiles of images, in the order of their coding.
pub fn pieces(header: &Header, images: &[Vec<u16>]) -> Vec<Piece> {
    let tiles: Vec<Tile> = (0..header.tiles.count()).filter_map(|index| header.tiles.get(index)).collect();
    let all = images.iter().flat_map(|image| tiles.iter().map(move |tile| (image, tile)));
    all.map(|(image, tile)| (tile.index, tile_of(header, tile, image))).collect()
}

/// Coded images, and where their groups end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// All bytes.
    pub bytes: Vec<u8>,
    /// The header's end, then every group's.
    pub ends: Vec<usize>,
}

impl Container {
    /// The bytes of a group.
    pub fn group(&self, number: usize) -> &[u8] {
        &self.bytes[self.ends[number]..self.ends[number + 1]]
    }
}

/// Codes images, so many tiles a group.
///
/// # Panics
/// If coding fails.
pub fn encode(model: &Model<'_>, header: Header, images: &[Vec<u16>], group: usize) -> Container {
    let bytes = RefCell::new(Vec::new());
    let sink = |byte| -> Result<(), Infallible> {
        bytes.borrow_mut().push(byte);
        Ok(())
    };
    let mut state = vec![0; model.state_words(header.tiles.tile().0)];
    let mut encoder = Encoder::with_header(header, sink).expect("a sink that takes all");
    let mut ends = vec![header.size()];
    for (number, (_, values)) in pieces(&header, images).iter().enumerate() {
        let tile = encoder.tile();
        let begun = Stream::begin_class(model, header.class, tile.width, tile.height, &mut state);
        let mut stream = begun.expect("enough state");
        encoder.image(&mut stream, values).expect("levels of the model");
        if (number + 1) % group == 0 {
            encoder.end_group().expect("between tiles");
            ends.push(bytes.borrow().len());
        }
    }
    let _sink = encoder.finish().expect("between tiles");
    Container { bytes: bytes.into_inner(), ends }
}

/// Frames as packets of at most `SIZE` bytes, each behind its length (u16, little-endian), as `pixelrnn receive` reads them.
///
/// # Panics
/// If coding fails.
pub fn packets<const SIZE: usize>(model: &Model<'_>, header: &Header, images: &[Vec<u16>]) -> Vec<u8> {
    let mut recording = Vec::new();
    for (number, image) in images.iter().enumerate() {
        let send = |packet: &[u8]| -> Result<(), Infallible> {
            recording.extend((packet.len() as u16).to_le_bytes());
            recording.extend(packet);
            Ok(())
        };
        let mut packets = Packets::<SIZE, _>::begin(number as u8, send);
        let Ok(()) = packets.header(header);
        for (tile, values) in pieces(header, std::slice::from_ref(image)) {
            send_tile(model, header, tile, &values, &mut packets);
        }
    }
    recording
}

fn send_tile<const SIZE: usize, F: FnMut(&[u8]) -> Result<(), Infallible>>(
    model: &Model<'_>,
    header: &Header,
    index: u32,
    values: &[u16],
    packets: &mut Packets<SIZE, F>,
) {
    let tile = header.tiles.get(index).expect("a tile of the image");
    let mut state = vec![0; model.state_words(tile.width)];
    let mut stream = Stream::begin(model, tile.width, tile.height, &mut state).expect("enough state");
    let mut group = packets.begin_tile(header, index as u16);
    let Ok(()) = group.tile(packets);
    for &value in values {
        let Ok(()) = group.value(&stream.predict().expect("a value of the tile"), value, packets);
        stream.observe(value).expect("a level of the model");
    }
    let Ok(()) = group.end(packets);
    let Ok(()) = packets.end_tile();
}

/// What to have seen enough of: damage can promise much from few bytes.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// Tiles of a container.
    pub tiles: usize,
    /// Values of a tile; of a larger one so many are decoded.
    pub values: usize,
}

/// No end but the container's.
pub const ALL: Most = Most { tiles: usize::MAX, values: usize::MAX };

/// What stands for having seen enough.
pub const STOPPED: DecodeError<Infallible> = DecodeError::OutOfOrder;

/// How decoding ended: what follows the container, or why it did not go on.
pub type End = Result<usize, DecodeError<Infallible>>;

/// The tiles that a container vouches for, and how it ended.
pub fn decode(model: &Model<'_>, bytes: &[u8], most: Most) -> (Vec<Piece>, End) {
    match Decoder::begin(model, bytes) {
        Ok(decoder) => decode_rest(model, decoder, most),
        Err(error) => (Vec::new(), Err(error)),
    }
}

/// The same from a decoder's place on.
pub fn decode_rest(model: &Model<'_>, mut decoder: Decoder<&[u8]>, most: Most) -> (Vec<Piece>, End) {
    let (mut checked, mut group) = (Vec::new(), Vec::new());
    loop {
        match decoder.next() {
            Ok(Next::Image) if checked.len() + group.len() >= most.tiles => return (checked, Err(STOPPED)),
            Ok(Next::Image) => match tile_values(model, &mut decoder, most.values) {
                Ok(piece) => group.push(piece),
                Err(error) => return (checked, Err(error)),
            },
            Ok(Next::Checked) => checked.append(&mut group),
            Ok(Next::End) => return (checked, Ok(decoder.into_source().len())),
            Err(error) => return (checked, Err(error)),
        }
    }
}

/// Decodes the tile that was announced.
fn tile_values(model: &Model<'_>, decoder: &mut Decoder<&[u8]>, most: usize) -> Result<Piece, DecodeError<Infallible>> {
    let tile = decoder.tile();
    // Enough state for any tile that will be seen to its end.
    let mut state = vec![0; model.state_words(tile.width.min(u32::try_from(most).unwrap_or(u32::MAX)))];
    let class = decoder.header().class;
    let mut stream = match Stream::begin_class(model, class, tile.width, tile.height, &mut state) {
        Err(BeginError::StateTooSmall { .. }) => return Err(STOPPED),
        stream => stream.expect("a possible size"),
    };
    let mut values = Vec::new();
    while !stream.is_complete() {
        if values.len() == most {
            return Err(STOPPED);
        }
        values.push(decoder.value(&mut stream)?);
    }
    Ok((tile.index, values))
}
