#!/usr/bin/env bash
# Fuzzes blob loading and decoding for so many seconds each (30 unless told otherwise): with cargo-fuzz where it and a
# nightly toolchain are there, else with the stable test that mutates the committed corpus.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-30}

if cargo +nightly fuzz --version >/dev/null 2>&1; then
    for target in blob decode scales; do
        mkdir -p "fuzz/work/$target"
        # New inputs go to the first folder; the committed corpus stays as it is.
        cargo +nightly fuzz run "$target" "fuzz/work/$target" "fuzz/corpus/$target" -- \
            -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 2>&1 |
            grep -vE '^#[0-9]+.*(NEW|REDUCE|RELOAD|pulse)' | tail -n 40
    done
else
    echo "no cargo-fuzz with a nightly toolchain: mutating the corpus on stable instead"
    PIXELRNN_FUZZ_SECONDS="$seconds" cargo test -p pixelrnn-tests --test fuzz -- --nocapture --test-threads=1
fi
