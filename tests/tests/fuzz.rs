//! The fuzz targets without a fuzzer: over the committed corpus, and over mutations of it.
//!
//! `PIXELRNN_FUZZ_SECONDS` mutates for so long rather than a fixed number of times. `bash tests/fuzz.sh` runs the fuzzer itself.

use std::path::Path;
use std::time::{Duration, Instant};

use pixelrnn_tests::fuzz::{blob, decode, scales};
use pixelrnn_tests::random::Numbers;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| {
        panic!("{}: {error}; `cargo run -p pixelrnn-tests --bin fuzz-corpus` writes it", folder.display())
    });
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no corpus in {}", folder.display());
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn mutated(corpus: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = corpus[numbers.below(corpus.len() as u32) as usize].clone();
    for _ in 0..1 + numbers.below(6) {
        // Most of what a blob says of itself stands in its first bytes.
        let within = if numbers.below(2) == 0 { bytes.len().min(96) } else { bytes.len() };
        let place = numbers.below(within as u32 + 1) as usize;
        match numbers.below(6) {
            0 => bytes.truncate(place),
            1 => bytes.insert(place.min(bytes.len()), numbers.below(256) as u8),
            2 => {
                let other = &corpus[numbers.below(corpus.len() as u32) as usize];
                let start = numbers.below(other.len() as u32 + 1) as usize;
                bytes.truncate(place);
                bytes.extend(&other[start..]);
            }
            3 => {
                if let Some(byte) = bytes.get_mut(place) {
                    *byte = [0, 1, 0x7f, 0x80, 0xff][numbers.below(5) as usize];
                }
            }
            4 => {
                if let Some(byte) = bytes.get_mut(place) {
                    *byte ^= 1 << numbers.below(8);
                }
            }
            _ => {
                if let Some(byte) = bytes.get_mut(place) {
                    *byte = numbers.below(256) as u8;
                }
            }
        }
    }
    bytes
}

fn run(target: &str, inputs: u32, check: fn(&[u8])) {
    let corpus = corpus(target);
    corpus.iter().for_each(|bytes| check(bytes));
    let seconds = std::env::var("PIXELRNN_FUZZ_SECONDS").ok();
    let limit = seconds.map(|text| Duration::from_secs(text.parse().expect("PIXELRNN_FUZZ_SECONDS is a number")));
    let (start, mut numbers, mut done) = (Instant::now(), Numbers(1), 0);
    while limit.map_or(done < inputs, |limit| start.elapsed() < limit) {
        check(&mutated(&corpus, &mut numbers));
        done += 1;
    }
    println!("{target}: {} of the corpus and {done} mutations", corpus.len());
}

#[test]
fn blobs() {
    run("blob", 20_000, blob);
}

#[test]
fn decoding() {
    run("decode", 10_000, decode);
}

#[test]
fn several_scales() {
    run("scales", 10_000, scales);
}
