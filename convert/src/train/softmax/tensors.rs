//! The loss of softmaxes by tensor operations, for devices.

use tch::{Kind, Tensor};

use crate::train::layers::Pass;

/// Nats in all, and the gradient of the mean nats an image, a map, of a map of logits.
pub fn loss(pass: &Pass<'_>, logits: &Tensor) -> (f64, Tensor) {
    let batch = &pass.batch;
    let values: Vec<i64> = pass.values.iter().map(|&value| i64::from(value)).collect();
    let targets = batch.values(&Tensor::from_slice(&values)).to_device(pass.device());
    let logits = batch.compact(logits).to_kind(Kind::Float);
    let (nats, gradient) = if pass.config().levels == 2 {
        sigmoid(&logits, &targets.to_kind(Kind::Float))
    } else {
        softmax(&logits, &targets)
    };
    (nats, batch.expand(&(gradient / batch.count() as f64)))
}

/// Nats and their gradient, of a logit a channel.
fn sigmoid(logits: &Tensor, targets: &Tensor) -> (f64, Tensor) {
    let loss = logits.softplus() - logits * targets;
    (loss.sum(Kind::Double).double_value(&[]), logits.sigmoid() - targets)
}

/// Nats and their gradient, of a logit a level, channel by channel.
fn softmax(logits: &Tensor, targets: &Tensor) -> (f64, Tensor) {
    let targets = targets.unsqueeze(2);
    let log = logits.view([logits.size()[0], targets.size()[1], -1]).log_softmax(2, Kind::Float);
    let chosen = log.gather(2, &targets, false).sum(Kind::Double).double_value(&[]);
    let mut gradient = log.exp();
    let _ = gradient.scatter_add_(2, &targets, &Tensor::full_like(&targets, -1.0).to_kind(Kind::Float));
    (-chosen, gradient.view_as(logits))
}
