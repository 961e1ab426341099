//! A teacher: a larger network, whose probabilities a smaller one learns in place of the values (Hinton, Vinyals and Dean 2015,
//! arXiv 1503.02531). A value says what came, a probability what might have: gradients are steadier.
//!
//! Both networks read the same images; each micro-batch asks the teacher anew.

use tch::Device;

use super::network::Network;
use super::{TrainArguments, TrainError, begin, run};
use crate::config::NetworkConfig;

/// The teacher that the arguments name for a network of a shape, if they do.
///
/// # Errors
/// Weights that cannot be read, or that are for other images than the network's.
pub fn read(
    arguments: &TrainArguments,
    network: &NetworkConfig,
    device: Device,
) -> Result<Option<Box<Network>>, TrainError> {
    let Some(path) = &arguments.teacher else { return Ok(None) };
    let (config, parameters) = begin::weights(arguments, path, (network.channels, network.classes), device)?;
    check(&config, network).map_err(TrainError::Argument)?;
    Ok(Some(Box::new(run::network(arguments, config, parameters, device))))
}

/// Whether a network of one shape can teach one of another.
fn check(teacher: &NetworkConfig, network: &NetworkConfig) -> Result<(), String> {
    let of =
        |config: &NetworkConfig| [config.levels, config.channels.into(), config.classes.into(), config.factor.into()];
    let pairs = of(teacher).into_iter().zip(of(network));
    for (name, (has, wanted)) in ["levels", "channels", "classes", "factor"].into_iter().zip(pairs) {
        if has != wanted {
            return Err(format!("the teacher's {name} are {has}, the network's {wanted}"));
        }
    }
    if teacher.components > 0 || network.components > 0 {
        return Err("a teacher and who learns from it have a softmax, not --components".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::super::lstm::Walk;
    use super::super::parameters;
    use super::*;
    use crate::config::Architecture;

    fn config(architecture: Architecture, levels: u32) -> NetworkConfig {
        let kernel = if architecture == Architecture::RowLstm { 5 } else { 3 };
        let dilation = if architecture == Architecture::PixelCnn { 2 } else { 1 };
        NetworkConfig { levels, channels: 2, kernel, dilation, ..NetworkConfig::plain(architecture, 8, 2) }
    }

    fn network(config: NetworkConfig, seed: i64, scale: f64) -> Network {
        let mut parameters = parameters::initialize(&config, seed, Device::Cpu);
        parameters.values_mut().for_each(|value| *value = &*value * scale);
        Network::new(config, parameters, Kind::Float, Walk::Pixels)
    }

    /// Who learns from itself has nothing to learn; who learns from another has its values' gradients on average.
    #[test]
    fn gradients_lead_to_the_teacher() {
        for levels in [2, 5] {
            let teacher = || Box::new(network(config(Architecture::RowLstm, levels), 1, 1.5));
            let mut learner = network(config(Architecture::PixelCnn, levels), 2, 1.0);
            let batch = learner.batch(8, 4, 5, 6);
            let values: Vec<u16> = (0..8 * 60).map(|n| (n * n % 7 % levels as usize) as u16).collect();
            learner.teacher = Some(Box::new(learner.shallow_clone()));
            let (_, alone) = learner.loss(batch, &values, true);
            assert!(alone.values().all(|gradient| gradient.abs().max().double_value(&[]) < 1e-4));
            learner.teacher = Some(teacher());
            let (before, gradients) = learner.loss(batch, &values, true);
            for (name, gradient) in &gradients {
                let moved = &learner.parameters[name] - gradient * 1e-3;
                learner.parameters.insert(name.clone(), moved);
            }
            let (after, _) = learner.loss(batch, &values, true);
            let (entropy, _) = {
                let mut teacher = *teacher();
                teacher.teacher = Some(Box::new(teacher.shallow_clone()));
                teacher.loss(teacher.batch(8, 4, 5, 6), &values, true)
            };
            assert!(entropy < after && after < before, "{before} before, {after} after, {entropy} at best");
        }
    }

    #[test]
    fn a_teacher_of_other_images_is_refused() {
        let learner = config(Architecture::PixelCnn, 2);
        assert_eq!(check(&config(Architecture::RowLstm, 2), &learner), Ok(()));
        let error = check(&config(Architecture::RowLstm, 5), &learner).unwrap_err();
        assert_eq!(error, "the teacher's levels are 5, the network's 2");
        let mixture = NetworkConfig { components: 3, ..learner.clone() };
        assert!(check(&learner, &mixture).unwrap_err().contains("not --components"));
    }
}
