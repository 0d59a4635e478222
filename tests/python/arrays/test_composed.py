"""Elementwise functions that are made of others, against NumPy."""

import inspect
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import narrowed, numbers, same, skip_where_lacking, twins
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=40)
SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 1e-30, 3e38, -3e38, np.inf, -np.inf, np.nan], np.float32)
PAIRS = [np.float32(part.ravel()) for part in np.meshgrid(SPECIAL, SPECIAL)]


def signs(got, want):
    np.testing.assert_array_equal(np.signbit(got.numpy()), np.signbit(want))


COMPOSED = ("where", "round", "real", "imag", "pow", "join_complex")


def test_plain_functions_are_the_native_ones():
    """No Python frame between a caller and the hot path; NumPy's names beside the standard's."""
    for name in dir(native.elementwise):
        if not name.startswith("_") and name not in COMPOSED:
            assert getattr(vnp, name) is getattr(native.elementwise, name)
    alias = {
        "true_divide": "divide",
        "absolute": "abs",
        "mod": "remainder",
        "arcsin": "asin",
        "arctan2": "atan2",
    }
    alias |= {"invert": "bitwise_invert", "left_shift": "bitwise_left_shift", "conjugate": "conj", "rint": "round"}
    for ours, row in alias.items():
        assert getattr(vnp, ours) is getattr(native.elementwise, row)


@quick
@given(low=st.none() | st.integers(-9, 9), high=st.none() | st.integers(-9, 9))
def test_clip(low, high):
    for dtype in ("int32", "float32"):
        x, values = twins(numbers((3, 4), dtype))
        if low is None and high is None:
            same(vnp.clip(x), values)
            continue
        same(vnp.clip(x, low, high), np.clip(values, low, high))
        same(vnp.clip(x, min=low, max=high), np.clip(values, low, high))
        same(vnp.clip(x, a_min=low, a_max=high), np.clip(values, low, high))
        same(x.clip(low, high), np.clip(values, low, high))


def test_clip_of_special_values_and_arrays():
    x, values = twins(SPECIAL)
    same(vnp.clip(x, -1, 1), np.clip(values, np.float32(-1), np.float32(1)))
    same(vnp.clip(x, vf.asarray(SPECIAL[::-1]), 2.0), np.clip(values, SPECIAL[::-1], np.float32(2)))
    skip_where_lacking("bool")
    flags, truth = twins(np.array([True, False]))
    same(vnp.clip(flags), truth)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32"])
def test_clip_to_more_than_the_dtype_holds(dtype):
    skip_where_lacking(dtype)
    x, values = twins(np.arange(5).astype(dtype))
    for low, high in ((-(2**40), 3), (2, 2**70), (-(2**70), 2**70), (-(2**40), None), (None, 2**40)):
        same(vnp.clip(x, low, high), np.clip(values, low, high))
    with pytest.raises(vf.RangeError):
        vnp.clip(x, 2**40, None)  # no value of that dtype
    with pytest.raises(vf.InputError, match="both of its names"):
        vnp.clip(x, 1, 3, a_min=2)


@pytest.mark.parametrize("decimals", [-3, -1, 0, 1, 2])
def test_round(decimals):
    x, values = twins(np.array([0.5, 1.5, 2.25, -2.35, 15, 25, -155, 1234.5678, np.inf, np.nan], np.float32))
    same(vnp.round(x, decimals), np.round(values, decimals))
    same(vnp.around(x, decimals), np.round(values, decimals))
    same(x.round(decimals), np.round(values, decimals))
    x, values = twins(np.array([0, 5, 15, 25, -15, -25, 149, 150, 151, 2**31 - 1, -(2**31)], np.int32))
    want = np.round(values.astype(object).astype(np.float64), decimals)
    fits = np.abs(want) < 2**31
    same(vnp.round(x, decimals)[vf.asarray(fits)], want[fits].astype(np.int32))
    same(vnp.round(x, decimals=-12), np.zeros_like(values))


@pytest.mark.parametrize("decimals", [308, 309, 400, -309, -400])
def test_round_to_places_that_no_float_holds(decimals):
    """As NumPy, which scales by infinity."""
    x, values = twins(np.array([1.25, -0.0, 1e30, np.inf, np.nan], np.float32))
    with np.errstate(all="ignore"):
        same(vnp.round(x, decimals), np.round(values, decimals))
    ints, whole = twins(np.array([0, 5, -7], np.int32))
    same(vnp.round(ints, decimals), whole if decimals > 0 else np.zeros_like(whole))


def test_round_of_complex_and_unsigned():
    x, values = twins(np.array([1.26 - 2.74j, 0.5 + 1.5j], np.complex64))
    same(vnp.round(x), np.round(values))
    same(vnp.round(x, 1), np.round(values, 1), close=1e-6)
    x, values = twins(np.array([4, 5, 6, 15, 2**32 - 1], np.uint32))
    same(vnp.round(x, -1)[:4], np.array([0, 0, 10, 20], np.uint32))


@pytest.mark.parametrize("dtype", ["uint8", "uint32", "int16", "int32"])
def test_integers_beside_floats_do_not_wrap(dtype):
    skip_where_lacking(dtype)
    x, values = twins(np.array([2, 8, 14], dtype))
    y, others = twins(np.array([1, 14, 3], dtype))
    same(vnp.logaddexp2(x, y).astype("float32"), np.logaddexp2(values, others, dtype="float32"), close=1e-5)
    least, small = twins(np.array([np.iinfo(dtype).min, 7], dtype))
    by, divisor = twins(np.array([3.5], np.float32))
    same(vnp.fmod(least, by), np.fmod(small, divisor))


@pytest.mark.parametrize("dtype", ["int32", "float32", "uint32"])
def test_fmod(dtype):
    x, values = twins(np.arange(-8 if dtype != "uint32" else 0, 9).astype(dtype))
    for by in (3, 5) if dtype == "uint32" else (3, -3, 5, -5):
        same(vnp.fmod(x, by), np.fmod(values, np.dtype(dtype).type(by)))
        if dtype != "uint32":
            same(vnp.fmod(by, x[values != 0]), np.fmod(np.dtype(dtype).type(by), values[values != 0]))


def test_divmod_and_modf():
    x, values = twins(np.array([7, -7, 8, -8, 0], np.int32))
    for got, want in zip(vnp.divmod(x, 3), np.divmod(values, np.int32(3)), strict=True):
        same(got, want)
    x, values = twins(SPECIAL)
    for got, want in zip(vnp.modf(x), np.modf(values), strict=True):
        same(got, want)
        signs(got[:-1], want[:-1])


@pytest.mark.parametrize("name", ["fmax", "fmin", "heaviside"])
def test_pairs_with_nan(name):
    a, b = (twins(part) for part in PAIRS)
    same(getattr(vnp, name)(a.x, b.x), getattr(np, name)(a.values, b.values))
    same(getattr(vnp, name)(a.x, 0.5), getattr(np, name)(a.values, np.float32(0.5)))
    for number in (0.5, 0, True):
        same(getattr(vnp, name)(number, a.x), getattr(np, name)(np.float32(number), a.values))
    c, d = twins(numbers(5)), twins(numbers(5, seed=1))
    same(getattr(vnp, name)(c.x, d.x), getattr(np, name)(c.values, d.values), default=True)


@pytest.mark.parametrize("name", ["sinc", "deg2rad", "rad2deg", "degrees", "radians", "fix"])
def test_of_one(name):
    x, values = twins(np.linspace(-7, 7, 41, dtype=np.float32))
    same(getattr(vnp, name)(x), getattr(np, name)(values), close=2e-6)
    for empty in (vnp.zeros(0, dtype=np.float32), vnp.zeros((), dtype=np.float32)):
        assert getattr(vnp, name)(empty).shape == empty.shape


@pytest.mark.parametrize("name", ["isposinf", "isneginf"])
def test_infinities(name):
    x, values = twins(SPECIAL)
    same(getattr(vnp, name)(x), getattr(np, name)(values))


def test_ldexp_logaddexp2_float_power():
    x, values = twins(np.array([1, -3.5, 1e-38, 3e38, 0, np.inf], np.float32))
    for by in (0, 4, -4, 130, -140):
        with np.errstate(all="ignore"):
            same(vnp.ldexp(x, vf.asarray(np.full(6, by, np.int32))), np.ldexp(values, by))
    a, b = twins(np.array([0, 3, -50, 200], np.float32)), twins(np.array([1, 3, 60, 199], np.float32))
    same(vnp.logaddexp2(a.x, b.x), np.logaddexp2(a.values, b.values), close=1e-6)
    small = vnp.logaddexp2(vf.asarray(np.zeros(4, np.float32)), vf.asarray(np.array([-20, -24, -30, -100], np.float32)))
    np.testing.assert_allclose(np.asarray(small), np.logaddexp2(0.0, [-20, -24, -30, -100]), rtol=1e-6)
    wide = narrowed(float)
    same(vnp.float_power(vf.asarray(np.array([2, 4], np.int32)), -1), np.array([0.5, 0.25], wide))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_ldexp_of_all_that_a_float_holds(dtype):
    skip_where_lacking(dtype)
    info, rng = np.finfo(dtype), np.random.default_rng(3)
    special = [0, -0.0, np.inf, -np.inf, np.nan, info.smallest_subnormal, info.tiny, info.max, -info.max]
    small = rng.integers(-(1 << 9), 1 << 9, 500) * info.smallest_subnormal  # rounded once, not at every step
    bits = rng.integers(0, 1 << 16, (500, info.dtype.itemsize // 2), np.uint16).view(dtype).ravel()
    values = np.concatenate([np.array(special, dtype), small.astype(dtype), bits])
    reach = info.maxexp - info.minexp + info.nmant
    powers = rng.integers(-reach - 9, reach + 9, values.size).astype(np.int32)
    finite = np.where(np.isfinite(values[-250:]), values[-250:], 1)
    powers[-250:] = info.minexp - np.frexp(finite)[1] + rng.integers(-15, 5, 250)  # to the edge of subnormals
    x = vf.asarray(values)
    for by in (powers, powers // 50, np.full_like(powers, 2**31 - 1), np.full_like(powers, -(2**31))):
        with np.errstate(all="ignore"):
            want = np.ldexp(values, by)
        got = vnp.ldexp(x, vf.asarray(by))
        same(got, want)
        signs(got[np.flatnonzero(~np.isnan(want))], want[~np.isnan(want)])


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int64", "uint64"])
def test_ldexp_by_integers_of_any_dtype(dtype):
    skip_where_lacking(dtype)
    by = np.array([0, 3, 100, np.iinfo(dtype).min // 2], dtype)
    with np.errstate(all="ignore"):
        same(vnp.ldexp(vnp.ones(4, dtype=np.float32), vf.asarray(by)), np.ldexp(np.ones(4, np.float32), by.astype(int)))
    most = vnp.ldexp(vnp.ones(1, dtype=np.float32), vf.asarray(np.array([np.iinfo(dtype).max], dtype)))
    assert most.tolist() == [np.ldexp(1.0, 127) if dtype == "int8" else np.inf]
    with pytest.raises(vf.DtypeError):
        vnp.ldexp(vnp.ones(1), 1.5)


def test_nan_to_num():
    x, values = twins(SPECIAL)
    same(vnp.nan_to_num(x), np.nan_to_num(values))
    same(vnp.nan_to_num(x, nan=5, posinf=6, neginf=7), np.nan_to_num(values, nan=5, posinf=6, neginf=7))
    pairs = np.empty((SPECIAL.size, SPECIAL.size), np.complex64)
    pairs.real, pairs.imag = SPECIAL[:, None], SPECIAL
    both = vf.asarray(pairs)
    same(vnp.nan_to_num(both), np.nan_to_num(pairs))
    same(vnp.nan_to_num(both, posinf=np.inf, neginf=-1), np.nan_to_num(pairs, posinf=np.inf, neginf=-1))
    assert vnp.nan_to_num(x, copy=False) is x
    same(x, np.nan_to_num(values))
    ints, same_ints = twins(numbers(3))
    same(vnp.nan_to_num(ints), same_ints)


@pytest.mark.parametrize("equal_nan", [False, True])
def test_closeness(equal_nan):
    a, b = (twins(part) for part in PAIRS)
    got = vnp.isclose(a.x, b.x, equal_nan=equal_nan)
    with np.errstate(all="ignore"):
        same(got, np.isclose(a.values, b.values, equal_nan=equal_nan))
    x, values = twins(np.array([1, 1 + 1e-6, 1.001, np.nan], np.float32))
    for rtol, atol in ((1e-5, 0), (0, 1e-2), (1e-2, 1)):
        same(
            vnp.isclose(x, 1.0, rtol=rtol, atol=atol, equal_nan=equal_nan),
            np.isclose(values, 1.0, rtol, atol, equal_nan),
        )
        ours = vnp.allclose(x, 1.0, rtol=rtol, atol=atol, equal_nan=equal_nan)
        assert ours is np.allclose(values, 1.0, rtol, atol, equal_nan)
    small, large = vf.asarray(np.array([1, 2], np.uint32)), vf.asarray(np.array([2, 2], np.uint32))
    assert vnp.isclose(small, large).tolist() == [False, True]
    assert vnp.allclose(large, large) is True
    assert vnp.allclose(vnp.zeros(0), 5) is True


@pytest.mark.parametrize(
    ("dtype", "number"),
    [
        ("uint8", 6),
        ("uint8", -1),
        ("uint8", 300),
        ("int8", -128),
        ("int8", np.int8(-128)),
        ("uint32", np.uint32(6)),
        ("int32", True),
        ("bool", True),
        ("bool", 0.5),
        ("bool", np.bool_(True)),
        ("float32", np.float32(4)),
        ("float32", 4 + 1e-9j),
    ],
)
def test_closeness_to_a_number(dtype, number):
    """What is apart by less than atol, though integers of that dtype would wrap on the way."""
    skip_where_lacking(dtype)
    x, values = twins(np.array([5, 4, 0, 127]).astype(dtype))
    same(vnp.isclose(x, number, atol=2), np.isclose(values, number, atol=2))
    same(vnp.isclose(number, x, atol=2), np.isclose(number, values, atol=2))


def test_closeness_to_a_list():
    x, values = twins(np.array([1, 2.5], np.float32))
    same(vnp.isclose(x, [1, 2]), np.isclose(values, [1, 2]))
    same(vnp.isclose([1, 2], x), np.isclose([1, 2], values))
    with pytest.raises(vf.ArgumentTypeError, match="send it first"):
        vnp.isclose(x, values)


def test_equality_of_arrays():
    x = vnp.asarray([1.0, vnp.nan], dtype=np.float32)
    assert vnp.array_equal(x, x) is False
    assert vnp.array_equal(x, x, equal_nan=True) is True
    assert vnp.array_equal(x[:1], x) is False
    assert vnp.array_equal(vnp.zeros(0), vnp.zeros(0)) is True
    assert vnp.array_equal(vnp.asarray([1, 2]), [1, 2]) is True
    assert vnp.array_equiv(vnp.asarray([1, 1]), 1) is True
    assert vnp.array_equiv(vnp.asarray([1, 2]), 1) is False
    assert vnp.array_equiv(vnp.zeros(2), vnp.zeros(3)) is False
    with pytest.raises(vf.ArgumentTypeError, match=r"vf\.asarray"):
        vnp.array_equal(x, np.zeros(2))


def test_parts_of_complex_numbers():
    x, values = twins(np.array([1 + 2j, -3j, 0, -1 + 0j, -1 - 0j], np.complex64))
    for name in ("real", "imag", "conj", "isreal", "iscomplex"):
        same(getattr(vnp, name)(x), getattr(np, name)(values))
    same(vnp.angle(x), np.angle(values), close=1e-6)
    same(vnp.angle(x, deg=True), np.angle(values, deg=True), close=1e-4)
    y, reals = twins(SPECIAL[:8])
    for name in ("real", "imag", "conj", "isreal", "iscomplex"):
        same(getattr(vnp, name)(y), np.asarray(getattr(np, name)(reals)))
    same(vnp.angle(y), np.angle(reals))
    assert (vnp.iscomplexobj(x), vnp.iscomplexobj(y), vnp.isrealobj(x), vnp.isrealobj(y)) == (True, False, False, True)


def test_chains_are_lazy():
    x = vnp.zeros(4, dtype=np.float32)
    for function in (vnp.sinc, vnp.deg2rad, vnp.nan_to_num, lambda x: vnp.clip(x, 0, 1), lambda x: vnp.isclose(x, 0)):
        assert "numpy" not in type(function(x)).__module__
        assert function(x + 1).shape == (4,)


def test_everything_has_a_docstring_with_an_example():
    family = vnp._elementwise
    own = [f for f in vars(family).values() if inspect.isfunction(f) and f.__name__ in family.__all__]
    assert [f.__name__ for f in own if f.__module__ == family.__name__ and ">>>" not in (f.__doc__ or "")] == []


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("exponent", [1, 2, 3.0, 4, -1, -2.0, 0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, 0, 5])
def test_powers_by_products_and_roots(exponent, dtype):
    skip_where_lacking(dtype)
    values = np.concatenate([SPECIAL.astype(dtype), np.float32([7.3, 1e-20, 1e20, -8]).astype(dtype)])
    x = vf.asarray(values)
    with np.errstate(all="ignore"):
        wanted = np.array(
            [math.pow(v, exponent) if is_plain_power(v, exponent) else np.power(v, exponent) for v in values]
        )
        wanted = wanted.astype(dtype)
    for got in (vnp.pow(x, exponent), x**exponent):
        assert got.dtype == dtype
        np.testing.assert_allclose(got.numpy(), wanted, rtol=4 * np.finfo(dtype).eps)
        signs(got[np.flatnonzero(~np.isnan(wanted))], wanted[~np.isnan(wanted)])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("exponent", [-0.5, -1.5, -2, -2.5])
def test_inverse_powers_of_what_has_no_inverse(exponent, dtype):
    """1 / x is infinite or subnormal, and so may x squared be; the power is neither, or not yet."""
    skip_where_lacking(dtype)
    info = np.finfo(dtype)
    around = -info.maxexp / exponent  # of the powers of 2 whose power leaves the range
    exponents = [info.minexp - info.nmant, info.minexp - 3, info.maxexp - 2, around, around + 4, -around, -around + 2]
    values = (1.37 * 2.0 ** np.clip(exponents, info.minexp - info.nmant, info.maxexp - 2)).astype(dtype)
    with np.errstate(all="ignore"):
        wanted = (values.astype(np.longdouble) ** exponent).astype(dtype)
    assert np.isfinite(wanted).any()
    np.testing.assert_allclose(
        (vf.asarray(values) ** exponent).numpy(), wanted, rtol=4 * info.eps, atol=info.smallest_subnormal
    )


@pytest.mark.parametrize("exponent", [-2.5, -2, -1.5, -1, -0.5, 0.5, 1.5, 2, 2.5, 3, 4])
def test_powers_of_float16_round_once(exponent):
    skip_where_lacking("float16")
    values = np.random.default_rng(1).uniform(0.1, 12, 500).astype(np.float16)
    want = (values.astype(np.float64) ** exponent).astype(np.float16)
    np.testing.assert_array_equal((vf.asarray(values) ** exponent).numpy(), want)


def is_plain_power(value, exponent):
    """NumPy takes the root for 0.5, whose special values are not those of a power."""
    return value in (0, -np.inf) and exponent == 0.5


@pytest.mark.parametrize("exponent", [2, 3, 4, -1, -2])
def test_whole_powers_of_complex_numbers(exponent):
    values = np.array([1 + 2j, -0.5j, 3, -1.5 + 0.25j], np.complex64)
    np.testing.assert_allclose((vf.asarray(values) ** exponent).numpy(), values**exponent, rtol=1e-6)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 4, 5])
def test_whole_powers_of_integers(exponent):
    values = np.array([0, 1, -2, 7, 46341, -(2**31)], np.int32)
    same(vf.asarray(values) ** exponent, values**exponent)
