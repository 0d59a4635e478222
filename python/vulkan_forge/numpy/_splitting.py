"""Arrays taken apart: views of their entries, and of consecutive parts."""

from __future__ import annotations

from typing import Any

import numpy as np

from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import InputError, ShapeError
from vulkan_forge.numpy._checks import ArrayLike, axis_of, integer_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._shapes import ndim
from vulkan_forge.numpy._views import between

__all__ = [
    "array_split",
    "dsplit",
    "hsplit",
    "split",
    "unstack",
    "vsplit",
]


def unstack(x: ArrayLike, /, *, axis: int = 0) -> tuple[Array, ...]:
    """Views of each entry of an axis.

    Args:
        x: One axis or more.
        axis: The axis (default 0).

    Raises:
        RangeError: No such axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [row.tolist() for row in vnp.unstack(vnp.asarray([[1, 2], [3, 4]]))]
        [[1, 2], [3, 4]]
    """
    given = array_of(x, "unstack")
    before = (slice(None),) * axis_of(axis, given.ndim, "unstack")
    return tuple(given[(*before, i)] for i in range(given.shape[len(before)]))


def array_split(x: ArrayLike, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """Views of consecutive parts of an axis.

    Args:
        x: One axis or more.
        indices_or_sections: How many parts, the first of which may have one entry more; or where parts end.
        axis: The axis (default 0).

    Raises:
        InputError: No parts.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [part.tolist() for part in vnp.array_split(vnp.asarray([1, 2, 3]), 2)]
        [[1, 2], [3]]
    """
    given = array_of(x, "array_split")
    axis = axis_of(axis, given.ndim, "array_split")
    if np.ndim(indices_or_sections):
        ends = [integer_of(end, "where a part ends") for end in np.asarray(indices_or_sections)]
    else:
        parts = integer_of(indices_or_sections, "the number of parts")
        if parts <= 0:
            raise InputError.build("INVALID_ARGUMENT", "no parts to split into", expected="1 or more", got=str(parts))
        each, more = divmod(given.shape[axis], parts)
        ends = [i * each + min(i, more) for i in range(1, parts)]
    return [between(given, axis, start, stop) for start, stop in zip([0, *ends], [*ends, None], strict=True)]


def split(x: ArrayLike, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """`array_split` into equal parts, or where parts end.

    Args:
        x: One axis or more.
        indices_or_sections: How many parts; or where parts end.
        axis: The axis (default 0).

    Raises:
        ShapeError: The parts would not be equal.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [part.tolist() for part in vnp.split(vnp.asarray([1, 2, 3, 4]), 2)]
        [[1, 2], [3, 4]]
    """
    given = array_of(x, "split")
    extent = given.shape[axis_of(axis, given.ndim, "split")]
    if isinstance(indices_or_sections, (int, np.integer)) and indices_or_sections > 0 and extent % indices_or_sections:
        raise ShapeError.build(
            "BAD_SHAPE",
            "the parts would not be equal",
            expected=f"a divisor of {extent}",
            got=str(indices_or_sections),
            mend="array_split makes unequal ones",
        )
    return array_split(given, indices_or_sections, axis)


def hsplit(x: ArrayLike, indices_or_sections: Any) -> list[Array]:
    """`split` along the second axis, or the only one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [part.shape for part in vnp.hsplit(vnp.zeros((2, 4)), 2)]
        [(2, 2), (2, 2)]
    """
    return split(x, indices_or_sections, axis=1 if ndim(x) > 1 else 0)


def _with_axes(x: ArrayLike, least: int, what: str) -> Array:
    given = array_of(x, what)
    if given.ndim < least:
        raise ShapeError.build(
            "BAD_SHAPE", f"{what} needs more axes", expected=f"{least} or more", got=str(given.shape)
        )
    return given


def vsplit(x: ArrayLike, indices_or_sections: Any) -> list[Array]:
    """`split` along the first axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [part.shape for part in vnp.vsplit(vnp.zeros((2, 4)), 2)]
        [(1, 4), (1, 4)]
    """
    return split(_with_axes(x, 2, "vsplit"), indices_or_sections, axis=0)


def dsplit(x: ArrayLike, indices_or_sections: Any) -> list[Array]:
    """`split` along the third axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> [part.shape for part in vnp.dsplit(vnp.zeros((2, 3, 4)), 2)]
        [(2, 3, 2), (2, 3, 2)]
    """
    return split(_with_axes(x, 3, "dsplit"), indices_or_sections, axis=2)
