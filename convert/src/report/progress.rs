//! Progress on a terminal.

/// A bar over `count` steps, with the time left and a message.
pub fn bar(count: usize, what: &str) -> indicatif::ProgressBar {
    let style = indicatif::ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len}, {eta} left {msg}");
    indicatif::ProgressBar::new(count as u64)
        .with_style(style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()))
        .with_prefix(what.to_owned())
}
