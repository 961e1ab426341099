#!/usr/bin/env bash
# Times training steps beside plain PyTorch on two threads: bash tests/train_speed/run.sh, after
# eval "$(bash tests/train.sh --set-up)" and cargo build --release -p pixelrnn-convert --features train.
# The least of many steps is what a step takes when nothing else disturbs it.
set -euo pipefail
cd "$(dirname "$0")/../.."

steps="${STEPS:-30}"
pixelrnn="${CARGO_TARGET_DIR:-target}/release/pixelrnn"
least() { grep -o 'least [0-9.]*' | cut -d' ' -f2; }

# compare WORDS CHANNELS SIZE OPTIONS…
compare() {
    local words="$1" channels="$2" size="$3" ours
    local options=(--threads 2 "${@:4}")
    local plain=(python tests/train_speed/pytorch.py --steps "$steps" --size "$size" --channels "$channels" "${options[@]}")
    ours="$("$pixelrnn" train --benchmark "$steps" --optimizer adamw --crop "${size}x$size" --channels "$channels" "${options[@]}" | least)"
    echo "| $words | $ours | $("${plain[@]}" | least) | $("${plain[@]}" --compile | least) |"
}

echo "| network | pixelrnn | PyTorch, eager | PyTorch, compiled |"
echo "| --- | ---: | ---: | ---: |"
photographs=(--levels 256 --components 5)
compare "PixelCNN h=16, 4 blocks, head 32, mixture of 5, grey, 8 crops of 48x48" 1 48 --batch 8 --hidden 16 --blocks 4 --head 32 "${photographs[@]}"
compare "PixelCNN h=32, 8 blocks, head 96, mixture of 5, colour, 16 of 32x32" 3 32 --batch 16 --hidden 32 --blocks 8 --head 96 "${photographs[@]}"
compare "PixelCNN h=48, 8 blocks, head 96, channel groups, colour, 16 of 32x32" 3 32 --batch 16 --hidden 48 --blocks 8 --head 96 --levels 256 --components 0
digits=(--batch 64 --hidden 16 --blocks 3 --head 32 --levels 2 --components 0)
for architecture in PixelCNN Row-LSTM Diagonal-BiLSTM; do
    compare "${architecture/-/ } h=16, 3 blocks, head 32, 2 levels, 64 of 28x28" 1 28 "${digits[@]}" --architecture "${architecture,,}"
done
