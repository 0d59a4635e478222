"""What a map has beside the map: legends, scale bar, north arrow, title and labels, laid out on any picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from vulkan_forge.errors import ArgumentTypeError, InputError, ShapeError
from vulkan_forge.graphics._colormaps import Comparable
from vulkan_forge.graphics._raster_arguments import each_of, flag
from vulkan_forge.graphics._ticks import LEAST_WIDTH, MOST_WIDTH

if TYPE_CHECKING:
    import os

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ColorBar", "FurnitureStyle", "Label", "Legend", "NorthArrow", "ScaleBar", "Title", "furnish"]

PLACES = (
    "upper left",
    "upper",
    "upper right",
    "left",
    "right",
    "lower left",
    "lower",
    "lower right",
)
ANCHORS = ("auto", "right", "left", "above", "below", "centre")
SYSTEMS = ("metric", "imperial")
ORIENTATIONS = ("vertical", "horizontal")


class Projection(Protocol):
    """What places world points in a picture: the `view` of a figure or of a terrain, or an object of yours."""

    @property
    def target(self) -> Any:
        """(x, y, z) of a point on the ground that is seen."""

    def project(self, points: Any) -> NDArray[np.float64]:
        """(N, 3) world points as x and y, pixels from the upper left corner, and depth as `Figure.read` has it."""


@dataclass(frozen=True)
class FurnitureStyle:
    """How furniture looks, all of it in one picture.

    Args:
        scale: Times the size that suits the picture's number of pixels.
        dpi: Pixels an inch in print: letters then have 8 points.
        margin: Free space inside the edges, in heights of a line of text.
        font: A font file; None: DejaVu Sans.
        bold: A font file for titles; None: DejaVu Sans Bold, or `font` where one is named.
        ink: (r, g, b) of letters and lines, 0 to 255; None: dark on bright ground, bright on dark ground.
        paper: (r, g, b) of the ground for what stands outside the picture.

    Raises:
        InputError: A value that cannot work (subclasses say which).

    Example:
        >>> from vulkan_forge import graphics
        >>> graphics.FurnitureStyle(dpi=300, ink=(40, 40, 60)).margin
        1.2
    """

    _: KW_ONLY
    scale: float = 1.0
    dpi: float | None = None
    margin: float = 1.2
    font: str | os.PathLike[str] | None = None
    bold: str | os.PathLike[str] | None = None
    ink: tuple[int, int, int] | None = None
    paper: tuple[int, int, int] = (255, 255, 255)

    def __post_init__(self) -> None:
        _number("scale", self.scale, 0.05, 100)
        _number("margin", self.margin, 0, 100)
        if self.dpi is not None:
            _number("dpi", self.dpi, 10, 10_000)
        object.__setattr__(self, "paper", _color("paper", self.paper))
        if self.ink is not None:
            object.__setattr__(self, "ink", _color("ink", self.ink))

    def em(self, width: int, height: int) -> float:
        """Pixels of a line of text in a picture."""
        plain = max(11.0, 14 * math.sqrt(width * height) / 1200) if self.dpi is None else 8 / 72 * self.dpi
        return min(max(self.scale * plain, 1.0), 2000.0)


@dataclass(frozen=True, eq=False)
class ColorBar(Comparable):
    """A legend of colours, with ticks at round numbers that never touch each other.

    Args:
        colormap: "gray", "relief", a name of `colormap_supported()` or of matplotlib's, a colormap of matplotlib, or
            colours (n, 3 or 4): floats 0 to 1, or 0 to 255. What is seen through shows light paper.
        limits: The values of the first and the last colour, 1e-300 to 1e300 apart.
        label: What the values are, such as "Elevation".
        unit: Their unit, such as "m".
        orientation: "vertical" or "horizontal".
        place: A corner or an edge, such as "upper right", "right" or "lower".
        outside: Beside the picture, which grows by that, and not on it.
        length: Of the picture's height or width, at most.
        ticks: Values to mark, or a mapping from values to texts; None: chosen.

    Raises:
        InputError: A value that cannot work (subclasses say which).

    Example:
        >>> from vulkan_forge import graphics
        >>> bar = graphics.ColorBar("magma", (-40, 120), label="Anomaly", unit="mGal")
        >>> graphics.furnish(np.zeros((400, 600, 4), np.uint8), bar).shape
        (400, 600, 4)
    """

    colormap: Any
    limits: tuple[float, float]
    _: KW_ONLY
    label: str = ""
    unit: str = ""
    orientation: str = "vertical"
    place: str = "right"
    outside: bool = False
    length: float | None = None
    ticks: Sequence[float] | Mapping[float, str] | None = None

    def __post_init__(self) -> None:
        low, high = _pair("limits", self.limits)
        if not (low < high and math.isfinite(high - low)):
            _refuse("limits of a colour bar", "two finite numbers, low < high", self.limits)
        if not LEAST_WIDTH <= high - low <= MOST_WIDTH:
            _refuse("limits of a colour bar", f"{LEAST_WIDTH:g} to {MOST_WIDTH:g} apart", self.limits)
        object.__setattr__(self, "limits", (low, high))
        _text("label", self.label)
        _text("unit", self.unit)
        _word("orientation", self.orientation, ORIENTATIONS)
        _word("place", self.place, PLACES)
        _flags(self, "outside")
        if self.length is not None:
            _number("length", self.length, 0.02, 1)
        if isinstance(self.ticks, Mapping):
            for value, text in self.ticks.items():
                _number("ticks", value)
                _text("ticks", text)
        elif self.ticks is not None:
            object.__setattr__(self, "ticks", tuple(each_of(self.ticks, "ticks")))
            for value in self.ticks:
                _number("ticks", value)


@dataclass(frozen=True)
class Legend:
    """A legend of classes: a patch of each colour, and beside it what it stands for.

    Args:
        classes: (text, (r, g, b)) of each from top to bottom, colours 0 to 255.
        title: Above them.
        place: As for `ColorBar`.
        outside: As for `ColorBar`.

    Raises:
        InputError: A value that cannot work (subclasses say which).

    Example:
        >>> from vulkan_forge import graphics
        >>> legend = graphics.Legend([("in sight", (250, 220, 120)), ("hidden", (120, 130, 150))])
        >>> graphics.furnish(np.zeros((400, 600, 4), np.uint8), legend).shape
        (400, 600, 4)
    """

    classes: Sequence[tuple[str, tuple[int, int, int]]]
    _: KW_ONLY
    title: str = ""
    place: str = "right"
    outside: bool = False

    def __post_init__(self) -> None:
        try:
            classes = tuple((text, tuple(color)) for text, color in self.classes)
        except (TypeError, ValueError) as error:
            raise ArgumentTypeError.build(
                "BAD_TYPE", "classes have the wrong type", expected="(text, colour) of each", got=repr(self.classes)
            ) from error
        if not classes:
            _refuse("a legend of no classes", "one or more", self.classes)
        for text, _ in classes:
            _text("classes", text)
        object.__setattr__(self, "classes", tuple((text, _color("classes", color)) for text, color in classes))
        _text("title", self.title)
        _word("place", self.place, PLACES)
        _flags(self, "outside")


@dataclass(frozen=True)
class ScaleBar:
    """A bar of a round length in metres and kilometres, or feet and miles.

    In a perspective view it says how far things lie apart across the picture, on level ground at the row of pixels
    where the bar stands: there it is exact, further up the same distance is shorter. A note says so. Views by parallel
    rays and maps have one scale everywhere.

    Args:
        units_per_pixel: World units a pixel covers; None: from the view.
        unit_m: Metres in a unit of the world: 0.3048 for feet.
        system: "metric" or "imperial".
        place: As for `ColorBar`.
        outside: As for `ColorBar`.
        length: Of the picture's width, at most.
        ground: Height of the ground it stands on, in a perspective view; None: that of the view's target.
        note: A text below; None: in perspective "in the foreground" or where else it stands; "": none.

    Raises:
        InputError: A value that cannot work (subclasses say which).

    Example:
        >>> from vulkan_forge import graphics
        >>> bar = graphics.ScaleBar(units_per_pixel=30)  # a raster with cells of 30 m
        >>> graphics.furnish(np.zeros((400, 600, 4), np.uint8), bar).shape
        (400, 600, 4)
    """

    _: KW_ONLY
    units_per_pixel: float | None = None
    unit_m: float = 1.0
    system: str = "metric"
    place: str = "lower left"
    outside: bool = False
    length: float = 0.2
    ground: float | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        if self.units_per_pixel is not None:
            _number("units_per_pixel", self.units_per_pixel, 1e-30, 1e30)
        _number("unit_m", self.unit_m, 1e-30, 1e30)
        _word("system", self.system, SYSTEMS)
        _word("place", self.place, PLACES)
        _flags(self, "outside")
        _number("length", self.length, 0.02, 1)
        if self.ground is not None:
            _number("ground", self.ground)
        if self.note is not None:
            _text("note", self.note)


@dataclass(frozen=True)
class NorthArrow:
    """An arrow to the north, as the view shows it at its target.

    Args:
        azimuth: Degrees from the picture's upward direction clockwise to north; None: from the view, or 0 without one.
        place: As for `ColorBar`.
        letter: What stands at its tip.

    Raises:
        InputError: A value that cannot work (subclasses say which).

    Example:
        >>> from vulkan_forge import graphics
        >>> graphics.furnish(np.zeros((400, 600, 4), np.uint8), graphics.NorthArrow(azimuth=20)).shape
        (400, 600, 4)
    """

    _: KW_ONLY
    azimuth: float | None = None
    place: str = "upper right"
    letter: str = "N"

    def __post_init__(self) -> None:
        if self.azimuth is not None:
            _number("azimuth", self.azimuth)
        _word("place", self.place, PLACES)
        _text("letter", self.letter)


@dataclass(frozen=True)
class Title:
    """A title, and smaller text below it. What is too long for a line is broken; beyond three lines it is cut.

    Args:
        text: The title.
        subtitle: Below it.
        place: As for `ColorBar`.
        outside: Above the picture, which grows by that, and not on it.

    Raises:
        InputError: A value that cannot work (subclasses say which).

    Example:
        >>> from vulkan_forge import graphics
        >>> title = graphics.Title("Jacksboro", "Tennessee, SRTM", outside=True)
        >>> graphics.furnish(np.zeros((400, 600, 4), np.uint8), title).shape[0] > 400
        True
    """

    text: str
    subtitle: str = ""
    _: KW_ONLY
    place: str = "upper left"
    outside: bool = False

    def __post_init__(self) -> None:
        _text("text", self.text)
        _text("subtitle", self.subtitle)
        _word("place", self.place, PLACES)
        _flags(self, "outside")


@dataclass(frozen=True)
class Label:
    """A name at a place. Labels that find no room beside those of higher priority and other furniture are left out.

    Args:
        text: The name; a line end breaks it.
        at: (x, y) in pixels from the upper left corner, or (x, y, z) in the world, for which a view is needed.
        priority: Higher ones are placed first.
        size: Times that of other letters.
        bold: In the bold font.
        color: (r, g, b); None: as other letters.
        dot: A dot at the place, and the name beside it; else the name stands on the place.
        anchor: Where the name stands: "right", "left", "above", "below", "centre"; "auto": where room is.
        hide: Left out where the place lies behind something, as the picture's depth says.

    Raises:
        InputError: A value that cannot work (subclasses say which).

    Example:
        >>> from vulkan_forge import graphics
        >>> picture = np.full((200, 300, 4), 255, np.uint8)
        >>> named = graphics.furnish(picture, graphics.Label("Gornergrat", (120, 80)))
        >>> bool((named != picture).any())
        True
    """

    text: str
    at: tuple[float, ...]
    _: KW_ONLY
    priority: float = 0.0
    size: float = 1.0
    bold: bool = False
    color: tuple[int, int, int] | None = None
    dot: bool = True
    anchor: str = "auto"
    hide: bool = False

    def __post_init__(self) -> None:
        _text("text", self.text)
        try:
            at = tuple(float(value) for value in self.at)
        except (TypeError, ValueError) as error:
            raise ArgumentTypeError.build(
                "BAD_TYPE", "at has the wrong type", expected="2 or 3 numbers", got=repr(self.at)
            ) from error
        if len(at) not in (2, 3) or not all(map(math.isfinite, at)):
            _refuse("at of a label", "2 or 3 finite numbers", self.at)
        object.__setattr__(self, "at", at)
        _number("priority", self.priority)
        _number("size", self.size, 0.1, 20)
        if self.color is not None:
            object.__setattr__(self, "color", _color("color", self.color))
        _word("anchor", self.anchor, ANCHORS)
        _flags(self, "bold", "dot", "hide")


def furnish(
    picture: NDArray[np.uint8],
    *items: ColorBar | Legend | ScaleBar | NorthArrow | Title | Label,
    view: Projection | None = None,
    depth: ArrayLike | None = None,
    style: FurnitureStyle | None = None,
) -> NDArray[np.uint8]:
    """Lay furniture out on a picture, so that none of it touches another.

    Sizes follow the picture's number of pixels, or `FurnitureStyle.dpi`. What shares a corner stands one below the
    other, in the order of the items; labels come last, by priority. Letters are mixed with the picture as light, and
    have a halo of the ground's own colour.

    Args:
        picture: uint8 of shape (H, W, 4), as `Target.read`, `raster.picture` and others give it; it stays as it is.
        *items: What to lay out.
        view: What places points of the world, for labels at three coordinates, scale bars and north arrows.
        depth: (H, W), as `Figure.read("depth")` gives it, for labels with `hide`.
        style: How all of it looks.

    Returns:
        uint8 of shape (H, W, 4); larger where items stand outside.

    Raises:
        InputError: No room for an item, or something that it needs is missing (subclasses say which).

    Example:
        >>> from vulkan_forge import graphics
        >>> from vulkan_forge.graphics import raster
        >>> y, x = np.mgrid[-2:2:480j, -3:3:720j]
        >>> heights = (900 * np.exp(-x**2 - y**2)).astype(np.float32)
        >>> image = raster.picture(heights, colormap="terrain", legend=False)
        >>> image = graphics.furnish(
        ...     image,
        ...     graphics.Title("A hill", "nobody's"),
        ...     graphics.ColorBar("terrain", (0, 900), label="Elevation", unit="m"),
        ...     graphics.ScaleBar(units_per_pixel=30),
        ...     graphics.NorthArrow(),
        ...     graphics.Label("Summit", (360, 240)),
        ... )
        >>> image.shape
        (480, 720, 4)
    """
    from vulkan_forge.graphics._compose import compose

    return compose(picture, items, view=view, depth=depth, style=FurnitureStyle() if style is None else style).picture


def _refuse(failed: str, expected: str, got: object) -> None:
    raise InputError.build("INVALID_ARGUMENT", f"{failed} cannot work", expected=expected, got=repr(got))


def _number(name: str, value: object, least: float = -math.inf, most: float = math.inf) -> None:
    try:
        number = float(None if isinstance(value, (str, bytes)) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", f"{name} has the wrong type", expected="a number", got=type(value).__name__
        ) from error
    if not (math.isfinite(number) and least <= number <= most):
        span = "a finite number" if most == math.inf else f"{least:g} to {most:g}"
        _refuse(name, span, value)


def _pair(name: str, value: Any) -> tuple[float, float]:
    try:
        first, second = (float(one) for one in value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", f"{name} has the wrong type", expected="two numbers", got=repr(value)
        ) from error
    return first, second


def _text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise ArgumentTypeError.build(
            "BAD_TYPE", f"{name} has the wrong type", expected="a str", got=type(value).__name__
        )


def _word(name: str, value: object, words: Sequence[str]) -> None:
    _text(name, value)
    if value not in words:
        raise InputError.build(
            "INVALID_ARGUMENT", f"unknown {name}", expected=" or ".join(map(repr, words)), got=repr(value)
        )


def _color(name: str, value: Any) -> tuple[int, int, int]:
    """Of Python's own numbers: sums of NumPy's bytes end at 255."""
    parts: Any = () if isinstance(value, str) else value
    try:
        red, green, blue = parts
    except (TypeError, ValueError) as error:
        raise ShapeError.build(
            "BAD_SHAPE", f"{name} is no colour", expected="(r, g, b), 0 to 255", got=repr(value)
        ) from error
    for part in (red, green, blue):
        _number(name, part, 0, 255)
    return round(float(red)), round(float(green)), round(float(blue))


def _flags(item: object, *names: str) -> None:
    for name in names:
        object.__setattr__(item, name, flag(getattr(item, name), name))
