//! Models of weights of 4 bits that are committed draw and code what they did, in their own packing and in the one for all.

use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::quantize::pack::{self, Form};
use pixelrnn_tests::coded::{ALL, decode};
use pixelrnn_tests::golden_nibbles::{SIZE, bytes, coded, made, read};
use pixelrnn_tests::images::drawn;

/// Weights of 4 bits, and bytes of the body.
fn body(blob: &Blob) -> (usize, usize) {
    let (mut weights, mut bytes) = (0, 0);
    for shape in blob.load().unwrap().shapes() {
        shape.for_each_part(&mut |part, has_nibbles| {
            let (rows, columns) = part.rows_and_columns();
            weights += if has_nibbles { rows * columns } else { 0 };
            bytes += part.bytes(has_nibbles);
        });
    }
    (weights, bytes)
}

#[test]
fn committed_nibbles_draw_and_code_what_they_did() {
    for (name, recipe) in made() {
        let narrow = Blob::new(&read(name, "prnn").unwrap());
        let wide = pack::repack(&narrow, Form::All).unwrap();
        let [of_narrow, of_wide] = [&narrow, &wide].map(body);
        assert_eq!(of_wide.0, 0, "{name}: weights of 4 bits in the packing for all");
        assert!(of_narrow.0 > 0 && of_wide.1 - of_narrow.1 == of_narrow.0 / 2, "{name}: not half as large");
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
