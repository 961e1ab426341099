#!/usr/bin/env bash
# Tests of the Python module, in virtual environments under target/: formatting, types, and every function beside the command line.
# --torch runs those that need torch and Dask: tests/train.sh calls it, in whose environment torch is.
set -euo pipefail
cd "$(dirname "$0")"

step() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }
fail() { echo "$*" >&2; exit 1; }

repository="$(cd ../.. && pwd)"
command -v cargo >/dev/null || fail "no cargo found: install Rust with rustup (https://rustup.rs), then run this again"
command -v python3 >/dev/null || fail "no python3 found (Debian: apt-get install python3 python3-venv)"

# Makes a virtual environment with packages, unless it is there.
environment() {
    local folder="$1" python="$2" && shift 2
    if [ "$(cat "$folder/packages" 2>/dev/null)" != "$*" ]; then
        "$python" -m venv --clear "$folder" \
            || fail "python3 cannot make a virtual environment (Debian: apt-get install python3-venv)"
        "$folder/bin/pip" install --quiet --disable-pip-version-check "$@" || fail "pip cannot install $*"
        echo "$*" > "$folder/packages"
    fi
}

# Builds the wheel as `cargo test` builds: what that made is made once.
wheel() {
    "$repository/target/python/bin/maturin" build --quiet --profile dev --target-dir "$repository/target" \
        --interpreter "$repository/target/python/bin/python" --out "$repository/target/wheels"
    "$1/bin/pip" install --quiet --disable-pip-version-check --force-reinstall --no-deps "$repository"/target/wheels/pixelrnn-*.whl
}

step "virtual environment"
environment "$repository/target/python" python3 maturin==1.16.0 mypy==2.4.1 numpy pytest ruff==0.17.6
rm -rf "$repository/target/wheels"
step "the program"
cargo build --manifest-path "$repository/Cargo.toml" -p pixelrnn-convert
export PIXELRNN="$repository/target/debug/pixelrnn"

if [ "${1:-}" = --torch ]; then
    step "virtual environment with torch"
    trainer="${VIRTUAL_ENV:-}/bin/python"
    if [ -n "${VIRTUAL_ENV:-}" ] && "$trainer" -c 'import torch' 2>/dev/null; then
        environment "$repository/target/python-torch" "$trainer" distributed numpy pytest pytest-xdist safetensors
        # The trainer's torch is seen, not copied.
        "$trainer" -c 'import os, torch; print(os.path.dirname(os.path.dirname(torch.__file__)))' \
            > "$(echo "$repository"/target/python-torch/lib/python3*/site-packages)/trainer.pth"
    else
        environment "$repository/target/python-torch" python3 distributed numpy pytest pytest-xdist safetensors torch==2.11.0
    fi
    step "wheel"
    wheel "$repository/target/python-torch"
    step "tests with torch and Dask"
    # Many start trainings one after the other: a processor each.
    OMP_NUM_THREADS=1 exec "$repository/target/python-torch/bin/pytest" --quiet --numprocesses auto tests/torch
fi

step "formatting, clippy"
"$repository/target/python/bin/ruff" format --quiet --check .
"$repository/target/python/bin/ruff" check --quiet .
cargo fmt --check
CARGO_TARGET_DIR="$repository/target" cargo clippy --quiet -- -D warnings
step "wheel"
wheel "$repository/target/python"
step "types"
# Elsewhere than beside the sources, which lack the compiled part.
(cd "$repository/target" && python/bin/python -m mypy.stubtest pixelrnn._engine)
step "tests"
"$repository/target/python/bin/pytest" --quiet --ignore tests/torch tests
