//! Which tiles a group holds, and which groups can be computed side by side.

use pixelrnn::codec::{Header, Tile};

use super::is_cut;

/// One tile of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The picture's number in its set.
    pub picture: usize,
    /// The tile.
    pub tile: Tile,
}

/// The tiles of one group, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The group's number in its container.
    pub number: usize,
    /// All of one size.
    pub pieces: Vec<Piece>,
}

/// All groups of a container but the empty one at its end: a tile each, or so many whole pictures.
pub fn jobs(header: &Header, pictures: usize, group: usize) -> Vec<Job> {
    let tiles: Vec<Tile> = (0..header.tiles.count()).filter_map(|index| header.tiles.get(index)).collect();
    let pieces: Vec<Piece> =
        (0..pictures).flat_map(|picture| tiles.iter().map(move |&tile| Piece { picture, tile })).collect();
    let group = if is_cut(&header.tiles) { 1 } else { group.max(1) };
    let job = |(number, pieces): (usize, &[Piece])| Job { number, pieces: pieces.to_vec() };
    pieces.chunks(group).enumerate().map(job).collect()
}

/// Jobs alike, which hosts compute side by side: at most `most` each, of as many tiles and of one size.
pub fn batches(jobs: Vec<Job>, most: usize) -> Vec<Vec<Job>> {
    let kind = |job: &Job| job.pieces.first().map(|piece| (piece.tile.width, piece.tile.height, job.pieces.len()));
    let mut kinds: Vec<(_, Vec<Job>)> = Vec::new();
    for job in jobs {
        match kinds.iter_mut().find(|(of, _)| *of == kind(&job)) {
            Some((_, alike)) => alike.push(job),
            None => kinds.push((kind(&job), vec![job])),
        }
    }
    let most = most.max(1);
    let chunks = |mut alike: Vec<Job>| {
        let mut chunks = Vec::new();
        while !alike.is_empty() {
            let rest = alike.split_off(alike.len().min(most));
            chunks.push(std::mem::replace(&mut alike, rest));
        }
        chunks
    };
    kinds.into_iter().flat_map(|(_, alike)| chunks(alike)).collect()
}
