//! Pictures into an archive, and out of it.

use std::convert::Infallible;

use pixelrnn::Model;
use pixelrnn::codec::{DecodeError, GroupEncoder, Header, Tiles};
use rayon::prelude::*;

use super::directory::{Directory, Names, Set};
use super::jobs::{Job, batches, jobs};
use super::part::{blank, place, shown};
use super::side_by_side::{decode, encode};
use super::{Alpha, ArchiveError, Cut, Region, header};
use crate::data::{Picture, set};
use crate::many::{AT_ONCE, share};

/// Values that a check's bytes hardly weigh on.
const VALUES_A_CHECK: usize = 1 << 14;

/// Whole pictures that share a check: fewer than are allowed where there would be too few groups to compute side by side.
fn group(cut: &Cut, pictures: &[&Picture]) -> u32 {
    let values = pictures.first().map_or(1, |picture| picture.values.len().max(1));
    let enough = (VALUES_A_CHECK / values).max(pictures.len().div_ceil(AT_ONCE)).max(1);
    u32::try_from(enough).map_or(cut.group, |enough| enough.min(cut.group))
}

/// One size's container, and what the directory says of it.
fn container(
    model: &Model<'_>,
    pictures: &[&Picture],
    cut: &Cut,
    each: &(dyn Fn(usize) + Sync),
) -> Result<(Vec<u32>, Vec<u8>), ArchiveError> {
    let header = header(model, pictures[0], cut)?;
    let all = jobs(&header, pictures.len(), group(cut, pictures) as usize);
    let count = all.len();
    let coded: Result<Vec<_>, ArchiveError> = batches(all, share(count))
        .par_iter()
        .map(|batch| {
            let bytes = encode(model, &header, batch, pictures)?;
            each(batch.iter().flat_map(|job| &job.pieces).map(|piece| pixels(piece.tile)).sum());
            Ok(batch.iter().map(|job| job.number).zip(bytes).collect::<Vec<_>>())
        })
        .collect();
    let mut groups: Vec<(usize, Vec<u8>)> = coded?.into_iter().flatten().collect();
    groups.sort_by_key(|&(number, _)| number);
    groups.push((count, end(&header)));
    let lengths = groups.iter().map(|(_, bytes)| bytes.len() as u32).collect();
    let mut bytes = header.to_bytes().to_vec();
    bytes.extend(groups.into_iter().flat_map(|(_, bytes)| bytes));
    Ok((lengths, bytes))
}

fn pixels(tile: pixelrnn::codec::Tile) -> usize {
    tile.width as usize * tile.height as usize
}

/// The group without tiles that ends a container.
fn end(header: &Header) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut sink = |byte| -> Result<(), Infallible> {
        bytes.push(byte);
        Ok(())
    };
    let Ok(()) = GroupEncoder::begin(header, 0).end(&mut sink);
    bytes
}

/// Codes pictures of levels, on all cores; of a model with classes each given its class. `names` has one a picture, or none at all, and so has `alpha`; `each` is told of the pixels
/// that are done.
///
/// # Errors
/// Pictures that the model cannot take.
pub fn compress(
    model: &Model<'_>,
    pictures: &[Picture],
    names: Option<&[String]>,
    alpha: &[Alpha],
    cut: &Cut,
    each: &(dyn Fn(usize) + Sync),
) -> Result<Vec<u8>, ArchiveError> {
    let of_one_header = set::by_size_and_class(pictures);
    let (mut sets, mut containers) = (Vec::new(), Vec::new());
    for numbers in &of_one_header {
        let chosen: Vec<&Picture> = numbers.iter().map(|&number| &pictures[number]).collect();
        let (lengths, bytes) = container(model, &chosen, cut, each)?;
        let alpha = numbers.iter().filter_map(|&number| alpha.get(number).cloned());
        let names = names.map(|names| numbers.iter().map(|&number| names[number].clone()).collect());
        sets.push(Set {
            places: if of_one_header.len() == 1 { vec![] } else { numbers.iter().map(|&n| n as u32).collect() },
            pictures: numbers.len() as u32,
            names: names.map_or(Names::None, Names::new),
            alpha: alpha.collect(),
            group: group(cut, &chosen),
            bytes: lengths,
        });
        containers.extend(bytes);
    }
    let mut bytes = Directory { sets }.to_bytes();
    bytes.extend(containers);
    Ok(bytes)
}

/// An archive that was opened.
pub struct Coded<'b> {
    directory: Directory,
    containers: Vec<&'b [u8]>,
    headers: Vec<Header>,
}

impl<'b> Coded<'b> {
    /// Opens an archive: directory and headers are checked, pictures not yet.
    ///
    /// # Errors
    /// No archive, another version or model, damage of what was read.
    pub fn open(model: &Model<'_>, bytes: &'b [u8]) -> Result<Self, ArchiveError> {
        match Self::open_first(model, bytes)? {
            (coded, []) => Ok(coded),
            (_, rest) => Err(ArchiveError::TrailingBytes(rest.len() as u64)),
        }
    }

    /// The same of an archive that others may follow; hands over what follows.
    ///
    /// # Errors
    /// No archive, another version or model, damage of what was read.
    pub fn open_first(model: &Model<'_>, bytes: &'b [u8]) -> Result<(Self, &'b [u8]), ArchiveError> {
        let (directory, mut rest, after) = Directory::read(bytes)?;
        let (mut containers, mut headers) = (Vec::new(), Vec::new());
        for set in &directory.sets {
            let (container, others) =
                rest.split_at_checked(set.container_bytes(rest) as usize).ok_or(ArchiveError::DamagedDirectory)?;
            rest = others;
            let header = Header::from_bytes(container).and_then(|header| {
                header.check_model(model)?;
                Ok(header)
            });
            headers.push(header.map_err(|source| ArchiveError::Decode { what: "the coded images".into(), source })?);
            containers.push(container);
        }
        let coded = Self { directory, containers, headers };
        coded.check()?;
        Ok((coded, after))
    }

    /// Whether the directory agrees with the headers: as many groups as it lists, every place once.
    fn check(&self) -> Result<(), ArchiveError> {
        let mut places = Vec::new();
        for (set, header) in self.directory.sets.iter().zip(&self.headers) {
            let groups = match super::is_cut(&header.tiles) {
                true => u64::from(set.pictures) * u64::from(header.tiles.count()),
                false => u64::from(set.pictures).div_ceil(u64::from(set.group.max(1))),
            };
            let named = matches!(&set.names, Names::List(names) if names.len() != set.pictures as usize);
            let placed = !set.places.is_empty() && set.places.len() != set.pictures as usize;
            let transparent = !set.alpha.is_empty() && set.alpha.len() != set.pictures as usize;
            if groups + 1 != set.bytes.len() as u64 || named || placed || transparent || !set.is_credible(header) {
                return Err(ArchiveError::DamagedDirectory);
            }
            places.extend((0..set.pictures as usize).map(|number| set.place(number)));
        }
        places.sort_unstable();
        let complete = places.iter().enumerate().all(|(expected, &place)| expected == place);
        if complete { Ok(()) } else { Err(ArchiveError::DamagedDirectory) }
    }

    /// What transparency each picture has beside the model's channels, in the order in which they were given, and its pixels' number.
    pub fn alpha(&self) -> Vec<(Alpha, (u32, u32))> {
        let mut all = Vec::new();
        for (set, header) in self.directory.sets.iter().zip(&self.headers) {
            for number in 0..set.pictures as usize {
                let alpha = set.alpha.get(number).cloned().unwrap_or(Alpha::None);
                all.push((set.place(number), (alpha, header.tiles.image())));
            }
        }
        all.sort_by_key(|&(place, _)| place);
        all.into_iter().map(|(_, alpha)| alpha).collect()
    }

    /// The pictures' names in the order in which they were given; empty ones where none were kept.
    pub fn names(&self) -> Vec<String> {
        let mut all = Vec::new();
        for set in &self.directory.sets {
            let name = |number| (set.place(number), set.names.get(number).unwrap_or_default());
            all.extend((0..set.pictures as usize).map(name));
        }
        all.sort();
        all.into_iter().map(|(_, name)| name).collect()
    }

    /// Pictures in all.
    pub fn pictures(&self) -> usize {
        self.directory.sets.iter().map(|set| set.pictures as usize).sum()
    }

    /// Pixels in all.
    pub fn pixels(&self) -> usize {
        let of =
            |(set, header): (&Set, &Header)| set.pictures as usize * header.width() as usize * header.height() as usize;
        self.directory.sets.iter().zip(&self.headers).map(of).sum()
    }

    /// Decodes all pictures, as levels, in the order in which they were given; or of each the tiles that a region touches, cut to it.
    /// `smaller` are the pictures of the scale before, of a model that asks for them. `each` is told of the pixels that are done.
    ///
    /// # Errors
    /// Damage: then there are no pictures at all. A region that a picture does not have.
    pub fn decode(
        &self,
        model: &Model<'_>,
        smaller: Option<&[Picture]>,
        region: Option<Region>,
        each: &(dyn Fn(usize) + Sync),
    ) -> Result<Vec<Picture>, ArchiveError> {
        let mut pictures: Vec<(usize, Picture)> = Vec::new();
        for number in 0..self.directory.sets.len() {
            let header = &self.headers[number];
            if let Some(region) = region.filter(|region| !region.fits(header.tiles.image())) {
                return Err(ArchiveError::Region(region));
            }
            pictures.extend(self.decode_set(model, number, smaller, region, each)?);
        }
        pictures.sort_by_key(|&(place, _)| place);
        Ok(pictures.into_iter().map(|(_, picture)| picture).collect())
    }

    fn decode_set(
        &self,
        model: &Model<'_>,
        number: usize,
        smaller: Option<&[Picture]>,
        region: Option<Region>,
        each: &(dyn Fn(usize) + Sync),
    ) -> Result<Vec<(usize, Picture)>, ArchiveError> {
        let (set, header) = (&self.directory.sets[number], &self.headers[number]);
        let smaller: Option<Vec<&Picture>> = match smaller {
            Some(all) => {
                let chosen = (0..set.pictures as usize).map(|number| all.get(set.place(number)));
                Some(chosen.collect::<Option<_>>().ok_or(ArchiveError::WrongScales)?)
            }
            None => None,
        };
        check_smaller(header, smaller.as_deref())?;
        let sources = self.groups(number);
        let (ended, sources) = sources.split_last().ok_or(ArchiveError::DamagedDirectory)?;
        if *ended != end(header) {
            return Err(ArchiveError::Decode { what: "the end".into(), source: DecodeError::Damaged });
        }
        let mut wanted = jobs(header, set.pictures as usize, set.group as usize);
        wanted.retain(|job| job.pieces.iter().any(|piece| is_wanted(&piece.tile, region)));
        let count = wanted.len();
        let shown = shown(header, region);
        let name = |number| set.names.get(number).unwrap_or_default();
        let mut pictures: Vec<Picture> =
            (0..set.pictures as usize).map(|number| blank(header, shown, name(number))).collect();
        let decoded: Vec<_> = batches(wanted, share(count))
            .par_iter()
            .map(|batch| {
                let sources: Vec<&[u8]> = batch.iter().map(|job| sources[job.number]).collect();
                let decoded = decode(model, header, batch, &sources, smaller.as_deref())?;
                each(batch.iter().flat_map(|job| &job.pieces).map(|piece| pixels(piece.tile)).sum());
                Ok::<_, ArchiveError>((batch.clone(), decoded))
            })
            .collect::<Result<_, _>>()?;
        for (batch, decoded) in decoded {
            for (job, values) in batch.iter().zip(decoded) {
                place_values(job, values, shown, &mut pictures)?;
            }
        }
        Ok(pictures.into_iter().enumerate().map(|(number, picture)| (set.place(number), picture)).collect())
    }

    /// The bytes of each group of a set.
    fn groups(&self, number: usize) -> Vec<&'b [u8]> {
        let mut rest = self.containers[number].get(self.headers[number].size()..).unwrap_or_default();
        let mut take = |&bytes: &u32| {
            let (group, after) = rest.split_at_checked(bytes as usize).unwrap_or_default();
            rest = after;
            group
        };
        self.directory.sets[number].bytes.iter().map(&mut take).collect()
    }
}

/// Whether smaller pictures are those that a header's are given.
pub(super) fn check_smaller(header: &Header, smaller: Option<&[&Picture]>) -> Result<(), ArchiveError> {
    let factor = u32::from(header.factor);
    let fits = |picture: &&Picture| {
        let side = |side: u32| side.div_ceil(factor.max(1)) as usize;
        picture.size() == (side(header.width()), side(header.height()))
            && picture.channels == usize::from(header.channels)
    };
    match smaller {
        None if factor == 0 => Ok(()),
        Some(all) if factor > 0 && all.iter().all(fits) => Ok(()),
        _ => Err(ArchiveError::WrongScales),
    }
}

fn is_wanted(tile: &pixelrnn::codec::Tile, region: Option<Region>) -> bool {
    region.is_none_or(|region| Tiles::touches(tile, (region.left, region.top), (region.width, region.height)))
}

fn place_values(
    job: &Job,
    values: super::side_by_side::Decoded,
    shown: Region,
    pictures: &mut [Picture],
) -> Result<(), ArchiveError> {
    let first = &job.pieces[0];
    let values = values.map_err(|source| {
        let name = &pictures[first.picture].name;
        // Names are kept with the smallest scale alone.
        let name = if name.is_empty() { String::new() } else { format!(" {name}") };
        let what = format!("picture {}{name}, tile {}", first.picture, first.tile.index);
        ArchiveError::Decode { what, source }
    })?;
    for (piece, values) in job.pieces.iter().zip(values) {
        place(&mut pictures[piece.picture], shown, &piece.tile, &values);
    }
    Ok(())
}
