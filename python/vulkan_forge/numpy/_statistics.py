"""Sums, extremes, means and spreads.

What is computed of each element is left to the lazy core, so that it becomes one kernel; sums are the building block
`reduce`, whose error is that of sums in blocks.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import numpy.typing as npt

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import DtypeError, ShapeError
from vulkan_forge.numpy import _joining, _products, _short
from vulkan_forge.numpy._arguments import (
    check_real,
    extent,
    float_of,
    floats,
    is_inexact,
    real_dtype,
    refuse,
)
from vulkan_forge.numpy._checks import ArrayLike, Axis, axes_of, number_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import as_words, dtype_of, in_dtype
from vulkan_forge.numpy._views import diagonal_of, in_shape, permuted, widened

__all__ = [
    "all",
    "amax",
    "amin",
    "any",
    "average",
    "corrcoef",
    "count_nonzero",
    "cov",
    "max",
    "mean",
    "min",
    "prod",
    "ptp",
    "std",
    "sum",
    "var",
]

elementwise = native.elementwise
FOLDED = ("sum", "prod", "min", "max")


def reduced(x: Array, op: str, axis: Axis, keepdims: bool) -> Array:
    """The building block `reduce`, for Arrays of any strides and axes as NumPy takes them.

    Where the last axis alone goes, or all do, an expression is part of the kernel; with keepdims what follows is, too.
    """
    axes = None if axis is None else axes_of(axis, x.ndim, op)
    if op in FOLDED and axes is not None and len(axes) == 1 and _short.is_short(x, axes[0], op):
        return _short.folded(x, op, axes[0], keepdims)
    made = native.reduce(native.contiguous(as_words(x)), op, axis=axes, keepdims=bool(keepdims))
    return in_dtype(made, x.dtype) if op in ("min", "max") else made


def sum(
    x: ArrayLike,
    /,
    axis: Axis = None,
    dtype: npt.DTypeLike | None = None,
    out: None = None,
    keepdims: bool = False,
    initial: complex | None = None,
    where: Array | None = None,
) -> Array:
    """Add elements up.

    Args:
        x: `Array` of any dtype and shape.
        axis: An axis, a tuple of them, or None for all.
        dtype: The dtype to sum in and to give; None: int64 or uint64 for integers and bool, else that of x.
        out: Refused.
        keepdims: Leave an extent of 1 where each axis was.
        initial: A number to start with.
        where: Bool `Array` that broadcasts with x: which elements take part; None for all.

    Returns:
        An `Array`. Floats are added in blocks, with an error like NumPy's.

    Raises:
        RangeError: An axis lies outside of x.
        DtypeError: dtype cannot hold complex numbers, and x has them.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.sum(vnp.asarray([[1, 2], [3, 4]]), axis=0).tolist()
        [4, 6]
    """
    total = _folded("sum", x, axis, dtype, out, keepdims, 0, where)
    return total if initial is None else elementwise.add(total, initial)


def prod(
    x: ArrayLike,
    /,
    axis: Axis = None,
    dtype: npt.DTypeLike | None = None,
    out: None = None,
    keepdims: bool = False,
    initial: complex | None = None,
    where: Array | None = None,
) -> Array:
    """Multiply elements. Arguments, dtypes and errors as for `sum`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.prod(vnp.asarray([2, 3, 4])).item()
        24
    """
    product = _folded("prod", x, axis, dtype, out, keepdims, 1, where)
    return product if initial is None else elementwise.multiply(product, initial)


def _folded(
    op: str,
    x: ArrayLike,
    axis: Axis,
    dtype: npt.DTypeLike | None,
    out: None,
    keepdims: bool,
    neutral: int,
    where: Array | None,
) -> Array:
    refuse(op, out=out)
    values = array_of(x, op) if dtype is None else in_dtype(array_of(x, op), dtype)
    if where is not None:
        values = elementwise.where(where, values, neutral)
    folded = reduced(values, op, axis, keepdims)
    return folded if dtype is None else in_dtype(folded, dtype)


def min(
    x: ArrayLike,
    /,
    axis: Axis = None,
    out: None = None,
    keepdims: bool = False,
    initial: float | None = None,
    where: Array | None = None,
) -> Array:
    """Find the smallest element.

    Args:
        x: `Array` of bool, integers or real floats.
        axis: An axis, a tuple of them, or None for all.
        out: Refused.
        keepdims: Leave an extent of 1 where each axis was.
        initial: The result is at most this number.
        where: Bool `Array` that broadcasts with x: which elements take part; needs initial.

    Returns:
        An `Array` of the dtype of x. NaN wins.

    Raises:
        ShapeError: No element to take the smallest of.
        DtypeError: x is complex.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.min(vnp.asarray([[3, 1], [2, 4]]), axis=1).tolist()
        [1, 2]
    """
    return _extreme("min", x, axis, out, keepdims, initial, where)


def max(
    x: ArrayLike,
    /,
    axis: Axis = None,
    out: None = None,
    keepdims: bool = False,
    initial: float | None = None,
    where: Array | None = None,
) -> Array:
    """Find the largest element. Arguments and errors as for `min`; the result is at least initial.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.max(vnp.asarray([3.0, 1.0])).item()
        3.0
    """
    return _extreme("max", x, axis, out, keepdims, initial, where)


amin = min
amax = max


def _extreme(
    op: str, x: ArrayLike, axis: Axis, out: None, keepdims: bool, initial: float | None, where: Array | None
) -> Array:
    refuse(op, out=out)
    x = array_of(x, op)
    check_real(op, x)
    if where is not None and initial is None:
        raise ShapeError.build(
            "BAD_SHAPE", f"{op} of chosen elements, of which there may be none", mend="give initial with where"
        )
    values = x if where is None else elementwise.where(where, x, initial)
    if initial is None:
        return reduced(values, op, axis, keepdims)
    axes = axes_of(axis, values.ndim, op)
    if extent(values, axes) == 0:
        return native.full(_kept(values, axes, keepdims), initial, values.dtype, x.device)
    two = elementwise.minimum if op == "min" else elementwise.maximum
    return two(reduced(values, op, axes, keepdims), initial)


def _kept(x: Array, axes: tuple[int, ...], keepdims: bool) -> tuple[int, ...]:
    """The shape without these axes."""
    return tuple(1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes)


def all(
    x: ArrayLike, /, axis: Axis = None, out: None = None, keepdims: bool = False, *, where: Array | None = None
) -> Array:
    """Say whether all elements are true.

    Args:
        x: `Array` of any dtype; what is not zero is true, NaN too.
        axis: An axis, a tuple of them, or None for all.
        out: Refused.
        keepdims: Leave an extent of 1 where each axis was.
        where: Bool `Array` that broadcasts with x: which elements take part; None for all.

    Returns:
        A bool `Array`; true where there is no element.

    Raises:
        RangeError: An axis lies outside of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.all(vnp.asarray([[True, False], [True, True]]), axis=1).tolist()
        [False, True]
    """
    refuse("all", out=out)
    return _judged("all", x, axis, keepdims, where, True)


def any(
    x: ArrayLike, /, axis: Axis = None, out: None = None, keepdims: bool = False, *, where: Array | None = None
) -> Array:
    """Say whether any element is true. Arguments as for `all`; false where there is no element.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.any(vnp.asarray([0, 0, 2])).item()
        True
    """
    refuse("any", out=out)
    return _judged("any", x, axis, keepdims, where, False)


def _judged(op: str, x: ArrayLike, axis: Axis, keepdims: bool, where: Array | None, neutral: bool) -> Array:
    values = array_of(x, op)
    values = values if where is None else elementwise.where(where, values, neutral)
    if values.device.has("storageBuffer8BitAccess"):
        return reduced(values, op, axis, keepdims)
    against = elementwise.not_equal(values, 0) if op == "any" else elementwise.equal(values, 0)
    count = reduced(in_dtype(against, np.int32), "sum", axis, keepdims)  # bool cannot be stored: elements are counted
    return elementwise.greater(count, 0) if op == "any" else elementwise.equal(count, 0)


def count_nonzero(x: ArrayLike, /, axis: Axis = None, *, keepdims: bool = False) -> Array:
    """Count the elements that are not zero.

    Args:
        x: `Array` of any dtype; NaN is not zero.
        axis: An axis, a tuple of them, or None for all.
        keepdims: Leave an extent of 1 where each axis was.

    Returns:
        An int64 `Array`.

    Raises:
        RangeError: An axis lies outside of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.count_nonzero(vnp.asarray([0.0, 1.5, 0.0])).item()
        1
    """
    x = array_of(x, "count_nonzero")
    there = x if x.dtype == np.bool_ else elementwise.not_equal(x, 0)
    return reduced(in_dtype(there, np.int32), "sum", axis, keepdims)


def ptp(x: ArrayLike, /, axis: Axis = None, out: None = None, keepdims: bool = False) -> Array:
    """Take the smallest element from the largest. Arguments and errors as for `min`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.ptp(vnp.asarray([3, 1, 7])).item()
        6
    """
    refuse("ptp", out=out)
    return elementwise.subtract(max(x, axis, None, keepdims), min(x, axis, None, keepdims))


def mean(
    x: ArrayLike,
    /,
    axis: Axis = None,
    dtype: npt.DTypeLike | None = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: Array | None = None,
) -> Array:
    """Take the mean.

    Args:
        x: `Array` of any dtype and shape.
        axis: An axis, a tuple of them, or None for all.
        dtype: A float or complex dtype to sum in and to give; None: float64 for integers and bool (float32 on a device
            that lacks it), else that of x. float16 is summed in float32.
        out: Refused.
        keepdims: Leave an extent of 1 where each axis was.
        where: Bool `Array` that broadcasts with x: which elements take part; None for all.

    Returns:
        An `Array`; NaN where there is no element.

    Raises:
        RangeError: An axis lies outside of x.
        DtypeError: dtype has no fractions.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.mean(vnp.asarray([1, 2, 4, 5])).item()
        3.0
    """
    refuse("mean", out=out)
    values, result = _working("mean", x, dtype)
    return in_dtype(_mean(values, axis, keepdims, where), result)


def _working(function: str, x: ArrayLike, dtype: npt.DTypeLike | None) -> tuple[Array, np.dtype[Any]]:
    """The values in the dtype that sums are made in, and the dtype of the result."""
    x = array_of(x, function)
    result = float_of(x) if dtype is None else dtype_of(dtype)
    if not is_inexact(result):
        raise DtypeError.build("BAD_DTYPE", f"{function} has fractions", expected="a float dtype", got=str(result))
    return in_dtype(x, np.float32 if result == np.float16 else result), result


def _mean(x: Array, axis: Axis, keepdims: bool, where: Array | None) -> Array:
    chosen = x if where is None else elementwise.where(where, x, 0)
    return elementwise.divide(reduced(chosen, "sum", axis, keepdims), _count(chosen, axis, keepdims, where))


def _count(x: Array, axis: Axis, keepdims: bool, where: Array | None) -> Any:
    """How many elements a sum has: a float, or a float Array where they are chosen one by one."""
    if where is None:
        return float(extent(x, axes_of(axis, x.ndim, "mean")))
    chosen = widened(in_dtype(where, real_dtype(x.dtype)), x.shape)
    return reduced(chosen, "sum", axis, keepdims)


def var(
    x: ArrayLike,
    /,
    axis: Axis = None,
    dtype: npt.DTypeLike | None = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    correction: float | None = None,
    where: Array | None = None,
) -> Array:
    """Take the variance: the mean square of what differs from the mean.

    The mean comes first and the squares in a second pass, so a large mean costs no digits.

    Args:
        x: `Array` of any dtype and shape.
        axis: An axis, a tuple of them, or None for all.
        dtype: As for `mean`.
        out: Refused.
        ddof: NumPy's name for correction.
        keepdims: Leave an extent of 1 where each axis was.
        correction: What is taken from the number of elements that the sum of squares is divided by; None takes ddof.
        where: Bool `Array` that broadcasts with x: which elements take part; None for all.

    Returns:
        A float `Array`; NaN or infinity where correction leaves nothing to divide by.

    Raises:
        RangeError: An axis lies outside of x.
        DtypeError: dtype has no fractions.
        ArgumentTypeError: ddof or correction is no real number.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.var(vnp.asarray([1.0, 3.0]), correction=1).item()
        2.0
    """
    refuse("var", out=out)
    values, result = _working("var", x, dtype)
    spread = _variance(values, axis, keepdims, correction_of("var", ddof, correction), where)
    return in_dtype(spread, real_dtype(result))


def correction_of(function: str, ddof: float, correction: float | None) -> float:
    """The one of two names for the same number that is given."""
    return (
        number_of(ddof, f"{function}: ddof") if correction is None else number_of(correction, f"{function}: correction")
    )


def _variance(x: Array, axis: Axis, keepdims: bool, correction: float, where: Array | None) -> Array:
    squares = squared(x - _mean(x, axis, True, where))
    if where is not None:
        squares = elementwise.where(where, squares, 0)
    free = _count(squares, axis, keepdims, where)
    free = builtins.max(free - correction, 0.0) if where is None else elementwise.maximum(free - correction, 0)
    return reduced(squares, "sum", axis, keepdims) / free


def squared(x: Array) -> Array:
    """Squares of magnitudes."""
    if x.dtype.kind != "c":
        return elementwise.square(x)
    return elementwise.square(elementwise.real(x)) + elementwise.square(elementwise.imag(x))


def std(
    x: ArrayLike,
    /,
    axis: Axis = None,
    dtype: npt.DTypeLike | None = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    correction: float | None = None,
    where: Array | None = None,
) -> Array:
    """Take the standard deviation: the root of `var`, whose arguments and errors it has.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.std(vnp.asarray([1.0, 5.0])).item()
        2.0
    """
    refuse("std", out=out)
    values, result = _working("std", x, dtype)
    spread = _variance(values, axis, keepdims, correction_of("std", ddof, correction), where)
    return in_dtype(elementwise.sqrt(spread), real_dtype(result))


def average(
    x: ArrayLike,
    /,
    axis: Axis = None,
    weights: ArrayLike | None = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Array | tuple[Array, Array]:
    """Take the mean with a weight for each element.

    Args:
        x: `Array` of any dtype and shape.
        axis: An axis, a tuple of them, or None for all.
        weights: `Array` of the shape of x, or with one axis as long as axis; None for equal weights.
        returned: Give the sums of the weights too.
        keepdims: Leave an extent of 1 where each axis was.

    Returns:
        An `Array`, or two. Where weights sum to 0 the average is NaN or infinite (NumPy raises ZeroDivisionError, for
        which the values would have to be waited for).

    Raises:
        ShapeError: weights do not fit x.
        RangeError: An axis lies outside of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.average(vnp.asarray([1.0, 5.0]), weights=vnp.asarray([3.0, 1.0])).item()
        2.0
    """
    x = array_of(x, "average")
    values = floats(x)
    axes = axes_of(axis, x.ndim, "average")
    if weights is None:
        result = mean(values, axes, None, None, keepdims)
        sums = native.full(result.shape, extent(x, axes), result.dtype, x.device)
        return (result, sums) if returned else result
    heavy = _weights_along(x, array_of(weights, "average", x.device), axes)
    common = np.result_type(values.dtype, heavy.dtype)
    sums = sum(widened(heavy, x.shape), axes, common, None, keepdims)
    result = sum(values * heavy, axes, common, None, keepdims) / sums
    return (result, sums) if returned else result


def _weights_along(x: Array, weights: Array, axes: tuple[int, ...]) -> Array:
    """Weights with as many axes as x has."""
    if weights.shape == x.shape:
        return weights
    if weights.shape != tuple(x.shape[axis] for axis in axes):
        raise ShapeError.build(
            "BAD_SHAPE",
            "weights do not fit",
            expected=f"shape {x.shape} or {tuple(x.shape[axis] for axis in axes)}",
            got=str(weights.shape),
        )
    order = sorted(range(len(axes)), key=axes.__getitem__)
    shape = [1] * x.ndim
    for axis in axes:
        shape[axis] = x.shape[axis]
    return in_shape(permuted(weights, order), shape)


def cov(
    m: ArrayLike,
    /,
    y: ArrayLike | None = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: float | None = None,
    fweights: ArrayLike | None = None,
    aweights: ArrayLike | None = None,
    *,
    dtype: npt.DTypeLike | None = None,
) -> Array:
    """Estimate the covariance of variables.

    Args:
        m: `Array` of one or two axes: a row for each variable, a column for each observation.
        y: More variables, likewise.
        rowvar: False where columns are variables.
        bias: True divides by the number of observations, False by one less.
        ddof: What is taken from the number of observations; None leaves it to bias.
        fweights: How often each observation is counted: integers, one for each column.
        aweights: How much each observation counts, one for each column.
        dtype: The dtype to compute in; None: that of m and y, floats at least.

    Returns:
        An `Array` of shape (variables, variables), or () for one variable.

    Raises:
        ShapeError: m has more than two axes, or numbers of observations differ.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.cov(vnp.asarray([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]
    """
    x = _variables(m, rowvar)
    if y is not None:
        x = _joining.concat([x, _variables(y, rowvar)], axis=0)
    x = x if dtype is None else in_dtype(x, dtype)
    free = (0.0 if bias else 1.0) if ddof is None else number_of(ddof, "cov: ddof")
    given = [array_of(w, "cov", x.device) for w in (fweights, aweights) if w is not None]
    weights = [in_dtype(w, real_dtype(x.dtype)) for w in given]
    if not weights:
        centred = x - mean(x, 1, None, None, True)
        return _products_of(centred, centred, builtins.max(x.shape[1] - free, 0.0))
    w = weights[0] if len(weights) == 1 else weights[0] * weights[1]
    total = sum(w)
    centred = x - sum(x * w, 1, None, None, True) / total
    divisor = total - (free if aweights is None else free * sum(w * weights[-1]) / total)
    return _products_of(centred * w, centred, elementwise.maximum(divisor, 0))


def _variables(m: ArrayLike, rowvar: bool) -> Array:
    x = floats(array_of(m, "cov"))
    if x.ndim > 2:
        raise ShapeError.build("BAD_SHAPE", "cov takes a matrix", expected="1 or 2 axes", got=str(x.ndim))
    if x.ndim < 2:
        return in_shape(x, (1, x.size))
    return x if rowvar else permuted(x, (1, 0))


def _products_of(a: Array, b: Array, divisor: Any) -> Array:
    turned = permuted(elementwise.conj(b) if b.dtype.kind == "c" else b, (1, 0))
    products = _products.matmul(a, turned) / divisor
    return in_shape(products, ()) if products.size == 1 else products


def corrcoef(
    m: ArrayLike, /, y: ArrayLike | None = None, rowvar: bool = True, *, dtype: npt.DTypeLike | None = None
) -> Array:
    """Estimate the coefficients of correlation: `cov` over the deviations. Arguments and errors as there.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.corrcoef(vnp.asarray([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))[0, 1].item()
        -1.0
    """
    c = cov(m, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    deviations = elementwise.sqrt(elementwise.real(diagonal_of(c, 0, 0, 1)))
    ratio = c / in_shape(deviations, (deviations.size, 1)) / deviations
    if ratio.dtype.kind == "c":
        return ratio
    return elementwise.minimum(elementwise.maximum(ratio, -1), 1)
