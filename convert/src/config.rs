//! What a float network is: its layer list and the names and shapes of its weights.
//!
//! A network is a `config.json` (a [`NetworkConfig`]) beside a `.safetensors` file. All tensors are
//! float32 (float16 and bfloat16 are read too). With `h` = hidden, `m` = head, `C` = channels:
//!
//! | tensor | shape | what is read |
//! | --- | --- | --- |
//! | `first.weight`, `first.bias` | `[2h, C, 7, 7]`, `[2h]` | the 24 taps that mask A lets through: rows 0 to 2, and columns 0 to 2 of row 3 |
//! | PixelCNN block K: `blocks.K.reduce.weight`, `.bias` | `[h, 2h]`, `[h]` | all |
//! | `blocks.K.conv.weight`, `.bias` | `[h, h, 3, 3]`, `[h]` | the five taps of mask B: row 0, and columns 0 and 1 of row 1 |
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
//! | `head.output.weight`, `.bias` | `[1, m]` or `[levels, m]` | all; one row (the logit of value 1) for 2 levels |
//!
//! Gates lie in the order o, f, i, g: rows `0..h` of a `4h` axis are o.
//!
//! The forward pass, with the image's values scaled to `value / (levels - 1)` and zeros outside the image:
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
    /// Values a pixel can take, 2 to 256.
    pub levels: u16,
    /// Channels an image has; 1 for now.
    pub channels: u8,
    /// Features `h` inside a block, a multiple of 4 up to 256; between blocks there are `2h`.
    pub hidden: u16,
    /// Number of blocks, 1 to 16.
    pub blocks: u8,
    /// Feature maps in the head, a multiple of 4 up to 1024.
    pub head: u16,
    /// Row LSTM: size of the state-to-state kernel, odd, 3 or more. Others: 3.
    pub kernel: u8,
    /// Whether every block has a skip connection to the head.
    pub skip: bool,
}

impl NetworkConfig {
    /// Whether the shape is one that the engine runs.
    ///
    /// # Errors
    /// What is out of range, in words.
    pub fn check(&self) -> Result<(), String> {
        let wrong = |text: &str| Err(text.to_owned());
        match self {
            Self { levels, .. } if !(2..=256).contains(levels) => wrong("levels are 2 to 256"),
            Self { channels, .. } if *channels != 1 => wrong("channels are 1, for now"),
            Self { hidden, .. } if hidden % 4 != 0 || !(4..=256).contains(hidden) => {
                wrong("hidden is a multiple of 4, 4 to 256")
            }
            Self { blocks, .. } if !(1..=16).contains(blocks) => wrong("blocks are 1 to 16"),
            Self { head, .. } if head % 4 != 0 || !(4..=1024).contains(head) => {
                wrong("head is a multiple of 4, 4 to 1024")
            }
            Self { kernel, .. } if kernel % 2 == 0 || *kernel < 3 => wrong("kernel is odd, 3 or more"),
            _ => Ok(()),
        }
    }
}
