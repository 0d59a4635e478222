"""Sums, extremes and spreads of what is not NaN."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import InputError
from vulkan_forge.numpy import _quantiles, _searching, _series, _statistics
from vulkan_forge.numpy._arguments import check_real, is_inexact, refuse
from vulkan_forge.numpy._checks import ArrayLike, Axis
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import in_dtype

__all__ = [
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
]

elementwise = native.elementwise


def _instead(function: str, x: ArrayLike, value: float) -> Array:
    """The elements, with a number in the place of NaN."""
    x = array_of(x, function)
    return elementwise.where(elementwise.isnan(x), value, x) if is_inexact(x.dtype) else x


def _there(x: Array) -> Array | None:
    """Which elements take part; None for all."""
    return elementwise.logical_not(elementwise.isnan(x)) if is_inexact(x.dtype) else None


def nansum(
    x: ArrayLike,
    /,
    axis: Axis = None,
    dtype: npt.DTypeLike | None = None,
    out: None = None,
    keepdims: bool = False,
    initial: complex | None = None,
) -> Array:
    """Add up what is not NaN. Arguments and errors as for `sum`; 0 where there is nothing else.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nansum(vnp.asarray([1.0, vnp.nan, 2.0])).item()
        3.0
    """
    return _statistics.sum(_instead("nansum", x, 0), axis, dtype, out, keepdims, initial)


def nanprod(
    x: ArrayLike,
    /,
    axis: Axis = None,
    dtype: npt.DTypeLike | None = None,
    out: None = None,
    keepdims: bool = False,
    initial: complex | None = None,
) -> Array:
    """Multiply what is not NaN. Arguments and errors as for `prod`; 1 where there is nothing else.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nanprod(vnp.asarray([3.0, vnp.nan, 2.0])).item()
        6.0
    """
    return _statistics.prod(_instead("nanprod", x, 1), axis, dtype, out, keepdims, initial)


def nancumsum(x: ArrayLike, /, axis: int | None = None, dtype: npt.DTypeLike | None = None, out: None = None) -> Array:
    """Add up as far as each what is not NaN. Arguments and errors as for `cumsum`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nancumsum(vnp.asarray([1.0, vnp.nan, 2.0])).tolist()
        [1.0, 1.0, 3.0]
    """
    return _series.cumsum(_instead("nancumsum", x, 0), axis, dtype, out)


def nancumprod(x: ArrayLike, /, axis: int | None = None, dtype: npt.DTypeLike | None = None, out: None = None) -> Array:
    """Multiply as far as each what is not NaN. Arguments and errors as for `cumprod`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nancumprod(vnp.asarray([2.0, vnp.nan, 3.0])).tolist()
        [2.0, 2.0, 6.0]
    """
    return _series.cumprod(_instead("nancumprod", x, 1), axis, dtype, out)


def nanmin(x: ArrayLike, /, axis: Axis = None, out: None = None, keepdims: bool = False) -> Array:
    """Find the smallest of what is not NaN.

    Args:
        x: `Array` of bool, integers or real floats.
        axis: An axis, a tuple of them, or None for all.
        out: Refused.
        keepdims: Leave an extent of 1 where each axis was.

    Returns:
        An `Array` of the dtype of x; NaN where there is nothing else.

    Raises:
        ShapeError: No element at all.
        DtypeError: x is complex.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nanmin(vnp.asarray([3.0, vnp.nan, 2.0])).item()
        2.0
    """
    return _extreme("nanmin", _statistics.min, math.inf, x, axis, out, keepdims)


def nanmax(x: ArrayLike, /, axis: Axis = None, out: None = None, keepdims: bool = False) -> Array:
    """Find the largest of what is not NaN. Arguments and errors as for `nanmin`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nanmax(vnp.asarray([3.0, vnp.nan, 2.0])).item()
        3.0
    """
    return _extreme("nanmax", _statistics.max, -math.inf, x, axis, out, keepdims)


def _extreme(function: str, of: Any, last: float, x: ArrayLike, axis: Axis, out: None, keepdims: bool) -> Array:
    refuse(function, out=out)
    x = array_of(x, function)
    check_real(function, x)
    there = _there(x)
    found: Array = of(_instead(function, x, last), axis, None, keepdims)
    if there is None:
        return found
    none = _statistics.reduced(in_dtype(there, np.int32), "max", axis, keepdims)
    return elementwise.where(elementwise.equal(none, 0), math.nan, found)


def nanargmin(x: ArrayLike, /, axis: int | None = None, out: None = None, *, keepdims: bool = False) -> Array:
    """Find the place of the smallest of what is not NaN.

    Args:
        x: `Array` of bool, integers or real floats.
        axis: An axis; None: of the flattened array.
        out: Refused.
        keepdims: Leave an extent of 1 where the axis was.

    Returns:
        An int64 `Array`.

    Raises:
        InputError: Somewhere there is nothing but NaN, for which the call waits.
        ShapeError: No element at all.
        DtypeError: x is complex.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nanargmin(vnp.asarray([vnp.nan, 3.0, 2.0])).item()
        2
    """
    return _place("nanargmin", _searching.argmin, math.inf, x, axis, out, keepdims)


def nanargmax(x: ArrayLike, /, axis: int | None = None, out: None = None, *, keepdims: bool = False) -> Array:
    """Find the place of the largest of what is not NaN. Arguments and errors as for `nanargmin`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nanargmax(vnp.asarray([vnp.nan, 3.0, 2.0])).item()
        1
    """
    return _place("nanargmax", _searching.argmax, -math.inf, x, axis, out, keepdims)


def _place(function: str, of: Any, last: float, x: ArrayLike, axis: int | None, out: None, keepdims: bool) -> Array:
    refuse(function, out=out)
    x = array_of(x, function)
    check_real(function, x)
    there = _there(x)
    if there is not None and x.size:
        some = _statistics.reduced(in_dtype(there, np.int32), "max", axis, False)
        if some.size and _statistics.min(some).item() == 0:
            raise InputError.build("INVALID_ARGUMENT", f"{function} of nothing but NaN", mend="look with isnan first")
    found: Array = of(_instead(function, x, last), axis, keepdims=keepdims)
    return found


def nanmean(
    x: ArrayLike, /, axis: Axis = None, dtype: npt.DTypeLike | None = None, out: None = None, keepdims: bool = False
) -> Array:
    """Take the mean of what is not NaN. Arguments and errors as for `mean`; NaN where there is nothing else.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nanmean(vnp.asarray([1.0, vnp.nan, 2.0])).item()
        1.5
    """
    x = array_of(x, "nanmean")
    return _statistics.mean(x, axis, dtype, out, keepdims, where=_there(x))


def nanvar(
    x: ArrayLike,
    /,
    axis: Axis = None,
    dtype: npt.DTypeLike | None = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    correction: float | None = None,
) -> Array:
    """Take the variance of what is not NaN. Arguments and errors as for `var`; NaN where too little else is there.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nanvar(vnp.asarray([1.0, vnp.nan, 3.0])).item()
        1.0
    """
    free = _statistics.correction_of("nanvar", ddof, correction)
    return _spread(_statistics.var, "nanvar", x, axis, dtype, out, free, keepdims)


def nanstd(
    x: ArrayLike,
    /,
    axis: Axis = None,
    dtype: npt.DTypeLike | None = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    correction: float | None = None,
) -> Array:
    """Take the standard deviation of what is not NaN: the root of `nanvar`, whose arguments and errors it has.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nanstd(vnp.asarray([1.0, vnp.nan, 3.0])).item()
        1.0
    """
    free = _statistics.correction_of("nanstd", ddof, correction)
    return _spread(_statistics.std, "nanstd", x, axis, dtype, out, free, keepdims)


def _spread(
    of: Any,
    function: str,
    x: ArrayLike,
    axis: Axis,
    dtype: npt.DTypeLike | None,
    out: None,
    correction: float,
    keepdims: bool,
) -> Array:
    x = array_of(x, function)
    there = _there(x)
    found: Array = of(x, axis, dtype, out, correction, keepdims, where=there)
    if there is None:
        return found
    count = _statistics.reduced(in_dtype(there, np.int32), "sum", axis, keepdims)
    return elementwise.where(elementwise.greater(count, correction), found, math.nan)


def nanmedian(
    x: ArrayLike, /, axis: Axis = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False
) -> Array:
    """Find the middle of what is not NaN. Arguments and errors as for `median`; NaN where there is nothing else.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nanmedian(vnp.asarray([1.0, vnp.nan, 2.0])).item()
        1.5
    """
    refuse("nanmedian", out=out)
    return _quantiles.quantiles("nanmedian", x, np.array(0.5), axis, "midpoint", keepdims, skip_nan=True)


def nanquantile(
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
    """Find the values below which these shares of what is not NaN lie. Arguments and errors as for `quantile`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nanquantile(vnp.asarray([1.0, vnp.nan, 2.0]), 0.25).item()
        1.25
    """
    refuse("nanquantile", out=out, weights=weights)
    return _quantiles.quantiles("nanquantile", x, _quantiles.levels_of(q, 1.0), axis, method, keepdims, skip_nan=True)


def nanpercentile(
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
    """Find the values below which these percentages of what is not NaN lie: `nanquantile` with q between 0 and 100.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.nanpercentile(vnp.asarray([1.0, vnp.nan, 2.0]), 25).item()
        1.25
    """
    refuse("nanpercentile", out=out, weights=weights)
    return _quantiles.quantiles(
        "nanpercentile", x, _quantiles.levels_of(q, 100.0), axis, method, keepdims, skip_nan=True
    )
