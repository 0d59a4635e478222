"""dtypes and constants: NumPy's own objects, promotion as in the standard and NumPy 2, and the dtypes of a device."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import e, inf, nan, pi
from typing import Any

import numpy as np
from numpy import (
    bool_,
    complex64,
    complex128,
    complexfloating,
    float16,
    float32,
    float64,
    floating,
    generic,
    inexact,
    int8,
    int16,
    int32,
    int64,
    integer,
    number,
    signedinteger,
    uint8,
    uint16,
    uint32,
    uint64,
    unsignedinteger,
)

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array, Device, default_device
from vulkan_forge.errors import ArgumentTypeError, DtypeError, InputError, UnsupportedError
from vulkan_forge.numpy._checks import DType, Scalar, check_casting, device_of

__all__ = [
    "astype",
    "bool_",
    "byte",
    "can_cast",
    "cdouble",
    "complex128",
    "complex64",
    "complexfloating",
    "csingle",
    "default_complex",
    "default_float",
    "default_int",
    "double",
    "dtype",
    "e",
    "euler_gamma",
    "finfo",
    "float16",
    "float32",
    "float64",
    "floating",
    "generic",
    "half",
    "iinfo",
    "inexact",
    "inf",
    "int16",
    "int32",
    "int64",
    "int8",
    "int_",
    "intc",
    "integer",
    "intp",
    "isdtype",
    "issubdtype",
    "long",
    "longlong",
    "nan",
    "newaxis",
    "number",
    "pi",
    "promote_types",
    "result_type",
    "short",
    "signedinteger",
    "single",
    "ubyte",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintc",
    "uintp",
    "ulong",
    "ulonglong",
    "unsignedinteger",
    "ushort",
]

dtype = np.dtype
newaxis = None
euler_gamma = float(np.euler_gamma)
half, single, double, csingle, cdouble = float16, float32, float64, complex64, complex128
byte, short, intc, int_, long, longlong, intp = int8, int16, int32, int64, int64, int64, np.intp
ubyte, ushort, uintc, uint, ulong, ulonglong, uintp = uint8, uint16, uint32, uint64, uint64, uint64, np.uintp
issubdtype = np.issubdtype
promote_types = np.promote_types

KINDS = {
    "bool": "b",
    "signed integer": "i",
    "unsigned integer": "u",
    "integral": "iu",
    "real floating": "f",
    "complex floating": "c",
    "numeric": "iufc",
}
# A Python number stands for the kind; it is weak beside a dtype of this rank or above.
RANK = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}
WEAK_RANK = {bool: 0, int: 1, float: 2, complex: 3}


def default_float(device: Device | None = None) -> DType:
    """The dtype of floats that nobody gave a dtype.

    Args:
        device: A `Device`; None for the default one.

    Returns:
        float64, or float32 on a device that does not compute in float64.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.default_float() in (vnp.float64, vnp.float32)
        True
    """
    return np.dtype(float64 if (device or default_device()).has("shaderFloat64") else float32)


def default_complex(device: Device | None = None) -> DType:
    """The dtype of complex numbers that nobody gave a dtype.

    Args:
        device: A `Device`; None for the default one.

    Returns:
        complex128, or complex64 on a device that does not compute in float64.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.default_complex().kind
        'c'
    """
    return np.dtype(complex128 if (device or default_device()).has("shaderFloat64") else complex64)


def default_int(device: Device | None = None) -> DType:
    """The dtype of integers that nobody gave a dtype.

    Args:
        device: A `Device`; None for the default one.

    Returns:
        int64, or int32 on a device that does not compute in 64-bit integers.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.default_int().kind
        'i'
    """
    return np.dtype(int64 if (device or default_device()).has("shaderInt64") else int32)


def default_of(kind: str, device: Device | None = None) -> DType:
    """The default dtype of Python's bool, int, float and complex, by NumPy's letter for the kind."""
    if kind == "b":
        return np.dtype(bool_)
    return {"i": default_int, "f": default_float, "c": default_complex}[kind](device)


def bfloat16() -> DType:
    """ml_dtypes' dtype. Raises UnsupportedError where the package is missing."""
    try:
        found: DType = np.dtype(importlib.import_module("ml_dtypes").bfloat16)
        return found
    except ImportError:
        raise UnsupportedError.build(
            "MISSING_FEATURE",
            "NumPy has no bfloat16 of its own",
            expected="the package ml_dtypes, which adds it",
            got="no such package",
            mend="pip install ml_dtypes",
        ) from None


def is_bfloat16(found: DType) -> bool:
    """Whether it is ml_dtypes' dtype, whose kind NumPy does not know."""
    return found.kind == "V" and found.name == "bfloat16"


def check_cast(source: DType, target: DType, what: str, casting: Any = "same_kind", mend: str = "") -> None:
    """Refuses what would lose its fractions or its sign, unless the call says that it may."""
    check_casting(casting, what)
    given, wanted = (np.dtype(np.float32) if is_bfloat16(dtype) else dtype for dtype in (source, target))
    if not np.can_cast(given, wanted, casting):
        raise DtypeError.build(
            "BAD_DTYPE",
            f"{what}, casting {casting!r}",
            expected=f"a dtype that {source} casts to",
            got=str(target),
            mend=mend,
        )


def kind_of(found: DType) -> str:
    """NumPy's letter for the kind; "f" for bfloat16 too."""
    return "f" if is_bfloat16(found) else found.kind


def dtype_of(value: object) -> DType:
    """The dtype of an Array, an ndarray or a NumPy number; of anything else, the dtype that it names."""
    if isinstance(value, (Array, np.ndarray, np.generic)):
        return value.dtype
    if isinstance(value, str) and value == "bfloat16":
        return bfloat16()
    try:
        return np.dtype(value)  # type: ignore[call-overload,no-any-return]
    except TypeError:
        raise ArgumentTypeError.build(
            "BAD_TYPE",
            "this is no dtype",
            expected="an Array, a dtype or its name",
            got=repr(value)[:60],
        ) from None


@dataclass(frozen=True)
class FloatInfo:
    """What a floating dtype can hold; numbers are Python's."""

    bits: int
    dtype: DType
    eps: float
    epsneg: float
    max: float
    min: float
    smallest_normal: float
    smallest_subnormal: float
    tiny: float
    resolution: float
    precision: int


def finfo(type: object, /) -> FloatInfo:
    """Limits of a floating dtype; of a complex one, those of its parts.

    Args:
        type: A dtype or an `Array`.

    Returns:
        An object with `bits`, `eps`, `max`, `min`, `smallest_normal`, `dtype`, and NumPy's `tiny`, `epsneg`,
        `resolution`, `precision` and `smallest_subnormal`.

    Raises:
        DtypeError: Not a float.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.finfo(vnp.float32).bits
        32
    """
    found = dtype_of(type)
    if kind_of(found) not in "fc":
        raise DtypeError.build("BAD_DTYPE", "finfo is of floats", expected="a floating dtype", got=str(found))
    info: Any = importlib.import_module("ml_dtypes").finfo(found) if is_bfloat16(found) else np.finfo(found)
    whole = ("bits", "precision")
    numbers = {
        name: float(getattr(info, name)) for name in FloatInfo.__dataclass_fields__ if name not in (*whole, "dtype")
    }
    return FloatInfo(dtype=np.dtype(info.dtype), **{name: int(getattr(info, name)) for name in whole}, **numbers)  # type: ignore[arg-type]


def iinfo(type: object, /) -> np.iinfo[Any]:
    """Limits of an integer dtype.

    Args:
        type: A dtype or an `Array`.

    Returns:
        NumPy's object with `bits`, `max`, `min` and `dtype`.

    Raises:
        DtypeError: Not an integer.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.iinfo(vnp.int8).max
        127
    """
    found = dtype_of(type)
    if found.kind not in "iu":
        raise DtypeError.build("BAD_DTYPE", "iinfo is of integers", expected="an integer dtype", got=str(found))
    return np.iinfo(found)


def isdtype(dtype: object, kind: object) -> bool:
    """Whether a dtype is another one, or of a kind.

    Args:
        dtype: A dtype.
        kind: A dtype; "bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating" or
            "numeric"; or a tuple of those, one of which is to fit.

    Raises:
        InputError: No such kind.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.isdtype(vnp.float32, ("bool", "real floating"))
        True
    """
    if isinstance(kind, tuple):
        return True in [isdtype(dtype, one) for one in kind]  # a wrong name raises wherever it stands
    found = dtype_of(dtype)
    if isinstance(kind, str):
        if kind not in KINDS:
            raise InputError.build(
                "INVALID_ARGUMENT", "no such kind of dtype", expected=", ".join(KINDS), got=repr(kind)
            )
        return kind_of(found) in KINDS[kind]
    return found == dtype_of(kind)


def can_cast(from_: object, to: object, /, casting: Any = "safe") -> bool:
    """Whether promotion could make one dtype of another.

    Args:
        from_: A dtype or an `Array`.
        to: A dtype.
        casting: NumPy's rule: "no", "equiv", "safe" by default, "same_kind" or "unsafe".

    Raises:
        InputError: No such casting.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.can_cast(vnp.int32, vnp.float64), vnp.can_cast(vnp.float64, vnp.float32)
        (True, False)
    """
    check_casting(casting, "can_cast")
    return np.can_cast(dtype_of(from_), dtype_of(to), casting=casting)


def result_type(*arrays_and_dtypes: object) -> DType:
    """The dtype that operands are promoted to.

    The standard's tables; kinds mixed beyond them as in NumPy 2 (int32 with float32 is float64). Python's numbers are
    weak: they decide no more than the kind, and become the default dtype of the device where theirs is the highest.

    Args:
        *arrays_and_dtypes: One or more of `Array`, dtype and Python number.

    Raises:
        InputError: No arguments.
        DtypeError: dtypes that devices do not have, such as object.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.result_type(vnp.uint8, vnp.int8), vnp.result_type(vnp.float32, 1.5)
        (dtype('int16'), dtype('float32'))
    """
    if not arrays_and_dtypes:
        raise InputError.build("INVALID_ARGUMENT", "result_type needs one argument at least", got="none")
    weak = [WEAK_RANK[type(value)] for value in arrays_and_dtypes if type(value) in WEAK_RANK]
    dtypes = [dtype_of(value) for value in arrays_and_dtypes if type(value) not in WEAK_RANK]
    device = device_of(*arrays_and_dtypes)
    if not dtypes:
        return default_of("bifc"[max(weak)], device)
    found = _promoted(dtypes)
    kind = kind_of(found)
    if kind not in RANK:
        raise DtypeError.build("BAD_DTYPE", "devices have no such dtype", expected="numbers or bool", got=str(found))
    top = max(weak, default=0)
    if top <= RANK[kind]:
        return found
    if top == RANK["c"] and kind == "f":
        return _promoted([found, np.dtype(complex64)])
    return default_of("bifc"[top], device)


def _promoted(dtypes: Sequence[DType]) -> DType:
    """NumPy's promotion; bfloat16 holds integers of 8 bits, other dtypes meet it as they meet float32."""
    others = [found for found in dtypes if not is_bfloat16(found)]
    if len(others) == len(dtypes):
        return np.result_type(*dtypes)
    if all(found.kind in "biu" and found.itemsize == 1 for found in others):
        return bfloat16()
    return np.result_type(float32, *others)


def is_weak(value: object) -> bool:
    """True of Python's own numbers, whose dtype gives way to an Array's."""
    return type(value) in WEAK_RANK


def dtype_of_number(value: Scalar, device: Device | None = None) -> DType:
    """The dtype that a number gets where nobody gives one."""
    if isinstance(value, np.generic):
        return value.dtype
    rank = next((rank for kind, rank in WEAK_RANK.items() if isinstance(value, kind)), None)
    if rank is None:
        raise ArgumentTypeError.build("BAD_TYPE", "this is no number", expected="a number", got=repr(value)[:60])
    return default_of("bifc"[rank], device)


def in_dtype(x: Array, dtype: Any) -> Array:
    """The values in a dtype; x itself where it has it."""
    return x if x.dtype == dtype else native.cast(x, dtype)


def as_words(x: Array) -> Array:
    """What building blocks take: bool as int32 where the device's memory knows no bytes."""
    small = x.dtype == np.bool_ and not x.device.has("storageBuffer8BitAccess")
    return native.cast(x, np.int32) if small else x


def astype(x: Array, dtype: object, /, *, copy: bool = True, device: Device | None = None) -> Array:
    """The same values in another dtype.

    Args:
        x: Any `Array`.
        dtype: What to have. Floats become integers by cutting off; complex numbers become complex ones only.
        copy: False gives x itself where nothing changes.
        device: A `Device` to move them to; None for that of x.

    Returns:
        An `Array` of the shape of x.

    Raises:
        DtypeError: Complex values cannot become real ones; take `real` or `abs`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.astype(vnp.asarray([1.7, -1.7]), vnp.int32).tolist()
        [1, -1]
    """
    wanted = dtype_of(dtype)
    here = x if device is None else native.asarray(x, device=device)
    if wanted == x.dtype:
        return native.copy(here) if copy and here is x else here
    return native.cast(here, wanted)
