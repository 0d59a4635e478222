"""Statistics and normalisation of elevation models in NumPy; `Renderer` does the same to its own heights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from vulkan_forge.errors import ArgumentTypeError, InputError, ShapeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

# NumPy is imported where it is used: `import vulkan_forge` alone must not pay for it.

Stats = tuple[float, float, float, float]


def dem_stats(heightmap: ArrayLike) -> Stats:
    """Return minimum, maximum, mean and population standard deviation of heights.

    Sums are taken in double precision. Holes (NaN, infinities and masked cells) do not count; a map of nothing but
    holes gives four NaN.

    Args:
        heightmap: 2-D float32 or float64 in C order, or what NumPy makes such an array of.

    Raises:
        ShapeError: The heightmap has another shape, dtype or layout, or is empty.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> vf.dem_stats(np.array([[0.0, 1.0], [2.0, np.nan]]))
        (0.0, 2.0, 1.0, 0.816496580927726)
    """
    return _stats(_checked(heightmap))


@overload
def dem_normalize(
    heightmap: ArrayLike,
    *,
    mode: str = "minmax",
    out_range: Sequence[float] = (0.0, 1.0),
    eps: float = 1e-8,
    return_stats: Literal[False] = False,
) -> NDArray[np.float32]: ...
@overload
def dem_normalize(
    heightmap: ArrayLike,
    *,
    mode: str = "minmax",
    out_range: Sequence[float] = (0.0, 1.0),
    eps: float = 1e-8,
    return_stats: Literal[True],
) -> tuple[NDArray[np.float32], Stats]: ...
def dem_normalize(
    heightmap: ArrayLike,
    *,
    mode: str = "minmax",
    out_range: Sequence[float] = (0.0, 1.0),
    eps: float = 1e-8,
    return_stats: bool = False,
) -> NDArray[np.float32] | tuple[NDArray[np.float32], Stats]:
    """Return heights brought to a range or to mean 0 and deviation 1. Holes stay holes; masked cells are NaN.

    Args:
        heightmap: As for `dem_stats`.
        mode: "minmax" maps the heights onto `out_range` (a flat map becomes its lower end); "zscore"
            subtracts the mean and divides by the deviation. In any case.
        out_range: Lower and upper end for "minmax".
        eps: Never divide by less.
        return_stats: Also return `dem_stats(heightmap)`.

    Raises:
        ShapeError: The heightmap has another shape, dtype or layout, or is empty.
        InputError: Another mode, or numbers that are not finite.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> vf.dem_normalize(np.array([[100.0, 150.0], [200.0, 100.0]]))
        array([[0. , 0.5],
               [1. , 0. ]], dtype=float32)
    """
    import numpy as np

    heights = _checked(heightmap)
    if not isinstance(mode, str) or mode.lower() not in ("minmax", "zscore"):
        raise InputError.build("INVALID_ARGUMENT", "mode must be 'minmax' or 'zscore'", got=repr(mode))
    try:
        low, high = map(float, out_range)
        eps = float(eps)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", "out_range must be two numbers and eps one", got=f"{out_range!r}, {eps!r}"
        ) from error
    if not np.isfinite([low, high]).all():
        raise InputError.build("INVALID_ARGUMENT", "out_range must be finite", got=str((low, high)))
    if not (np.isfinite(eps) and eps >= 0):
        raise InputError.build("INVALID_ARGUMENT", "eps must be finite and >= 0", got=str(eps))
    stats = _stats(heights)
    lowest, highest, mean, std = stats
    if mode.lower() == "minmax":
        start, width, factor, offset = lowest, highest - lowest, high - low, low
    else:
        start, width, factor, offset = mean, std, 1.0, 0.0
    scale = factor / max(width, eps) if width > 0 else 0.0
    is_height = np.isfinite(heights)
    result = heights.astype(np.float32)
    result[is_height] = (heights[is_height].astype(np.float64) - start) * scale + offset
    return (result, stats) if return_stats else result


def _checked(heightmap: ArrayLike) -> NDArray[Any]:
    import numpy as np

    heights = np.asarray(heightmap)
    if isinstance(heightmap, np.ma.MaskedArray) and heights.dtype.kind == "f":
        heights = np.asarray(heightmap.filled(np.nan))  # its data below the mask are no heights
    if heights.ndim != 2 or heights.dtype not in (np.float32, np.float64) or not heights.flags.c_contiguous:
        order = "C" if heights.flags.c_contiguous else "not C"
        raise ShapeError.build(
            "BAD_SHAPE",
            "heightmap must be 2-D float32/float64 and C-contiguous",
            got=f"{heights.dtype} {heights.shape}, {order}-contiguous",
            mend="convert it: numpy.ascontiguousarray(heightmap, numpy.float32)",
        )
    if heights.size == 0:
        raise ShapeError.build("BAD_SHAPE", "heightmap cannot be empty", got=str(heights.shape))
    return heights


def _stats(heights: NDArray[Any]) -> Stats:
    import numpy as np

    values = heights[np.isfinite(heights)].astype(np.float64)
    if values.size == 0:
        return (np.nan,) * 4
    lowest, highest = float(values.min()), float(values.max())
    if lowest == highest:
        return lowest, highest, lowest, 0.0  # exact, however many there are
    return lowest, highest, float(values.mean()), float(values.std())
