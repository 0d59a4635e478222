"""Arrays as sets: what is in them once, twice, or not at all.

All goes by sorting and comparing neighbours. Results have shapes that depend on the values, so each call waits until
the device has counted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.numpy import _gather, _joining, _searching, _series, _sorting
from vulkan_forge.numpy._arguments import is_inexact, taken, the_arrays
from vulkan_forge.numpy._checks import ArrayLike, axis_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import in_dtype
from vulkan_forge.numpy._views import in_shape, permuted

__all__ = [
    "intersect1d",
    "isin",
    "setdiff1d",
    "setxor1d",
    "union1d",
    "unique",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]

elementwise = native.elementwise
MARK = np.dtype(np.int32)  # what marks are stored as: not every device stores bool


class UniqueAll(NamedTuple):
    """What `unique_all` gives."""

    values: Array
    indices: Array
    inverse_indices: Array
    counts: Array


class UniqueCounts(NamedTuple):
    """What `unique_counts` gives."""

    values: Array
    counts: Array


class UniqueInverse(NamedTuple):
    """What `unique_inverse` gives."""

    values: Array
    inverse_indices: Array


def unique_values(x: ArrayLike, /) -> Array:
    """Give each value once, sorted.

    Args:
        x: `Array` of any dtype and shape.

    Returns:
        An `Array` of one axis. Each NaN is a value of its own; 0.0 and -0.0 are one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.unique_values(vnp.asarray([3, 1, 3])).tolist()
        [1, 3]
    """
    x = array_of(x, "unique_values")
    ordered = _sorting.sort(x, None)
    return _gather.compacted(ordered, _first_marks(ordered, False))


def unique_counts(x: ArrayLike, /) -> UniqueCounts:
    """Give each value once, sorted, and how often it occurs; see `unique_values`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.unique_counts(vnp.asarray([3, 1, 3])).counts.tolist()
        [1, 2]
    """
    x = array_of(x, "unique_counts")
    ordered = _sorting.sort(x, None)
    marks = _first_marks(ordered, False)
    return UniqueCounts(_gather.compacted(ordered, marks), _counts(marks))


def unique_inverse(x: ArrayLike, /) -> UniqueInverse:
    """Give each value once, sorted, and for each element of x which of them it is; see `unique_values`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.unique_inverse(vnp.asarray([3, 1, 3])).inverse_indices.tolist()
        [1, 0, 1]
    """
    found = unique_all(x)
    return UniqueInverse(found.values, found.inverse_indices)


def unique_all(x: ArrayLike, /) -> UniqueAll:
    """Give each value once, sorted, and all there is to say about them.

    Args:
        x: `Array` of any dtype and shape.

    Returns:
        `values`; int64 `indices` of their first occurrences in the flattened array; `inverse_indices` of the shape of
        x, which say where each element's value is; `counts`. See `unique_values`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.unique_all(vnp.asarray([3, 1, 3])).indices.tolist()
        [1, 0]
    """
    return _unique(array_of(x, "unique_all"), False)


def _unique(x: Array, equal_nan: bool) -> UniqueAll:
    flat = native.contiguous(in_shape(x, (x.size,)))
    order = native.contiguous(_sorting.argsort(flat))
    ordered = taken(flat, order)
    marks = _first_marks(ordered, equal_nan)
    inverse = in_shape(_inverse(order, marks), x.shape)
    return UniqueAll(_gather.compacted(ordered, marks), _gather.compacted(order, marks), inverse, _counts(marks))


def _first_marks(ordered: Array, equal_nan: bool) -> Array:
    """1 where a value comes for the first time, else 0."""
    after, before = ordered[1:], ordered[:-1]
    new = elementwise.not_equal(after, before)
    if equal_nan and is_inexact(ordered.dtype):
        both = elementwise.logical_and(elementwise.isnan(after), elementwise.isnan(before))
        new = elementwise.logical_and(new, elementwise.logical_not(both))
    return _with_first(new, ordered.size)


def _with_first(new: Array, count: int) -> Array:
    """Marks of all but the first entry, and a 1 for that."""
    marks = native.empty((count,), dtype=MARK, device=new.device)
    native.assign(marks[:1], 1)
    native.assign(marks[1:], new)
    return marks


def _inverse(order: Array, marks: Array) -> Array:
    """For each element, how many new values come up to it in sorted order, less one."""
    inverse = native.empty(order.shape, dtype=np.dtype(np.int64), device=order.device)
    if order.size == 0:
        return inverse
    native.scatter(inverse, order, native.contiguous(native.scan(marks) - 1), mode="clip")
    return inverse


def _counts(marks: Array) -> Array:
    """Distances from mark to mark."""
    starts = native.nonzero(marks)
    end = native.full((1,), marks.size, starts.dtype, marks.device)
    return _series.diff(_joining.concat([starts, end]))


def unique(
    x: ArrayLike,
    /,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Array | tuple[Array, ...]:
    """Give each value, or each entry of an axis, once.

    Args:
        x: `Array` of any dtype and shape.
        return_index: Give also where each occurs first.
        return_inverse: Give also for each element, or entry of the axis, which of the results it is.
        return_counts: Give also how often each occurs.
        axis: An axis whose entries are compared as a whole; None compares elements.
        equal_nan: Whether all NaN are one value (of elements; within entries of an axis each is another one).
        sorted: Without effect: results are sorted.

    Returns:
        An `Array`, or a tuple of it and those that were asked for, int64, in the order of the arguments.

    Raises:
        RangeError: axis lies outside of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> values, counts = vnp.unique(vnp.asarray([3, 1, 3]), return_counts=True)
        >>> values.tolist(), counts.tolist()
        ([1, 3], [1, 2])
    """
    x = array_of(x, "unique")
    found = _unique(x, equal_nan) if axis is None else _unique_entries(x, axis_of(axis, x.ndim, "unique"))
    asked = (True, return_index, return_inverse, return_counts)
    wanted = tuple(result for result, ask in zip(found, asked, strict=True) if ask)
    return wanted[0] if len(wanted) == 1 else wanted


def _unique_entries(x: Array, axis: int) -> UniqueAll:
    """Entries as rows of a matrix, whose columns are the keys of a lexical sort: the first counts most."""
    front = permuted(x, [axis, *(i for i in range(x.ndim) if i != axis)])
    count = front.shape[0]
    rows = native.contiguous(in_shape(front, (count, front.size // count if count else 0)))
    keys = [rows[:, k] for k in reversed(range(rows.shape[1]))] or [native.full((count,), 0, MARK, x.device)]
    order = native.contiguous(_sorting.lexsort(keys))
    ordered = taken(rows, order)
    differs = in_dtype(elementwise.not_equal(ordered[1:], ordered[:-1]), MARK)
    new = native.reduce(native.contiguous(differs), "sum", axis=1)
    marks = _with_first(in_dtype(new, np.bool_), count)
    values = _gather.compacted(ordered, marks)
    values = in_shape(values, (values.shape[0], *front.shape[1:]))
    back = permuted(values, [*range(1, axis + 1), 0, *range(axis + 1, x.ndim)])
    return UniqueAll(back, _gather.compacted(order, marks), _inverse(order, marks), _counts(marks))


def isin(
    element: ArrayLike,
    test_elements: ArrayLike,
    assume_unique: bool = False,
    invert: bool = False,
    *,
    kind: str | None = None,
) -> Array:
    """Say of each element whether it is among others.

    Args:
        element: `Array` of real numbers, of any shape.
        test_elements: What to look for: `Array` of any shape, a number, or a sequence of numbers.
        assume_unique: Without effect.
        invert: Say whether it is not.
        kind: Without effect.

    Returns:
        A bool `Array` of the shape of element. NaN is among nothing.

    Raises:
        DtypeError: Complex numbers.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.isin(vnp.asarray([1, 2, 3]), vnp.asarray([3, 1])).tolist()
        [True, False, True]
    """
    x, among = the_arrays("isin", element, test_elements)
    if among.size == 0:
        return native.full(x.shape, bool(invert), np.dtype(np.bool_), x.device)
    common = np.result_type(x.dtype, among.dtype)
    if common.kind == "f" and x.dtype.kind in "iu" and among.dtype.kind in "iu":
        return elementwise.not_equal(_integer_is_in(x, among), bool(invert))
    x, there = _nearest(x, among, common)
    return elementwise.not_equal(there, x) if invert else elementwise.equal(there, x)


def _nearest(x: Array, among: Array, dtype: np.dtype[Any]) -> tuple[Array, Array]:
    """Both in one dtype: x, and for each of its values the one of the others that it would be."""
    x, table = in_dtype(x, dtype), native.contiguous(_sorting.sort(in_dtype(among, dtype), None))
    return x, taken(table, _searching.searchsorted(table, x))


def _integer_is_in(x: Array, among: Array) -> Array:
    """`isin` for int64 and uint64, of which neither holds the other: what does not fit is not in it."""
    own, there = _nearest(x, among, np.dtype(f"{among.dtype.kind}8"))
    fits = elementwise.greater_equal(x if x.dtype.kind == "i" else own, 0)
    return elementwise.logical_and(elementwise.equal(there, own), fits)


def union1d(x1: ArrayLike, x2: ArrayLike, /) -> Array:
    """Give the values that are in one of two arrays, sorted.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.union1d(vnp.asarray([3, 1]), vnp.asarray([1, 2])).tolist()
        [1, 2, 3]
    """
    return _unique(_together(*the_arrays("union1d", x1, x2)), True).values


def _together(a: Array, b: Array) -> Array:
    return _joining.concat([in_shape(a, (a.size,)), in_shape(b, (b.size,))])


def intersect1d(
    x1: ArrayLike, x2: ArrayLike, /, assume_unique: bool = False, return_indices: bool = False
) -> Array | tuple[Array, Array, Array]:
    """Give the values that are in both of two arrays, sorted.

    Args:
        x1: `Array` of any dtype and shape.
        x2: The same.
        assume_unique: Neither has a value twice.
        return_indices: Give also where each value occurs first in either, flattened.

    Returns:
        An `Array` of one axis, or three.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.intersect1d(vnp.asarray([3, 1, 2]), vnp.asarray([2, 3])).tolist()
        [2, 3]
    """
    first, second = (_unique(x, True) for x in the_arrays("intersect1d", x1, x2))
    both = _together(first.values, second.values)
    order = native.contiguous(_sorting.argsort(both))
    ordered = taken(both, order)
    twice = native.contiguous(in_dtype(elementwise.equal(ordered[1:], ordered[:-1]), MARK))
    values = _gather.compacted(ordered[:-1], twice)
    if not return_indices:
        return values
    left = _gather.compacted(order[:-1], twice)
    right = _gather.compacted(order[1:], twice) - first.values.size
    return values, taken(first.indices, left), taken(second.indices, right)


def setxor1d(x1: ArrayLike, x2: ArrayLike, /, assume_unique: bool = False) -> Array:
    """Give the values that are in just one of two arrays, sorted. Arguments as for `intersect1d`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.setxor1d(vnp.asarray([3, 1]), vnp.asarray([1, 2])).tolist()
        [2, 3]
    """
    first, second = (_unique(x, True).values for x in the_arrays("setxor1d", x1, x2))
    ordered = native.contiguous(_sorting.sort(_together(first, second)))
    marks = _with_first(elementwise.not_equal(ordered[1:], ordered[:-1]), ordered.size)
    ends = _joining.concat([marks[1:], native.full((1,), 1, MARK, marks.device)])[: marks.size]
    return _gather.compacted(ordered, marks * ends)


def setdiff1d(x1: ArrayLike, x2: ArrayLike, /, assume_unique: bool = False) -> Array:
    """Give the values that are in the first of two arrays and not in the second, sorted.

    Args:
        x1: `Array` of real numbers.
        x2: The same.
        assume_unique: The first has no value twice; then its order is kept.

    Returns:
        An `Array` of one axis.

    Raises:
        DtypeError: Complex numbers.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.setdiff1d(vnp.asarray([3, 1, 2]), vnp.asarray([2])).tolist()
        [1, 3]
    """
    first, second = the_arrays("setdiff1d", x1, x2)
    values = native.contiguous(in_shape(first, (first.size,))) if assume_unique else _unique(first, True).values
    left = in_dtype(isin(values, second, invert=True), MARK)
    return _gather.compacted(values, left)
