"""Arguments as the functions of this folder take them: axes, shapes, and who may be mixed with an Array."""

from __future__ import annotations

import contextlib
import math
import operator
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from vulkan_forge._vulkan_forge import Array, Device, default_device
from vulkan_forge.errors import (
    ArgumentTypeError,
    DtypeError,
    InputError,
    LimitError,
    OutOfMemoryError,
    RangeError,
    ShapeError,
    VulkanForgeError,
)

Scalar: TypeAlias = "bool | int | float | complex | np.generic"
Operand: TypeAlias = "Array | Scalar"
ArrayLike: TypeAlias = "Array | Scalar | np.ndarray[Any, Any] | Sequence[Any]"
Axis: TypeAlias = "int | Sequence[int] | None"
DType: TypeAlias = "np.dtype[Any]"

CASTINGS = ("no", "equiv", "safe", "same_kind", "unsafe")


def integer_of(value: Any, what: str) -> int:
    """The value as an int; ArgumentTypeError where it is none."""
    try:
        return operator.index(value)
    except TypeError:
        raise ArgumentTypeError.build(
            "BAD_TYPE", f"{what} must be an integer", expected="an int", got=repr(value)[:60]
        ) from None


def number_of(value: Any, what: str) -> float:
    """The value as a float; ArgumentTypeError where it is no real number. One in an Array is read."""
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        if not isinstance(value, (str, bytes, np.complexfloating)):  # which float() would read, or cut
            return float(value)
    raise ArgumentTypeError.build(
        "BAD_TYPE", f"{what} must be a real number", expected="an int or a float", got=repr(value)[:60]
    )


@contextlib.contextmanager
def numpys_errors(what: str) -> Iterator[None]:
    """Inside of it NumPy works out something on the host; what it refuses is raised as our errors."""
    try:
        yield
    except VulkanForgeError:
        raise
    except TypeError as error:
        raise ArgumentTypeError.build("BAD_TYPE", f"{what}: NumPy refuses a type", got=str(error)) from None
    except (ValueError, LookupError, ArithmeticError, RuntimeError) as error:
        raise InputError.build("INVALID_ARGUMENT", f"{what}: NumPy refuses a value", got=str(error)) from None
    except MemoryError as error:
        raise OutOfMemoryError.build("OUT_OF_HOST_MEMORY", f"{what}: too many values", got=str(error)) from None


def entries_of(value: Any) -> Iterable[Any]:
    """Several, or the one alone; an array without axes is one, though its class has an iterator."""
    return value if isinstance(value, Iterable) and getattr(value, "ndim", 1) != 0 else (value,)


def axis_of(axis: int, ndim: int, what: str) -> int:
    """The axis counted from the front; RangeError where there is no such axis."""
    given = integer_of(axis, f"{what}: an axis")
    if not -ndim <= given < ndim:
        wanted = f"{-ndim} to {ndim - 1}" if ndim else "none: the array has no axes"
        raise RangeError.build(
            "OUT_OF_RANGE", f"{what}: the axis lies outside of the array", expected=wanted, got=str(given)
        )
    return given % ndim


def axes_of(axis: Axis, ndim: int, what: str) -> tuple[int, ...]:
    """Axes counted from the front, in the order given; None is all of them."""
    if axis is None:
        return tuple(range(ndim))
    given = tuple(entries_of(axis))
    axes = tuple(axis_of(one, ndim, what) for one in given)
    if len(set(axes)) < len(axes):
        raise InputError.build("INVALID_ARGUMENT", f"{what}: an axis is named twice", got=str(given))
    return axes


def shape_of(shape: int | Iterable[int], what: str = "a shape") -> tuple[int, ...]:
    """The shape as a tuple of ints; -1 passes, other negative extents are refused."""
    extents = tuple(integer_of(one, f"{what}: an extent") for one in entries_of(shape))
    if min(extents, default=0) < -1:
        raise ShapeError.build("BAD_SHAPE", f"{what} has a negative extent", expected="0 or more", got=str(extents))
    return extents


def broadcast_shape(*shapes: Sequence[int]) -> tuple[int, ...]:
    """The shape that all of them broadcast to; ShapeError where there is none."""
    try:
        return np.broadcast_shapes(*map(tuple, shapes))
    except ValueError:
        got = ", ".join(str(tuple(shape)) for shape in shapes)
        raise ShapeError.build(
            "BAD_SHAPE", "shapes do not broadcast", expected="equal extents, or 1, from the last axis on", got=got
        ) from None


def check_bytes(shape: Sequence[int], itemsize: int, what: str) -> None:
    """LimitError where a shape is beyond any memory: an expression would say so only when it is computed."""
    if math.prod(extent for extent in shape if extent) * itemsize >= 2**63:
        raise LimitError.build(
            "LIMIT_EXCEEDED",
            f"{what}: the shape is too large",
            expected="fewer than 2**63 bytes",
            got=str(tuple(shape)),
        )


def check_casting(rule: Any, what: str) -> None:
    """InputError where NumPy has no such rule for casts."""
    if rule not in CASTINGS:
        raise InputError.build(
            "INVALID_ARGUMENT", f"{what}: no such casting", expected=", ".join(CASTINGS), got=repr(rule)[:60]
        )


def check_parts(dtype: DType, wanted: DType) -> None:
    """Refuses complex numbers for a real dtype: NumPy leaves a part out and warns."""
    if dtype.kind == "c" and wanted.kind != "c":
        raise DtypeError.build(
            "BAD_DTYPE",
            "a cast of complex numbers to real ones would lose a part",
            expected="complex64 or complex128",
            got=str(wanted),
            mend="take real(x), imag(x) or abs(x)",
        )


def size_of(shape: Iterable[int]) -> int:
    """The number of elements."""
    return math.prod(shape)


def device_of(*values: object) -> Device:
    """The device of the first Array among the values; the default one where there is none."""
    return next((value.device for value in values if isinstance(value, Array)), None) or default_device()


def refuse_ndarray(values: np.ndarray[Any, Any], what: str) -> ArgumentTypeError:
    """The error for a NumPy array where an Array is needed: no transfer is made unless it is asked for."""
    return ArgumentTypeError.build(
        "BAD_TYPE",
        f"{what} does not send NumPy arrays to the device by itself",
        expected="an Array or a number",
        got=f"an ndarray of shape {values.shape}",
        mend="send it first: vf.asarray(a); or take the Array to NumPy: np.asarray(x)",
    )
