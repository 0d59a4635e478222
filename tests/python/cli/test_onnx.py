"""vulkan-forge onnx: inspect, run, bench."""

import json

import numpy as np
import onnx
import pytest
from onnx.parser import parse_model

import vulkan_forge as vf
from vulkan_forge.cli import main

HEAD = '<ir_version: 8, opset_import: ["": 17]> '


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.onnx"
    onnx.save(
        parse_model(HEAD + "g (float[N, 4] x, float[4] w) => (float[N, 4] y) { a = Add(x, w) y = Relu(a) }"), path
    )
    return str(path)


def test_inspect_says_what_a_model_is_made_of(model, capsys):
    assert main(["onnx", "inspect", model]) == 0
    text = capsys.readouterr().out
    assert "x: float (N, 4)" in text
    assert "Relu" in text
    assert main(["onnx", "inspect", model, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["operators"] == {"Add": 1, "Relu": 1}
    assert report["unsupported"] == []


def test_inspect_names_what_is_not_supported(tmp_path, capsys):
    path = tmp_path / "odd.onnx"
    onnx.save(parse_model(HEAD + "g (float[N] x) => (float[N] y) { y = Marvel(x) }"), path)
    assert main(["onnx", "inspect", str(path)]) == 1
    assert "Marvel of opset 17" in capsys.readouterr().out


def test_inspect_shows_models_whose_values_have_no_place_on_the_device(tmp_path, capsys):
    path = tmp_path / "text.onnx"
    onnx.save(
        parse_model(HEAD.replace("17", "20") + "g (string[N] t) => (string[N] u) { u = StringConcat(t, t) }"), path
    )
    assert main(["onnx", "inspect", str(path), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["operators"] == {"StringConcat": 1}
    assert "got STRING" in report["unsupported"][0]


@pytest.mark.gpu
def test_run_takes_and_writes_arrays(model, tmp_path, capsys):
    x, w = np.array([[1, -2, 3, -4]], np.float32), np.ones(4, np.float32)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "w.npy", w)
    out = tmp_path / "out.npz"
    words = ["onnx", "run", model, "-i", f"x={tmp_path / 'x.npy'}", "-i", f"w={tmp_path / 'w.npy'}", "-o", str(out)]
    assert main(words) == 0
    assert "y: float32 (1, 4)" in capsys.readouterr().out
    np.testing.assert_array_equal(np.load(out)["y"], np.maximum(x + w, 0))


@pytest.mark.gpu
def test_run_makes_up_inputs_of_a_shape(model, capsys):
    assert main(["onnx", "run", model, "-s", "x=3x4"]) == 0
    assert "y: float32 (3, 4)" in capsys.readouterr().out


@pytest.mark.gpu
def test_bench_times_runs_and_kernels(model, capsys):
    assert main(["onnx", "bench", model, "-s", "x=8x4", "--runs", "3"]) == 0
    text = capsys.readouterr().out
    assert "load and first run" in text
    assert "median of 3 runs" in text
    assert '"recorded": true' in text


@pytest.mark.gpu
@pytest.mark.parametrize("words", [["-i", "nothing"], ["-i", "q=x.npy"], ["-s", "x=axb"]])
def test_wrong_words_are_refused(model, words, capsys):
    try:
        code = main(["onnx", "run", model, *words])
    except (vf.VulkanForgeError, SystemExit):
        return
    assert code != 0
    assert capsys.readouterr().err


def damaged(path, data):
    path.write_bytes(data)
    return str(path)


@pytest.mark.gpu
@pytest.mark.parametrize(
    "data", [None, b"", b"hello", b"\x93NUMPY\x01\x00\x08\x00({[(\\\n  ", b"\x93NUMPY\x67\x61", b"PK\x03\x04"]
)
def test_files_that_hold_no_array_are_refused(model, tmp_path, data, capsys):
    path = damaged(tmp_path / "x.npy", data) if data is not None else str(tmp_path / "nothing.npy")
    assert main(["onnx", "run", model, "-i", f"x={path}"]) == 1
    assert "expected an .npy file" in capsys.readouterr().err


@pytest.mark.gpu
@pytest.mark.parametrize("words", [["-i", "q=x.npy"], ["-s", "q=3"]])
def test_names_that_no_input_has_are_refused(model, words, capsys):
    assert main(["onnx", "run", model, "-s", "x=3x4", *words]) == 1
    assert 'expected x, w; got "q"' in capsys.readouterr().err


@pytest.mark.gpu
def test_outputs_of_any_name_are_written(tmp_path, capsys):
    path = tmp_path / "model.onnx"
    text = "g (float[2] x) => (float[2] file, float[2] allow_pickle) { file = Neg(x) allow_pickle = Exp(x) }"
    onnx.save(parse_model(HEAD + text), path)
    assert main(["onnx", "run", str(path), "-o", str(tmp_path / "out")]) == 0
    with np.load(tmp_path / "out.npz") as saved:
        assert sorted(saved) == ["allow_pickle", "file"]
        np.testing.assert_allclose(saved["allow_pickle"], np.exp(-saved["file"]), rtol=1e-5)
    assert main(["onnx", "run", str(path), "-o", str(tmp_path / "nowhere" / "out.npz")]) == 1
    assert "failed to write output" in capsys.readouterr().err


@pytest.mark.gpu
def test_nothing_to_time_is_refused(model, capsys):
    assert main(["onnx", "bench", model, "-s", "x=3x4", "--runs", "0"]) == 1
    assert "got 0" in capsys.readouterr().err
