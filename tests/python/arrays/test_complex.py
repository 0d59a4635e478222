"""Elementary functions of complex numbers: errors beside what docs/accuracy.md promises, and special values."""

import functools
import re
from pathlib import Path

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu

PAGE = Path(__file__).parents[3] / "docs" / "accuracy.md"
PROMISED = {
    name: float(bound) for name, bound in re.findall(r"(?m)^\| complex `(\w+)` \|.*\| ([\d.]+) \|$", PAGE.read_text())
}
NUMPY = {name: name.replace("a", "arc", 1) for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")}
UNARY = ["exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "reciprocal", "sin", "cos", "tan"]
UNARY += ["sinh", "cosh", "tanh", *NUMPY]
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 2.5, -0.5]
LONG = np.clongdouble

device_has_wider = np.finfo(np.longdouble).nmant >= np.finfo(np.float64).nmant + 8


@pytest.fixture(params=["device", "host"])
def where(request, device):
    native._testing.device_alone(request.param == "device")
    yield request.param
    native._testing.device_alone(False)


@pytest.fixture(params=[np.complex64, np.complex128], ids=["complex64", "complex128"])
def dtype(request, device):
    if request.param == np.complex128 and not device.has("shaderFloat64"):
        pytest.skip("the device has no float64")
    return request.param


def computed(name, *operands):
    return getattr(native.elementwise, name)(*map(vf.asarray, operands)).numpy()


def part_of(dtype):
    return np.float32 if dtype == np.complex64 else np.float64


def joined(re, im, dtype):
    z = np.empty(np.broadcast(re, im).shape, dtype)
    z.real, z.imag = re, im
    return z


@functools.cache
def flushes():
    """Whether this device, which has to be told to do it, takes subnormal numbers for zeros, as many do."""
    small = np.full(64, 2.0**-130, np.float32)
    return not computed("multiply", small, small * 0 + 1).any()


def samples(dtype, count=2_000):
    """Parts of all sizes, of like size and of moderate size; numbers about 0, 1, -1, i, -i and the unit circle."""
    rng = np.random.default_rng(5)
    part = part_of(dtype)
    words = np.uint32 if part == np.float32 else np.uint64

    def sized(least, most):
        return rng.standard_normal(count) * 10.0 ** rng.uniform(least, most, count)

    bits = rng.integers(0, np.iinfo(words).max, count, words, endpoint=True).view(part)
    bits = np.where(np.isfinite(bits), bits, part(1))
    turn, radius = rng.uniform(-np.pi, np.pi, count), 1 + sized(-17, -1)
    with np.errstate(over="ignore"):
        like = bits * 2.0 ** rng.uniform(-6, 6, count)
    pairs = [(bits, rng.permutation(bits)), (bits, like), (bits, sized(-3, 3))]
    pairs += [(sized(-3, 3), sized(-3, 3)), (sized(0, 2.5), sized(-2, 2))]
    pairs += [(radius * np.cos(turn), radius * np.sin(turn))]
    pairs += [(p.real + sized(-16, -1), p.imag + sized(-16, -1)) for p in (0j, 1 + 0j, -1 + 0j, 1j, -1j)]
    with np.errstate(over="ignore"):
        z = np.concatenate([joined(re, im, dtype) for re, im in pairs])
    z = np.concatenate([z, joined(z.imag, z.real, dtype)])
    return z[np.isfinite(z)]


def wider(name, z):
    """The right result, by NumPy in more digits."""
    x, y = z.real, z.imag
    e = np.exp(z)
    match name:
        case "expm1":
            near = np.expm1(x) * np.cos(y) - 2 * np.sin(y / 2) ** 2
            return joined(np.where(x < 1, near, e.real - 1), e.imag, LONG)
        case "log1p":
            near = np.abs(z) < 0.5
            size = np.log1p(np.where(near, x * (2 + x) + y * y, 0)) / 2
            far = np.log(1 + z)
            return joined(np.where(near, size, far.real), far.imag, LONG)
        case "log2" | "log10":
            return np.log(z) / np.log(np.longdouble(name[3:]))
        case "reciprocal":
            large = np.maximum(np.abs(x), np.abs(y))
            unit = z / large
            return unit.conj() / ((unit.real**2 + unit.imag**2) * large)
    return getattr(np, NUMPY.get(name, name))(z)


def units(got, wanted):
    """Errors of the worse part in units in the last place of the larger part; infinite where one alone is a NaN."""
    info = np.finfo(got.dtype)
    most = np.ldexp(np.longdouble(1), info.maxexp)
    error, scale = np.zeros(got.shape, np.longdouble), np.zeros(got.shape, np.longdouble)
    for a, b in ((got.real, wanted.real), (got.imag, wanted.imag)):
        a, b = np.clip(a.astype(np.longdouble), -most, most), np.clip(b, -most, most)
        difference = np.where(np.isnan(a) != np.isnan(b), np.inf, np.where(np.isnan(a), 0, np.abs(a - b)))
        error, scale = np.fmax(error, difference), np.fmax(scale, np.abs(b))
    exponent = np.clip(np.frexp(np.minimum(scale, most / 2))[1], info.minexp + 1, info.maxexp)
    return error / np.ldexp(np.longdouble(1), exponent - info.nmant - 1)


def counted(where, z, wanted):
    """Where the device's range of normal numbers, with room for what happens on the way, has all parts."""
    if where == "host" or not flushes():
        return np.full(z.shape, True)
    tiny = np.finfo(z.dtype).tiny
    parts = (z.real, z.imag, wanted.real, wanted.imag)
    return ~np.logical_or.reduce([(p != 0) & (np.abs(p) < 2.0**30 * tiny) for p in parts])


@pytest.mark.skipif(not device_has_wider, reason="no wider type to compare with here")
@pytest.mark.parametrize("name", UNARY)
def test_errors_are_within_what_is_promised(name, dtype, where):
    z = samples(dtype)
    with np.errstate(all="ignore"):
        wanted = wider(name, z.astype(LONG))
        errors = np.where(counted(where, z, wanted), units(computed(name, z), wanted), 0)
    worst = errors.argmax()
    assert errors[worst] <= PROMISED[name], f"{name} of {z[worst]}: {errors[worst]} ulp"


@pytest.mark.skipif(not device_has_wider, reason="no wider type to compare with here")
def test_powers_lose_digits_as_their_logarithms_grow(dtype, where):
    rng = np.random.default_rng(7)
    z, power = (3 * rng.standard_normal((2, 20_000, 2))).astype(part_of(dtype)).view(dtype)[..., 0]
    with np.errstate(all="ignore"):
        exponent = power.astype(LONG) * np.log(z.astype(LONG))
        wanted = np.exp(exponent)
        errors = np.where(counted(where, z, wanted), units(computed("pow", z, power), wanted), 0) / (
            1 + np.abs(exponent)
        )
    assert errors.max() <= PROMISED["pow"]


def assert_same_parts(got, wanted, open_signs, message):
    """Equal parts, zeros with their signs; of signs that the standard leaves open none counts."""
    for a, b in ((got.real, wanted.real), (got.imag, wanted.imag)):
        a, b = np.where(open_signs, np.abs(a), a), np.where(open_signs, np.abs(b), b)
        exact = ~np.isfinite(b) | (b == 0)
        np.testing.assert_array_equal(a[exact], b[exact], message)
        np.testing.assert_allclose(a[~exact], b[~exact], rtol=4 * np.finfo(a.dtype).eps, err_msg=message)
        np.testing.assert_array_equal(np.signbit(a)[b == 0], np.signbit(b)[b == 0], message)


@pytest.mark.parametrize("name", [name for name in UNARY if name not in ("expm1", "reciprocal")])
def test_special_values_are_numpys(name, dtype, where):
    z = joined(*np.meshgrid(SPECIAL, SPECIAL), dtype).ravel()
    with np.errstate(all="ignore"):
        wanted = getattr(np, NUMPY.get(name, name))(z)
    assert_same_parts(computed(name, z), wanted, np.isnan(wanted), name)


def test_exponentials_less_one_at_special_values(dtype, where):
    inf, nan = np.inf, np.nan
    rows = [(0, 0, 0, 0), (-0.0, -0.0, -0.0, -0.0), (1, inf, nan, nan), (1, nan, nan, nan), (inf, 0, inf, 0)]
    rows += [(-inf, 0, -1, 0), (-inf, 2, -1, 0), (inf, 2, -inf, inf), (-inf, inf, -1, 0), (inf, inf, inf, nan)]
    rows += [(-inf, nan, -1, 0), (inf, nan, inf, nan), (nan, 0, nan, 0), (nan, 1, nan, nan), (nan, nan, nan, nan)]
    x, y, re, im = np.array(rows, part_of(dtype)).T
    wanted = joined(re, im, dtype)
    assert_same_parts(computed("expm1", joined(x, y, dtype)), wanted, np.abs(y) != 0, "expm1")


def test_nothing_overflows_before_its_result_does(dtype, where):
    most = float(np.finfo(dtype).max)
    z = np.array([complex(most, most), complex(-most, 1), complex(0.5, most)], dtype)
    with np.errstate(all="ignore"):
        for name in ("log", "sqrt", "asin", "acos", "asinh", "acosh", "atan", "atanh"):
            wanted = wider(name, z.astype(LONG))
            assert units(computed(name, z), wanted).max() <= PROMISED[name], name
    top = np.log(most)
    x = np.array([complex(top + 1, 1.5), complex(top + 2, np.pi / 2)], dtype)
    for name in ("exp", "sinh", "cosh"):
        wanted = wider(name, x.astype(LONG))
        assert np.isfinite(computed(name, x)[0].real)
        assert units(computed(name, x), wanted).max() <= PROMISED[name], name


def test_powers_at_special_values(dtype, where):
    z = np.array([0, np.nan, 3 - 5j, 0, 0, 0], dtype)
    power = np.array([0, 0, 1, 2 + 1j, -1, 1j], dtype)
    wanted = np.array([1, 1, 3 - 5j, 0, complex(np.nan, np.nan), complex(np.nan, np.nan)], dtype)
    np.testing.assert_array_equal(computed("pow", z, power), wanted)


def test_both_sides_of_branch_cuts(dtype, where):
    on_the_left, on_the_right = ["log", "sqrt", "log1p", "log2", "log10", "acosh"], ["asin", "acos", "atanh"]
    for name in on_the_left + on_the_right:
        x = 2 if name in on_the_right else -2
        above, below = computed(name, joined(np.full(2, x), np.array([0.0, -0.0]), dtype))
        assert above == np.conj(below), name
        assert above.imag != 0, name
    for name in ("asinh", "atan"):
        right, left = computed(name, joined(np.array([0.0, -0.0]), np.full(2, 2.0), dtype))
        assert right == -np.conj(left), name
        assert right.real != 0, name
