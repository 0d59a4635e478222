"""The building blocks gather and compact, for Arrays of any strides and dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.numpy._dtypes import as_words, in_dtype
from vulkan_forge.numpy._views import between


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
