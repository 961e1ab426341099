//! Quantized PixelCNN and PixelRNN models, streamed one pixel at a time.
#![no_std]
