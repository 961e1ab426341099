//! The shipped models and their cards.

use std::path::PathBuf;

use pixelrnn_convert::commands::card::Card;

/// Where shipped models lie.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/models")
}

/// The shipped models' paths, in order of their names.
pub fn models() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).expect("examples/models is part of the repository");
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "prnn"));
    paths.sort();
    paths
}

/// A model's card.
///
/// # Errors
/// A card that is not there, or is none.
pub fn card(model: &std::path::Path) -> Result<Card, String> {
    let path = model.with_extension("card.json");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The table of all models, from their cards.
///
/// # Errors
/// A card that is not there, or is none.
pub fn table() -> Result<String, String> {
    let mut table = String::from(
        "| model | architecture | blocks, h | nats, integers | nats, floats | bits a dimension | flash, bytes | state, bytes (width) | multiply-adds a pixel |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for model in models() {
        let card = card(&model)?;
        let name = model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // Images of several sizes have no nats in common.
        let one_size = card.likelihood.width.is_some();
        let nats =
            |nats: Option<f64>| nats.filter(|_| one_size).map_or_else(|| "-".into(), |nats| format!("{nats:.2}"));
        table += &format!(
            "| [{name}](examples/models/{name}.md) | {} | {} | {} | {} | {:.4} | {} | {} ({}) | {} |\n",
            card.sizes.architecture,
            card.sizes.blocks_text(),
            nats(Some(card.likelihood.integer_nats_per_image)),
            nats(card.likelihood.float_nats_per_image),
            card.likelihood.integer_bits_per_dim,
            card.sizes.blob_bytes,
            card.sizes.state_bytes,
            card.sizes.width,
            card.sizes.macs_per_pixel,
        );
    }
    Ok(table)
}
