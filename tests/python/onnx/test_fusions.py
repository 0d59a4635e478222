"""Fusions change no result but by rounding, can be switched off one by one, and take nodes away."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper
from onnx.parser import parse_model

import vulkan_forge as vf
from vulkan_forge.onnx import InferenceSession, fusions

pytestmark = pytest.mark.gpu
ROOT = Path(__file__).parents[3]
HEAD = '<ir_version: 8, opset_import: ["": 17]> '
ALL = tuple(fusions())
RANDOM = np.random.default_rng(0)


def commands(model, feeds, names=None):
    """Results, and how many commands a run is."""
    with InferenceSession(model, fusions=names) as session:
        return session.run(None, feeds), session.report()["commands"]


def compare(model, feeds, tolerance=1e-5):
    """With all fusions, with none, and without each one; the commands with all and with none."""
    plain, before = commands(model, feeds, ())
    fused, after = commands(model, feeds)
    for got, want in zip(fused, plain, strict=True):
        scale = max(float(np.abs(want).max(initial=0)), 1e-6)
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance * scale)
    return before, after


def held(**values):
    return [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in values.items()]


def model_of(text, **values):
    model = parse_model(HEAD + text)
    model.graph.initializer.extend(held(**values))
    return model


def weights(*shape):
    return RANDOM.standard_normal(shape) * 0.3


PATTERNS = {
    "batch_norm": (
        "g (float[1, 4, 9, 9] x) => (y) { c = Conv<pads = [1, 1, 1, 1]>(x, w, b) n = BatchNormalization(c, s, t, m, v) "
        "y = Relu(n) }",
        {"w": weights(8, 4, 3, 3), "b": weights(8), "s": weights(8), "t": weights(8), "m": weights(8),
         "v": np.abs(weights(8)) + 0.1},
        (1, 4, 9, 9),
    ),
    "layer_norm": (
        "g (float[3, 5, 16] x) => (y) { m = ReduceMean<axes = [-1]>(x) d = Sub(x, m) q = Pow(d, two) "
        "v = ReduceMean<axes = [-1]>(q) e = Add(v, tiny) r = Sqrt(e) n = Div(d, r) p = Mul(n, w) y = Add(p, b) }",
        {"two": 2, "tiny": 1e-5, "w": weights(16), "b": weights(16)},
        (3, 5, 16),
    ),
    "gelu": (
        "g (float[3, 50] x) => (y) { d = Div(x, root) e = Erf(d) o = Add(e, one) p = Mul(x, o) y = Mul(p, half) }",
        {"root": 2**0.5, "one": 1, "half": 0.5},
        (3, 50),
    ),
    "gelu by tanh": (
        "g (float[3, 50] x) => (y) { q = Pow(x, three) s = Mul(q, c) a = Add(x, s) m = Mul(a, k) t = Tanh(m) "
        "o = Add(t, one) h = Mul(x, half) y = Mul(h, o) }",
        {"three": 3, "c": 0.044715, "k": 0.7978845608, "one": 1, "half": 0.5},
        (3, 50),
    ),
    "swish": ("g (float[3, 50] x) => (y) { s = Sigmoid(x) y = Mul(x, s) }", {}, (3, 50)),
    "hard_swish": (
        "g (float[3, 50] x) => (y) { a = Add(x, three) c = Clip(a, zero, six) m = Mul(x, c) y = Div(m, six) }",
        {"three": 3, "zero": 0, "six": 6},
        (3, 50),
    ),
    "attention": (
        "g (float[2, 3, 11, 8] x) => (y) { k = Transpose<perm = [0, 1, 3, 2]>(x) s = MatMul(x, k) d = Div(s, root) "
        "b = Add(d, mask) p = Softmax(b) y = MatMul(p, x) }",
        {"root": 8**0.5, "mask": np.where(RANDOM.random((2, 1, 1, 11)) < 0.3, -1e4, 0)},
        (2, 3, 11, 8),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_are_found_and_agree(name):
    text, values, shape = PATTERNS[name]
    feeds = {"x": RANDOM.standard_normal(shape).astype(np.float32)}
    model = model_of(text, **values)
    before, after = compare(model, feeds)
    assert after < before
    if name == "attention":
        assert commands(model, feeds, [n for n in ALL if n != "attention"])[1] > after


def test_what_is_needed_elsewhere_stays():
    text, values, shape = PATTERNS["batch_norm"]
    model = model_of(text.replace("=> (y)", "=> (y, c)"), **values)
    compare(model, {"x": RANDOM.standard_normal(shape).astype(np.float32)})
    text, values, shape = PATTERNS["layer_norm"]
    model = model_of(text.replace("=> (y)", "=> (y, d, v)"), **values)
    compare(model, {"x": RANDOM.standard_normal(shape).astype(np.float32)})


@pytest.mark.parametrize("length", [1, 7, 8, 9, 40])
@pytest.mark.parametrize("head", [1, 8, 20, 64, 128, 130])
def test_attention_of_all_sizes(length, head):
    text = "g (float[B, H, L, D] q, float[B, H, D, S] k, float[B, H, S, E] v) => (y) { s = MatMul(q, k) p = Softmax<axis = -1>(s) y = MatMul(p, v) }"  # noqa: E501
    q, k = RANDOM.standard_normal((2, 3, 13, head)), RANDOM.standard_normal((2, 3, head, length))
    v = RANDOM.standard_normal((2, 3, length, head))
    feeds = {name: value.astype(np.float32) for name, value in {"q": q / head**0.5, "k": k, "v": v}.items()}
    compare(parse_model(HEAD + text), feeds)


def test_attention_with_masks_that_hide_keys():
    text = "g (float[1, 1, 4, 8] q, float[1, 1, 8, 20] k, float[1, 1, 20, 8] v, float[4, 20] m) => (y) { s = MatMul(q, k) t = Add(s, m) p = Softmax<axis = -1>(t) y = MatMul(p, v) }"  # noqa: E501
    feeds = {n: RANDOM.standard_normal(s).astype(np.float32) for n, s in
             (("q", (1, 1, 4, 8)), ("k", (1, 1, 8, 20)), ("v", (1, 1, 20, 8)))}  # fmt: skip
    mask = np.zeros((4, 20), np.float32)
    mask[1, :17] = -np.inf  # whole steps of keys before one that is seen
    mask[2] = np.finfo(np.float32).min
    mask[3, 3:] = -np.inf
    compare(parse_model(HEAD + text), {**feeds, "m": mask}, 1e-4)


UNARY = ["Relu", "Sigmoid", "Tanh", "Neg", "Abs", "Exp", "Softplus", "HardSwish", "Erf", "Sqrt"]


@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_chains_as_they_are_drawn(data):
    nodes, values = [], ["x", "z"]
    for i in range(data.draw(st.integers(1, 12))):
        operands = [data.draw(st.sampled_from(values))]
        name = data.draw(st.sampled_from([*UNARY, "Add", "Mul", "Sub", "MatMul", "Softmax", "ReduceMean"]))
        if name in ("Add", "Mul", "Sub"):
            operands.append(data.draw(st.sampled_from(values)))
        if name == "MatMul":
            operands.append("w")
        options = {"axis": -1} if name == "Softmax" else {"axes": [-1]} if name == "ReduceMean" else {}
        nodes.append(helper.make_node(name, operands, [f"v{i}"], **options))
        values.append(f"v{i}")
    info = helper.make_tensor_value_info
    ports = [info(name, 1, [4, 6]) for name in ("x", "z")]
    results = data.draw(st.sets(st.sampled_from(values[2:]), min_size=1))
    outputs = [onnx.ValueInfoProto(name=name) for name in sorted(results)]
    graph = helper.make_graph(nodes, "drawn", ports, outputs, held(w=weights(6, 6)))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    try:
        onnx.checker.check_model(onnx.shape_inference.infer_shapes(model, strict_mode=True))
    except (onnx.shape_inference.InferenceError, onnx.checker.ValidationError):
        return  # a mean's one column meets the matrix
    feeds = {name: RANDOM.standard_normal((4, 6)).astype(np.float32) for name in ("x", "z")}
    with np.errstate(all="ignore"):
        plain, fused = commands(model, feeds, ())[0], commands(model, feeds)[0]
    for got, want in zip(fused, plain, strict=True):
        finite = want[np.isfinite(want)]
        scale = max(float(np.abs(finite).max(initial=0)), 1e-3)
        np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-5 * scale)


@pytest.mark.slow
def test_real_models_agree_with_and_without(device, benchmark):
    """Every model, with all fusions and with none."""
    for name, source, shapes in [*benchmark.light_models(), *benchmark.package_models()]:
        with InferenceSession(source) as session, InferenceSession(source, fusions=()) as plain:
            feeds = benchmark.feeds_of(session, shapes)
            error = benchmark.error_of(session.run(None, feeds), plain.run(None, feeds))
        assert error < (2e-3 if name == "PP-OCR detection" else 1e-4), (
            name,
            error,
        )  # noise holds no text: docs/onnx.md


def test_names_that_are_none_are_refused():
    with pytest.raises(vf.InputError, match=r"no such fusion.*batch_norm"):
        InferenceSession(model_of(PATTERNS["swish"][0]), fusions=["magic"])
