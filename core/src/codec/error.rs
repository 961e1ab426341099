//! Why coding or decoding stopped.

use super::range::RangeError;
use crate::stream::{BeginError, StreamError};

/// Why an image was not coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CodeError<E> {
    /// The sink failed; what was coded so far is lost.
    Io(E),
    /// A value is not one of the model's levels, or the stream's image is complete. Nothing has changed.
    Stream(StreamError),
    /// The stream is of another model, class or size than the coder, or not at the pixel that comes next.
    WrongStream,
    /// An image must be complete before a group or the container ends.
    InsideImage,
    /// The width or the height is 0 or above 65,535.
    WrongSize,
    /// A scale of an image could not be begun.
    Begin(BeginError),
    /// The buffer does not hold one image.
    WrongLength {
        /// Values of the image.
        needed: u64,
        /// Values given.
        given: u64,
    },
}

/// Why an image was not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DecodeError<E> {
    /// The source failed.
    Io(E),
    /// The first four bytes are not "PRNZ": no coded images.
    WrongMagic,
    /// The format is newer (or older) than this library reads.
    UnsupportedVersion {
        /// The stream's format version.
        found: u8,
        /// The version this library reads.
        supported: u8,
    },
    /// The header was changed or damaged.
    DamagedHeader,
    /// The images were coded with another model.
    WrongModel {
        /// The fingerprint of the model they were coded with.
        needed: u32,
        /// The fingerprint of the model given.
        given: u32,
    },
    /// The stream ends early.
    Truncated,
    /// A group's values are not those that were coded: none of its images is to be trusted.
    Damaged,
    /// The stream is of another model, class or size than the images, or not at the pixel that comes next.
    WrongStream,
    /// A scale of an image could not be begun.
    Begin(BeginError),
    /// Out of order: values were asked for where no image was announced, or the next image before this one's end.
    OutOfOrder,
    /// The buffer does not hold one image.
    WrongLength {
        /// Values of the image.
        needed: u64,
        /// Values given.
        given: u64,
    },
}

impl<E> From<StreamError> for CodeError<E> {
    fn from(error: StreamError) -> Self {
        Self::Stream(error)
    }
}

impl<E> From<RangeError<E>> for DecodeError<E> {
    fn from(error: RangeError<E>) -> Self {
        match error {
            RangeError::Io(error) => Self::Io(error),
            RangeError::Truncated => Self::Truncated,
        }
    }
}

impl<E: core::fmt::Display> core::fmt::Display for CodeError<E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot write the coded bytes: {error}"),
            Self::Stream(error) => error.fmt(f),
            Self::WrongStream => write!(f, "the stream is of another model, class or size, or at another pixel"),
            Self::InsideImage => write!(f, "an image must be complete before its group ends"),
            Self::WrongSize => write!(f, "images are 1 to 65535 pixels wide and high"),
            Self::Begin(error) => error.fmt(f),
            Self::WrongLength { needed, given } => write!(f, "the image has {needed} values, the buffer {given}"),
        }
    }
}

impl<E: core::fmt::Display> core::fmt::Display for DecodeError<E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot read the coded bytes: {error}"),
            Self::WrongMagic => write!(f, "not coded images: the first four bytes are not \"PRNZ\""),
            Self::UnsupportedVersion { found, supported } => {
                write!(f, "format version {found}; this library reads version {supported}")
            }
            Self::DamagedHeader => write!(f, "the header is damaged"),
            Self::WrongModel { needed, given } => {
                write!(f, "coded with the model of fingerprint {needed:08x}; this one's is {given:08x}")
            }
            Self::Truncated => write!(f, "the coded images end early"),
            Self::Damaged => write!(f, "the coded images are damaged"),
            Self::WrongStream => write!(f, "the stream is of another model, class or size, or at another pixel"),
            Self::Begin(error) => error.fmt(f),
            Self::OutOfOrder => write!(f, "no image is announced here, or the one before is not complete"),
            Self::WrongLength { needed, given } => write!(f, "the image has {needed} values, the buffer {given}"),
        }
    }
}

impl<E: core::fmt::Debug + core::fmt::Display> core::error::Error for CodeError<E> {}
impl<E: core::fmt::Debug + core::fmt::Display> core::error::Error for DecodeError<E> {}
