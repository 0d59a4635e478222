"""reduce against NumPy."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import compute

pytestmark = pytest.mark.gpu

OPS = {op: getattr(np, op) for op in ("sum", "prod", "min", "max", "any", "all", "argmin", "argmax")}
ALL_DTYPES = [
    "bool",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]


def reduce_or_skip(x, op, **keywords):
    try:
        return np.asarray(compute.reduce(x, op, **keywords))
    except vf.UnsupportedError as error:
        pytest.skip(str(error))


def values(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind in "fc":
        return (1 + rng.standard_normal(shape) * 1e-2).astype(dtype)
    return rng.integers(0, 2 if dtype.kind == "b" else 100, shape).astype(dtype)


def check(x, op, axis=None, **keywords):
    got = reduce_or_skip(x, op, axis=axis, **keywords)
    expected = OPS[op](x, axis=axis, **keywords)
    assert got.dtype == expected.dtype
    assert got.shape == np.shape(expected)
    if x.dtype.kind in "fc" and op in ("sum", "prod"):
        exact = OPS[op](x.astype(np.complex128 if x.dtype.kind == "c" else np.float64), axis=axis, **keywords)
        real = np.dtype(x.dtype.char.lower()) if x.dtype.kind == "c" else x.dtype
        np.testing.assert_allclose(got, exact, rtol=max(64 * np.finfo(real).eps, 1e-13))
    else:
        np.testing.assert_array_equal(got, expected)


@settings(deadline=None, max_examples=40)
@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=70),
    dtype=st.sampled_from(["int32", "float32", "uint32"]),
    op=st.sampled_from(["sum", "max", "argmin"]),
    data=st.data(),
)
def test_any_shape_and_axis(shape, dtype, op, data):
    axis = data.draw(st.one_of(st.none(), st.integers(-len(shape), len(shape) - 1)))
    check(values(shape, dtype), op, axis, keepdims=data.draw(st.booleans()))


SEVERAL = {op: OPS[op] for op in OPS if not op.startswith("arg")}


@settings(deadline=None, max_examples=60)
@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=5, min_side=1, max_side=20),
    dtype=st.sampled_from(["int32", "float32", "uint32"]),
    op=st.sampled_from(["sum", "max", "any"]),
    data=st.data(),
)
def test_any_shape_and_axes(shape, dtype, op, data):
    axes = data.draw(st.lists(st.integers(0, len(shape) - 1), unique=True))
    signed = tuple(axis - len(shape) * data.draw(st.booleans()) for axis in axes)
    check(values(shape, dtype), op, signed, keepdims=data.draw(st.booleans()))


@pytest.mark.parametrize("op", SEVERAL)
@pytest.mark.parametrize("dtype", ALL_DTYPES)
def test_every_dtype_over_several_axes(dtype, op):
    if np.dtype(dtype).kind == "c" and op not in ("sum", "prod", "any", "all"):
        return
    check(values((6, 5, 7), dtype), op, (0, 2))
    check(values((6, 5), dtype), op, ())


@pytest.mark.parametrize("shape", [(3, 5, 70_001), (70_001, 2, 3), (9, 30_001, 2), (2, 3, 4, 5, 6000)])
@pytest.mark.parametrize("axes", [(0, 2), (2, 0), (1,), (0, 1), (1, 2), (0, 1, 2), (-1, 0)])
def test_several_axes_in_several_passes(shape, axes):
    check(values(shape, "float32"), "sum", axes)
    check(values(shape, "int32"), "max", axes)


def test_a_sum_of_halves_is_rounded_once():
    x = np.full((64, 3, 64), 0.1, np.float16)
    exact = x.astype(np.float64).sum((0, 2))
    np.testing.assert_array_equal(reduce_or_skip(x, "sum", axis=(0, 2)), exact.astype(np.float16))


@pytest.mark.parametrize(("shape", "axes"), [((3, 0, 2), (0, 2)), ((3, 0, 2), (0, 1)), ((0, 2), (0, 1)), ((0, 2), ())])
def test_several_axes_of_nothing(shape, axes):
    x = np.zeros(shape, np.float32)
    check(x, "sum", axes)
    check(x, "all", axes)
    if 0 in [shape[axis] for axis in axes]:
        with pytest.raises(vf.ShapeError, match="without elements"):
            compute.reduce(x, "max", axis=axes)
    else:
        check(x, "max", axes)


def test_axes_that_are_refused():
    x = np.zeros((3, 4), np.float32)
    for axes, error in (
        ((0, 0), vf.InputError),
        ((0, -2), vf.InputError),
        ((0, 2), vf.RangeError),
        ((0, "1"), vf.ArgumentTypeError),
        ([0, 1], vf.ArgumentTypeError),
        (0.0, vf.ArgumentTypeError),
    ):
        with pytest.raises(error):
            compute.reduce(x, axis=axes)
    for axes in ((0,), (0, 1), ()):
        with pytest.raises(vf.ArgumentTypeError, match="along one axis"):
            compute.reduce(x, "argmax", axis=axes)
    check(x, "argmax", np.int64(1))


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("dtype", ALL_DTYPES)
def test_every_dtype(dtype, op):
    if np.dtype(dtype).kind == "c" and op not in ("sum", "prod", "any", "all"):
        with pytest.raises(vf.DtypeError):
            compute.reduce(values(8, dtype), op)
        return
    check(values(5003, dtype), op)
    check(values((40, 96), dtype), op, 1)


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 1023, 8192, 8193, 100_003, 1_000_001])
@pytest.mark.parametrize("op", ["sum", "argmax"])
def test_awkward_lengths(n, op):
    check(values(n, "float32"), op)


@pytest.mark.parametrize("shape", [(300_000, 2), (3, 90_000), (3, 90_001), (70_001, 3), (2, 5000, 7)])
@pytest.mark.parametrize("op", ["sum", "min", "argmin"])
def test_several_passes(shape, op):
    for axis in range(len(shape)):
        check(values(shape, "float32"), op, axis)
        check(values(shape, "int32"), op, axis)


@pytest.mark.parametrize("op", ["min", "max", "argmin", "argmax"])
@pytest.mark.parametrize("n", [10, 5000, 40_001])
def test_nan_wins(op, n):
    x = values(n, "float32")
    x[[n // 3, n // 2]] = np.nan
    x[0] = -np.inf
    check(x, op)
    check(np.stack([x, x]).T.copy(), op, 0)


def test_infinities_alone():
    for value in (np.inf, -np.inf):
        x = np.full(9000, value, np.float32)
        for op in ("min", "max", "argmin", "argmax"):
            check(x, op)


@pytest.mark.parametrize("dtype", ["int32", "uint32"])
def test_integer_sums_have_64_bits(dtype):
    x = np.full(70_001, np.iinfo(dtype).max, dtype)
    x[::3] = np.iinfo(dtype).min
    check(x, "sum")
    check(x[:90] | 1, "prod")


def test_a_long_sum_is_as_exact_as_numpys():
    x = np.random.default_rng(1).random(1 << 22, dtype=np.float32)
    exact = x.sum(dtype=np.float64)
    ours = abs(float(np.asarray(compute.reduce(x))) - exact) / exact
    assert ours <= max(abs(float(x.sum()) - exact) / exact, 2e-7)


@pytest.mark.parametrize(
    ("shape", "axis"), [((0,), 0), ((0,), None), ((3, 0), 1), ((0, 3), 1), ((0, 3), 0), ((2, 0, 3), 2)]
)
def test_empty(shape, axis):
    for dtype in ("int32", "float32"):
        x = np.zeros(shape, dtype)
        for op in ("sum", "prod"):
            check(x, op, axis)
        elements = x.size if axis is None else x.shape[axis]
        if elements == 0:
            for op in ("min", "argmax"):
                with pytest.raises(vf.ShapeError, match="without elements"):
                    compute.reduce(x, op, axis=axis)
        else:
            check(x, "min", axis)


def test_unaligned_and_borrowed_memory():
    x = values(100_008, "float32")
    for start in range(1, 5):
        check(x[start:], "sum")
    check(x.reshape(8, -1)[1:], "max", 1)


def test_bad_input_is_refused():
    x = np.zeros((3, 4), np.float32)
    with pytest.raises(vf.InputError, match="argmax"):
        compute.reduce(x, "median")
    with pytest.raises(vf.RangeError):
        compute.reduce(x, axis=2)
    with pytest.raises(vf.LayoutError):
        compute.reduce(x[:, ::2])
    with pytest.raises(TypeError):
        compute.reduce(x, axis="0")


@pytest.mark.parametrize("axis", [np.array([0, 1]), np.array([1.5]), "0", True, [0], (0, np.array([1, 0]))])
def test_an_axis_that_is_no_integer_is_refused(axis):
    with pytest.raises(vf.ArgumentTypeError, match="axis"):
        compute.reduce(np.ones((3, 4), np.float32), axis=axis)


@pytest.mark.parametrize(("axis", "plain"), [(np.int8(1), 1), (np.array(1), 1), ((np.int64(0), np.uint8(1)), (0, 1))])
def test_an_axis_may_be_numpys_integer(axis, plain):
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(np.asarray(compute.reduce(x, axis=axis)), x.sum(axis=plain))
