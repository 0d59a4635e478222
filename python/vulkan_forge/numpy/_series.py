"""Values along an axis: running sums, differences, slopes, integrals, convolutions and interpolation."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import ArgumentTypeError, InputError, ShapeError
from vulkan_forge.numpy import _axes, _joining, _products, _searching, _statistics
from vulkan_forge.numpy._arguments import floats, is_inexact, refuse, taken, the_arrays
from vulkan_forge.numpy._checks import ArrayLike, Axis, Operand, axes_of, axis_of, integer_of, number_of
from vulkan_forge.numpy._conversion import array_of, upload
from vulkan_forge.numpy._dtypes import as_words, default_float, in_dtype
from vulkan_forge.numpy._views import flipped, in_shape, permuted, widened

__all__ = [
    "convolve",
    "correlate",
    "cross",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "diff",
    "gradient",
    "interp",
    "trapezoid",
]

elementwise = native.elementwise
FEW_TAPS = 8  # shorter sequences slide faster in one kernel of shifted products than as a matrix


def part(x: Array, axis: int, start: int | None, stop: int | None, step: int | None = None) -> Array:
    """A view of some of an axis."""
    return x[(slice(None),) * axis + (slice(start, stop, step),)]


# ------------------------------------------------------------------ running sums


def cumulative_sum(
    x: ArrayLike, /, *, axis: int | None = None, dtype: npt.DTypeLike | None = None, include_initial: bool = False
) -> Array:
    """Add elements up as far as each.

    Args:
        x: `Array` with 1 or more axes.
        axis: Which axis; None where x has one.
        dtype: The dtype to sum in and to give; None: int64 or uint64 for integers and bool, else that of x.
        include_initial: Put the 0 that sums start with in front.

    Returns:
        An `Array` of the shape of x, with one entry more along axis where include_initial.

    Raises:
        InputError: x has several axes and none is named.
        RangeError: axis lies outside of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.cumulative_sum(vnp.asarray([1, 2, 3]), include_initial=True).tolist()
        [0, 1, 3, 6]
    """
    return _cumulative("cumulative_sum", x, axis, dtype, include_initial)


def cumulative_prod(
    x: ArrayLike, /, *, axis: int | None = None, dtype: npt.DTypeLike | None = None, include_initial: bool = False
) -> Array:
    """Multiply elements as far as each. Arguments and errors as for `cumulative_sum`; products start with 1.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.cumulative_prod(vnp.asarray([1, 2, 3])).tolist()
        [1, 2, 6]
    """
    return _cumulative("cumulative_prod", x, axis, dtype, include_initial)


def _cumulative(
    function: str, x: ArrayLike, axis: int | None, dtype: npt.DTypeLike | None, include_initial: bool
) -> Array:
    x = array_of(x, function)
    if axis is None and x.ndim != 1:
        raise InputError.build(
            "INVALID_ARGUMENT", f"{function} of several axes", expected="axis=", got=f"shape {x.shape}", mend="name one"
        )
    along = axis_of(0 if axis is None else axis, x.ndim, function)
    op = "sum" if function == "cumulative_sum" else "prod"
    running = scanned(x, op, along, dtype)
    if not include_initial:
        return running
    first = (*x.shape[:along], 1, *x.shape[along + 1 :])
    start = native.full(first, 0 if op == "sum" else 1, running.dtype, x.device)
    return _joining.concat([start, running], axis=along)


def scanned(x: Array, op: str, axis: int, dtype: npt.DTypeLike | None) -> Array:
    """The building block `scan`, for Arrays of any strides."""
    if dtype is None:
        return native.scan(native.contiguous(as_words(x)), op, axis=axis)
    return in_dtype(native.scan(native.contiguous(in_dtype(x, dtype)), op, axis=axis), dtype)


def cumsum(x: ArrayLike, /, axis: int | None = None, dtype: npt.DTypeLike | None = None, out: None = None) -> Array:
    """Add elements up as far as each, as NumPy does.

    Args:
        x: `Array` of any shape.
        axis: Which axis; None: of the flattened array.
        dtype: As for `cumulative_sum`.
        out: Refused.

    Returns:
        An `Array`.

    Raises:
        RangeError: axis lies outside of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.cumsum(vnp.asarray([[1, 2], [3, 4]])).tolist()
        [1, 3, 6, 10]
    """
    refuse("cumsum", out=out)
    return _running("cumsum", x, axis, dtype)


def cumprod(x: ArrayLike, /, axis: int | None = None, dtype: npt.DTypeLike | None = None, out: None = None) -> Array:
    """Multiply elements as far as each, as NumPy does. Arguments and errors as for `cumsum`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.cumprod(vnp.asarray([2, 3])).tolist()
        [2, 6]
    """
    refuse("cumprod", out=out)
    return _running("cumprod", x, axis, dtype)


def _running(function: str, x: ArrayLike, axis: int | None, dtype: npt.DTypeLike | None) -> Array:
    x = array_of(x, function)
    if axis is None:
        x, axis = in_shape(x, (x.size,)), 0
    return scanned(x, "sum" if function == "cumsum" else "prod", axis_of(axis, x.ndim, function), dtype)


# ------------------------------------------------------------------ differences and integrals


def diff(
    x: ArrayLike, /, n: int = 1, axis: int = -1, prepend: Operand | None = None, append: Operand | None = None
) -> Array:
    """Take each element from the next.

    Args:
        x: `Array` with 1 or more axes.
        n: How often.
        axis: Along which axis.
        prepend: Values to put in front first: an `Array` that fits, or a number.
        append: Values to put behind, likewise.

    Returns:
        An `Array` with n fewer entries along axis; of bool ones, whether neighbours differ.

    Raises:
        InputError: n is negative.
        RangeError: axis lies outside of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.diff(vnp.asarray([1, 4, 9, 16])).tolist()
        [3, 5, 7]
    """
    x = array_of(x, "diff")
    along = axis_of(axis, x.ndim, "diff")
    n = integer_of(n, "diff: n")
    if n < 0:
        raise InputError.build("INVALID_ARGUMENT", "diff needs n of 0 or more", got=str(n))
    values = _lengthened(x, along, prepend, append) if n else x
    for _ in range(n):
        after, before = part(values, along, 1, None), part(values, along, None, -1)
        values = elementwise.not_equal(after, before) if values.dtype == np.bool_ else after - before
    return values


def _lengthened(x: Array, axis: int, prepend: Operand | None, append: Operand | None) -> Array:
    if prepend is None and append is None:
        return x
    one = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    pieces = [piece for piece in (prepend, x, append) if piece is not None]
    arrays = the_arrays("diff", *pieces)
    return _joining.concat([widened(a, one) if a.ndim == 0 else a for a in arrays], axis=axis)


def trapezoid(y: ArrayLike, /, x: ArrayLike | None = None, dx: float = 1.0, axis: int = -1) -> Array:
    """Integrate by the trapezoidal rule.

    Args:
        y: `Array` with 1 or more axes.
        x: Where the values lie: `Array` of the shape of y, or with one axis; None for steps of dx.
        dx: The step.
        axis: Along which axis.

    Returns:
        An `Array` without that axis.

    Raises:
        RangeError: axis lies outside of y.
        ShapeError: x does not fit y.
        ArgumentTypeError: dx is no number.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.trapezoid(vnp.asarray([1.0, 2.0, 3.0])).item()
        4.0
    """
    y = array_of(y, "trapezoid")
    along = axis_of(axis, y.ndim, "trapezoid")
    step: Any = dx
    if not isinstance(dx, (Array, int, float, complex, np.generic)):
        raise ArgumentTypeError.build(
            "BAD_TYPE", "trapezoid: dx must be a number", expected="a number or an Array", got=repr(dx)[:60]
        )
    if x is not None:
        x = array_of(x, "trapezoid", y.device)
        step = diff(x, axis=along if x.ndim == y.ndim else -1)
        step = step if x.ndim == y.ndim else _along(step, along, y.ndim)
    values = floats(y)
    heights = part(values, along, 1, None) + part(values, along, None, -1)
    return _statistics.sum(step * heights / 2.0, axis=along)


def _along(x: Array, axis: int, ndim: int) -> Array:
    """One axis, so that it meets this one of an array of ndim axes."""
    return in_shape(x, [x.size if i == axis else 1 for i in range(ndim)])


def gradient(f: ArrayLike, /, *varargs: Operand, axis: Axis = None, edge_order: int = 1) -> Array | tuple[Array, ...]:
    """Estimate slopes by central differences, and one-sided ones at the ends.

    Args:
        f: `Array` with 1 or more axes.
        *varargs: Nothing for steps of 1; one step for all axes; or for each axis a step or an `Array` of coordinates.
        axis: An axis, a tuple of them, or None for all.
        edge_order: 1 or 2: how many neighbours the ends look at.

    Returns:
        An `Array` of the shape of f for each axis: a tuple of them where there are several.

    Raises:
        InputError: edge_order is neither, or varargs do not match the axes.
        ShapeError: An axis has too few entries, or coordinates do not fit one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.gradient(vnp.asarray([1.0, 4.0, 9.0, 16.0])).tolist()
        [3.0, 4.0, 6.0, 7.0]
    """
    f = array_of(f, "gradient")
    axes = axes_of(axis, f.ndim, "gradient")
    steps = [step if np.ndim(step) == 0 else array_of(step, "gradient", f.device) for step in varargs or (1.0,)]
    if len(steps) == 1 and not getattr(steps[0], "ndim", 0):
        steps *= len(axes)
    if len(steps) != len(axes):
        raise InputError.build(
            "INVALID_ARGUMENT", "gradient takes a step for each axis", expected=str(len(axes)), got=str(len(steps))
        )
    if edge_order not in (1, 2):
        raise InputError.build("INVALID_ARGUMENT", "edge_order must be 1 or 2", got=str(edge_order))
    values = floats(f)
    slopes = tuple(_slope(values, step, along, edge_order) for along, step in zip(axes, steps, strict=True))
    return slopes[0] if len(slopes) == 1 else slopes


def _slope(f: Array, step: Any, axis: int, edge_order: int) -> Array:
    count = f.shape[axis]
    if count < edge_order + 1:
        raise ShapeError.build(
            "BAD_SHAPE", "an axis is too short for a gradient", expected=f"{edge_order + 1} entries", got=str(count)
        )
    gaps = step
    if getattr(step, "ndim", 0):
        if step.shape != (count,):
            raise ShapeError.build(
                "BAD_SHAPE", "coordinates do not fit an axis", expected=f"shape {(count,)}", got=str(step.shape)
            )
        gaps = _along(diff(floats(step)), axis, f.ndim)
    ends = [_slope_at_end(f, gaps, axis, edge_order, inward) for inward in (1, -1)]
    return _joining.concat([ends[0], _slope_between(f, gaps, axis), ends[1]], axis=axis)


def _slope_between(f: Array, gaps: Any, axis: int) -> Array:
    """Slopes of all entries but the ends; gaps is one number, or has an entry for each pair of neighbours."""
    left, here, right = part(f, axis, None, -2), part(f, axis, 1, -1), part(f, axis, 2, None)
    if getattr(gaps, "ndim", 0) == 0:
        return elementwise.divide(right - left, 2.0 * gaps)
    before, after = part(gaps, axis, None, -1), part(gaps, axis, 1, None)
    both = before + after
    return (
        right * (before / (after * both))
        + here * ((after - before) / (before * after))
        - left * (after / (before * both))
    )


def _slope_at_end(f: Array, gaps: Any, axis: int, edge_order: int, inward: int) -> Array:
    """The slope of the first entry (inward 1) or the last (-1)."""
    end = 0 if inward == 1 else -1
    places = [slice(end + i * inward, end + i * inward + 1 or None) for i in range(edge_order + 1)]
    f0, f1, *others = (part(f, axis, place.start, place.stop) for place in places)
    steps = [gaps if getattr(gaps, "ndim", 0) == 0 else part(gaps, axis, p.start, p.stop) for p in places[:-1]]
    if edge_order == 1:
        return (f1 - f0) / (inward * steps[0])
    near, far = inward * steps[0], inward * steps[1]
    both = near + far
    return f1 * (both / (near * far)) - f0 * ((near + both) / (near * both)) - others[0] * (near / (far * both))


# ------------------------------------------------------------------ sliding products


def convolve(a: ArrayLike, v: ArrayLike, /, mode: str = "full") -> Array:
    """Convolve two sequences.

    Args:
        a: `Array` of one axis.
        v: The same.
        mode: "full": each place where they meet; "same": as many as the longer has; "valid": where they meet wholly.

    Returns:
        An `Array` of the dtype that both are promoted to; integers wrap. Of floats, and where the shorter has more than
        8 entries, the call waits to know whether all are finite: then it is one matrix product, else many steps.

    Raises:
        ShapeError: More axes than one, or nothing in one of them.
        InputError: No such mode.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.convolve(vnp.asarray([1, 2, 3]), vnp.asarray([1, 1])).tolist()
        [1, 3, 5, 3]
    """
    x, w = _sequences("convolve", a, v)
    if w.size > x.size:
        x, w = w, x
    return _slid(x, flipped(w, (0,)), mode)


def correlate(a: ArrayLike, v: ArrayLike, /, mode: str = "valid") -> Array:
    """Correlate two sequences: sums of a[n + k] and the conjugate of v[n]. Arguments and errors as for `convolve`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.correlate(vnp.asarray([1, 2, 3]), vnp.asarray([0, 1])).tolist()
        [2, 3]
    """
    x, w = _sequences("correlate", a, v)
    w = elementwise.conj(w) if w.dtype.kind == "c" else w
    return flipped(_slid(w, x, mode), (0,)) if w.size > x.size else _slid(x, w, mode)


def _sequences(function: str, a: ArrayLike, v: ArrayLike) -> list[Array]:
    arrays = [in_shape(x, (1,)) if x.ndim == 0 else x for x in the_arrays(function, a, v)]
    if any(x.ndim != 1 or x.size == 0 for x in arrays):
        raise ShapeError.build(
            "BAD_SHAPE",
            f"{function} takes two sequences",
            expected="one axis with entries each",
            got=" and ".join(str(x.shape) for x in arrays),
        )
    return arrays


def _slid(x: Array, w: Array, mode: str) -> Array:
    """Sums of products at each place of the shorter w beside x."""
    paddings = {"full": (w.size - 1, w.size - 1), "same": (w.size // 2, (w.size - 1) // 2), "valid": (0, 0)}
    if mode not in paddings:
        raise InputError.build("INVALID_ARGUMENT", "no such mode", expected=", ".join(paddings), got=repr(mode))
    common = np.result_type(x.dtype, w.dtype)
    x, w = in_dtype(x, common), in_dtype(w, common)
    by_taps = w.size <= FEW_TAPS or not _all_finite(x, w)
    return (_slid_by_taps if by_taps else _slid_by_matrix)(x, w, *paddings[mode])


def _all_finite(x: Array, w: Array) -> bool:
    if not is_inexact(x.dtype):
        return True
    finite = (_statistics.all(elementwise.isfinite(values)) for values in (x, w))
    return bool(elementwise.logical_and(*finite).item())


def _framed(x: Array, before: int, length: int) -> Array:
    """As many zeros before x, and behind it as many as make up the length; or less of x."""
    framed = native.copy(native.full((length,), 0, x.dtype, x.device))
    native.assign(framed[before : before + x.size], x[: length - before])
    return framed


def _slid_by_taps(x: Array, w: Array, before: int, after: int) -> Array:
    """A product for each entry of w, all in few kernels."""
    count = before + x.size + after - w.size + 1
    padded, taps = _framed(x, before, before + x.size + after), native.contiguous(w)
    place = upload(np.arange(count), np.int32, x.device)
    total = None
    for k in range(w.size):
        product = padded[k : k + count] * taps[k : k + 1]
        if before and is_inexact(x.dtype):  # beyond the ends of x there is nothing, not even 0 times infinity
            there = elementwise.logical_and(place >= before - k, place < before - k + x.size)
            product = elementwise.where(there, product, 0)
        total = product if total is None else total + product
    assert total is not None
    return total


def _slid_by_matrix(x: Array, w: Array, before: int, after: int) -> Array:
    """A matrix product: rows are windows of x that overlap, columns are w at each place in a window, among zeros.

    Results come in rows of `width`. Infinities and NaN would meet the zeros, and spread.
    """
    count = before + x.size + after - w.size + 1
    width = min(max(w.size, 32), 128)
    rows, window, step = -(-count // width), width + w.size - 1, x.itemsize
    windows = native.view(_framed(x, before, rows * width + w.size - 1), (rows, window), (width * step, step))
    zeros = native.full((width - 1,), 0, x.dtype, x.device)
    taps = _joining.concat([zeros, w, zeros])
    places = native.view(taps, (window, width), (step, -step), (width - 1) * step)
    return in_shape(_products.matmul(windows, places), (rows * width,))[:count]


# ------------------------------------------------------------------ interpolation, vectors


def interp(
    x: Operand,
    xp: ArrayLike,
    fp: ArrayLike,
    left: complex | None = None,
    right: complex | None = None,
    period: float | None = None,
) -> Array:
    """Interpolate linearly between points.

    Args:
        x: Where: an `Array`, or a number.
        xp: Coordinates of the points, rising: `Array` of one axis. With period they may stand in any order.
        fp: Values of the points: `Array` of the shape of xp.
        left: The value before the first point; None for that of the first.
        right: The value behind the last point; None for that of the last.
        period: After what distance everything comes again; None for never.

    Returns:
        An `Array` of the shape of x, float64 or complex128 (on a device without float64, half as wide).

    Raises:
        ShapeError: xp and fp differ in shape, have several axes, or no entry.
        InputError: period is 0, or no real number.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.interp(2.5, vnp.asarray([1, 2, 3]), vnp.asarray([3.0, 2.0, 0.0])).item()
        1.0
    """
    at, known, values = the_arrays("interp", x, xp, fp)
    if known.ndim != 1 or known.shape != values.shape or known.size == 0:
        raise ShapeError.build(
            "BAD_SHAPE",
            "interp takes points",
            expected="one axis, equal lengths",
            got=f"{known.shape} and {values.shape}",
        )
    real = default_float(known.device)
    at, known = in_dtype(at, real), in_dtype(known, real)
    values = in_dtype(values, np.result_type(real, values.dtype) if values.dtype.kind == "c" else real)
    if period is not None:
        return _interpolated(*_repeated(at, known, values, number_of(period, "interp: period")))
    first, last = values[:1], values[-1:]
    inside = _interpolated(at, known, values)
    low, high = known[:1], known[-1:]
    inside = elementwise.where(at < low, first if left is None else left, inside)
    made = elementwise.where(at > high, last if right is None else right, inside)
    return in_shape(made, at.shape)


def _repeated(x: Array, xp: Array, fp: Array, period: float) -> tuple[Array, Array, Array]:
    """All within one period, with points beyond both of its ends."""
    if period == 0:
        raise InputError.build("INVALID_ARGUMENT", "period must not be 0", got="0")
    length = abs(period)
    x, xp = elementwise.remainder(x, length), elementwise.remainder(xp, length)
    order = native.argsort(native.contiguous(xp))
    xp, fp = taken(xp, order), taken(fp, order)
    xp = _joining.concat([xp[-1:] - length, xp, xp[:1] + length])
    return x, xp, _joining.concat([fp[-1:], fp, fp[:1]])


def _interpolated(x: Array, xp: Array, fp: Array) -> Array:
    if xp.size == 1:
        return widened(fp, x.shape) if x.ndim else in_shape(fp, ())
    place = elementwise.minimum(elementwise.maximum(_searching.searchsorted(xp, x, side="right") - 1, 0), xp.size - 2)
    x0, y0, x1, y1 = taken(xp, place), taken(fp, place), taken(xp, place + 1), taken(fp, place + 1)
    if fp.dtype.kind == "c":  # part for part: products of complex numbers would spread infinities
        parts = (_on_line(x, x0, x1, part_of(y0), part_of(y1)) for part_of in (elementwise.real, elementwise.imag))
        return elementwise.where(elementwise.isnan(x), x, elementwise.join_complex(*parts))
    return elementwise.where(elementwise.isnan(x), x, _on_line(x, x0, x1, y0, y1))


def _on_line(x: Array, x0: Array, x1: Array, y0: Array, y1: Array) -> Array:
    """The value at x of a line through two points, as NumPy finds it where some of them are infinite."""
    slope = (y1 - y0) / (x1 - x0)
    made = slope * (x - x0) + y0
    made = elementwise.where(elementwise.isnan(made), slope * (x - x1) + y1, made)  # from the other end
    made = elementwise.where(elementwise.logical_and(elementwise.isnan(made), y0 == y1), y0, made)
    return elementwise.where(x == x0, y0, elementwise.where(x == x1, y1, made))


def cross(
    a: ArrayLike, b: ArrayLike, /, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Array:
    """Take the cross product of vectors in space.

    Args:
        a: `Array` with an axis of 3 entries; the others broadcast.
        b: The same.
        axisa: The axis of a's vectors.
        axisb: The axis of b's vectors.
        axisc: Where the result has its vectors.
        axis: One axis for all three.

    Returns:
        An `Array`.

    Raises:
        ShapeError: Vectors do not have 3 entries, or shapes do not broadcast.
        RangeError: No such axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.cross(vnp.asarray([1, 0, 0]), vnp.asarray([0, 1, 0])).tolist()
        [0, 0, 1]
    """
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    x, y = (_vectors(v, along) for v, along in zip(the_arrays("cross", a, b), (axisa, axisb), strict=True))
    (x0, x1, x2), (y0, y1, y2) = ([v[..., i : i + 1] for i in range(3)] for v in (x, y))
    made = _joining.concat([x1 * y2 - x2 * y1, x2 * y0 - x0 * y2, x0 * y1 - x1 * y0], axis=-1)
    return _axes.moveaxis(made, -1, axis_of(axisc, made.ndim, "cross"))


def _vectors(x: Array, axis: int) -> Array:
    """With the vectors' axis last."""
    along = axis_of(axis, x.ndim, "cross")
    if x.shape[along] != 3:
        raise ShapeError.build(
            "BAD_SHAPE", "cross takes vectors in space", expected="3 entries", got=str(x.shape[along])
        )
    return permuted(x, [*(i for i in range(x.ndim) if i != along), along])
