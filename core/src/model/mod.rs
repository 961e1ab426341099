//! A loaded model: a blob's header and where its layers' weights lie.

mod check;

use heapless::Vec;

use crate::blob::{self, Architecture, Header, LayerDescription, LoadError, MAX_LAYERS, Packing, Section};
use crate::layers::upsample::small_side;
use crate::layers::{Dimensions, Shape, WorkSizes};

/// A model, borrowed from its blob: the weights stay where they are.
///
/// ```
/// use pixelrnn::{LoadError, Model};
/// #[repr(align(4))]
/// struct Aligned([u8; 20]);
/// let blob = Aligned(*b"not a model at all!!");
/// assert_eq!(Model::load(&blob.0).err(), Some(LoadError::WrongMagic));
/// ```
#[derive(Debug, Clone)]
pub struct Model<'a> {
    header: Header,
    body: &'a [u8],
    /// Bytes of each layer's body.
    body_bytes: Vec<u32, MAX_LAYERS>,
    blob_bytes: usize,
    fingerprint: u32,
}

impl<'a> Model<'a> {
    /// Checks a blob whole, once: checksum, shapes, ranges. Reads every byte; afterwards no access can go wrong.
    ///
    /// # Errors
    /// Everything that can be wrong with a blob: see [`LoadError`].
    // Not inlined: its stack, larger than a pixel's, is free again once it returns.
    #[inline(never)]
    pub fn load(blob: &'a [u8]) -> Result<Self, LoadError> {
        let mut model = Self {
            header: Header::EMPTY,
            body: &[],
            body_bytes: Vec::new(),
            blob_bytes: blob.len(),
            fingerprint: blob::prefix(blob)?,
        };
        let Self { header, body, body_bytes, .. } = &mut model;
        *body = blob::read(blob, header)?;
        check::header(header)?;
        check::body(header, body)?;
        let network = Dimensions::new(header);
        for layer in &header.layers {
            // Room for as many as the header: always pushed. Collecting would link a panic for the rest.
            let _ = body_bytes.push(layer.layer().body_bytes(&network) as u32);
        }
        match header.packing {
            Packing::Rows4 => {}
            Packing::Rows4Signed { fingerprint } | Packing::Rows4Nibbles { fingerprint } => {
                model.fingerprint = fingerprint
            }
        }
        Ok(model)
    }

    /// The kind of blocks.
    pub const fn architecture(&self) -> Architecture {
        self.header.architecture
    }

    /// Values a channel of a pixel can take, 2 to 65,536.
    pub const fn levels(&self) -> u32 {
        if cfg!(any(feature = "levels", feature = "mixture")) { self.header.levels } else { 2 }
    }

    /// Channels of a pixel, 1 to 4: an image's values come pixel by pixel, channel by channel.
    pub const fn channels(&self) -> u8 {
        if cfg!(feature = "channels") { self.header.channels } else { 1 }
    }

    /// Classes, of which an image has one; 0 of a model that is given none.
    pub const fn classes(&self) -> u16 {
        if cfg!(feature = "classes") { self.header.condition.classes } else { 0 }
    }

    /// How many times wider and higher an image is than the smaller one that it is given, 2 or 4; 0 of a model that is given none.
    pub const fn factor(&self) -> u8 {
        if cfg!(feature = "scales") { self.header.condition.factor } else { 0 }
    }

    /// Columns and rows of the smaller image that an image of a size is given; `None` of a model that is given none.
    pub fn small_size(&self, (width, height): (u32, u32)) -> Option<(u32, u32)> {
        let side = |side: u32| small_side(side as usize, self.factor().into()) as u32;
        (self.factor() > 0).then(|| (side(width), side(height)))
    }

    /// Features between blocks, `2h` in the paper.
    pub const fn features(&self) -> u16 {
        self.header.features
    }

    /// A number that names this very model, whatever its packing: the CRC-32 of its blob in the packing that every target reads.
    pub const fn fingerprint(&self) -> u32 {
        self.fingerprint
    }

    /// Bytes of the blob.
    pub const fn blob_bytes(&self) -> usize {
        self.blob_bytes
    }

    /// The whole header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The layers, from the first convolution to the head.
    pub fn layers(&self) -> &[LayerDescription] {
        &self.header.layers
    }

    /// What all layers share.
    pub fn dimensions(&self) -> Dimensions {
        Dimensions::new(&self.header)
    }

    /// Whether the distributions are mixtures of logistics.
    pub fn is_mixture(&self) -> bool {
        cfg!(feature = "mixture") && matches!(self.header.layers.last(), Some(LayerDescription::Mixture(_)))
    }

    /// The layers' shapes: sizes of weights, state and work.
    pub fn shapes(&self) -> impl Iterator<Item = Shape> + '_ {
        let network = self.dimensions();
        self.header.layers.iter().map(move |&layer| Shape { layer, network })
    }

    /// The layers, each with its weights.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = (&LayerDescription, Section<'a>)> + '_ {
        let packing = self.header.packing;
        let mut rest = Section::new(self.body, packing);
        self.header.layers.iter().zip(&self.body_bytes).map(move |(layer, &bytes)| {
            let section = rest.section(bytes as usize);
            (layer, if cfg!(nibbles) { section.packed(layer.layer().packing(packing)) } else { section })
        })
    }

    /// The last layer, with its weights.
    #[inline]
    pub(crate) fn head(&self) -> Option<(&LayerDescription, Section<'a>)> {
        let (layer, &bytes) = self.header.layers.last().zip(self.body_bytes.last())?;
        let body = self.body.get(self.body.len().checked_sub(bytes as usize)?..)?;
        Some((layer, Section::new(body, self.header.packing.wide())))
    }

    /// Whether a complete row leaves work behind.
    pub(crate) fn has_row_end(&self) -> bool {
        cfg!(feature = "diagonal-bilstm") && matches!(self.header.architecture, Architecture::DiagonalBilstm)
    }

    pub(crate) fn work_sizes(&self) -> WorkSizes {
        let (network, mut sizes) = (self.dimensions(), WorkSizes::default());
        self.layers().iter().for_each(|layer| layer.layer().widen_all(&network, &mut sizes));
        sizes
    }

    /// Words (`u32`) of state that an image of this width needs, whatever its height.
    ///
    /// The same on every target.
    pub fn state_words(&self, width: u32) -> usize {
        let (network, width) = (self.dimensions(), width as usize);
        // Four rows of the image, then the layers, then the scratch.
        self.canvas_words(width)
            + self.layers().iter().map(|layer| layer.layer().state_words(&network, width)).sum::<usize>()
            + self.work_sizes().words()
    }

    /// Words that four rows of the image take: bytes up to 256 levels, else half words.
    pub(crate) fn canvas_words(&self, width: usize) -> usize {
        let bytes = if self.levels() > 256 { 2 } else { 1 };
        width * usize::from(self.channels()) * bytes
    }

    /// Bytes of state that an image of this width needs: four times [`state_words`](Self::state_words).
    pub fn state_bytes(&self, width: u32) -> usize {
        4 * self.state_words(width)
    }

    /// Multiply-adds that a pixel costs, the head included.
    pub fn macs_per_pixel(&self) -> u64 {
        self.shapes().map(|shape| shape.multiply_adds()).sum()
    }
}

/// Includes a `.prnn` file as a `&'static [u8]` that is aligned as [`Model::load`] asks.
///
/// ```ignore
/// static DIGITS: &[u8] = pixelrnn::include_model!("digits.prnn");
/// let model = pixelrnn::Model::load(DIGITS)?;
/// ```
#[macro_export]
macro_rules! include_model {
    ($path:expr) => {{
        #[repr(C, align(16))]
        struct Aligned<B: ?Sized>(B);
        static MODEL: &Aligned<[u8]> = &Aligned(*include_bytes!($path));
        &MODEL.0
    }};
}
