//! Models of several scales that are committed draw, code and decode what they did.

use pixelrnn::Pyramid;
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_tests::golden_scales::{SIZE, coded, drawn, made, read};

#[test]
fn committed_scales_draw_and_code_what_they_did() {
    for (name, recipe, factors) in made() {
        let blob = Blob::new(&read(name, "prnn").unwrap());
        let models = blob.load_scales().unwrap();
        assert_eq!(models.iter().map(pixelrnn::Model::factor).collect::<Vec<_>>(), factors);
        assert_eq!((models[0].architecture(), models[0].classes()), (recipe.architecture, recipe.classes));
        let values = read(name, "values").unwrap();
        let values: Vec<u16> = values.as_chunks::<2>().0.iter().map(|&bytes| u16::from_le_bytes(bytes)).collect();
        assert!(drawn(&models) == values, "{name}: another image than was committed");
        assert!(values.iter().any(|value| *value != values[0]), "{name}: a blank image");
        let bytes = read(name, "prnz").unwrap();
        assert!(coded(&models, &values) == bytes, "{name}: other bytes than were committed");
        let pyramid = Pyramid::new(&models).unwrap();
        let (mut state, mut images) = (vec![0; pyramid.state_words(SIZE.0)], vec![0u16; values.len()]);
        let rest = pyramid.decode(SIZE, &mut state, &mut images, &bytes[..], |_, _| true).unwrap();
        assert_eq!((rest.len(), images), (0, values), "{name}");
    }
}
