"""Terrain: a raster of heights as a finished picture, or as an object of one."""

from __future__ import annotations

import dataclasses
import math
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vulkan_forge._vulkan_forge import Array, Land, encode_png
from vulkan_forge.errors import ArgumentTypeError, DtypeError, InputError, ShapeError, StateError
from vulkan_forge.graphics._colormaps import colors_of
from vulkan_forge.graphics._colors import color_of
from vulkan_forge.graphics._raster_arguments import cell_of, choice, flag, integer, number, pair
from vulkan_forge.graphics._terrain_map import terrain_items, terrain_label, terrain_map
from vulkan_forge.graphics.figure import Camera, Figure, Light
from vulkan_forge.graphics.png import write_png

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from vulkan_forge._vulkan_forge import Device, View
    from vulkan_forge.graphics._colors import Color
    from vulkan_forge.graphics._raster_arguments import Cell, Heights
    from vulkan_forge.graphics.furniture import FurnitureStyle, Label

__all__ = ["Terrain", "TerrainStyle"]

MOST_HEIGHT = 1e37  # what is beyond stands for a hole
MOST_COPIED = 64 << 20  # cells; larger rasters are used where they lie
NICE_LINES = 16  # contours between the lowest and the highest height, about


def _says(help_text: str, constraints: str) -> dict[str, str]:
    return {"help": help_text, "constraints": constraints}


@dataclass(frozen=True, kw_only=True)
class TerrainStyle:
    """How terrain looks. Every option has a default that fits most rasters.

    Args:
        colormap: Colours from low to high: "relief" (tints of an atlas), a name that `colormap_supported()` lists or
            matplotlib knows, a matplotlib colormap, or (N, 3 or 4) of uint8 or of floats from 0 to 1, spread evenly.
            What is seen through shows light paper.
        color_range: Heights of the first and the last colour; None: the 1st to the 99th percentile.
        exaggeration: What heights are multiplied by; None: as much as forms need to be seen, and at least 1.
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
        if not isinstance(self.contours, bool):
            put(self, "contours", number(self.contours, "contours", above=0))
        put(self, "contour_major", integer(self.contour_major, "contour_major", least=1, most=1000))
        put(self, "contour_width", number(self.contour_width, "contour_width", above=0, most=100))
        for name in ("sky", "walls"):
            put(self, name, flag(getattr(self, name), name))
        for name in ("contour_color", "wall_color", "background"):
            color_of(getattr(self, name), name)
        for color in pair(self.water_color, "water_color"):
            color_of(color, "water_color")


class Terrain(Land):
    """A raster of heights as a lit block: by itself one line from an array to a picture, or an object of a `Figure`.

    The picture frames the block from the south, so that north is up; a sun with soft edges casts its shadows, hollows
    see less of the sky, level ground in full light has exactly the colours of the legend, and the block has sides and
    stands on a ground that it shades. The cost follows the picture's pixels, not the raster's cells.

    Map coordinates are those of `extent` or `origin`: x east, y north, in metres or degrees. World coordinates, which
    figures and cameras use, are metres, and heights times the exaggeration.

    Args:
        dem: (rows, columns) ndarray or `Array` of any real dtype, row 0 north. NaN, `nodata`, what is masked and what
            is beyond 1e37 (infinities, the nodata of many programs) are holes. Up to 64 Mi cells are copied; larger
            float32 ndarrays are used where they lie, and must not change as long as the terrain lives.
        cell: Width of a cell, or width and height, in `units`.
        units: Of cells: "metres" (or whatever heights are in), or "degrees", which become metres at the raster's
            latitude.
        origin: Map coordinates of the outer corner in the northwest; default (0, rows * cell height).
        extent: (west, east, south, north) of the raster's outer edges, instead of cell and origin.
        latitude: Degrees, for cells in degrees without `origin` or `extent`.
        nodata: A height that stands for a hole.
        style: A `TerrainStyle`; None: the default one.
        device: A `Device`; None for the default one.
        **options: Options of `TerrainStyle` by name, over those of `style`.

    Raises:
        InputError: A wrong dtype, shape, number, word or colour (subclasses say which).
        NoDeviceError: No usable Vulkan device.

    Example:
        >>> from vulkan_forge import graphics
        >>> y, x = np.mgrid[-2:2:90j, -3:3:120j]
        >>> hills = 300 * np.exp(-(x**2) - y**2) + 120 * np.sin(2 * x) * np.cos(3 * y)
        >>> terrain = graphics.Terrain(hills, cell=25, water=-60, contours=True)
        >>> terrain.save("relief.png", width=320, height=200)
        >>> terrain.render(320, 200).shape
        (200, 320, 4)
    """

    def __init__(
        self,
        dem: Heights,
        cell: Cell | None = None,
        *,
        units: str = "metres",
        origin: Sequence[float] | None = None,
        extent: Sequence[float] | None = None,
        latitude: float | None = None,
        nodata: float | None = None,
        style: TerrainStyle | None = None,
        device: Device | None = None,
        **options: Any,
    ) -> None:
        self._heights = _heights_of(dem)
        shape = self._heights.shape
        self._cell, self._corner = _placed(shape, cell, choice(units, "units", ("metres", "degrees")), origin, extent)
        self._per_unit = (1.0, 1.0)
        if units == "degrees":
            placed = extent if origin is None else origin
            self._per_unit = _metres_per_degree(_latitude(latitude, placed, self._corner, self._cell, shape))
        self._nodata = _nodata_of(nodata)
        world = [c * per for c, per in zip(self._cell, self._per_unit, strict=True)]
        corner = [c * per for c, per in zip(self._corner, self._per_unit, strict=True)]
        if not all(math.isfinite(one) and one > 0 for one in world):
            raise InputError.build("INVALID_ARGUMENT", "cell is out of range", expected="> 0", got=str(tuple(world)))
        super().__init__(self._heights, cell=world, corner=corner, nodata=self._nodata, device=device)
        self._summary = self.summary()
        self._own: Figure | None = None  # which render() draws in: without the terrain in between, so that both can go
        self._seen: tuple[Figure, View] | weakref.ref[Figure] | None = None
        self.style = dataclasses.replace(_style_of(style), **_known(options))

    # -- how it looks

    @property
    def style(self) -> TerrainStyle:
        """How it looks; may be set."""
        return self._style

    @style.setter
    def style(self, style: TerrainStyle) -> None:
        self._style = _style_of(style)
        self.set_style(self._numbers())

    @property
    def exaggeration(self) -> float:
        """What heights are multiplied by."""
        chosen = self._style.exaggeration
        return float(self._summary["natural_exaggeration"] if chosen is None else chosen)

    @property
    def color_range(self) -> tuple[float, float]:
        """Heights of the first and the last colour."""
        if self._style.color_range is not None:
            return self._style.color_range
        low, high = self._summary["typical_low"], self._summary["typical_high"]
        return (low, high) if high > low else (low, low + max(abs(low) * 1e-6, 1.0))

    @property
    def colors(self) -> NDArray[np.uint8]:
        """The legend: RGBA of shape (256, 4), from the first to the last colour."""
        return colors_of(self._style.colormap)

    @property
    def height_range(self) -> tuple[float, float]:
        """The lowest and the highest height; holes do not count."""
        return self._summary["low"], self._summary["high"]

    @property
    def contour_interval(self) -> float:
        """Heights from line to line; 0 where there are none."""
        chosen = self._style.contours
        if isinstance(chosen, bool):
            low, high = self.height_range
            return _nice((high - low) / NICE_LINES) if chosen and high > low else 0.0
        return chosen

    def _base(self) -> float:
        style, (low, high) = self._style, self.height_range
        if style.base is not None:
            return style.base
        lowest = low if style.water is None else min(low, style.water)
        rows, columns = self._heights.shape
        side = max(columns * self._cell[0] * self._per_unit[0], rows * self._cell[1] * self._per_unit[1])
        return float(lowest - 0.12 * (high - low) - 0.025 * side / self.exaggeration)

    def _numbers(self) -> dict[str, Any]:
        style, (first, last) = self._style, self.color_range
        shallow, deep = (_linear(color_of(color, "water_color"))[:3] for color in style.water_color)
        return {
            "exaggeration": self.exaggeration,
            "color_low": first,
            "color_high": last,
            "colors": _linear_table(self.colors),
            "shadows": style.shadows,
            "sky": style.sky,
            "sky_strength": style.sky_strength,
            "highlight": style.highlight,
            "water": style.water,
            "shallow": shallow,
            "deep": deep,
            "water_depth": style.water_depth or 0.0,
            "contour_interval": self.contour_interval,
            "contour_start": 0.0,
            "contour_major": style.contour_major,
            "contour_width": style.contour_width,
            "contour_color": _linear(color_of(style.contour_color, "contour_color")),
            "base": self._base(),
            "walls": style.walls,
            "stone": _linear(color_of(style.wall_color, "wall_color"))[:3],
            "ground": style.ground,
        }

    def drape(
        self,
        image: ArrayLike | Array | None,
        extent: Sequence[float] | None = None,
        *,
        opacity: float = 1.0,
    ) -> Terrain:
        """Lay an image on the surface.

        Args:
            image: (height, width, 3 or 4) of uint8, or of floats from 0 to 1: sRGB with straight alpha, row 0 north.
                None takes the image away.
            extent: (west, east, south, north) of its outer edges in map coordinates; None: the raster's own.
            opacity: 0 to 1 (default 1.0), times the image's alpha.

        Returns:
            The terrain itself.

        Raises:
            InputError: A wrong dtype, shape or number.
            LimitError: The image is larger than the device's images can be.

        Example:
            >>> from vulkan_forge import graphics
            >>> terrain = graphics.Terrain(np.zeros((4, 6), np.float32), cell=1)
            >>> red = np.full((2, 2, 4), (255, 0, 0, 255), np.uint8)
            >>> terrain.drape(red, (0, 3, 0, 4)).render(90, 60, camera=graphics.Camera(elevation=90))[30, 25].tolist()
            [255, 0, 0, 255]
        """
        opacity = number(opacity, "opacity", least=0, most=1)
        west, east, south, north = _extent_of(self.extent if extent is None else extent)
        x, y = self._per_unit
        place = (west * x, north * y, (east - west) * x, (north - south) * y)
        self.set_drape(None if image is None else _pixels_of(image), place=place, opacity=opacity)
        return self

    # -- where it is

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """(west, east, south, north) of the raster's outer edges, map coordinates."""
        rows, columns = self._heights.shape
        west, north = self._corner
        return west, west + columns * self._cell[0], north - rows * self._cell[1], north

    def heights_at(self, points: ArrayLike) -> NDArray[np.float64]:
        """Heights of the surface, between the middles of cells.

        Args:
            points: (N, 2 or more): x and y in map coordinates.

        Returns:
            float64 (N,); NaN in holes and outside.
        """
        import numpy as np

        places = _points_of(points, (2, 3))
        rows, columns = self._heights.shape
        u = (places[:, 0] - self._corner[0]) / self._cell[0]
        v = (self._corner[1] - places[:, 1]) / self._cell[1]
        inside = (u >= 0) & (u <= columns) & (v >= 0) & (v <= rows)
        u, v = (np.clip(np.where(inside, w, 0) - 0.5, 0, n - 1) for w, n in ((u, columns), (v, rows)))
        c, r = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
        c1, r1 = np.minimum(c + 1, columns - 1), np.minimum(r + 1, rows - 1)
        s, t = u - c, v - r
        corners = [self._heights[i, j].astype(np.float64) for i, j in ((r, c), (r, c1), (r1, c), (r1, c1))]
        holes = [~(np.abs(h) < MOST_HEIGHT) | (h == self._nodata) for h in corners]
        nearest = np.where(t < 0.5, np.where(s < 0.5, holes[0], holes[1]), np.where(s < 0.5, holes[2], holes[3]))
        weights = [
            np.where(hole, 0, w)
            for hole, w in zip(holes, ((1 - s) * (1 - t), s * (1 - t), (1 - s) * t, s * t), strict=True)
        ]
        total = sum(weights)
        value = sum(w * np.where(hole, 0, h) for w, h, hole in zip(weights, corners, holes, strict=True))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(inside & ~nearest, value / total, np.nan)

    def world(self, points: ArrayLike) -> NDArray[np.float64]:
        """World coordinates of points on the map.

        Args:
            points: (N, 2): x and y, on the surface; or (N, 3) with a height in the raster's units.

        Returns:
            float64 (N, 3); z is NaN in holes and outside.
        """
        import numpy as np

        places = _points_of(points, (2, 3))
        heights = places[:, 2] if places.shape[1] == 3 else self.heights_at(places)
        x, y = self._per_unit
        return np.stack([places[:, 0] * x, places[:, 1] * y, heights * self.exaggeration], axis=1)

    # -- pictures

    def figure(
        self,
        width: int = 1600,
        height: int = 1000,
        *,
        light: Light | None = None,
        camera: Camera | None = None,
        supersample: int = 2,
    ) -> Figure:
        """A `Figure` of this terrain, to which others can be added.

        Args:
            width: Pixels (default 1600).
            height: Pixels (default 1000).
            light: A `Light`; None: the default one.
            camera: A `Camera`; None: one from the south that frames all.
            supersample: Samples along each side of a pixel, 1 to 8 (default 2).
        """
        figure = Figure(
            width,
            height,
            supersample=supersample,
            background=self._style.background,
            light=light,
            camera=camera,
            device=self.device,
        )
        self._seen = weakref.ref(figure.add(self))
        return figure

    def render(
        self,
        width: int = 1600,
        height: int = 1000,
        *,
        light: Light | None = None,
        camera: Camera | None = None,
        supersample: int = 2,
    ) -> NDArray[np.uint8]:
        """Draw a picture of this terrain alone.

        Args:
            width: Pixels (default 1600).
            height: Pixels (default 1000).
            light: A `Light`; None: the default one.
            camera: A `Camera`; None: one from the south that frames the block.
            supersample: Samples along each side of a pixel, 1 to 8 (default 2).

        Returns:
            RGBA, uint8 of shape (height, width, 4): sRGB with straight alpha, row 0 on top.
        """
        return self._draw(width, height, light, camera, supersample)

    def save(self, path: str | os.PathLike[str], width: int = 1600, height: int = 1000, **options: Any) -> None:
        """Draw a picture of this terrain alone into a PNG file.

        Args:
            path: The file.
            width: Pixels (default 1600).
            height: Pixels (default 1000).
            **options: `light`, `camera` and `supersample` as in `render`; others as `write_png` takes them.

        Raises:
            FileError: The file cannot be written.
        """
        how = {name: options.pop(name) for name in ("light", "camera", "supersample") if name in options}
        write_png(path, self.render(width, height, **how), **options)

    def label(self, text: str, at: Sequence[float], **options: Any) -> Label:
        """A name at a place of the map, for `map`; it stands only where the place is seen.

        Args:
            text: The name.
            at: (x, y) in map coordinates, on the surface; or (x, y, height).
            **options: As `Label` takes them.
        """
        return terrain_label(self, text, at, options)

    def map(
        self,
        width: int = 1600,
        height: int = 1000,
        *,
        title: str = "",
        subtitle: str = "",
        label: str = "Elevation",
        unit: str = "m",
        labels: Sequence[Label] = (),
        light: Light | None = None,
        camera: Camera | None = None,
        supersample: int = 2,
        furniture: FurnitureStyle | None = None,
    ) -> NDArray[np.uint8]:
        """Draw a picture of this terrain with colour bar, scale bar, north arrow and names.

        Args:
            width: Pixels (default 1600).
            height: Pixels (default 1000).
            title: Above all.
            subtitle: Below it.
            label: What heights are, above the colour bar.
            unit: Theirs.
            labels: Names, as `label` makes them.
            light: A `Light`; None: the default one.
            camera: A `Camera`; None: one from the south that frames the block.
            supersample: Samples along each side of a pixel, 1 to 8 (default 2).
            furniture: How all of that looks: a `FurnitureStyle`.

        Returns:
            RGBA, uint8 of shape (height, width, 4): sRGB with straight alpha, row 0 on top.

        Example:
            >>> from vulkan_forge import graphics
            >>> y, x = np.mgrid[-2:2:90j, -3:3:120j]
            >>> terrain = graphics.Terrain(300 * np.exp(-(x**2) - y**2), cell=25)
            >>> summit = terrain.label("Summit", (1500, 1125))
            >>> terrain.map(480, 320, title="A hill", labels=[summit]).shape
            (320, 480, 4)
        """
        picture = self._draw(width, height, light, camera, supersample)
        items = [*terrain_items(self, title, subtitle, label, unit), *labels]
        return terrain_map(self._last(None), picture, items, furniture)

    def _draw(
        self, width: int, height: int, light: Light | None, camera: Camera | None, supersample: int
    ) -> NDArray[np.uint8]:
        """A picture in the last one's memory, where it fits."""
        own = self._own
        if own is None or own.size != (width, height) or own.supersample != supersample:
            own = self._own = Figure(width, height, supersample=supersample, device=self.device)
        own.light, own.camera, own.background = light, camera, self._style.background
        own.add(self)
        try:
            picture = own.render()
            self._seen = (own, own.view)
        finally:
            own.remove(self)
        return picture

    def project(self, points: ArrayLike, figure: Figure | None = None) -> NDArray[np.float64]:
        """Where points of the map are in the picture.

        Args:
            points: As `world` takes them.
            figure: Whose picture; None: the last one of this terrain.

        Returns:
            float64 (N, 3): column and row of the picture, and depth as `read("depth")` has it.
        """
        return self._last(figure)[1].project(self.world(points))

    def hidden(self, points: ArrayLike, figure: Figure | None = None) -> NDArray[np.bool_]:
        """Whether points of the map are behind something, or outside the picture.

        Args:
            points: As `world` takes them.
            figure: Whose picture, which must have been drawn; None: the last one of this terrain.

        Returns:
            bool (N,).
        """
        import numpy as np

        of, view = self._last(figure)
        world = self.world(points)
        places = view.project(world)
        # the surface's own roughness does not hide it: what is hidden is so by three pixels' worth
        slack = np.array([view.pixel_size(point) if math.isfinite(point[2]) else 0.0 for point in world.tolist()])
        before = view.project(world - 3 * slack[:, None] * np.array(view.forward))[:, 2]
        depth = of.read("depth")
        height, width = depth.shape
        with np.errstate(invalid="ignore"):
            inside = (places[:, 0] >= 0) & (places[:, 0] < width) & (places[:, 1] >= 0) & (places[:, 1] < height)
        columns, rows = (np.where(inside, places[:, i], 0).astype(np.int64) for i in (0, 1))
        # the farthest of nine pixels: a point on a slope is not behind its own pixel
        there = np.min(
            [
                depth[np.clip(rows + i, 0, height - 1), np.clip(columns + j, 0, width - 1)]
                for i in (-1, 0, 1)
                for j in (-1, 0, 1)
            ],
            axis=0,
        )
        hidden: NDArray[np.bool_] = ~inside | (there > before)
        return hidden

    def read(self, layer: str, figure: Figure | None = None) -> NDArray[Any]:
        """What the pixels of a picture show.

        Args:
            layer: "depth" and "id" as `Figure.read` gives them; "normal": float32 (height, width, 3), unit vectors in
                world axes; "world": float64 (height, width, 3), places in world coordinates. NaN: no land.
            figure: Whose picture; None: the last one of this terrain.

        Raises:
            StateError: Nothing was drawn yet.
        """
        of, view = self._last(figure)
        if choice(layer, "layer", ("depth", "id", "normal", "world")) in ("depth", "id"):
            return of.read(layer)
        normals, places = self.layers(view)
        found: NDArray[Any] = normals if layer == "normal" else places
        return found

    def _last(self, figure: Figure | None) -> tuple[Figure, View]:
        """Whose pixels are meant, and how they are seen."""
        if figure is None:
            if isinstance(self._seen, tuple):
                return self._seen
            figure = self._seen() if self._seen is not None else None
        if figure is None:
            raise StateError.build(
                "WRONG_STATE", "there is no picture yet", expected="a picture", got="none", mend="call render() first"
            )
        return figure, figure.view

    def close(self) -> None:
        """Drop the memory on the device; figures that hold the terrain can no longer be drawn. Safe to call twice."""
        self._own = self._seen = None
        super().close()

    def __enter__(self) -> Terrain:
        return self

    def _repr_png_(self) -> bytes:
        return encode_png(self.render(1200, 750))


# ------------------------------------------------------------------ what users give


def _heights_of(dem: Any) -> NDArray[np.float32]:
    import numpy as np

    if not isinstance(dem, (Array, np.ndarray)):
        raise ArgumentTypeError.build(
            "BAD_TYPE",
            "heights have the wrong type",
            expected="an ndarray or an Array",
            got=type(dem).__name__,
            mend="convert them: np.asarray(heights)",
        )
    if dem.ndim != 2 or 0 in dem.shape:
        raise ShapeError.build(
            "BAD_SHAPE",
            "heights have the wrong shape",
            expected="2 axes, none of them empty: rows from north to south, columns from west to east",
            got=str(tuple(dem.shape)),
        )
    if np.dtype(dem.dtype).kind not in "fiu":
        raise DtypeError.build("BAD_DTYPE", "heights have the wrong dtype", expected="a real one", got=str(dem.dtype))
    cells = np.asarray(dem)
    with np.errstate(over="ignore", invalid="ignore"):
        if isinstance(dem, np.ma.MaskedArray):
            return np.ascontiguousarray(np.ma.filled(dem.astype(np.float32), np.nan))
        if cells.size <= MOST_COPIED:
            return np.array(cells, dtype=np.float32, order="C")
        return np.ascontiguousarray(cells, dtype=np.float32)


def _nodata_of(nodata: float | None) -> float:
    """Rounded as heights are, so that it equals theirs; NaN: none."""
    import numpy as np

    if nodata is None or nodata != nodata:
        return math.nan
    with np.errstate(over="ignore"):
        return float(np.float32(number(nodata, "nodata")))


def _extent_of(extent: Any) -> tuple[float, float, float, float]:
    try:
        west, east, south, north = extent
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", "extent has the wrong type", expected="(west, east, south, north)", got=repr(extent)
        ) from error
    west, east, south, north = (number(edge, "extent") for edge in (west, east, south, north))
    if not (west < east and south < north):
        raise InputError.build(
            "INVALID_ARGUMENT", "extent is empty", expected="west < east and south < north", got=repr(extent)
        )
    return west, east, south, north


def _placed(
    shape: tuple[int, ...], cell: Any, units: str, origin: Any, extent: Any
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Cell and northwestern corner in map coordinates."""
    rows, columns = shape
    if extent is not None:
        if cell is not None or origin is not None:
            raise InputError.build(
                "INVALID_ARGUMENT", "too much is said of the place", expected="extent, or cell and origin", got="both"
            )
        west, east, south, north = _extent_of(extent)
        return ((east - west) / columns, (north - south) / rows), (west, north)
    if cell is None and units == "degrees":
        raise InputError.build(
            "INVALID_ARGUMENT", "cells in degrees need a size", expected="cell= or extent=", got="neither"
        )
    width, height = cell_of(30.0 if cell is None else cell)
    if origin is None:
        return (width, height), (0.0, rows * height)
    west, north = (number(one, "origin") for one in pair(origin, "origin"))
    return (width, height), (west, north)


def _latitude(
    given: float | None, placed: Any, corner: tuple[float, float], cell: tuple[float, float], shape: tuple[int, ...]
) -> float:
    if given is not None:
        return number(given, "latitude", least=-90, most=90)
    if placed is None:
        raise InputError.build(
            "INVALID_ARGUMENT",
            "cells in degrees need a latitude",
            expected="origin=, extent= or latitude=",
            got="none",
            mend="metres per degree of longitude depend on it",
        )
    return number(corner[1] - shape[0] * cell[1] / 2, "the raster's middle latitude", least=-90, most=90)


def _metres_per_degree(latitude: float) -> tuple[float, float]:
    """Of longitude and of latitude, on the ellipsoid of WGS 84."""
    a, e2 = 6_378_137.0, 0.0066943799901413165
    phi = math.radians(min(max(latitude, -89.9), 89.9))
    w = 1 - e2 * math.sin(phi) ** 2
    return math.radians(a * math.cos(phi) / math.sqrt(w)), math.radians(a * (1 - e2) / w**1.5)


def _style_of(style: Any) -> TerrainStyle:
    if style is not None and not isinstance(style, TerrainStyle):
        raise ArgumentTypeError.build("BAD_TYPE", "style", expected="a TerrainStyle", got=type(style).__name__)
    return TerrainStyle() if style is None else style


def _known(options: dict[str, Any]) -> dict[str, Any]:
    names = [one.name for one in dataclasses.fields(TerrainStyle)]
    for name in options:
        if name not in names:
            raise ArgumentTypeError.build("BAD_TYPE", f"unknown option {name!r}", expected=", ".join(names), got=name)
    return options


def _points_of(points: Any, columns: tuple[int, ...]) -> NDArray[np.float64]:
    import numpy as np

    places = np.asarray(points, dtype=np.float64)
    if places.ndim != 2 or places.shape[1] not in columns:
        raise ShapeError.build(
            "BAD_SHAPE", "points", expected=f"(N, {' or '.join(map(str, columns))})", got=str(places.shape)
        )
    return places


def _pixels_of(image: Any) -> NDArray[np.uint8]:
    """uint8 (height, width, 4)."""
    import numpy as np

    pixels = np.asarray(image)
    if pixels.ndim != 3 or pixels.shape[2] not in (3, 4) or 0 in pixels.shape:
        raise ShapeError.build("BAD_SHAPE", "drape", expected="(height, width, 3 or 4)", got=str(pixels.shape))
    if pixels.dtype.kind == "f":
        if not bool(np.all((pixels >= 0) & (pixels <= 1))):
            raise InputError.build("INVALID_ARGUMENT", "drape", expected="floats from 0 to 1", got="others")
        pixels = np.round(pixels * 255).astype(np.uint8)
    if pixels.dtype != np.uint8:
        raise DtypeError.build("BAD_DTYPE", "drape", expected="uint8, or floats from 0 to 1", got=str(pixels.dtype))
    if pixels.shape[2] == 3:
        pixels = np.concatenate([pixels, np.full((*pixels.shape[:2], 1), 255, np.uint8)], axis=2)
    return np.ascontiguousarray(pixels)


# ------------------------------------------------------------------ numbers


def _nice(value: float) -> float:
    """1, 2 or 5 times a power of ten, close to a value."""
    power = 10.0 ** math.floor(math.log10(value))
    return min((1, 2, 5, 10), key=lambda step: abs(math.log(step * power / value))) * power


def _decoded(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _linear(color: tuple[float, float, float, float]) -> tuple[float, ...]:
    return (*(_decoded(part) for part in color[:3]), color[3])


PAPER = (0.91, 0.90, 0.88)  # sRGB: what shines through colours of a legend


def _linear_table(colors: NDArray[np.uint8]) -> list[list[float]]:
    table = [_decoded(value / 255) for value in range(256)]
    paper = [_decoded(part) for part in PAPER]
    rows = []
    for *rgb, alpha in colors.tolist():
        share = alpha / 255
        rows.append([table[c] * share + p * (1 - share) for c, p in zip(rgb, paper, strict=True)] + [1.0])
    return rows
