#!/usr/bin/env bash
# Times training steps beside plain PyTorch on one thread: bash tests/train_speed/run.sh, after
# eval "$(bash tests/train.sh --set-up)" and cargo build --release -p pixelrnn-convert --features train.
# The least of many steps is what a step takes when nothing else disturbs it.
set -euo pipefail
cd "$(dirname "$0")/../.."

steps="${STEPS:-30}"
pixelrnn="${CARGO_TARGET_DIR:-target}/release/pixelrnn"
least() { grep -o 'least [0-9.]*' | cut -d' ' -f2; }

# compare WORDS CHANNELS SIZE BATCH HIDDEN BLOCKS HEAD COMPONENTS
compare() {
    local words="$1" channels="$2" size="$3" batch="$4" hidden="$5" blocks="$6" head="$7" components="$8"
    local shape=(--hidden "$hidden" --blocks "$blocks" --head "$head" --components "$components" --batch "$batch" --levels 256)
    local ours plain
    ours="$("$pixelrnn" train --benchmark "$steps" --threads 1 --optimizer adamw "${shape[@]}" \
        --crop "${size}x$size" --channels "$channels" | least)"
    plain="$(python tests/train_speed/pytorch.py --steps "$steps" --threads 1 "${shape[@]}" \
        --size "$size" --channels "$channels" | least)"
    echo "| $words | $ours | $plain |"
}

echo "| network | pixelrnn | PyTorch, eager |"
echo "| --- | --- | --- |"
compare "PixelCNN h=16, 4 blocks, head 32, mixture of 5, grey, 8 crops of 48x48" 1 48 8 16 4 32 5
compare "PixelCNN h=32, 8 blocks, head 96, mixture of 5, colour, 16 of 32x32" 3 32 16 32 8 96 5
compare "PixelCNN h=48, 8 blocks, head 96, channel groups, colour, 16 of 32x32" 3 32 16 48 8 96 0
