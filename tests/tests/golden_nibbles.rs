//! Models of weights of 4 bits that are committed draw and code what they did, in their own packing and in the one for all.

use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::quantize::pack::{self, Form};
use pixelrnn_tests::coded::{ALL, decode};
use pixelrnn_tests::golden_nibbles::{SIZE, bytes, coded, made, read};
use pixelrnn_tests::images::drawn;

#[test]
fn committed_nibbles_draw_and_code_what_they_did() {
    for (name, recipe) in made() {
        let narrow = Blob::new(&read(name, "prnn").unwrap());
        let wide = pack::repack(&narrow, Form::All).unwrap();
        assert!(narrow.bytes().len() * 4 < wide.bytes().len() * 3, "{name}: too large");
        for blob in [narrow, wide] {
            let model = blob.load().unwrap();
            assert_eq!((model.architecture(), model.classes()), (recipe.architecture, recipe.classes));
            let image: Vec<u16> = drawn(&model, SIZE.0, SIZE.1, 1);
            assert!(bytes(&image) == read(name, "values").unwrap(), "{name}: another image than was committed");
            assert!(image.iter().any(|value| *value != image[0]), "{name}: a blank image");
            let code = read(name, "prnz").unwrap();
            assert!(coded(&model, &image) == code, "{name}: other bytes than were committed");
            let (pieces, result) = decode(&model, &code, ALL);
            assert_eq!((pieces.len(), result), (1, Ok(0)), "{name}");
        }
    }
}
