//! The mixture's loss by tensor operations, for devices: libtorch derives the gradients.

use tch::{Kind, Tensor};

use super::prediction::TAPS;
use super::{COEFFICIENT, Outcome, SCALES, Task, eighth};
use crate::train::upsample::known;

/// The loss of outputs `[outputs, rows of a map]` around a prediction `[channels, 5 * channels]`.
pub fn loss(task: &Task<'_>, outputs: &Tensor, linear: &Tensor) -> Outcome {
    let outputs = outputs.detach().set_requires_grad(true);
    let linear = linear.detach().set_requires_grad(true);
    let (nats, gradients) = tch::with_grad(|| {
        let nats = nats(task, &task.batch.compact(&outputs.tr()).tr(), &linear);
        let gradients = Tensor::run_backward(&[&nats], &[&outputs, &linear], false, false);
        (nats.double_value(&[]), gradients)
    });
    let mut gradients = gradients.into_iter();
    let share = 1.0 / task.batch.count() as f64;
    let mut next = || gradients.next().expect("a gradient for each of two tensors") * share;
    let (gradient, linear) = (next(), next());
    hold(task, &outputs.detach(), &gradient);
    Outcome { nats, outputs: gradient, linear }
}

/// A number within limits, through which the whole gradient passes.
fn clamp(x: &Tensor, low: f64, high: f64) -> Tensor {
    x + (x.clamp(low, high) - x).detach()
}

/// Negative log-likelihood in nats, of `[outputs, pixels]`.
fn nats(task: &Task<'_>, outputs: &Tensor, linear: &Tensor) -> Tensor {
    let channels = i64::from(task.config.channels);
    let planes = Tensor::from_slice(&task.planes).view([TAPS as i64 * channels, -1]).to_device(outputs.device());
    let values = planes.narrow(0, (TAPS as i64 - 1) * channels, channels);
    let predicted = linear.to_kind(Kind::Double).matmul(&planes.to_kind(Kind::Double));
    let residuals = (values.to_kind(Kind::Double) - predicted).to_kind(Kind::Float);
    let unknown = unknown(task).to_device(outputs.device());
    let mut row = 0;
    let mut sum = Tensor::zeros([], (Kind::Double, outputs.device()));
    for channel in 0..channels {
        let (components, each) = (i64::from(task.config.components), 3 + channel);
        let own = outputs.narrow(0, row, components * each).view([components, each, -1]);
        let before = clamp(&own.narrow(1, 3, channel), f64::from(-COEFFICIENT), f64::from(COEFFICIENT));
        let coupled = (before * residuals.narrow(0, 0, channel)).sum_dim_intlist([1i64].as_slice(), false, Kind::Float);
        let log = log_probabilities(task, &own, &(residuals.get(channel) - coupled), &values.get(channel));
        let mixed = (own.select(1, 0).log_softmax(0, Kind::Float) + log).logsumexp([0i64].as_slice(), false);
        sum -= (mixed * &unknown).sum(Kind::Double);
        row += components * each;
    }
    sum
}

/// Ones of pixels in the order group, row, column, image; zeros where the smaller images hold them.
fn unknown(task: &Task<'_>) -> Tensor {
    let batch = &task.batch;
    let size = (batch.width as usize, batch.height as usize);
    let places = 0..(batch.groups * batch.height * batch.width) as usize;
    let unknown: Vec<f32> = places.map(|place| f32::from(u8::from(!known(task.config, size, place)))).collect();
    Tensor::from_slice(&unknown).repeat_interleave_self_int(batch.images, 0, None)
}

/// Log probability of values under each component, `[components, pixels]`, from their distance to where the components would be without
/// their offsets.
fn log_probabilities(task: &Task<'_>, own: &Tensor, distance: &Tensor, values: &Tensor) -> Tensor {
    let scale = clamp(&own.select(1, 2), f64::from(SCALES[0]), f64::from(SCALES[1]));
    let inverse = (-&scale).exp();
    let middle = (distance - own.select(1, 1) * f64::from(eighth(task.config))) * &inverse;
    let (upper, lower) = (&middle + &inverse * 0.5, &middle - &inverse * 0.5);
    let (below_upper, above_lower) = (upper.log_sigmoid(), (-lower).log_sigmoid());
    let inside = (-(-&inverse).expm1()).log() + &below_upper + &above_lower;
    let high = values.ge(f64::from(task.config.levels - 1));
    below_upper.where_self(&values.le(0.0), &above_lower.where_self(&high, &inside))
}

/// Drops the gradients of numbers outside their limits that would move them further out.
fn hold(task: &Task<'_>, outputs: &Tensor, gradient: &Tensor) {
    let components = i64::from(task.config.components);
    let mut row = 0;
    for channel in 0..i64::from(task.config.channels) {
        let each = 3 + channel;
        let [own, slope] =
            [outputs, gradient].map(|all| all.narrow(0, row, components * each).view([components, each, -1]));
        hold_within(&own.narrow(1, 2, 1), &slope.narrow(1, 2, 1), SCALES);
        hold_within(&own.narrow(1, 3, channel), &slope.narrow(1, 3, channel), [-COEFFICIENT, COEFFICIENT]);
        row += components * each;
    }
}

fn hold_within(numbers: &Tensor, slopes: &Tensor, [low, high]: [f32; 2]) {
    let above = numbers.gt(f64::from(high)).logical_and(&slopes.lt(0.0));
    let below = numbers.lt(f64::from(low)).logical_and(&slopes.gt(0.0));
    let _ = slopes.shallow_clone().masked_fill_(&above.logical_or(&below), 0.0);
}
