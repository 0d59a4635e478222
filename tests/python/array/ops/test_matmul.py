"""matmul against NumPy."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native
from vulkan_forge import compute

pytestmark = pytest.mark.gpu

tuning = native._tuning
FLOATS = {"float16": 2e-3, "float32": 2e-6, "float64": 1e-14}  # relative to the sum of absolute products


def values(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return (rng.random(shape) - 0.5).astype(dtype)
    low, high = (-128, 127) if dtype.kind == "i" else (0, 255)
    return rng.integers(low, high, shape).astype(dtype)


def supported(call):
    try:
        return call()
    except vf.UnsupportedError as error:
        pytest.skip(str(error))


def check(a, b, x=None, y=None, dtype=None, **options):
    """`a @ b` is what NumPy finds; x and y are what is handed over where that is something else."""
    got = np.asarray(compute.matmul(a if x is None else x, b if y is None else y, **options))
    exact = a.astype(np.float64) @ b.astype(np.float64)
    assert got.shape == exact.shape
    assert dtype is None or got.dtype == dtype
    if got.dtype.kind == "f":
        bound = np.abs(a.astype(np.float64)) @ np.abs(b.astype(np.float64))
        assert np.all(np.abs(got - exact) <= FLOATS[got.dtype.name] * bound + np.finfo(got.dtype).smallest_subnormal)
    else:
        np.testing.assert_array_equal(got, exact)


@settings(deadline=None, max_examples=25)
@given(
    shapes=hnp.mutually_broadcastable_shapes(signature="(m?,k),(k,n?)->(m?,n?)", max_dims=3, min_side=0, max_side=20)
)
def test_it_is_numpys(shapes):
    a, b = (values(shape, np.float32, seed) for seed, shape in enumerate(shapes.input_shapes))
    check(a, b, dtype=np.float32)


@settings(deadline=None, max_examples=15)
@given(m=st.integers(1, 200), k=st.integers(1, 300), n=st.integers(1, 200), left=st.booleans(), right=st.booleans())
def test_transposed_operands_of_any_size(m, k, n, left, right):
    a, b = values((m, k), np.float32), values((k, n), np.float32, 1)
    x = np.ascontiguousarray(a.T) if left else a
    y = np.ascontiguousarray(b.T) if right else b
    check(a, b, vf.asarray(x), vf.asarray(y), transpose_a=left, transpose_b=right)


@pytest.mark.parametrize(
    ("left", "right", "out"),
    [
        ("float16", "float16", "float16"),
        ("float16", "float32", "float32"),
        ("float32", "float64", "float64"),
        ("float64", "float64", "float64"),
        ("int8", "int8", "int32"),
        ("uint8", "int8", "int32"),
        ("uint8", "uint8", "int32"),
        ("int32", "int32", "int32"),
        ("uint32", "uint32", "uint32"),
        ("int64", "int64", "int64"),
        ("uint64", "uint64", "uint64"),
    ],
)
@pytest.mark.parametrize("shape", [(3, 5, 7), (65, 130, 33)])
def test_dtypes(left, right, out, shape):
    m, k, n = shape
    supported(lambda: check(values((m, k), left), values((k, n), right, 1), dtype=out))


def test_out_dtype():
    a, b = values((9, 31), np.float16), values((31, 12), np.float16, 1)
    check(a, b, dtype=np.float32, out_dtype=np.float32)
    supported(lambda: check(a.astype(np.float32), b, dtype=np.float16, out_dtype="float16"))


def test_integers_wrap():
    a, b = np.full((2, 40), 2**20, np.int32), np.full((40, 3), 2**20, np.int32)
    np.testing.assert_array_equal(np.asarray(compute.matmul(a, b)), a @ b)


@pytest.mark.parametrize("shape", [(2, 40_000, 3), (40, 3000, 40), (1, 70_001, 1)])
def test_long_sums_are_split(shape):
    m, k, n = shape
    check(values((m, k), np.float32), values((k, n), np.float32, 1))
    a, b = values((m, k), np.int8), values((k, n), np.int8, 1)
    check(a, b, dtype=np.int32)


def test_any_strides():
    a, b = values((40, 50), np.float32), values((60, 40), np.float32, 1)
    check(a.T, b.T)
    check(a[::-1, ::2].T, b[::2, :].T[:, ::-1])
    small = values((31, 70), np.int8)
    check(small[1:, 3:], small.T[3:, 5:])


def test_stacks():
    a, b = values((2, 3, 9, 17), np.float32), values((17, 5), np.float32, 1)
    check(a, b)
    check(a, values((3, 17, 5), np.float32, 2))
    check(np.broadcast_to(a[:1, :1], (4, 3, 9, 17)), values((4, 1, 17, 5), np.float32, 3))
    check(values((700, 2, 3), np.float32), values((700, 3, 2), np.float32, 1))


def test_nothing_to_sum_or_to_make():
    assert np.all(np.asarray(compute.matmul(np.zeros((3, 0), np.float32), np.zeros((0, 4), np.float32))) == 0)
    assert np.asarray(compute.matmul(np.zeros((0, 3), np.float32), np.zeros((3, 4), np.float32))).shape == (0, 4)


def test_not_a_number_stays_in_its_row():
    a, b = values((33, 10), np.float32), values((10, 65), np.float32, 1)
    a[7, 3] = np.nan
    b[2, 5] = np.inf
    got = np.asarray(compute.matmul(a, b))
    np.testing.assert_array_equal(np.isnan(got), np.isnan(a @ b))
    np.testing.assert_array_equal(np.isinf(got), np.isinf(a @ b))


@pytest.mark.parametrize(
    ("a", "b", "error"),
    [
        (np.zeros((3, 4), np.float32), np.zeros((3, 4), np.float32), vf.ShapeError),
        (np.zeros((2, 3, 4), np.float32), np.zeros((3, 4, 5), np.float32), vf.ShapeError),
        (np.zeros((), np.float32), np.zeros(3, np.float32), vf.ShapeError),
        (np.zeros((3, 4), np.float32), np.zeros((4, 3), np.int32), vf.DtypeError),
        (np.zeros((3, 4), np.int16), np.zeros((4, 3), np.int16), vf.DtypeError),
        (np.zeros((3, 4), np.complex64), np.zeros((4, 3), np.complex64), vf.DtypeError),
        ([[1.0]], np.zeros((1, 1), np.float32), TypeError),
    ],
)
def test_bad_input_is_refused(a, b, error):
    with pytest.raises(error):
        compute.matmul(a, b)


def test_bad_options_are_refused():
    a = np.zeros((3, 3), np.float32)
    with pytest.raises(vf.DtypeError):
        compute.matmul(a, a, out_dtype=np.int32)
    with pytest.raises(vf.DtypeError):
        compute.matmul(a, a, out_dtype=np.float64)
    with pytest.raises(vf.ShapeError):
        compute.matmul(a[0], a, transpose_a=True)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8", "float64"])
@pytest.mark.parametrize("vectors", [1, 3])
@pytest.mark.parametrize(("rows", "depth"), [(257, 40), (31, 1001), (8, 4096), (1, 70_000)])
def test_a_few_vectors(dtype, vectors, rows, depth):
    a, x = values((rows, depth), dtype), values((depth, vectors), dtype, 1)

    def both_ways():
        check(a, x)
        check(x.T, a.T)
        check(a, x, np.ascontiguousarray(a.T), x, transpose_a=True)
        check(a[:, ::-1], x)

    supported(both_ways)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
@pytest.mark.parametrize(("depth", "vectors"), [(1, 1), (7, 1), (16, 2), (30, 3), (33, 1), (64, 1), (126, 1), (130, 1)])
def test_many_short_rows(dtype, depth, vectors):
    """Rows of a few loads, which are read to their end; infinities beyond an end must not be met."""
    a, x = values((3001, depth), dtype), values((depth, vectors), dtype, 1)
    supported(lambda: check(a, x))
    if dtype != "float32":
        return
    around = np.full((3001, depth + 9), np.inf, np.float32)
    around[:, :depth] = a
    exact = a.astype(np.float64) @ x.astype(np.float64)
    got = np.asarray(compute.matmul(vf.asarray(around)[:, :depth], vf.asarray(x)))
    np.testing.assert_allclose(got, exact, atol=2e-6 * depth)


@pytest.mark.parametrize("tile", [t for t in tuning.every("matmul") if "cooperative" in t])
def test_matrix_units(tile):
    """Cooperative matrices of whatever shape the device has; sums are float32."""
    if not vf.default_device().has("cooperativeMatrix"):
        pytest.skip("the device has no cooperative matrices")
    sizes = [(64, 64, 64), (100, 70, 130), (1, 300, 65), (257, 33, 64), (130, 1, 9)]
    for size in ("small", "large"):
        tuning.choose(("matmul", "f16", size), tile)
    try:
        for m, k, n in sizes:
            a, b = values((m, k), np.float16), values((k, n), np.float16, 1)
            check(a, b, dtype=np.float32, out_dtype=np.float32)
            check(a, b, np.ascontiguousarray(a.T), b, dtype=np.float32, out_dtype=np.float32, transpose_a=True)
        stack, one = values((3, 40, 50), np.float16), values((50, 70), np.float16, 1)
        check(stack, one, out_dtype=np.float32)
        with vf.profile() as profile:
            compute.matmul(
                vf.asarray(values((128, 64), np.float16)),
                vf.asarray(values((64, 128), np.float16)),
                out_dtype=np.float32,
            )
        assert any("cooperative" in row.name for row in profile.rows)
    finally:
        for size in ("small", "large"):
            tuning.choose(("matmul", "f16", size), "")


def test_vectors_in_stacks():
    check(values((5, 9, 16), np.float32), values((5, 16, 1), np.float32, 1))
    check(values((5, 1, 16), np.float32), values((5, 16, 40), np.float32, 1))
    check(values((9, 16), np.float32), values((5, 16, 2), np.float32, 1))
    check(values((16,), np.float16), values((16, 33), np.float32, 1))
