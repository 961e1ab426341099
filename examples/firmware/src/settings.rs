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
    /// Coded images to decode, or nothing.
    #[allow(dead_code, reason = "only the program `code` decodes")]
    pub coded: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/settings.rs"));
