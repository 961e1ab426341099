//! Feature maps as matrices: one row a pixel of an image, one column a feature.
//!
//! The rows lie in the order group, image row, image column, image of the group. Every group has rows of zeros above it and
//! every image row some columns of zeros behind it, so that the map seen by a convolution's tap is the same memory,
//! shifted: a masked convolution is one matrix product a tap, with nothing copied.

use tch::{Device, Kind, Tensor};

/// The sizes of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// Groups of images.
    pub groups: i64,
    /// Rows.
    pub height: i64,
    /// Columns.
    pub width: i64,
    /// Images in a group.
    pub images: i64,
    /// Values of a pixel.
    pub channels: i64,
    /// Columns of zeros behind every row, as many as the widest tap reaches.
    pub pad: i64,
    /// Rows of zeros above every group, as many as the highest tap reaches.
    pub above: i64,
}

/// Row and column offset of a tap.
pub type Tap = (i64, i64);

impl Batch {
    /// Images in all.
    pub const fn count(&self) -> i64 {
        self.groups * self.images
    }

    /// Columns from a row to the next.
    pub const fn stride(&self) -> i64 {
        self.width + self.pad
    }

    /// Rows of zeros before the first group and after the last one.
    pub const fn lead(&self) -> i64 {
        self.pad * self.images
    }

    /// Rows of a group, with the zeros above it.
    pub const fn group_height(&self) -> i64 {
        self.above + self.height
    }

    /// Rows of a map in all.
    pub const fn rows(&self) -> i64 {
        2 * self.lead() + self.groups * self.group_height() * self.stride() * self.images
    }

    /// The pixels of a map, `[groups, height, width, images, features]`, without the zeros around.
    fn pixels(&self, map: &Tensor) -> Tensor {
        self.by_image(map)
            .view([self.groups, self.group_height(), self.stride(), self.images, -1])
            .narrow(1, self.above, self.height)
            .narrow(2, 0, self.width)
    }

    /// The pixels of a map as rows of a matrix, in the order group, row, column, image.
    pub fn compact(&self, map: &Tensor) -> Tensor {
        self.pixels(map).contiguous().view([self.count() * self.height * self.width, -1])
    }

    /// The map whose [`compact`](Self::compact) form is given.
    pub fn expand(&self, compact: &Tensor) -> Tensor {
        let features = compact.size()[1];
        let map = Tensor::zeros([self.rows(), features], (compact.kind(), compact.device()));
        self.pixels(&map).copy_(&compact.view([self.groups, self.height, self.width, self.images, features]));
        map
    }

    /// The row of an image row's first pixel, image rows counted group by group.
    pub const fn first_row(&self, row: usize) -> usize {
        let row = row as i64;
        let position = row / self.height * self.group_height() + self.above + row % self.height;
        (self.lead() + position * self.stride() * self.images) as usize
    }

    /// The row of a pixel of the batch, pixels counted image by image, row by row.
    pub const fn row(&self, pixel: usize) -> usize {
        let (width, height, images) = (self.width as usize, self.height as usize, self.images as usize);
        let (image, row, column) = (pixel / width / height, pixel / width % height, pixel % width);
        self.first_row(image / images * height + row) + column * images + image % images
    }

    /// The image of the batch that a row belongs to; of a row before or behind all groups, one of the nearest.
    pub const fn image(&self, row: usize) -> usize {
        let (images, groups) = (self.images as usize, self.groups as usize);
        let group =
            row.saturating_sub(self.lead() as usize) / (self.group_height() * self.stride() * self.images) as usize;
        (if group < groups { group } else { groups - 1 }) * images + row % images
    }

    /// The rows of a map in the order group, place, image of the group, without those before and behind all groups.
    pub fn by_image(&self, map: &Tensor) -> Tensor {
        map.narrow(0, self.lead(), self.rows() - 2 * self.lead()).view([self.groups, -1, self.images, map.size()[1]])
    }

    /// Values, image by image with channels interleaved, as rows of a matrix: in the order of [`compact`](Self::compact).
    pub fn values(&self, images: &Tensor) -> Tensor {
        let size = [self.groups, self.images, self.height, self.width, self.channels];
        images.view(size).permute([0, 2, 3, 1, 4]).contiguous().view([-1, self.channels])
    }

    /// The map of mask A's window: `taps` of values that lie image by image, side by side, channels inside.
    pub fn window(&self, images: &Tensor, taps: &[Tap]) -> Tensor {
        let size = [self.groups, self.images, self.height, self.width, self.channels];
        let padded = images.view(size).permute([0, 2, 3, 1, 4]).constant_pad_nd([0, 0, 0, 0, 3, 3, 3, 0]);
        let columns = taps.len() as i64 * self.channels;
        let map = Tensor::zeros([self.rows(), columns], (images.kind(), images.device()));
        let pixels = self.pixels(&map);
        for (n, &(rows, columns)) in taps.iter().enumerate() {
            let seen = padded.narrow(1, 3 + rows, self.height).narrow(2, 3 + columns, self.width);
            pixels.narrow(4, n as i64 * self.channels, self.channels).copy_(&seen);
        }
        map
    }

    /// Sets a map to zero outside the images.
    pub fn clear(&self, map: &Tensor) {
        let _ = map.narrow(0, 0, self.lead()).zero_();
        let _ = map.narrow(0, self.rows() - self.lead(), self.lead()).zero_();
        let groups = map.narrow(0, self.lead(), self.rows() - 2 * self.lead()).view([
            self.groups,
            self.group_height(),
            self.stride(),
            self.images,
            -1,
        ]);
        let _ = groups.narrow(1, 0, self.above).zero_();
        let _ = groups.narrow(2, self.width, self.pad).zero_();
    }

    /// Rows from a pixel's row to those of its taps.
    pub fn offsets(&self, taps: &[Tap]) -> Vec<i64> {
        taps.iter().map(|(rows, columns)| (rows * self.stride() + columns) * self.images).collect()
    }

    /// Adds `map`, moved by `rows` rows (down if positive), to `sum`. The map must be zero outside the images.
    pub fn add_moved(&self, sum: &Tensor, map: &Tensor, rows: i64) {
        let offset = rows * self.stride() * self.images;
        let length = self.rows() - offset.abs();
        let _ = sum.narrow(0, offset.max(0), length).g_add_(&map.narrow(0, (-offset).max(0), length));
    }
}

/// A gradient through a ReLU, from the ReLU's output.
pub fn relu_gradient(gradient: &Tensor, output: &Tensor) -> Tensor {
    output.threshold_backward(gradient, 0.0)
}

/// A tensor's values, as float.
pub fn to_vec(tensor: &Tensor) -> Vec<f32> {
    let tensor = tensor.to_device(Device::Cpu).to_kind(Kind::Float).contiguous();
    let mut values = vec![0.0; tensor.numel()];
    tensor.copy_data(&mut values, tensor.numel());
    values
}
