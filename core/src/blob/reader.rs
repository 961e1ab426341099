//! Reads a header as postcard would by serde, in a third of the code. The converter writes by postcard; the tests hold both to each other.

use heapless::Vec;

use super::{
    Architecture, Diagonal, Dilated, Distance, First, Header, LayerDescription, LoadError, MAX_LAYERS, Mixture,
    Packing, PixelCnn, RowLstm, Softmax, Upsample,
};

/// What is left of a message. What cannot be read is 0.
struct Reader<'a> {
    rest: &'a [u8],
    /// Whether all could be read so far.
    is_valid: bool,
    /// Whether what could not be read is a kind of layer that the build leaves out.
    is_left_out: bool,
}

/// Reads a header, and returns what follows it.
pub(super) fn header<'a>(bytes: &'a [u8], header: &mut Header) -> Result<&'a [u8], LoadError> {
    let mut reader = Reader { rest: bytes, is_valid: true, is_left_out: false };
    header.architecture = reader.architecture();
    header.levels = reader.number(32);
    header.channels = reader.byte();
    header.condition.classes = reader.half_word();
    header.condition.factor = reader.byte();
    header.packing = reader.packing();
    header.features = reader.half_word();
    header.stream_unit = half::f16::from_bits(reader.half_word());
    reader.layers(&mut header.layers);
    match reader {
        Reader { is_valid: true, rest, .. } => Ok(rest),
        Reader { is_left_out: true, .. } => Err(LoadError::LeftOut { layer: header.layers.len() as u8 }),
        _ => Err(LoadError::InvalidHeader),
    }
}

impl Reader<'_> {
    #[inline(never)]
    fn byte(&mut self) -> u8 {
        self.is_valid &= !self.rest.is_empty();
        let (&byte, rest) = self.rest.split_first().unwrap_or((&0, &[]));
        self.rest = rest;
        byte
    }

    /// An integer of so many bits: seven a byte, the lowest first, while bytes have their highest bit.
    #[inline(never)]
    fn number(&mut self, bits: u32) -> u32 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = u32::from(self.byte());
            number |= (byte & 127) << shift;
            let left = bits - shift;
            if byte < 128 || left <= 7 {
                self.is_valid &= left > 7 || byte >> left == 0;
                return number;
            }
            shift += 7;
        }
    }

    fn half_word(&mut self) -> u16 {
        self.number(16) as u16
    }

    fn boolean(&mut self) -> bool {
        let byte = self.byte();
        self.is_valid &= byte < 2;
        byte == 1
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.fill_with(|| self.byte());
        bytes
    }

    fn architecture(&mut self) -> Architecture {
        match self.number(32) {
            0 => Architecture::PixelCnn,
            1 => Architecture::RowLstm,
            number => {
                self.is_valid &= number == 2;
                Architecture::DiagonalBilstm
            }
        }
    }

    fn distance(&mut self) -> Distance {
        match self.number(32) {
            0 => Distance::Two,
            1 => Distance::Four,
            number => {
                self.is_valid &= number == 2;
                Distance::Eight
            }
        }
    }

    fn packing(&mut self) -> Packing {
        match self.number(32) {
            0 => Packing::Rows4,
            // What reads neither may as well say that it cannot read the header.
            2 if cfg!(any(nibbles, not(kernels = "small"))) => Packing::Rows4Nibbles { fingerprint: self.number(32) },
            number => {
                self.is_valid &= number == 1;
                Packing::Rows4Signed { fingerprint: self.number(32) }
            }
        }
    }

    fn layers(&mut self, layers: &mut Vec<LayerDescription, MAX_LAYERS>) {
        for _ in 0..self.number(32) {
            let layer = self.layer();
            self.is_valid = self.is_valid && layers.push(layer).is_ok();
            if !self.is_valid {
                break;
            }
        }
    }

    /// A layer; kinds that the build leaves out are not even read.
    fn layer(&mut self) -> LayerDescription {
        match self.number(32) {
            0 => LayerDescription::First(First { shifts: self.bytes() }),
            1 if cfg!(feature = "pixelcnn") => LayerDescription::PixelCnn(self.pixelcnn()),
            2 if cfg!(feature = "row-lstm") => LayerDescription::RowLstm(RowLstm {
                hidden: self.half_word(),
                kernel: self.byte(),
                skip: self.boolean(),
                shifts: self.bytes(),
            }),
            3 if cfg!(feature = "diagonal-bilstm") => LayerDescription::Diagonal(Diagonal {
                hidden: self.half_word(),
                skip: self.boolean(),
                shifts: self.bytes(),
            }),
            4 if cfg!(feature = "softmax") => {
                LayerDescription::Softmax(Softmax { maps: self.half_word(), shifts: self.bytes() })
            }
            5 if cfg!(feature = "mixture") => LayerDescription::Mixture(Mixture {
                maps: self.half_word(),
                components: self.byte(),
                shifts: self.bytes(),
            }),
            6 if cfg!(feature = "scales") => {
                LayerDescription::Upsample(Upsample { features: self.half_word(), shifts: self.bytes() })
            }
            7 if cfg!(feature = "dilation") => {
                LayerDescription::Dilated(Dilated { block: self.pixelcnn(), distance: self.distance() })
            }
            kind => self.no_layer(kind),
        }
    }

    fn pixelcnn(&mut self) -> PixelCnn {
        PixelCnn { hidden: self.half_word(), skip: self.boolean(), shifts: self.bytes() }
    }

    /// What stands for a layer that is none, or left out.
    fn no_layer(&mut self, kind: u32) -> LayerDescription {
        self.is_left_out = self.is_valid && kind <= 7;
        self.is_valid = false;
        LayerDescription::First(First { shifts: [0; 2] })
    }
}
