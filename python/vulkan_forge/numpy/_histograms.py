"""Counting: by value, by bin, and what of it is weighed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import ArgumentTypeError, InputError, ShapeError
from vulkan_forge.numpy import _joining, _searching, _series, _statistics
from vulkan_forge.numpy._arguments import check_real, floats, on_device
from vulkan_forge.numpy._checks import ArrayLike
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import default_float, in_dtype
from vulkan_forge.numpy._views import flipped, in_shape

__all__ = ["bincount", "digitize", "histogram", "histogram_bin_edges"]

elementwise = native.elementwise


def bincount(x: ArrayLike, /, weights: ArrayLike | None = None, minlength: int = 0) -> Array:
    """Count each value of small integers.

    Args:
        x: `Array` of one axis of integers, 0 or more.
        weights: What each element counts, `Array` of the shape of x; None for 1.
        minlength: The result has at least so many entries.

    Returns:
        An `Array` that has for each i how often i occurs: int64; with weights their sum, a float. The call waits for
        the largest value, which decides the shape.

    Raises:
        InputError: A value is negative.
        DtypeError: x has no integers.
        ShapeError: x has not one axis, or weights do not fit.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.bincount(vnp.asarray([0, 2, 2]), weights=vnp.asarray([1.0, 0.5, 0.25])).tolist()
        [1.0, 0.0, 0.75]
    """
    x = array_of(x, "bincount")
    if x.ndim != 1:
        raise ShapeError.build("BAD_SHAPE", "bincount takes a sequence", expected="one axis", got=str(x.shape))
    values = native.contiguous(x)
    counts = native.bincount(values, minlength=minlength)
    if weights is None:
        return counts
    return _weighed(values, in_dtype(_weights("bincount", x, weights), default_float(x.device)), counts)


def _weights(function: str, x: Array, weights: ArrayLike) -> Array:
    given = array_of(weights, function, x.device)
    if given.shape != x.shape:
        raise ShapeError.build("BAD_SHAPE", "weights do not fit", expected=str(x.shape), got=str(given.shape))
    return given


def _weighed(places: Array, weights: Array, counts: Array) -> Array:
    """Sums of the weights of each place; sorted first, so that sums have one order and equal bits each time."""
    _, together = native.sort_pairs(places, native.contiguous(weights))
    start = native.full((1,), 0, np.dtype(np.int64), places.device)
    ends = native.scan(counts) if counts.size else counts
    return native.segmented_reduce(together, native.contiguous(_joining.concat([start, ends])))


def histogram(
    x: ArrayLike,
    /,
    bins: Any = 10,
    range: tuple[float, float] | None = None,
    density: bool | None = None,
    weights: ArrayLike | None = None,
) -> tuple[Array, Array]:
    """Count elements by bin.

    Args:
        x: `Array` of integers or real floats, of any shape.
        bins: How many bins of equal width; or their edges, rising: a sequence, or an `Array`, which is brought to the
            host.
        range: (low, high) of equal bins; None: from the smallest to the largest element, for which the call waits.
        density: Divide by bin width and total, so that the integral is 1.
        weights: What each element counts, `Array` of the shape of x; None for 1.

    Returns:
        Two `Array`: for each bin the count (int64; with weights their sum), and the edges, one more. The last bin holds
        its upper edge too. NaN and what lies outside of all bins count nowhere.

    Raises:
        InputError: No bins, or a range or edges that do not rise, or are not finite.
        ShapeError: weights do not fit x.
        DtypeError: x is complex.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> counts, edges = vnp.histogram(vnp.asarray([0.0, 1.0, 1.0, 4.0]), bins=4)
        >>> counts.tolist(), edges.tolist()
        ([1, 2, 0, 1], [0.0, 1.0, 2.0, 3.0, 4.0])
    """
    x = array_of(x, "histogram")
    check_real("histogram", x)
    values = native.contiguous(in_shape(x, (x.size,)))
    counts, edges = native.histogram(values, bins=_bins(bins), range=range)
    borders = on_device(edges, x.device)
    if weights is not None:
        counts = _weighed_bins(values, borders, in_shape(_weights("histogram", x, weights), (x.size,)))
    if density:
        counts = counts / _series.diff(floats(borders)) / _statistics.sum(counts)
    return counts, borders


def _bins(bins: Any) -> Any:
    if isinstance(bins, str):
        raise ArgumentTypeError.build(
            "BAD_TYPE", "rules for bins do not exist here", expected="a number or edges", got=repr(bins)
        )
    return bins.numpy() if isinstance(bins, Array) else bins


def _weighed_bins(x: Array, edges: Array, weights: Array) -> Array:
    last = edges.size - 2
    inside = elementwise.logical_and(x >= edges[:1], x <= edges[-1:])
    place = elementwise.minimum(_searching.searchsorted(edges, x, side="right") - 1, last)
    place = native.contiguous(in_dtype(elementwise.where(inside, place, 0), np.int32))
    counted = native.bincount(place, minlength=last + 1)
    return in_dtype(_weighed(place, elementwise.where(inside, weights, 0), counted), weights.dtype)


def histogram_bin_edges(
    x: ArrayLike, /, bins: Any = 10, range: tuple[float, float] | None = None, weights: ArrayLike | None = None
) -> Array:
    """Give the edges that `histogram` uses, whose arguments and errors it has.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.histogram_bin_edges(vnp.asarray([0.0, 1.0, 4.0]), bins=2).tolist()
        [0.0, 2.0, 4.0]
    """
    x = array_of(x, "histogram_bin_edges")
    check_real("histogram_bin_edges", x)
    ends: NDArray[Any] = np.empty(0, x.dtype)
    if range is None and np.ndim(bins) == 0 and x.size:
        ends = np.array([_statistics.min(x).item(), _statistics.max(x).item()], x.dtype)
    try:
        return on_device(np.histogram_bin_edges(ends, _bins(bins), range), x.device)
    except ValueError as error:
        raise InputError.build("INVALID_ARGUMENT", f"histogram_bin_edges: {error}") from None


def digitize(x: ArrayLike, /, bins: Any, right: bool = False) -> Array:
    """Say into which bin each element falls.

    Args:
        x: `Array` of real numbers.
        bins: Edges, rising or falling: a sequence or an `Array` of one axis.
        right: Whether a bin holds its right edge, and not its left one.

    Returns:
        An int64 `Array` of the shape of x: 0 before the first edge, len(bins) behind the last.

    Raises:
        InputError: bins neither rise nor fall, for which the call waits.
        ShapeError: bins have not one axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.digitize(vnp.asarray([0.2, 6.4, 3.0]), [0.0, 1.0, 2.5, 4.0]).tolist()
        [1, 4, 3]
    """
    x = array_of(x, "digitize")
    edges = on_device(bins, x.device)
    side = "left" if right else "right"
    steps = _series.diff(floats(edges))
    if not _statistics.any(steps < 0).item():
        return _searching.searchsorted(edges, x, side=side)
    if _statistics.any(steps > 0).item():
        raise InputError.build("INVALID_ARGUMENT", "bins must rise or fall", got="edges that do both")
    return edges.size - _searching.searchsorted(flipped(edges, (0,)), x, side=side)
