"""Where elements are: extremes, what is not zero, places in sorted values, the k largest."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import InputError, ShapeError
from vulkan_forge.numpy import _joining, _short
from vulkan_forge.numpy._arguments import check_real, refuse, taken, taken_from_rows, the_arrays
from vulkan_forge.numpy._checks import ArrayLike, Operand, axis_of, integer_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import as_words, in_dtype
from vulkan_forge.numpy._views import c_strides, in_shape, permuted

__all__ = [
    "argmax",
    "argmin",
    "argwhere",
    "flatnonzero",
    "nonzero",
    "searchsorted",
    "topk",
    "where",
]

elementwise = native.elementwise


def argmax(x: ArrayLike, /, axis: int | None = None, out: None = None, *, keepdims: bool = False) -> Array:
    """Find the place of the largest element; the first of several, and NaN wins.

    Args:
        x: `Array` of bool, integers or real floats.
        axis: An axis; None: of the flattened array.
        out: Refused.
        keepdims: Leave an extent of 1 where the axis was.

    Returns:
        An int64 `Array`.

    Raises:
        ShapeError: No element to choose from.
        DtypeError: x is complex.
        RangeError: axis lies outside of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.argmax(vnp.asarray([[1, 9], [8, 2]]), axis=1).tolist()
        [1, 0]
    """
    return _place("argmax", x, axis, out, keepdims)


def argmin(x: ArrayLike, /, axis: int | None = None, out: None = None, *, keepdims: bool = False) -> Array:
    """Find the place of the smallest element. Arguments and errors as for `argmax`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.argmin(vnp.asarray([3, 1, 2])).item()
        1
    """
    return _place("argmin", x, axis, out, keepdims)


def _place(function: str, x: ArrayLike, axis: int | None, out: None, keepdims: bool) -> Array:
    refuse(function, out=out)
    x = array_of(x, function)
    check_real(function, x)
    along = None if axis is None else axis_of(axis, x.ndim, function)
    if along is not None and _short.is_short(x, along, function):
        return _short.place(x, function, along, keepdims)
    return native.reduce(native.contiguous(as_words(x)), function, axis=along, keepdims=bool(keepdims))


def flatnonzero(x: ArrayLike, /) -> Array:
    """Find the elements that are not zero, in the flattened array.

    Args:
        x: `Array` of any dtype and shape.

    Returns:
        An int64 `Array` of one axis, rising. The call waits for their number, which decides the shape.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.flatnonzero(vnp.asarray([[0, 1], [2, 0]])).tolist()
        [1, 2]
    """
    return native.nonzero(native.contiguous(as_words(array_of(x, "flatnonzero"))))


def nonzero(x: ArrayLike, /) -> tuple[Array, ...]:
    """Find the elements that are not zero.

    Args:
        x: `Array` of any dtype with 1 or more axes.

    Returns:
        For each axis an int64 `Array` of their places along it, in C order. The call waits for their number.

    Raises:
        ShapeError: x has no axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [places.tolist() for places in vnp.nonzero(vnp.asarray([[0, 1], [2, 0]]))]
        [[0, 1], [1, 0]]
    """
    x = array_of(x, "nonzero")
    if x.ndim == 0:
        raise ShapeError.build("BAD_SHAPE", "nonzero of an array without axes", mend="reshape it to (1,)")
    flat = flatnonzero(x)
    if x.ndim == 1:
        return (flat,)
    steps = c_strides(x.shape, 1)
    return tuple(flat // step % n for step, n in zip(steps, x.shape, strict=True))


def argwhere(x: ArrayLike, /) -> Array:
    """Find the elements that are not zero: a row of places for each.

    Args:
        x: `Array` of any dtype and shape.

    Returns:
        An int64 `Array` of shape (elements, axes of x). The call waits for their number.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.argwhere(vnp.asarray([[0, 1], [2, 0]])).tolist()
        [[0, 1], [1, 0]]
    """
    x = array_of(x, "argwhere")
    if x.ndim == 0:
        return native.full((flatnonzero(x).size, 0), 0, np.dtype(np.int64), x.device)
    return _joining.stack(nonzero(x), axis=1)


def where(condition: ArrayLike, x: Operand | None = None, y: Operand | None = None, /) -> Array | tuple[Array, ...]:
    """Choose between two values, one by one; given a condition alone, as `nonzero`.

    Args:
        condition: `Array` of any dtype; what is not zero chooses x.
        x: `Array` or number; broadcasts with the others.
        y: The same.

    Returns:
        An `Array` of the dtype that x and y are promoted to.

    Raises:
        InputError: One of x and y is missing.
        ShapeError: The shapes do not broadcast.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> x = vnp.asarray([-1, 2])
        >>> vnp.where(x > 0, x, 0).tolist()
        [0, 2]
    """
    if (x is None) != (y is None):
        raise InputError.build("INVALID_ARGUMENT", "where needs both values, or none", got="one")
    if x is None or y is None:
        return nonzero(condition)
    return elementwise.where(_chosen(condition), x, y)


def _chosen(condition: ArrayLike) -> Any:
    """What is not zero, as bool."""
    if isinstance(condition, Array):
        return condition if condition.dtype == np.bool_ else elementwise.not_equal(condition, 0)
    return bool(condition) if isinstance(condition, (int, float, complex, np.number)) else condition


def searchsorted(x1: ArrayLike, x2: Operand, /, side: str = "left", sorter: ArrayLike | None = None) -> Array:
    """Find where values would go into a sorted array, so that it stays sorted.

    Args:
        x1: `Array` of one axis, real and rising; NaN counts as largest.
        x2: The values: `Array` of any shape, or a number.
        side: "left": before equal values; "right": behind them.
        sorter: Integers that sort x1, as `argsort` gives; None where x1 is sorted.

    Returns:
        An int64 `Array` of the shape of x2.

    Raises:
        ShapeError: x1 has not one axis, or sorter another shape.
        InputError: side is neither.
        DtypeError: Complex numbers.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.searchsorted(vnp.asarray([1, 2, 2, 3]), vnp.asarray([2, 5])).tolist()
        [1, 4]
    """
    table, values = the_arrays("searchsorted", x1, x2)
    check_real("searchsorted", table, values)
    if table.ndim != 1:
        raise ShapeError.build(
            "BAD_SHAPE", "searchsorted takes a sorted sequence", expected="one axis", got=str(table.shape)
        )
    if side not in ("left", "right"):
        raise InputError.build("INVALID_ARGUMENT", "no such side", expected="left or right", got=repr(side))
    common = np.result_type(table.dtype, values.dtype)
    table, values = native.contiguous(in_dtype(table, common)), in_dtype(values, common)
    if sorter is not None:
        order = array_of(sorter, "searchsorted", table.device)
        if order.shape != table.shape:
            raise ShapeError.build(
                "BAD_SHAPE", "sorter does not fit the sequence", expected=str(table.shape), got=str(order.shape)
            )
        table = native.gather(table, native.contiguous(order))
    return in_dtype(_places(table, values, side), np.int64)


def _places(table: Array, values: Array, side: str) -> Array:
    """Binary search by steps of powers of two, all values at once: as many steps as the length has bits."""
    count = table.shape[0]
    place = native.full(values.shape, 0, np.dtype(np.int32 if count < 2**31 else np.int64), table.device)
    for bit in reversed(range(count.bit_length())):
        further = place + (1 << bit)
        seen = taken(table, elementwise.minimum(further, count) - 1)
        before = _less(seen, values) if side == "left" else elementwise.logical_not(_less(values, seen))
        place = elementwise.where(elementwise.logical_and(further <= count, before), further, place)
    return place


def _less(a: Array, b: Array) -> Array:
    """In the order of sorting, in which NaN is the largest."""
    less = elementwise.less(a, b)
    if a.dtype.kind != "f":
        return less
    return elementwise.logical_or(
        less, elementwise.logical_and(elementwise.isnan(b), elementwise.logical_not(elementwise.isnan(a)))
    )


class TopK(NamedTuple):
    """What `topk` gives."""

    values: Array
    indices: Array


def topk(x: ArrayLike, k: int, /, axis: int | None = -1, *, largest: bool = True) -> TopK:
    """Find the k largest or smallest elements, in order.

    Args:
        x: `Array` of bool, integers or real floats.
        k: How many.
        axis: Along which axis; None: of the flattened array.
        largest: False for the smallest. NaN comes last either way.

    Returns:
        `values` and int64 `indices`, with k entries along axis; of equal elements the first come first.

    Raises:
        InputError: k is negative, or there are fewer elements.
        DtypeError: x is complex.
        RangeError: axis lies outside of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.topk(vnp.asarray([3, 9, 5]), 2).indices.tolist()
        [1, 2]
    """
    x = array_of(x, "topk")
    check_real("topk", x)
    if axis is None:
        x, axis = in_shape(x, (x.size,)), 0
    along = axis_of(axis, x.ndim, "topk")
    count = x.shape[along]
    k = integer_of(k, "topk: k")
    if not 0 <= k <= count:
        raise InputError.build("INVALID_ARGUMENT", "topk cannot give so many", expected=f"0 to {count}", got=str(k))
    order = [*(i for i in range(x.ndim) if i != along), along]
    rows = native.contiguous(permuted(x, order))
    indices = native.argsort(rows, descending=largest)[..., :k]
    values = taken_from_rows(rows, indices)
    back = [order.index(i) for i in range(x.ndim)]
    return TopK(permuted(values, back), permuted(indices, back))
