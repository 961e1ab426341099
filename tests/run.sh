#!/usr/bin/env bash
# Every check of the project, in order; the first failure ends it.
#
# Needs Rust with rustfmt and clippy, and what `.ci/run` installs. A tool that is missing fails the test that needs it,
# with a message that says what to install: nothing is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }

if ! command -v cargo >/dev/null; then
    echo "no cargo found: install Rust with rustup (https://rustup.rs), then run this again" >&2
    exit 1
fi

step formatting
cargo fmt --all --check
# Workspaces of their own; convert/python/test.sh checks its own.
for manifest in examples/firmware/Cargo.toml examples/nano/Cargo.toml examples/boards/*/Cargo.toml tests/instructions/Cargo.toml tests/processors/Cargo.toml tests/fuzz/Cargo.toml; do
    cargo fmt --manifest-path "$manifest" --check
done

step clippy
cargo clippy --workspace --all-targets -- -D warnings
for features in std,embedded-graphics defmt; do
    cargo clippy -p pixelrnn --all-targets --features "$features" -- -D warnings
done
# Firmware of one kind of model.
for parts in "" pixelcnn,mixture dilation,mixture row-lstm,softmax small,row-lstm,softmax diagonal-bilstm,softmax,levels,channels,classes,scales; do
    cargo clippy -p pixelrnn --no-default-features --features "$parts" -- -D warnings
done

step documentation
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
RUSTDOCFLAGS="-D warnings" cargo doc -p pixelrnn --no-deps --features std,defmt,embedded-graphics

step core with the fewest bytes of code, and with embedded-graphics
# Golden images and all, by other kernels and tables.
cargo test -p pixelrnn --features small,embedded-graphics
cargo test -p pixelrnn --doc --features std,defmt,embedded-graphics

step crates as they would be published
# Built from what would be uploaded, one given the other. `cargo publish --dry-run` would ask the registry besides.
# What an earlier run packaged is of the same version: cargo would build its sources, which it keeps.
rm -rf "${CARGO_HOME:-$HOME/.cargo}"/registry/{src,cache}/-*/pixelrnn-*
# Of the repository's profile so much as lets cargo build the crates of others once.
CARGO_PROFILE_DEV_DEBUG=line-tables-only cargo package -p pixelrnn -p pixelrnn-convert --allow-dirty --offline

# Firmware on every board in QEMU, C programs and targets are among these: tests/tests.
step tests
# Programs are not built for tests: `test = false` in their manifests.
if grep -rn '#\[test\]' tests/src/bin convert/src/main.rs; then
    echo "this test would not be run: a program's parts and their tests are its library's" >&2
    exit 1
fi
cargo test --workspace

step "packages for makers' build systems"
bash tests/packages/check.sh

step the Python module
bash convert/python/test.sh

step "fuzzing, ${FUZZ_SECONDS:=20} seconds a target"
bash tests/fuzz.sh "$FUZZ_SECONDS"

step done
