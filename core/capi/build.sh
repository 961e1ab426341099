#!/usr/bin/env bash
# Builds the C library for one target, and lays it out as an installed prefix:
#   PREFIX/include/pixelrnn.h, PREFIX/lib/libpixelrnn.a (and .so for a Linux), PREFIX/lib/pkgconfig, PREFIX/lib/cmake
# The archive holds one object whose only global symbols are the header's functions; it needs nothing from outside.
#
# For wasm32-unknown-unknown a module instead, with the header's functions as its exports: PREFIX/lib/pixelrnn.wasm
#
#   core/capi/build.sh [--target TARGET] [--out PREFIX] [--target-dir DIR] [--parts PARTS]
#
# PARTS are the kinds of models that the library knows, of pixelcnn, row-lstm, diagonal-bilstm, softmax, mixture and scales, and what
# they have, of dilation (blocks that read further), channels (more than one), levels (of a softmax, more than two), classes and nibbles
# (weights of 4 bits), separated by commas;
# without it all.
# TARGET is a name that rustc knows (thumbv7em-none-eabihf, …); the workstation's own without it. The standard library
# for it comes from `rustup target add TARGET`, or else is built from Debian's rust-src (RUSTC_BOOTSTRAP, build-std).
# Optimize for size instead of speed: CARGO_PROFILE_CAPI_OPT_LEVEL=s. Tools by other names: LD, OBJCOPY, AR, CC.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

fail() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }
first() { # the first of some commands that exists
    local name
    for name in "$@"; do
        if command -v "$name" >/dev/null 2>&1; then printf '%s' "$name"; return; fi
    done
    return 1
}

target= out= target_dir=$root/target/capi parts=every-model
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail "$1 wants a value"
    case $1 in
        --target) target=$2 ;;
        --out) out=$2 ;;
        --target-dir) target_dir=$2 ;;
        --parts) parts=$2 ;;
        *) fail "unknown option $1; see the head of this file" ;;
    esac
    shift 2
done

first cargo >/dev/null || fail "no cargo: install Rust with rustup, or apt-get install cargo-web rustc-web rust-web-src"
host=$(rustc -vV | sed -n 's/^host: //p')
target=${target:-$host}
out=${out:-$target_dir/prefix/$target}
case $target in
    "$host") parts+=,std; prefix= ;;
    *-linux-*) parts+=,std; prefix=${target%%-*}-linux-gnu- ;;
    thumb* | arm*) prefix=arm-none-eabi- ;;
    riscv*) prefix=riscv64-unknown-elf- ;;
    *-none* | wasm32-unknown-unknown) prefix= ;;
    *) fail "$target has no ELF objects; this script makes ELF archives, and modules of WebAssembly" ;;
esac
features=(--no-default-features --features "$parts")

# --- The toolchain: who has the target's standard library, or its source.
has_std() { [ -d "$("$1" --print sysroot)/lib/rustlib/$target/lib" ]; }
has_source() { [ -d "$("$1" --print sysroot)/lib/rustlib/src/rust/library/core" ]; }
build_std=() rustc=rustc cargo=cargo
if has_std rustc; then :
elif [ -x /usr/bin/rustc ] && has_std /usr/bin/rustc; then rustc=/usr/bin/rustc cargo=/usr/bin/cargo
elif [ -x /usr/bin/rustc ] && has_source /usr/bin/rustc; then
    rustc=/usr/bin/rustc cargo=/usr/bin/cargo build_std=(-Zbuild-std=core)
elif has_source rustc; then build_std=(-Zbuild-std=core)
else
    fail "no standard library for $target: rustup target add $target, or" \
        "apt-get install --no-install-recommends rustc-web cargo-web rust-web-src lld llvm"
fi
[ ${#build_std[@]} -eq 0 ] || export RUSTC_BOOTSTRAP=1
sysroot=$("$rustc" --print sysroot)
bin=$sysroot/lib/rustlib/$host/bin
# Files are written beside their places, then renamed.
install_file() { mkdir -p "$(dirname "$2")"; cp "$1" "$2.part"; mv "$2.part" "$2"; }

# --- A module of WebAssembly. Its memory behind __heap_base is the caller's, and so is its table of functions.
if [ "$target" = wasm32-unknown-unknown ]; then
    flags="-Ctarget-feature=+simd128 -Clink-arg=--export=__heap_base -Clink-arg=--export-table -Clink-arg=--growable-table -Clink-arg=--strip-all"
    linker=$(first "$bin/rust-lld" wasm-ld) || fail "no linker: apt-get install lld"
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$linker CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$flags -Clink-arg=-zstack-size=65536" \
        RUSTC=$rustc "$cargo" rustc --manifest-path "$root/Cargo.toml" --package pixelrnn-capi --profile capi --locked \
        --crate-type cdylib --target "$target" --target-dir "$target_dir" "${features[@]}" "${build_std[@]}"
    install_file "$target_dir/$target/capi/pixelrnn_capi.wasm" "$out/lib/pixelrnn.wasm"
    echo "$out/lib/pixelrnn.wasm: $(wc -c <"$out/lib/pixelrnn.wasm") bytes"
    exit
fi

# GNU tools for the target if they are there, else LLVM's, of which Rust brings the first two along.
ld=${LD:-$(first "${prefix}ld" "$bin/rust-lld" ld.lld)} || fail "no linker: apt-get install lld"
objcopy=${OBJCOPY:-$(first "${prefix}objcopy" llvm-objcopy "$bin/rust-objcopy")} || fail "no objcopy: apt-get install llvm"
ar=${AR:-$(first "${prefix}ar" llvm-ar)} || fail "no ar: apt-get install llvm"
relocatable=("$ld")
case $ld in *rust-lld) relocatable+=(-flavor gnu) ;; esac
# GNU's linker for RISC-V takes 64 bits for granted.
case $target in riscv32*) relocatable+=(-m elf32lriscv) ;; esac
strip=("$objcopy")
case $objcopy in *rust-objcopy) strip=(env "LD_LIBRARY_PATH=$(dirname "$objcopy")/../../.." "$objcopy") ;; esac

# --- The archive, as Rust makes it.
RUSTC=$rustc "$cargo" build --manifest-path "$root/Cargo.toml" --package pixelrnn-capi --profile capi --locked \
    --target "$target" --target-dir "$target_dir" "${features[@]}" "${build_std[@]}"
raw=$target_dir/$target/capi/libpixelrnn_capi.a

# --- One object of what the header's functions reach, and nothing else visible.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed -nE 's/^[a-z].*[ *](pixelrnn_[a-z0-9_]+)\(.*$/\1/p' \
    "$here/include/pixelrnn.h" >"$work/symbols"
[ -s "$work/symbols" ] || fail "include/pixelrnn.h names no functions"
roots=()
while read -r symbol; do roots+=(-u "$symbol"); done <"$work/symbols"
"${relocatable[@]}" -r --gc-sections "${roots[@]}" -o "$work/all.o" --whole-archive "$raw"
"${strip[@]}" --remove-section .llvmbc --remove-section .llvmcmd --strip-unneeded \
    --keep-global-symbols="$work/symbols" "$work/all.o" "$work/pixelrnn.o"
(cd "$work" && "$ar" rcsD libpixelrnn.a pixelrnn.o)

# --- The prefix.
version=$(sed -nE '/^\[workspace.package\]/,/^\[/s/^version = "(.*)"/\1/p' "$root/Cargo.toml")
filled() { sed "s/@VERSION@/$version/" "$here/$1" >"$work/filled"; install_file "$work/filled" "$out/$2"; }
install_file "$work/libpixelrnn.a" "$out/lib/libpixelrnn.a"
install_file "$here/include/pixelrnn.h" "$out/include/pixelrnn.h"
filled pixelrnn.pc.in lib/pkgconfig/pixelrnn.pc
filled cmake/pixelrnnConfig.cmake lib/cmake/pixelrnn/pixelrnnConfig.cmake
filled cmake/pixelrnnConfigVersion.cmake lib/cmake/pixelrnn/pixelrnnConfigVersion.cmake
case $target in
    "$host")
        major=${version%%.*}
        cc=${CC:-$(first cc gcc clang)} || fail "no C compiler: apt-get install gcc"
        "$cc" -shared -Wl,-soname,"libpixelrnn.so.$major" -Wl,-z,defs -o "$work/libpixelrnn.so" "$work/pixelrnn.o"
        install_file "$work/libpixelrnn.so" "$out/lib/libpixelrnn.so.$version"
        ln -sf "libpixelrnn.so.$version" "$out/lib/libpixelrnn.so.$major"
        ln -sf "libpixelrnn.so.$major" "$out/lib/libpixelrnn.so"
        ;;
esac
printf '%s: %s bytes' "$out/lib/libpixelrnn.a" "$(wc -c <"$out/lib/libpixelrnn.a")"
if size=$(first "${prefix}size" llvm-size); then
    "$size" "$work/pixelrnn.o" | awk 'NR == 2 { printf ", of them %d of code and constants, %d of data", $1, $2 + $3 }'
fi
echo
