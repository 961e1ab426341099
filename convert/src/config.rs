//! What a float network is: its layer list and the names and shapes of its weights.
//!
//! A network is a `config.json` (a [`NetworkConfig`]) beside a `.safetensors` file. All tensors are
//! float32 (float16 and bfloat16 are read too). With `h` = hidden, `m` = head, `C` = channels:
//!
//! | tensor | shape | what is read |
//! | --- | --- | --- |
//! | `first.weight`, `first.bias` | `[2h, C, 7, 7]`, `[2h]` | the 24 taps that mask A lets through: rows 0 to 2, and columns 0 to 2 of row 3; with channel groups also column 3 of row 3, the channels before the group's |
//! | PixelCNN block K: `blocks.K.reduce.weight`, `.bias` | `[h, 2h]`, `[h]` | all |
//! | `blocks.K.conv.weight`, `.bias` | `[h, h, 3, 3]`, `[h]` | the five taps of mask B: row 0, and columns 0 and 1 of row 1; a kernel's rows and columns are [so many](NetworkConfig::distance) pixels apart |
//! | `blocks.K.expand.weight`, `.bias` | `[2h, h]`, `[2h]` | all |
//! | Row LSTM block K: `blocks.K.input_to_state.weight`, `.bias` | `[4h, 2h, 3]`, `[4h]` | taps 0 (left neighbour) and 1 (the pixel itself); tap 2 is masked |
//! | `blocks.K.state_to_state.weight` | `[4h, h, kernel]` | all; tap `t` reads the row above at column `j + t - (kernel - 1) / 2` |
//! | `blocks.K.expand.weight`, `.bias` | `[2h, h]`, `[2h]` | all |
//! | Diagonal BiLSTM block K: `blocks.K.left.input_to_state.weight`, `.bias` | `[4h, 2h]`, `[4h]` | all; the left-to-right direction |
//! | `blocks.K.left.state_to_state.weight` | `[4h, h, 2]` | tap 0 reads the hidden state above `(i-1, j)`, tap 1 the one before, `(i, j-1)` |
//! | `blocks.K.right.…` | the same | the right-to-left direction: tap 1 reads `(i, j+1)` |
//! | `blocks.K.expand.weight`, `.bias` | `[2h, h]`, `[2h]` | all; applied to `left(i, j) + right(i-1, j)` |
//! | with `skip`, any block: `blocks.K.skip.weight`, `.bias` | `[2h, h]`, `[2h]` | all; from what `expand` reads, added to the head's input |
//! | `head.hidden.weight`, `.bias` | `[m, 2h]`, `[m]` | all |
//! | `head.output.weight`, `.bias` | `[R, m]`, `[R]` | all; `R` is the sum over channels of their [rows](NetworkConfig::output_rows), channel by channel |
//! | with a mixture: `head.linear.weight` | `[C, C, 5]` | output channel, input channel, tap (W, N, NW, NE, the pixel itself); of the pixel itself only channels before the output's |
//!
//! Gates lie in the order o, f, i, g: rows `0..h` of a `4h` axis are o.
//!
//! # Classes
//!
//! With `Y` classes, a column for each is added to what a product gives, biases included, before any ReLU or gate:
//!
//! | tensor | shape | added to |
//! | --- | --- | --- |
//! | `first.class.weight` | `[2h, Y]` | the first layer's output |
//! | PixelCNN: `blocks.K.class.weight` | `[h, Y]` | what `conv` gives |
//! | Row LSTM: `blocks.K.class.weight` | `[4h, Y]` | what `input_to_state` gives |
//! | Diagonal BiLSTM: `blocks.K.left.class.weight`, `blocks.K.right.class.weight` | `[4h, Y]` | what the direction's `input_to_state` gives |
//!
//! # A smaller image
//!
//! A network of factor `n` is given what the image holds at the rows and columns that are multiples of `n`. An upsampling network
//! makes `u` features of each pixel of it, and every block adds a 1x1 product of them, which no mask hides, to what classes are added to:
//!
//! | tensor | shape | what is read |
//! | --- | --- | --- |
//! | `upsample.conv.weight`, `.bias` | `[u, C, 3, 3]`, `[u]` | the small image, all nine taps, zeros outside; of more than 256 levels the upper 8 bits; then a ReLU |
//! | `upsample.transposed.weight`, `.bias` | `[u, u, n, n]`, `[u]` | input, output, row and column in the small pixel: a transposed convolution of stride `n`; then a ReLU |
//! | PixelCNN: `blocks.K.upsample.weight` | `[h, u]` | the features of the pixel |
//! | Row LSTM: `blocks.K.upsample.weight` | `[4h, u]` | the same |
//! | Diagonal BiLSTM: `blocks.K.left.upsample.weight`, `blocks.K.right.upsample.weight` | `[4h, u]` | the same |
//!
//! # Channel groups
//!
//! Without a mixture, `C` channels split every map of features (`2h`, `h`, the gates' units, `m`) in `C` equal ranges. Mask B: what
//! a group reads at the pixel itself are the groups up to its own; 1x1 products carry it, and the last tap of each input-to-state and
//! 3x3 kernel. What a mask hides is ignored on reading, and written as zeros.
//!
//! # A mixture's rows
//!
//! For channel `c`, for each component: weight logit `a`, offset `o`, log scale `s`, then `c` coefficients `k` on the earlier channels.
//! With `p` the linear prediction of a channel (`head.linear`, in the values' own units) and `v` values:
//!
//! ```text
//! scale = exp(clamp(s, -3.5, 12));   mean = p + 2^(bits - 3) * o + sum over earlier channels of clamp(k, ±3.99) * (v - p)
//! P(v)  = sum over components of softmax(a) * (F((v + 1/2 - mean) / scale) - F((v - 1/2 - mean) / scale))
//! ```
//!
//! `bits` are those of the highest value, so that an offset counts eighths of the value range; `F` is the logistic function; value 0 takes all below, the last level all above. A neighbour outside the image is replaced: in the first
//! row by W, in the first column by N, NE of the last column by N, and for the first pixel by half of all levels.
//!
//! # The forward pass
//!
//! The image's values are scaled to `value / (levels - 1)` up to 128 levels, and to -1 to 1 around the middle beyond (see
//! `float::window`); zeros outside the image:
//!
//! ```text
//! s  = first(x)                                          7x7, mask A
//! PixelCNN block:   b = relu(conv(relu(reduce(relu(s)))))
//! LSTM block:       b = hidden states of the layer over s (no nonlinearity before it)
//! every block:      s = s + expand(b);   k = k + skip(b)   (k starts at zero)
//! head:             logits = output(relu(hidden(relu(s + k))))
//! ```

use serde::{Deserialize, Serialize};

/// The kind of the network's blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Architecture {
    /// Residual blocks with 3x3 masked convolutions (paper, section 3.3).
    #[serde(rename = "pixelcnn")]
    #[value(name = "pixelcnn")]
    PixelCnn,
    /// Row LSTM layers (section 3.1).
    RowLstm,
    /// Diagonal BiLSTM layers (section 3.2).
    DiagonalBilstm,
}

impl Architecture {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::PixelCnn, Self::RowLstm, Self::DiagonalBilstm];

    /// The name in files and on the command line.
    pub fn name(self) -> &'static str {
        pixelrnn::Architecture::from(self).name()
    }
}

/// The shape of a float network. See the [module's page](self) for its weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// The kind of blocks.
    pub architecture: Architecture,
    /// Values a channel of a pixel can take: 2 to 256, with a mixture to 65,536.
    pub levels: u32,
    /// Channels an image has, 1 to 4.
    pub channels: u8,
    /// Features `h` inside a block, a multiple of 4 (of 4 a channel with channel groups) up to 256; between blocks there are `2h`.
    pub hidden: u16,
    /// Number of blocks, 1 to 16.
    pub blocks: u8,
    /// Feature maps in the head, a multiple of 4 up to 1024.
    pub head: u16,
    /// Row LSTM: size of the state-to-state kernel, odd, 3 or more. Others: 3.
    pub kernel: u8,
    /// Whether every block has a skip connection to the head.
    pub skip: bool,
    /// Components of a mixture of logistics, 1 to 10; 0 for a sigmoid (2 levels) or a softmax a channel, in channel groups.
    #[serde(default)]
    pub components: u8,
    /// Classes, of which an image has one; 0 for a network that is told none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub classes: u16,
    /// How many times wider and higher an image is than the smaller one that the network is given, 2 or 4; 0 for one that is given none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub factor: u8,
    /// Features `u` that are upsampled of the smaller image, a multiple of 4 up to 256; 0 without.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub upsampled: u16,
    /// PixelCNN: rows and columns from a pixel to the neighbours that a block's `conv` reads are 1, 2, 4, … in turn, up to this power of
    /// two, at most 8. Others: 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub dilation: u8,
}

pub(crate) fn is_zero<T: Default + PartialEq>(count: &T) -> bool {
    *count == T::default()
}

pub(crate) const fn one() -> u8 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
pub(crate) const fn is_one(count: &u8) -> bool {
    *count == 1
}

impl NetworkConfig {
    /// The smallest network of some blocks: two levels, one channel, a head as wide as a block, and nothing besides.
    ///
    /// ```
    /// use pixelrnn_convert::config::{Architecture, NetworkConfig};
    ///
    /// let photographs = NetworkConfig { levels: 256, channels: 3, components: 5, ..NetworkConfig::plain(Architecture::PixelCnn, 40, 11) };
    /// assert_eq!(photographs.check(), Ok(()));
    /// ```
    pub const fn plain(architecture: Architecture, hidden: u16, blocks: u8) -> Self {
        Self {
            architecture,
            levels: 2,
            channels: 1,
            hidden,
            blocks,
            head: hidden,
            kernel: 3,
            skip: false,
            components: 0,
            classes: 0,
            factor: 0,
            upsampled: 0,
            dilation: 1,
        }
    }

    /// Rows and columns from a pixel to the neighbours that a block's `conv` reads.
    pub const fn distance(&self, block: u8) -> u8 {
        1 << (block as u32 % (self.dilation.trailing_zeros() + 1))
    }

    /// Channel groups: every map of features is split in so many, one a channel; 1 with a mixture, whose trunk sees no channel of
    /// the pixel itself.
    pub const fn groups(&self) -> u8 {
        if self.components == 0 { self.channels } else { 1 }
    }

    /// Values of the smaller image that an image of a size is given, if the network asks for one.
    pub fn small_values(&self, (width, height): (usize, usize)) -> Option<usize> {
        let side = |side: usize| side.div_ceil(usize::from(self.factor).max(1));
        (self.factor > 0).then(|| side(width) * side(height) * usize::from(self.channels))
    }

    /// Values of an image of a size that the network is not given.
    pub fn unknown_values(&self, size: (usize, usize)) -> usize {
        size.0 * size.1 * usize::from(self.channels) - self.small_values(size).unwrap_or(0)
    }

    /// Rows of the head's output for a channel: a logit (2 levels), a logit a level, or what the mixture's components are made of.
    pub const fn output_rows(&self, channel: u8) -> usize {
        match (self.components, self.levels) {
            (0, 2) => 1,
            (0, levels) => levels as usize,
            (components, _) => components as usize * (3 + channel as usize),
        }
    }

    /// Whether the shape is one that the engine runs.
    ///
    /// # Errors
    /// What is out of range, in words.
    pub fn check(&self) -> Result<(), String> {
        let wrong = |text: &str| Err(text.to_owned());
        let unit = 4 * u16::from(self.groups());
        let fits = |features: u16, most: u16| features.is_multiple_of(unit.max(1)) && (unit..=most).contains(&features);
        match self {
            Self { channels, .. } if !(1..=4).contains(channels) => wrong("channels are 1 to 4"),
            Self { components, .. } if *components > 10 => wrong("components are at most 10"),
            Self { components: 0, levels, .. } if !(2..=256).contains(levels) => {
                wrong("levels are 2 to 256; with --components, a mixture, to 65536")
            }
            Self { levels, .. } if !(2..=65_536).contains(levels) => wrong("levels are 2 to 65536"),
            Self { hidden, .. } if !fits(*hidden, 256) => {
                wrong("hidden is a multiple of 4, with channel groups of 4 a channel, up to 256")
            }
            Self { blocks, .. } if !(1..=16).contains(blocks) => wrong("blocks are 1 to 16"),
            Self { head, .. } if !fits(*head, 1024) => {
                wrong("head is a multiple of 4, with channel groups of 4 a channel, up to 1024")
            }
            Self { factor, upsampled, .. }
                if !matches!((factor, upsampled % 4, upsampled), (0, 0, 0) | (2 | 4, 0, 4..=256)) =>
            {
                wrong("factor is 2 or 4, with a multiple of 4 up to 256 of upsampled features, or both are 0")
            }
            Self { classes: 1, .. } => wrong("classes are 2 or more, or none"),
            Self { dilation, .. } if !matches!(dilation, 1 | 2 | 4 | 8) => wrong("dilation is 1, 2, 4 or 8"),
            Self { dilation, architecture, .. } if *dilation > 1 && *architecture != Architecture::PixelCnn => {
                wrong("a dilation above 1 goes with pixelcnn")
            }
            Self { kernel, .. } if kernel % 2 == 0 || *kernel < 3 => wrong("kernel is odd, 3 or more"),
            _ => Ok(()),
        }
    }
}
