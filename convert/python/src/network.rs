//! Float networks: what is trained, measured before it is quantized, and quantized.

use std::path::PathBuf;

use indicatif::ProgressBar;
use numpy::{PyArray1, PyArray3, PyArrayMethods};
use pixelrnn_convert::commands::export;
use pixelrnn_convert::config::NetworkConfig;
use pixelrnn_convert::data::{Levels, Picture, set};
use pixelrnn_convert::evaluate::each_float;
use pixelrnn_convert::float::{self, Image, NetworkError, Silent};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::arguments::{choice, label, within};
use crate::error::{Failure, compute, failed};
use crate::images::pictures;
use crate::tensors;

/// A network of floats: the twin of a model before it is quantized.
///
/// `config` and `tensors` are those of `config.json` and `model.safetensors`: names and shapes are in `pixelrnn_convert::config`, and
/// those of `pixelrnn.torch.Network.state_dict()`.
#[pyclass(frozen, module = "pixelrnn")]
pub struct Network(float::Network);

/// Nats of each value of an image, in the image's shape.
type ValueNats<'py> = Bound<'py, PyArray3<f64>>;

#[pymethods]
impl Network {
    #[new]
    fn new(config: &Bound<'_, PyDict>, tensors: &Bound<'_, PyDict>) -> PyResult<Self> {
        network(config, tensors).map(Self)
    }

    /// Loads a run folder, or a `.safetensors` file with its config beside it.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let (weights, config) = float::files(&path);
        compute(py, move || Ok(Self(float::Network::read(&config, &weights)?)))
    }

    /// Negative log-likelihood of each image, as `Model.nats`.
    #[pyo3(signature = (images, labels=None, *, values="auto"))]
    fn nats<'py>(
        &self,
        images: &Bound<'py, PyAny>,
        labels: Option<Vec<u16>>,
        values: &str,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let (py, pictures, values) = (images.py(), pictures(images)?, choice("values", values)?);
        let work = || Ok(each_float(&self.0, &self.levels(pictures, labels, values)?, &ProgressBar::hidden()));
        Ok(PyArray1::from_vec(py, compute(py, work)?))
    }

    /// The same of each value of an image: (rows, columns, channels).
    #[pyo3(signature = (image, class_=None, *, values="auto"))]
    fn value_nats<'py>(
        &self,
        image: &Bound<'py, PyAny>,
        class_: Option<u16>,
        values: &str,
    ) -> PyResult<ValueNats<'py>> {
        let (py, pictures, values) = (image.py(), pictures(image)?, choice("values", values)?);
        export::needs_labels(&self.0, class_.is_some()).map_err(failed)?;
        let labels = class_.map(|class| vec![class]);
        let work = || {
            let picture = self.levels(pictures, labels, values)?.swap_remove(0);
            let nats = Image::score_each(&self.0, &picture, picture.class, &mut Silent);
            Ok(([picture.height, picture.width, picture.channels], nats))
        };
        let (shape, nats) = compute(py, work)?;
        PyArray1::from_vec(py, nats).reshape(shape)
    }
}

impl Network {
    /// Images as the network's levels, each of its class.
    fn levels(
        &self,
        mut pictures: Vec<Picture>,
        given: Option<Vec<u16>>,
        values: Levels,
    ) -> Result<Vec<Picture>, Failure> {
        match (given, self.0.config.classes) {
            (None, _) => {}
            (Some(_), 0) => return Err("--labels: the model has no classes".into()),
            (Some(given), classes) => label(&given, classes, &mut pictures)?,
        }
        set::check_channels(&pictures, self.0.config.channels.into(), set::MODEL)?;
        Ok(values.apply(pictures, self.0.config.levels)?)
    }
}

/// Quantizes a network, calibrated on at most `limit` images: the bytes of the `.prnn` file that `export` writes.
#[pyfunction]
#[pyo3(signature = (config, tensors, images, labels=None, *, weights=8, limit=512, values="auto"))]
pub fn quantize<'py>(
    config: &Bound<'py, PyDict>,
    tensors: &Bound<'py, PyDict>,
    images: &Bound<'py, PyAny>,
    labels: Option<Vec<u16>>,
    weights: u8,
    limit: u32,
    values: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    quantize_scales(vec![(config.clone(), tensors.clone())], images, labels, weights, limit, values)
}

/// The weights and biases of a network's blocks by their names, each weight as its integer stands for it: what `quantize` makes of them.
#[pyfunction]
#[pyo3(signature = (config, tensors, images, labels=None, *, weights=8, limit=512, values="auto"))]
pub fn rounded<'py>(
    config: &Bound<'py, PyDict>,
    tensors: &Bound<'py, PyDict>,
    images: &Bound<'py, PyAny>,
    labels: Option<Vec<u16>>,
    weights: u8,
    limit: u32,
    values: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let (py, values, bits) = (images.py(), choice("values", values)?, choice("weights", &weights.to_string())?);
    let (network, pictures) = (network(config, tensors)?, pictures(images)?);
    let limit = within("limit", limit, 1..=u32::MAX)?;
    let work = move || {
        let images = calibration_images(&network, pictures, labels, values)?;
        Ok(export::quantized(&network, &export::thinned(images, limit), bits)?.dequantized.block_tensors())
    };
    let named = PyDict::new(py);
    for tensor in compute(py, work)? {
        named.set_item(tensor.name, PyArray1::from_vec(py, tensor.values).reshape(tensor.shape)?)?;
    }
    Ok(named)
}

/// Quantizes networks, the scales of one model, the smallest first: what `export` writes of several runs.
///
/// `networks` are (config, tensors) each; all but the first are given a smaller image. `images` are of the largest scale.
#[pyfunction]
#[pyo3(signature = (networks, images, labels=None, *, weights=8, limit=512, values="auto"))]
pub fn quantize_scales<'py>(
    networks: Vec<(Bound<'py, PyDict>, Bound<'py, PyDict>)>,
    images: &Bound<'py, PyAny>,
    labels: Option<Vec<u16>>,
    weights: u8,
    limit: u32,
    values: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    let (py, values, bits) = (images.py(), choice("values", values)?, choice("weights", &weights.to_string())?);
    let networks: Vec<float::Network> =
        networks.iter().map(|(config, tensors)| network(config, tensors)).collect::<PyResult<_>>()?;
    let (pictures, limit) = (pictures(images)?, within("limit", limit, 1..=u32::MAX)?);
    let work = move || {
        let networks: Vec<&float::Network> = networks.iter().collect();
        let named = (0..).zip(&networks).map(|(place, &network)| (format!("networks[{place}]"), network));
        export::check_scales(&named.collect::<Vec<_>>())?;
        let images = calibration_images(networks.first().ok_or("there is no network")?, pictures, labels, values)?;
        export::quantize_scales(&networks, &images, |network, images| {
            Ok(export::quantized(network, &export::thinned(images, limit), bits)?.blob)
        })
    };
    Ok(PyBytes::new(py, compute(py, work)?.bytes()))
}

/// Images as a network's levels, each of its class if the network has some.
fn calibration_images(
    network: &float::Network,
    mut pictures: Vec<Picture>,
    labels: Option<Vec<u16>>,
    values: Levels,
) -> Result<Vec<Picture>, Failure> {
    export::needs_labels(network, labels.is_some())?;
    if let (Some(given), classes @ 1..) = (labels, network.config.classes) {
        label(&given, classes, &mut pictures)?;
    }
    export::levels(network, pictures, values)
}

/// Whether a network's config is one: an error says what is out of range.
#[pyfunction]
pub fn check_config(config: &Bound<'_, PyDict>) -> PyResult<()> {
    checked(config).map(drop)
}

/// A config that was checked.
fn checked(config: &Bound<'_, PyDict>) -> PyResult<NetworkConfig> {
    let text: String = config.py().import("json")?.call_method1("dumps", (config,))?.extract()?;
    let wrong = |reason: String| failed(NetworkError::Config { path: "config".into(), reason });
    let config: NetworkConfig = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    config.check().map_err(wrong)?;
    Ok(config)
}

/// A network from its config and named arrays.
fn network(config: &Bound<'_, PyDict>, tensors: &Bound<'_, PyDict>) -> PyResult<float::Network> {
    let (py, config, file) = (config.py(), checked(config)?, tensors::file(tensors)?);
    let work = || {
        let network = float::Network::from_safetensors(config, &file);
        Ok(network.map_err(|reason| NetworkError::Weights { path: "tensors".into(), reason })?)
    };
    compute(py, work)
}
