import readme


def test_the_example_of_a_loop_runs(tmp_path):
    loss, nats = map(float, readme.run("import torch", tmp_path).split())
    assert abs(loss - nats) < 60
    assert (tmp_path / "runs/mine/model.safetensors").exists()


def test_the_example_of_a_cluster_runs(tmp_path):
    assert len(readme.run("import distributed", tmp_path).split()) == 80
