//! The LSTM recurrence by tensor operations, for devices that want few, large operations.
//!
//! A wave is the set of positions that depend only on the wave before: a row of a Row LSTM, a diagonal of a Diagonal BiLSTM, of
//! which only the valid positions are computed. Waves lie packed one after the other, both directions of a BiLSTM
//! stacked, so that a wave is one slice and its state-to-state product one operation.
//!
//! The meaning is that of [`recurrence`](super::recurrence); this module's tests compare the two.

use tch::{Kind, Tensor};

use super::lstm::Direction;
use super::maps::Batch;

/// The waves of a batch.
#[derive(Debug)]
pub struct Waves {
    batch: Batch,
    hidden: i64,
    /// Of each wave: where its positions' states lie in the running state, and how many there are.
    waves: Vec<(i64, i64)>,
    /// Places of the running state.
    places: i64,
    /// Offsets at which a position reads hidden states.
    taps: Vec<i64>,
    /// Offset at which it keeps its own state, and reads the previous cell.
    own: i64,
    /// Positions in the order of the waves, one list a direction.
    orders: Vec<Tensor>,
}

/// What a backward pass needs of its forward pass, packed `[directions, positions, images, …]`.
#[derive(Debug)]
pub struct Kept {
    gates: Tensor,
    cells: Tensor,
    previous: Tensor,
}

impl Waves {
    /// The waves over a batch of one group: rows for one direction, diagonals for two.
    pub fn new(directions: &[Direction], batch: Batch, hidden: i64, device: tch::Device) -> Self {
        assert_eq!(batch.groups, 1, "waves take all images as one group");
        let (height, width) = (batch.height, batch.width);
        // Rows of the map, in images: see `Batch`.
        let position = |row: i64, column: i64| (row + batch.above) * batch.stride() + column;
        let order = |positions: Vec<i64>| Tensor::from_slice(&positions).to_device(device);
        if directions.len() == 2 {
            // The running state lies by row, with zeros above row 0; a diagonal's rows are its columns, seen from the side.
            let waves: Vec<(i64, i64)> = (0..height + width - 1)
                .map(|diagonal| {
                    let (first, last) = ((diagonal - width + 1).max(0), diagonal.min(height - 1));
                    (first, last - first + 1)
                })
                .collect();
            let positions = |from_right: bool| {
                let along = waves.iter().enumerate().flat_map(|(diagonal, &(first, count))| {
                    (first..first + count).map(move |row| (row, diagonal as i64 - row))
                });
                order(along.map(|(r, c)| position(r, if from_right { width - 1 - c } else { c })).collect())
            };
            let orders = vec![positions(false), positions(true)];
            return Self { batch, hidden, waves, places: height + 1, taps: vec![0, 1], own: 1, orders };
        }
        let kernel = directions[0].taps.len() as i64;
        let positions = (0..height).flat_map(|row| (0..width).map(move |column| position(row, column))).collect();
        Self {
            batch,
            hidden,
            waves: vec![(0, width); height as usize],
            places: width + kernel - 1,
            taps: (0..kernel).collect(),
            own: kernel / 2,
            orders: vec![order(positions)],
        }
    }

    fn directions(&self) -> i64 {
        self.orders.len() as i64
    }

    /// One map a direction to packed form.
    fn pack<T: std::borrow::Borrow<Tensor>>(&self, maps: &[T]) -> Tensor {
        let images = self.batch.images;
        let packed: Vec<Tensor> = maps
            .iter()
            .zip(&self.orders)
            .map(|(map, order)| {
                let map: &Tensor = map.borrow();
                let inner = map.narrow(0, self.batch.lead(), self.batch.rows() - 2 * self.batch.lead());
                inner.view([-1, images, map.size()[1]]).index_select(0, order).to_kind(Kind::Float)
            })
            .collect();
        Tensor::stack(&packed, 0)
    }

    /// Packed form to one map a direction.
    fn unpack(&self, packed: &Tensor, kind: Kind) -> Vec<Tensor> {
        let (images, features) = (self.batch.images, packed.size()[3]);
        let unpacked = |(direction, order): (usize, &Tensor)| {
            let map = Tensor::zeros([self.batch.rows(), features], (kind, packed.device()));
            let mut inner = map
                .narrow(0, self.batch.lead(), self.batch.rows() - 2 * self.batch.lead())
                .view([-1, images, features]);
            let _ = inner.index_copy_(0, order, &packed.get(direction as i64).to_kind(kind));
            map
        };
        self.orders.iter().enumerate().map(unpacked).collect()
    }

    fn state(&self, like: &Tensor) -> Tensor {
        let size = [self.directions(), self.places, self.batch.images, self.hidden];
        Tensor::zeros(size, (Kind::Float, like.device()))
    }

    /// Each wave's place among the packed positions, the place of its states, and its size.
    fn slices(&self) -> Vec<(i64, i64, i64)> {
        let mut start = 0;
        let slice = |&(place, count): &(i64, i64)| {
            start += count;
            (start - count, place, count)
        };
        self.waves.iter().map(slice).collect()
    }

    /// Forward: input-to-state maps (biases included) to hidden maps, one a direction; weights are `[4h, taps * h]`.
    pub fn forward(&self, gates: &[Tensor], weights: &[&Tensor], kind: Kind) -> (Vec<Tensor>, Kept) {
        let h = self.hidden;
        let gates = self.pack(gates);
        // `[directions, taps * h, 4h]`
        let weights = Tensor::stack(weights, 0).transpose(1, 2);
        let size = [gates.size()[0], gates.size()[1], gates.size()[2], h];
        let empty = || Tensor::empty(size, (Kind::Float, gates.device()));
        let (hidden, cells, previous) = (empty(), empty(), empty());
        let (running, running_cells) = (self.state(&gates), self.state(&gates));
        for (start, place, count) in self.slices() {
            let here = gates.narrow(1, start, count);
            let taps: Vec<Tensor> = self.taps.iter().map(|tap| running.narrow(1, place + tap, count)).collect();
            let reads = Tensor::cat(&taps, 3).view([self.directions(), -1, self.taps.len() as i64 * h]);
            let mut sums = here.shallow_clone();
            sums += reads.matmul(&weights).view_as(&here);
            let _ = here.narrow(3, 0, 3 * h).sigmoid_();
            let _ = here.narrow(3, 3 * h, h).tanh_();
            let [o, f, i, g] = [0, 1, 2, 3].map(|gate| here.narrow(3, gate * h, h));
            let mut own_cells = running_cells.narrow(1, place + self.own, count);
            previous.narrow(1, start, count).copy_(&own_cells);
            own_cells.copy_(&(&f * &own_cells).addcmul(&i, &g));
            let out = o * own_cells.tanh();
            running.narrow(1, place + self.own, count).copy_(&out);
            cells.narrow(1, start, count).copy_(&own_cells);
            hidden.narrow(1, start, count).copy_(&out);
        }
        (self.unpack(&hidden, kind), Kept { gates, cells, previous })
    }

    /// Backward: gradients of hidden maps to those of input-to-state maps, one a direction.
    pub fn backward(&self, kept: &Kept, gradients: &[&Tensor], weights: &[&Tensor], kind: Kind) -> Vec<Tensor> {
        let h = self.hidden;
        let Kept { gates, cells, previous } = kept;
        let gradient = self.pack(gradients);
        // `[directions, 4h, taps * h]`
        let weights = Tensor::stack(weights, 0);
        let out = gates.empty_like();
        let (mut running, mut running_cells) = (self.state(gates), self.state(gates));
        for (start, place, count) in self.slices().into_iter().rev() {
            let [o, f, i, g] = [0, 1, 2, 3].map(|gate| gates.narrow(1, start, count).narrow(3, gate * h, h));
            let squashed = cells.narrow(1, start, count).tanh();
            let hidden = gradient.narrow(1, start, count) + running.narrow(1, place + self.own, count);
            let through = running_cells.narrow(1, place + self.own, count) + (&hidden * &o) * (1.0 - squashed.square());
            let slope = |gate: &Tensor| gate * (1.0 - gate);
            let sums = [
                hidden * squashed * slope(&o),
                &through * previous.narrow(1, start, count) * slope(&f),
                &through * &g * slope(&i),
                &through * &i * (1.0 - g.square()),
            ];
            let sums = Tensor::cat(&sums, 3);
            out.narrow(1, start, count).copy_(&sums);
            let _ = running_cells.zero_();
            running_cells.narrow(1, place + self.own, count).copy_(&(through * f));
            let passed = sums.view([self.directions(), -1, 4 * h]).matmul(&weights).view([
                self.directions(),
                count,
                self.batch.images,
                -1,
            ]);
            let _ = running.zero_();
            for (n, tap) in self.taps.iter().enumerate() {
                let mut sum = running.narrow(1, place + tap, count);
                sum += passed.narrow(3, n as i64 * h, h);
            }
        }
        self.unpack(&out, kind)
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::super::maps::to_vec;
    use super::super::recurrence::Recurrence;
    use super::super::{diagonal, row_lstm};
    use super::*;

    fn close(name: &str, a: &Tensor, b: &[f32]) {
        let worst = to_vec(a).iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert_eq!(a.numel(), b.len());
        assert!(worst < 2e-5, "{name} differ by {worst}");
    }

    fn compare(walks: &[Direction], height: i64, width: i64) {
        let (h, images) = (8, 16);
        let batch = Batch { groups: 1, height, width, images, channels: 1, pad: 2, above: 1 };
        let waves = Waves::new(walks, batch, h, Device::Cpu);
        let directions = waves.orders.len();
        let random = |rows: i64, columns: i64| Tensor::randn([rows, columns], (Kind::Float, Device::Cpu));
        let map = |features: i64| {
            let map = random(batch.rows(), features);
            batch.clear(&map);
            map
        };
        let gates: Vec<Tensor> = (0..directions).map(|_| map(4 * h)).collect();
        let weights: Vec<Tensor> = (0..directions).map(|_| random(4 * h, waves.taps.len() as i64 * h) * 0.3).collect();
        let gradients: Vec<Tensor> = (0..directions).map(|_| map(h)).collect();
        let weights: Vec<&Tensor> = weights.iter().collect();
        let (hidden, kept) = waves.forward(&gates, &weights, Kind::Float);
        let back = waves.backward(&kept, &gradients.iter().collect::<Vec<_>>(), &weights, Kind::Float);

        for direction in 0..directions {
            let plain = Recurrence { batch, hidden: h as usize, direction: walks[direction].clone() };
            let mut values = to_vec(&gates[direction]);
            let mut cells = vec![0.0; values.len() / 4];
            let mut states = vec![0.0; values.len() / 4];
            plain.forward(&to_vec(&weights[direction].tr()), &mut values, &mut cells, &mut states);
            close("hidden states", &hidden[direction], &states);
            let mut gradient = to_vec(&gradients[direction]);
            plain.backward(&to_vec(weights[direction]), &mut values, &mut cells, &mut gradient);
            let expected = Tensor::from_slice(&values).view([batch.rows(), -1]);
            batch.clear(&expected);
            close("gradients", &back[direction], &to_vec(&expected));
        }
    }

    #[test]
    fn waves_give_what_the_walk_over_pixels_gives() {
        for (height, width) in [(6, 7), (7, 4), (1, 5), (5, 1), (1, 1)] {
            compare(&[row_lstm::direction(3)], height, width);
            compare(&[row_lstm::direction(5)], height, width);
            compare(&diagonal::directions(), height, width);
        }
    }
}
