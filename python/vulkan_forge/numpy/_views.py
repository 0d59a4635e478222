"""Views made of shapes and strides alone: nothing is copied, and writes show in the array they are taken of."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.numpy._checks import integer_of, size_of


def c_strides(shape: Sequence[int], itemsize: int) -> tuple[int, ...]:
    """Byte strides of a C-contiguous array."""
    strides, step = [], itemsize
    for extent in reversed(shape):
        strides.append(step)
        step *= max(extent, 1)
    return tuple(reversed(strides))


def is_contiguous(x: Array) -> bool:
    """True where the elements lie one after another in C order."""
    step = x.itemsize
    for extent, stride in zip(reversed(x.shape), reversed(x.strides), strict=True):
        if extent != 1:
            if stride != step:
                return x.size == 0
            step *= extent
    return True


def reshaped_strides(
    shape: Sequence[int], strides: Sequence[int], new: Sequence[int], itemsize: int
) -> tuple[int, ...] | None:
    """Strides that show the same elements in a new shape; None where no strides can.

    Axes of 1 aside, both shapes fall into groups of equal size; within a group the old axes must lie as one.
    """
    if size_of(shape) == 0:
        return c_strides(new, itemsize)
    old = [(extent, stride) for extent, stride in zip(shape, strides, strict=True) if extent != 1]
    made: list[int] = []
    at = 0
    for group in _groups([extent for extent, _ in old], new):
        members = old[at : at + group.old]
        at += group.old
        if any(a[1] != b[0] * b[1] for a, b in itertools.pairwise(members)):
            return None
        step = members[-1][1] if members else itemsize
        made += c_strides(group.new, step)
    return tuple(made)


class _Group(NamedTuple):
    """So many old axes that become these new extents."""

    old: int
    new: Sequence[int]


def _groups(old: Sequence[int], new: Sequence[int]) -> list[_Group]:
    groups: list[_Group] = []
    i = j = 0
    while j < len(new):
        first_i, first_j, size, wanted = i, j, 1, new[j]
        j += 1
        while size != wanted:
            if size < wanted:
                size *= old[i]
                i += 1
            else:
                wanted *= new[j]
                j += 1
        groups.append(_Group(i - first_i, new[first_j:j]))
    return groups


def reshaped(x: Array, shape: Sequence[int]) -> Array | None:
    """A view of another shape of as many elements; None where one is not possible."""
    view = native.reshaped(x, tuple(shape))
    if view is not None:
        return view
    strides = reshaped_strides(x.shape, x.strides, shape, x.itemsize)
    return None if strides is None else native.view(x, tuple(shape), strides)


def in_shape(x: Array, shape: Sequence[int]) -> Array:
    """A view of another shape where possible, else a copy."""
    if x.shape == tuple(shape):
        return x
    view = reshaped(x, shape)
    return native.view(native.contiguous(x), tuple(shape), c_strides(shape, x.itemsize)) if view is None else view


def widened(x: Array, shape: Sequence[int]) -> Array:
    """The values in a shape that x broadcasts to; x itself where it has it."""
    return x if x.shape == tuple(shape) else native.broadcast(x, tuple(shape))


def permuted(x: Array, axes: Sequence[int]) -> Array:
    """A view with the axes in this order."""
    return x if [*axes] == [*range(x.ndim)] else native.permuted(x, axes)


def flipped(x: Array, axes: Sequence[int]) -> Array:
    """A view that counts these axes backwards."""
    return x[tuple(slice(None, None, -1 if i in axes else 1) for i in range(x.ndim))]


def diagonal_of(x: Array, offset: int, axis1: int, axis2: int) -> Array:
    """A view of a diagonal, its axis the last; the two axes go."""
    offset = integer_of(offset, "a diagonal's offset")
    down, across = max(-offset, 0), max(offset, 0)
    length = max(0, min(x.shape[axis1] - down, x.shape[axis2] - across))
    rest = [i for i in range(x.ndim) if i not in (axis1, axis2)]
    shape = (*(x.shape[i] for i in rest), length)
    strides = (*(x.strides[i] for i in rest), x.strides[axis1] + x.strides[axis2])
    start = down * x.strides[axis1] + across * x.strides[axis2] if size_of(shape) else 0
    return native.view(x, shape, strides, start)


def between(x: Array, axis: int, start: int | None, stop: int | None) -> Array:
    """A view of some of an axis."""
    return x[(slice(None),) * axis + (slice(start, stop),)]
