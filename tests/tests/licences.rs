//! The licences of all dependencies, of every workspace here and with every feature, held against lists of what is allowed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pixelrnn_tests::c_tools::run;
use pixelrnn_tests::cross::{clean, workspace};
use serde_json::Value;

/// What may be in a product: none of these wants more than its notice.
const ANYWHERE: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// What may be in the tests' tools besides, which nobody is handed: MPL-2.0 wants changes of its files published.
const IN_TOOLS: [&str; 2] = ["MPL-2.0", "NCSA"];

/// The packages that people are handed.
const HANDED_OUT: [&str; 4] = ["pixelrnn", "pixelrnn-capi", "pixelrnn-convert", "pixelrnn-python"];

/// Whether a licence expression is satisfied by some of the allowed.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    // Older manifests write a slash for OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any(&mut rest, allowed) == Some(true) && rest.is_empty()
}

fn any(words: &mut &[&str], allowed: &[&str]) -> Option<bool> {
    let mut good = all(words, allowed)?;
    while let [first, rest @ ..] = *words
        && *first == "OR"
    {
        *words = rest;
        good |= all(words, allowed)?;
    }
    Some(good)
}

fn all(words: &mut &[&str], allowed: &[&str]) -> Option<bool> {
    let mut good = one(words, allowed)?;
    while let [first, rest @ ..] = *words
        && *first == "AND"
    {
        *words = rest;
        good &= one(words, allowed)?;
    }
    Some(good)
}

fn one(words: &mut &[&str], allowed: &[&str]) -> Option<bool> {
    match *words {
        ["(", rest @ ..] => {
            *words = rest;
            let good = any(words, allowed)?;
            *words = words.strip_prefix(&[")"])?;
            Some(good)
        }
        [name, "WITH", exception, rest @ ..] => {
            *words = rest;
            Some(allowed.contains(&format!("{name} WITH {exception}").as_str()))
        }
        [name, rest @ ..] => {
            *words = rest;
            Some(allowed.contains(name))
        }
        [] => None,
    }
}

#[test]
fn expressions_are_read_as_they_are_meant() {
    for (expression, good) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND GPL-3.0", false),
        ("GPL-3.0 WITH Classpath-exception-2.0 OR ISC", true),
        ("GPL-3.0 WITH LLVM-exception", false),
        ("(MIT", false),
        ("MIT MIT", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression, &ANYWHERE), good, "{expression}");
    }
}

/// Manifests beside a lock file, where a workspace begins.
fn manifests(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !path.is_symlink() && name != "target" && !name.starts_with('.') {
            manifests(&path, found);
        } else if name == "Cargo.lock" {
            found.push(path.with_extension("toml"));
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Identities of what the packages that people are handed are built of: not what only builds or tests them.
fn handed_out(metadata: &Value) -> BTreeSet<&str> {
    let nodes = list(&metadata["resolve"]["nodes"]);
    let nodes: BTreeMap<&str, &Value> = nodes.iter().map(|node| (text(&node["id"]), node)).collect();
    let is_handed_out = |package: &&Value| package["source"].is_null() && HANDED_OUT.contains(&text(&package["name"]));
    let mut left: Vec<&str> =
        list(&metadata["packages"]).iter().filter(is_handed_out).map(|package| text(&package["id"])).collect();
    let mut found = BTreeSet::new();
    while let Some(id) = left.pop() {
        if !found.insert(id) {
            continue;
        }
        let is_linked = |edge: &&Value| list(&edge["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
        left.extend(list(&nodes[id]["deps"]).iter().filter(is_linked).map(|edge| text(&edge["pkg"])));
    }
    found
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    let mut found = Vec::new();
    manifests(&workspace(), &mut found);
    assert!(found.len() >= 10, "{found:?}");
    let (mut wrong, mut seen, mut products) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for manifest in &found {
        let mut command = clean("cargo");
        command.args(["metadata", "--quiet", "--format-version", "1", "--all-features", "--locked", "--manifest-path"]);
        let metadata: Value = serde_json::from_str(&run(command.arg(manifest))).unwrap();
        let linked = handed_out(&metadata);
        for package in list(&metadata["packages"]) {
            let (id, licence) = (text(&package["id"]), text(&package["license"]));
            seen.insert(id.to_owned());
            let is_product = linked.contains(id);
            if is_product {
                products.insert(id.to_owned());
            }
            let tools: &[&str] = if is_product { &[] } else { &IN_TOOLS };
            if !is_allowed(licence, &[&ANYWHERE, tools].concat()) {
                let (name, version) = (text(&package["name"]), text(&package["version"]));
                wrong.push(format!("{}: {name} {version}: {licence:?}", manifest.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "licences that are not allowed:\n{}", wrong.join("\n"));
    println!("{} packages of {} workspaces, {} of them in what is handed out", seen.len(), found.len(), products.len());
}
