//! `pixelrnn train`: trains a float network with libtorch, into a run folder.
//!
//! | file of a run | what it holds |
//! | --- | --- |
//! | `config.json` | the network's shape, a [`NetworkConfig`](crate::config::NetworkConfig) |
//! | `train.json` | the settings of the training |
//! | `model.safetensors` | the averaged weights of the best validation, under documented names |
//! | `checkpoint.safetensors` | everything to go on from: weights, the optimizer's memory, and the progress as metadata |
//! | `log.csv` | a line a validation: step, minutes, epoch, learning rate, training and validation nats, … |
//! | `curve.png` | the likelihood over time |
//! | `samples/STEP.png` | images drawn from the averaged weights at a validation |
//!
//! Every file is written beside and renamed: it is whole or not there.
//!
//! # Layers
//!
//! A layer is a file: [`upsample`], [`first`], a block ([`pixelcnn`], [`row_lstm`], [`diagonal`]) or a head ([`softmax`], [`mixture`]). It lists its
//! weights and computes forward and backward; [`layers`] is their table, [`network`] walks it.

mod arguments;
mod begin;
mod benchmark;
mod checkpoint;
mod class;
mod dense;
mod device;
mod diagonal;
mod error;
mod first;
mod grow;
mod images;
mod lanes;
mod layers;
mod log;
mod lstm;
mod maps;
mod memory;
mod mixture;
mod network;
mod nibbles;
mod optimizer;
mod order;
mod parameters;
mod pixelcnn;
mod products;
mod recurrence;
mod rounding;
mod row_lstm;
mod run;
mod samples;
mod schedule;
mod softmax;
mod step;
mod teacher;
mod telling;
mod training;
#[cfg(test)]
mod twin_tests;
mod upsample;
mod validation;
mod waves;
mod weights;

pub use arguments::TrainArguments;
pub use error::TrainError;
pub use run::run;
