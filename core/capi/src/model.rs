//! Loading and inspecting models.

use core::ffi::c_void;

use pixelrnn::{Architecture, Model};

use crate::handle::{clear, get, pixelrnn_model, put};
use crate::memory::{place, slice};
use crate::result::{answer, pixelrnn_result};
use crate::stream::possible;

/// The kind of a model's blocks.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum pixelrnn_architecture {
    /// A kind that this version of the library has no name for.
    PIXELRNN_ARCHITECTURE_OTHER = 0,
    /// Residual blocks with masked convolutions.
    PIXELRNN_ARCHITECTURE_PIXELCNN = 1,
    /// Row LSTM layers.
    PIXELRNN_ARCHITECTURE_ROW_LSTM = 2,
    /// Diagonal BiLSTM layers.
    PIXELRNN_ARCHITECTURE_DIAGONAL_BILSTM = 3,
}

/// What a model is.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct pixelrnn_model_info {
    /// Multiply-adds that a pixel costs, the head included.
    pub macs_per_pixel: u64,
    /// The kind of blocks.
    pub architecture: pixelrnn_architecture,
    /// A number that names this very model, whatever it is packed for: the CRC-32 of its blob packed for every target.
    pub fingerprint: u32,
    /// Bytes of the blob.
    pub blob_bytes: u32,
    /// Values a channel of a pixel can take, 2 to 65536.
    pub levels: u32,
    /// Channels of a pixel, 1 to 4.
    pub channels: u16,
    /// Features between blocks.
    pub features: u16,
    /// Layers, the first convolution and the head included.
    pub layers: u16,
    /// Whether the distributions are mixtures of logistics: 1, or 0.
    pub is_mixture: u16,
    /// Classes, of which an image has one; 0 of a model that is given none.
    pub classes: u16,
    /// Zeros.
    pub reserved: [u16; 3],
}

/// Checks a blob whole, once, and loads the model in it. Reads every byte of it, and copies none.
///
/// `blob` must start at an address that is a multiple of 4.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_model_load(
    model: *mut pixelrnn_model,
    blob: *const c_void,
    blob_bytes: usize,
) -> pixelrnn_result {
    // SAFETY: the caller keeps the blob while the handle is used, which the static lifetime stands for.
    answer(|| unsafe {
        let slot = clear(model)?;
        let blob: &'static [u8] = slice(blob.cast(), blob_bytes)?;
        put(model, slot, Model::load(blob)?);
        Ok(())
    })
}

/// Tells what a model is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_model_inspect(
    model: *const pixelrnn_model,
    info: *mut pixelrnn_model_info,
) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let (model, _) = get(model)?;
        let info = place(info)?;
        info.set(pixelrnn_model_info {
            macs_per_pixel: model.macs_per_pixel(),
            architecture: match model.architecture() {
                Architecture::PixelCnn => pixelrnn_architecture::PIXELRNN_ARCHITECTURE_PIXELCNN,
                Architecture::RowLstm => pixelrnn_architecture::PIXELRNN_ARCHITECTURE_ROW_LSTM,
                Architecture::DiagonalBilstm => pixelrnn_architecture::PIXELRNN_ARCHITECTURE_DIAGONAL_BILSTM,
                _ => pixelrnn_architecture::PIXELRNN_ARCHITECTURE_OTHER,
            },
            fingerprint: model.fingerprint(),
            blob_bytes: model.blob_bytes() as u32,
            levels: model.levels(),
            channels: u16::from(model.channels()),
            features: model.features(),
            layers: model.layers().len() as u16,
            is_mixture: u16::from(model.is_mixture()),
            classes: model.classes(),
            reserved: [0; 3],
        });
        Ok(())
    })
}

/// Values that a channel of a pixel can take, 2 to 65536. With more than 256 only the functions for `uint16_t` take images.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_model_levels(model: *const pixelrnn_model, levels: *mut u32) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let (model, _) = get(model)?;
        place(levels)?.set(model.levels());
        Ok(())
    })
}

/// Channels of a pixel, 1 to 4: an image has width times height times so many values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_model_channels(model: *const pixelrnn_model, channels: *mut u32) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let (model, _) = get(model)?;
        place(channels)?.set(u32::from(model.channels()));
        Ok(())
    })
}

/// Classes, of which an image has one; 0 of a model that is given none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_model_classes(model: *const pixelrnn_model, classes: *mut u32) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let (model, _) = get(model)?;
        place(classes)?.set(u32::from(model.classes()));
        Ok(())
    })
}

/// Words of 32 bits of state that an image of this width needs, whatever its height. The same on every machine.
///
/// `pixelrnn embed` writes the same number as a macro, for a buffer of fixed size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_state_words(
    model: *const pixelrnn_model,
    width: u32,
    words: *mut usize,
) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let (model, _) = get(model)?;
        let words = place(words)?;
        possible(width, 1)?;
        words.set(model.state_words(width));
        Ok(())
    })
}
