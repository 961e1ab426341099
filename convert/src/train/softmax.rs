//! The head of a softmax a channel over all levels; for 2 levels of a sigmoid.

use tch::{Kind, Tensor};

use super::layers::{Gradients, Loss, Pass};
use super::maps::relu_gradient;
use super::weights::Weight;
use crate::config::NetworkConfig;

/// Its weights.
pub fn weights(config: &NetworkConfig) -> Vec<Weight> {
    let (features, maps) = (2 * i64::from(config.hidden), i64::from(config.head));
    let rows = i64::from(config.channels) * config.output_rows(0) as i64;
    vec![
        Weight::linear(config, "head.hidden".into(), maps, features),
        Weight::linear(config, "head.output".into(), rows, maps),
    ]
}

/// The loss, and the way back.
pub fn forward<'a>(pass: &'a Pass<'_>, input: Tensor) -> Loss<'a> {
    let batch = pass.batch;
    let hidden = pass.rounded(&pass.linear(&input, "head.hidden").relu_());
    let logits = batch.compact(&pass.linear(&hidden, "head.output")).to_kind(Kind::Float);
    let values: Vec<i64> = pass.values.iter().map(|&value| i64::from(value)).collect();
    let targets = batch.values(&Tensor::from_slice(&values)).to_device(pass.device());
    let (nats, gradient) = if pass.config().levels == 2 {
        sigmoid(&logits, &targets.to_kind(Kind::Float))
    } else {
        softmax(&logits, &targets)
    };
    let back = move |gradients: &mut Gradients| {
        let gradient = batch.expand(&(gradient / batch.count() as f64).to_kind(pass.network.kind));
        gradients.linear("head.output", &hidden, &gradient);
        let gradient = relu_gradient(&pass.input_gradient(&gradient, "head.output"), &hidden);
        gradients.linear("head.hidden", &input, &gradient);
        pass.input_gradient(&gradient, "head.hidden")
    };
    Loss { nats, back: Box::new(back) }
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
