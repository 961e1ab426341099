//! What the checks share: random models, and networks computed the plain way.

pub mod boards;
pub mod browser;
pub mod c_header;
pub mod c_tools;
pub mod cards;
pub mod coded;
pub mod cross;
pub mod defmt_log;
pub mod front;
pub mod full_image;
pub mod fuzz;
pub mod golden;
pub mod golden_scales;
pub mod image_size;
pub mod images;
pub mod instructions;
pub mod kinds;
pub mod models;
pub mod random;
pub mod random_float;
pub mod readme;
pub mod sets;
pub mod tables;
