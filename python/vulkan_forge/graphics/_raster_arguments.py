"""What functions of `vulkan_forge.graphics.raster` take, checked and brought into the native functions' terms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vulkan_forge._vulkan_forge import Array, contiguous
from vulkan_forge.errors import ArgumentTypeError, DtypeError, InputError, ShapeError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    import numpy as np
    from numpy.typing import NDArray

    Heights: TypeAlias = Array | NDArray[Any]
    Cell: TypeAlias = float | Sequence[float]


def check_heights(heights: Any) -> None:
    """Real cells with two axes."""
    import numpy as np

    if not isinstance(heights, (Array, np.ndarray)):
        raise ArgumentTypeError.build(
            "BAD_TYPE",
            "heights have the wrong type",
            expected="an ndarray or an Array",
            got=type(heights).__name__,
            mend="convert them: np.asarray(heights, np.float32)",
        )
    if heights.ndim != 2:
        raise ShapeError.build(
            "BAD_SHAPE",
            "heights have the wrong shape",
            expected="2 axes: rows from north to south, columns from west to east",
            got=str(heights.shape),
        )
    if np.dtype(heights.dtype).kind not in "fiu":
        raise DtypeError.build(
            "BAD_DTYPE", "heights have the wrong dtype", expected="a real one: float32 best", got=str(heights.dtype)
        )


def cells_of(heights: Heights) -> Heights:
    """Real cells with two axes; what is masked is NaN, which means a hole, and keeps its digits."""
    import numpy as np

    check_heights(heights)
    if not isinstance(heights, np.ma.MaskedArray):
        return heights
    dtype = heights.dtype
    if dtype.kind != "f":  # integers know no NaN
        dtype = np.dtype(np.float32 if dtype.itemsize < 4 else np.float64)
    return np.asarray(np.ma.filled(heights.astype(dtype), np.nan))


def heights_of(heights: Heights) -> Heights:
    """float32 cells with two axes in C order; other real dtypes are converted, views gathered, masked cells NaN."""
    import numpy as np

    cells = cells_of(heights)
    if isinstance(cells, Array):  # stays on the device
        return contiguous(cells if cells.dtype == np.float32 else cells.astype(np.float32))
    with np.errstate(over="ignore"):  # -1.8e308 is the nodata of many programs, infinite in float32 as in `nodata`
        return np.ascontiguousarray(cells, np.float32)


def number(
    value: float, name: str, *, above: float = -math.inf, least: float = -math.inf, most: float = math.inf
) -> float:
    """A finite number in a range."""
    try:
        result = float(value)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", f"{name} has the wrong type", expected="a number", got=type(value).__name__
        ) from error
    except OverflowError:
        result = math.inf
    if not (math.isfinite(result) and result > above and least <= result <= most):
        limits = [f"> {above:g}"] if above > -math.inf else []
        if least > -math.inf:
            limits += [f"{least:g} to {most:g}" if most < math.inf else f">= {least:g}"]
        elif most < math.inf:
            limits += [f"<= {most:g}"]
        raise InputError.build(
            "INVALID_ARGUMENT",
            f"{name} is out of range",
            expected=" and ".join(["a finite number", *limits]),
            got=str(value),
        )
    return result


def integer(value: int, name: str, *, least: int, most: int) -> int:
    """An integer in a range."""
    import operator

    try:
        result = operator.index(value)
    except TypeError as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", f"{name} has the wrong type", expected="an integer", got=type(value).__name__
        ) from error
    if not least <= result <= most:
        raise InputError.build(
            "INVALID_ARGUMENT", f"{name} is out of range", expected=f"{least} to {most}", got=str(value)
        )
    return result


def choice(value: str, name: str, choices: Sequence[str]) -> str:
    """One of some words."""
    if not isinstance(value, str):
        raise ArgumentTypeError.build(
            "BAD_TYPE", f"{name} has the wrong type", expected="a str", got=type(value).__name__
        )
    if value not in choices:
        raise InputError.build(
            "INVALID_ARGUMENT", f"unknown {name}", expected=" or ".join(map(repr, choices)), got=repr(value)
        )
    return value


def flag(value: bool, name: str) -> bool:
    """True or false."""
    try:
        return bool(value)
    except (TypeError, ValueError) as error:  # an array, say
        raise ArgumentTypeError.build(
            "BAD_TYPE", f"{name} has the wrong type", expected="a bool", got=type(value).__name__
        ) from error


def each_of(values: Any, name: str) -> list[Any]:
    """The members of a sequence of numbers; texts, whose members are digits, are none."""
    try:
        if not isinstance(values, (str, bytes)):
            return list(values)
    except TypeError:  # a number, say
        pass
    raise ArgumentTypeError.build(
        "BAD_TYPE", f"{name} has the wrong type", expected="a sequence of numbers", got=type(values).__name__
    )


def pair(value: Any, name: str) -> tuple[Any, Any]:
    """Two of something."""
    try:
        first, second = value
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", f"{name} has the wrong type", expected="two numbers", got=repr(value)
        ) from error
    return first, second


def cell_of(cell: Cell) -> tuple[float, float]:
    """Width and height of a cell."""
    width, height = (cell, cell) if not hasattr(cell, "__len__") else pair(cell, "cell")
    return number(width, "cell", above=0), number(height, "cell", above=0)


def holes_of(nodata: float | None, fill: float | None) -> list[float]:
    """The height that means a hole, and what holes get: NaN for None."""
    return [_hole(nodata, "nodata"), _hole(fill, "fill")]


def _hole(value: float | None, name: str) -> float:
    return math.nan if value is None or is_nan(value) else number(value, name)


def is_nan(value: Any) -> bool:
    """Whether it is a number that is none, of Python or NumPy."""
    import numpy as np

    return isinstance(value, (float, np.floating, np.ndarray)) and np.ndim(value) == 0 and bool(value != value)


def refuse_masked(value: Any, name: str, mend: str) -> None:
    """Refuses a masked array, whose mask a picture has no place for."""
    import numpy as np

    if isinstance(value, np.ma.MaskedArray):
        raise ArgumentTypeError.build(
            "BAD_TYPE",
            f"{name} is a masked array, whose mask would be lost",
            expected="a plain ndarray",
            got="numpy.ma.MaskedArray",
            mend=mend,
        )


def bytes_or_floats(dtype: Any) -> np.dtype[Any]:
    """uint8 or float32."""
    import numpy as np

    try:
        result: np.dtype[Any] = np.dtype(dtype)
    except TypeError as error:
        raise DtypeError.build(
            "BAD_DTYPE", "unknown dtype", expected="'float32' or 'uint8'", got=repr(dtype)
        ) from error
    if result not in (np.dtype(np.float32), np.dtype(np.uint8)):
        raise DtypeError.build("BAD_DTYPE", "dtype of a result", expected="'float32' or 'uint8'", got=str(result))
    return result
