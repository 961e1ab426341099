#!/usr/bin/env bash
# Builds the page, static files only, then serve them: bash examples/web/build.sh && python3 -m http.server -d target/web
#
#   examples/web/build.sh [--out FOLDER]
#
# Needs Rust and its target wasm32-unknown-unknown, or Debian's compiler: see core/capi/build.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

out=$root/target/web
case ${1:-} in
    '') ;;
    --out) out=${2:?--out wants a folder} ;;
    *) printf 'build.sh: unknown option %s; see the head of this file\n' "$1" >&2; exit 1 ;;
esac

bash "$root/core/capi/build.sh" --target wasm32-unknown-unknown
rm -rf "$out"
mkdir -p "$out/models" "$out/golden"
cp "$root/target/capi/prefix/wasm32-unknown-unknown/lib/pixelrnn.wasm" "$out/"
chmod 644 "$out/pixelrnn.wasm"
cp "$here"/*.html "$here"/*.css "$here"/*.js "$here"/*.d.ts "$here/package.json" "$root"/LICENSE-* "$out/"
cp "$root/tests/data/kodak.png" "$out/example.png"

# Every shipped model, its card in one list, and its golden images.
separator='['
for model in "$root"/examples/models/*.prnn; do
    name=$(basename "$model" .prnn)
    cp "$model" "$out/models/"
    cp "$root/tests/golden/$name.txt" "$out/golden/"
    printf '%s{"name":"%s","card":%s}\n' "$separator" "$name" "$(cat "${model%.prnn}.card.json")"
    separator=,
done >"$out/models/index.json"
echo ']' >>"$out/models/index.json"
echo "$out: $(du -sk "$out" | cut -f1) KB, of them $(wc -c <"$out/pixelrnn.wasm") bytes of WebAssembly"
