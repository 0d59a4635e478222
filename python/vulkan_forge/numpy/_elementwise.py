"""Functions of each element for itself. All are lazy: a chain of them becomes one kernel.

The plain ones are the native functions themselves, one row of src/forge/array/fuse/elementwise.def each, called without
a Python frame in between. The others are short compositions of those, so that they too end in the same kernel.
"""

from __future__ import annotations

import builtins
from math import inf, pi
from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array, Device
from vulkan_forge.errors import DtypeError, InputError, ShapeError
from vulkan_forge.numpy._checks import Operand, device_of, integer_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import default_float, finfo, iinfo, in_dtype, is_weak, result_type

__all__ = [
    "abs",
    "absolute",
    "acos",
    "acosh",
    "add",
    "allclose",
    "angle",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "around",
    "array_equal",
    "array_equiv",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "cbrt",
    "ceil",
    "clip",
    "conj",
    "conjugate",
    "copysign",
    "cos",
    "cosh",
    "deg2rad",
    "degrees",
    "divide",
    "divmod",
    "equal",
    "exp",
    "exp2",
    "expm1",
    "fix",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "greater",
    "greater_equal",
    "heaviside",
    "hypot",
    "imag",
    "invert",
    "isclose",
    "iscomplex",
    "iscomplexobj",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "isrealobj",
    "isscalar",
    "ldexp",
    "left_shift",
    "less",
    "less_equal",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "mod",
    "modf",
    "multiply",
    "nan_to_num",
    "negative",
    "nextafter",
    "not_equal",
    "positive",
    "pow",
    "power",
    "rad2deg",
    "radians",
    "real",
    "reciprocal",
    "remainder",
    "right_shift",
    "rint",
    "round",
    "sign",
    "signbit",
    "sin",
    "sinc",
    "sinh",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "true_divide",
    "trunc",
]

_of = native.elementwise
MOST_PLACES = 308  # of a power of 10 that a float holds
LOG2_OF_E = float(np.log2(np.e))


# Arithmetic
add, subtract, multiply = _of.add, _of.subtract, _of.multiply
divide = true_divide = _of.divide
floor_divide, remainder = _of.floor_divide, _of.remainder
mod = remainder
positive, negative, abs, sign, square = _of.positive, _of.negative, _of.abs, _of.sign, _of.square
absolute = abs
reciprocal, sqrt, cbrt = _of.reciprocal, _of.sqrt, _of.cbrt
minimum, maximum = _of.minimum, _of.maximum
hypot, copysign, nextafter = _of.hypot, _of.copysign, _of.nextafter
# Exponentials and logarithms
exp, exp2, expm1 = _of.exp, _of.exp2, _of.expm1
log, log2, log10, log1p = _of.log, _of.log2, _of.log10, _of.log1p
logaddexp = _of.logaddexp
# Angles
sin, cos, tan, sinh, cosh, tanh = _of.sin, _of.cos, _of.tan, _of.sinh, _of.cosh, _of.tanh
asin, acos, atan, asinh, acosh, atanh = _of.asin, _of.acos, _of.atan, _of.asinh, _of.acosh, _of.atanh
arcsin, arccos, arctan, arcsinh, arccosh, arctanh = asin, acos, atan, asinh, acosh, atanh
atan2 = arctan2 = _of.atan2
# Whole numbers
floor, ceil, trunc = _of.floor, _of.ceil, _of.trunc
fix = trunc
rint = _of.round
# Comparisons and questions
equal, not_equal = _of.equal, _of.not_equal
less, less_equal, greater, greater_equal = _of.less, _of.less_equal, _of.greater, _of.greater_equal
isnan, isinf, isfinite, signbit = _of.isnan, _of.isinf, _of.isfinite, _of.signbit
# Bits and truth
logical_not, logical_and, logical_or, logical_xor = _of.logical_not, _of.logical_and, _of.logical_or, _of.logical_xor
bitwise_and, bitwise_or, bitwise_xor, bitwise_invert = (
    _of.bitwise_and,
    _of.bitwise_or,
    _of.bitwise_xor,
    _of.bitwise_invert,
)
bitwise_not = invert = bitwise_invert
bitwise_left_shift = left_shift = _of.bitwise_left_shift
bitwise_right_shift = right_shift = _of.bitwise_right_shift
# Complex numbers
conj = conjugate = _of.conj


isscalar = np.isscalar


def _is_float(x: object) -> bool:
    return result_type(x).kind == "f"


def clip(
    x: Operand, /, min: Operand | None = None, max: Operand | None = None, *, a_min: Any = None, a_max: Any = None
) -> Array:
    """Each value, moved to the nearest one between two limits.

    Args:
        x: Real values.
        min: The lower limit, a number or values that broadcast with x; None for none.
        max: The upper limit; it wins where the two cross. None for none.
        a_min: Another name of min.
        a_max: Another name of max.

    Returns:
        An `Array`; NaN stays NaN. Operands are promoted as by `minimum`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.clip(vnp.asarray([-1, 5, 12]), 0, 10).tolist()
        [0, 5, 10]
    """
    if (min is not None and a_min is not None) or (max is not None and a_max is not None):
        raise InputError.build(
            "INVALID_ARGUMENT", "clip: a limit is given by both of its names", expected="min or a_min, max or a_max"
        )
    low = _limit(x, a_min if min is None else min, least=True)
    high = _limit(x, a_max if max is None else max, least=False)
    if low is None and high is None:
        return native.copy(array_of(x, "clip"))
    made: Any = x if low is None else _of.maximum(x, low)
    return made if high is None else _of.minimum(made, high)


def _limit(x: Operand, limit: Any, least: bool) -> Any:
    """A limit of clip; None for Python's integers that every value of x keeps to, in its dtype or beyond."""
    if type(limit) is not int or not isinstance(x, Array) or x.dtype.kind not in "iu":
        return limit
    info = iinfo(x.dtype)
    return None if (limit <= info.min if least else limit >= info.max) else limit


def round(x: Operand, /, decimals: int = 0) -> Array:
    """Each value, rounded to so many decimals; halves go to the even neighbour.

    Args:
        x: Numbers.
        decimals: Places after the point (default 0); negative ones count before it.

    Returns:
        An `Array` of the dtype of x. With decimals, floats are scaled, rounded and scaled back, as in NumPy.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.round(vnp.asarray([0.5, 1.5, -1.7])).tolist()
        [0.0, 2.0, -2.0]
    """
    decimals = integer_of(decimals, "round: decimals")
    if decimals == 0:
        return _of.round(x)
    if result_type(x).kind in "biu":
        return _of.positive(x) if decimals > 0 else _rounded_to_multiple(array_of(x, "round"), 10**-decimals)
    places = builtins.abs(decimals)
    scale = 10.0**places if places <= MOST_PLACES else inf
    if decimals > 0:
        return _of.divide(_of.round(_of.multiply(x, scale)), scale)
    return _of.multiply(_of.round(_of.divide(x, scale)), scale)


def _rounded_to_multiple(x: Array, unit: int) -> Array:
    if unit > (1 if x.dtype.kind == "b" else iinfo(x.dtype).max):
        return native.full(x.shape, 0, x.dtype, device=x.device)
    whole = _of.floor_divide(x, unit)
    rest = x - whole * unit
    left = unit - rest  # rest + rest might overflow
    up = (rest > left) | ((rest == left) & (whole % 2 == 1))
    return (whole + in_dtype(up, x.dtype)) * unit


def around(x: Operand, /, decimals: int = 0) -> Array:
    """`round` under another of NumPy's names.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.around(vnp.asarray([123.0, 155.0]), -1).tolist()
        [120.0, 160.0]
    """
    return round(x, decimals)


def pow(x1: Operand, x2: Operand, /) -> Array:
    """x1 to the power of x2.

    Args:
        x1: Numbers.
        x2: Numbers that broadcast with x1. Python's small whole numbers and halves (2, -1, 0.5, -1.5) become products
            and roots, which cost a fraction of a power.

    Returns:
        An `Array`. Integers wrap; their negative powers are refused where x2 is a Python number.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.pow(vnp.asarray([2.0, 4.0]), -0.5).tolist()[1]
        0.5
    """
    if type(x2) in (int, float) and isinstance(x1, Array):
        plain = _plain_power(x1, x2)  # type: ignore[arg-type]
        if plain is not None:
            return plain
    return _of.pow(x1, x2)


power = pow


def _plain_power(x: Array, exponent: float) -> Array | None:
    """A power by products and roots, with the special values of a power; None where they are no help."""
    kind = x.dtype.kind
    if not -2.5 <= exponent <= 4 or exponent * 2 % 1 or exponent == 0:
        return None
    if kind in "iu":
        return _product(x, exponent) if type(exponent) is int and exponent > 0 else None
    if kind not in "fc" or (kind == "c" and exponent * 2 % 2):
        return None
    if x.dtype == np.float16 and exponent not in (-1, 0.5, 1, 2):  # several steps would round several times
        return None
    whole, half = int(exponent // 1), exponent % 1 != 0
    if half:  # the root of -0.0 and of -infinity is another than their power
        x = _of.add(_of.where(_of.equal(x, -np.inf), np.inf, x), 0.0)
    if exponent < 0:
        return _inverse_power(x, -whole, half)
    made = _product(x, whole) if whole else None
    if not half:
        return made
    root = _of.sqrt(x)
    return root if made is None else _of.multiply(made, root)


def _inverse_power(x: Array, count: int, half: bool) -> Array:
    """1 / x**count, or half a power less, by divisions: no step leaves the range before the result does."""
    if x.dtype.kind == "c":
        return _product(_of.divide(1, x), count)
    made = _of.divide(1, _of.sqrt(x) if half else x)
    for _ in range(count - 1):
        made = _of.divide(made, x)
    return made


def _product(x: Array, count: int) -> Array:
    """A product of 1 to 4 times the same."""
    if count == 1:
        return _of.positive(x)
    squared = _of.square(x)
    if count == 2:
        return squared
    return _of.multiply(squared, x) if count == 3 else _of.square(squared)


def divmod(x1: Operand, x2: Operand, /) -> tuple[Array, Array]:
    """The pair of `floor_divide` and `remainder`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [part.tolist() for part in vnp.divmod(vnp.asarray([7, -7]), 3)]
        [[2, -3], [1, 2]]
    """
    return _of.floor_divide(x1, x2), _of.remainder(x1, x2)


def fmod(x1: Operand, x2: Operand, /) -> Array:
    """What is left of x1 after taking whole multiples of x2 away, with the sign of x1.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fmod(vnp.asarray([7, -7]), 3).tolist()
        [1, -1]
    """
    a: Any = x1
    b: Any = x2
    wide = result_type(a, b)
    if wide.kind == "f":
        a, b = _in_float(a, wide), _in_float(b, wide)  # the least integer has no absolute value of its own dtype
        return _of.copysign(_of.remainder(builtins.abs(a), builtins.abs(b)), a)
    rest = _of.remainder(a, b)  # has the sign of b
    other = _of.logical_and(_of.not_equal(rest, 0), _of.not_equal(_of.less(rest, 0), a < 0))
    return _of.where(other, _of.subtract(rest, b), rest)


def _in_float(x: Operand, dtype: Any) -> Any:
    """Integers of an Array as floats; what else there is as it is."""
    return in_dtype(x, dtype) if isinstance(x, Array) and x.dtype.kind in "biu" else x


def modf(x: Operand, /) -> tuple[Array, Array]:
    """Fraction and whole part of each value, both with its sign.

    Args:
        x: Real floats.

    Returns:
        Two `Array`; infinities have the fraction 0.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [part.tolist() for part in vnp.modf(vnp.asarray([1.5, -2.0]))]
        [[0.5, -0.0], [1.0, -2.0]]
    """
    whole = _of.trunc(x)
    fraction = _of.where(_of.isinf(x), 0.0, _of.subtract(x, whole))
    return _of.copysign(fraction, x), whole


def float_power(x1: Operand, x2: Operand, /) -> Array:
    """`pow` in the device's default float at least.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.float_power(vnp.asarray([2, 4]), -1).tolist()
        [0.5, 0.25]
    """
    base = array_of(x1, "float_power")
    wide = default_float(base.device)
    if base.dtype.kind in "fc":
        wide = result_type(base.dtype, wide)
    return _of.pow(in_dtype(base, wide), x2)


def fmax(x1: Operand, x2: Operand, /) -> Array:
    """The larger of two values; of a number and NaN, the number.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fmax(vnp.asarray([1.0, vnp.nan]), 2.0).tolist()
        [2.0, 2.0]
    """
    return _number_of(_of.maximum(x1, x2), x1, x2)


def fmin(x1: Operand, x2: Operand, /) -> Array:
    """The smaller of two values; of a number and NaN, the number.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fmin(vnp.asarray([1.0, vnp.nan]), 2.0).tolist()
        [1.0, 2.0]
    """
    return _number_of(_of.minimum(x1, x2), x1, x2)


def _number_of(chosen: Array, x1: Operand, x2: Operand) -> Array:
    """What was chosen of two; where that is NaN, the one that is not."""
    if not _is_float(chosen):
        return chosen
    return _of.where(_of.isnan(chosen), _of.where(_is_nan(x1), x2, x1), chosen)


def heaviside(x1: Operand, x2: Operand, /) -> Array:
    """0 below zero, x2 at zero, 1 above; NaN stays.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.heaviside(vnp.asarray([-3.0, 0.0, 3.0]), 0.5).tolist()
        [0.0, 0.5, 1.0]
    """
    step = _of.where(_of.equal(x1, 0), x2, _of.greater(x1, 0))
    return in_dtype(_of.where(_is_nan(x1), x1, step), result_type(x1, x2, 0.0))


def sinc(x: Operand, /) -> Array:
    """sin(pi x) / (pi x), and 1 at 0.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.round(vnp.sinc(vnp.asarray([0.0, 0.5])) * 100).tolist()
        [100.0, 64.0]
    """
    angle = _of.multiply(x, pi)
    return _of.where(_of.equal(x, 0), 1.0, _of.divide(_of.sin(angle), angle))


def deg2rad(x: Operand, /) -> Array:
    """Degrees as radians; `radians` is the same.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.round(vnp.deg2rad(vnp.asarray([180.0])) * 100).tolist()
        [314.0]
    """
    return _of.multiply(x, pi / 180.0)


def rad2deg(x: Operand, /) -> Array:
    """Radians as degrees; `degrees` is the same.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.rad2deg(vnp.asarray([vnp.pi])).tolist()
        [180.0]
    """
    return _of.multiply(x, 180.0 / pi)


radians, degrees = deg2rad, rad2deg


def ldexp(x1: Operand, x2: Operand, /) -> Array:
    """x1 times 2 to the power of the integer x2.

    Args:
        x1: Real numbers.
        x2: Integers that broadcast with x1.

    Returns:
        An `Array` in the float that x1 has or becomes; rounded once where it is too small to have all bits.

    Raises:
        DtypeError: x2 is no integer.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.ldexp(vnp.asarray([3.0]), 4).tolist()
        [48.0]
    """
    made, by = result_type(x1, 0.0), array_of(x2, "ldexp")
    if by.dtype.kind not in "biu":
        raise DtypeError.build("BAD_DTYPE", "ldexp takes whole exponents", expected="integers", got=str(by.dtype))
    wide = np.dtype(np.float32) if made.itemsize == 2 else made
    limits: Any = np.finfo(wide)
    lowest, highest = int(limits.minexp), int(limits.maxexp) - 1
    by = _clipped(by, 2 * int(limits.maxexp) + int(limits.nmant))  # from the least number to the largest, and beyond
    last = clip(by, lowest, highest)  # what may round comes once, in the end
    second = clip(by - last, lowest, highest)
    moved: Any = in_dtype(x1, wide) if isinstance(x1, Array) else x1
    for part in (by - last - second, second, last):
        moved = _of.multiply(moved, _of.exp2(in_dtype(part, wide)))
    return in_dtype(moved, made)


def _clipped(exponents: Array, most: int) -> Array:
    """Integers of any dtype as int32, none of them beyond most."""
    small = exponents.dtype.itemsize < 4  # and may not hold most itself
    upper = _of.minimum(in_dtype(exponents, np.int32) if small else exponents, most)
    return in_dtype(upper if upper.dtype.kind == "u" else _of.maximum(upper, -most), np.int32)


def logaddexp2(x1: Operand, x2: Operand, /) -> Array:
    """log2(2**x1 + 2**x2), without overflow.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.logaddexp2(vnp.asarray([3.0]), 3.0).tolist()
        [4.0]
    """
    wide = result_type(x1, x2, 0.0)
    x1, x2 = _in_float(x1, wide), _in_float(x2, wide)  # differences of unsigned integers would wrap
    larger = _of.maximum(x1, x2)
    gap = _of.negative(_of.abs(_of.subtract(x1, x2)))
    more = _of.multiply(_of.log1p(_of.exp2(gap)), LOG2_OF_E)
    return _of.where(_of.equal(x1, x2), _of.add(larger, 1.0), _of.add(larger, more))


def isposinf(x: Operand, /) -> Array:
    """True for positive infinity.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.isposinf(vnp.asarray([vnp.inf, -vnp.inf])).tolist()
        [True, False]
    """
    return _of.logical_and(_of.isinf(x), _of.logical_not(_of.signbit(x)))


def isneginf(x: Operand, /) -> Array:
    """True for negative infinity.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.isneginf(vnp.asarray([vnp.inf, -vnp.inf])).tolist()
        [False, True]
    """
    return _of.logical_and(_of.isinf(x), _of.signbit(x))


def nan_to_num(
    x: Operand, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Array:
    """The values with numbers in place of NaN and infinities.

    Args:
        x: Real numbers, or complex ones, whose parts are treated each.
        copy: False writes into x, which must be an `Array`.
        nan: What NaN becomes.
        posinf: What infinity becomes; None for the dtype's largest value.
        neginf: What negative infinity becomes; None for the dtype's lowest value.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nan_to_num(vnp.asarray([1.0, vnp.nan, vnp.inf]), posinf=9.0).tolist()
        [1.0, 0.0, 9.0]
    """
    given = array_of(x, "nan_to_num")
    if given.dtype.kind == "c":
        parts = (_numbers(_of.real(given), nan, posinf, neginf), _numbers(_of.imag(given), nan, posinf, neginf))
        made = _of.join_complex(*parts)
    else:
        made = _numbers(given, nan, posinf, neginf)
    if not copy:
        native.assign(given, made)
    return made if copy else given


def _numbers(x: Array, nan: float, posinf: float | None, neginf: float | None) -> Array:
    if x.dtype.kind != "f":
        return native.copy(x)  # there is nothing to replace, but what is written to the one must not show in the other
    limits = finfo(x.dtype)
    high, low = limits.max if posinf is None else posinf, limits.min if neginf is None else neginf
    finite = _of.where(_of.isinf(x), _of.where(_of.signbit(x), low, native.full((), high, x.dtype, device=x.device)), x)
    return _of.where(_of.isnan(x), nan, finite)


def isclose(a: Operand, b: Operand, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Array:
    """Whether |a - b| <= atol + rtol |b|, for each pair; infinities are close to themselves.

    Args:
        a: Numbers.
        b: Numbers that broadcast with a.
        rtol: The tolerance in parts of b (default 1e-05).
        atol: The tolerance that is added (default 1e-08).
        equal_nan: NaN is close to NaN.

    Returns:
        A bool `Array`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.isclose(vnp.asarray([1.0, 1.1]), 1.0 + 1e-9).tolist()
        [True, False]
    """
    device = device_of(a, b)
    here, there = _operand(a, device), _operand(b, device)
    if not isinstance(there, Array):
        here = array_of(here, "isclose", device)
    there = _of.add(there, 0.0) if isinstance(there, Array) else there + 0.0  # differences of integers would wrap
    near = _of.less_equal(builtins.abs(here - there), builtins.abs(there) * rtol + atol)
    finite = _of.isfinite(there) if isinstance(there, Array) else bool(np.isfinite(there))
    close = _of.logical_or(_of.logical_and(near, finite), _of.equal(here, there))
    if not equal_nan:
        return close
    return _of.logical_or(close, _of.logical_and(_is_nan(here), _is_nan(there)))


def _operand(value: Any, device: Device) -> Any:
    """What isclose compares: Arrays, Python's numbers, and NumPy's where they have fractions; lists become Arrays."""
    if isinstance(value, np.generic):
        return value if value.dtype.kind in "fc" else value.item()
    return value if is_weak(value) else array_of(value, "isclose", device)


def _is_nan(x: Operand) -> Any:
    return x != x


def _all_true(x: Array) -> bool:
    """Reads one value back: as int32, which every device can reduce."""
    return x.size == 0 or bool(native.reduce(native.contiguous(in_dtype(x, np.int32)), "min").item())


def allclose(a: Operand, b: Operand, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all pairs are close, as `isclose` says. The call waits for the device.

    Args:
        a: Numbers.
        b: Numbers that broadcast with a.
        rtol: As in `isclose` (default 1e-05).
        atol: As in `isclose` (default 1e-08).
        equal_nan: As in `isclose`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.allclose(vnp.asarray([1.0, 2.0]), vnp.asarray([1.0, 2.0 + 1e-9]))
        True
    """
    return _all_true(isclose(array_of(a, "allclose"), array_of(b, "allclose"), rtol, atol, equal_nan))


def array_equal(a1: Operand, a2: Operand, equal_nan: bool = False) -> bool:
    """Whether two arrays have the same shape and equal values. The call waits for the device.

    Args:
        a1: Numbers.
        a2: Numbers.
        equal_nan: NaN equals NaN.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.array_equal(vnp.asarray([1, 2]), vnp.asarray([1, 3]))
        False
    """
    x, y = array_of(a1, "array_equal"), array_of(a2, "array_equal")
    if x.shape != y.shape:
        return False
    same = _of.equal(x, y)
    if equal_nan:
        same = _of.logical_or(same, _of.logical_and(_is_nan(x), _is_nan(y)))
    return _all_true(same)


def array_equiv(a1: Operand, a2: Operand) -> bool:
    """Whether two arrays broadcast and have equal values then. The call waits for the device.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.array_equiv(vnp.asarray([1, 1]), 1)
        True
    """
    try:
        return _all_true(_of.equal(array_of(a1, "array_equiv"), a2))
    except ShapeError:
        return False


def real(x: Operand, /) -> Array:
    """The real parts; real values as they are. A value, not a view.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.real(vnp.asarray([1 + 2j])).tolist()
        [1.0]
    """
    given = array_of(x, "real")
    return _of.real(given) if given.dtype.kind == "c" else given


def imag(x: Operand, /) -> Array:
    """The imaginary parts; zeros for real values. A value, not a view.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.imag(vnp.asarray([1 + 2j])).tolist()
        [2.0]
    """
    given = array_of(x, "imag")
    return _of.imag(given) if given.dtype.kind == "c" else native.full(given.shape, 0, given.dtype, device=given.device)


def angle(z: Operand, deg: bool = False) -> Array:
    """The angles of complex numbers in the plane; of negative real ones pi.

    Args:
        z: Numbers.
        deg: Degrees in place of radians.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.angle(vnp.asarray([1j, 1 + 0j]), deg=True).tolist()
        [90.0, 0.0]
    """
    made = _of.atan2(imag(z), real(z))
    return rad2deg(made) if deg else made


def isreal(x: Operand, /) -> Array:
    """True where the imaginary part is 0.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.isreal(vnp.asarray([1j, 1])).tolist()
        [False, True]
    """
    return _of.equal(imag(x), 0)


def iscomplex(x: Operand, /) -> Array:
    """True where the imaginary part is not 0.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.iscomplex(vnp.asarray([1j, 1])).tolist()
        [True, False]
    """
    return _of.not_equal(imag(x), 0)


def iscomplexobj(x: Operand, /) -> bool:
    """Whether the dtype is complex.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.iscomplexobj(vnp.asarray([1j]))
        True
    """
    return result_type(x).kind == "c"


def isrealobj(x: Operand, /) -> bool:
    """Whether the dtype is not complex.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.isrealobj(vnp.asarray([1.0]))
        True
    """
    return not iscomplexobj(x)
