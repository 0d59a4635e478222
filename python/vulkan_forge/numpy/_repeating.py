"""New arrays of the same entries again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import DtypeError, InputError, ShapeError
from vulkan_forge.numpy._checks import ArrayLike, axis_of, shape_of, size_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._gather import picked
from vulkan_forge.numpy._shapes import ravel
from vulkan_forge.numpy._views import in_shape, widened

__all__ = [
    "repeat",
    "resize",
    "tile",
]


def _spread(x: Array, outer: int, times: int, new_shape: Sequence[int]) -> Array:
    """Each of the first `outer` parts of x so many times, in another shape."""
    inner = x.size // max(outer, 1)
    if x.size == 0 or times == 0:
        return native.empty(tuple(new_shape), dtype=x.dtype, device=x.device)
    if times == 1:
        return native.copy(in_shape(x, new_shape))
    return in_shape(widened(in_shape(x, (outer, 1, inner)), (outer, times, inner)), new_shape)


def repeat(x: ArrayLike, repeats: int | ArrayLike, /, axis: int | None = None) -> Array:
    """Each entry several times, one after another.

    Args:
        x: Any `Array`.
        repeats: How often: one number, or one for each entry, which the host reads.
        axis: The axis; None flattens x.

    Returns:
        A new `Array`.

    Raises:
        ShapeError: Not as many repeats as entries.
        InputError: A negative number.
        DtypeError: repeats are no integers.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.repeat(vnp.asarray([1, 2]), 2).tolist()
        [1, 1, 2, 2]
    """
    given = array_of(x, "repeat")
    if axis is None:
        given, axis = ravel(given), 0
    axis = axis_of(axis, given.ndim, "repeat")
    times = np.asarray(repeats)
    if times.size and times.dtype.kind not in "iub":
        raise DtypeError.build("BAD_DTYPE", "repeat takes whole numbers", expected="integers", got=str(times.dtype))
    if times.size and times.min() < 0:
        raise InputError.build("INVALID_ARGUMENT", "repeat takes no negative numbers", got=str(times.min()))
    if times.size != 1:
        return _repeat_each(given, times, axis)
    count, extents = int(times.reshape(())), list(given.shape)
    extents[axis] *= count
    return _spread(given, size_of(given.shape[: axis + 1]), count, extents)


def _repeat_each(x: Array, times: np.ndarray[Any, Any], axis: int) -> Array:
    if times.shape != (x.shape[axis],):
        raise ShapeError.build(
            "BAD_SHAPE", "repeats do not fit the axis", expected=f"1 or {x.shape[axis]} numbers", got=str(times.shape)
        )
    return picked(x, np.repeat(np.arange(x.shape[axis]), times), axis)


def tile(x: ArrayLike, repetitions: int | Sequence[int], /) -> Array:
    """The whole array several times along its axes.

    Args:
        x: Any `Array`.
        repetitions: How often along each axis, the last ones where there are fewer; more make new axes in front.

    Returns:
        A new `Array`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.tile(vnp.asarray([1, 2]), (2, 2)).tolist()
        [[1, 2, 1, 2], [1, 2, 1, 2]]
    """
    given, times = array_of(x, "tile"), shape_of(repetitions, "repetitions")
    made = in_shape(given, (1,) * (len(times) - given.ndim) + given.shape)
    times = (1,) * (made.ndim - len(times)) + times
    for axis, count in enumerate(times):
        if count != 1:
            extents = list(made.shape)
            extents[axis] *= count
            made = _spread(made, size_of(made.shape[:axis]), count, extents)
    return native.copy(made) if set(times) <= {1} else made  # a view of x otherwise


def resize(x: ArrayLike, new_shape: int | Sequence[int]) -> Array:
    """The elements in order, again and again, in a shape of any size.

    Raises:
        ShapeError: A negative extent.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.resize(vnp.asarray([1, 2, 3]), (2, 2)).tolist()
        [[1, 2], [3, 1]]
    """
    flat, wanted = ravel(x), shape_of(new_shape)
    if -1 in wanted:
        raise ShapeError.build("BAD_SHAPE", "resize takes no negative extent", expected="0 or more", got=str(wanted))
    if flat.size == 0:
        return native.full(wanted, 0, flat.dtype, device=flat.device)
    return in_shape(picked(flat, np.resize(np.arange(flat.size), size_of(wanted)), 0), wanted)
