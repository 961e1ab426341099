//! Prints `pixelrnn.h`: `cargo run -p pixelrnn-tests --bin c-header > core/capi/include/pixelrnn.h`

fn main() -> Result<(), Box<dyn std::error::Error>> {
    print!("{}", pixelrnn_tests::c_header::generate()?);
    Ok(())
}
