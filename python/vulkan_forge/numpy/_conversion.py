"""Numbers, sequences and other libraries' arrays as Arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array, Device
from vulkan_forge.errors import ArgumentTypeError, InputError, RangeError, ShapeError, VulkanForgeError
from vulkan_forge.numpy._checks import ArrayLike, DType, check_parts, device_of, refuse_ndarray
from vulkan_forge.numpy._dtypes import default_of, dtype_of, result_type
from vulkan_forge.numpy._views import in_shape

__all__ = [
    "array",
    "asanyarray",
    "asarray",
    "ascontiguousarray",
    "copy",
    "from_dlpack",
]


def _narrowed(dtype: DType, device: Device | None) -> DType:
    """The device's default where NumPy's own default came out of Python numbers."""
    return default_of(dtype.kind, device) if dtype in (np.int64, np.float64, np.complex128) else dtype


def upload(values: np.ndarray[Any, Any], dtype: object = None, device: Device | None = None) -> Array:
    """Values that we made on the host: in the dtype that was asked for, else in the device's default of the kind."""
    wanted = _narrowed(values.dtype, device) if dtype is None else dtype_of(dtype)
    return native.asarray(values.astype(wanted, copy=False), device=device)


def array_of(value: ArrayLike, what: str, device: Device | None = None) -> Array:
    """An Array as it is; numbers and nested sequences become one. ndarrays of more than one element are refused."""
    if isinstance(value, Array):
        return value
    if isinstance(value, np.ndarray) and value.size > 1:
        raise refuse_ndarray(value, what)
    return asarray(value, device=device)


def _listed(values: Iterable[Any], what: str) -> list[Any]:
    try:
        return list(values)
    except TypeError:
        raise ArgumentTypeError.build(
            "BAD_TYPE", f"{what} takes several arrays", expected="a list of them", got=repr(values)[:60]
        ) from None


def arrays_of(values: Iterable[ArrayLike], what: str) -> list[Array]:
    """Each as `array_of` makes it, on the device of the first Array."""
    given = [values] if isinstance(values, np.ndarray) else _listed(values, what)
    device = device_of(*given)
    return [array_of(value, what, device) for value in given]


def _holds_arrays(value: object) -> bool:
    return isinstance(value, (list, tuple)) and any(isinstance(one, Array) or _holds_arrays(one) for one in value)


def _stacked(items: Sequence[Any], dtype: object, device: Device | None) -> Array:
    """An Array of nested sequences with Arrays among them: each is copied to its place."""
    where = device or device_of(*items)
    parts = [asarray(one, device=where) for one in items]
    if len({part.shape for part in parts}) > 1:
        raise ShapeError.build(
            "BAD_SHAPE",
            "nested arrays differ in shape",
            expected="equal shapes",
            got=", ".join(str(p.shape) for p in parts),
        )
    wanted = result_type(*parts) if dtype is None else dtype_of(dtype)
    if dtype is None and wanted not in {part.dtype for part in parts}:
        wanted = _narrowed(wanted, where)
    made = native.empty((len(parts), *parts[0].shape), dtype=wanted, device=where)
    for i, part in enumerate(parts):
        native.assign(made[i], part)
    return made


def _from_numbers(obj: Any, dtype: object, device: Device | None) -> Array:
    wanted = None if dtype is None else dtype_of(dtype)
    try:
        if wanted is not None:
            check_parts(np.asarray(obj).dtype, wanted)
        values = np.asarray(obj, wanted)
    except VulkanForgeError:
        raise
    except ValueError as error:
        raise ShapeError.build("BAD_SHAPE", "nested sequences make no array", got=str(error)) from None
    except OverflowError as error:
        raise RangeError.build(
            "OUT_OF_RANGE", "an integer does not fit the dtype", expected=f"what {wanted} holds", got=str(error)
        ) from None
    except TypeError as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", "this is no array", expected=f"numbers that {wanted} holds", got=str(error)
        ) from None
    own = isinstance(obj, (np.generic, np.ndarray)) or hasattr(obj, "__array__") or isinstance(obj, memoryview)
    return upload(values, values.dtype if own or dtype is not None else None, device)


def asarray(obj: Any, /, dtype: object = None, *, device: Device | None = None, copy: bool | None = None) -> Array:
    """Values as an `Array`.

    Args:
        obj: An `Array`, a number, nested sequences of numbers and Arrays, an ndarray, or anything with
            `__dlpack__` or a buffer.
        dtype: The dtype to have; None keeps that of arrays, and gives Python's numbers the device's default.
        device: A `Device`; None for that of obj, else the default one.
        copy: None copies where needed; True always; False never.

    Returns:
        An `Array`: obj itself where nothing must change and copy is not True.

    Raises:
        InputError: copy=False, and a copy is needed.
        ShapeError: Nested sequences of unequal lengths.
        DtypeError: A dtype that devices do not have, or a real one for complex numbers.
        RangeError: An integer that the dtype does not hold.
        ArgumentTypeError: No numbers.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.asarray([[1, 2], [3, 4]], dtype=vnp.float32).tolist()
        [[1.0, 2.0], [3.0, 4.0]]
    """
    if isinstance(obj, Array):
        return _of_array(obj, dtype, device, copy)
    if copy is False:
        raise InputError.build(
            "INVALID_ARGUMENT",
            "asarray cannot avoid a copy",
            expected="an Array",
            got=type(obj).__name__,
            mend="vf.from_host(a) shares an ndarray's memory",
        )
    if _holds_arrays(obj):
        return _stacked(obj, dtype, device)
    if hasattr(obj, "__dlpack__") and not isinstance(obj, (np.ndarray, np.generic)):
        return _of_array(native.from_dlpack(obj, device=device, copy=True), dtype, None, None)
    return _from_numbers(obj, dtype, device)


def _of_array(x: Array, dtype: object, device: Device | None, copy: bool | None) -> Array:
    here = x if device is None else native.asarray(x, device=device)
    wanted = x.dtype if dtype is None else dtype_of(dtype)
    if copy is False and (here is not x or wanted != x.dtype):
        raise InputError.build(
            "INVALID_ARGUMENT",
            "asarray cannot avoid a copy",
            expected="the array's own dtype and device",
            got=str(wanted),
        )
    if wanted != x.dtype:
        return native.cast(here, wanted)
    return native.copy(here) if copy and here is x else here


def array(
    obj: Any, dtype: object = None, *, copy: bool | None = True, ndmin: int = 0, device: Device | None = None
) -> Array:
    """Values as a new `Array`, as numpy.array.

    Args:
        obj: As for `asarray`.
        dtype: As for `asarray`.
        copy: True, else as for `asarray`.
        ndmin: The result has at least so many axes; extents of 1 go in front.
        device: As for `asarray`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.array([1, 2, 3], ndmin=2).shape
        (1, 3)
    """
    made = asarray(obj, dtype, device=device, copy=copy if isinstance(obj, Array) or copy is False else None)
    return in_shape(made, (1,) * (ndmin - made.ndim) + made.shape)


def asanyarray(obj: Any, dtype: object = None) -> Array:
    """`asarray` under another of NumPy's names.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.asanyarray([1, 2]).shape
        (2,)
    """
    return asarray(obj, dtype)


def ascontiguousarray(obj: Any, dtype: object = None) -> Array:
    """Values as a C-contiguous `Array` of one axis at least; a copy where they are not one already.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.ascontiguousarray(1).shape
        (1,)
    """
    made = native.contiguous(asarray(obj, dtype))
    return made if made.ndim else in_shape(made, (1,))


def copy(x: ArrayLike) -> Array:
    """A C-contiguous copy in memory of its own.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> x = vnp.zeros(2)
        >>> y = vnp.copy(x)
        >>> y[0] = 1
        >>> x.tolist()
        [0.0, 0.0]
    """
    return native.copy(array_of(x, "copy"))


def from_dlpack(x: Any, /, *, device: Device | None = None, copy: bool | None = None) -> Array:
    """Another library's tensor as an `Array`; its memory is shared where the device can import it.

    Args:
        x: Anything with `__dlpack__` in host memory, or an `Array`.
        device: A `Device`; None for the default one.
        copy: None shares or copies; True copies; False shares or raises.

    Raises:
        InteropError: The tensor is on another device, or copy=False cannot be met.

    Example:
        >>> import numpy, vulkan_forge.numpy as vnp
        >>> vnp.from_dlpack(numpy.arange(3.0)).tolist()
        [0.0, 1.0, 2.0]
    """
    return native.from_dlpack(x, device=device, copy=copy)
