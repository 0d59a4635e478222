"""The elementary functions: errors beside what docs/accuracy.md promises, and the standard's special values."""

import functools
import re
from pathlib import Path

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu

PAGE = Path(__file__).parents[3] / "docs" / "accuracy.md"
PROMISED = {name: float(bound) for name, bound in re.findall(r"(?m)^\| `(\w+)` \|.*\| ([\d.]+) \|$", PAGE.read_text())}
PIECE = 8192
UNARY = ["exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan"]
UNARY += ["sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "cbrt", "reciprocal"]
BINARY = ["atan2", "pow", "hypot", "logaddexp"]
EXACT = ["floor_divide", "remainder", "copysign", "nextafter"]
WIDER = {np.float32: np.float64, np.float64: np.longdouble}
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -1.5]


@pytest.fixture(params=["device", "host"])
def where(request, device):
    """Small work, as all of this is, is the host's unless it is told otherwise."""
    native._testing.device_alone(request.param == "device")
    yield request.param
    native._testing.device_alone(False)


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def dtype(request, device):
    if request.param == np.float64 and not device.has("shaderFloat64"):
        pytest.skip("the device has no float64")
    return request.param


def computed(name, *operands):
    """In pieces that are small work, so that the host computes what it is meant to."""
    function, pieces = getattr(native.elementwise, name), range(0, operands[0].size, PIECE)
    made = [function(*(vf.asarray(a[i : i + PIECE]) for a in operands)).numpy() for i in pieces]
    return np.concatenate(made)


@functools.cache
def flushes():
    """Whether this device, which has to be told to do it, takes subnormal numbers for zeros, as many do."""
    small = np.full(64, 2.0**-130, np.float32)
    return not computed("multiply", small, small * 0 + 1).any()


def counted(where, dtype, *arrays):
    """Where the device's range of normal numbers, with some room below for what happens on the way, has all of them."""
    small = [(a != 0) & (np.abs(a) < 2.0**26 * np.finfo(dtype).tiny) for a in arrays]
    return ~np.logical_or.reduce(small) if where == "device" and flushes() else np.True_


def samples(dtype, count=20_000):
    """All bit patterns alike, then numbers about 1, then numbers of moderate size."""
    rng = np.random.default_rng(5)
    words = np.uint32 if dtype == np.float32 else np.uint64
    bits = rng.integers(0, np.iinfo(words).max, count, words, endpoint=True).view(dtype)
    near_1 = 1 + rng.standard_normal(count) * 10.0 ** rng.uniform(-7, 0, count)
    moderate = rng.standard_normal(count) * 10.0 ** rng.uniform(-3, 3, count)
    return np.concatenate([bits, near_1.astype(dtype), moderate.astype(dtype)])


def pairs(name, dtype):
    x = samples(dtype)
    y = np.random.default_rng(6).permutation(x)
    with np.errstate(all="ignore"):
        like = x * dtype(0.37) + dtype(1e-3)  # of like size
        if name == "pow":  # most powers over or underflow: here those that do not
            log_result = np.linspace(-0.999, 0.999, x.size) * np.log(np.finfo(dtype).max)
            x, like = np.abs(x), (log_result / np.log(np.abs(x))).astype(dtype)
    return np.concatenate([x, x]), np.concatenate([y, like])


def units(got, wanted, scale):
    """Errors in units in the last place of `scale`; infinite where one is a NaN and the other is not."""
    info, one = np.finfo(got.dtype), wanted.dtype.type(1)
    most = np.ldexp(one, info.maxexp)
    exponent = np.clip(np.frexp(np.clip(np.abs(scale), 0, most / 2))[1], info.minexp + 1, info.maxexp)
    error = np.abs(np.clip(got.astype(wanted.dtype), -most, most) - np.clip(wanted, -most, most))
    error = error / np.ldexp(one, exponent - info.nmant - 1)
    one_is_nan = np.isnan(got) != np.isnan(wanted)
    return np.where(one_is_nan, np.inf, np.where(np.isnan(got), 0, error))


@pytest.mark.parametrize("name", UNARY + BINARY)
def test_errors_are_within_what_is_promised(name, dtype, where):
    wide = WIDER[dtype]
    if np.finfo(wide).nmant < np.finfo(dtype).nmant + 8:
        pytest.skip("no wider type to compare with here")
    x, y = pairs(name, dtype)
    operands = (x, y) if name in BINARY else (x,)
    with np.errstate(all="ignore"):
        wanted = getattr(np, name)(*(a.astype(wide) for a in operands))
        scale = np.fmax(np.abs(wanted), np.fmax(np.abs(x), np.abs(y))) if name == "logaddexp" else wanted
        errors = np.where(counted(where, dtype, wanted, *operands), units(computed(name, *operands), wanted, scale), 0)
    worst = errors.argmax()
    assert errors[worst] <= PROMISED[name], f"{name} of {[a[worst] for a in operands]}: {errors[worst]} ulp"


@pytest.mark.parametrize("name", UNARY + BINARY)
def test_special_values_are_the_standards(name, dtype, where):
    x, y = (a.ravel() for a in np.meshgrid(np.array(SPECIAL, dtype), np.array(SPECIAL, dtype)))
    operands = (x, y) if name in BINARY else (x,)
    got = computed(name, *operands)
    with np.errstate(all="ignore"):
        wanted = getattr(np, name)(*operands)
    special = ~np.isfinite(wanted) | (wanted == 0)
    np.testing.assert_array_equal(got[special], wanted[special])
    np.testing.assert_array_equal(np.signbit(got)[wanted == 0], np.signbit(wanted)[wanted == 0])
    np.testing.assert_allclose(got, wanted, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("name", EXACT)
def test_exact_functions_are_numpys(name, dtype, where):
    special = np.meshgrid(np.array(SPECIAL, dtype), np.array(SPECIAL, dtype))
    x, y = (np.concatenate([a, b.ravel()]) for a, b in zip(pairs(name, dtype), special, strict=True))
    with np.errstate(all="ignore"):
        wanted = getattr(np, name)(x, y)
    got = computed(name, x, y)
    normal = np.broadcast_to(counted(where, dtype, x, y, wanted), x.shape)
    np.testing.assert_array_equal(got[normal], wanted[normal])
    zero = normal & (wanted == 0)
    np.testing.assert_array_equal(np.signbit(got[zero]), np.signbit(wanted[zero]))


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round"])
def test_whole_numbers_are_found_at_any_size(name, dtype, where):
    powers = 2.0 ** np.arange(
        -3, 60
    )  # drivers that lack registers for eight doubles have ideas of their own beyond 2^24
    x = np.concatenate([sign * (powers + part) for sign in (1, -1) for part in (0, 0.25, 0.5, 0.75)] + [[0.0, -0.0]])
    x = x.astype(dtype)
    got, wanted = computed(name, x), getattr(np, name)(x)
    np.testing.assert_array_equal(got, wanted)
    np.testing.assert_array_equal(np.signbit(got), np.signbit(wanted))


def test_large_angles_are_reduced_by_as_many_digits_as_they_have(dtype, where):
    # the doubles, and floats, nearest to multiples of pi/2 are the hardest to reduce
    x = np.array([5.319372648326541e255, 16367173.0, 1e22, 2.0**100, np.finfo(dtype).max, 710.0, 51471.0], np.float64)
    with np.errstate(over="ignore"):
        x = x.astype(dtype)
    x = x[np.isfinite(x)]
    for name in ("sin", "cos"):
        wanted = getattr(np, name)(x.astype(WIDER[dtype]))
        assert units(computed(name, x), wanted, wanted).max() <= PROMISED[name]
