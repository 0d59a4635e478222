"""Arrays put together: concatenated, stacked, in blocks, with entries put in between or taken out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import InputError, RangeError, ShapeError
from vulkan_forge.numpy._axes import moveaxis
from vulkan_forge.numpy._checks import ArrayLike, axis_of
from vulkan_forge.numpy._conversion import array_of, arrays_of
from vulkan_forge.numpy._dtypes import check_cast, dtype_of, in_dtype, result_type
from vulkan_forge.numpy._gather import picked
from vulkan_forge.numpy._grids import mgrid
from vulkan_forge.numpy._shapes import atleast_1d, atleast_2d, atleast_3d, expand_dims, ndim, ravel
from vulkan_forge.numpy._views import between, in_shape, widened

__all__ = [
    "append",
    "block",
    "c_",
    "column_stack",
    "concat",
    "concatenate",
    "delete",
    "dstack",
    "hstack",
    "index_exp",
    "insert",
    "ndindex",
    "r_",
    "row_stack",
    "s_",
    "stack",
    "vstack",
]


def concat(arrays: Sequence[ArrayLike] | Array, /, axis: int | None = 0, *, dtype: object = None) -> Array:
    """Arrays one after another along an axis they have; `concatenate` is the same.

    Args:
        arrays: Of one shape but for that axis; their dtypes are promoted.
        axis: The axis (default 0); None flattens them first.
        dtype: The dtype to have; None for the promoted one.

    Returns:
        A new `Array`.

    Raises:
        ShapeError: None at all, one without axes, or shapes that do not fit.
        DtypeError: dtype is of another kind, which would lose fractions or signs.
        RangeError: No such axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.concat([vnp.asarray([1, 2]), vnp.asarray([3])]).tolist()
        [1, 2, 3]
    """
    parts = arrays_of(arrays, "concat")
    if axis is None:
        parts, axis = [ravel(x) for x in parts], 0
    if not parts:
        raise ShapeError.build("BAD_SHAPE", "nothing to put together", expected="one array or more", got="none")
    if parts[0].ndim == 0:
        raise ShapeError.build(
            "BAD_SHAPE", "arrays without axes cannot be put together", got="()", mend="stack makes an axis"
        )
    axis = axis_of(axis, parts[0].ndim, "concat")
    extents = list(parts[0].shape)
    for x in parts:
        _check_alike(parts[0].shape, x.shape, axis)
    extents[axis] = sum(x.shape[axis] for x in parts)
    wanted = result_type(*parts) if dtype is None else dtype_of(dtype)
    for x in parts:
        check_cast(x.dtype, wanted, "arrays put together in another dtype", mend="cast them before: x.astype(dtype)")
    made = native.empty(tuple(extents), dtype=wanted, device=parts[0].device)
    at = 0
    for x in parts:
        native.assign(between(made, axis, at, at + x.shape[axis]), x)
        at += x.shape[axis]
    return made


concatenate = concat


def _check_alike(first: tuple[int, ...], other: tuple[int, ...], axis: int) -> None:
    if len(first) != len(other) or first[:axis] != other[:axis] or first[axis + 1 :] != other[axis + 1 :]:
        raise ShapeError.build(
            "BAD_SHAPE", f"arrays differ beside axis {axis}", expected=f"shapes like {first}", got=str(other)
        )


def stack(arrays: Sequence[ArrayLike] | Array, /, axis: int = 0, *, dtype: object = None) -> Array:
    """Arrays of one shape along a new axis.

    Args:
        arrays: Of one shape; their dtypes are promoted.
        axis: Where the axis stands in the result (default 0).
        dtype: The dtype to have; None for the promoted one.

    Returns:
        A new `Array`.

    Raises:
        ShapeError: None at all, or the shapes differ.
        RangeError: No such axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.stack([vnp.asarray([1, 2]), vnp.asarray([3, 4])], axis=1).tolist()
        [[1, 3], [2, 4]]
    """
    parts = arrays_of(arrays, "stack")
    if len({x.shape for x in parts}) != 1:
        got = ", ".join(str(x.shape) for x in parts) or "none"
        raise ShapeError.build("BAD_SHAPE", "stack takes arrays of one shape", expected="equal shapes", got=got)
    return concat([expand_dims(x, axis) for x in parts], axis=axis, dtype=dtype)


def hstack(arrays: Sequence[ArrayLike], *, dtype: object = None) -> Array:
    """Arrays side by side: along the second axis, or the only one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.hstack([vnp.asarray([1]), vnp.asarray([2])]).tolist()
        [1, 2]
    """
    parts = [atleast_1d(x) for x in arrays_of(arrays, "hstack")]
    return concat(parts, axis=0 if parts and parts[0].ndim == 1 else 1, dtype=dtype)


def vstack(arrays: Sequence[ArrayLike], *, dtype: object = None) -> Array:
    """Arrays one below the other, those of one axis as rows; `row_stack` is the same.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.vstack([vnp.asarray([1, 2]), vnp.asarray([3, 4])]).tolist()
        [[1, 2], [3, 4]]
    """
    return concat([atleast_2d(x) for x in arrays_of(arrays, "vstack")], axis=0, dtype=dtype)


row_stack = vstack


def dstack(arrays: Sequence[ArrayLike]) -> Array:
    """Arrays one behind the other, along the third axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.dstack([vnp.asarray([1, 2]), vnp.asarray([3, 4])]).tolist()
        [[[1, 3], [2, 4]]]
    """
    return concat([atleast_3d(x) for x in arrays_of(arrays, "dstack")], axis=2)


def column_stack(arrays: Sequence[ArrayLike]) -> Array:
    """Arrays side by side, those of one axis as columns.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.column_stack([vnp.asarray([1, 2]), vnp.asarray([3, 4])]).tolist()
        [[1, 3], [2, 4]]
    """
    given = arrays_of(arrays, "column_stack")
    return concat([x if x.ndim > 1 else in_shape(x, (x.size, 1)) for x in given], axis=1)


def block(arrays: Any) -> Array:
    """An array of nested lists of blocks: the innermost lists are rows of blocks.

    Args:
        arrays: Nested lists of `Array` and numbers, all of one depth.

    Raises:
        ShapeError: Blocks that do not fit, an empty list, or lists of unequal depth.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> one = vnp.ones((1, 1))
        >>> vnp.block([[one, 2 * one], [3 * one, 4 * one]]).tolist()
        [[1.0, 2.0], [3.0, 4.0]]
    """
    depth = _depth(arrays)
    deepest = max(depth, _most_axes(arrays))
    made = _blocks(arrays, 0, depth, deepest)
    return made if depth else native.copy(made)  # a block alone is joined to nothing, which would copy it


def _depth(arrays: Any) -> int:
    if not isinstance(arrays, list):
        return 0
    depths = {_depth(one) for one in arrays}
    if len(depths) != 1:
        raise ShapeError.build(
            "BAD_SHAPE", "block takes lists of one depth", expected="no empty list", got=f"depths {depths}"
        )
    return 1 + depths.pop()


def _most_axes(arrays: Any) -> int:
    return max(map(_most_axes, arrays)) if isinstance(arrays, list) else ndim(arrays)


def _blocks(arrays: Any, level: int, depth: int, axes: int) -> Array:
    if level == depth:
        x = array_of(arrays, "block")
        return in_shape(x, (1,) * (axes - x.ndim) + x.shape)
    return concat([_blocks(one, level + 1, depth, axes) for one in arrays], axis=level - depth)


class Joiner:
    """`r_` and `c_`: what stands in brackets, one after another; slices become ranges, `[0:3]` and `[0:1:5j]`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.r_[0:3, vnp.asarray([7, 8])].tolist()
        [0, 1, 2, 7, 8]
        >>> vnp.c_[vnp.asarray([1, 2]), vnp.asarray([3, 4])].tolist()
        [[1, 3], [2, 4]]
    """

    def __init__(self, columns: bool) -> None:
        self._columns = columns

    def __getitem__(self, key: Any) -> Array:
        parts = [mgrid[one] if isinstance(one, slice) else one for one in (key if isinstance(key, tuple) else (key,))]
        return column_stack(parts) if self._columns else hstack(parts)


r_, c_ = Joiner(columns=False), Joiner(columns=True)
s_, index_exp, ndindex = np.s_, np.index_exp, np.ndindex


def append(x: ArrayLike, values: ArrayLike, axis: int | None = None) -> Array:
    """A new array with values behind those of x.

    Args:
        x: Any `Array`.
        values: Of the shape of x, but for the axis.
        axis: The axis; None flattens both.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.append(vnp.asarray([1, 2]), 3).tolist()
        [1, 2, 3]
    """
    return concat([x, values], axis=axis)


# ------------------------------------------------------------------ in between


def _positions(obj: Any, what: str) -> Any:
    """What NumPy takes as places of an axis: a number, a slice, or a sequence on the host."""
    if isinstance(obj, (slice, int, np.integer)) and not isinstance(obj, bool):
        return obj
    found = np.asarray(obj)
    if found.size == 0:
        return found.astype(np.intp)
    if found.dtype.kind not in "iub" or (found.dtype == bool and found.ndim == 0):
        raise InputError.build(
            "INVALID_ARGUMENT", f"{what} takes places", expected="integers, or bools along the axis", got=repr(obj)[:60]
        )
    return found


def _listed(places: Any, extent: int) -> Any:
    """The places themselves, of a slice or a mask."""
    if isinstance(places, slice):
        return np.arange(*places.indices(extent))
    return np.flatnonzero(places) if isinstance(places, np.ndarray) and places.dtype == bool else places


def _edited(function: Callable[[], np.ndarray[Any, Any]], what: str) -> np.ndarray[Any, Any]:
    try:
        return function()
    except IndexError as error:
        raise RangeError.build("OUT_OF_RANGE", f"{what}: a place lies outside of the axis", got=str(error)) from None
    except ValueError as error:
        raise InputError.build("INVALID_ARGUMENT", f"{what} does not take these places", got=str(error)) from None


def delete(x: ArrayLike, obj: Any, axis: int | None = None) -> Array:
    """A new array without some entries of an axis.

    Args:
        x: Any `Array`.
        obj: The entries: a number, a slice, integers, or a mask; the host reads them.
        axis: The axis; None flattens x.

    Raises:
        RangeError: No such entry.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.delete(vnp.asarray([1, 2, 3]), 1).tolist()
        [1, 3]
    """
    given = array_of(x, "delete")
    if axis is None:
        given, axis = ravel(given), 0
    axis = axis_of(axis, given.ndim, "delete")
    places = _positions(obj, "delete")
    return picked(given, _edited(lambda: np.delete(np.arange(given.shape[axis]), places), "delete"), axis)


def insert(x: ArrayLike, obj: Any, values: ArrayLike, axis: int | None = None) -> Array:
    """A new array with values in front of some entries of an axis.

    Args:
        x: Any `Array`.
        obj: The entries: a number, a slice, integers, or a mask; the host reads them.
        values: What to put there; they broadcast, and get the dtype of x.
        axis: The axis; None flattens x.

    Raises:
        RangeError: No such entry.
        ShapeError: The values do not fit.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.insert(vnp.asarray([1, 2, 3]), 1, 9).tolist()
        [1, 9, 2, 3]
    """
    given = array_of(x, "insert")
    if axis is None:
        given, axis = ravel(given), 0
    axis = axis_of(axis, given.ndim, "insert")
    places, new = _listed(_positions(obj, "insert"), given.shape[axis]), array_of(values, "insert", given.device)
    extents = list(given.shape)
    if np.size(places) == 1:  # in front of one entry there is room for several
        new = in_shape(new, (1,) * (given.ndim - new.ndim) + new.shape)
        new = new if np.ndim(places) else moveaxis(new, 0, axis)
        extents[axis] = new.shape[axis]
    else:
        longer = _edited(lambda: np.insert(np.zeros(given.shape[axis]), places, 1), "insert")
        extents[axis] = longer.size - given.shape[axis]
    both = concat([given, in_dtype(widened(new, tuple(extents)), given.dtype)], axis=axis)
    count = given.shape[axis]
    order = _edited(lambda: np.insert(np.arange(count), places, count + np.arange(extents[axis])), "insert")
    return picked(both, order, axis)
