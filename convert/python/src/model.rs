//! A model: every use of it, as the command of that name has it.

use indicatif::ProgressBar;
use numpy::{PyArray1, PyReadonlyArray2};
use pixelrnn::{LoadError, Pyramid};
use pixelrnn_convert::archive::{Coded, Cut};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::complete::{Completion, known};
use pixelrnn_convert::commands::compress::TileSize;
use pixelrnn_convert::commands::decompress::wanted_scale;
use pixelrnn_convert::commands::enlarge::Enlargement;
use pixelrnn_convert::commands::{class, classify, inspect, sample, score};
use pixelrnn_convert::data::{Grid, Levels, Values};
use pixelrnn_convert::{evaluate, pyramid};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arguments::{Class, choice, label_all, within};
use crate::classification::classification;
use crate::coding;
use crate::error::{Failure, compute, failed};
use crate::images::{array, arrays, levels, mask_picture, of_scales, one, pictures, spread};
use crate::score::score;

/// A model of integers, loaded, of one or several scales. It can be pickled.
#[pyclass(frozen, module = "pixelrnn")]
pub struct Model {
    /// As it was given.
    blob: Blob,
    to_run: Blob,
}

impl Model {
    fn new(blob: Blob) -> Result<Self, LoadError> {
        Ok(Self { to_run: blob.to_run()?, blob })
    }
}

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
            Source::Path(path) => Ok(Self::new(Blob::read_scales(&path)?)?),
            Source::Bytes(bytes) => {
                let checked = |blob: Blob| blob.load_scales().map(drop).and_then(|()| Self::new(blob));
                Ok(checked(Blob::new(&bytes)).map_err(|error| format!("the bytes are not a model: {error}"))?)
            }
        };
        compute(py, load)
    }

    /// Layers, flash, state for images of `width` columns, and work: `inspect --json`. Of several scales also each one's, in `scales`.
    #[pyo3(signature = (width=28))]
    fn info<'py>(&self, py: Python<'py>, width: u32) -> PyResult<Bound<'py, PyAny>> {
        let width = within("width", width, 1..=65_535)?;
        let text = compute(py, || Ok(serde_json::to_string(&inspect::report_blob(&self.blob, width)?)?))?;
        py.import("json")?.call_method1("loads", (text,))
    }

    /// Draws images, number n from `seed + n`: (count, height, width, channels), as `sample --out x.npy` has them.
    ///
    /// With `class_="all"`, `count` images of each class, class by class. With `scales`, all scales of them: a list of such arrays,
    /// the smallest scale first.
    #[pyo3(signature = (count=16, *, seed=1, width=28, height=28, temperature=1.0, class_=None, scales=false))]
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
        scales: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let size = (within("width", width, 1..=65_535)?, within("height", height, 1..=65_535)?);
        let (count, class) = (within("count", count, 1..=100_000)?, class_.map(Class::chosen).transpose()?);
        let draw = |pyramid: &Pyramid<'_>| {
            let temperature = sample::temperature(temperature)?;
            let seeds = sample::seeds(&pyramid.models()[0], class, count, seed)?;
            Ok(sample::draw_all(pyramid, size, temperature, &seeds, &ProgressBar::hidden())?)
        };
        let drawn = self.compute(py, draw)?;
        if scales { of_scales(py, &drawn)?.into_bound_py_any(py) } else { array(py, &pyramid::largest(drawn)) }
    }

    /// Draws plausible larger images around a small one: (count, height, width, channels), as `enlarge --out x.npy` has them.
    ///
    /// `scale` says which scale of the model `small` is, 0 the smallest; `size` are columns and rows to draw, without it those of the
    /// small image times what it is enlarged by.
    #[pyo3(signature = (small, count=8, *, scale=0, size=None, seed=1, temperature=1.0, class_=None, values="auto"))]
    #[expect(clippy::too_many_arguments, reason = "keywords, as the command line's options")]
    fn enlarge<'py>(
        &self,
        small: &Bound<'py, PyAny>,
        count: u32,
        scale: usize,
        size: Option<(u32, u32)>,
        seed: u64,
        temperature: f64,
        class_: Option<u16>,
        values: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, pictures, values) = (small.py(), pictures(small)?, choice::<Values>("values", values)?);
        let count = within("count", count, 1..=10_000)?;
        let sized = |(width, height)| format!("{width}x{height}").parse::<Grid>().map(|_| (width, height));
        let size = size.map(sized).transpose().map_err(failed)?;
        let enlarge = |pyramid: &Pyramid<'_>| {
            let temperature = sample::temperature(temperature)?;
            let enlargement = Enlargement { scale, size, class: class_, temperature };
            enlargement.check(pyramid)?;
            let small = one(levels(&pyramid.models()[0], pictures, values)?, "enlarged")?;
            enlargement.draw(pyramid, &small, (seed, count), &ProgressBar::hidden())
        };
        array(py, &self.compute(py, enlarge)?)
    }

    /// Keeps the known pixels of an image and draws the others: (count, rows, columns, channels), as `complete --out x.npy`.
    ///
    /// `mask` (rows, columns) is true where pixels are known; or they are the first `keep_rows` rows, or the first `keep_pixels`
    /// pixels. Known pixels behind unknown ones steer nothing (of several scales only all larger ones) unless `candidates` is above 1,
    /// which excludes `temperature`.
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
        let complete = |pyramid: &Pyramid<'_>| {
            let (model, temperature) = (&pyramid.models()[0], sample::temperature(temperature)?);
            class::check(model, class_)?;
            let image = one(levels(model, pictures, values)?, "completed")?;
            let mask = known(&image, mask.as_ref(), keep_rows, keep_pixels)?;
            let completion = Completion { class: class_, temperature, candidates };
            Ok(completion.draw(pyramid, (&image, &mask), (seed, count), &ProgressBar::hidden())?)
        };
        array(py, &self.compute(py, complete)?)
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
        let scores = |pyramid: &Pyramid<'_>| {
            let (model, background) =
                (&pyramid.models()[0], background.map(|model| model.to_run.load_scales()).transpose()?);
            let background = background.as_deref().map(Pyramid::new).transpose()?;
            background.map_or(Ok(()), |background| score::check_background(model, &background.models()[0]))?;
            let pictures = levels(model, pictures, values)?;
            Ok(score::scores(pyramid, background.as_ref(), &pictures, &ProgressBar::hidden())?)
        };
        score(py, &self.compute(py, scores)?)
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
            let models = self.to_run.load_scales()?;
            label_all(&models[0], labels.as_deref(), &mut pictures)?;
            let pictures = spread(&models[0], pictures, values)?;
            Ok(evaluate::each_of_scales(&models, &pictures, &ProgressBar::hidden())?)
        };
        Ok(PyArray1::from_vec(py, compute(py, nats)?))
    }

    /// Of which class images are: `classify`.
    #[pyo3(signature = (images, *, values="auto"))]
    fn classify<'py>(&self, images: &Bound<'py, PyAny>, values: &str) -> PyResult<Bound<'py, PyAny>> {
        let (py, pictures, values) = (images.py(), pictures(images)?, choice::<Levels>("values", values)?);
        let classify = |pyramid: &Pyramid<'_>| {
            let model = &pyramid.models()[0];
            classify::check(model)?;
            Ok(classify::classified(pyramid, &spread(model, pictures, values)?, &ProgressBar::hidden())?)
        };
        classification(py, &self.compute(py, classify)?)
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
        let code = |pyramid: &Pyramid<'_>| {
            let model = &pyramid.models()[0];
            match labels {
                Some(labels) => label_all(model, Some(&labels), &mut pictures)?,
                None => {
                    let class = class::check(model, class_)?;
                    pictures.iter_mut().for_each(|picture| picture.class = class);
                }
            }
            coding::code(pyramid, pictures, names.as_deref(), &cut, values)
        };
        Ok(PyBytes::new(py, &self.compute(py, code)?))
    }

    /// Decodes what `compress`, or a device, coded: an array of (rows, columns, channels) an image, of levels.
    ///
    /// With `tones`, of the values of the files that `decompress` writes: grey tones of up to 256 levels. `region` is (left, top,
    /// columns, rows): of each image that part alone. `scale` decodes up to that scale alone, 0 the smallest: what comes behind it is not
    /// read, and may be missing.
    #[pyo3(signature = (coded, *, region=None, tones=false, scale=None))]
    fn decompress<'py>(
        &self,
        py: Python<'py>,
        coded: &[u8],
        region: Option<(u32, u32, u32, u32)>,
        tones: bool,
        scale: Option<usize>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let region = region.map(|(left, top, width, height)| format!("{left},{top},{width}x{height}").parse());
        let region = region.transpose().map_err(|text: String| failed(text))?;
        let decode =
            |pyramid: &Pyramid<'_>| coding::decode(pyramid, coded, wanted_scale(pyramid, scale)?, region, tones);
        arrays(py, &self.compute(py, decode)?)
    }

    /// The names of coded images; empty where none were kept.
    fn names(&self, py: Python<'_>, coded: &[u8]) -> PyResult<Vec<String>> {
        self.compute(py, |pyramid| Ok(Coded::open_first(&pyramid.models()[0], coded)?.0.names()))
    }

    /// The model's bytes: what a `.prnn` file holds.
    #[getter]
    fn blob<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.blob.bytes())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        Ok((py.get_type::<Self>().getattr("load")?, (self.blob(py),)))
    }
}

impl Model {
    /// Computes with the models of all scales, without the interpreter's lock.
    fn compute<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&Pyramid<'_>) -> Result<T, Failure> + Send,
    ) -> PyResult<T> {
        compute(py, || work(&Pyramid::new(&self.to_run.load_scales()?)?))
    }
}
