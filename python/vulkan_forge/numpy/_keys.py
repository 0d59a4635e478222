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
from vulkan_forge.numpy._axes import moveaxis
from vulkan_forge.numpy._checks import ArrayLike, broadcast_shape, numpys_errors, size_of
from vulkan_forge.numpy._conversion import array_of, asarray
from vulkan_forge.numpy._dtypes import as_words, dtype_of_number, in_dtype, is_weak, result_type
from vulkan_forge.numpy._gather import compacted, gathered, picked
from vulkan_forge.numpy._views import in_shape, is_contiguous, permuted, widened

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
    return read(found.view, found.indices, found.place) if found.indices else found.view


def setitem(x: Array, key: Any, value: ArrayLike) -> None:
    """x[key] = value for keys with index arrays or masks."""
    mask = _whole_mask(x, key)
    if mask is not None and _same_for_all(value, x.ndim - mask.ndim):
        where = in_shape(mask, mask.shape + (1,) * (x.ndim - mask.ndim))
        x[...] = elementwise.where(where, _value_for(x, value, x.shape[mask.ndim :]), x)  # lazy where x has no views
        return
    found = _understood(x, key)
    if found.indices:
        write(found.view, found.indices, found.place, value)
    else:
        native.assign(found.view, _value_for(x, value, found.view.shape))


def setitem_by(op: str, x: Array, key: Any, value: ArrayLike) -> None:
    """What np.add.at and its kin do: "add", "min" or "max", where a position that comes twice counts twice."""
    found = _understood(x, key)
    if found.indices:
        write(found.view, found.indices, found.place, value, op)
        return
    combined = {"add": elementwise.add, "min": elementwise.minimum, "max": elementwise.maximum}[op](found.view, value)
    native.assign(found.view, combined)


def _whole_mask(x: Array, key: Any) -> Array | None:
    """The mask of a key that is one mask over the first axes of x, and of one or more."""
    if isinstance(key, tuple) and len(key) == 1:
        (key,) = key
    if isinstance(key, list):
        key = array_in(key)
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


def array_in(item: Any) -> HostOrDevice:
    """The index array in a list, or any other sequence."""
    if _on_device(item):
        return asarray(item)
    values = np.asarray(item)
    return values.astype(np.int32) if values.size == 0 and values.dtype == float else values


def _on_device(item: Any) -> bool:
    return isinstance(item, Array) or (isinstance(item, (list, tuple)) and any(map(_on_device, item)))


def part_of(item: Any) -> Any:
    """One part of a key: an int, a slice, None, Ellipsis, or an array of integers or bool."""
    if item is None or item is Ellipsis or isinstance(item, slice):
        return item
    if isinstance(item, (bool, np.bool_)):
        return np.asarray(item)
    if not isinstance(item, (Array, np.ndarray)):  # an array without axes reads a copy, an integer makes a view
        with contextlib.suppress(TypeError):
            return operator.index(item)
    values = item if isinstance(item, Array) else array_in(item)
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
    parts = [part_of(item) for item in (key if isinstance(key, tuple) else (key,))]
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
            indices.append(index_of(part, x.shape, axis, at))
            at += max(taken, 1)
        else:
            basic.append(part)
            at += part is not Ellipsis and not advanced
        axis += taken
    whole = all(isinstance(part, slice) and part == slice(None) for part in basic)
    return Key(x if whole else x[tuple(basic)], indices, runs[0] if len(runs) == 1 else 0)


def index_of(part: HostOrDevice, extents: Sequence[int], axis: int, at: int) -> Index:
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
    if size_of(shape) == 0:  # no index is used, so none is wrong but numbers, which NumPy looks at all the same
        numbers = [
            i for i, index in enumerate(indices) if isinstance(index.values, np.ndarray) and not index.values.ndim
        ]
        _flat_on_host([indices[i] for i in numbers], [extents[i] for i in numbers])
        return Index(np.zeros(shape, np.int32), axes, safe=True)
    if not any(isinstance(index.values, Array) for index in indices):
        return Index(_flat_on_host(indices, extents), axes, safe=True)
    if len(indices) == 1:
        values, safe = _wide(indices[0].values), indices[0].safe
        if view.size == 0 and not safe:  # nothing will be gathered, which would check
            check_inside([(values, extents[0])])
        return Index(values, axes, safe)
    on_device = [(sent(index.values, view), n, index.safe) for index, n in zip(indices, extents, strict=True)]
    check_inside([(values, n) for values, n, safe in on_device if not safe])
    word = _word(size_of(extents))
    flat = in_dtype(_from_front(*on_device[0][:2]), word)
    for values, n, _ in on_device[1:]:
        flat = flat * n + in_dtype(_from_front(values, n), word)
    return Index(flat, axes, safe=True)


def _word(extent: int) -> Any:
    """The smaller integer dtype that counts so far."""
    return np.int32 if extent < 2**31 else np.int64


def sent(values: HostOrDevice, like: Array) -> Array:
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


def _outside(value: int, extent: int, from_end: bool = True) -> RangeError:
    wanted = f"{-extent if from_end else 0} to {extent - 1}" if extent else "no index: the axis is empty"
    return RangeError.build("OUT_OF_RANGE", "an index lies outside of its axis", expected=wanted, got=str(value))


def check_inside(indices: Sequence[tuple[Array, int]], from_end: bool = True) -> None:
    """The device looks at all index arrays, whose negative ones count from the end; the call waits for its answer."""
    found = [(values, n, _misses(values, n, -n if from_end else 0)) for values, n in indices if values.size]
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
            raise _outside(int(wrong.flat[0]), n, from_end)


def _misses(values: Array, extent: int, least: int) -> Array:
    high = elementwise.greater_equal(values, extent)
    return high if values.dtype.kind == "u" else elementwise.logical_or(high, elementwise.less(values, least))


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


def read(view: Array, indices: Sequence[Index], place: int) -> Array:
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
        made = gathered(table, sent(flat.values, view), axis, _mode(flat))
    return _moved(made, len(flat.values.shape), axis, place)


def _picked_out(table: Array, flat: Index) -> Array:
    """Elements one by one, as part of an expression with the positions before it and what comes of them."""
    places = sent(flat.values, table)
    if not flat.safe:
        check_inside([(places, table.size)])
        places = _from_front(places, table.size)
    return native.gathered(table, places)


def write(view: Array, indices: Sequence[Index], place: int, value: ArrayLike, op: str = "set") -> None:
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
    made = new_values(x, value, "x[key] = value")
    more = made.ndim - len(shape)
    if more > 0 and set(made.shape[:more]) == {1}:
        made = in_shape(made, made.shape[more:])
    if made.ndim > len(shape) or broadcast_shape(made.shape, shape) != tuple(shape):
        raise ShapeError.build(
            "BAD_SHAPE", "x[key] = value: the shapes do not fit", expected=str(tuple(shape)), got=str(made.shape)
        )
    return in_dtype(made, x.dtype)


def new_values(x: Array, value: ArrayLike, what: str) -> Array:
    """What is to be written into x. Python's numbers take its dtype: an integer that does not fit is refused."""
    if isinstance(value, (int, float, complex, np.generic)):
        dtype = result_type(x, value) if is_weak(value) else dtype_of_number(value, x.device)
        return native.full((), value, dtype, device=x.device)
    if isinstance(value, (list, tuple)) and not _on_device(value):
        with numpys_errors(what):
            return native.asarray(np.asarray(value, x.dtype), device=x.device)
    return array_of(value, what, x.device)


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
    at = native.contiguous(sent(flat.values, base))
    native.scatter(table, at, native.contiguous(in_dtype(values, words.dtype)), axis=axis, op=op, mode=_mode(flat))
    if not shared:
        native.assign(base, in_shape(table, base.shape))


def _kept(x: Array, mask: Array) -> Array:
    """The entries of the first axes whose mask is set."""
    rest = x.shape[mask.ndim :]
    if x.size == 0:
        return native.empty((nonzero_of(mask).size, *rest), dtype=x.dtype, device=x.device)
    return compacted(in_shape(x, (mask.size, *rest)), in_shape(mask, (mask.size,)))
