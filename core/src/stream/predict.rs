//! From the layers' features to distributions: the head's part of [`Streams::predict`].

use super::distributions::Kind;
use super::streams::{Known, Streams};
use crate::blob::LayerDescription;
use crate::distribution::Distribution;
use crate::kernels::lanes;
use crate::kernels::mixture::Component;
use crate::layers::{Carver, Work, mixture, outputs};
use crate::temperature::Temperature;

impl<const N: usize> Streams<'_, N> {
    /// The distributions that lie in the state.
    pub(super) fn kind(&mut self, totals: [u32; N]) -> Kind<'_, N> {
        let is_mixture = self.model.is_mixture();
        if self.levels() == 2 && !is_mixture {
            return Kind::Binary(totals);
        }
        let frequency_words = Self::frequency_words(self.model);
        let (state, apart) = split_end(self.state, N * frequency_words);
        let work = Work::<N>::carve(Carver::<N>::new(state).words(self.work.words()), &self.work);
        match (is_mixture, N) {
            (true, _) => Kind::Mixture(Component::of_words(work.components)),
            (false, 1) => Kind::Levels(totals, bytemuck::try_cast_slice(work.logits).unwrap_or_default()),
            (false, _) => Kind::Levels(totals, apart),
        }
    }

    /// Runs the head on the group at hand, and turns its logits into frequencies.
    pub(super) fn predict_softmax(&mut self) -> [u32; N] {
        self.run_head();
        let levels = self.levels();
        let (state, apart) = split_end(self.state, N * Self::frequency_words(self.model));
        let work = Work::<N>::carve(Carver::<N>::new(state).words(self.work.words()), &self.work);
        totals(work.logits, levels, self.temperature, apart)
    }

    /// Runs the head unless an earlier channel did, and prepares the channel's components.
    pub(super) fn predict_mixture(&mut self) -> [u32; N] {
        if self.known != Known::Outputs {
            self.run_head();
        }
        let (model, temperature, at) = (self.model, self.temperature, (self.place(), usize::from(self.channel)));
        let mut images = self.images();
        if let Some((shape, mut body)) = model.bodies().last()
            && let LayerDescription::Mixture(layer) = &shape.layer
        {
            mixture::prepare(layer, &shape.network, &mut body, at, temperature, &mut images);
        }
        [0; N]
    }

    fn run_head(&mut self) {
        let (model, place) = (self.model, self.place());
        let groups = model.dimensions().groups;
        let mut images = self.images();
        let mut bodies = model.bodies();
        let last = model.layers().len().saturating_sub(1);
        if groups > 1 {
            for shape in model.shapes().take(last) {
                images.states.words(shape.state_words(place.width));
            }
        }
        if let Some((shape, body)) = bodies.nth(last) {
            outputs(&shape, body, place, &mut images);
        }
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
