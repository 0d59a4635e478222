"""convolve against sums of shifted products in float64."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import compute

pytestmark = pytest.mark.gpu

TOLERANCE = {"float16": 4e-3, "float32": 2e-6, "float64": 1e-14}


def values(shape, dtype=np.float32, seed=0):
    return (np.random.default_rng(seed).random(shape) - 0.5).astype(dtype)


def oracle(x, w, stride, padding, dilation, groups):
    """One term for each place of the kernel: a strided view of the padded input times that place's weights."""
    x = np.pad(x.astype(np.float64), [(0, 0), (0, 0), *padding])
    kernel = w.shape[2:]
    out = [
        (extent - d * (k - 1) - 1) // s + 1
        for extent, k, s, d in zip(x.shape[2:], kernel, stride, dilation, strict=True)
    ]
    total = np.zeros((x.shape[0], w.shape[0], *out))
    images = x.reshape(x.shape[0], groups, -1, *x.shape[2:])
    weights = w.astype(np.float64).reshape(groups, -1, *w.shape[1:])
    for tap in itertools.product(*map(range, kernel)):
        seen = tuple(
            slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, n, s in zip(tap, dilation, out, stride, strict=True)
        )
        part = np.einsum("ngc...,goc->ngo...", images[(..., *seen)], weights[(..., *tap)])
        total += part.reshape(total.shape)
    return total


def check(x, w, stride=1, padding=0, dilation=1, groups=1, bias=None, pairs=None):
    axes = x.ndim - 2
    many = lambda value: (value,) * axes if isinstance(value, int) else value
    got = np.asarray(
        compute.convolve(x, w, stride=stride, padding=padding, dilation=dilation, groups=groups, bias=bias)
    )
    pairs = pairs or [(p, p) for p in many(padding)]
    expected = oracle(x, w, many(stride), pairs, many(dilation), groups)
    if bias is not None:
        expected += bias.reshape(-1, *[1] * axes)
    assert got.shape == expected.shape
    scale = np.prod(w.shape[1:]) + 1
    np.testing.assert_allclose(got, expected, rtol=0, atol=TOLERANCE[got.dtype.name] * scale)


@settings(deadline=None, max_examples=20)
@given(data=st.data(), axes=st.integers(1, 3), images=st.integers(1, 3), groups=st.sampled_from([1, 1, 2, 3]))
def test_it_is_the_sum_of_its_taps(data, axes, images, groups):
    draw = lambda low, high: tuple(data.draw(st.integers(low, high)) for _ in range(axes))
    kernel, stride, dilation, padding = draw(1, 4), draw(1, 3), draw(1, 2), draw(0, 2)
    least = [max(d * (k - 1) + 1 - 2 * p, 1) for d, k, p in zip(dilation, kernel, padding, strict=True)]
    extents = tuple(n + extra for n, extra in zip(least, draw(0, 9), strict=True))
    channels, filters = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 9))
    x = values((images, channels * groups, *extents))
    w = values((filters * groups, channels, *kernel), seed=1)
    check(x, w, stride, padding, dilation, groups)


def test_same_and_pairs():
    x, w = values((2, 3, 11, 14)), values((5, 3, 4, 3), seed=1)
    check(x, w, padding="same", pairs=[(1, 2), (1, 1)])
    check(x, w, padding="same", stride=2, pairs=[(1, 2), (0, 1)])
    check(x, w, padding="valid", pairs=[(0, 0), (0, 0)])
    check(x, w, padding=((0, 2), (3, 1)), pairs=[(0, 2), (3, 1)])


def test_bias_and_groups():
    x, w = values((2, 6, 9)), values((8, 3, 3), seed=1)
    check(x, w, groups=2, bias=values(8, seed=2), padding=1)
    check(values((1, 8, 7, 7)), values((8, 1, 3, 3), seed=1), groups=8, padding=1)


@pytest.mark.parametrize(("x", "w"), [("float16", "float16"), ("float16", "float32"), ("float64", "float32")])
def test_dtypes(x, w):
    try:
        check(values((1, 3, 9, 8), x), values((4, 3, 3, 3), w, 1), padding=1)
    except vf.UnsupportedError as error:
        pytest.skip(str(error))


def test_a_layer_of_a_network():
    check(values((2, 32, 28, 28)), values((48, 32, 3, 3), seed=1), padding="same", pairs=[(1, 1), (1, 1)])


def test_nothing():
    out = compute.convolve(np.zeros((0, 3, 8), np.float32), np.zeros((4, 3, 3), np.float32))
    assert out.shape == (0, 4, 6)


@pytest.mark.parametrize(
    ("x", "w", "options", "error"),
    [
        ((1, 3), (4, 3), {}, vf.ShapeError),
        ((1, 3, 8), (4, 3, 3, 3), {}, vf.ShapeError),
        ((1, 3, 8), (4, 2, 3), {}, vf.ShapeError),
        ((1, 3, 8), (4, 3, 9), {}, vf.ShapeError),
        ((1, 4, 8), (3, 2, 3), {"groups": 2}, vf.ShapeError),
        ((1, 3, 8), (4, 3, 3), {"stride": 0}, vf.InputError),
        ((1, 3, 8), (4, 3, 3), {"padding": "full"}, vf.InputError),
        ((1, 3, 8), (4, 3, 3), {"padding": (1, 1)}, vf.InputError),
        ((1, 3, 8), (4, 3, 3), {"dilation": 1.5}, vf.InputError),
    ],
)
def test_bad_input_is_refused(x, w, options, error):
    with pytest.raises(error):
        compute.convolve(np.zeros(x, np.float32), np.zeros(w, np.float32), **options)


def test_integers_are_refused():
    with pytest.raises(vf.DtypeError):
        compute.convolve(np.zeros((1, 1, 8), np.int32), np.zeros((1, 1, 3), np.int32))


@pytest.mark.parametrize("kernel", [(3, 3), (5, 5), (1, 7), (4, 2)], ids=str)
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_groups_of_one_channel(kernel, stride, dilation):
    x, bias = values((2, 6, 21, 18)), values(12, seed=2)
    for each in (1, 2):  # filters of a channel
        w = values((6 * each, 1, *kernel), seed=1)
        check(x, w, stride, 2, dilation, groups=6, bias=bias[: 6 * each])


def test_groups_of_one_channel_along_a_line():
    x, w = values((1, 5, 300)), values((5, 1, 9), seed=1)
    check(x, w, stride=1, padding=4, groups=5)
    check(x, w, stride=3, padding=0, dilation=2, groups=5)


@pytest.mark.parametrize("filters", [1, 31, 65, 700])
@pytest.mark.parametrize(("channels", "side"), [(3, 3), (16, 1), (33, 5)])
def test_inputs_of_many_tiles(filters, channels, side):
    x = values((1 if filters > 64 else 2, channels, 23, 31))
    w = values((filters, channels, side, side), seed=1)
    check(x, w, padding=side // 2)
    check(x, w, stride=2, padding=side // 2)


@pytest.mark.parametrize("groups", [1, 2])
def test_nothing_but_padding(groups):
    x, w = np.zeros((1, 2, 0, 4), np.float32), np.ones((2, 2 // groups, 3, 3), np.float32)
    got = np.asarray(compute.convolve(x, w, padding=2, groups=groups))
    np.testing.assert_array_equal(got, np.zeros((1, 2, 2, 6), np.float32))


def test_more_places_than_one_grid_has():
    x = np.random.default_rng(0).standard_normal((1, 1, 1500, 2900)).astype(np.float32)
    w = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
    got = np.asarray(compute.convolve(x, w))[0, 0]
    want = sum(w[0, 0, i, j] * x[0, 0, i : i + 1498, j : j + 2898] for i in range(3) for j in range(3))
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4)


def test_numbers_may_be_numpys_integers():
    x, w = np.ones((1, 1, 6, 6), np.float32), np.ones((1, 1, 3, 3), np.float32)
    expected = np.asarray(compute.convolve(x, w, stride=2, padding=1))
    for two, one in ((np.int64(2), np.int8(1)), ((np.int64(2), 2), (np.int64(1), 1)), (np.array(2), np.array(1))):
        np.testing.assert_array_equal(np.asarray(compute.convolve(x, w, stride=two, padding=one)), expected)


@pytest.mark.parametrize("stride", [True, 1.0, np.array(3.0), np.array([[1, 1]]), "22", None])
def test_what_is_no_stride_is_refused(stride):
    with pytest.raises(vf.VulkanForgeError, match="stride"):
        compute.convolve(np.ones((1, 1, 6, 6), np.float32), np.ones((1, 1, 3, 3), np.float32), stride=stride)
