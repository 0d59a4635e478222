"""Quantiles: what lies between the sorted values of a row, by NumPy's methods."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import InputError
from vulkan_forge.numpy import _statistics
from vulkan_forge.numpy._arguments import check_real, extent, float_of, is_inexact, on_device, refuse, taken_from_rows
from vulkan_forge.numpy._checks import ArrayLike, Axis, axes_of, numpys_errors
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import as_words, default_float, in_dtype
from vulkan_forge.numpy._views import in_shape, permuted

__all__ = ["median", "percentile", "quantile"]

elementwise = native.elementwise

# By Hyndman and Fan: alpha and beta of n * q + alpha + q * (1 - alpha - beta) - 1, the place among n sorted values
# counted from 0. The quantile lies between the two values round it.
CONTINUOUS = {
    "linear": (1.0, 1.0),
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}
# Methods that take one of the values: its place. xp is NumPy where all rows have n values, else our own functions.
ONE_VALUE: dict[str, Callable[[Any, Any, Any], Any]] = {
    "inverted_cdf": lambda n, q, xp: xp.ceil(n * q) - 1,
    "closest_observation": lambda n, q, xp: xp.round(n * q) - 1,
    "lower": lambda n, q, xp: xp.floor((n - 1) * q),
    "higher": lambda n, q, xp: xp.ceil((n - 1) * q),
    "nearest": lambda n, q, xp: xp.round((n - 1) * q),
}
# Methods that take a value or the middle of two: the place, and the share of the next value on a place and between two.
MIDDLES: dict[str, tuple[Callable[[Any, Any], Any], float, float]] = {
    "averaged_inverted_cdf": (lambda n, q: n * q - 1, 0.5, 1.0),
    "midpoint": (lambda n, q: (n - 1) * q, 0.0, 0.5),
}
METHODS = (*CONTINUOUS, *ONE_VALUE, *MIDDLES)


def quantile(
    x: ArrayLike,
    /,
    q: Any,
    axis: Axis = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: None = None,
) -> Array:
    """Find the values below which these shares of all lie.

    Args:
        x: `Array` of bool, integers or real floats.
        q: Shares between 0 and 1: a number, a sequence of any shape, or an `Array`, which is brought to the host.
        axis: An axis, a tuple of them, or None for all.
        out: Refused.
        overwrite_input: Without effect.
        method: "linear", "lower", "higher", "midpoint", "nearest", "inverted_cdf", "averaged_inverted_cdf",
            "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull", "median_unbiased" or
            "normal_unbiased".
        keepdims: Leave an extent of 1 where each axis was.
        weights: Refused.

    Returns:
        An `Array` whose first axes are those of q. Its dtype is that of x for floats and for methods that take one of
        the values, else float64 (float32 on a device that lacks it). NaN where a row has NaN or nothing.

    Raises:
        InputError: q lies outside of 0 to 1, or no such method.
        DtypeError: x is complex.
        RangeError: An axis lies outside of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.quantile(vnp.asarray([1.0, 2.0, 4.0]), [0.25, 1]).tolist()
        [1.5, 4.0]
    """
    refuse("quantile", out=out, weights=weights)
    return quantiles("quantile", x, levels_of(q, 1.0), axis, method, keepdims)


def percentile(
    x: ArrayLike,
    /,
    q: Any,
    axis: Axis = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: None = None,
) -> Array:
    """Find the values below which these percentages of all lie: `quantile` with q between 0 and 100.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.percentile(vnp.asarray([1.0, 2.0, 4.0]), 75).item()
        3.0
    """
    refuse("percentile", out=out, weights=weights)
    return quantiles("percentile", x, levels_of(q, 100.0), axis, method, keepdims)


def median(
    x: ArrayLike, /, axis: Axis = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False
) -> Array:
    """Find the middle of the sorted values; the mean of both where there are two.

    Args:
        x: `Array` of bool, integers or real floats.
        axis: An axis, a tuple of them, or None for all.
        out: Refused.
        overwrite_input: Without effect.
        keepdims: Leave an extent of 1 where each axis was.

    Returns:
        An `Array` of the dtype of x for floats, else float64 (float32 on a device that lacks it). NaN where a row has
        NaN or nothing.

    Raises:
        DtypeError: x is complex.
        RangeError: An axis lies outside of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.median(vnp.asarray([3.0, 1.0, 8.0, 2.0])).item()
        2.5
    """
    refuse("median", out=out)
    return quantiles("median", x, np.array(0.5), axis, "midpoint", keepdims)


def levels_of(q: Any, whole: float) -> NDArray[np.float64]:
    with numpys_errors("q"):
        levels = np.asarray(q.numpy() if isinstance(q, Array) else q, np.float64) / whole
    if not np.all((levels >= 0) & (levels <= 1)):
        raise InputError.build(
            "INVALID_ARGUMENT", "q lies outside of its range", expected=f"0 to {whole:g}", got=str(levels * whole)
        )
    return levels


def quantiles(
    function: str,
    x: ArrayLike,
    levels: NDArray[np.float64],
    axis: Axis,
    method: str,
    keepdims: bool,
    skip_nan: bool = False,
) -> Array:
    """Quantiles at these levels, whose axes come first; NaN wins, or does not count."""
    x = as_words(array_of(x, function))
    check_real(function, x)
    if method not in METHODS:
        raise InputError.build("INVALID_ARGUMENT", "no such method", expected=", ".join(METHODS), got=repr(method))
    axes = axes_of(axis, x.ndim, function)
    rest = [i for i in range(x.ndim) if i not in axes]
    kept = [1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes]
    if extent(x, axes) == 0:
        return native.full((*levels.shape, *kept), math.nan, float_of(x), x.device)
    rows = in_shape(permuted(x, [*rest, *axes]), [*(x.shape[i] for i in rest), extent(x, axes)])
    found = _of_rows(native.sort(native.contiguous(rows)), levels.ravel(), method, skip_nan)
    return in_shape(permuted(found, [found.ndim - 1, *range(found.ndim - 1)]), [*levels.shape, *kept])


def _of_rows(rows: Array, levels: NDArray[np.float64], method: str, skip_nan: bool) -> Array:
    """Quantiles of sorted rows, along the last axis."""
    has_nan = is_inexact(rows.dtype)
    if skip_nan and has_nan:
        real = default_float(rows.device)
        there = in_dtype(elementwise.logical_not(elementwise.isnan(rows)), np.int32)
        count = in_dtype(_statistics.reduced(there, "sum", -1, True), real)
        below, above, share = _places(count, on_device(levels, rows.device, real), method, elementwise)
    else:
        below, above, share = _places(rows.shape[-1], levels, method, np)
    found = _at(rows, below)
    if share is not None:
        found = _between(found, _at(rows, above), on_device(share, rows.device))
    if skip_nan or not has_nan:
        return found
    last = rows[..., -1:]
    return elementwise.where(elementwise.isnan(last), last, found)


def _at(rows: Array, places: Any) -> Array:
    """Entries at places that all rows share, on the host, or that each row has, on the device."""
    if isinstance(places, Array):
        return taken_from_rows(rows, in_dtype(places, np.int32))
    return native.gather(rows, on_device(places, rows.device, np.int32), axis=-1, mode="clip")


def _places(n: Any, q: Any, method: str, xp: Any) -> tuple[Any, Any, Any]:
    """The places round each quantile, and the share of the second; None for none."""
    if method in ONE_VALUE:
        return _inside(ONE_VALUE[method](n, q, xp), n, xp), None, None
    if method in MIDDLES:
        at, on, between = MIDDLES[method]
        place = at(n, q)
        below = xp.floor(place)
        share = xp.where(place == below, on, between)
    else:
        alpha, beta = CONTINUOUS[method]
        place = (n - 1) * q if method == "linear" else n * q + (alpha + q * (1 - alpha - beta)) - 1
        below = xp.floor(place)
        share = place - below
    return _inside(below, n, xp), _inside(below + 1, n, xp), share


def _inside(place: Any, n: Any, xp: Any) -> Any:
    return xp.maximum(xp.minimum(place, n - 1), 0)


def _between(a: Array, b: Array, share: Array) -> Array:
    result = float_of(a)
    wide = np.float32 if result == np.float16 else result
    a, b, share = (in_dtype(x, wide) for x in (a, b, share))
    way, rest = b - a, 1.0 - share
    near = elementwise.where(share < 0.5, a + way * share, b - way * rest)  # from the nearer, so that it is met exactly
    found = elementwise.where(elementwise.isfinite(way), near, a * rest + b * share)
    at_a = elementwise.logical_or(elementwise.equal(share, 0.0), elementwise.equal(a, b))
    return in_dtype(elementwise.where(at_a, a, found), result)
