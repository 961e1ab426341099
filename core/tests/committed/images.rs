//! Images drawn: by one stream and by several at once, in bytes and in words.

use pixelrnn::{Model, Seeded, Stream, Streams, Temperature, Value, sample};
use rand_core::SeedableRng;

use super::coded::class;
use super::models::{SIZE, each, read};

/// Draws an image, of the class that the seed stands for if there are classes.
pub fn drawn<V: Value>(model: &Model<'_>, seed: u64) -> Vec<V> {
    let mut state = vec![u32::MAX; model.state_words(SIZE.0)];
    let mut stream = Stream::begin_class(model, class(model, seed), SIZE.0, SIZE.1, &mut state).unwrap();
    let mut image = vec![V::from_level(0); values(model)];
    assert_eq!(sample::fill(&mut stream, &mut Seeded::seed_from_u64(seed), &mut image), image.len());
    assert!(stream.is_complete());
    image
}

/// Values of an image.
pub fn values(model: &Model<'_>) -> usize {
    (SIZE.0 * SIZE.1) as usize * usize::from(model.channels())
}

/// The committed checksums of the images of seeds 1, 2, …
fn checksums(name: &str) -> Vec<u32> {
    let text = String::from_utf8(read(&format!("{name}.txt"))).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("crc ")).map(|crc| u32::from_str_radix(crc, 16).unwrap()).collect()
}

#[test]
fn the_committed_images_are_drawn() {
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    each(|name, model| {
        let checksum = |seed| match model.levels() {
            0..=256 => crc.checksum(&drawn::<u8>(model, seed)),
            _ => {
                let bytes = drawn::<u16>(model, seed).into_iter().flat_map(u16::to_le_bytes);
                crc.checksum(&bytes.collect::<Vec<u8>>())
            }
        };
        let found: Vec<u32> = (1..=model.classes().max(2).into()).map(checksum).collect();
        assert_eq!(found, checksums(name), "{name}");
    });
}

#[test]
fn bytes_and_words_are_the_same_images() {
    each(|name, model| {
        let words: Vec<u16> = drawn(model, 3);
        let bytes: Vec<u8> = words.iter().map(|&value| value.min(255) as u8).collect();
        assert_eq!(drawn::<u8>(model, 3), bytes, "{name}");
    });
}

#[test]
fn images_at_once_are_what_they_are_alone() {
    each(|name, model| {
        let mut state = vec![u32::MAX; Streams::<3>::state_words(model, SIZE.0)];
        let classes = class(model, 1).map(|_| [1, 2, 3].map(|seed| class(model, seed).unwrap()));
        let mut streams = Streams::<3>::begin_classes(model, classes, SIZE.0, SIZE.1, &mut state).unwrap();
        let mut generators = [1, 2, 3].map(Seeded::seed_from_u64);
        let mut images = [Vec::new(), Vec::new(), Vec::new()];
        while !streams.is_complete() {
            let values = sample::next_of_each(&mut streams, &mut generators).unwrap();
            images.iter_mut().zip(values).for_each(|(image, value)| image.push(value));
        }
        assert_eq!(images, [1, 2, 3].map(|seed| drawn(model, seed)), "{name}");
    });
}

/// How concentrated the first value's distribution is at a temperature: the chance that two draws are the same.
fn concentration(model: &Model<'_>, percent: Option<u32>) -> f64 {
    let mut state = vec![0; model.state_words(4)];
    let mut stream = Stream::begin_class(model, class(model, 0), 4, 4, &mut state).unwrap();
    if let Some(percent) = percent {
        stream.set_temperature(Temperature::from_percent(percent).unwrap());
    }
    let distribution = stream.predict().unwrap();
    let share = |level| f64::from(distribution.frequency(level as u16)) / f64::from(distribution.total());
    (0..model.levels()).map(|level| share(level).powi(2)).sum()
}

/// Low temperatures sharpen, high ones flatten.
#[test]
fn temperature_sharpens_and_flattens() {
    each(|name, model| {
        let at = |percent| concentration(model, Some(percent));
        assert_eq!(concentration(model, None), at(100), "{name}");
        assert!(at(30) > at(100) && at(100) > at(300), "{name}: {} {} {}", at(30), at(100), at(300));
    });
}
