#!/usr/bin/env bash
# Do the tests bite? Changes the engine in hundreds of small ways, one after the other, and runs the tests on each: `cargo mutants`
# over core/src without the kernels (each of which the tests compare with the plain ones). Not in CI: it takes hours.
#
#   bash tests/mutants.sh [FILE...]     some files of core/src, or all: by the engine's own tests, seconds a mutant
#   bash tests/mutants.sh survivors     what those did not catch, by the host tests of the workspace, a minute or two a mutant
#
# It works in place: commit first, and change nothing meanwhile. Results are in target/mutants/mutants.out: missed.txt lists the
# survivors, caught.txt the others; unviable ones do not compile. `tests/mutants.md` says why those that are left are harmless.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! cargo mutants --version >/dev/null 2>&1; then
    echo "no cargo-mutants found: cargo install cargo-mutants --locked" >&2
    exit 1
fi
if ! git diff --quiet -- core; then
    echo "core has changes: commit them first, mutants are made in place" >&2
    exit 1
fi

options=(
    --in-place --package pixelrnn --features std,embedded-graphics --profile mutants --output target/mutants
    --exclude 'core/src/kernels/**' --exclude '**/*_tests.rs'
    # What debuggers show decides nothing.
    --exclude-re 'impl .*Debug for'
    # Features are all on.
    --exclude-re 'guard cfg!.* with true' --exclude-re 'is_built -> bool with true'
    --colors never --no-shuffle --minimum-test-timeout 60
)
mkdir -p target/mutants
own=(--lib --test committed --test messages)
host=(--test stream --test blob --test codec --test complete --test score --test shipped --test golden)

if [ "${1:-}" = survivors ]; then
    # --iterate leaves out what was caught before.
    exec cargo mutants "${options[@]}" --iterate --test-package pixelrnn-tests -- "${host[@]}"
fi
files=()
for file in "$@"; do files+=(--file "core/src/$file"); done
exec cargo mutants "${options[@]}" --iterate "${files[@]}" -- "${own[@]}"
