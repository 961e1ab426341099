#!/usr/bin/env bash
# The makers' own tools on their packages, in a virtual environment under target/: compote for ESP-IDF's component, PlatformIO packing
# and building its library, west and kconfiglib for Zephyr's module. That the examples draw what they should is for the test `packages`.
set -euo pipefail
cd "$(dirname "$0")"

step() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }
fail() { echo "check.sh: $*" >&2; exit 1; }

repository="$(cd ../.. && pwd)"
packages="$repository/target/packages" work="$repository/target/packages-check"
tools=(idf-component-manager==3.1.2 kconfiglib==14.1.0 platformio==6.2.0 ruff==0.17.6 scons==4.11.1 west==1.5.0)
command -v python3 >/dev/null || fail "no python3 found (Debian: apt-get install python3 python3-venv)"
command -v git >/dev/null || fail "no git found (Debian: apt-get install git)"

step "virtual environment"
if [ "$(cat "$work/python/packages" 2>/dev/null)" != "${tools[*]}" ]; then
    python3 -m venv --clear "$work/python" \
        || fail "python3 cannot make a virtual environment (Debian: apt-get install python3-venv)"
    "$work/python/bin/pip" install --quiet --disable-pip-version-check "${tools[@]}" || fail "pip cannot install ${tools[*]}"
    echo "${tools[*]}" >"$work/python/packages"
fi
python="$work/python/bin/python"

step "formatting"
python_files=(. "$repository/examples/packages")
"$work/python/bin/ruff" format --quiet --check --config "$repository/convert/python/pyproject.toml" "${python_files[@]}"
"$work/python/bin/ruff" check --quiet --extend-ignore D1 --config "$repository/convert/python/pyproject.toml" "${python_files[@]}"

step "packages"
bash "$repository/examples/packages/build.sh" --out "$packages" >"$work/build.log" 2>&1 || fail "$(cat "$work/build.log")"

step "ESP-IDF: compote"
# Nothing is fetched, and settings of whoever runs this are not read.
export IDF_TOOLS_PATH="$work/idf" IDF_COMPONENT_CHECK_NEW_VERSION=0
compote="$work/python/bin/compote"
"$compote" manifest lint "$packages/esp-idf/pixelrnn"
rm -rf "$work/dist"
(cd "$packages/esp-idf/pixelrnn" && "$compote" --warnings-as-errors component pack --name pixelrnn --dest-dir "$work/dist")
packed="$(tar -tzf "$work"/dist/pixelrnn_*[0-9].tgz)"
for file in idf_component.yml CMakeLists.txt include/pixelrnn.h lib/libpixelrnn.a examples/draw_digits/main/model.h; do
    grep -qx "./$file" <<<"$packed" || fail "the component's archive lacks $file"
done

step "PlatformIO: pio pkg pack"
export PLATFORMIO_CORE_DIR="$work/platformio"
"$python" pack.py pkg pack --output "$work/dist/platformio.tar.gz" "$packages/platformio/pixelrnn"
packed="$(tar -tzf "$work/dist/platformio.tar.gz")"
for file in library.json archive.py include/pixelrnn.h examples/DrawDigits/platformio.ini examples/DrawDigits/src/model.h \
    archives/thumbv7em-none-eabihf/libpixelrnn.a; do
    grep -qx "$file" <<<"$packed" || fail "the library's archive lacks $file"
done

step "PlatformIO: pio run"
"$python" platformio/boards.py "$packages/platformio/pixelrnn" "$work/pio"

step "Zephyr: west, kconfiglib"
"$python" module.py "$packages/zephyr/pixelrnn" "$work/west"

step "packages are whole"
