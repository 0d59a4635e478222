"""Shapes before a model runs: names, what is made of them, and shapes that do not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx.parser import parse_model

import vulkan_forge as vf
from vulkan_forge.onnx import InferenceSession
from vulkan_forge.onnx._extents import Extent
from vulkan_forge.onnx._shapes import output_shapes, skeleton

HEAD = '<ir_version: 8, opset_import: ["": 17]> '


def shapes_of(text):
    return output_shapes(skeleton(parse_model(HEAD + text)))


@pytest.mark.parametrize(
    ("body", "want"),
    [
        ("y = Concat<axis = 0>(x, x)", ["2*N", 3, "H"]),
        ("y = Flatten(x)", ["N", "3*H"]),
        ("y = Transpose<perm = [2, 0, 1]>(x)", ["H", "N", 3]),
        ("a = Concat<axis = 2>(x, x) b = Exp(a) y = Concat<axis = 2>(b, x)", ["N", 3, "3*H"]),
        ("s = Constant<value_ints = [-1]>() y = Reshape(x, s)", ["3*H*N"]),
        ("s = Shape<start = 0, end = 1>(x) m = Constant<value_ints = [-1]>() k = Concat<axis = 0>(s, m) "
         "y = Reshape(x, k)",
         ["N", "3*H"]),
        ("s = Shape(x) i = Constant<value_int = 2>() h = Gather(s, i) t = Add(h, h) z = Constant<value_int = 0>() "
         "o = Constant<value_int = 1>() y = Range(z, t, o)", ["2*H"]),
        ("y = MaxPool<kernel_shape = [2], strides = [2]>(x)", ["N", 3, "floor((H - 2)/2) + 1"]),
        ("y = AveragePool<kernel_shape = [3], pads = [1, 1]>(x)", ["N", 3, "H"]),
        ("p = Constant<value_ints = [0, 0, 2, 0, 0, 3]>() y = Pad(x, p)", ["N", 3, "H + 5"]),
        ("r = Constant<value_ints = [1, 2, 4]>() y = Tile(x, r)", ["N", 6, "4*H"]),
        ("s = Constant<value_floats = [1.0, 1.0, 2.0]>() y = Resize(x, , s)", ["N", 3, "2*H"]),
        ("b = Constant<value_ints = [1]>() e = Constant<value_ints = [-1]>() a = Constant<value_ints = [2]>() "
         "y = Slice(x, b, e, a)", ["N", 3, "H - 2"]),
    ],
)  # fmt: skip
def test_extents_are_made_of_names(body, want):
    assert shapes_of(f"g (float[N, 3, H] x) => (y) {{ {body} }}")["y"] == want


def test_what_the_model_says_stays():
    assert shapes_of("g (float[N, 2] x) => (float[rows, 2] y) { y = Exp(x) }")["y"] == ["rows", 2]
    assert shapes_of("g (float[N, 2] x) => (float[unk__3, 2] y) { y = Concat<axis = 0>(x, x) }")["y"] == ["2*N", 2]


numbers = st.integers(-4, 4)
extents = st.recursive(
    st.sampled_from(["N", "M", "H"]).map(Extent.of) | st.integers(1, 9).map(Extent.of),
    lambda inner: st.tuples(inner, inner, st.sampled_from("+-*/")).map(
        lambda drawn: {
            "+": lambda a, b: a + b,
            "-": lambda a, b: a - b,
            "*": lambda a, b: a * b,
            "/": lambda a, b: a // 3 if b == 0 else a // b,
        }[drawn[2]](drawn[0], drawn[1])
    ),
    max_leaves=6,
)


@given(extent=extents, names=st.fixed_dictionaries({name: st.integers(2, 50) for name in "NMH"}))
def test_what_extents_say_is_what_they_are(extent, names):
    """Their text means in Python what they were made of; equal ones have equal texts."""

    def value(e):
        return sum(count * int(np.prod([inner(name) for name in product])) for product, count in e.terms.items())

    def inner(name):
        return value(name.whole) // value(name.divisor) if hasattr(name, "whole") else names[name]

    try:
        want = value(extent)
        got = eval(str(extent).replace("/", "//"), {"floor": int}, names)
    except ZeroDivisionError:
        return
    assert got == want


@pytest.mark.gpu
def test_sessions_say_them():
    model = parse_model(HEAD + "g (float[N, 2] x) => (y) { y = Concat<axis = 0>(x, x, x) }")
    with InferenceSession(model) as session:
        (port,) = session.get_outputs()
        assert port.shape == ["3*N", 2]
        assert session.run(None, {"x": np.ones((4, 2), np.float32)})[0].shape == (12, 2)


@pytest.mark.gpu
@pytest.mark.parametrize("body", ["y = Add(x, z)", "y = MatMul(x, x)", "y = Concat<axis = 0>(x, z)", "y = Conv(x, z)"])
def test_shapes_that_cannot_fit_are_refused_when_a_model_is_loaded(body):
    with pytest.raises(vf.ShapeError, match="do not fit"):
        InferenceSession(parse_model(HEAD + f"g (float[2, 3] x, float[4, 5] z) => (y) {{ {body} }}"))


@pytest.mark.gpu
def test_wrong_words_about_results_harm_nobody():
    with InferenceSession(parse_model(HEAD + "g (float[2, 3] x) => (float[7] y) { y = Exp(x) }")) as session:
        assert session.run(None, {"x": np.zeros((2, 3), np.float32)})[0].shape == (2, 3)
