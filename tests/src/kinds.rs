//! A model of every kind: what a change to one kind must not do to another is checked on all of them.

use pixelrnn::Architecture;

use crate::random::Recipe;

/// The kinds of values and heads of an architecture: a name, and a recipe like `base` but for it.
///
/// A softmax of two levels and of more, channel groups (three times as wide as `base`), mixtures in colour and of 16 bits, classes.
pub fn of_architecture(base: Recipe) -> [(&'static str, Recipe); 7] {
    let softmax = |levels| Recipe { levels, channels: 1, components: 0, ..base };
    let groups = Recipe { channels: 3, hidden: 3 * base.hidden, maps: 3 * base.maps, ..softmax(256) };
    let mixture = |levels, channels| Recipe { levels, channels, components: 3, ..base };
    [
        ("2", softmax(2)),
        ("17", Recipe { skip: true, ..softmax(17) }),
        ("256", softmax(256)),
        ("groups-3", groups),
        ("mixture-256x3", mixture(256, 3)),
        ("mixture-65536", mixture(65_536, 1)),
        ("classes-3", Recipe { classes: 3, ..softmax(2) }),
    ]
}

/// Every kind of every architecture, small: one block of four features (twelve of channel groups); and dilated blocks.
pub fn small() -> Vec<(String, Recipe)> {
    let base = |architecture| Recipe { hidden: 4, maps: 4, blocks: 1, ..Recipe::small(architecture) };
    let named = |architecture: Architecture| {
        let kinds = of_architecture(base(architecture));
        kinds.map(|(name, recipe)| (format!("{}-{name}", architecture.name()), recipe))
    };
    let dilated = Recipe { dilation: 2, ..base(Architecture::PixelCnn) };
    Architecture::ALL.into_iter().flat_map(named).chain([("pixelcnn-dilated".into(), dilated)]).collect()
}

/// Of every architecture a network that is given an image two times smaller, of the levels of [`small`]'s "17"; and one that is given an
/// image four times smaller and a class, of colour under a mixture.
pub fn scales() -> Vec<(String, Recipe)> {
    let base = |architecture| Recipe { hidden: 4, maps: 4, blocks: 1, ..Recipe::small(architecture) };
    let named = |architecture: Architecture| {
        let colour = Recipe { levels: 256, channels: 3, components: 3, classes: 3, factor: 4, ..base(architecture) };
        let kinds =
            [("scale-2", Recipe { levels: 17, factor: 2, ..base(architecture) }), ("scale-4-classes-3", colour)];
        kinds.map(|(name, recipe)| (format!("{}-{name}", architecture.name()), recipe))
    };
    Architecture::ALL.into_iter().flat_map(named).collect()
}
