"""Arrays of one value everywhere, or of whatever the memory holds."""

from __future__ import annotations

from collections.abc import Sequence

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array, Device
from vulkan_forge.numpy._checks import ArrayLike, Operand, check_bytes, shape_of
from vulkan_forge.numpy._conversion import array_of, asarray
from vulkan_forge.numpy._dtypes import default_float, dtype_of, dtype_of_number
from vulkan_forge.numpy._views import widened

__all__ = [
    "empty",
    "empty_like",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]

Shape = int | Sequence[int]


def empty(shape: Shape, dtype: object = None, *, device: Device | None = None) -> Array:
    """An `Array` whose values are whatever the memory holds.

    Args:
        shape: Extents: an int or a sequence of up to 8.
        dtype: None for the device's default float.
        device: A `Device`; None for the default one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.empty((2, 3)).shape
        (2, 3)
    """
    wanted = default_float(device) if dtype is None else dtype_of(dtype)
    return native.empty(shape_of(shape), dtype=wanted, device=device)


def full(shape: Shape, fill_value: Operand, dtype: object = None, *, device: Device | None = None) -> Array:
    """An `Array` of one value everywhere.

    Args:
        shape: Extents: an int or a sequence of up to 8.
        fill_value: A number, or an `Array` that broadcasts to the shape.
        dtype: None for that of the value: the device's default of its kind for Python's numbers.
        device: A `Device`; None for the default one.

    Raises:
        ShapeError: A negative extent, or more than 8.
        LimitError: 2**63 bytes or more.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.full(3, 7).tolist()
        [7, 7, 7]
    """
    if isinstance(fill_value, Array):
        return native.copy(widened(asarray(fill_value, dtype, device=device), shape_of(shape)))
    wanted = dtype_of_number(fill_value, device) if dtype is None else dtype_of(dtype)
    extents = shape_of(shape)
    check_bytes(extents, wanted.itemsize, "full")
    return native.full(extents, fill_value, wanted, device=device)


def zeros(shape: Shape, dtype: object = None, *, device: Device | None = None) -> Array:
    """An `Array` of zeros.

    Args:
        shape: Extents: an int or a sequence of up to 8.
        dtype: None for the device's default float.
        device: A `Device`; None for the default one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.zeros(2).tolist()
        [0.0, 0.0]
    """
    return full(shape, 0, default_float(device) if dtype is None else dtype, device=device)


def ones(shape: Shape, dtype: object = None, *, device: Device | None = None) -> Array:
    """An `Array` of ones.

    Args:
        shape: Extents: an int or a sequence of up to 8.
        dtype: None for the device's default float.
        device: A `Device`; None for the default one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.ones(2, dtype=vnp.int32).tolist()
        [1, 1]
    """
    return full(shape, 1, default_float(device) if dtype is None else dtype, device=device)


def empty_like(
    x: ArrayLike, /, dtype: object = None, *, device: Device | None = None, shape: Shape | None = None
) -> Array:
    """An `Array` like another one, whose values are whatever the memory holds.

    Args:
        x: An `Array`, or numbers.
        dtype: None for that of x.
        device: A `Device`; None for that of x.
        shape: None for that of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.empty_like(vnp.ones((2, 3))).shape
        (2, 3)
    """
    like = array_of(x, "empty_like")
    return empty(
        like.shape if shape is None else shape, like.dtype if dtype is None else dtype, device=device or like.device
    )


def full_like(
    x: ArrayLike,
    /,
    fill_value: Operand,
    dtype: object = None,
    *,
    device: Device | None = None,
    shape: Shape | None = None,
) -> Array:
    """An `Array` like another one, of one value everywhere.

    Args:
        x: An `Array`, or numbers.
        fill_value: A number, or an `Array` that broadcasts to the shape.
        dtype: None for that of x.
        device: A `Device`; None for that of x.
        shape: None for that of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.full_like(vnp.zeros(2), 5).tolist()
        [5.0, 5.0]
    """
    like = array_of(x, "full_like")
    extents = like.shape if shape is None else shape
    return full(extents, fill_value, like.dtype if dtype is None else dtype, device=device or like.device)


def zeros_like(
    x: ArrayLike, /, dtype: object = None, *, device: Device | None = None, shape: Shape | None = None
) -> Array:
    """An `Array` of zeros like another one.

    Args:
        x: An `Array`, or numbers.
        dtype: None for that of x.
        device: A `Device`; None for that of x.
        shape: None for that of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.zeros_like(vnp.ones(2)).tolist()
        [0.0, 0.0]
    """
    return full_like(x, 0, dtype, device=device, shape=shape)


def ones_like(
    x: ArrayLike, /, dtype: object = None, *, device: Device | None = None, shape: Shape | None = None
) -> Array:
    """An `Array` of ones like another one.

    Args:
        x: An `Array`, or numbers.
        dtype: None for that of x.
        device: A `Device`; None for that of x.
        shape: None for that of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.ones_like(vnp.zeros(2)).tolist()
        [1.0, 1.0]
    """
    return full_like(x, 1, dtype, device=device, shape=shape)
