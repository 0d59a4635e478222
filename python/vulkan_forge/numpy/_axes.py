"""The order of axes, and of the entries along them.

All but roll are views: they share memory with their argument, and writes through them show there. roll makes a new
array.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import InputError, ShapeError
from vulkan_forge.numpy._checks import ArrayLike, Axis, axes_of, axis_of, integer_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._views import flipped, in_shape, permuted

__all__ = [
    "flip",
    "fliplr",
    "flipud",
    "matrix_transpose",
    "moveaxis",
    "permute_dims",
    "roll",
    "rollaxis",
    "rot90",
    "swapaxes",
    "transpose",
]


def permute_dims(x: ArrayLike, /, axes: Sequence[int] | None = None) -> Array:
    """A view with the axes in another order; `transpose` is the same.

    Args:
        x: Any `Array`.
        axes: Each axis once, in the new order; None turns the order round.

    Raises:
        InputError, RangeError: Not each axis once.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.permute_dims(vnp.zeros((2, 3, 4)), (2, 0, 1)).shape
        (4, 2, 3)
    """
    given = array_of(x, "permute_dims")
    order = tuple(reversed(range(given.ndim))) if axes is None else axes_of(axes, given.ndim, "permute_dims")
    if len(order) != given.ndim:
        raise InputError.build(
            "INVALID_ARGUMENT", "permute_dims takes each axis once", expected=f"{given.ndim} axes", got=str(order)
        )
    return permuted(given, order)


transpose = permute_dims


def matrix_transpose(x: ArrayLike, /) -> Array:
    """A view with the last two axes swapped.

    Args:
        x: Two axes or more.

    Raises:
        ShapeError: Fewer than two axes.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.matrix_transpose(vnp.zeros((5, 2, 3))).shape
        (5, 3, 2)
    """
    given = array_of(x, "matrix_transpose")
    if given.ndim < 2:
        raise ShapeError.build(
            "BAD_SHAPE", "matrix_transpose takes matrices", expected="2 or more axes", got=str(given.shape)
        )
    return swapaxes(given, -1, -2)


def swapaxes(x: ArrayLike, axis1: int, axis2: int) -> Array:
    """A view with two axes swapped.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.swapaxes(vnp.zeros((2, 3, 4)), 0, 2).shape
        (4, 3, 2)
    """
    given = array_of(x, "swapaxes")
    order = list(range(given.ndim))
    i, j = axis_of(axis1, given.ndim, "swapaxes"), axis_of(axis2, given.ndim, "swapaxes")
    order[i], order[j] = j, i
    return permuted(given, order)


def moveaxis(x: ArrayLike, source: int | Sequence[int], destination: int | Sequence[int], /) -> Array:
    """A view with axes moved to other places; the others keep their order.

    Args:
        x: Any `Array`.
        source: The axis, or several.
        destination: Where each goes.

    Raises:
        InputError: source and destination differ in length, or name an axis twice.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.moveaxis(vnp.zeros((2, 3, 4)), 0, -1).shape
        (3, 4, 2)
    """
    given = array_of(x, "moveaxis")
    sources, places = axes_of(source, given.ndim, "moveaxis"), axes_of(destination, given.ndim, "moveaxis")
    if len(sources) != len(places):
        raise InputError.build(
            "INVALID_ARGUMENT", "moveaxis needs a place for each axis", expected=f"{len(sources)}", got=f"{len(places)}"
        )
    order = [i for i in range(given.ndim) if i not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return permuted(given, order)


def rollaxis(x: ArrayLike, axis: int, start: int = 0) -> Array:
    """A view with one axis moved in front of another.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.rollaxis(vnp.zeros((2, 3, 4)), 2).shape
        (4, 2, 3)
    """
    given = array_of(x, "rollaxis")
    source = axis_of(axis, given.ndim, "rollaxis")
    place = start if start == given.ndim else axis_of(start, given.ndim, "rollaxis")
    return moveaxis(given, source, place - 1 if source < place else place)


def flip(x: ArrayLike, /, axis: Axis = None) -> Array:
    """A view that counts axes backwards.

    Args:
        x: Any `Array`.
        axis: The axis, or several; None for all.

    Raises:
        RangeError: No such axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.flip(vnp.asarray([1, 2, 3])).tolist()
        [3, 2, 1]
    """
    given = array_of(x, "flip")
    return flipped(given, axes_of(axis, given.ndim, "flip"))


def fliplr(x: ArrayLike) -> Array:
    """A view that counts the second axis backwards.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fliplr(vnp.asarray([[1, 2], [3, 4]])).tolist()
        [[2, 1], [4, 3]]
    """
    return flip(x, axis=1)


def flipud(x: ArrayLike) -> Array:
    """A view that counts the first axis backwards.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.flipud(vnp.asarray([[1, 2], [3, 4]])).tolist()
        [[3, 4], [1, 2]]
    """
    return flip(x, axis=0)


def rot90(x: ArrayLike, k: int = 1, axes: Sequence[int] = (0, 1)) -> Array:
    """A view turned by a quarter, k times, from the first of two axes towards the second.

    Args:
        x: Two axes or more.
        k: How often (default 1).
        axes: The plane.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.rot90(vnp.asarray([[1, 2], [3, 4]])).tolist()
        [[2, 4], [1, 3]]
    """
    given = array_of(x, "rot90")
    first, second = axes_of(axes, given.ndim, "rot90")
    k = integer_of(k, "rot90: k")
    if k % 2 == 0:
        return flip(given, (first, second)) if k % 4 == 2 else given
    return flip(swapaxes(given, first, second), first if k % 4 == 1 else second)


def roll(x: ArrayLike, /, shift: int | Sequence[int], axis: Axis = None) -> Array:
    """Entries moved along axes; what leaves at one end comes in at the other.

    Args:
        x: Any `Array`.
        shift: By how many places: one number, or one for each axis.
        axis: The axis, or several; None flattens x and gives it its shape again.

    Returns:
        A new `Array`. It costs no pass over memory of its own where it is part of an expression.

    Raises:
        InputError: As many shifts as axes are needed.
        RangeError: No such axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.roll(vnp.asarray([1, 2, 3]), 1).tolist()
        [3, 1, 2]
    """
    given = array_of(x, "roll")
    if axis is None:
        return in_shape(roll(in_shape(given, (given.size,)), shift, 0), given.shape)
    moves = _shifts(given, shift, axis)
    return native.rolled(given, [moves.get(i, 0) % max(extent, 1) for i, extent in enumerate(given.shape)])


def _shifts(x: Array, shift: Any, axis: Any) -> dict[int, int]:
    """By how many places each axis is moved."""
    shifts, axes = np.atleast_1d(np.asarray(shift)), np.atleast_1d(np.asarray(axis))
    if 1 not in (shifts.size, axes.size) and shifts.size != axes.size:
        raise InputError.build(
            "INVALID_ARGUMENT", "roll needs a shift for each axis", expected=str(axes.size), got=str(shifts.size)
        )
    moves: dict[int, int] = {}
    for places, one in np.broadcast(shifts, axes):
        which = axis_of(one, x.ndim, "roll")
        moves[which] = moves.get(which, 0) + integer_of(places, "roll: a shift")
    return moves
