//! The committed models of every kind, by the engine alone: what they take, draw and code, in every way to use them.
//!
//! The files are `tests/golden`'s of the workspace; there they are compared with what the converter and the boards make of them too.

mod bodies;
#[path = "../../../tests/src/changed.rs"]
#[allow(dead_code)]
mod changed;
mod classify;
mod codec;
#[path = "../../../tests/src/coded.rs"]
#[allow(dead_code)]
mod coded;
mod coding;
mod given;
mod headers;
mod images;
mod loading;
mod models;
mod packets;
mod parts;
mod rewritten;
mod scales;
mod sizes;
mod streams;
mod uses;
