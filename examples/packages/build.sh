#!/usr/bin/env bash
# Makes the packages for makers' build systems, into target/packages:
#   arduino/pixelrnn: an Arduino library, to be copied into a sketchbook's `libraries` or zipped
#
#   examples/packages/build.sh [--out FOLDER] [--only PROCESSOR]...
#
# --only leaves out all processors but those named, as below. Needs Rust and the processors' targets, or Debian's compiler: see
# core/capi/build.sh. The models in the sketches are written by the program `pixelrnn`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
fail() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

# Folders as Arduino looks for them: a board's processor and, where its core names them, its floating-point unit and ABI. A folder
# without these serves the others: arguments are passed in integer registers, which is what soft and softfp agree on.
archives=(
    "cortex-m0plus              thumbv6m-none-eabi"
    "cortex-m3                  thumbv7m-none-eabi"
    "cortex-m4                  thumbv7em-none-eabi"
    "cortex-m4/fpv4-sp-d16-hard thumbv7em-none-eabihf"
    "cortex-m7                  thumbv7em-none-eabi"
    "cortex-m7/fpv5-d16-hard    thumbv7em-none-eabihf"
    "cortex-m33                 thumbv8m.main-none-eabi"
    "cortex-m33/fpv5-sp-d16-hard thumbv8m.main-none-eabihf"
    "esp32c3                    riscv32imc-unknown-none-elf"
)

out=$root/target/packages only=()
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail "$1 wants a value"
    case $1 in
        --out) out=$2 ;;
        --only) only+=("$2") ;;
        *) fail "unknown option $1; see the head of this file" ;;
    esac
    shift 2
done

wanted() { # whether a folder is to be made
    local name
    [ ${#only[@]} -gt 0 ] || return 0
    for name in "${only[@]}"; do [ "$name" != "$1" ] || return 0; done
    return 1
}

embed() { # a shipped model as a sketch's header
    cargo run --quiet --manifest-path "$root/Cargo.toml" --package pixelrnn-convert -- \
        embed "$root/examples/models/$1.prnn" --name model -o "$2/model.h"
}

library=$out/arduino/pixelrnn
rm -rf "$library"
mkdir -p "$library/src"
version=$(sed -nE '/^\[workspace.package\]/,/^\[/s/^version = "(.*)"/\1/p' "$root/Cargo.toml")
sed "s/@VERSION@/$version/" "$here/arduino/library.properties" >"$library/library.properties"
cp -r "$here/arduino/examples" "$library/"
cp "$root"/LICENSE-* "$library/"
cp "$root/core/capi/include/pixelrnn.h" "$library/src/"
embed mnist-micro "$library/examples/DrawDigits"
embed digits8-classes "$library/examples/TellDigits"

made=0 built=
for archive in "${archives[@]}"; do
    read -r folder target <<<"$archive"
    wanted "$folder" || continue
    prefix=$out/archives/$target
    # Two processors may run the same code.
    case " $built " in *" $target "*) ;; *) bash "$root/core/capi/build.sh" --target "$target" --out "$prefix" ;; esac
    built+=" $target"
    mkdir -p "$library/src/$folder"
    cp "$prefix/lib/libpixelrnn.a" "$library/src/$folder/"
    made=$((made + 1))
done
[ "$made" -gt 0 ] || fail "no such processor: ${only[*]}"
echo "$library: for $made processors"
