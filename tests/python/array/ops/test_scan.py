"""scan against NumPy."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import compute

pytestmark = pytest.mark.gpu

OPS = {
    "sum": np.cumsum,
    "prod": np.cumprod,
    "min": np.minimum.accumulate,
    "max": np.maximum.accumulate,
}
ALL_DTYPES = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
ALL_DTYPES += ["float16", "float32", "float64", "complex64", "complex128"]


def identity(op, dtype):
    if op in ("sum", "prod"):
        return dtype.type(op == "prod")
    if dtype.kind == "f":
        return dtype.type(np.inf if op == "min" else -np.inf)
    if dtype.kind == "b":
        return op == "min"
    return getattr(np.iinfo(dtype), "max" if op == "min" else "min")


def expected_of(x, op, axis, exclusive, reverse):
    x = np.flip(x, axis) if reverse else x
    exact = {"f": np.float64, "c": np.complex128}.get(x.dtype.kind)
    y = OPS[op](x, axis=axis) if exact is None else OPS[op](x, axis=axis, dtype=exact)
    dtype = OPS[op](x[:0] if x.ndim == 1 else x, axis=axis).dtype
    if exclusive:
        y = np.roll(y, 1, axis)
        y[(slice(None),) * (axis % x.ndim) + (slice(0, 1),)] = identity(op, dtype)
    return np.flip(y, axis) if reverse else y, dtype


def check(x, op, axis=-1, exclusive=False, reverse=False):
    try:
        got = np.asarray(compute.scan(x, op, axis=axis, exclusive=exclusive, reverse=reverse))
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    expected, dtype = expected_of(x, op, axis, exclusive, reverse)
    assert got.dtype == dtype
    if x.dtype.kind in "fc" and op in ("sum", "prod"):
        real = np.dtype(x.dtype.char.lower()) if x.dtype.kind == "c" else x.dtype
        np.testing.assert_allclose(got, expected, rtol=max(64 * np.finfo(real).eps, 1e-12))
    else:
        np.testing.assert_array_equal(got, expected)


def values(shape, dtype):
    rng = np.random.default_rng(5)
    dtype = np.dtype(dtype)
    if dtype.kind in "fc":
        return (1 + rng.standard_normal(shape) * 1e-2).astype(dtype)
    return rng.integers(0, 2 if dtype.kind == "b" else 100, shape).astype(dtype)


@settings(deadline=None, max_examples=40)
@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=70),
    dtype=st.sampled_from(["int32", "float32"]),
    op=st.sampled_from(["sum", "max"]),
    data=st.data(),
)
def test_any_shape_and_axis(shape, dtype, op, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    check(values(shape, dtype), op, axis, data.draw(st.booleans()), data.draw(st.booleans()))


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("dtype", ALL_DTYPES)
def test_every_dtype(dtype, op):
    if np.dtype(dtype).kind == "c" and op in ("min", "max"):
        with pytest.raises(vf.DtypeError):
            compute.scan(values(8, dtype), op)
        return
    check(values(1003, dtype), op)
    check(values((3, 40, 5), dtype), op, 1, exclusive=True)


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("n", [1, 64, 65, 8192, 32_769, 100_003, 1_000_001])
def test_awkward_lengths(n, exclusive, reverse):
    check(values(n, "int32"), "sum", -1, exclusive, reverse)
    check(values(n, "float32"), "max", -1, exclusive, reverse)


@pytest.mark.parametrize("shape", [(300_000, 2), (3, 90_000), (3, 90_001), (2, 5000, 7)])
def test_several_passes(shape):
    for axis in range(len(shape)):
        check(values(shape, "int32"), "sum", axis)
        check(values(shape, "float32"), "sum", axis, exclusive=True)


def test_nan_stays():
    x = values(40_000, "float32")
    x[12_345] = np.nan
    for op in ("min", "max", "sum"):
        y = np.asarray(compute.scan(x, op))
        assert not np.isnan(y[:12_345]).any()
        assert np.isnan(y[12_345:]).all()


def test_unaligned_and_borrowed_memory():
    x = values(100_008, "float32")
    for start in range(1, 4):
        check(x[start:], "sum")


def test_empty_and_bad_input():
    assert np.asarray(compute.scan(np.zeros((3, 0), np.float32))).shape == (3, 0)
    with pytest.raises(vf.ShapeError):
        compute.scan(np.array(1, np.float32))
    with pytest.raises(vf.InputError, match="prod"):
        compute.scan(np.zeros(3, np.float32), "any")
    with pytest.raises(vf.RangeError):
        compute.scan(np.zeros(3, np.float32), axis=1)
