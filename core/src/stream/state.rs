//! Words for a stream to live in.

/// A state of a fixed number of words, for a `static` or the stack.
///
/// [`Model::state_words`](crate::Model::state_words) says how many a model needs for a width (`pixelrnn inspect` prints four times as many bytes);
/// any slice of `u32` serves as well.
///
/// ```
/// let mut state = pixelrnn::State::<1264>::new();
/// assert_eq!(state.len(), 1264); // `state` serves wherever `&mut [u32]` is asked for: `&mut state`
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State<const WORDS: usize>([u32; WORDS]);

impl<const WORDS: usize> State<WORDS> {
    /// A state to begin an image with.
    pub const fn new() -> Self {
        Self([0; WORDS])
    }
}

impl<const WORDS: usize> Default for State<WORDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const WORDS: usize> core::ops::Deref for State<WORDS> {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        &self.0
    }
}

impl<const WORDS: usize> core::ops::DerefMut for State<WORDS> {
    fn deref_mut(&mut self) -> &mut [u32] {
        &mut self.0
    }
}
