"""Colours from low to high, as users name or give them."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from vulkan_forge._vulkan_forge import colormap_supported, raster_colors
from vulkan_forge.errors import ArgumentTypeError, DtypeError, InputError, ShapeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Tints of an atlas, from valley to summit.
RELIEF = (
    (103, 137, 102),
    (139, 163, 114),
    (181, 191, 137),
    (216, 207, 162),
    (209, 184, 139),
    (190, 155, 117),
    (176, 142, 116),
    (200, 178, 161),
    (239, 233, 224),
)
SIZE = 256


class Comparable:
    """Equality and hash of a frozen dataclass some of whose fields may be arrays, which have no one answer to that."""

    def _parts(self) -> tuple[Any, ...]:
        return type(self), *(_comparable(getattr(self, one.name)) for one in dataclasses.fields(cast(Any, self)))

    def __eq__(self, other: object) -> bool:
        return self._parts() == other._parts() if isinstance(other, Comparable) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._parts())


def _comparable(value: Any) -> Any:
    import numpy as np

    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    return tuple(map(_comparable, value)) if isinstance(value, (list, tuple)) else value


def colors_of(colormap: Any) -> NDArray[np.uint8]:
    """RGBA of shape (256, 4)."""
    import numpy as np

    if isinstance(colormap, str):
        return _named(colormap)
    if callable(colormap):
        return _sampled(colormap)
    if isinstance(colormap, (np.ndarray, list, tuple)):
        return _spread(np.asarray(colormap))
    raise ArgumentTypeError.build(
        "BAD_TYPE", "a colormap", expected="a name, a matplotlib colormap or (N, 3 or 4)", got=type(colormap).__name__
    )


@lru_cache(maxsize=64)
def _named(name: str) -> NDArray[np.uint8]:
    import numpy as np

    colors: NDArray[np.uint8]
    if name == "relief":
        colors = _spread(np.array(RELIEF, np.uint8))
    elif name in colormap_supported():
        colors = raster_colors(name)
    else:
        colors = _sampled(_of_matplotlib(name))
    colors.flags.writeable = False
    return colors


def _sampled(colormap: Any) -> NDArray[np.uint8]:
    """A matplotlib colormap's own bytes, or those of any function from 0 to 1 to colours."""
    import numpy as np

    at = np.linspace(0, 1, SIZE)
    try:
        return _bytes(np.asarray(colormap(at, bytes=True)))
    except TypeError:
        return _bytes(np.asarray(colormap(at)))


def _of_matplotlib(name: str) -> Any:
    own = ", ".join(["relief", *colormap_supported()])
    try:
        from matplotlib import colormaps
    except ImportError:
        raise InputError.build(
            "INVALID_ARGUMENT",
            "unknown colormap",
            expected=own,
            got=repr(name),
            mend="with matplotlib installed all of its names are known",
        ) from None
    try:
        return colormaps[name]
    except KeyError:
        import difflib

        close = difflib.get_close_matches(name, [*own.split(", "), *colormaps], n=3)
        raise InputError.build(
            "INVALID_ARGUMENT",
            "unknown colormap",
            expected=f"{own}, or a name of matplotlib's",
            got=repr(name),
            mend=f"close to it: {', '.join(close)}" if close else "",
        ) from None


def _spread(colors: NDArray[Any]) -> NDArray[np.uint8]:
    """Colours at even distances, and those between them."""
    import numpy as np

    if colors.ndim != 2 or colors.shape[0] < 1 or colors.shape[1] not in (3, 4):
        raise ShapeError.build("BAD_SHAPE", "a colormap", expected="(N, 3 or 4)", got=str(colors.shape))
    if colors.dtype.kind not in "uif" or (colors.dtype.kind == "u" and colors.dtype != np.uint8):
        raise DtypeError.build(
            "BAD_DTYPE", "a colormap", expected="uint8, or floats from 0 to 1", got=str(colors.dtype)
        )
    values = colors / 255.0 if colors.dtype == np.uint8 else np.asarray(colors, np.float64)
    if not bool(np.all((values >= 0) & (values <= 1))):
        raise InputError.build(
            "INVALID_ARGUMENT",
            "a colormap's colours",
            expected="0 to 1, or 0 to 255 as uint8",
            got=f"{colors.dtype}, {colors.min()} to {colors.max()}",
            mend="np.array(colors, np.uint8) makes bytes of numbers up to 255",
        )
    at, known = np.linspace(0, 1, SIZE), np.linspace(0, 1, len(values))
    return _bytes(np.stack([np.interp(at, known, channel) for channel in values.T], axis=1))


def _bytes(colors: NDArray[Any]) -> NDArray[np.uint8]:
    import numpy as np

    if colors.ndim != 2 or colors.shape[1] not in (3, 4):
        raise ShapeError.build("BAD_SHAPE", "a colormap's colours", expected="(256, 3 or 4)", got=str(colors.shape))
    if colors.dtype.kind == "f":
        colors = np.round(np.clip(colors, 0, 1) * 255).astype(np.uint8)
    if colors.shape[1] == 3:
        colors = np.concatenate([colors, np.full((len(colors), 1), 255, np.uint8)], axis=1)
    return colors.astype(np.uint8)
