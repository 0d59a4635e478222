"""Reading and writing elements by index arrays and masks, as NumPy's advanced indexing.

C++ serves keys of integers, slices, None and Ellipsis as views. A key that holds an Array, an ndarray, a list or a bool
comes here. It is split into a view, for its basic parts, and the index arrays for the axes that are left; those axes
are made one, and one flat position for each element of the result is gathered or scattered. What is read so is a new
array.

Index arrays on the host are checked on the host. Of those on the device the device finds whether one lies outside, and
the call waits for that. A mask makes the call wait for the count of its elements, except where x[mask] = value can be
computed as where(mask, value, x).
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import DtypeError, InputError, RangeError, ShapeError
from vulkan_forge.numpy._checks import ArrayLike, Operand, Scalar, axis_of, broadcast_shape, shape_of, size_of
from vulkan_forge.numpy._creation import array_of, arrays_of, asarray, upload
from vulkan_forge.numpy._dtypes import as_words, dtype_of_number, in_dtype
from vulkan_forge.numpy._manipulation import compacted, gathered, moveaxis, picked
from vulkan_forge.numpy._views import diagonal_of, in_shape, is_contiguous, permuted, widened

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
HostOrDevice = Array | np.ndarray[Any, Any]


class Index(NamedTuple):
    """Flat positions in a run of axes."""

    values: HostOrDevice  # integers
    axes: tuple[int, ...]  # neighbours
    safe: bool = False  # known to lie inside


class Key(NamedTuple):
    """A key that is understood."""

    view: Array  # what its basic parts leave
    indices: list[Index]  # into axes of the view
    place: int  # where the axes of the indices stand in the result


# ------------------------------------------------------------------ understanding a key


def getitem(x: Array, key: Any) -> Array:
    """x[key] for keys with index arrays or masks: a new array."""
    mask = _whole_mask(x, key)
    if mask is not None:
        return _kept(x, mask)
    found = _understood(x, key)
    return _read(found.view, found.indices, found.place) if found.indices else found.view


def setitem(x: Array, key: Any, value: ArrayLike) -> None:
    """x[key] = value for keys with index arrays or masks."""
    mask = _whole_mask(x, key)
    if mask is not None and _same_for_all(value, x.ndim - mask.ndim):
        where = in_shape(mask, mask.shape + (1,) * (x.ndim - mask.ndim))
        x[...] = elementwise.where(where, _value_for(x, value, x.shape[mask.ndim :]), x)  # lazy where x has no views
        return
    found = _understood(x, key)
    if found.indices:
        _write(found.view, found.indices, found.place, value)
    else:
        native.assign(found.view, _value_for(x, value, found.view.shape))


def setitem_by(op: str, x: Array, key: Any, value: ArrayLike) -> None:
    """What np.add.at and its kin do: "add", "min" or "max", where a position that comes twice counts twice."""
    found = _understood(x, key)
    if found.indices:
        _write(found.view, found.indices, found.place, value, op)
        return
    combined = {"add": elementwise.add, "min": elementwise.minimum, "max": elementwise.maximum}[op](found.view, value)
    native.assign(found.view, combined)


def _whole_mask(x: Array, key: Any) -> Array | None:
    """The mask of a key that is one mask over the first axes of x, and of one or more."""
    if isinstance(key, tuple) and len(key) == 1:
        (key,) = key
    if isinstance(key, list):
        key = _array_in(key)
    if not isinstance(key, (Array, np.ndarray)) or key.dtype != bool or not 0 < key.ndim <= x.ndim:
        return None
    _check_mask(key, x.shape, 0)
    return key if isinstance(key, Array) else native.asarray(key, device=x.device)


def _same_for_all(value: ArrayLike, rest: int) -> bool:
    """Whether every element of a mask gets the same, a number or values along the last `rest` axes."""
    extents = value.shape if isinstance(value, Array) else np.shape(value)
    return set(extents[: max(len(extents) - rest, 0)]) <= {1}


def _check_mask(mask: HostOrDevice, extents: Sequence[int], axis: int) -> None:
    wanted = tuple(extents[axis : axis + mask.ndim])
    if mask.shape != wanted:
        raise ShapeError.build(
            "BAD_SHAPE", "a mask does not fit the axes that it stands for", expected=str(wanted), got=str(mask.shape)
        )


def _array_in(item: Any) -> HostOrDevice:
    """The index array in a list, or any other sequence."""
    if _on_device(item):
        return asarray(item)
    values = np.asarray(item)
    return values.astype(np.int32) if values.size == 0 and values.dtype == float else values


def _on_device(item: Any) -> bool:
    return isinstance(item, Array) or (isinstance(item, (list, tuple)) and any(map(_on_device, item)))


def _part(item: Any) -> Any:
    """One part of a key: an int, a slice, None, Ellipsis, or an array of integers or bool."""
    if item is None or item is Ellipsis or isinstance(item, slice):
        return item
    if isinstance(item, (bool, np.bool_)):
        return np.asarray(item)
    if not isinstance(item, Array):
        with contextlib.suppress(TypeError):
            return operator.index(item)
    values = item if isinstance(item, Array) else _array_in(item)
    if values.dtype.kind not in "iub":
        raise DtypeError.build(
            "BAD_DTYPE", "arrays in a key are integers or bool", expected="integers or bool", got=str(values.dtype)
        )
    return values


def _axes_taken(part: Any) -> int:
    if part is None or part is Ellipsis:
        return 0
    return part.ndim if isinstance(part, (Array, np.ndarray)) and part.dtype == bool else 1


def _parts(x: Array, key: Any) -> list[Any]:
    """The parts of a key, which take every axis of x; an Ellipsis is left where it takes none."""
    parts = [_part(item) for item in (key if isinstance(key, tuple) else (key,))]
    dots = [i for i, part in enumerate(parts) if part is Ellipsis]
    left = x.ndim - sum(map(_axes_taken, parts))
    if len(dots) > 1:
        raise InputError.build("INVALID_ARGUMENT", "a key has one Ellipsis at most", got=str(len(dots)))
    if left < 0:
        raise RangeError.build("OUT_OF_RANGE", "too many indices", expected=f"{x.ndim} at most", got=str(x.ndim - left))
    at = dots[0] if dots else len(parts)
    between = [slice(None)] * left or parts[at : at + 1]  # an Ellipsis of no axes still stands between its neighbours
    return parts[:at] + between + parts[at + 1 :]


def _understood(x: Array, key: Any) -> Key:
    """A key's basic parts made a view, the others index arrays into it, as NumPy reads them."""
    basic: list[Any] = []
    indices: list[Index] = []
    runs: list[
        int
    ] = []  # where index arrays, and ints, which count as such, follow one another: axes in front of each run
    axis = at = 0  # of x; of the view
    inside = False
    for part in _parts(x, key):
        taken = _axes_taken(part)
        advanced = isinstance(part, (int, Array, np.ndarray))
        if advanced and not inside:
            runs.append(at)
        inside = advanced
        if isinstance(part, (Array, np.ndarray)):
            basic += [slice(None)] * taken if taken else [None]
            indices.append(_index_of(part, x.shape, axis, at))
            at += max(taken, 1)
        else:
            basic.append(part)
            at += part is not Ellipsis and not advanced
        axis += taken
    whole = all(isinstance(part, slice) and part == slice(None) for part in basic)
    return Key(x if whole else x[tuple(basic)], indices, runs[0] if len(runs) == 1 else 0)


def _index_of(part: HostOrDevice, extents: Sequence[int], axis: int, at: int) -> Index:
    """An index array for axes of the view, which start at `at`."""
    if part.dtype != bool:
        return Index(part, (at,))
    if part.ndim == 0:  # takes a new axis of extent 1, or nothing of it
        return Index(np.zeros(int(part.item()), np.int32), (at,), safe=True)
    _check_mask(part, extents, axis)
    flat = np.flatnonzero(part) if isinstance(part, np.ndarray) else nonzero_of(part)
    return Index(flat, tuple(range(at, at + part.ndim)), safe=True)


def nonzero_of(mask: Array) -> Array:
    """Flat positions of the elements that are not zero. The call waits for their count."""
    return native.nonzero(native.contiguous(as_words(mask)))


# ------------------------------------------------------------------ flat positions


def _flat(view: Array, indices: Sequence[Index]) -> Index:
    """One index into the axes of all of them, counted as one axis."""
    axes = tuple(axis for index in indices for axis in index.axes)
    extents = [size_of(view.shape[axis] for axis in index.axes) for index in indices]
    shape = broadcast_shape(*(index.values.shape for index in indices))
    if size_of(shape) == 0:  # no index is used, so none is wrong
        return Index(np.zeros(shape, np.int32), axes, safe=True)
    if not any(isinstance(index.values, Array) for index in indices):
        return Index(_flat_on_host(indices, extents), axes, safe=True)
    if len(indices) == 1:
        values, safe = _wide(indices[0].values), indices[0].safe
        if view.size == 0 and not safe:  # nothing will be gathered, which would check
            _check_inside([(values, extents[0])])
        return Index(values, axes, safe)
    on_device = [(_sent(index.values, view), n, index.safe) for index, n in zip(indices, extents, strict=True)]
    _check_inside([(values, n) for values, n, safe in on_device if not safe])
    word = _word(size_of(extents))
    flat = in_dtype(_from_front(*on_device[0][:2]), word)
    for values, n, _ in on_device[1:]:
        flat = flat * n + in_dtype(_from_front(values, n), word)
    return Index(flat, axes, safe=True)


def _word(extent: int) -> Any:
    """The smaller integer dtype that counts so far."""
    return np.int32 if extent < 2**31 else np.int64


def _sent(values: HostOrDevice, like: Array) -> Array:
    """An index array on the device, in a dtype that gather takes."""
    if isinstance(values, Array):
        return _wide(values)
    fits = values.size == 0 or -(2**31) <= values.min() <= values.max() < 2**31
    return native.asarray(values.astype(np.int32 if fits else np.int64), device=like.device)


def _wide(values: Any) -> Array:
    found: Array = values
    return in_dtype(found, np.int32) if found.dtype.itemsize < 4 else found


def _from_front(values: Array, extent: int) -> Array:
    """Negative positions counted from the front."""
    if values.dtype.kind == "u":
        return values
    return elementwise.where(elementwise.less(values, 0), elementwise.add(values, extent), values)


def _flat_on_host(indices: Sequence[Index], extents: Sequence[int]) -> np.ndarray[Any, Any]:
    flat: Any = np.zeros((), np.int64)
    for index, n in zip(indices, extents, strict=True):
        values: Any = index.values
        outside = (values < -n) | (values >= n)
        if outside.any():
            raise _outside(int(values[outside][0]), n)
        values = values.astype(np.int64)
        flat = flat * n + np.where(values < 0, values + n, values)
    return np.asarray(flat)


def _outside(value: int, extent: int) -> RangeError:
    wanted = f"{-extent} to {extent - 1}" if extent else "no index: the axis is empty"
    return RangeError.build("OUT_OF_RANGE", "an index lies outside of its axis", expected=wanted, got=str(value))


def _check_inside(indices: Sequence[tuple[Array, int]]) -> None:
    """The device looks at all index arrays; the call waits for its answer."""
    found = [(values, n, _misses(values, n)) for values, n in indices if values.size]
    if not found:
        return
    worst = found[0][2]
    for _, _, misses in found[1:]:
        worst = elementwise.logical_or(worst, misses)
    if not native.reduce(native.contiguous(in_dtype(worst, np.int32)), "max").item():
        return
    for values, n, misses in found:
        wrong = np.asarray(values)[np.asarray(misses)]
        if wrong.size:
            raise _outside(int(wrong.flat[0]), n)


def _misses(values: Array, extent: int) -> Array:
    high = elementwise.greater_equal(values, extent)
    return high if values.dtype.kind == "u" else elementwise.logical_or(high, elementwise.less(values, -extent))


# ------------------------------------------------------------------ reading and writing


def _in_one(view: Array, axes: Sequence[int]) -> tuple[Array, int]:
    """The view with the indexed axes as neighbours, and where they start: in their place if they are, else in front."""
    if tuple(axes) == tuple(range(axes[0], axes[0] + len(axes))):
        return view, axes[0]
    others = [axis for axis in range(view.ndim) if axis not in axes]
    return permuted(view, (*axes, *others)), 0


def _around(base: Array, axis: int, count: int, between: Sequence[int]) -> tuple[int, ...]:
    """The shape with other extents in the place of some axes."""
    return (*base.shape[:axis], *between, *base.shape[axis + count :])


def _moved(x: Array, count: int, source: int, target: int) -> Array:
    return moveaxis(x, tuple(range(source, source + count)), tuple(range(target, target + count)))


def _mode(index: Index) -> str:
    return "clip" if index.safe else "raise"


def _read(view: Array, indices: Sequence[Index], place: int) -> Array:
    flat = _flat(view, indices)
    base, axis = _in_one(view, flat.axes)
    shape = _around(base, axis, len(flat.axes), flat.values.shape)
    if size_of(shape) == 0:
        made = native.empty(shape, dtype=view.dtype, device=view.device)
    else:
        extent = size_of(view.shape[i] for i in flat.axes)
        table = in_shape(base, _around(base, axis, len(flat.axes), (extent,)))
        if table.ndim == 1 and is_contiguous(table):
            return _picked_out(table, flat)
        made = gathered(table, _sent(flat.values, view), axis, _mode(flat))
    return _moved(made, len(flat.values.shape), axis, place)


def _picked_out(table: Array, flat: Index) -> Array:
    """Elements one by one, as part of an expression with the positions before it and what comes of them."""
    places = _sent(flat.values, table)
    if not flat.safe:
        _check_inside([(places, table.size)])
        places = _from_front(places, table.size)
    return native.gathered(table, places)


def _write(view: Array, indices: Sequence[Index], place: int, value: ArrayLike, op: str = "set") -> None:
    flat = _flat(view, indices)
    base, axis = _in_one(view, flat.axes)
    count = len(flat.values.shape)
    shape = _around(base, axis, len(flat.axes), flat.values.shape)
    others = shape[:axis] + shape[axis + count :]
    given = (*others[:place], *flat.values.shape, *others[place:])
    values = _value_for(view, value, given)
    if size_of(shape) == 0:
        return
    if values.size == 1:
        _scatter(base, axis, flat, in_shape(values, ()), op)
        return
    own = (1,) * (len(given) - values.ndim) + values.shape
    new = _moved(widened(values, given), count, place, axis)
    distinct = len(indices) == 1 and indices[0].safe  # out of a mask
    if op == "set" and not distinct and set(own[place : place + count]) - {1}:
        flat, new = _last_of_each(base, axis, flat, new)
    _scatter(base, axis, flat, new, op)


def _value_for(x: Array, value: ArrayLike, shape: Sequence[int]) -> Array:
    """What is to be written, in the dtype of x; extents of 1 in front do not count."""
    made = (
        _number(value, x)
        if isinstance(value, (int, float, complex, np.generic))
        else array_of(value, "x[key] = value", x.device)
    )
    more = made.ndim - len(shape)
    if more > 0 and set(made.shape[:more]) == {1}:
        made = in_shape(made, made.shape[more:])
    if made.ndim > len(shape) or broadcast_shape(made.shape, shape) != tuple(shape):
        raise ShapeError.build(
            "BAD_SHAPE", "x[key] = value: the shapes do not fit", expected=str(tuple(shape)), got=str(made.shape)
        )
    return in_dtype(made, x.dtype)


def _number(value: Scalar, like: Array) -> Array:
    return native.full((), value, dtype_of_number(value, like.device), device=like.device)


def _extent(base: Array, axis: int, flat: Index) -> int:
    return size_of(base.shape[axis : axis + len(flat.axes)])


def _last_of_each(base: Array, axis: int, flat: Index, values: Array) -> tuple[Index, Array]:
    """Where a position comes more than once its last value counts, as in NumPy: all of them get that one."""
    count, shape = size_of(flat.values.shape), values.shape
    rows = in_shape(values, (*shape[:axis], count, *shape[axis + len(flat.values.shape) :]))
    if isinstance(flat.values, np.ndarray):
        places = flat.values.reshape(-1)
        _, first = np.unique(places[::-1], return_index=True)
        if first.size == count:
            return flat, values
        last = count - 1 - first
        return flat._replace(values=places[last]), picked(rows, last, axis)
    at = native.contiguous(in_shape(flat.values, (count,)))
    if count == 1:
        return flat, values
    latest = native.copy(native.full((_extent(base, axis, flat),), -1, np.int32, device=base.device))
    order = native.asarray(np.arange(count, dtype=np.int32), device=base.device)
    native.scatter(latest, at, order, op="max", mode=_mode(flat))
    return flat._replace(values=at), gathered(rows, native.gather(latest, at, mode=_mode(flat)), axis, "raise")


def _scatter(base: Array, axis: int, flat: Index, values: Array, op: str) -> None:
    """Into the memory of base where it lies in one piece, else into a copy that is written back."""
    words = as_words(base)
    shared = words is base and is_contiguous(base)
    table = in_shape(
        base if shared else native.copy(words), _around(base, axis, len(flat.axes), (_extent(base, axis, flat),))
    )
    at = native.contiguous(_sent(flat.values, base))
    native.scatter(table, at, native.contiguous(in_dtype(values, words.dtype)), axis=axis, op=op, mode=_mode(flat))
    if not shared:
        native.assign(base, in_shape(table, base.shape))


def _kept(x: Array, mask: Array) -> Array:
    """The entries of the first axes whose mask is set."""
    rest = x.shape[mask.ndim :]
    if x.size == 0:
        return native.empty((nonzero_of(mask).size, *rest), dtype=x.dtype, device=x.device)
    return compacted(in_shape(x, (mask.size, *rest)), in_shape(mask, (mask.size,)))


# ------------------------------------------------------------------ functions


def _integers(indices: Any, what: str) -> HostOrDevice:
    values = indices if isinstance(indices, Array) else _array_in(indices)
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
        return _read(given, [Index(at, (axis,))], axis)
    return gathered(given, _sent(at, given), axis, mode)


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
    return _read(given, at, 0)


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
    _write(given, at, 0, values)


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
    new = array_of(values, "put", x.device)
    if not x.ndim:
        x = x[None]
    if new.size and count:
        flat = at.reshape(-1) if isinstance(at, np.ndarray) else in_shape(at, (count,))
        _write(x, [Index(flat, tuple(range(x.ndim)))], 0, _again(new, count))


def _again(values: Array, count: int) -> Array:
    """So many of the values, from the first again after the last; one value as it is."""
    flat = in_shape(values, (values.size,))
    return flat if flat.size in (1, count) else picked(flat, np.resize(np.arange(flat.size), count), 0)


def _flat_mask(mask: Any, like: Array) -> Array:
    made = array_of(mask, "a mask", like.device)
    flat = in_shape(made, (made.size,))
    return flat if flat.dtype == bool else elementwise.not_equal(flat, 0)


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
    put(x, nonzero_of(_flat_mask(mask, x)), values)


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
    new = _again(array_of(values, "putmask", x.device), x.size)
    new = in_shape(new, x.shape if new.size == x.size else ())
    where = in_shape(_flat_mask(mask, x), x.shape)
    x[...] = elementwise.where(where, in_dtype(new, x.dtype), x)


def copyto(x: Array, values: ArrayLike, *, where: ArrayLike = True) -> None:
    """Writes values into an array, where a mask is set.

    Args:
        x: An `Array`, which is changed.
        values: What to write; they broadcast.
        where: bool, which broadcasts; True by default.

    Raises:
        ShapeError: The shapes do not fit.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> x = vnp.zeros(2)
        >>> vnp.copyto(x, 3)
        >>> x.tolist()
        [3.0, 3.0]
    """
    new = array_of(values, "copyto", x.device)
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
    native.assign(line, array_of(value, "fill_diagonal", x.device))


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

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.compress([False, True], vnp.asarray([[1, 2], [3, 4]]), axis=0).tolist()
        [[3, 4]]
    """
    given = array_of(x, "compress")
    return take(given, nonzero_of(_flat_mask(condition, given)), axis=axis)


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
    return compress(condition, x)


def choose(x: ArrayLike, choices: Sequence[ArrayLike] | Array) -> Array:
    """Of several arrays, at each place the element of the one that x names.

    Args:
        x: Integers, 0 to len(choices) - 1.
        choices: Arrays and numbers that broadcast with x.

    Raises:
        RangeError: A number names no array.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.choose(vnp.asarray([0, 1]), [vnp.asarray([1, 2]), 9]).tolist()
        [1, 9]
    """
    given, options = array_of(x, "choose"), list(choices)
    _check_inside([(given, len(options))])
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
        part = _part(one)
        if not isinstance(part, (Array, np.ndarray)) or len(part.shape) != 1:
            raise ShapeError.build("BAD_SHAPE", "ix_ takes sequences", expected="one axis", got=str(np.shape(one)))
        index = _index_of(part, part.shape, 0, 0) if part.dtype == bool else Index(part, (0,))
        values = index.values if isinstance(index.values, Array) else asarray(index.values.astype(np.int32))
        made.append(in_shape(values, (1,) * i + (values.size,) + (1,) * (len(sequences) - 1 - i)))
    return tuple(made)


def unravel_index(indices: Any, shape: int | Sequence[int]) -> tuple[Array, ...]:
    """Flat positions as one index array for each axis.

    Args:
        indices: Integers, 0 or more.
        shape: The shape that they count through.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.unravel_index(vnp.asarray([4]), (2, 3))]
        [[1], [1]]
    """
    left = array_of(indices, "unravel_index")
    made: list[Array] = []
    for extent in reversed(shape_of(shape)):
        made.insert(0, elementwise.remainder(left, extent))
        left = elementwise.floor_divide(left, extent)
    return tuple(made)


def ravel_multi_index(multi_index: Sequence[ArrayLike], dims: Sequence[int]) -> Array:
    """One index array for each axis as flat positions.

    Args:
        multi_index: Integers, 0 or more.
        dims: The shape that they count through.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.ravel_multi_index(([1], [2]), (2, 3)).tolist()
        [5]
    """
    parts = arrays_of(multi_index, "ravel_multi_index")
    flat = parts[0]
    for part, extent in zip(parts[1:], dims[1:], strict=True):
        flat = flat * extent + part
    return flat


def diag_indices(n: int, ndim: int = 2) -> tuple[Array, ...]:
    """Index arrays of the main diagonal.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.diag_indices(2)]
        [[0, 1], [0, 1]]
    """
    return (asarray(range(n)),) * ndim


def tril_indices(n: int, k: int = 0, m: int | None = None) -> tuple[Array, ...]:
    """Index arrays of the places on and below the k-th diagonal of an n x m matrix.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.tril_indices(2)]
        [[0, 1, 1], [0, 0, 1]]
    """
    return tuple(upload(axis) for axis in np.tril_indices(n, k, m))


def triu_indices(n: int, k: int = 0, m: int | None = None) -> tuple[Array, ...]:
    """Index arrays of the places on and above the k-th diagonal of an n x m matrix.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.triu_indices(2)]
        [[0, 0, 1], [0, 1, 1]]
    """
    return tuple(upload(axis) for axis in np.triu_indices(n, k, m))


def diag_indices_from(x: Array) -> tuple[Array, ...]:
    """`diag_indices` for the shape of an array whose extents are equal.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.diag_indices_from(vnp.zeros((2, 2)))]
        [[0, 1], [0, 1]]
    """
    if len(set(x.shape)) != 1:
        raise ShapeError.build("BAD_SHAPE", "a diagonal goes through equal extents", got=str(x.shape))
    return diag_indices(x.shape[0], x.ndim)


def tril_indices_from(x: Array, k: int = 0) -> tuple[Array, ...]:
    """`tril_indices` for the shape of a matrix.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.tril_indices_from(vnp.zeros((2, 2)))]
        [[0, 1, 1], [0, 0, 1]]
    """
    return tril_indices(x.shape[0], k, x.shape[1])


def triu_indices_from(x: Array, k: int = 0) -> tuple[Array, ...]:
    """`triu_indices` for the shape of a matrix.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [axis.tolist() for axis in vnp.triu_indices_from(vnp.zeros((2, 2)))]
        [[0, 0, 1], [0, 1, 1]]
    """
    return triu_indices(x.shape[0], k, x.shape[1])
