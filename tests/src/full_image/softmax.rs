//! The head of 2 to 256 levels.

use pixelrnn::blob::Softmax;
use pixelrnn::fixed::{exp2_negative, probability};

use super::arithmetic::{ZERO_POINT, relu8, requantized};
use super::{Expected, Maps, Walk};

/// Frequencies of every value.
pub fn run(layer: &Softmax, walk: &mut Walk<'_>, maps: &mut Maps) -> Vec<Expected> {
    let (f, m, groups) = (walk.network.features, usize::from(layer.maps), walk.network.groups);
    let levels = walk.network.levels as usize;
    maps.add_skips();
    let [mut input, mut hidden] = [f, m].map(|features| maps.stream.like(features));
    let mut by_channel = Vec::new();
    for group in 0..groups {
        walk.quantize(maps, group, layer.shifts[0], ZERO_POINT, &mut input);
        let first = walk.section.linear(walk.share(m), walk.seen(f, group));
        let output = walk.section.linear(Softmax::output_rows(levels as u32), walk.seen(m, group));
        let mut all = Vec::new();
        for at in input.positions() {
            let values = relu8(requantized(&first, &input.seen(at, group, groups), layer.shifts[1]));
            hidden.set_group(at, group, &values);
            let logits = requantized(&output, &hidden.seen(at, group, groups), layer.shifts[2]);
            let logits: Vec<i64> = logits.into_iter().map(|logit| logit.clamp(-32768, 32767)).collect();
            all.push(Expected::Frequencies(frequencies(&logits, levels)));
        }
        by_channel.push(all.into_iter());
    }
    let pixels = input.positions().len();
    (0..pixels).flat_map(|_| by_channel.iter_mut().filter_map(Iterator::next).collect::<Vec<_>>()).collect()
}

fn frequencies(logits: &[i64], levels: usize) -> Vec<u32> {
    if levels == 2 {
        let one = probability(logits[0] as i16).clamp(1, 65_535);
        return vec![65_536 - one, one];
    }
    let most = *logits[..levels].iter().max().expect("at least one level");
    let top = 24 - levels.next_power_of_two().trailing_zeros();
    let one = |logit: &i64| {
        let below = (most - logit).clamp(0, 20 << 11) as u64;
        let power = u64::from(exp2_negative(((below * 94_548) >> 11) as u32));
        (((power << 24) >> (16 + 24 - top)) as u32).max(1)
    };
    logits[..levels].iter().map(one).collect()
}
