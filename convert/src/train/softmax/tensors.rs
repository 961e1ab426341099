//! The loss of softmaxes by tensor operations, for devices.

use tch::{Kind, Tensor};

use crate::config::NetworkConfig;
use crate::train::layers::Pass;

/// Nats of each image, and the gradient of their mean, a map, of a map of logits.
pub fn loss(pass: &Pass<'_>, logits: &Tensor) -> (Vec<f64>, Tensor) {
    let batch = &pass.batch;
    let values: Vec<i64> = pass.examples.values.iter().map(|&value| i64::from(value)).collect();
    let targets = batch.values(&Tensor::from_slice(&values)).to_device(pass.device());
    let logits = batch.compact(logits).to_kind(Kind::Float);
    let (nats, gradient) = match (&pass.taught, pass.config().levels) {
        (None, 2) => sigmoid(&logits, &targets.to_kind(Kind::Float)),
        (None, _) => softmax(&logits, &targets),
        (Some(taught), 2) => sigmoid(&logits, taught),
        (Some(taught), _) => softmax_of(&logits, taught, pass.config()),
    };
    // A compact map's rows lie in the order group, pixel, image.
    let by_image = |numbers: &Tensor| numbers.view([batch.groups, -1, batch.images, numbers.size()[1]]);
    let unknown = unknown(pass);
    let nats = (by_image(&nats) * &unknown).sum_dim_intlist([1i64, 3].as_slice(), false, Kind::Double).view([-1]);
    let shares: Vec<f32> = (0..batch.count() as usize).map(|image| pass.share(image)).collect();
    let shares = Tensor::from_slice(&shares).view([batch.groups, 1, batch.images, 1]).to_device(pass.device());
    let gradient = (by_image(&gradient) * (shares * unknown)).view_as(&gradient);
    (Vec::try_from(nats).unwrap_or_default(), batch.expand(&gradient))
}

/// Probabilities of every level, channel by channel; of two levels that of the second.
pub fn probabilities(config: &NetworkConfig, logits: &Tensor) -> Tensor {
    match config.levels {
        2 => logits.to_kind(Kind::Float).sigmoid(),
        _ => by_channel(logits, config).softmax(2, Kind::Float).view_as(logits),
    }
}

/// Logits, `[pixels, channels, levels]`.
fn by_channel(logits: &Tensor, config: &NetworkConfig) -> Tensor {
    logits.view([logits.size()[0], config.channels.into(), -1])
}

/// Ones, `[groups, pixels, images, 1]`; zeros where the smaller image holds a pixel.
fn unknown(pass: &Pass<'_>) -> Tensor {
    let batch = &pass.batch;
    let pixels = (batch.count() * batch.height * batch.width) as usize;
    let unknown: Vec<f32> = (0..pixels).map(|pixel| f32::from(u8::from(!pass.is_known(pixel)))).collect();
    let unknown = Tensor::from_slice(&unknown).view([batch.groups, batch.images, -1, 1]);
    unknown.transpose(1, 2).to_device(pass.device())
}

/// Nats of each value and their gradient, of a logit a channel.
fn sigmoid(logits: &Tensor, targets: &Tensor) -> (Tensor, Tensor) {
    (logits.softplus() - logits * targets, logits.sigmoid() - targets)
}

/// Nats of each value and their gradient, of a logit a level, channel by channel.
fn softmax(logits: &Tensor, targets: &Tensor) -> (Tensor, Tensor) {
    let targets = targets.unsqueeze(2);
    let log = logits.view([logits.size()[0], targets.size()[1], -1]).log_softmax(2, Kind::Float);
    let chosen = log.gather(2, &targets, false).squeeze_dim(2);
    let mut gradient = log.exp();
    let _ = gradient.scatter_add_(2, &targets, &Tensor::full_like(&targets, -1.0).to_kind(Kind::Float));
    (-chosen, gradient.view_as(logits))
}

/// The same where probabilities of all levels are known.
fn softmax_of(logits: &Tensor, taught: &Tensor, config: &NetworkConfig) -> (Tensor, Tensor) {
    let log = by_channel(logits, config).log_softmax(2, Kind::Float);
    let nats = -(by_channel(taught, config) * &log).sum_dim_intlist(2i64, false, Kind::Float);
    (nats, log.exp().view_as(logits) - taught)
}
