//! On every processor in QEMU: the kernels equal the plain ones, and nothing has become slower.

use pixelrnn_tests::instructions::{self, CORES, Count};

#[path = "../instructions/src/check.rs"]
mod check;

/// The same comparison on the machine that runs the tests, with whatever instruction set it has.
#[test]
fn kernels_of_this_machine_equal_the_plain_ones() {
    let mut cases = Vec::new();
    assert_eq!(check::differences(&mut |case| cases.push(case.to_string())), 0, "{cases:#?}");
}

/// Each image compares its kernels first, and exits with an error on a difference.
#[test]
fn kernels_of_every_target_equal_the_plain_ones_and_no_count_rises() {
    let committed = instructions::committed().unwrap();
    let counts = instructions::count_all(&[], &|_| {}).unwrap_or_else(|error| panic!("{error}"));
    for core in &CORES {
        let kernels = |counts: &[Count]| counts.iter().filter(|count| count.core == core.name).count();
        assert!(kernels(&committed) > 0 && kernels(&counts) > 0, "nothing counted on {}", core.name);
    }
    let lines = instructions::rises(&committed, &counts);
    assert!(
        lines.is_empty(),
        "after a change that is meant: cargo run -p pixelrnn-tests --bin instructions\n{}",
        lines.join("\n")
    );
}

/// The comparison notices what it should.
#[test]
fn a_rise_of_more_than_two_percent_is_reported() {
    let count =
        |instructions| Count { case: "case".into(), core: "M4".into(), multiply_adds: 1, instructions, accesses: 10 };
    assert!(instructions::rises(&[count(100)], &[count(102)]).is_empty());
    assert_eq!(instructions::rises(&[count(100)], &[count(103)]).len(), 1);
    assert!(instructions::rises(&[count(100)], &[Count { multiply_adds: 2, accesses: 20, ..count(204) }]).is_empty());
    assert!(instructions::rises(&[], &[count(103)]).is_empty());
}
