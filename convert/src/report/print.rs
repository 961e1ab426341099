//! Printing that a closed pipe may end.

use std::io::{ErrorKind, Write};

/// Prints text as it is. Whoever reads may have seen enough (`| head`): that is no error.
///
/// # Errors
/// What the operating system says, but for a closed pipe.
pub fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
