//! What `build.rs` found.

include!(concat!(env!("OUT_DIR"), "/settings.rs"));
