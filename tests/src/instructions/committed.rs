//! The committed counts, and what rose against them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Count, OTHER};
use crate::cross::workspace;

/// The committed counts.
pub fn committed_path() -> PathBuf {
    workspace().join("tests/instructions.json")
}

/// The committed counts.
///
/// # Errors
/// A file that is not there, or does not hold them.
pub fn committed() -> Result<Vec<Count>, String> {
    let path = committed_path();
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Counts as JSON, one a line.
pub fn to_json(counts: &[Count]) -> String {
    let lines: Vec<_> = counts.iter().filter_map(|count| serde_json::to_string(count).ok()).collect();
    format!("[\n  {}\n]\n", lines.join(",\n  "))
}

/// What rose by more than 2 % a multiply-add against the committed counts, one line each. Cases in only one of the two are no rise:
/// a model may be new, or another one by its old name. Neither is embedded-nn's code ours.
pub fn rises(committed: &[Count], counts: &[Count]) -> Vec<String> {
    let key = |count: &Count| (count.case.clone(), count.core.clone());
    let before: BTreeMap<_, _> = committed.iter().map(|count| (key(count), count)).collect();
    let mut lines = Vec::new();
    for new in counts.iter().filter(|count| !count.case.starts_with(OTHER)) {
        let Some(old) = before.get(&key(new)) else { continue };
        let pairs = [("instructions", old.instructions, new.instructions), ("accesses", old.accesses, new.accesses)];
        for (what, before, now) in pairs {
            if u128::from(now) * u128::from(old.multiply_adds) * 100
                > u128::from(before) * u128::from(new.multiply_adds) * 102
            {
                lines.push(format!("{} on {}: {now} {what}, {before} before", new.case, new.core));
            }
        }
    }
    lines
}
