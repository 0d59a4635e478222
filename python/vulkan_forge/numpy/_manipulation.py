"""Arrays taken apart, turned round and repeated.

Views where strides can say it: reshape, permute_dims, transpose, flip, squeeze, expand_dims, moveaxis, swapaxes, split
and unstack share memory with their argument, and writes through them show there. tile, repeat and roll make new arrays.
broadcast_to is a value, computed when it is needed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import InputError, ShapeError
from vulkan_forge.numpy._checks import ArrayLike, Axis, axes_of, axis_of, broadcast_shape, shape_of, size_of
from vulkan_forge.numpy._creation import array_of, arrays_of
from vulkan_forge.numpy._dtypes import as_words, in_dtype
from vulkan_forge.numpy._views import between, flipped, in_shape, permuted, reshaped, widened

__all__ = [
    "array_split",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "broadcast_shapes",
    "broadcast_to",
    "dsplit",
    "expand_dims",
    "flip",
    "fliplr",
    "flipud",
    "hsplit",
    "matrix_transpose",
    "moveaxis",
    "ndim",
    "permute_dims",
    "ravel",
    "repeat",
    "reshape",
    "resize",
    "roll",
    "rollaxis",
    "rot90",
    "shape",
    "size",
    "split",
    "squeeze",
    "swapaxes",
    "tile",
    "transpose",
    "unstack",
    "vsplit",
]


# ------------------------------------------------------------------ shapes


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


def resize(x: ArrayLike, new_shape: int | Sequence[int]) -> Array:
    """The elements in order, again and again, in a shape of any size.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.resize(vnp.asarray([1, 2, 3]), (2, 2)).tolist()
        [[1, 2], [3, 1]]
    """
    flat, wanted = ravel(x), shape_of(new_shape)
    if flat.size == 0:
        return native.full(wanted, 0, flat.dtype, device=flat.device)
    return in_shape(picked(flat, np.resize(np.arange(flat.size), size_of(wanted)), 0), wanted)


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
    count = given.ndim + (len(tuple(axis)) if isinstance(axis, Iterable) else 1)
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


# ------------------------------------------------------------------ broadcasting


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

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.broadcast_to(vnp.asarray([1, 2]), (2, 2)).tolist()
        [[1, 2], [1, 2]]
    """
    given, wanted = array_of(x, "broadcast_to"), shape_of(shape)
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


# ------------------------------------------------------------------ the order of axes


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
    if k % 2 == 0:
        return flip(given, (first, second)) if k % 4 == 2 else given
    return flip(swapaxes(given, first, second), first if k % 4 == 1 else second)


# ------------------------------------------------------------------ taken apart


def unstack(x: ArrayLike, /, *, axis: int = 0) -> tuple[Array, ...]:
    """Views of each entry of an axis.

    Args:
        x: One axis or more.
        axis: The axis (default 0).

    Raises:
        RangeError: No such axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [row.tolist() for row in vnp.unstack(vnp.asarray([[1, 2], [3, 4]]))]
        [[1, 2], [3, 4]]
    """
    given = array_of(x, "unstack")
    before = (slice(None),) * axis_of(axis, given.ndim, "unstack")
    return tuple(given[(*before, i)] for i in range(given.shape[len(before)]))


def array_split(x: ArrayLike, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """Views of consecutive parts of an axis.

    Args:
        x: One axis or more.
        indices_or_sections: How many parts, the first of which may have one entry more; or where parts end.
        axis: The axis (default 0).

    Raises:
        InputError: No parts.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [part.tolist() for part in vnp.array_split(vnp.asarray([1, 2, 3]), 2)]
        [[1, 2], [3]]
    """
    given = array_of(x, "array_split")
    axis = axis_of(axis, given.ndim, "array_split")
    if isinstance(indices_or_sections, (Iterable, Array, np.ndarray)):
        ends = [operator.index(end) for end in np.asarray(indices_or_sections)]
    else:
        parts = operator.index(indices_or_sections)
        if parts <= 0:
            raise InputError.build("INVALID_ARGUMENT", "no parts to split into", expected="1 or more", got=str(parts))
        each, more = divmod(given.shape[axis], parts)
        ends = [i * each + min(i, more) for i in range(1, parts)]
    return [between(given, axis, start, stop) for start, stop in zip([0, *ends], [*ends, None], strict=True)]


def split(x: ArrayLike, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """`array_split` into equal parts, or where parts end.

    Args:
        x: One axis or more.
        indices_or_sections: How many parts; or where parts end.
        axis: The axis (default 0).

    Raises:
        ShapeError: The parts would not be equal.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [part.tolist() for part in vnp.split(vnp.asarray([1, 2, 3, 4]), 2)]
        [[1, 2], [3, 4]]
    """
    given = array_of(x, "split")
    extent = given.shape[axis_of(axis, given.ndim, "split")]
    if isinstance(indices_or_sections, (int, np.integer)) and indices_or_sections > 0 and extent % indices_or_sections:
        raise ShapeError.build(
            "BAD_SHAPE",
            "the parts would not be equal",
            expected=f"a divisor of {extent}",
            got=str(indices_or_sections),
            mend="array_split makes unequal ones",
        )
    return array_split(given, indices_or_sections, axis)


def hsplit(x: ArrayLike, indices_or_sections: Any) -> list[Array]:
    """`split` along the second axis, or the only one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [part.shape for part in vnp.hsplit(vnp.zeros((2, 4)), 2)]
        [(2, 2), (2, 2)]
    """
    return split(x, indices_or_sections, axis=1 if ndim(x) > 1 else 0)


def vsplit(x: ArrayLike, indices_or_sections: Any) -> list[Array]:
    """`split` along the first axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [part.shape for part in vnp.vsplit(vnp.zeros((2, 4)), 2)]
        [(1, 4), (1, 4)]
    """
    return split(x, indices_or_sections, axis=0)


def dsplit(x: ArrayLike, indices_or_sections: Any) -> list[Array]:
    """`split` along the third axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [part.shape for part in vnp.dsplit(vnp.zeros((2, 3, 4)), 2)]
        [(2, 3, 2), (2, 3, 2)]
    """
    return split(x, indices_or_sections, axis=2)


# ------------------------------------------------------------------ again and again


def picked(x: Array, positions: np.ndarray[Any, Any], axis: int) -> Array:
    """Entries of an axis at positions that we worked out on the host."""
    if positions.size == 0:
        return native.contiguous(between(x, axis, 0, 0))
    at = native.asarray(positions.astype(np.int32 if x.shape[axis] < 2**31 else np.int64), device=x.device)
    return gathered(x, at, axis, "clip")


def gathered(x: Array, places: Array, axis: int, mode: str) -> Array:
    """The building block `gather`, for Arrays of any strides and dtype."""
    made = native.gather(native.contiguous(as_words(x)), native.contiguous(places), axis=axis, mode=mode)
    return in_dtype(made, x.dtype)


def compacted(x: Array, mask: Array) -> Array:
    """The building block `compact`, for Arrays of any strides and dtype."""
    made = native.compact(native.contiguous(as_words(x)), native.contiguous(as_words(mask)))
    return in_dtype(made, x.dtype)


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
    return native.copy(given) if made.size and set(times) <= {1} and made.shape == given.shape else made


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
        return in_shape(roll(ravel(given), shift, 0), given.shape)
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
        which = axis_of(int(one), x.ndim, "roll")
        moves[which] = moves.get(which, 0) + int(places)
    return moves
