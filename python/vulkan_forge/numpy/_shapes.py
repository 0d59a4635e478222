"""Shapes: asked for, changed and broadcast.

reshape, ravel, squeeze, expand_dims and atleast_1d, 2d and 3d are views where strides can say it: they share memory
with their argument, and writes through them show there. broadcast_to is a value, computed when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import InputError, ShapeError
from vulkan_forge.numpy._axes import transpose
from vulkan_forge.numpy._checks import (
    ArrayLike,
    Axis,
    axes_of,
    axis_of,
    broadcast_shape,
    check_bytes,
    entries_of,
    integer_of,
    shape_of,
    size_of,
)
from vulkan_forge.numpy._conversion import array_of, arrays_of
from vulkan_forge.numpy._views import in_shape, reshaped

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "broadcast_shapes",
    "broadcast_to",
    "expand_dims",
    "ndim",
    "ravel",
    "reshape",
    "shape",
    "size",
    "squeeze",
]


def shape(x: ArrayLike) -> tuple[int, ...]:
    """The shape of an `Array`, or of nested sequences.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.shape(vnp.zeros((2, 3)))
        (2, 3)
    """
    return x.shape if isinstance(x, Array) else np.shape(x)


def ndim(x: ArrayLike) -> int:
    """The number of axes.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.ndim(vnp.zeros((2, 3)))
        2
    """
    return len(shape(x))


def size(x: ArrayLike, axis: int | None = None) -> int:
    """The number of elements, or the extent of one axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.size(vnp.zeros((2, 3))), vnp.size(vnp.zeros((2, 3)), 1)
        (6, 3)
    """
    extents = shape(x)
    return size_of(extents) if axis is None else extents[axis_of(axis, len(extents), "size")]


def _whole_shape(new: Sequence[int], count: int) -> tuple[int, ...]:
    """A shape of count elements, with what -1 stands for."""
    known = size_of(extent for extent in new if extent != -1)
    found = tuple(new)
    if new.count(-1) == 1 and known and count % known == 0:
        found = tuple(count // known if extent == -1 else extent for extent in new)
    if -1 in found or size_of(found) != count:
        raise ShapeError.build(
            "BAD_SHAPE",
            "reshape does not change the number of elements",
            expected=f"a shape of {count}",
            got=str(tuple(new)),
        )
    return found


def reshape(
    x: ArrayLike, /, shape: int | Sequence[int] | None = None, order: str = "C", *, copy: bool | None = None
) -> Array:
    """The same elements in another shape: a view where strides can say it, else a copy.

    Args:
        x: Any `Array`.
        shape: The new extents; one may be -1, for what is left.
        order: "C" counts the last axis fastest (default C); "F" the first.
        copy: None copies where needed; True always; False never.

    Returns:
        An `Array`. A view shares memory with x: writes show in both.

    Raises:
        ShapeError: The number of elements differs.
        InputError: copy=False, and a copy is needed; or no such order.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.reshape(vnp.arange(6), (2, -1)).tolist()
        [[0, 1, 2], [3, 4, 5]]
    """
    given = array_of(x, "reshape")
    if order not in ("C", "F", "A"):
        raise InputError.build("INVALID_ARGUMENT", "no such order", expected='"C" or "F"', got=repr(order))
    wanted = _whole_shape(shape_of(given.shape if shape is None else shape), given.size)
    if order == "F":
        turned = reshape(transpose(given), wanted[::-1], copy=copy)
        return transpose(turned)
    if copy:
        return in_shape(native.copy(given), wanted)
    if copy is False and (given.shape != wanted and reshaped(given, wanted) is None):
        raise InputError.build(
            "INVALID_ARGUMENT",
            "reshape cannot avoid a copy",
            expected="axes that lie as one in memory",
            got=f"shape {given.shape}, strides {given.strides}",
            mend="leave copy out",
        )
    return in_shape(given, wanted)


def ravel(x: ArrayLike, order: str = "C") -> Array:
    """All elements along one axis: a view where strides can say it, else a copy.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.ravel(vnp.asarray([[1, 2], [3, 4]])).tolist()
        [1, 2, 3, 4]
    """
    return reshape(x, -1 if size(x) else 0, order)


def squeeze(x: ArrayLike, /, axis: Axis = None) -> Array:
    """A view without axes of extent 1.

    Args:
        x: Any `Array`.
        axis: The axis to leave out, or several; None for all of extent 1.

    Raises:
        ShapeError: The extent is not 1.
        RangeError: No such axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.squeeze(vnp.zeros((1, 3, 1)), axis=0).shape
        (3, 1)
    """
    given = array_of(x, "squeeze")
    ones = [i for i, extent in enumerate(given.shape) if extent == 1]
    axes = ones if axis is None else axes_of(axis, given.ndim, "squeeze")
    if not set(axes) <= set(ones):
        raise ShapeError.build(
            "BAD_SHAPE", "squeeze leaves out extents of 1", expected=f"axes {ones}", got=f"axes {list(axes)}"
        )
    kept = [i for i in range(given.ndim) if i not in axes]
    return given[tuple(slice(None) if i in kept else 0 for i in range(given.ndim))]


def expand_dims(x: ArrayLike, /, axis: int | Sequence[int] = 0) -> Array:
    """A view with more axes, of extent 1.

    Args:
        x: Any `Array`.
        axis: Where the axis stands in the result (default 0), or several.

    Raises:
        RangeError: No such axis in the result.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.expand_dims(vnp.zeros(3), axis=-1).shape
        (3, 1)
    """
    given = array_of(x, "expand_dims")
    axis = integer_of(axis, "expand_dims: axis") if axis is None else axis  # which stands for no axis
    count = given.ndim + len(tuple(entries_of(axis)))
    axes = axes_of(axis, count, "expand_dims")
    return given[tuple(None if i in axes else slice(None) for i in range(count))]


def atleast_1d(*arrays: ArrayLike) -> Any:
    """Views with one axis or more; a list where there are several arguments.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.atleast_1d(3).tolist()
        [3]
    """
    return _each(arrays, "atleast_1d", lambda x: x if x.ndim else x[None])


def atleast_2d(*arrays: ArrayLike) -> Any:
    """Views with two axes or more; a list where there are several arguments.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.atleast_2d([1, 2]).shape
        (1, 2)
    """
    return _each(arrays, "atleast_2d", lambda x: in_shape(x, (1,) * (2 - x.ndim) + x.shape))


def atleast_3d(*arrays: ArrayLike) -> Any:
    """Views with three axes or more; a list where there are several arguments.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.atleast_3d([1, 2]).shape
        (1, 2, 1)
    """

    def grown(x: Array) -> Array:
        if x.ndim == 1:
            return x[None, :, None]
        return in_shape(x, x.shape + (1,) * (3 - x.ndim))

    return _each(arrays, "atleast_3d", grown)


def _each(arrays: Sequence[ArrayLike], what: str, function: Callable[[Array], Array]) -> Any:
    made = [function(x) for x in arrays_of(arrays, what)]
    return made[0] if len(made) == 1 else made


def broadcast_shapes(*shapes: int | Sequence[int]) -> tuple[int, ...]:
    """The shape that all of them broadcast to.

    Args:
        *shapes: ints and sequences of ints.

    Raises:
        ShapeError: There is none.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.broadcast_shapes((3, 1), (4,))
        (3, 4)
    """
    return broadcast_shape(*map(shape_of, shapes))


def broadcast_to(x: ArrayLike, /, shape: int | Sequence[int]) -> Array:
    """The same values along more axes: a value, not a view, computed when it is needed.

    Args:
        x: Any `Array`.
        shape: The shape to have.

    Raises:
        ShapeError: x does not broadcast to it.
        LimitError: 2**63 bytes or more.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.broadcast_to(vnp.asarray([1, 2]), (2, 2)).tolist()
        [[1, 2], [1, 2]]
    """
    given, wanted = array_of(x, "broadcast_to"), shape_of(shape)
    check_bytes(wanted, given.itemsize, "broadcast_to")
    return native.copy(given) if given.shape == wanted else native.broadcast(given, wanted)


def broadcast_arrays(*arrays: ArrayLike) -> list[Array]:
    """Each in the shape that all broadcast to.

    Args:
        *arrays: `Array` and numbers.

    Raises:
        ShapeError: They do not broadcast.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [x.shape for x in vnp.broadcast_arrays(vnp.zeros((3, 1)), vnp.zeros(4))]
        [(3, 4), (3, 4)]
    """
    given = arrays_of(arrays, "broadcast_arrays")
    shape = broadcast_shape(*(x.shape for x in given))
    return [broadcast_to(x, shape) for x in given]
