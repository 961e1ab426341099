//! The front page's picture is what its command draws.

use pixelrnn_convert::data::ImageOptions;
use pixelrnn_tests::front_picture;

#[test]
fn the_front_picture_is_what_its_command_draws() {
    let path = front_picture::path();
    let committed = ImageOptions::default().read(&path).unwrap().swap_remove(0);
    let drawn = front_picture::picture().unwrap();
    assert!(
        committed.size() == drawn.size() && committed.values == drawn.values,
        "{} is not up to date: run `cargo run --release -p pixelrnn-tests --bin front-picture`",
        path.display()
    );
    assert!(std::fs::metadata(&path).unwrap().len() < 150_000);
}
