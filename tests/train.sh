#!/usr/bin/env bash
# Checks of the trainer (feature `train`), which needs libtorch 2.11: clippy, documentation, tests.
# libtorch comes from $LIBTORCH, or from the virtual environment that is active if it has torch, or from one that is
# made under target/ (some minutes and 5 GB for pip's torch 2.11.0). --set-up ends there, and prints
# what a shell needs to build and run the trainer: eval "$(bash tests/train.sh --set-up)".
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s (%s s)\n' "$*" "$SECONDS" >&2; }
fail() { echo "$*" >&2; exit 1; }

command -v cargo >/dev/null || fail "no cargo found: install Rust with rustup (https://rustup.rs), then run this again"
command -v c++ >/dev/null || fail "no C++ compiler found: install one (Debian: apt-get install g++), then run this again"

torch_of() { "$1" -c 'import os, torch; assert torch.__version__.startswith("2.11."), torch.__version__; print(os.path.dirname(torch.__file__))'; }

if [ -n "${LIBTORCH:-}" ]; then
    [ -d "$LIBTORCH/lib" ] || fail "LIBTORCH is $LIBTORCH, which has no lib folder"
    libraries="$LIBTORCH/lib"
else
    environment="${VIRTUAL_ENV:-}"
    if [ -z "$environment" ] || ! torch_of "$environment/bin/python" >/dev/null 2>&1; then
        environment="$PWD/target/torch"
        if ! torch_of "$environment/bin/python" >/dev/null 2>&1; then
            step "a virtual environment with torch 2.11.0 under target/torch"
            python3 -m venv "$environment" \
                || fail "python3 cannot make a virtual environment (Debian: apt-get install python3-venv)"
            "$environment/bin/pip" install --quiet --disable-pip-version-check torch==2.11.0 setuptools \
                || fail "pip cannot install torch==2.11.0"
        fi
    fi
    libraries="$(torch_of "$environment/bin/python")/lib"
    export PATH="$environment/bin:$PATH" VIRTUAL_ENV="$environment" LIBTORCH_USE_PYTORCH=1
fi
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"

if [ "${1:-}" = --set-up ]; then
    for name in PATH VIRTUAL_ENV LIBTORCH LIBTORCH_USE_PYTORCH LD_LIBRARY_PATH; do
        [ -z "${!name:-}" ] || printf 'export %s=%q\n' "$name" "${!name}"
    done
    exit
fi

step "clippy with the trainer"
cargo clippy -p pixelrnn-convert --features train --all-targets -- -D warnings
step "clippy with the classifier to compare with"
cargo clippy -p pixelrnn-tests --features classifier --lib --bins -- -D warnings
step "documentation with the trainer"
RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc -p pixelrnn-convert --features train --no-deps
step "tests of the trainer"
# The other commands' tests are tests/run.sh's, whose program starts without libtorch.
cargo test -p pixelrnn-convert --features train --lib --test train --test guide
step "Python with torch and Dask"
bash convert/python/test.sh --torch
