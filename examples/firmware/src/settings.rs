//! What `build.rs` fixed.

/// A model, and the size of its images.
pub struct Job {
    /// The model's name.
    pub name: &'static str,
    /// Its blob.
    pub model: &'static [u8],
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

include!(concat!(env!("OUT_DIR"), "/settings.rs"));
