//! A model: every use of it, as the command of that name has it.

use indicatif::ProgressBar;
use numpy::{PyArray1, PyReadonlyArray2};
use pixelrnn::{Model as Engine, Pyramid, PyramidError};
use pixelrnn_convert::archive::{Coded, Cut};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::complete::{Completion, known};
use pixelrnn_convert::commands::compress::TileSize;
use pixelrnn_convert::commands::{class, classify, eval, inspect, sample, score};
use pixelrnn_convert::data::{Levels, Picture, Values, set};
use pixelrnn_convert::evaluate;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arguments::{Class, choice, label, within};
use crate::classification::classification;
use crate::coding;
use crate::error::{Failure, compute, failed};
use crate::images::{array, arrays, pictures};
use crate::score::score;

/// A model of integers, loaded. It can be pickled.
#[pyclass(frozen, module = "pixelrnn")]
pub struct Model(Blob);

/// A file's path, or the file's bytes.
#[derive(FromPyObject)]
enum Source {
    Bytes(Vec<u8>),
    Path(std::path::PathBuf),
}

#[pymethods]
impl Model {
    /// Loads a `.prnn` file, or its bytes.
    #[staticmethod]
    fn load(py: Python<'_>, source: Source) -> PyResult<Self> {
        let load = || match source {
            Source::Path(path) => Ok(Self(Blob::read(&path)?)),
            Source::Bytes(bytes) => {
                let blob = Blob::new(&bytes);
                blob.load().map_err(|error| format!("the bytes are not a model: {error}"))?;
                Ok(Self(blob))
            }
        };
        compute(py, load)
    }

    /// Layers, flash, state for images of `width` columns, and work: `inspect --json`.
    #[pyo3(signature = (width=28))]
    fn info<'py>(&self, py: Python<'py>, width: u32) -> PyResult<Bound<'py, PyAny>> {
        let width = within("width", width, 1..=65_535)?;
        let text = compute(py, || Ok(serde_json::to_string(&inspect::report(&self.engine()?, width))?))?;
        py.import("json")?.call_method1("loads", (text,))
    }

    /// Draws images, number n from `seed + n`: (count, height, width, channels), as `sample --out x.npy` has them.
    ///
    /// With `class_="all"`, `count` images of each class, class by class.
    #[pyo3(signature = (count=16, *, seed=1, width=28, height=28, temperature=1.0, class_=None))]
    #[expect(clippy::too_many_arguments, reason = "keywords, as the command line's options")]
    fn sample<'py>(
        &self,
        py: Python<'py>,
        count: u32,
        seed: u64,
        width: u32,
        height: u32,
        temperature: f64,
        class_: Option<Class>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let size = (within("width", width, 1..=65_535)?, within("height", height, 1..=65_535)?);
        let (count, class) = (within("count", count, 1..=100_000)?, class_.map(Class::chosen).transpose()?);
        let draw = || {
            let (model, temperature) = (self.engine()?, sample::temperature(temperature)?);
            let seeds = sample::seeds(&model, class, count, seed)?;
            let drawn = sample::draw_all(&alone(&model)?, size, temperature, &seeds, &ProgressBar::hidden())?;
            Ok(drawn.into_iter().filter_map(|mut scales| scales.pop()).collect::<Vec<_>>())
        };
        array(py, &compute(py, draw)?)
    }

    /// Keeps the known pixels of an image and draws the others: (count, rows, columns, channels), as `complete --out x.npy`.
    ///
    /// `mask` (rows, columns) is true where pixels are known; or they are the first `keep_rows` rows, or the first `keep_pixels`
    /// pixels. Known pixels behind unknown ones steer nothing unless `candidates` is above 1, which excludes `temperature`.
    #[pyo3(signature = (image, mask=None, *, keep_rows=None, keep_pixels=None, count=8, candidates=1, seed=1, temperature=1.0,
                        class_=None, values="auto"))]
    #[expect(clippy::too_many_arguments, reason = "keywords, as the command line's options")]
    fn complete<'py>(
        &self,
        image: &Bound<'py, PyAny>,
        mask: Option<PyReadonlyArray2<'py, bool>>,
        keep_rows: Option<usize>,
        keep_pixels: Option<usize>,
        count: u32,
        candidates: u32,
        seed: u64,
        temperature: f64,
        class_: Option<u16>,
        values: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, pictures, values) = (image.py(), pictures(image)?, choice::<Values>("values", values)?);
        let (count, candidates) = (within("count", count, 1..=10_000)?, within("candidates", candidates, 1..=100_000)?);
        if candidates > 1 && temperature != 1.0 {
            return Err(failed(
                "the argument '--candidates <CANDIDATES>' cannot be used with '--temperature <TEMPERATURE>'",
            ));
        }
        let mask = mask.map(|mask| mask_picture(&mask));
        let complete = || {
            let (model, temperature) = (self.engine()?, sample::temperature(temperature)?);
            class::check(&model, class_)?;
            let image = one(levels(&model, pictures, values)?)?;
            let mask = known(&image, mask.as_ref(), keep_rows, keep_pixels)?;
            let completion = Completion { class: class_, temperature, candidates };
            Ok(completion.draw(&alone(&model)?, (&image, &mask), (seed, count), &ProgressBar::hidden())?)
        };
        array(py, &compute(py, complete)?)
    }

    /// How likely images are, in their order: `score`.
    #[pyo3(signature = (images, *, background=None, values="auto"))]
    fn score<'py>(
        &self,
        images: &Bound<'py, PyAny>,
        background: Option<&Self>,
        values: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, pictures, values) = (images.py(), pictures(images)?, choice::<Values>("values", values)?);
        let scores = || {
            let (model, background) = (self.engine()?, background.map(Self::engine).transpose()?);
            background.as_ref().map_or(Ok(()), |background| score::check_background(&model, background))?;
            let background = background.as_ref().map(alone).transpose()?;
            let pictures = levels(&model, pictures, values)?;
            Ok(score::scores(&alone(&model)?, background.as_ref(), &pictures, &ProgressBar::hidden())?)
        };
        score(py, &compute(py, scores)?)
    }

    /// Negative log-likelihood of each image: what `eval` gives the mean of. Given `labels`, that of the image given its class.
    #[pyo3(signature = (images, labels=None, *, values="auto"))]
    fn nats<'py>(
        &self,
        images: &Bound<'py, PyAny>,
        labels: Option<Vec<u16>>,
        values: &str,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let (py, mut pictures, values) = (images.py(), pictures(images)?, choice::<Levels>("values", values)?);
        let nats = || {
            let model = self.engine()?;
            self::label_all(&model, labels.as_deref(), &mut pictures)?;
            set::check_channels(&pictures, usize::from(model.channels()), set::MODEL)?;
            let pictures = values.apply(pictures, model.levels())?;
            Ok(evaluate::each_integer(&model, &pictures, &ProgressBar::hidden())?)
        };
        Ok(PyArray1::from_vec(py, compute(py, nats)?))
    }

    /// Of which class images are: `classify`.
    #[pyo3(signature = (images, *, values="auto"))]
    fn classify<'py>(&self, images: &Bound<'py, PyAny>, values: &str) -> PyResult<Bound<'py, PyAny>> {
        let (py, pictures, values) = (images.py(), pictures(images)?, choice::<Levels>("values", values)?);
        let classify = || {
            let model = self.engine()?;
            classify::check(&model)?;
            set::check_channels(&pictures, usize::from(model.channels()), set::MODEL)?;
            let pictures = values.apply(pictures, model.levels())?;
            Ok(classify::classified(&alone(&model)?, &pictures, &ProgressBar::hidden())?)
        };
        classification(py, &compute(py, classify)?)
    }

    /// Codes images without loss: the bytes of the file that `compress` writes.
    ///
    /// `tile` are columns and rows of the tiles that images are cut in, None for none. Without `names`, as with `--no-names`.
    #[pyo3(signature = (images, *, names=None, class_=None, labels=None, tile=Some((128, 128)), group=256, values="exact"),
           text_signature = "($self, images, *, names=None, class_=None, labels=None, tile=(128, 128), group=256, values='exact')")]
    #[expect(clippy::too_many_arguments, reason = "keywords, as the command line's options")]
    fn compress<'py>(
        &self,
        images: &Bound<'py, PyAny>,
        names: Option<Vec<String>>,
        class_: Option<u16>,
        labels: Option<Vec<u16>>,
        tile: Option<(u32, u32)>,
        group: u32,
        values: &str,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let (py, mut pictures, values) = (images.py(), pictures(images)?, choice::<Values>("values", values)?);
        let tile = tile.map_or("none".into(), |(width, height)| format!("{width}x{height}"));
        let tile: TileSize = tile.parse().map_err(failed)?;
        let cut = Cut { tile: tile.0, group: within("group", group, 1..=u32::MAX)? };
        let code = || {
            let model = self.engine()?;
            match labels {
                Some(labels) => label_all(&model, Some(&labels), &mut pictures)?,
                None => {
                    let class = class::check(&model, class_)?;
                    pictures.iter_mut().for_each(|picture| picture.class = class);
                }
            }
            coding::code(&model, pictures, names.as_deref(), &cut, values)
        };
        Ok(PyBytes::new(py, &compute(py, code)?))
    }

    /// Decodes what `compress`, or a device, coded: an array of (rows, columns, channels) an image, of levels.
    ///
    /// With `tones`, of the values of the files that `decompress` writes: grey tones of up to 256 levels. `region` is (left, top,
    /// columns, rows): of each image that part alone.
    #[pyo3(signature = (coded, *, region=None, tones=false))]
    fn decompress<'py>(
        &self,
        py: Python<'py>,
        coded: &[u8],
        region: Option<(u32, u32, u32, u32)>,
        tones: bool,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let region = region.map(|(left, top, width, height)| format!("{left},{top},{width}x{height}").parse());
        let region = region.transpose().map_err(|text: String| failed(text))?;
        arrays(py, &compute(py, || coding::decode(&self.engine()?, coded, region, tones))?)
    }

    /// The names of coded images; empty where none were kept.
    fn names(&self, py: Python<'_>, coded: &[u8]) -> PyResult<Vec<String>> {
        compute(py, || Ok(Coded::open(&self.engine()?, coded)?.names()))
    }

    /// The model's bytes: what a `.prnn` file holds.
    #[getter]
    fn blob<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.bytes())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        Ok((py.get_type::<Self>().getattr("load")?, (self.blob(py),)))
    }
}

impl Model {
    fn engine(&self) -> Result<Engine<'_>, Failure> {
        Ok(self.0.load()?)
    }
}

/// A model as the only scale of its images.
fn alone<'m>(model: &'m Engine<'m>) -> Result<Pyramid<'m>, PyramidError> {
    Pyramid::new(std::slice::from_ref(model))
}

/// Images as the model's levels, exactly where that is possible.
fn levels(model: &Engine<'_>, pictures: Vec<Picture>, values: Values) -> Result<Vec<Picture>, Failure> {
    set::check_channels(&pictures, usize::from(model.channels()), set::MODEL)?;
    Ok(values.apply(pictures, model.levels())?)
}

/// Gives images the labels that are told, of which the model must have all.
fn label_all(model: &Engine<'_>, labels: Option<&[u16]>, pictures: &mut [Picture]) -> Result<(), Failure> {
    let Some(labels) = labels else { return Ok(()) };
    eval::needs_classes(model)?;
    label(labels, model.classes(), pictures)
}

fn one(mut pictures: Vec<Picture>) -> Result<Picture, Failure> {
    match pictures.len() {
        1 => Ok(pictures.swap_remove(0)),
        count => Err(format!("one image is completed at a time, {count} were given").into()),
    }
}

/// What is known as a picture: bright.
fn mask_picture(mask: &PyReadonlyArray2<'_, bool>) -> Picture {
    let mask = mask.as_array();
    let (height, width) = mask.dim();
    let values = mask.iter().map(|&known| if known { 255 } else { 0 }).collect();
    Picture { name: "mask".into(), height, ..Picture::grey(width, values) }
}
