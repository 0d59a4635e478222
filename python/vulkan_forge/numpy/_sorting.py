"""Sorting along an axis, by stable radix sorts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import InputError, ShapeError
from vulkan_forge.numpy._arguments import refuse, taken_from_rows
from vulkan_forge.numpy._checks import ArrayLike, axis_of
from vulkan_forge.numpy._conversion import array_of, arrays_of
from vulkan_forge.numpy._dtypes import as_words, in_dtype
from vulkan_forge.numpy._views import in_shape, permuted

__all__ = ["argpartition", "argsort", "lexsort", "partition", "sort"]

elementwise = native.elementwise
KINDS = (None, "quicksort", "heapsort", "mergesort", "stable")  # NumPy's words; every sort here is stable


def sort(
    x: ArrayLike,
    /,
    axis: int | None = -1,
    kind: str | None = None,
    order: None = None,
    *,
    descending: bool = False,
    stable: bool | None = True,
) -> Array:
    """Sort along an axis.

    Args:
        x: `Array` of any dtype. Complex numbers are in order of their real part, then of the imaginary one.
        axis: Which axis; None: of the flattened array.
        kind: NumPy's names, without effect.
        order: Refused.
        descending: Largest first. NaN comes last in both orders.
        stable: Without effect: sorts are stable.

    Returns:
        An `Array` of the dtype of x.

    Raises:
        RangeError: axis lies outside of x.
        InputError: No such kind.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.sort(vnp.asarray([3, 1, 2]), descending=True).tolist()
        [3, 2, 1]
    """
    refuse("sort", order=order)
    rows, along = _rows("sort", x, axis, kind)
    if rows.dtype.kind == "c":
        return _moved_back(taken_from_rows(rows, _order(rows, descending)), along)
    ordered = native.sort(native.contiguous(as_words(rows)), descending=descending)
    return _moved_back(in_dtype(ordered, rows.dtype), along)


def argsort(
    x: ArrayLike,
    /,
    axis: int | None = -1,
    kind: str | None = None,
    order: None = None,
    *,
    descending: bool = False,
    stable: bool | None = True,
) -> Array:
    """Find the order that sorts along an axis. Arguments and errors as for `sort`.

    Returns:
        An int64 `Array` of the shape of x. Equal elements keep their order, descending too.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.argsort(vnp.asarray([3, 1, 2])).tolist()
        [1, 2, 0]
    """
    refuse("argsort", order=order)
    rows, along = _rows("argsort", x, axis, kind)
    return _moved_back(_order(rows, descending), along)


def _rows(function: str, x: ArrayLike, axis: int | None, kind: str | None) -> tuple[Array, int]:
    """The axis last, and where it was."""
    if kind not in KINDS:
        raise InputError.build(
            "INVALID_ARGUMENT", f"{function} knows no such kind", expected=", ".join(map(str, KINDS)), got=repr(kind)
        )
    x = array_of(x, function)
    if axis is None:
        return native.contiguous(in_shape(x, (x.size,))), 0
    along = axis_of(axis, x.ndim, function)
    return native.contiguous(permuted(x, [*(i for i in range(x.ndim) if i != along), along])), along


def _moved_back(rows: Array, axis: int) -> Array:
    """The last axis in its own place again."""
    others = list(range(rows.ndim - 1))
    return permuted(rows, [*others[:axis], rows.ndim - 1, *others[axis:]])


def _order(rows: Array, descending: bool = False) -> Array:
    """The order that sorts each row."""
    if rows.dtype.kind != "c":
        return native.argsort(native.contiguous(as_words(rows)), descending=descending)
    real, imag = elementwise.real(rows), elementwise.imag(rows)
    nans = in_dtype(elementwise.isnan(real), np.int32) * 2 + in_dtype(elementwise.isnan(imag), np.int32)
    places = elementwise.negative(nans) if descending else nans  # those with NaN come last, as NumPy has it
    return _by_keys([imag, real, places], descending)


def _by_keys(keys: Sequence[Array], descending: bool = False) -> Array:
    """Sorts by the last key, equal ones by the one before it, and so on."""
    order = native.argsort(native.contiguous(as_words(keys[0])), descending=descending)
    for key in keys[1:]:
        now = native.contiguous(as_words(taken_from_rows(key, order)))
        order = taken_from_rows(order, native.argsort(now, descending=descending))
    return order


def lexsort(keys: Sequence[ArrayLike] | Array, axis: int = -1) -> Array:
    """Find the order that sorts by several keys.

    Args:
        keys: `Array` of equal shape, or one with an axis more in front. The last key counts most.
        axis: Along which axis.

    Returns:
        An int64 `Array` of the shape of a key.

    Raises:
        ShapeError: No keys, or keys of different shapes.
        RangeError: axis lies outside of a key.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.lexsort((vnp.asarray([1, 0, 2]), vnp.asarray([1, 1, 0]))).tolist()
        [2, 1, 0]
    """
    given = arrays_of(keys, "lexsort")
    shapes = {key.shape for key in given}
    if len(shapes) != 1:
        raise ShapeError.build(
            "BAD_SHAPE", "lexsort takes keys of one shape", expected="one key at least", got=str(sorted(shapes))
        )
    pairs = [_rows("lexsort", key, axis, None) for key in given]
    return _moved_back(_by_keys([rows for rows, _ in pairs]), pairs[0][1])


def partition(
    x: ArrayLike, /, kth: int | Sequence[int], axis: int | None = -1, kind: str = "introselect", order: None = None
) -> Array:
    """Put the k-th smallest elements where sorting would put them: here by sorting all of them.

    Args:
        x: `Array` of any dtype.
        kth: Places, counted from the end where negative.
        axis: Along which axis; None: of the flattened array.
        kind: Without effect.
        order: Refused.

    Returns:
        An `Array` of the dtype of x.

    Raises:
        RangeError: axis or a place lies outside of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.partition(vnp.asarray([3, 1, 2]), 1)[1].item()
        2
    """
    refuse("partition", order=order)
    return _with_places("partition", sort(x, axis), kth, axis)


def argpartition(
    x: ArrayLike, /, kth: int | Sequence[int], axis: int | None = -1, kind: str = "introselect", order: None = None
) -> Array:
    """Find an order as of `partition`, whose arguments and errors it has: here the one that sorts.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.argpartition(vnp.asarray([3, 1, 2]), 1).tolist()
        [1, 2, 0]
    """
    refuse("argpartition", order=order)
    return _with_places("argpartition", argsort(x, axis), kth, axis)


def _with_places(function: str, done: Array, kth: int | Sequence[int], axis: int | None) -> Array:
    count = done.shape[0 if axis is None else axis]
    for k in np.atleast_1d(kth):
        axis_of(k, count, f"{function}, kth")
    return done
