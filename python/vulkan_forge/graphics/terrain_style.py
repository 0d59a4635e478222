"""How terrain looks."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from vulkan_forge.errors import ArgumentTypeError, InputError
from vulkan_forge.graphics._colormaps import Comparable, colors_of
from vulkan_forge.graphics._colors import color_of
from vulkan_forge.graphics._raster_arguments import choice, flag, integer, number, pair

if TYPE_CHECKING:
    from vulkan_forge.graphics._colors import Color

__all__ = ["TerrainStyle"]


def _says(help_text: str, constraints: str) -> dict[str, str]:
    return {"help": help_text, "constraints": constraints}


@dataclass(frozen=True, kw_only=True, eq=False)
class TerrainStyle(Comparable):
    """How terrain looks. Every option has a default that fits most rasters.

    Args:
        colormap: Colours from low to high: "relief" (tints of an atlas), a name that `colormap_supported()` lists or
            matplotlib knows, a matplotlib colormap, or (N, 3 or 4) of uint8 or of floats from 0 to 1, spread evenly.
            What is seen through shows light paper.
        color_range: Heights of the first and the last colour; None: the 1st to the 99th percentile.
        exaggeration: What heights are multiplied by; None: as much as forms need to be seen, and at least 1, but less
            where heights span more than 0.7 of the raster's longer side.
        shadows: "soft", "hard" or "none": those that land casts on itself.
        sky: Hollows see less of the sky, and are darker.
        sky_strength: How much darker, 0 to 4 (default 1.5); 1 is what an even sky would do.
        highlight: How far slopes that face the sun go towards white, 0 to 1 (default 0.35).
        water: Height of a water surface; None: none.
        water_color: Where it is shallow and where it is deep.
        water_depth: The depth at which it is mostly dark; None: a tenth of the range of heights.
        contours: Lines of equal height: an interval, True for a fitting one, or False.
        contour_major: Every so manieth line is wide (default 5).
        contour_width: Pixels (default 1.0).
        contour_color: With its alpha.
        walls: The block has sides and a base.
        wall_color: Theirs.
        base: Height of the base; None: a little below the lowest point.
        ground: How dark shadows are that the block casts on the ground it stands on, 0 (no ground) to 1 (default 0.45).
        background: Of the picture.

    Raises:
        InputError: An option is out of range.

    Example:
        >>> from vulkan_forge import graphics
        >>> graphics.TerrainStyle(colormap="magma", contours=50).contour_major
        5
    """

    colormap: Any = field(default="relief", metadata=_says("Colours from low to high.", "a name"))
    color_range: tuple[float, float] | None = field(
        default=None, metadata=_says("Heights of the first and the last colour.", "two numbers, ascending")
    )
    exaggeration: float | None = field(default=None, metadata=_says("What heights are multiplied by.", "> 0"))
    shadows: str = field(default="soft", metadata=_says("Cast shadows.", "soft, hard or none"))
    sky: bool = field(default=True, metadata=_says("Hollows see less of the sky.", "a flag"))
    sky_strength: float = field(default=1.5, metadata=_says("How much darker hollows are.", "0 to 4"))
    highlight: float = field(default=0.35, metadata=_says("How far what faces the sun goes to white.", "0 to 1"))
    water: float | None = field(default=None, metadata=_says("Height of a water surface.", "a height"))
    water_color: tuple[Color, Color] = field(
        default=("#8fbfd0", "#2f6690"), metadata=_says("Shallow and deep.", "two colours")
    )
    water_depth: float | None = field(default=None, metadata=_says("Depth at which water is dark.", "> 0"))
    contours: float | bool = field(
        default=False, metadata=_says("Lines of equal height.", "an interval > 0, or a flag")
    )
    contour_major: int = field(default=5, metadata=_says("Every so manieth line is wide.", ">= 1"))
    contour_width: float = field(default=1.0, metadata=_says("Width of lines.", "> 0 pixels"))
    contour_color: Color = field(default="#33261ab0", metadata=_says("Colour of lines.", "a colour"))
    walls: bool = field(default=True, metadata=_says("The block has sides and a base.", "a flag"))
    wall_color: Color = field(default="#a59c92", metadata=_says("Colour of the sides.", "a colour"))
    base: float | None = field(default=None, metadata=_says("Height of the base.", "a height"))
    ground: float = field(default=0.45, metadata=_says("How dark shadows on the ground are.", "0 to 1"))
    background: Color = field(default="#f4f2ee", metadata=_says("Colour behind all.", "a colour"))

    def __post_init__(self) -> None:
        put = object.__setattr__
        colors_of(self.colormap)
        if self.color_range is not None:
            low, high = (number(end, "color_range") for end in pair(self.color_range, "color_range"))
            if not low < high:
                raise InputError.build(
                    "INVALID_ARGUMENT", "color_range is empty", expected="low < high", got=repr((low, high))
                )
            put(self, "color_range", (low, high))
        choice(self.shadows, "shadows", ("soft", "hard", "none"))
        for name, least, most in (("sky_strength", 0, 4), ("highlight", 0, 1), ("ground", 0, 1)):
            put(self, name, number(getattr(self, name), name, least=least, most=most))
        for name in ("exaggeration", "water_depth"):
            if getattr(self, name) is not None:
                put(self, name, number(getattr(self, name), name, above=0))
        for name in ("water", "base"):
            if getattr(self, name) is not None:
                put(self, name, number(getattr(self, name), name))
        if isinstance(self.contours, (bool, np.bool_)):
            put(self, "contours", bool(self.contours))
        else:
            put(self, "contours", number(self.contours, "contours", above=0))
        put(self, "contour_major", integer(self.contour_major, "contour_major", least=1, most=1000))
        put(self, "contour_width", number(self.contour_width, "contour_width", above=0, most=100))
        for name in ("sky", "walls"):
            put(self, name, flag(getattr(self, name), name))
        for name in ("contour_color", "wall_color", "background"):
            color_of(getattr(self, name), name)
        for color in pair(self.water_color, "water_color"):
            color_of(color, "water_color")


def style_of(style: Any) -> TerrainStyle:
    """The default one for None."""
    if style is not None and not isinstance(style, TerrainStyle):
        raise ArgumentTypeError.build("BAD_TYPE", "style", expected="a TerrainStyle", got=type(style).__name__)
    return TerrainStyle() if style is None else style


def known_options(options: dict[str, Any]) -> dict[str, Any]:
    """Those of `TerrainStyle`, or an error that names them."""
    names = [one.name for one in dataclasses.fields(TerrainStyle)]
    for name in options:
        if name not in names:
            raise ArgumentTypeError.build("BAD_TYPE", f"unknown option {name!r}", expected=", ".join(names), got=name)
    return options
