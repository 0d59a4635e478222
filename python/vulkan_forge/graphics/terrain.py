"""Terrain: a raster of heights as a finished picture, or as an object of one."""

from __future__ import annotations

import dataclasses
import math
import weakref
from typing import TYPE_CHECKING, Any

from vulkan_forge._vulkan_forge import Array, Land, encode_png
from vulkan_forge.errors import InputError, StateError
from vulkan_forge.graphics._colormaps import colors_of
from vulkan_forge.graphics._colors import color_of, linear, linear_table
from vulkan_forge.graphics._geodesy import metres_per_degree
from vulkan_forge.graphics._raster_arguments import choice, number
from vulkan_forge.graphics._terrain_arguments import (
    extent_of,
    heights_of,
    latitude_of,
    nodata_of,
    pixels_of,
    place_of,
    points_of,
)
from vulkan_forge.graphics._terrain_map import terrain_items, terrain_label, terrain_map
from vulkan_forge.graphics.figure import Camera, Figure, Light
from vulkan_forge.graphics.png import write_png
from vulkan_forge.graphics.terrain_style import TerrainStyle, known_options, style_of

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from vulkan_forge._vulkan_forge import Device, View
    from vulkan_forge.graphics._raster_arguments import Cell, Heights
    from vulkan_forge.graphics.furniture import FurnitureStyle, Label

__all__ = ["Terrain"]

MOST_HEIGHT = 1e37  # what is beyond stands for a hole
NICE_LINES = 16  # contours between the lowest and the highest height, about


class Terrain(Land):
    """A raster of heights as a lit block: by itself one line from an array to a picture, or an object of a `Figure`.

    The picture frames the block from the south, so that north is up; a sun with soft edges casts its shadows, hollows
    see less of the sky, level ground in full light has exactly the colours of the legend, and the block has sides and
    stands on a ground that it shades. The cost follows the picture's pixels, not the raster's cells.

    Map coordinates are those of `extent` or `origin`: x east, y north, in metres or degrees. World coordinates, which
    figures and cameras use, are metres, and heights times the exaggeration.

    Args:
        dem: (rows, columns) ndarray or `Array` of any real dtype, row 0 north. NaN, `nodata`, what is masked and what
            is beyond 1e37 (infinities, the nodata of many programs) are holes. Up to 4 Mi cells are copied; larger
            float32 ndarrays, such as `np.memmap` of a file, are used where they lie, and must not change as long as
            the terrain lives.
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
        self._heights = heights_of(dem)
        shape = self._heights.shape
        self._cell, self._corner = place_of(shape, cell, choice(units, "units", ("metres", "degrees")), origin, extent)
        self._per_unit = (1.0, 1.0)
        if units == "degrees":
            placed = extent if origin is None else origin
            self._per_unit = metres_per_degree(latitude_of(latitude, placed, self._corner, self._cell, shape))
        self._nodata = nodata_of(nodata)
        world = [c * per for c, per in zip(self._cell, self._per_unit, strict=True)]
        corner = [c * per for c, per in zip(self._corner, self._per_unit, strict=True)]
        if not all(math.isfinite(one) and one > 0 for one in world):
            raise InputError.build("INVALID_ARGUMENT", "cell is out of range", expected="> 0", got=str(tuple(world)))
        super().__init__(self._heights, cell=world, corner=corner, nodata=self._nodata, device=device)
        self._summary = self.summary()
        self._own: Figure | None = None  # which render() draws in: without the terrain in between, so that both can go
        self._seen: tuple[Figure, View] | weakref.ref[Figure] | None = None
        self.style = dataclasses.replace(style_of(style), **known_options(options))

    # -- how it looks

    @property
    def style(self) -> TerrainStyle:
        """How it looks; may be set."""
        return self._style

    @style.setter
    def style(self, style: TerrainStyle) -> None:
        chosen = style_of(style)
        self._check_base(chosen.base)
        self._style = chosen
        self.set_style(self._numbers())

    def _check_base(self, base: float | None) -> None:
        """Walls that go up from the land would hide it."""
        low, _ = self.height_range
        if base is not None and base > low:
            raise InputError.build(
                "INVALID_ARGUMENT",
                "base lies above land",
                expected=f"at most the lowest height, {low:g}",
                got=f"{base:g}",
                mend="take a lower one, or None for one that fits",
            )

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
        shallow, deep = (linear(color_of(color, "water_color"))[:3] for color in style.water_color)
        return {
            "exaggeration": self.exaggeration,
            "color_low": first,
            "color_high": last,
            "colors": linear_table(self.colors),
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
            "contour_color": linear(color_of(style.contour_color, "contour_color")),
            "base": self._base(),
            "walls": style.walls,
            "stone": linear(color_of(style.wall_color, "wall_color"))[:3],
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
        west, east, south, north = extent_of(self.extent if extent is None else extent)
        x, y = self._per_unit
        place = (west * x, north * y, (east - west) * x, (north - south) * y)
        self.set_drape(None if image is None else pixels_of(image), place=place, opacity=opacity)
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

        places = points_of(points, (2, 3))
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

        places = points_of(points, (2, 3))
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

        Where the camera sees no level ground in the picture's lower part, there is no scale bar.

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


def _nice(value: float) -> float:
    """1, 2 or 5 times a power of ten, close to a value."""
    power = 10.0 ** math.floor(math.log10(value))
    return min((1, 2, 5, 10), key=lambda step: abs(math.log(step * power / value))) * power
