//! Lossless coding: images in as few bits as the model finds them likely, by callbacks that take or give bytes.

use core::ffi::{c_int, c_void};

use pixelrnn::codec::{
    ByteSink, ByteSource, CLASS_HEADER_BYTES, CodeError, DecodeError, Decoder, Encoder, HEADER_BYTES, Header, Next,
    Tile,
};
use pixelrnn::{Model, Value};

use crate::handle::{
    clear, get, get_mut, pixelrnn_decoder, pixelrnn_encoder, pixelrnn_model, pixelrnn_stream, put, take,
};
use crate::memory::{place, slice, slice_mut};
use crate::result::{answer, pixelrnn_result, pixelrnn_result::*};
use crate::stream::{PIXELRNN_NO_CLASS, class_of, possible, stream_mut, stream_of};

/// Bytes of a container's header without a class.
pub const PIXELRNN_HEADER_BYTES: usize = 24;
const _: () = assert!(PIXELRNN_HEADER_BYTES == HEADER_BYTES);

/// Bytes of a container's header with one.
pub const PIXELRNN_CLASS_HEADER_BYTES: usize = 26;
const _: () = assert!(PIXELRNN_CLASS_HEADER_BYTES == CLASS_HEADER_BYTES);

/// What a `pixelrnn_take` answers at the end.
pub const PIXELRNN_NO_BYTE: c_int = -1;

/// Takes a coded byte, and answers 0; anything else says that it could not.
///
/// `context` is handed through. It calls nothing of the handles at work, and returns.
pub type pixelrnn_put = Option<unsafe extern "C" fn(context: *mut c_void, byte: u8) -> c_int>;

/// Gives the next coded byte, 0 to 255; `PIXELRNN_NO_BYTE` at the end; anything else says that it could not.
///
/// `context` is handed through. It calls nothing of the handles at work, and returns.
pub type pixelrnn_take = Option<unsafe extern "C" fn(context: *mut c_void) -> c_int>;

/// What comes next in a container.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum pixelrnn_next {
    /// A tile of an image, the whole unless it is cut: decode all its values, then ask again.
    PIXELRNN_NEXT_IMAGE = 1,
    /// The end of a group: the images since the last one are what was coded. Do not trust them earlier.
    PIXELRNN_NEXT_CHECKED = 2,
    /// The end of the container.
    PIXELRNN_NEXT_END = 3,
}

/// What all images of a container share.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct pixelrnn_container_info {
    /// Columns of each image.
    pub width: u32,
    /// Rows of each image.
    pub height: u32,
    /// Columns of a tile, but for the last ones of a row: the image's unless it is cut.
    pub tile_width: u32,
    /// Rows of a tile, but for the last ones of a column.
    pub tile_height: u32,
    /// The fingerprint of the model that coded them.
    pub fingerprint: u32,
    /// Values a channel of a pixel can take.
    pub levels: u32,
    /// Channels of a pixel.
    pub channels: u32,
    /// The class of all images, to begin their streams with; `PIXELRNN_NO_CLASS` of a model without classes.
    pub image_class: u32,
    /// How many times wider and higher the images are than those of the container before, the smaller scale's, which their streams are
    /// begun with (`pixelrnn_begin_small_u8`): 2 or 4; 0 of the smallest scale and of a single network.
    pub factor: u32,
}

impl From<&Header> for pixelrnn_container_info {
    fn from(header: &Header) -> Self {
        let (tile_width, tile_height) = header.tiles.tile();
        Self {
            width: header.width(),
            height: header.height(),
            tile_width,
            tile_height,
            fingerprint: header.fingerprint,
            levels: header.levels,
            channels: u32::from(header.channels),
            image_class: header.class.map_or(PIXELRNN_NO_CLASS, u32::from),
            factor: u32::from(header.factor),
        }
    }
}

/// A part of an image that is coded alone: its stream is begun with this size.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct pixelrnn_tile {
    /// Its place: tiles come row by row of an image, from 0.
    pub index: u32,
    /// The image's column of its first pixel.
    pub left: u32,
    /// The image's row of its first pixel.
    pub top: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl From<Tile> for pixelrnn_tile {
    fn from(tile: Tile) -> Self {
        let Tile { index, left, top, width, height } = tile;
        Self { index, left, top, width, height }
    }
}

/// A callback that takes bytes.
pub struct Sink {
    put: unsafe extern "C" fn(*mut c_void, u8) -> c_int,
    context: *mut c_void,
}

impl ByteSink for Sink {
    type Error = ();

    fn put(&mut self, byte: u8) -> Result<(), ()> {
        // SAFETY: the caller of `pixelrnn_encoder_begin` gave the two together.
        if unsafe { (self.put)(self.context, byte) } == 0 { Ok(()) } else { Err(()) }
    }
}

/// A callback that gives bytes.
pub struct Source {
    take: unsafe extern "C" fn(*mut c_void) -> c_int,
    context: *mut c_void,
}

impl ByteSource for Source {
    type Error = ();

    fn take(&mut self) -> Result<Option<u8>, ()> {
        // SAFETY: the caller of `pixelrnn_decoder_begin` gave the two together.
        match unsafe { (self.take)(self.context) } {
            PIXELRNN_NO_BYTE => Ok(None),
            answer => u8::try_from(answer).map(Some).map_err(|_| ()),
        }
    }
}

impl From<CodeError<()>> for pixelrnn_result {
    fn from(error: CodeError<()>) -> Self {
        match error {
            CodeError::Io(()) => PIXELRNN_ERROR_CALLBACK,
            CodeError::Stream(error) => error.into(),
            CodeError::Begin(error) => error.into(),
            CodeError::WrongStream => PIXELRNN_ERROR_WRONG_STREAM,
            CodeError::InsideImage => PIXELRNN_ERROR_INSIDE_IMAGE,
            CodeError::WrongSize => PIXELRNN_ERROR_IMAGE_TOO_LARGE,
            CodeError::WrongLength { .. } => PIXELRNN_ERROR_WRONG_LENGTH,
            _ => PIXELRNN_ERROR_OTHER,
        }
    }
}

impl From<DecodeError<()>> for pixelrnn_result {
    fn from(error: DecodeError<()>) -> Self {
        match error {
            DecodeError::Io(()) => PIXELRNN_ERROR_CALLBACK,
            DecodeError::WrongMagic => PIXELRNN_ERROR_CONTAINER_MAGIC,
            DecodeError::UnsupportedVersion { .. } => PIXELRNN_ERROR_CONTAINER_VERSION,
            DecodeError::DamagedHeader => PIXELRNN_ERROR_CONTAINER_HEADER,
            DecodeError::WrongModel { .. } => PIXELRNN_ERROR_CONTAINER_MODEL,
            DecodeError::Truncated => PIXELRNN_ERROR_CONTAINER_TRUNCATED,
            DecodeError::Damaged => PIXELRNN_ERROR_CONTAINER_DAMAGED,
            DecodeError::Begin(error) => error.into(),
            DecodeError::WrongStream => PIXELRNN_ERROR_WRONG_STREAM,
            DecodeError::OutOfOrder => PIXELRNN_ERROR_OUT_OF_ORDER,
            DecodeError::WrongLength { .. } => PIXELRNN_ERROR_WRONG_LENGTH,
            _ => PIXELRNN_ERROR_OTHER,
        }
    }
}

/// Begins a container of images of `width` columns and `height` rows, each 1 to 65535: sends its header to `put`.
///
/// The encoder keeps `put` and `context`, and nothing of the model.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_encoder_begin(
    encoder: *mut pixelrnn_encoder,
    model: *const pixelrnn_model,
    width: u32,
    height: u32,
    put: pixelrnn_put,
    context: *mut c_void,
) -> pixelrnn_result {
    // SAFETY: handles and callback are the caller's promise.
    answer(|| unsafe {
        let slot = clear(encoder)?;
        possible(width, height)?;
        let sink = Sink { put: put.ok_or(PIXELRNN_ERROR_NULL)?, context };
        let begun = Encoder::begin(get(model)?.0, width, height, sink)?;
        crate::handle::put(encoder, slot, begun);
        Ok(())
    })
}

/// Begins a container of images and tiles of these sizes, with what else its header is given.
///
/// # Safety
/// Handles that are not null and the callback are good.
unsafe fn begin_tiled(
    encoder: *mut pixelrnn_encoder,
    model: *const pixelrnn_model,
    (image, tile): ((u32, u32), (u32, u32)),
    (put, context): (pixelrnn_put, *mut c_void),
    given: impl FnOnce(&Model<'_>, Header) -> Result<Header, pixelrnn_result>,
) -> pixelrnn_result {
    // SAFETY: the caller's promise.
    answer(|| unsafe {
        let slot = clear(encoder)?;
        possible(image.0, image.1)?;
        possible(tile.0, tile.1)?;
        let sink = Sink { put: put.ok_or(PIXELRNN_ERROR_NULL)?, context };
        let (model, _) = get(model)?;
        let header = Header::tiled(model, image, tile).ok_or(PIXELRNN_ERROR_IMAGE_TOO_LARGE)?;
        crate::handle::put(encoder, slot, Encoder::with_header(given(model, header)?, sink)?);
        Ok(())
    })
}

/// Begins a container of images that are cut into tiles: columns and rows of each, 1 to the image's.
///
/// A tile is modelled as if it were an image alone: each is coded by a stream of its own size, which
/// `pixelrnn_encoder_tile` tells, and needs the state of that width only. Tiles come row by row of an image.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_encoder_begin_tiled(
    encoder: *mut pixelrnn_encoder,
    model: *const pixelrnn_model,
    width: u32,
    height: u32,
    tile_width: u32,
    tile_height: u32,
    put: pixelrnn_put,
    context: *mut c_void,
) -> pixelrnn_result {
    let sizes = ((width, height), (tile_width, tile_height));
    // SAFETY: handles and callback are the caller's promise.
    unsafe { begin_tiled(encoder, model, sizes, (put, context), |_, header| Ok(header)) }
}

/// The same as `pixelrnn_encoder_begin_tiled`, of images of a class, which their streams are begun with. Tiles as large as the image
/// leave it whole.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_encoder_begin_class(
    encoder: *mut pixelrnn_encoder,
    model: *const pixelrnn_model,
    image_class: u32,
    width: u32,
    height: u32,
    tile_width: u32,
    tile_height: u32,
    put: pixelrnn_put,
    context: *mut c_void,
) -> pixelrnn_result {
    let sizes = ((width, height), (tile_width, tile_height));
    let given = |model: &Model<'_>, header: Header| {
        let header = header.of_class(class_of(image_class));
        header.check_model::<()>(model).map_err(|_| PIXELRNN_ERROR_CLASS)?;
        Ok(header)
    };
    // SAFETY: handles and callback are the caller's promise.
    unsafe { begin_tiled(encoder, model, sizes, (put, context), given) }
}

/// The tile that is at hand, or comes next; the whole image, unless it is cut.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_encoder_tile(
    encoder: *const pixelrnn_encoder,
    tile: *mut pixelrnn_tile,
) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let (encoder, _) = get(encoder)?;
        place(tile)?.set(encoder.tile().into());
        Ok(())
    })
}

/// Codes the next value of an image, and observes it: one step of a main loop. A newly begun stream begins a new image.
///
/// Coding holds temperature at 100. After `PIXELRNN_ERROR_CALLBACK` the container is lost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_encode_next(
    encoder: *mut pixelrnn_encoder,
    stream: *mut pixelrnn_stream,
    value: u16,
) -> pixelrnn_result {
    // SAFETY: handles are the caller's promise.
    answer(|| unsafe {
        let (encoder, stream) = (get_mut(encoder)?, stream_mut(stream)?);
        Ok(encoder.value(stream, value)?)
    })
}

/// Codes a buffer of either type.
///
/// # Safety
/// Handles and buffer that are not null are good.
unsafe fn encode_values<V: Value>(
    encoder: *mut pixelrnn_encoder,
    stream: *mut pixelrnn_stream,
    values: *const V,
    count: usize,
) -> pixelrnn_result {
    // SAFETY: the caller's promise.
    answer(|| unsafe {
        let (encoder, values) = (get_mut(encoder)?, slice(values, count)?);
        let stream = stream_of::<V>(stream, count)?;
        for &value in values {
            encoder.value(stream, value.to_level())?;
        }
        Ok(())
    })
}

/// Codes the next `count` values of an image, and observes them. A newly begun stream begins a new image.
///
/// For models of up to 256 levels. A whole image or a part of it: a device codes its rows as they come. Coding holds
/// temperature at 100. After `PIXELRNN_ERROR_CALLBACK` the container is lost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_encode_u8(
    encoder: *mut pixelrnn_encoder,
    stream: *mut pixelrnn_stream,
    values: *const u8,
    count: usize,
) -> pixelrnn_result {
    // SAFETY: handles and buffer are the caller's promise.
    unsafe { encode_values(encoder, stream, values, count) }
}

/// The same as `pixelrnn_encode_u8`, for any model.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_encode_u16(
    encoder: *mut pixelrnn_encoder,
    stream: *mut pixelrnn_stream,
    values: *const u16,
    count: usize,
) -> pixelrnn_result {
    // SAFETY: handles and buffer are the caller's promise.
    unsafe { encode_values(encoder, stream, values, count) }
}

/// Ends a group: sends what is held back, and a check of the images since the last one.
///
/// For a device that sends single frames; a file needs one only at its end, which `pixelrnn_encoder_finish` makes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_encoder_end_group(encoder: *mut pixelrnn_encoder) -> pixelrnn_result {
    // SAFETY: the handle is the caller's promise.
    answer(|| unsafe { Ok(get_mut(encoder)?.end_group()?) })
}

/// Ends the container. The encoder is to be begun again after it, also after an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_encoder_finish(encoder: *mut pixelrnn_encoder) -> pixelrnn_result {
    // SAFETY: the handle is the caller's promise.
    answer(|| unsafe {
        take(encoder)?.finish()?;
        Ok(())
    })
}

/// A header of a container's first bytes.
fn header_of(bytes: &[u8]) -> Result<Header, pixelrnn_result> {
    Header::from_bytes::<()>(bytes).map_err(|error| match error {
        DecodeError::Truncated => PIXELRNN_ERROR_SHORT_BUFFER,
        error => error.into(),
    })
}

/// Tells what a container is by its first bytes, to find its model: `count` is `PIXELRNN_CLASS_HEADER_BYTES` or more, or if there is
/// no class `PIXELRNN_HEADER_BYTES` or more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_container_inspect(
    bytes: *const u8,
    count: usize,
    info: *mut pixelrnn_container_info,
) -> pixelrnn_result {
    // SAFETY: buffer and place are the caller's promise.
    answer(|| unsafe {
        let bytes = slice(bytes, count)?;
        let info = place(info)?;
        info.set((&header_of(bytes)?).into());
        Ok(())
    })
}

/// Begins to decode a container: reads its header from `take`, checks that it is this model's, and tells its size.
///
/// The decoder keeps `take` and `context`, and nothing of the model.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_decoder_begin(
    decoder: *mut pixelrnn_decoder,
    model: *const pixelrnn_model,
    take: pixelrnn_take,
    context: *mut c_void,
    info: *mut pixelrnn_container_info,
) -> pixelrnn_result {
    // SAFETY: handles, callback and place are the caller's promise.
    answer(|| unsafe {
        let slot = clear(decoder)?;
        let source = Source { take: take.ok_or(PIXELRNN_ERROR_NULL)?, context };
        let info = place(info)?;
        let begun = Decoder::begin(get(model)?.0, source)?;
        info.set(begun.header().into());
        put(decoder, slot, begun);
        Ok(())
    })
}

/// Begins to decode behind a container's header, at a group whose first tile has this place in its image: one tile can be
/// decoded without the others, if it begins a group and one knows where that lies.
///
/// `header` holds the container's first `PIXELRNN_CLASS_HEADER_BYTES`, or if there is no class `PIXELRNN_HEADER_BYTES`; `count` is
/// that or more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_decoder_begin_at(
    decoder: *mut pixelrnn_decoder,
    model: *const pixelrnn_model,
    header: *const u8,
    count: usize,
    tile: u32,
    take: pixelrnn_take,
    context: *mut c_void,
) -> pixelrnn_result {
    // SAFETY: handles, buffer and callback are the caller's promise.
    answer(|| unsafe {
        let slot = clear(decoder)?;
        let source = Source { take: take.ok_or(PIXELRNN_ERROR_NULL)?, context };
        let header = header_of(slice(header, count)?)?;
        let begun = Decoder::at_tile(get(model)?.0, header, tile, source)?;
        put(decoder, slot, begun);
        Ok(())
    })
}

/// The tile that is at hand, or comes next; the whole image, unless it is cut.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_decoder_tile(
    decoder: *const pixelrnn_decoder,
    tile: *mut pixelrnn_tile,
) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let (decoder, _) = get(decoder)?;
        place(tile)?.set(decoder.tile().into());
        Ok(())
    })
}

/// Tells what comes next. After an image, all its values must be decoded before this is asked again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_decoder_next(
    decoder: *mut pixelrnn_decoder,
    next: *mut pixelrnn_next,
) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let decoder = get_mut(decoder)?;
        let place = place(next)?;
        place.set(match decoder.next()? {
            Next::Image => pixelrnn_next::PIXELRNN_NEXT_IMAGE,
            Next::Checked => pixelrnn_next::PIXELRNN_NEXT_CHECKED,
            Next::End => pixelrnn_next::PIXELRNN_NEXT_END,
        });
        Ok(())
    })
}

/// Decodes the next value of an image, and lets the stream observe it: one step of a main loop. The image begins with a
/// newly begun stream of the container's size.
///
/// It is certain only once `pixelrnn_decoder_next` says `PIXELRNN_NEXT_CHECKED`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_decode_next(
    decoder: *mut pixelrnn_decoder,
    stream: *mut pixelrnn_stream,
    value: *mut u16,
) -> pixelrnn_result {
    // SAFETY: handles and place are the caller's promise.
    answer(|| unsafe {
        let (decoder, stream) = (get_mut(decoder)?, stream_mut(stream)?);
        let place = place(value)?;
        place.set(decoder.value(stream)?);
        Ok(())
    })
}

/// Decodes into a buffer of either type.
///
/// # Safety
/// Handles and buffer that are not null are good.
unsafe fn decode_values<V: Value>(
    decoder: *mut pixelrnn_decoder,
    stream: *mut pixelrnn_stream,
    values: *mut V,
    count: usize,
) -> pixelrnn_result {
    // SAFETY: the caller's promise.
    answer(|| unsafe {
        let (decoder, values) = (get_mut(decoder)?, slice_mut(values, count)?);
        let stream = stream_of::<V>(stream, count)?;
        for place in values {
            *place = V::from_level(decoder.value(stream)?);
        }
        Ok(())
    })
}

/// Decodes the next `count` values of an image, and lets the stream observe them; the image begins with a newly begun
/// stream of the container's size.
///
/// For models of up to 256 levels. They are certain only once `pixelrnn_decoder_next` says `PIXELRNN_NEXT_CHECKED`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_decode_u8(
    decoder: *mut pixelrnn_decoder,
    stream: *mut pixelrnn_stream,
    values: *mut u8,
    count: usize,
) -> pixelrnn_result {
    // SAFETY: handles and buffer are the caller's promise.
    unsafe { decode_values(decoder, stream, values, count) }
}

/// The same as `pixelrnn_decode_u8`, for any model.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_decode_u16(
    decoder: *mut pixelrnn_decoder,
    stream: *mut pixelrnn_stream,
    values: *mut u16,
    count: usize,
) -> pixelrnn_result {
    // SAFETY: handles and buffer are the caller's promise.
    unsafe { decode_values(decoder, stream, values, count) }
}
