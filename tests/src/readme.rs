//! Pages with measured tables: each table is a file in `tests/measured/`, written by the command that measured it.
//!
//! In a page a table stands between `<!-- measured: NAME -->` and `<!-- /measured -->`.

use std::path::PathBuf;

/// The pages' paths.
pub fn pages() -> [PathBuf; 6] {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    [
        "../README.md",
        "../convert/README.md",
        "measured/README.md",
        "../examples/firmware/README.md",
        "../examples/nano/README.md",
        "../examples/packages/README.md",
    ]
    .map(|page| tests.join(page))
}

/// The path of a table's file.
pub fn table_path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("measured").join(format!("{name}.md"))
}

/// A text's parts: what stands outside of tables, and the tables' names and contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text.
    Text(&'a str),
    /// A table's name, and what stands there now.
    Table(&'a str, &'a str),
}

/// Splits a page.
///
/// # Errors
/// A table without an end.
pub fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    const BEGIN: &str = "<!-- measured: ";
    const END: &str = "<!-- /measured -->";
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(" -->\n").ok_or("a table's name has no end")?;
        let (table, after) = after.split_once(END).ok_or_else(|| format!("the table {name} has no end"))?;
        parts.push(Part::Text(before));
        parts.push(Part::Table(name, table));
        rest = after;
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

/// The page with every table as its file has it.
///
/// # Errors
/// A table without a file.
pub fn filled(text: &str) -> Result<String, String> {
    let mut out = String::new();
    for part in parts(text)? {
        match part {
            Part::Text(text) => out += text,
            Part::Table(name, _) => {
                let path = table_path(name);
                let table = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                out += &format!("<!-- measured: {name} -->\n{}\n<!-- /measured -->", table.trim_end());
            }
        }
    }
    Ok(out)
}
