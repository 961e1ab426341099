//! The C library of [`pixelrnn`].
