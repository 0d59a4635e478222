"""Sums, extremes and products over an axis of few entries, as operations on views: what follows is in the same kernel.

The building blocks give a team of lanes to each row, which a row of two or three coordinates leaves idle.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.numpy._checks import DType
from vulkan_forge.numpy._dtypes import in_dtype

elementwise = native.elementwise

MANY = 1 << 14  # elements: with fewer the host's time for each view counts
FEW = {"argmin": 4, "argmax": 4}  # op: entries up to which it is worth it
FEW_TO_FOLD = 8
PAIRWISE: dict[str, Callable[..., Array]] = {
    "sum": elementwise.add,
    "prod": elementwise.multiply,
    "min": elementwise.minimum,
    "max": elementwise.maximum,
}


def is_short(x: Array, axis: int, op: str) -> bool:
    """Whether such an axis is better taken apart."""
    if not 2 <= x.shape[axis] <= FEW.get(op, FEW_TO_FOLD) or x.size < MANY or x.dtype.kind == "c":
        return False
    wide = op[:3] == "arg" or (op in ("sum", "prod") and x.dtype.kind in "biu")  # results of 64 bits
    return not wide or x.device.has("shaderInt64")


def entries(x: Array, axis: int, keepdims: bool = False) -> list[Array]:
    """Views of each entry of an axis."""
    before = (slice(None),) * axis
    return [x[(*before, slice(i, i + 1) if keepdims else i)] for i in range(x.shape[axis])]


def folded(x: Array, op: str, axis: int, keepdims: bool) -> Array:
    """What `reduce` gives for "sum", "prod", "min" and "max"."""
    parts: Sequence[Array] = entries(x, axis, keepdims)
    if op in ("sum", "prod") and x.dtype.kind in "biu":
        wide = np.uint64 if x.dtype.kind == "u" else np.int64
        parts = [in_dtype(part, wide) for part in parts]
    elif x.dtype == np.float16:
        parts = [in_dtype(part, np.float32) for part in parts]
    made = functools.reduce(PAIRWISE[op], parts)
    return in_dtype(made, x.dtype) if x.dtype == np.float16 else made


def place(x: Array, op: str, axis: int, keepdims: bool) -> Array:
    """What `reduce` gives for "argmin" and "argmax": the first of several, and the first NaN before all."""
    better = elementwise.less if op == "argmin" else elementwise.greater
    best, *others = entries(x, axis, keepdims)
    at = native.full(best.shape, 0, np.int64, x.device)
    for i, other in enumerate(others, 1):
        wins = better(other, best)
        if x.dtype.kind == "f":
            wins = wins | (elementwise.isnan(other) & ~elementwise.isnan(best))
        best, at = elementwise.where(wins, other, best), elementwise.where(wins, i, at)
    return at


def multiplied(a: Array, b: Array, dtype: DType) -> Array | None:
    """The product of many rows of few entries with few columns; None where it is none of those."""
    few = a.ndim >= 2 and 2 <= a.shape[-1] <= FEW_TO_FOLD and b.shape[0] == a.shape[-1] and a.size >= MANY
    if not few or dtype.kind not in "iuf" or dtype == np.float16 or b.ndim > 2 or (b.ndim == 2 and b.shape[1] > 4):
        return None
    columns = [in_dtype(column, dtype) for column in entries(a, a.ndim - 1)]
    if b.ndim == 1:
        return _combined(columns, in_dtype(b, dtype))
    made = native.empty((*a.shape[:-1], b.shape[1]), dtype=dtype, device=a.device)
    for j in range(b.shape[1]):
        native.assign(made[..., j], _combined(columns, in_dtype(b[:, j], dtype)))
    return made


def _combined(columns: Sequence[Array], factors: Array) -> Array:
    return functools.reduce(elementwise.add, [c * factors[k] for k, c in enumerate(columns)])
