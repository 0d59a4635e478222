"""Functions that read and write elements by index: NumPy's `take`, `put`, `choose`, `ix_` and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import DtypeError, InputError, ShapeError
from vulkan_forge.numpy._checks import ArrayLike, Operand, axis_of, integer_of, numpys_errors, shape_of, size_of
from vulkan_forge.numpy._conversion import array_of, arrays_of, asarray, upload
from vulkan_forge.numpy._dtypes import check_cast, default_int, in_dtype
from vulkan_forge.numpy._gather import gathered, picked
from vulkan_forge.numpy._keys import (
    HostOrDevice,
    Index,
    array_in,
    check_inside,
    index_of,
    new_values,
    nonzero_of,
    part_of,
    read,
    sent,
    write,
)
from vulkan_forge.numpy._views import diagonal_of, in_shape

__all__ = [
    "choose",
    "compress",
    "copyto",
    "diag_indices",
    "diag_indices_from",
    "diagonal",
    "extract",
    "fill_diagonal",
    "ix_",
    "place",
    "put",
    "put_along_axis",
    "putmask",
    "ravel_multi_index",
    "select",
    "take",
    "take_along_axis",
    "tril_indices",
    "tril_indices_from",
    "triu_indices",
    "triu_indices_from",
    "unravel_index",
]
elementwise = native.elementwise


def _integers(indices: Any, what: str) -> HostOrDevice:
    values = indices if isinstance(indices, Array) else array_in(indices)
    if values.dtype.kind not in "iu":
        raise DtypeError.build(
            "BAD_DTYPE", f"{what} takes integers", expected="an integer dtype", got=str(values.dtype)
        )
    return values


def take(x: ArrayLike, indices: Any, /, axis: int | None = None, mode: str = "raise") -> Array:
    """Entries of an axis by index.

    Args:
        x: Any `Array`.
        indices: Integers of any shape; negative ones count from the end.
        axis: The axis; None flattens x.
        mode: "raise" by default for indices outside of the axis; "clip": the nearest end; "wrap": counted on round the
            axis.

    Returns:
        A new `Array` with the shape of indices in the axis's place.

    Raises:
        RangeError: An index (mode "raise") or the axis lies outside.
        DtypeError: indices are no integers.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.take(vnp.asarray([10, 20, 30]), [2, 0, -1]).tolist()
        [30, 10, 30]
    """
    given, at = array_of(x, "take"), _integers(indices, "take")
    if axis is None:
        given, axis = in_shape(given, (given.size,)), 0
    axis = axis_of(axis, given.ndim, "take")
    if mode == "raise":
        return read(given, [Index(at, (axis,))], axis)
    return gathered(given, sent(at, given), axis, mode)


def _beside(x: Array, indices: Any, axis: int | None, what: str) -> tuple[Array, list[Index]]:
    """x, flat where there is no axis, and an index for each axis: its own positions, or those given for `axis`."""
    at = _integers(indices, what)
    if axis is None:
        x, axis = in_shape(x, (x.size,)), 0
    axis = axis_of(axis, x.ndim, what)
    if len(at.shape) != x.ndim:
        raise ShapeError.build(
            "BAD_SHAPE", f"{what} takes as many axes twice", expected=f"{x.ndim} axes", got=str(at.shape)
        )
    made = []
    for i, extent in enumerate(x.shape):
        own = np.arange(extent, dtype=np.int32).reshape((-1,) + (1,) * (x.ndim - 1 - i))
        made.append(Index(at, (i,)) if i == axis else Index(own, (i,), safe=True))
    return x, made


def take_along_axis(x: ArrayLike, indices: Any, /, axis: int | None = -1) -> Array:
    """For each line along an axis the entries at its own indices, as `argsort` gives them.

    Args:
        x: Any `Array`.
        indices: Integers with as many axes as x; beside the axis they broadcast with x.
        axis: The axis (default -1); None flattens x.

    Returns:
        A new `Array` of the shape of indices, broadcast.

    Raises:
        RangeError: An index or the axis lies outside.
        ShapeError: The shapes do not fit.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.take_along_axis(vnp.asarray([[3, 1], [2, 4]]), vnp.asarray([[1], [0]])).tolist()
        [[1], [2]]
    """
    given, at = _beside(array_of(x, "take_along_axis"), indices, axis, "take_along_axis")
    return read(given, at, 0)


def put_along_axis(x: Array, indices: Any, values: ArrayLike, axis: int | None) -> None:
    """Writes to each line along an axis at its own indices.

    Args:
        x: An `Array`, which is changed.
        indices: As in `take_along_axis`.
        values: What to write; they broadcast to the shape of indices.
        axis: The axis; None counts through x as if it were flat.

    Raises:
        RangeError: An index or the axis lies outside.
        ShapeError: The shapes do not fit.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> x = vnp.asarray([[3, 1], [2, 4]])
        >>> vnp.put_along_axis(x, vnp.asarray([[1], [0]]), 9, axis=1)
        >>> x.tolist()
        [[3, 9], [9, 4]]
    """
    if axis is None:
        put(x, indices, values)
        return
    given, at = _beside(x, indices, axis, "put_along_axis")
    write(given, at, 0, values)


def put(x: Array, indices: Any, values: ArrayLike) -> None:
    """Writes at flat positions.

    Args:
        x: An `Array`, which is changed.
        indices: Integers; negative ones count from the end.
        values: What to write; where there are fewer they start again.

    Raises:
        RangeError: An index lies outside.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> x = vnp.zeros((2, 2))
        >>> vnp.put(x, [1, -1], 5)
        >>> x.tolist()
        [[0.0, 5.0], [0.0, 5.0]]
    """
    at = _integers(indices, "put")
    count = size_of(at.shape)
    new = new_values(x, values, "put")
    if not x.ndim:
        x = x[None]
    if new.size and count:
        flat = at.reshape(-1) if isinstance(at, np.ndarray) else in_shape(at, (count,))
        write(x, [Index(flat, tuple(range(x.ndim)))], 0, _again(new, count))


def _again(values: Array, count: int) -> Array:
    """So many of the values, from the first again after the last; one value as it is."""
    flat = in_shape(values, (values.size,))
    return flat if flat.size in (1, count) else picked(flat, np.resize(np.arange(flat.size), count), 0)


def _new_of_kind(x: Array, values: ArrayLike, what: str, casting: str = "same_kind") -> Array:
    """What is to be written by a function that does not cut off fractions, as x[key] = values does."""
    new = new_values(x, values, what)
    listed = isinstance(values, (list, tuple)) and new.dtype.kind in "biu"  # in the dtype of x already
    source = np.asarray(values).dtype if listed else new.dtype
    if not listed or source.kind not in "biu":
        message = f"{what}: the values do not go into the array"
        check_cast(source, x.dtype, message, casting, mend="write x[key] = values")
    return new


def _flat_mask(mask: Any, like: Array) -> Array:
    made = array_of(mask, "a mask", like.device)
    flat = in_shape(made, (made.size,))
    return flat if flat.dtype == bool else elementwise.not_equal(flat, 0)


def _check_as_many(mask: Array, x: Array, what: str) -> None:
    if mask.size != x.size:
        raise ShapeError.build(
            "BAD_SHAPE", f"{what} takes a mask with an element for each of x", expected=str(x.size), got=str(mask.size)
        )


def place(x: Array, mask: ArrayLike, values: ArrayLike) -> None:
    """Writes values one after another where a mask is set.

    Args:
        x: An `Array`, which is changed.
        mask: bool, with as many elements.
        values: What to write; where there are fewer they start again.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> x = vnp.zeros(3)
        >>> vnp.place(x, x == 0, [1, 2])
        >>> x.tolist()
        [1.0, 2.0, 1.0]
    """
    where = _flat_mask(mask, x)
    _check_as_many(where, x, "place")
    put(x, nonzero_of(where), _new_of_kind(x, values, "place"))


def putmask(x: Array, mask: ArrayLike, values: ArrayLike) -> None:
    """Writes where a mask is set: the value at the same flat position.

    Args:
        x: An `Array`, which is changed.
        mask: bool, with as many elements.
        values: What to write; where there are fewer they start again.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> x = vnp.asarray([1, 2, 3])
        >>> vnp.putmask(x, x > 1, [7, 8, 9])
        >>> x.tolist()
        [1, 8, 9]
    """
    new = _again(_new_of_kind(x, values, "putmask"), x.size)
    new = in_shape(new, x.shape if new.size == x.size else ())
    where = _flat_mask(mask, x)
    _check_as_many(where, x, "putmask")
    where = in_shape(where, x.shape)
    x[...] = elementwise.where(where, in_dtype(new, x.dtype), x)


def copyto(x: Array, values: ArrayLike, casting: str = "same_kind", where: ArrayLike = True) -> None:
    """Writes values into an array, where a mask is set.

    Args:
        x: An `Array`, which is changed.
        values: What to write; they broadcast.
        casting: NumPy's rule for casts: "same_kind" by default, "unsafe" to cut off fractions.
        where: bool, which broadcasts; True by default.

    Raises:
        DtypeError: The dtype of x does not hold the values by that rule.
        ShapeError: The shapes do not fit.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> x = vnp.zeros(2)
        >>> vnp.copyto(x, 3)
        >>> x.tolist()
        [3.0, 3.0]
    """
    new = _new_of_kind(x, values, "copyto", casting)
    if where is not True:
        new = elementwise.where(array_of(where, "copyto", x.device), in_dtype(new, x.dtype), x)
    x[...] = new


def fill_diagonal(x: Array, value: ArrayLike) -> None:
    """Writes along the main diagonal.

    Args:
        x: An `Array` of two axes, or of more that are equal, which is changed.
        value: A number, or one for each place.

    Raises:
        ShapeError: One axis, or more than two that differ.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> x = vnp.zeros((2, 2))
        >>> vnp.fill_diagonal(x, 5)
        >>> x.tolist()
        [[5.0, 0.0], [0.0, 5.0]]
    """
    if x.ndim < 2 or (x.ndim > 2 and len(set(x.shape)) > 1):
        raise ShapeError.build("BAD_SHAPE", "fill_diagonal takes a matrix, or equal extents", got=str(x.shape))
    line = native.view(x, (min(x.shape),), (sum(x.strides),))
    native.assign(line, new_values(x, value, "fill_diagonal"))


def diagonal(x: ArrayLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """A view of the diagonal of two axes, which becomes the last axis.

    Args:
        x: Two axes or more.
        offset: Above the main diagonal where positive, below it where negative (default 0).
        axis1: The axis that goes down (default 0).
        axis2: The axis that goes across (default 1).

    Raises:
        ShapeError: Fewer than two axes.
        InputError: The axes are the same.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.diagonal(vnp.asarray([[1, 2], [3, 4]])).tolist()
        [1, 4]
    """
    given = array_of(x, "diagonal")
    if given.ndim < 2:
        raise ShapeError.build("BAD_SHAPE", "a diagonal needs two axes", expected="2 or more", got=str(given.shape))
    first, second = axis_of(axis1, given.ndim, "diagonal"), axis_of(axis2, given.ndim, "diagonal")
    if first == second:
        raise InputError.build("INVALID_ARGUMENT", "diagonal needs two different axes", got=f"{axis1} and {axis2}")
    return diagonal_of(given, offset, first, second)


def compress(condition: Any, x: ArrayLike, axis: int | None = None) -> Array:
    """Entries of an axis where a condition is true.

    Args:
        condition: One axis; entries beyond its end are left out.
        x: Any `Array`.
        axis: The axis; None flattens x.

    Raises:
        RangeError: The condition is true beyond the end of the axis.
        ShapeError: The condition has none or several axes.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.compress([False, True], vnp.asarray([[1, 2], [3, 4]]), axis=0).tolist()
        [[3, 4]]
    """
    given = array_of(x, "compress")
    chosen = array_of(condition, "compress", given.device)
    if chosen.ndim != 1:
        raise ShapeError.build("BAD_SHAPE", "compress takes a condition of one axis", got=str(chosen.shape))
    return take(given, nonzero_of(_flat_mask(chosen, given)), axis=axis)


def extract(condition: ArrayLike, x: ArrayLike) -> Array:
    """The elements where a condition is true, along one axis.

    Args:
        condition: As many elements as x.
        x: Any `Array`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> x = vnp.asarray([1, 2, 3])
        >>> vnp.extract(x > 1, x).tolist()
        [2, 3]
    """
    given = array_of(x, "extract")
    return take(given, nonzero_of(_flat_mask(condition, given)))


def _counted(x: ArrayLike, what: str) -> Array:
    """Integers in the dtype that counts as far as any shape goes."""
    given = array_of(x, what)
    if given.dtype.kind not in "iub":
        raise DtypeError.build("BAD_DTYPE", f"{what} takes integers", expected="integers", got=str(given.dtype))
    return in_dtype(given, default_int(given.device))


def choose(x: ArrayLike, choices: Sequence[ArrayLike] | Array) -> Array:
    """Of several arrays, at each place the element of the one that x names.

    Args:
        x: Integers, 0 to len(choices) - 1.
        choices: Arrays and numbers that broadcast with x.

    Raises:
        DtypeError: x has no integers.
        RangeError: A number names no array.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.choose(vnp.asarray([0, 1]), [vnp.asarray([1, 2]), 9]).tolist()
        [1, 9]
    """
    given, options = _counted(x, "choose"), list(choices)
    check_inside([(given, len(options))], from_end=False)
    made = options[0]
    for i, option in enumerate(options):
        made = elementwise.where(elementwise.equal(given, i), option, made)
    return array_of(made, "choose")


def select(condlist: Sequence[ArrayLike], choicelist: Sequence[ArrayLike], default: Operand = 0) -> Array:
    """At each place the element of the first array whose condition is true.

    Args:
        condlist: bool arrays.
        choicelist: An array or number for each.
        default: Where no condition is true (default 0).

    Raises:
        ShapeError: The lists differ in length, or the shapes do not broadcast.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> x = vnp.asarray([1, 5, 9])
        >>> vnp.select([x < 3, x < 7], [x, 10 * x], 0).tolist()
        [1, 50, 0]
    """
    if len(condlist) != len(choicelist) or not condlist:
        raise ShapeError.build(
            "BAD_SHAPE",
            "select takes a choice for each condition",
            expected=str(len(condlist) or 1),
            got=str(len(choicelist)),
        )
    made: Any = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        made = elementwise.where(condition, choice, made)
    selected: Array = made
    return selected


# ------------------------------------------------------------------ index arrays


def ix_(*sequences: Any) -> tuple[Array, ...]:
    """Index arrays for all combinations of some entries of each axis.

    Args:
        *sequences: Integers or bool, of one axis each.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.arange(9).reshape(3, 3)[vnp.ix_([0, 2], [0, 1])].tolist()
        [[0, 1], [6, 7]]
    """
    made = []
    for i, one in enumerate(sequences):
        part = part_of(one)
        if not isinstance(part, (Array, np.ndarray)) or len(part.shape) != 1:
            raise ShapeError.build("BAD_SHAPE", "ix_ takes sequences", expected="one axis", got=str(np.shape(one)))
        index = index_of(part, part.shape, 0, 0) if part.dtype == bool else Index(part, (0,))
        values = index.values if isinstance(index.values, Array) else asarray(index.values.astype(np.int32))
        made.append(in_shape(values, (1,) * i + (values.size,) + (1,) * (len(sequences) - 1 - i)))
    return tuple(made)


def _countable(dims: int | Sequence[int]) -> tuple[int, ...]:
    extents = shape_of(dims)
    if size_of(extents) >= 2**63:
        raise ShapeError.build("BAD_SHAPE", "a shape has more elements than int64 counts", got=str(extents))
    return extents


def unravel_index(indices: Any, shape: int | Sequence[int]) -> tuple[Array, ...]:
    """Flat positions as one index array for each axis.

    Args:
        indices: Integers, 0 or more.
        shape: The shape that they count through.

    Raises:
        DtypeError: indices are no integers.
        RangeError: A position lies outside of the shape.
        ShapeError: The shape has more elements than int64 counts.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.unravel_index(vnp.asarray([4]), (2, 3))]
        [[1], [1]]
    """
    left, extents = _counted(indices, "unravel_index"), _countable(shape)
    check_inside([(left, size_of(extents))], from_end=False)
    made: list[Array] = []
    for extent in reversed(extents):
        made.insert(0, elementwise.remainder(left, extent))
        left = elementwise.floor_divide(left, extent)
    return tuple(made)


MODES = ("raise", "wrap", "clip")


def ravel_multi_index(
    multi_index: Sequence[ArrayLike], dims: int | Sequence[int], mode: str | Sequence[str] = "raise"
) -> Array:
    """One index array for each axis as flat positions.

    Args:
        multi_index: Integers, 0 or more.
        dims: The shape that they count through.
        mode: For all axes, or one for each: "raise" by default for indices outside of an axis; "clip": the nearest
            end; "wrap": counted on round the axis.

    Raises:
        DtypeError: An index array has no integers.
        InputError: No such mode.
        RangeError: An index lies outside of its axis.
        ShapeError: There is not an index array for each axis, or dims have more elements than int64 counts.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.ravel_multi_index(([1], [2]), (2, 3)).tolist()
        [5]
    """
    parts = [_counted(part, "ravel_multi_index") for part in arrays_of(multi_index, "ravel_multi_index")]
    extents = _countable(dims)
    modes: tuple[Any, ...] = tuple(mode) if isinstance(mode, (tuple, list)) else (mode,) * len(parts)
    if not len(parts) == len(extents) == len(modes) > 0:
        raise ShapeError.build(
            "BAD_SHAPE",
            "ravel_multi_index takes an index array for each axis",
            expected=str(len(extents)),
            got=str(len(parts)),
        )
    if not set(modes) <= set(MODES):
        raise InputError.build("INVALID_ARGUMENT", "no such mode", expected=", ".join(MODES), got=repr(mode))
    each = list(zip(parts, extents, modes, strict=True))
    check_inside([(part, extent) for part, extent, how in each if how == "raise"], from_end=False)
    flat = native.full((), 0, parts[0].dtype, device=parts[0].device)
    for part, extent, how in each:
        flat = flat * extent + _moved_inside(part, extent, how)
    return flat


def _moved_inside(indices: Array, extent: int, mode: str) -> Array:
    if mode == "wrap":
        return elementwise.remainder(indices, extent)
    return elementwise.minimum(elementwise.maximum(indices, 0), extent - 1) if mode == "clip" else indices


def diag_indices(n: int, ndim: int = 2) -> tuple[Array, ...]:
    """Index arrays of the main diagonal.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.diag_indices(2)]
        [[0, 1], [0, 1]]
    """
    return (upload(np.arange(integer_of(n, "diag_indices: n"))),) * integer_of(ndim, "diag_indices: ndim")


def tril_indices(n: int, k: int = 0, m: int | None = None) -> tuple[Array, ...]:
    """Index arrays of the places on and below the k-th diagonal of an n x m matrix.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.tril_indices(2)]
        [[0, 1, 1], [0, 0, 1]]
    """
    with numpys_errors("tril_indices"):
        places = np.tril_indices(n, k, m)
    return tuple(map(upload, places))


def triu_indices(n: int, k: int = 0, m: int | None = None) -> tuple[Array, ...]:
    """Index arrays of the places on and above the k-th diagonal of an n x m matrix.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.triu_indices(2)]
        [[0, 0, 1], [0, 1, 1]]
    """
    with numpys_errors("triu_indices"):
        places = np.triu_indices(n, k, m)
    return tuple(map(upload, places))


def diag_indices_from(x: Array) -> tuple[Array, ...]:
    """`diag_indices` for the shape of an array whose extents are equal.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.diag_indices_from(vnp.zeros((2, 2)))]
        [[0, 1], [0, 1]]
    """
    if x.ndim < 2 or len(set(x.shape)) != 1:
        raise ShapeError.build(
            "BAD_SHAPE", "a diagonal goes through equal extents", expected="two axes or more", got=str(x.shape)
        )
    return diag_indices(x.shape[0], x.ndim)


def _matrix_shape(x: Array, k: int) -> tuple[int, int, int]:
    """Rows, diagonal and columns."""
    if x.ndim != 2:
        raise ShapeError.build("BAD_SHAPE", "a triangle is one of a matrix", expected="two axes", got=str(x.shape))
    return x.shape[0], k, x.shape[1]


def tril_indices_from(x: Array, k: int = 0) -> tuple[Array, ...]:
    """`tril_indices` for the shape of a matrix.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.tril_indices_from(vnp.zeros((2, 2)))]
        [[0, 1, 1], [0, 0, 1]]
    """
    return tril_indices(*_matrix_shape(x, k))


def triu_indices_from(x: Array, k: int = 0) -> tuple[Array, ...]:
    """`triu_indices` for the shape of a matrix.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.triu_indices_from(vnp.zeros((2, 2)))]
        [[0, 0, 1], [0, 1, 1]]
    """
    return triu_indices(*_matrix_shape(x, k))
