import readme


def test_the_first_example_runs(tmp_path):
    printed = readme.run("import numpy", tmp_path)
    # Digits that were drawn as sevens are taken for sevens.
    assert "[7 7 7 7" in printed and printed.endswith("9920\n")


def test_the_example_of_several_scales_runs(tmp_path):
    assert readme.run("import pixelrnn", tmp_path) == "3 (8, 28, 28, 1) (7, 7, 1)\n"
