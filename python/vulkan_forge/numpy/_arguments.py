"""What sums, sorts, products and their kin ask of their arguments, and the dtypes that they compute in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array, Device
from vulkan_forge.errors import DtypeError, InputError
from vulkan_forge.numpy._checks import ArrayLike
from vulkan_forge.numpy._conversion import array_of, arrays_of, upload
from vulkan_forge.numpy._dtypes import as_words, default_float, in_dtype, is_weak, result_type
from vulkan_forge.numpy._views import in_shape

elementwise = native.elementwise


def the_arrays(function: str, *values: ArrayLike) -> list[Array]:
    """Arrays of operands; a Python number beside an Array takes its dtype, as operators do it."""
    beside = next((value for value in values if isinstance(value, Array)), None)
    if beside is None:
        return arrays_of(values, function)
    device = beside.device
    return [
        native.full((), value, result_type(beside, value), device)
        if is_weak(value)
        else array_of(value, function, device)
        for value in values
    ]


def taken(x: Array, places: Array) -> Array:
    """Entries of the first axis, at places that are known to be there."""
    made = native.gather(native.contiguous(as_words(x)), native.contiguous(places), mode="clip")
    return in_dtype(made, x.dtype)


def taken_from_rows(rows: Array, places: Array) -> Array:
    """For each row its entries at its own places, which are known to be there."""
    if rows.ndim == 1:
        return taken(rows, places)
    *outer, length = rows.shape
    starts = upload(np.arange(math.prod(outer)) * length, np.int32 if rows.size < 2**31 else np.int64, rows.device)
    return taken(in_shape(rows, (rows.size,)), elementwise.add(places, in_shape(starts, (*outer, 1))))


def on_device(values: Any, device: Device, dtype: npt.DTypeLike | None = None) -> Array:
    """Few numbers, such as edges or levels, that a caller may give as a list."""
    return values if isinstance(values, Array) else native.asarray(np.asarray(values, dtype), device=device)


def refuse(function: str, **options: object) -> None:
    """Refuses options of NumPy's that do not exist here, where they are given."""
    for name, value in options.items():
        if value is not None:
            raise InputError.build(
                "INVALID_ARGUMENT",
                f"{function} does not take {name}",
                expected="None",
                got=type(value).__name__,
                mend="assign to x[...] instead" if name == "out" else "leave it out",
            )


def extent(x: Array, axes: tuple[int, ...]) -> int:
    """How many elements these axes hold."""
    return math.prod(x.shape[axis] for axis in axes)


def is_inexact(dtype: np.dtype[Any]) -> bool:
    """Whether it is a float or complex dtype."""
    return dtype.kind in "fc"


def real_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of a complex number's parts; real dtypes themselves."""
    return np.dtype(f"f{dtype.itemsize // 2}") if dtype.kind == "c" else dtype


def float_of(x: Array) -> np.dtype[Any]:
    """The dtype in which the mean of x, say, is given: its own where it has fractions."""
    return x.dtype if is_inexact(x.dtype) else default_float(x.device)


def floats(x: Array) -> Array:
    """The values as floats, or as the complex numbers that they are."""
    return in_dtype(x, float_of(x))


def check_real(function: str, *arrays: Array) -> None:
    """Refuses complex numbers, which have no order."""
    for x in arrays:
        if x.dtype.kind == "c":
            raise DtypeError.build(
                "BAD_DTYPE", f"{function} has no meaning for complex numbers", expected="real numbers", got=str(x.dtype)
            )
