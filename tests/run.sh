#!/usr/bin/env bash
# Every check of the project, in order; the first failure ends it. Needs a Rust toolchain with rustfmt and clippy.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

if ! command -v cargo >/dev/null; then
    echo "no cargo found: install Rust with rustup (https://rustup.rs), then run this again" >&2
    exit 1
fi

step formatting
cargo fmt --all --check
step clippy
cargo clippy --workspace --all-targets -- -D warnings
step documentation
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
step tests
cargo test --workspace
