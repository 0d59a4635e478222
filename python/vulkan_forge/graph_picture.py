"""Pictures of graphs, drawn with NumPy alone: levels from top to bottom, an arrow for each dependency."""

from __future__ import annotations

import itertools
import os
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vulkan_forge.bitmap_font import draw_text, text_size
from vulkan_forge.errors import LimitError

if TYPE_CHECKING:
    from vulkan_forge._vulkan_forge import Graph

Picture = npt.NDArray[np.uint8]
Point = tuple[float, float]
Color = tuple[int, int, int]

PAPER, INK, SOFT, BOX, FRAME = (255, 255, 255), (28, 32, 40), (110, 116, 128), (232, 240, 250), (88, 124, 170)
HAZARDS: dict[str, Color] = {
    "read after write": (52, 92, 148),
    "write after read": (204, 126, 32),
    "write after write": (184, 52, 60),
    "layout": (120, 84, 168),
}
PADDING, GAP, LEVEL_GAP, MARGIN = 12, 28, 76, 24  # pixels
MOST_SIDE, MOST_PIXELS = 16384, 1 << 26
MOST_BENDS = 2000  # where arrows pass by other levels; beyond it they go straight


class Box:
    """A command's place in the picture; without a name, the place where an arrow passes by a level."""

    def __init__(self, name: str = "", size: str = "") -> None:
        self.name, self.size = name, size
        name_width, name_height = text_size(name, 2)
        size_width, size_height = text_size(size, 1)
        self.width = max(name_width, size_width) + 2 * PADDING if name else 0
        self.height = name_height + (size_height + 6 if size else 0) + 2 * PADDING
        self.sources: list[Box] = []
        self.x = self.y = 0.0  # top left corner

    @property
    def middle(self) -> float:
        """Where arrows begin and end."""
        return self.x + self.width / 2


def save_png(graph: Graph, path: str | os.PathLike[str]) -> None:
    """Draws a graph into a PNG file; raises LimitError where the picture would be too large."""
    from vulkan_forge._vulkan_forge import numpy_to_png

    numpy_to_png(path, picture_of(graph))


def picture_of(graph: Graph) -> Picture:
    """The picture as (height, width, 3) uint8."""
    nodes = graph.nodes
    boxes = {node["name"]: Box(node["name"], node["size"]) for node in nodes}
    rows: list[list[Box]] = [[] for _ in range(graph.levels)]
    for node in nodes:
        rows[node["level"]].append(boxes[node["name"]])
    arrows: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for source, target, array, hazard in graph.edges:
        arrows[source, target].append((array, hazard))

    levels = {node["name"]: node["level"] for node in nodes}
    paths = route(rows, boxes, levels, list(arrows))

    title = repr(graph)
    width, height = place(rows)
    least = max(text_size(title, 2)[0], legend_width()) + 2 * MARGIN
    for box in (box for row in rows for box in row):
        box.x += max(0, least - width) / 2
    width = max(width, least)
    height += 40
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise LimitError.build(
            "LIMIT_EXCEEDED",
            "the picture of the graph is too large",
            expected=f"at most {MOST_SIDE} pixels a side and {MOST_PIXELS} in all",
            got=f"{width} x {height}",
            mend="use graph.save_dot",
        )
    picture = np.full((height, width, 3), PAPER, np.uint8)
    draw_text(picture, MARGIN, 16, title, INK, 2)
    for ends, touched in arrows.items():
        draw_arrow(picture, paths[ends], HAZARDS[touched[0][1]])
    for box in boxes.values():
        draw_box(picture, box)
    for ends, touched in arrows.items():
        label_arrow(picture, paths[ends], touched)
    draw_legend(picture)
    return picture


def route(
    rows: list[list[Box]], boxes: dict[str, Box], levels: dict[str, int], arrows: list[tuple[str, str]]
) -> dict[tuple[str, str], list[Box]]:
    """The boxes that each arrow goes through: its ends, and a bend in every level that it passes by."""
    straight = sum(levels[target] - levels[source] - 1 for source, target in arrows) > MOST_BENDS
    paths = {}
    for source, target in arrows:
        path = [boxes[source]]
        for level in range(levels[source] + 1, levels[target] if not straight else 0):
            rows[level].append(Box())
            path.append(rows[level][-1])
        path.append(boxes[target])
        for before, after in itertools.pairwise(path):
            after.sources.append(before)
        paths[source, target] = path
    return paths


def place(rows: list[list[Box]]) -> tuple[int, int]:
    """Gives every box its corner, each row in the order of what its boxes come from; the picture's size."""
    y, width = 56.0, 0.0
    for row in rows:
        row.sort(key=lambda box: np.mean([one.middle for one in box.sources] or [box.x]))
        total = sum(box.width + GAP for box in row) - GAP
        height = max(box.height for box in row)
        x = -total / 2  # about the middle of the picture
        for box in row:
            box.x, box.y = x, y
            box.height = box.height if box.name else height
            x += box.width + GAP
        width = max(width, total + 2 * MARGIN)
        y += height + LEVEL_GAP
    for row in rows:
        for box in row:
            box.x += width / 2
    return int(np.ceil(width)), int(np.ceil(y - LEVEL_GAP + MARGIN if rows else y))


def draw_box(picture: Picture, box: Box) -> None:
    """A frame with the name and, smaller, the size."""
    x, y = round(box.x), round(box.y)
    picture[y : y + box.height, x : x + box.width] = FRAME
    picture[y + 1 : y + box.height - 1, x + 1 : x + box.width - 1] = BOX
    name_width, name_height = text_size(box.name, 2)
    draw_text(picture, x + (box.width - name_width) // 2, y + PADDING, box.name, INK, 2)
    size_width, _ = text_size(box.size, 1)
    draw_text(picture, x + (box.width - size_width) // 2, y + PADDING + name_height + 6, box.size, SOFT, 1)


def curve(source: Box, target: Box) -> npt.NDArray[np.float64]:
    """Points of the arrow from the lower edge of one box to the upper edge of another."""
    start, end = (
        np.array([source.middle, source.y + source.height]),
        np.array([target.middle, target.y - (7 if target.name else 0)]),
    )
    bend = np.array([0, min(LEVEL_GAP, (end[1] - start[1]) / 2)])
    t = np.linspace(0, 1, 2 if start[0] == end[0] else 25)[:, None]
    points = (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * (start + bend) + 3 * (1 - t) * t**2 * (end - bend)
    return np.asarray(points + t**3 * end)


def draw_arrow(picture: Picture, path: list[Box], color: Color) -> None:
    """Curves from box to box, with a head at the last."""
    for i, (source, target) in enumerate(itertools.pairwise(path)):
        points = curve(source, target)
        if i > 0:  # straight through the bend
            points = np.concatenate([[(source.middle, source.y)], points])
        for start, end in itertools.pairwise(points):
            draw_line(picture, start, end, color)
    x, y = path[-1].middle, path[-1].y
    for row in range(8):  # the head, a triangle
        half = (8 - row) / 2
        picture[round(y) - 8 + row, round(x - half) : round(x + half) + 1] = color


def draw_line(picture: Picture, start: npt.NDArray[np.float64], end: npt.NDArray[np.float64], color: Color) -> None:
    """A smooth line 1.6 pixels wide: each pixel by its distance from the segment."""
    low, high = np.minimum(start, end) - 2, np.maximum(start, end) + 3
    x0, y0 = np.maximum(low.astype(int), 0)
    x1, y1 = high.astype(int)
    part = picture[y0:y1, x0:x1]
    y, x = np.mgrid[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]]
    along = end - start
    length = max(float(along @ along), 1e-9)
    t = np.clip(((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length, 0, 1)
    distance = np.hypot(x - start[0] - t * along[0], y - start[1] - t * along[1])
    cover = np.clip(1.3 - distance, 0, 1)[..., None]
    part[...] = np.rint(part * (1 - cover) + np.array(color) * cover)


def label_arrow(picture: Picture, path: list[Box], touched: list[tuple[str, str]]) -> None:
    """The names of the arrays that an arrow stands for, on its last curve."""
    names = [name for name, _ in touched]
    text = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    points = curve(path[-2], path[-1])
    x, y = points[len(points) // 2] if len(points) > 2 else points.mean(axis=0)
    width, height = text_size(text, 1)
    left, top = round(x - width / 2), round(y - height / 2)
    left = max(2, min(left, picture.shape[1] - width - 2))
    picture[top - 2 : top + height + 2, left - 2 : left + width + 2] = PAPER
    draw_text(picture, left, top, text, HAZARDS[touched[0][1]], 1)


def legend_width() -> int:
    """Pixels that the legend takes."""
    return sum(text_size(name, 1)[0] + 44 for name in HAZARDS)


def draw_legend(picture: Picture) -> None:
    """What the colours mean, in the last line."""
    x, y = MARGIN, picture.shape[0] - 20
    for name, color in HAZARDS.items():
        picture[y + 3 : y + 5, x : x + 16] = color
        draw_text(picture, x + 22, y, name, SOFT, 1)
        x += text_size(name, 1)[0] + 44
