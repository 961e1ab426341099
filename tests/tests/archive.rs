//! Archives that no compressor wrote, their checksums right: an error or pictures, never a panic, and no more memory than they fill.

use std::sync::atomic::{AtomicU32, Ordering};

use pixelrnn::codec::{HEADER_BYTES, Header};
use pixelrnn::{Architecture, Model};
use pixelrnn_convert::archive::{Alpha, Coded, Cut, Directory, Names, Region, Set, compress};
use pixelrnn_convert::commands::decompress::decompress;
use pixelrnn_convert::data::Picture;
use pixelrnn_tests::coded::class;
use pixelrnn_tests::images::drawn;
use pixelrnn_tests::random::{Numbers, Recipe, model};

const EXTREMES: [u32; 8] = [0, 1, 2, 3, 255, 65_535, 1 << 31, u32::MAX];

fn one_of<T: Clone>(numbers: &mut Numbers, all: &[T]) -> T {
    all[numbers.below(all.len() as u32) as usize].clone()
}

/// Pictures of one size or two, coded whole or cut.
fn archive(model: &Model<'_>, sizes: u32, tile: Option<(u32, u32)>) -> Vec<u8> {
    let picture = |number: u64| {
        let width = 5 + number as u32 % sizes;
        let values = drawn(model, width, 4, number);
        let class = class(model, number);
        Picture { channels: model.channels().into(), height: 4, class, ..Picture::grey(width as usize, values) }
    };
    let pictures: Vec<Picture> = (0..5).map(picture).collect();
    let names: Vec<String> = (0..5).map(|number| format!("{number}.png")).collect();
    compress(model, &pictures, Some(&names), &vec![Alpha::Opaque; 5], &Cut { tile, group: 2 }, &|_| {}).unwrap()
}

/// Makes one thing in a set another.
fn change(set: &mut Set, numbers: &mut Numbers) {
    let extreme = one_of(numbers, &EXTREMES);
    match numbers.below(10) {
        0 => set.pictures = extreme,
        1 => set.group = extreme,
        2 => (set.pictures, set.group) = (extreme, one_of(numbers, &EXTREMES)),
        3 => set.places.clear(),
        4 => set.places = vec![extreme; set.pictures.min(9) as usize],
        5 => set.names = one_of(numbers, &[Names::None, Names::Numbered("a".into()), Names::List(vec![])]),
        6 => {
            set.alpha =
                vec![one_of(numbers, &[Alpha::Opaque, Alpha::Deflated(vec![3; 9])]); set.pictures.min(9) as usize]
        }
        7 => set.bytes.truncate(numbers.below(4) as usize),
        // More pictures than there is memory for, in one group, and nothing that disagrees.
        8 => {
            let bytes = vec![set.bytes[0], *set.bytes.last().unwrap()];
            *set = Set { pictures: extreme, names: Names::None, places: vec![], alpha: vec![], group: u32::MAX, bytes };
        }
        _ => set.bytes = vec![numbers.below(40), numbers.below(40)],
    }
}

/// A header of other sizes, or a group's byte.
fn change_container(model: &Model<'_>, container: &mut [u8], numbers: &mut Numbers) {
    let sizes = [1, 2, 4, 5, 6, 300, 65_535];
    let [width, height, columns, rows] = [0; 4].map(|_| one_of(numbers, &sizes));
    if numbers.below(2) == 0 {
        let header = Header::tiled(model, (width, height), (columns, rows)).unwrap();
        let header = header.of_class(class(model, 1)).to_bytes();
        container.iter_mut().zip(header.iter()).for_each(|(place, byte)| *place = *byte);
    } else if let Some(byte) = container.get_mut(HEADER_BYTES + numbers.below(60) as usize) {
        *byte = numbers.below(256) as u8;
    }
}

/// Bytes of the containers of some sets.
fn containers_bytes(sets: &[Set], bytes: &[u8]) -> u64 {
    let add = |sum: u64, set: &Set| sum + set.container_bytes(bytes.get(sum as usize..).unwrap_or_default());
    sets.iter().fold(0, add)
}

/// An archive with some of its parts changed, as long as its directory says.
fn changed(model: &Model<'_>, archive: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let (mut directory, rest, _) = Directory::read(archive).unwrap();
    let mut rest = rest.to_vec();
    for _ in 0..1 + numbers.below(3) {
        let place = numbers.below(directory.sets.len() as u32) as usize;
        let start = containers_bytes(&directory.sets[..place], &rest);
        match rest.get_mut(start as usize..) {
            Some(container) if container.len() > HEADER_BYTES && numbers.below(2) == 0 => {
                change_container(model, container, numbers);
            }
            _ => change(&mut directory.sets[place], numbers),
        }
    }
    rest.resize(containers_bytes(&directory.sets, &rest).min(1 << 20) as usize, 0);
    [directory.to_bytes(), rest].concat()
}

fn models() -> Vec<Recipe> {
    let pixelcnn = Recipe::small(Architecture::PixelCnn);
    let classes = Recipe { classes: 2, ..pixelcnn };
    vec![pixelcnn, Recipe { levels: 17, ..pixelcnn }, Recipe::mixture(Architecture::PixelCnn, 65_536, 3), classes]
}

fn read(model: &Model<'_>, bytes: &[u8], numbers: &mut Numbers) {
    let region = Region { left: numbers.below(6), top: numbers.below(4), width: 1, height: 1 };
    for region in [None, Some(region)] {
        if let Ok(pictures) = decompress(model, bytes, region, &|_| {}) {
            let complete = |picture: &Picture| picture.values.len() == picture.pixels() * picture.channels;
            assert!(pictures.iter().all(complete));
        }
    }
    if let Ok(coded) = Coded::open(model, bytes) {
        OPENED.fetch_add(1, Ordering::Relaxed);
        assert_eq!(coded.alpha().len(), coded.pictures());
    }
}

/// Changed archives that could be opened: without any the tests would show nothing.
static OPENED: AtomicU32 = AtomicU32::new(0);

/// What `hostile_archives_take_little_memory` runs with little memory.
#[test]
#[ignore = "run by hostile_archives_take_little_memory"]
fn read_hostile_archives() {
    for recipe in models() {
        let blob = model(&recipe, 1);
        let model = blob.load().unwrap();
        for (sizes, tile) in [(1, None), (2, None), (1, Some((3, 3))), (2, Some((3, 3)))] {
            let archive = archive(&model, sizes, tile);
            let mut numbers = Numbers(1);
            read(&model, &archive, &mut numbers);
            for _ in 0..300 {
                read(&model, &changed(&model, &archive, &mut numbers), &mut numbers);
            }
        }
    }
    let opened = OPENED.load(Ordering::Relaxed);
    assert!(opened > 500, "only {opened} archives were opened");
}

/// Half a gigabyte of address space, threads' stacks included, is plenty for archives of some hundred bytes.
#[test]
#[cfg(target_os = "linux")]
fn hostile_archives_take_little_memory() {
    let limited = "ulimit -v 524288 && exec \"$0\" read_hostile_archives --exact --ignored";
    let itself = std::env::current_exe().unwrap();
    let output = std::process::Command::new("sh").args(["-c", limited]).arg(itself).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Containers as devices send them, of sizes that they cannot have.
#[test]
fn hostile_containers_are_errors() {
    for recipe in models() {
        let blob = model(&recipe, 1);
        let model = blob.load().unwrap();
        let mut numbers = Numbers(2);
        for _ in 0..100 {
            let mut container = Header::new(&model, 1, 1).unwrap().of_class(class(&model, 1)).to_bytes().to_vec();
            container.extend((0..numbers.below(40)).map(|_| numbers.below(256) as u8));
            change_container(&model, &mut container, &mut numbers);
            read(&model, &container, &mut numbers);
        }
    }
}

/// Any bytes behind the magics.
#[test]
fn any_bytes_are_errors() {
    let blob = model(&models()[0], 1);
    let model = blob.load().unwrap();
    let mut numbers = Numbers(3);
    for number in 0..3000 {
        let bytes: Vec<u8> = (0..numbers.below(200)).map(|_| numbers.bits() as u8).collect();
        let front = [&b"PRNA\x01\0\0\0"[..], b"PRNZ\x02", b""][number % 3];
        assert!(decompress(&model, &[front, &bytes].concat(), None, &|_| {}).is_err());
    }
}
