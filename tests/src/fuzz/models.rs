//! The models that images are decoded with: every architecture, with every kind of values and head, and dilated blocks.

use pixelrnn::Model;

use super::Aligned;

/// Number of models that an input's first byte chooses from.
pub const MODELS: u8 = 22;

/// Blobs of the corpus.
pub struct Models(Vec<Aligned>);

/// An architecture's blobs, in the order of `kinds`.
macro_rules! blobs {
    ($architecture:literal) => {
        [
            &include_bytes!(concat!("../../fuzz/corpus/blob/", $architecture, "-2.prnn"))[..],
            include_bytes!(concat!("../../fuzz/corpus/blob/", $architecture, "-17.prnn")),
            include_bytes!(concat!("../../fuzz/corpus/blob/", $architecture, "-256.prnn")),
            include_bytes!(concat!("../../fuzz/corpus/blob/", $architecture, "-groups-3.prnn")),
            include_bytes!(concat!("../../fuzz/corpus/blob/", $architecture, "-mixture-256x3.prnn")),
            include_bytes!(concat!("../../fuzz/corpus/blob/", $architecture, "-mixture-65536.prnn")),
            include_bytes!(concat!("../../fuzz/corpus/blob/", $architecture, "-classes-3.prnn")),
        ]
    };
}

impl Models {
    /// The blobs of the corpus.
    pub fn corpus() -> Self {
        let dilated = include_bytes!("../../fuzz/corpus/blob/pixelcnn-dilated.prnn");
        let of_architectures = [blobs!("pixelcnn"), blobs!("row-lstm"), blobs!("diagonal-bilstm")];
        Self::new(&[of_architectures.as_flattened(), &[dilated]].concat())
    }

    /// [`MODELS`] blobs, in the corpus' order.
    pub fn new(blobs: &[&[u8]]) -> Self {
        Self(blobs.iter().map(|blob| Aligned::new(blob)).collect())
    }

    /// The model that a first byte chooses.
    ///
    /// # Panics
    /// If the blob does not load: `cargo run -p pixelrnn-tests --bin fuzz-corpus` writes the corpus anew.
    pub fn chosen(&self, byte: u8) -> Model<'_> {
        Model::load(self.0[usize::from(byte % MODELS)].bytes())
            .expect("the corpus' blobs are valid; fuzz-corpus writes them")
    }
}
