//! A float network's weights, without what masks hide.

use super::load::Tensors;
use super::{Block, First, Head, Upsample};
use crate::config::NetworkConfig;

/// A float network.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Its shape.
    pub config: NetworkConfig,
    /// What makes features of a smaller image, if there is one.
    pub upsample: Option<Upsample>,
    /// The first layer.
    pub first: First,
    /// What lies between.
    pub blocks: Vec<Block>,
    /// The last.
    pub head: Head,
}

impl Network {
    pub(super) fn take(config: NetworkConfig, tensors: &mut Tensors<'_>) -> Result<Self, String> {
        let upsample = Upsample::take(tensors, &config)?;
        let first = First::take(tensors, &config)?;
        let blocks: Result<_, String> =
            (0..config.blocks).map(|number| Block::take(tensors, &config, number)).collect();
        let (blocks, head) = (blocks?, Head::take(tensors, &config)?);
        Ok(Self { config, upsample, first, blocks, head })
    }
}
