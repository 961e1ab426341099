//! From the head's outputs to distributions: the last part of [`Streams::predict`].

use super::distributions::Kind;
use super::streams::Streams;
use crate::blob::LayerDescription;
use crate::distribution::Distribution;
use crate::kernels::lanes;
use crate::kernels::mixture::Component;
use crate::layers::{Carver, mixture};
use crate::temperature::Temperature;

impl<const N: usize> Streams<'_, N> {
    /// The distributions that lie in the state: where the head left them, or apart.
    pub(super) fn kind(&mut self, totals: [u32; N]) -> Kind<'_, N> {
        let is_mixture = self.model.is_mixture();
        if self.levels() == 2 && !is_mixture {
            return Kind::Binary(totals);
        }
        if N > 1 && !is_mixture {
            return Kind::Levels(totals, split_end(self.state, N * Self::frequency_words(self.model)).1);
        }
        let mut carver = Carver::<N>::new(self.state);
        let logits = carver.words(self.work.logits);
        match is_mixture {
            true => Kind::Mixture(Component::of_words(carver.words(self.work.components))),
            false => Kind::Levels(totals, logits),
        }
    }

    /// Turns the head's logits into frequencies.
    pub(super) fn predict_softmax(&mut self) -> [u32; N] {
        let levels = self.levels();
        let (state, apart) = split_end(self.state, N * Self::frequency_words(self.model));
        let logits = Carver::new(state).i32(self.work.logits);
        totals(logits, levels, self.temperature, apart)
    }

    /// Prepares the components of a channel after the one that the head was run for.
    pub(super) fn predict_mixture(&mut self) -> [u32; N] {
        let (model, network, temperature) = (self.model, self.network, self.temperature);
        let at = (self.place(), usize::from(self.channel));
        let mut images = self.images();
        if let Some((LayerDescription::Mixture(layer), mut body)) = model.head() {
            mixture::prepare(layer, &network, &mut body, at, temperature, &mut images);
        }
        [0; N]
    }
}

/// The last words of a state, apart from the rest.
fn split_end(state: &mut [u32], words: usize) -> (&mut [u32], &mut [u32]) {
    state.split_at_mut_checked(state.len().saturating_sub(words)).unwrap_or_default()
}

/// Each image's total of the frequencies that logits become: in place for one image, else in `apart`; of 2 levels, what value 1
/// has.
#[inline]
fn totals<const N: usize>(
    logits: &mut [[i32; N]],
    levels: u32,
    temperature: Temperature,
    apart: &mut [u32],
) -> [u32; N] {
    let levels = levels as usize;
    if levels == 2 {
        let logits = logits.first().unwrap_or(&[0; N]);
        return logits.map(|logit| Distribution::binary(logit, temperature).frequency(1));
    }
    let logits = logits.get_mut(..levels).unwrap_or_default();
    let totals = lanes::frequencies(logits, temperature);
    if N > 1 {
        for (image, places) in apart.chunks_exact_mut(levels.max(1)).enumerate() {
            for (place, frequencies) in places.iter_mut().zip(&*logits) {
                *place = frequencies.get(image).map_or(1, |&frequency| frequency as u32);
            }
        }
    }
    totals
}
