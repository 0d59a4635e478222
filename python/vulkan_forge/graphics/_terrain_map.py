"""A terrain with all that a map has beside it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vulkan_forge.errors import InputError
from vulkan_forge.graphics._views import has_scale
from vulkan_forge.graphics.furniture import ColorBar, FurnitureStyle, Label, NorthArrow, ScaleBar, Title, furnish

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vulkan_forge._vulkan_forge import View
    from vulkan_forge.graphics.figure import Figure
    from vulkan_forge.graphics.terrain import Terrain


def terrain_items(terrain: Terrain, title: str, subtitle: str, label: str, unit: str) -> list[Any]:
    """Title, colour bar, scale bar and north arrow that fit a terrain."""
    items: list[Any] = [Title(title, subtitle)] if title or subtitle else []
    low, _ = terrain.height_range
    bar = ColorBar(terrain.colors, terrain.color_range, label=label, unit=unit)
    return [*items, NorthArrow(), bar, ScaleBar(ground=low * terrain.exaggeration)]


def terrain_label(terrain: Terrain, text: str, at: Sequence[float], options: dict[str, Any]) -> Label:
    """A label at a place of the map."""
    x, y, z = (float(value) for value in terrain.world([tuple(at)])[0])
    if not math.isfinite(z):
        raise InputError.build(
            "INVALID_ARGUMENT",
            f"label {text!r} stands on no land",
            expected=f"a place within (west, east, south, north) {terrain.extent}, and in no hole",
            got=str(tuple(at)),
            mend="name a height as well: (x, y, height)",
        )
    return Label(text, (x, y, z), **{"hide": True, **options})


def terrain_map(
    seen: tuple[Figure, View], picture: NDArray[np.uint8], items: Sequence[Any], style: FurnitureStyle | None
) -> NDArray[np.uint8]:
    """A terrain's picture with furniture."""
    figure, view = seen
    kept = _that_stand(items, view, picture, style if isinstance(style, FurnitureStyle) else FurnitureStyle())
    return furnish(picture, *kept, view=view, depth=_depth_for(kept, figure), style=style)


def _that_stand(items: Sequence[Any], view: View, picture: NDArray[np.uint8], style: FurnitureStyle) -> list[Any]:
    """All but a scale bar where no ground is seen on which it could stand."""
    height, width = picture.shape[:2]
    at = width / 2, height - (style.margin + 4) * style.em(width, height)  # above a bar with its note
    return [item for item in items if not isinstance(item, ScaleBar) or has_scale(view, at, item.ground)]


def furnished(figure: Figure, items: Sequence[Any], style: FurnitureStyle | None) -> NDArray[np.uint8]:
    """A figure's picture with furniture."""
    picture = figure.render()
    return furnish(picture, *items, view=figure.view, depth=_depth_for(items, figure), style=style)


def _depth_for(items: Sequence[Any], figure: Figure) -> NDArray[np.float32] | None:
    return figure.read("depth") if any(isinstance(item, Label) and item.hide for item in items) else None
