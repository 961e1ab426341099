//! Bytes where the engine asks for them.

/// Bytes at an address that is a multiple of 4.
pub(crate) struct Aligned {
    bytes: Vec<u8>,
    start: usize,
    length: usize,
}

impl Aligned {
    /// Copies bytes to where they are aligned.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut copy = vec![0; bytes.len() + 4];
        let start = copy.as_ptr().align_offset(4);
        copy[start..start + bytes.len()].copy_from_slice(bytes);
        Self { bytes: copy, start, length: bytes.len() }
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..self.start + self.length]
    }
}
