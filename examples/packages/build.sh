#!/usr/bin/env bash
# Makes the packages for makers' build systems, into target/packages:
#   arduino/pixelrnn: an Arduino library, to be copied into a sketchbook's `libraries` or zipped
#   platformio/pixelrnn: a PlatformIO library, whose script chooses the archive
#   esp-idf/pixelrnn: an ESP-IDF component
#   zephyr/pixelrnn: a Zephyr module
#   archives/TARGET: what they have in common
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

version=$(sed -nE '/^\[workspace.package\]/,/^\[/s/^version = "(.*)"/\1/p' "$root/Cargo.toml")

begin() { # a package: what every one has, and its own files, with the version in that of its name
    local package=$out/$1/pixelrnn
    rm -rf "$package"
    mkdir -p "$package/$3"
    cp -r "$here/$1/." "$package/"
    sed "s/@VERSION@/$version/" "$here/$1/$2" >"$package/$2"
    cp "$root"/LICENSE-* "$package/"
    cp "$root/core/capi/include/pixelrnn.h" "$package/$3/"
}

begin arduino library.properties src
embed mnist-micro "$out/arduino/pixelrnn/examples/DrawDigits"
embed digits8-classes "$out/arduino/pixelrnn/examples/TellDigits"
sketch=$out/arduino/pixelrnn/examples/DrawDigits

begin platformio library.json include
mkdir "$out/platformio/pixelrnn/examples/DrawDigits/src"
cp "$sketch"/* "$out/platformio/pixelrnn/examples/DrawDigits/src/"

begin esp-idf idf_component.yml include
cp "$here"/c/* "$sketch/model.h" "$out/esp-idf/pixelrnn/examples/draw_digits/main/"

begin zephyr zephyr/module.yml include
cp "$here"/c/* "$sketch/model.h" "$out/zephyr/pixelrnn/samples/draw_digits/src/"

made=0 built=
for archive in "${archives[@]}"; do
    read -r folder target <<<"$archive"
    wanted "$folder" || continue
    made=$((made + 1))
    file=$out/archives/$target/lib/libpixelrnn.a
    # Two processors may run the same code.
    case " $built " in
        *" $target "*) ;;
        *)
            bash "$root/core/capi/build.sh" --target "$target" --out "$out/archives/$target"
            install -D -m 644 "$file" "$out/platformio/pixelrnn/archives/$target/libpixelrnn.a"
            install -D -m 644 "$file" "$out/zephyr/pixelrnn/lib/$target/libpixelrnn.a"
            ;;
    esac
    built+=" $target"
    install -D -m 644 "$file" "$out/arduino/pixelrnn/src/$folder/libpixelrnn.a"
    [ "$folder" != esp32c3 ] || install -D -m 644 "$file" "$out/esp-idf/pixelrnn/lib/libpixelrnn.a"
done
[ "$made" -gt 0 ] || fail "no such processor: ${only[*]}"
echo "$out: arduino, platformio, esp-idf, zephyr, for $made processors"
