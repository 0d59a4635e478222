"""Benchmarks: the shape of their result, and the console command."""

import json
import tempfile

import pytest

import vulkan_forge as vf
from vulkan_forge import bench

KEYS = ["op", "width", "height", "pixels", "iterations", "warmup", "stats", "throughput", "env"]
STATS = ["min_ms", "p50_ms", "mean_ms", "p95_ms", "max_ms", "std_ms"]


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.gpu
@pytest.mark.parametrize("op", bench.OPS)
def test_result(op, scratch):
    result = vf.run_benchmark(f" {op.upper()} ", 32, 16, iterations=5, warmup=1, seed=3)
    assert list(result) == KEYS
    assert (result["op"], result["pixels"], result["iterations"], result["warmup"]) == (op, 512, 5, 1)
    stats, throughput = result["stats"], result["throughput"]
    assert list(stats) == STATS
    assert 0 < stats["min_ms"] <= stats["p50_ms"] <= stats["p95_ms"] <= stats["max_ms"]
    assert throughput["fps"] == pytest.approx(1000 / stats["mean_ms"])
    assert throughput["mpix_per_s"] == pytest.approx(throughput["fps"] * 512 / 1e6)
    assert set(result["env"]) == {"status", "adapter_name", "backend", "device_type"}
    assert result["env"]["status"] == "ok"
    assert json.loads(json.dumps(result)) == result
    assert list(scratch.iterdir()) == []


def test_at_least_one_call_is_timed():
    result = vf.run_benchmark("numpy_to_png", 4, 4, iterations=0, warmup=-3)
    assert (result["iterations"], result["warmup"]) == (1, 0)
    assert result["stats"]["std_ms"] == 0
    assert result["stats"]["min_ms"] == result["stats"]["max_ms"]


def test_spread_is_that_of_the_population():
    assert bench._stats([1.0, 3.0])["std_ms"] == pytest.approx(1.0)


def test_unknown_ops_are_refused():
    known = "renderer_rgba, renderer_png, scene_rgba, numpy_to_png, png_to_numpy"
    with pytest.raises(ValueError, match=f"unknown op; expected one of: {known}; got 'paint'"):
        vf.run_benchmark("paint", 8, 8)


@pytest.mark.gpu
def test_a_scene_takes_its_grid_and_colormap():
    assert vf.run_benchmark("scene_rgba", 8, 8, iterations=1, warmup=0, grid=4, colormap="magma")["pixels"] == 64
    with pytest.raises(RuntimeError, match="Unknown colormap 'jet'"):
        vf.run_benchmark("scene_rgba", 8, 8, colormap="jet")
    with pytest.raises(ValueError, match="grid is out of range"):
        vf.run_benchmark("scene_rgba", 8, 8, grid=5000)
    with pytest.raises(TypeError, match="grid must be an integer"):
        vf.run_benchmark("scene_rgba", 8, 8, grid=2.5)


def test_sizes_are_checked():
    with pytest.raises(ValueError, match="width and height must be > 0"):
        vf.run_benchmark("numpy_to_png", 0, 8)


def test_files_go_even_when_the_run_fails(scratch, monkeypatch):
    def broken(job):
        (job.folder / "picture.png").write_bytes(b"half")
        raise OSError("no space")

    monkeypatch.setitem(bench.OPS, "numpy_to_png", broken)
    with pytest.raises(OSError, match="no space"):
        vf.run_benchmark("numpy_to_png", 8, 8)
    assert list(scratch.iterdir()) == []


def test_command(tmp_path, capsys):
    path = tmp_path / "result.json"
    words = ["--op", "png_to_numpy", "--width", "20", "--height", "10", "--iterations", "3", "--warmup", "0"]
    words += ["--grid", "8", "--colormap", "magma", "--seed", "1"]
    assert bench.main([*words, "--json", str(path)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("png_to_numpy 20x10\niterations: 3")
    assert "min/median/mean/p95/max/std (ms): " in printed
    assert "throughput: " in printed
    assert "env: " in printed
    text = path.read_text()
    assert list(json.loads(text)) == KEYS
    assert text.startswith('{\n  "op"')


def test_command_says_where_it_cannot_write(tmp_path, capsys, monkeypatch):
    words = ["--op", "numpy_to_png", "--width", "8", "--height", "8", "--iterations", "1", "--warmup", "0", "--json"]
    assert bench.main([*words, str(tmp_path)]) == 1
    assert "Is a directory" in capsys.readouterr().err
    monkeypatch.setattr(bench, "run_benchmark", None)  # refused before anything is timed
    assert bench.main([*words, str(tmp_path / "none" / "a.json")]) == 1
    assert "expected a folder" in capsys.readouterr().err


def test_command_says_what_is_wrong(capsys):
    assert bench.main(["--op", "paint", "--width", "8", "--height", "8"]) == 1
    assert "vf-bench: unknown op" in capsys.readouterr().err
