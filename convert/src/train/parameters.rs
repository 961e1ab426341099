//! A network's weights by name: how they begin, and their documented form on disk.

use std::collections::{BTreeMap, HashMap};

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use tch::{Device, Kind, Tensor};

use super::TrainError;
use super::maps::to_vec;
use super::network::weights;
use crate::config::NetworkConfig;

/// Tensors by name.
pub type Named = BTreeMap<String, Tensor>;

/// Fresh weights.
pub fn initialize(config: &NetworkConfig, seed: i64, device: Device) -> Named {
    tch::manual_seed(seed);
    let mut named = Named::new();
    for weight in weights(config) {
        named.insert(format!("{}.weight", weight.name), weight.begin().to_device(device));
        if let Some(bias) = &weight.bias {
            named.insert(format!("{}.bias", weight.name), Tensor::from_slice(bias).to_device(device));
        }
    }
    named
}

/// Ones and zeros by name, of the weights of which a mask hides a part.
pub fn masks(config: &NetworkConfig, device: Device) -> Named {
    let mask =
        |weight: super::weights::Weight| Some((format!("{}.weight", weight.name), weight.read()?.to_device(device)));
    weights(config).into_iter().filter_map(mask).collect()
}

/// Sets what masks hide to zero.
pub fn hide(named: &mut Named, masks: &Named) {
    for (name, mask) in masks {
        if let Some(tensor) = named.get_mut(name) {
            *tensor = &*tensor * mask;
        }
    }
}

/// Names and shapes of the weights while they train.
pub fn shapes(config: &NetworkConfig) -> Vec<(String, Vec<i64>)> {
    weights(config).iter().flat_map(super::weights::Weight::shapes).collect()
}

/// The documented form: kernels `[rows, inputs, …]` with zeros where a mask hides them.
fn documented(named: &Named, config: &NetworkConfig) -> Result<Named, TrainError> {
    let get = |name: &String| named.get(name).ok_or_else(|| TrainError::Missing(name.clone()));
    let mut out = Named::new();
    for weight in weights(config) {
        let name = format!("{}.weight", weight.name);
        let matrix = get(&name)?.to_device(Device::Cpu);
        out.insert(name, weight.kernel_of(&matrix));
        if weight.bias.is_some() {
            let name = format!("{}.bias", weight.name);
            let bias = get(&name)?.to_device(Device::Cpu);
            out.insert(name, bias);
        }
    }
    Ok(out)
}

/// The bytes of a safetensors file.
///
/// # Errors
/// Tensors that cannot be written as safetensors.
pub fn serialize(named: &Named, metadata: Option<HashMap<String, String>>) -> Result<Vec<u8>, TrainError> {
    let all: Vec<(&str, Vec<usize>, Vec<f32>)> = named
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor.size().iter().map(|&n| n as usize).collect(), to_vec(tensor)))
        .collect();
    let wrong = |error: safetensors::SafeTensorError| TrainError::Argument(error.to_string());
    let mut views = Vec::new();
    for (name, shape, values) in &all {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytemuck::cast_slice(values)).map_err(wrong)?;
        views.push((*name, view));
    }
    safetensors::serialize(views, metadata).map_err(wrong)
}

/// The bytes of a file of weights under their documented names and shapes.
///
/// # Errors
/// A weight that is missing.
pub fn documented_bytes(named: &Named, config: &NetworkConfig) -> Result<Vec<u8>, TrainError> {
    serialize(&documented(named, config)?, None)
}

/// Weights from the bytes of a file of documented names and shapes, to train on from.
///
/// # Errors
/// Tensors that are missing, superfluous, not finite or of another shape, in words.
pub fn from_documented(config: &NetworkConfig, bytes: &[u8], device: Device) -> Result<Named, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut named = Named::new();
    for weight in weights(config) {
        let kernel = read(&file, &format!("{}.weight", weight.name), &weight.disk_shape())?;
        named.insert(format!("{}.weight", weight.name), weight.matrix_of(&kernel).to_device(device));
        if weight.bias.is_some() {
            let name = format!("{}.bias", weight.name);
            let bias = read(&file, &name, &[weight.rows])?;
            named.insert(name, bias.to_device(device));
        }
    }
    match file.names().into_iter().find(|name| !named.contains_key(*name)) {
        Some(name) => Err(format!("{name} has no place in it")),
        None => Ok(named),
    }
}

/// One tensor of a file.
fn read(file: &SafeTensors<'_>, name: &str, shape: &[i64]) -> Result<Tensor, String> {
    let view = file.tensor(name).map_err(|_| format!("{name} is missing"))?;
    let found: Vec<i64> = view.shape().iter().map(|&size| size as i64).collect();
    if found != shape {
        return Err(format!("{name} is {found:?}, {shape:?} is expected"));
    }
    let kind = match view.dtype() {
        Dtype::F32 => Kind::Float,
        Dtype::F16 => Kind::Half,
        Dtype::BF16 => Kind::BFloat16,
        other => return Err(format!("{name} is {other:?}; float32, float16 and bfloat16 are read")),
    };
    let tensor = Tensor::from_data_size(view.data(), shape, kind).to_kind(Kind::Float);
    if tensor.isfinite().all().int64_value(&[]) == 0 {
        return Err(format!("{name} holds numbers that are not finite"));
    }
    Ok(tensor)
}
