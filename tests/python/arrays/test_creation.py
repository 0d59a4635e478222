"""Arrays out of nothing, of numbers, or of other libraries' arrays, against NumPy."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import DTYPES, narrowed, numbers, same, shapes, skip_where_lacking, twins

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=40)


# ------------------------------------------------------------------ of values


@pytest.mark.parametrize(
    "values",
    [
        3,
        2.5,
        True,
        1j,
        [1, 2],
        [[1.5, 2], [3, 4]],
        [True, False],
        [],
        [[]],
        [1, 2.5, 3j],
        (1, 2),
        range(4),
        np.float32(2),
        np.int8([1, 2]),
    ],
    ids=repr,
)
def test_asarray_of_numbers(values):
    want = np.asarray(values)
    own = isinstance(values, (np.ndarray, np.generic))
    skip_where_lacking(want.dtype if own else narrowed(want.dtype))
    same(vnp.asarray(values), want, default=not own)
    same(vnp.array(values), want, default=not own)


@pytest.mark.parametrize("dtype", DTYPES)
def test_asarray_of_ndarrays(dtype):
    skip_where_lacking(dtype)
    values = numbers((2, 3), dtype)
    for part in (values, values.T, values[::-1, ::2], np.asfortranarray(values), values[:0]):
        same(vnp.asarray(part), part)
        same(vnp.from_dlpack(part), part)
    same(vnp.asarray([1, 0], dtype=dtype), np.asarray([1, 0], dtype))
    same(vnp.asarray(vnp.asarray([1, 0]), dtype=dtype), np.asarray([1, 0], dtype))


def test_asarray_of_arrays_copies_when_it_must():
    x = vnp.asarray([1.0, 2.0], dtype=np.float32)
    assert vnp.asarray(x) is x
    assert vnp.asarray(x, dtype=np.float32, copy=False) is x
    for other in (vnp.asarray(x, copy=True), vnp.array(x), vnp.copy(x), vnp.asarray(x, dtype=np.int32)):
        other[0] = 9
    assert x.tolist() == [1, 2]
    for wrong in ({"dtype": np.int32}, {"device": vf.Device()}):
        with pytest.raises(ValueError, match="copy"):
            vnp.asarray(x, copy=False, **wrong)
    with pytest.raises(ValueError, match="from_host"):
        vnp.asarray(np.zeros(3), copy=False)


def test_asarray_of_nested_arrays():
    x, values = twins(numbers(3, "float32"))
    same(vnp.asarray([x, x + 1]), np.asarray([values, values + 1]))
    same(vnp.array([x[0], x[2]]), np.array([values[0], values[2]]))
    same(vnp.array([[x[0], 1], (2.5, x[1])]), np.array([[values[0], 1], [2.5, values[1]]], narrowed(np.float64)))
    same(vnp.array([x, x], dtype=np.int32), np.array([values, values], np.int32))
    with pytest.raises(vf.ShapeError, match="nested"):
        vnp.array([x, x[:2]])
    with pytest.raises(vf.ShapeError, match="nested"):
        vnp.array([[1, 2], [3]])
    with pytest.raises(vf.DtypeError):
        vnp.array(["text"])


@pytest.mark.parametrize("value", [300, -1, [1, 300], [[0], [-1]], [2**70]])
def test_integers_that_the_dtype_does_not_hold(value):
    with pytest.raises(vf.RangeError, match="what uint8 holds"):
        vnp.asarray(value, dtype=np.uint8)


@pytest.mark.parametrize("value", [{1, 2}, {1: 2}, [1, None], object()], ids=["set", "dict", "None", "object"])
def test_what_holds_no_numbers(value):
    with pytest.raises(vf.ArgumentTypeError, match="numbers that int32 holds"):
        vnp.asarray(value, dtype=np.int32)


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
@pytest.mark.parametrize(
    "make",
    [
        lambda dtype: vnp.asarray([1, 2j], dtype=dtype),
        lambda dtype: vnp.asarray(np.array([1 + 2j]), dtype=dtype),
        lambda dtype: vnp.asarray([np.complex64(2j)], dtype=dtype),
        lambda dtype: vnp.array(np.complex64(2j), dtype=dtype),
        lambda dtype: vnp.arange(0, 3, 1 + 0j, dtype=dtype),
        lambda dtype: vnp.linspace(0, 2j, 3, dtype=dtype),
        lambda dtype: vnp.logspace(0, 1j, 3, dtype=dtype),
        lambda dtype: vnp.geomspace(1, 4j, 3, dtype=dtype),
    ],
    ids=["list", "ndarray", "scalars", "scalar", "arange", "linspace", "logspace", "geomspace"],
)
def test_complex_numbers_keep_both_parts(make, dtype):
    with pytest.raises(vf.DtypeError, match="would lose a part"):
        make(dtype)


def test_array_and_its_kin():
    assert vnp.array([1, 2], ndmin=3).shape == (1, 1, 2)
    assert vnp.array(5).shape == ()
    assert vnp.ascontiguousarray(vnp.zeros((2, 3)).T).shape == (3, 2)
    x = vnp.zeros((2, 3))
    assert vnp.ascontiguousarray(x) is x
    assert vnp.asanyarray(x) is x
    assert vnp.copy([1, 2]).tolist() == [1, 2]
    torch_like = type(
        "Tensor",
        (),
        {"__dlpack__": lambda self, **k: np.arange(3).__dlpack__(**k), "__dlpack_device__": lambda self: (1, 0)},
    )()
    assert vnp.asarray(torch_like).tolist() == [0, 1, 2]


def test_other_devices():
    with vf.Device() as device:
        for x in (
            vnp.zeros(3, device=device),
            vnp.asarray([1.0, 2], device=device),
            vnp.arange(3, device=device),
            vnp.eye(2, device=device),
            vnp.asarray(vnp.zeros(2), device=device),
            vnp.full_like(vnp.zeros(2), 5, device=device),
            vnp.indices((2, 2), device=device),
        ):
            assert repr(x.device) == repr(device)
            assert (x + x).numpy().shape == x.shape
        a, b = vnp.zeros(2, device=device), vnp.zeros(2)
        with pytest.raises(vf.InputError):
            (a + b).numpy()


# ------------------------------------------------------------------ filled


@pytest.mark.parametrize("name", ["zeros", "ones", "empty"])
@pytest.mark.parametrize("dtype", [None, *DTYPES])
def test_filled(name, dtype):
    skip_where_lacking(*([dtype] if dtype else []))
    for shape in [(), 3, (2, 3), (0, 2), (1, 1, 1, 1, 1, 1, 1, 2)]:
        got, want = getattr(vnp, name)(shape, dtype=dtype), getattr(np, name)(shape, dtype=dtype or float)
        if name == "empty":
            assert (got.shape, got.dtype) == (want.shape, dtype or narrowed(float))
        else:
            same(got, want, default=dtype is None)


@quick
@given(shape=shapes(), value=st.sampled_from([0, 7, 2.5, True, 3j, np.float32(1.5), np.int16(3)]))
def test_full(shape, value):
    own = isinstance(value, np.generic)
    if not (own and value.dtype == np.int16):
        same(vnp.full(shape, value), np.full(shape, value), default=not own)
    same(vnp.full(shape, value, dtype=np.complex64), np.full(shape, value, np.complex64))
    like = vf.asarray(numbers(shape, "float32"))
    if np.dtype(type(value)).kind != "c":
        same(vnp.full_like(like, value), np.full(shape, value, np.float32))
    same(vnp.zeros_like(like), np.zeros(shape, np.float32))
    same(vnp.ones_like(like, dtype=np.int32), np.ones(shape, np.int32))
    same(vnp.ones_like(like, shape=(2,)), np.ones(2, np.float32))
    assert vnp.empty_like(like).shape == shape


def test_full_of_an_array():
    row = vnp.asarray([1.0, 2.0])
    same(vnp.full((3, 2), row), np.full((3, 2), [1.0, 2.0]), default=True)
    made = vnp.full(2, row)
    made[0] = 9
    assert row.tolist() == [1, 2]
    with pytest.raises(vf.ShapeError):
        vnp.full((3, 3), row)


def test_filled_arrays_can_be_written():
    for x in (vnp.zeros(3), vnp.full(3, 0.0), vnp.zeros_like(vnp.ones(3)), vnp.eye(3)[1] * 0):
        x[1] = 5
        assert x.tolist() == [0, 5, 0]


@pytest.mark.parametrize("wrong", [(-1,), (2, -3), "ab", 2.5])
def test_shapes_are_checked(wrong):
    with pytest.raises((vf.VulkanForgeError, TypeError)):
        vnp.zeros(wrong)


# ------------------------------------------------------------------ ranges


@quick
@given(start=st.integers(-20, 20), stop=st.integers(-20, 20), step=st.integers(-5, 5).filter(bool))
def test_arange(start, stop, step):
    same(vnp.arange(start, stop, step), np.arange(start, stop, step), default=True)
    same(vnp.arange(stop), np.arange(stop), default=True)
    same(
        vnp.arange(start / 4, stop / 4, step / 4),
        np.arange(start / 4, stop / 4, step / 4).astype(narrowed(float)),
        default=True,
    )
    for dtype in ("int32", "float32"):
        same(vnp.arange(start, stop, step, dtype=dtype), np.arange(start, stop, step, dtype))


def test_arange_of_arrays_and_refusals():
    assert vnp.arange(vnp.asarray(1), vnp.asarray(4)).tolist() == [1, 2, 3]
    assert vnp.arange(3, dtype=np.float32).dtype == np.float32
    with pytest.raises(vf.InputError, match="step"):
        vnp.arange(0, 3, 0)


@pytest.mark.parametrize("endpoint", [True, False])
@pytest.mark.parametrize("num", [0, 1, 2, 7])
def test_spaces(num, endpoint):
    wide = narrowed(float)
    same(vnp.linspace(-1, 2, num, endpoint), np.linspace(-1, 2, num, endpoint).astype(wide))
    same(vnp.linspace(5, 2, num, endpoint, dtype=np.int32), np.linspace(5, 2, num, endpoint, dtype=np.int32))
    same(vnp.logspace(0, 2, num, endpoint), np.logspace(0, 2, num, endpoint).astype(wide))
    same(vnp.geomspace(1, 100, num, endpoint), np.geomspace(1, 100, num, endpoint).astype(wide))
    same(
        vnp.linspace(0, 1j, num, endpoint=endpoint),
        np.linspace(0, 1j, num, endpoint=endpoint).astype(narrowed(complex)),
    )
    made, step = vnp.linspace(0, 1, num, endpoint, retstep=True)
    assert made.shape == (num,)
    np.testing.assert_equal(step, np.linspace(0, 1, num, endpoint, retstep=True)[1])


def test_linspace_between_arrays():
    x = vnp.asarray([1.0, 3.0])
    same(vnp.linspace(x[0], x[1], 3), np.linspace(1.0, 3.0, 3), default=True)


# ------------------------------------------------------------------ matrices and grids


@pytest.mark.parametrize("k", [-3, -1, 0, 1, 4])
def test_eye_diag_tri(k):
    for shape in [(3,), (2, 3), (3, 2), (0, 2), (1,)]:
        same(vnp.eye(*shape, k=k), np.eye(*shape, k=k), default=True)
        same(vnp.tri(*shape, k=k), np.tri(*shape, k=k), default=True)
    same(vnp.eye(3, k=k, dtype=np.int32), np.eye(3, k=k, dtype=np.int32))
    for shape in [(3,), (1,), (0,), (2, 3)]:
        x, values = twins(numbers(shape))
        same(vnp.diag(x, k), np.diag(values, k))
    x, values = twins(numbers((2, 2)))
    same(vnp.diagflat(x, k), np.diagflat(values, k))
    for shape in [(3, 3), (2, 4), (2, 3, 2), (0, 3)]:
        x, values = twins(numbers(shape, "float32"))
        x[...] = x / 0  # infinities and NaN beside zeros
        with np.errstate(all="ignore"):
            values /= np.float32(0)
        same(vnp.tril(x, k), np.tril(values, k))
        same(vnp.triu(x, k), np.triu(values, k))


def test_identity_and_refusals():
    same(vnp.identity(3), np.identity(3), default=True)
    with pytest.raises(vf.ShapeError):
        vnp.diag(vnp.zeros((2, 2, 2)))
    for function in (vnp.tril, vnp.triu):
        with pytest.raises(vf.ShapeError, match="matrices"):
            function(vnp.zeros(3))


@pytest.mark.parametrize("indexing", ["xy", "ij"])
@pytest.mark.parametrize("sparse", [False, True])
def test_meshgrid(indexing, sparse):
    for sizes in [(3,), (2, 3), (2, 1, 3), (0, 2), ()]:
        parts = [numbers(n, "float32", seed=i) for i, n in enumerate(sizes)]
        ours = vnp.meshgrid(*map(vf.asarray, parts), indexing=indexing, sparse=sparse)
        theirs = np.meshgrid(*parts, indexing=indexing, sparse=sparse)
        assert len(ours) == len(theirs)
        for got, want in zip(ours, theirs, strict=True):
            same(got, want)
    with pytest.raises(vf.InputError, match="indexing"):
        vnp.meshgrid(vnp.zeros(2), indexing="yx")


def test_grids():
    same(vnp.indices((2, 3)), np.indices((2, 3)), default=True)
    for got, want in zip(vnp.indices((2, 3), sparse=True), np.indices((2, 3), sparse=True), strict=True):
        same(got, want, default=True)
    same(
        vnp.fromfunction(lambda i, j: i * 10 + j, (2, 3)),
        np.fromfunction(lambda i, j: i * 10 + j, (2, 3)),
        default=True,
    )
    same(vnp.mgrid[0:2, 1:3], np.mgrid[0:2, 1:3], default=True)
    same(vnp.mgrid[0:1:5j], np.mgrid[0:1:5j], default=True)
    for got, want in zip(vnp.ogrid[0:2, 0:1:3j], np.ogrid[0:2, 0:1:3j], strict=True):
        assert got.shape == want.shape
        np.testing.assert_array_equal(got.numpy(), want)


@pytest.mark.parametrize("name", ["bartlett", "blackman", "hamming", "hanning", "kaiser"])
@pytest.mark.parametrize("m", [0, 1, 2, 7])
def test_windows(name, m):
    more = (14.0,) if name == "kaiser" else ()
    same(getattr(vnp, name)(m, *more), getattr(np, name)(m, *more).astype(narrowed(float)))


def test_vander():
    x, values = twins(np.array([1, 2, -3], np.int32))
    for n in (None, 0, 2, 4):
        for increasing in (False, True):
            same(vnp.vander(x, n, increasing), np.vander(values, n, increasing), default=True)
    same(vnp.vander(x * 0.5, 3), np.vander(values * 0.5, 3), default=True, close=1e-6)
    with pytest.raises(vf.ShapeError):
        vnp.vander(vnp.zeros((2, 2)))


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "uint32", "uint64", "float16", "float32", "complex64"])
def test_vander_is_promoted_beside_integers(dtype):
    skip_where_lacking(dtype)
    values = np.array([1, 7, 0], dtype)
    same(vnp.vander(vf.asarray(values), 5), np.vander(values, 5), default=True, close=1e-6)


# ------------------------------------------------------------------ the namespace


def test_the_facade_has_all_that_families_have():
    names = vnp.__all__
    assert len(names) == len(set(names))
    assert [name for name in names if not hasattr(vnp, name)] == []
    families = [m for n, m in vars(vnp).items() if inspect.ismodule(m) and n[0] == "_" and hasattr(m, "__all__")]
    assert len(families) > 10
    assert {name for family in families for name in family.__all__} <= set(names)
    for module in NEAT:
        family = getattr(vnp, module)
        own = {n for n, f in vars(family).items() if inspect.isfunction(f) and f.__module__ == family.__name__}
        assert {n for n in own if not n.startswith("_")} - set(names) <= HELPERS


# In these files a function without an underscore is public, or a helper that families share.
NEAT = (
    "_axes",
    "_conversion",
    "_dtypes",
    "_elementwise",
    "_filled",
    "_grids",
    "_indexing",
    "_joining",
    "_matrices",
    "_padding",
    "_ranges",
    "_repeating",
    "_shapes",
    "_splitting",
    "_windows",
)
HELPERS = {
    "along",
    "array_of",
    "as_words",
    "check_cast",
    "bfloat16",
    "is_bfloat16",
    "kind_of",
    "arrays_of",
    "upload",
    "default_of",
    "dtype_of",
    "dtype_of_number",
    "in_dtype",
    "is_weak",
    "getitem",
    "setitem",
    "setitem_by",
    "nonzero_of",
}
