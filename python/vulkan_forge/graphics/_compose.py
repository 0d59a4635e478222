"""Where furniture stands."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from vulkan_forge._vulkan_forge import Font
from vulkan_forge.errors import ArgumentTypeError, DtypeError, InputError, ShapeError
from vulkan_forge.graphics._blocks import (
    color_bar_block,
    legend_block,
    north_arrow_block,
    scale_bar_block,
    title_block,
)
from vulkan_forge.graphics._board import Block, Board, Box
from vulkan_forge.graphics._labels import put_labels
from vulkan_forge.graphics._raster_arguments import refuse_masked
from vulkan_forge.graphics._views import check_view, metres_per_pixel, north_of
from vulkan_forge.graphics.furniture import ColorBar, FurnitureStyle, Label, Legend, NorthArrow, ScaleBar, Title

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from vulkan_forge.graphics.furniture import Projection

BAR_LENGTH = 0.42  # of the picture, where a colour bar stands on it
LEGEND_WIDTH = 16  # letters' sizes, at most
SHRINKING = (1.0, 0.8, 0.62, 0.48, 0.36, 0.25)  # of a colour bar that finds no room
KINDS = (ColorBar, Legend, ScaleBar, NorthArrow, Title, Label)


def compose(picture: Any, items: tuple[Any, ...], *, view: Any, depth: Any, style: FurnitureStyle) -> Board:
    """The picture with its furniture, and where it stands."""
    pixels = _checked(picture)
    check_view(view)
    for item in items:
        if not isinstance(item, KINDS):
            raise ArgumentTypeError.build(
                "BAD_TYPE",
                "an item of furniture has the wrong type",
                expected=" or ".join(kind.__name__ for kind in KINDS),
                got=type(item).__name__,
            )
    if not isinstance(style, FurnitureStyle):
        raise ArgumentTypeError.build(
            "BAD_TYPE", "style has the wrong type", expected="a FurnitureStyle", got=type(style).__name__
        )
    layout = _Layout(pixels, view, style)
    layout.build_panels([item for item in items if getattr(item, "outside", False)])
    for item in items:
        if not getattr(item, "outside", False) and not isinstance(item, Label):
            layout.place(item)
    labels = [item for item in items if isinstance(item, Label)]
    put_labels(layout.board, labels, layout.frame, view, _checked_depth(depth, pixels))
    return layout.board


def _checked(picture: Any) -> NDArray[np.uint8]:
    import numpy as np

    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 4:
        got = f"{picture.dtype} {picture.shape}" if isinstance(picture, np.ndarray) else type(picture).__name__
        raise ShapeError.build("BAD_SHAPE", "unsupported picture", expected="uint8 (H, W, 4)", got=got)
    refuse_masked(picture, "picture", mend="decide what masked values become: a.filled(value)")
    if picture.size == 0:
        raise ShapeError.build("BAD_SHAPE", "a picture of no pixels", expected="one or more", got=str(picture.shape))
    return picture


def _checked_depth(depth: ArrayLike | None, picture: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    import numpy as np

    if depth is None:
        return None
    cells = np.asarray(depth)
    if cells.dtype.kind not in "fiu":
        raise DtypeError.build("BAD_DTYPE", "depth", expected="real numbers", got=str(cells.dtype))
    if cells.shape != picture.shape[:2]:
        raise ShapeError.build(
            "BAD_SHAPE",
            "depth has another size than the picture",
            expected=str(picture.shape[:2]),
            got=str(cells.shape),
        )
    return cells.astype(np.float64)


class _Layout:
    """A board, and the picture's frame on it."""

    def __init__(self, pixels: NDArray[np.uint8], view: Projection | None, style: FurnitureStyle) -> None:
        self.view, self.style = view, style
        self.pixels = pixels
        height, width = pixels.shape[:2]
        em = style.em(width, height)
        font = Font(style.font)
        bold = Font(style.font if style.bold is None else style.bold, bold=True)
        self.board = Board(pixels.copy(), em, round(style.margin * em), font, bold, style.ink)
        self.frame = self.board.whole  # where the picture itself lies

    # ------------------------------------------------------------ beside the picture

    def build_panels(self, items: list[Any]) -> None:
        """Makes room beside the picture, and puts there what stands outside."""
        if not items:
            return
        import numpy as np

        board, margin = self.board, int(self.board.margin)
        height, width = self.pixels.shape[:2]
        sides: dict[str, list[Block]] = {"left": [], "right": [], "upper": [], "lower": []}
        for item in items:
            sides[_side(item)].append(self._block(item, width, height))
        thick = {
            side: math.ceil(sum((b.width if side in ("left", "right") else b.height) + margin for b in blocks))
            + (margin if blocks else 0)
            for side, blocks in sides.items()
        }
        x, y = thick["left"], thick["upper"]
        start = max(x, margin)  # of what stands above and below
        least_height = max([b.height + margin for b in sides["left"] + sides["right"]], default=0)
        least_width = max([start + b.width + margin for b in sides["upper"] + sides["lower"]], default=0)
        inner_height = max(height, math.ceil(least_height))
        shape = (y + inner_height + thick["lower"], max(x + width + thick["right"], math.ceil(least_width)), 4)
        canvas = np.empty(shape, np.uint8)
        canvas[:] = (*self.style.paper, 255)
        canvas[y : y + height, x : x + width] = self.pixels
        board.picture = canvas
        self.frame = Box(x, y, x + width, y + height)
        # what is wider than the picture stands below the panel at its side, too
        is_wide = any(start + block.width > x + width for block in sides["lower"])
        for side, blocks in sides.items():
            along = float(inner_height - height) if side == "lower" and is_wide else 0.0
            for block in blocks:
                self._put_panel(block, side, along)
                along += margin + (block.width if side in ("left", "right") else block.height)

    def _put_panel(self, block: Block, side: str, along: float) -> None:
        margin, frame, board = self.board.margin, self.frame, self.board
        middle = max(frame.top + margin / 2, (frame.top + frame.bottom - block.height) / 2)
        if side == "right":
            board.put(block, frame.right + margin + along, middle)
        elif side == "left":
            board.put(block, frame.left - margin - along - block.width, middle)
        elif side == "upper":
            board.put(block, max(frame.left, margin), margin + along)
        else:
            board.put(block, max(frame.left, margin), frame.bottom + margin + along)

    # ------------------------------------------------------------ on the picture

    def place(self, item: Any) -> None:
        """Puts an item where it should stand, or as near to that as there is room."""
        room = self.frame.grown(-self.board.margin)
        for share in SHRINKING if isinstance(item, ColorBar) else (1.0,):
            block = self._block(item, share * room.width, share * room.height)
            spot = self._spot(block, item.place, room)
            if spot is None:
                continue
            if isinstance(item, ScaleBar) and item.units_per_pixel is None:
                block = self._scaled_here(item, room, block, spot)
                spot = self._spot(block, item.place, room) or spot
            self.board.put(block, *spot)
            return
        height, width = self.pixels.shape[:2]
        raise InputError.build(
            "INVALID_ARGUMENT",
            f"{type(item).__name__} finds no room",
            expected=f"{math.ceil(block.width)} x {math.ceil(block.height)} free pixels",
            got=f"a picture of {width} x {height}, with what stands there already",
            mend="take a smaller FurnitureStyle.scale, another place, or outside=True",
        )

    def _block(self, item: Any, width: float, height: float) -> Block:
        """The item as it would look in so much room."""
        board = self.board
        if isinstance(item, Title):
            return title_block(item, board, max(width - (2 * board.margin if item.outside else 0), 4 * board.em))
        if isinstance(item, ColorBar):
            return self._color_bar(item, width, height)
        if isinstance(item, Legend):
            return legend_block(item, board, min(width, LEGEND_WIDTH * board.em))
        if isinstance(item, NorthArrow):
            azimuth = item.azimuth if item.azimuth is not None else north_of(self.view)
            return north_arrow_block(item, board, azimuth)
        return self._scale_bar(item, width, self.frame.bottom - board.margin)

    def _color_bar(self, item: ColorBar, width: float, height: float) -> Block:
        board, em = self.board, self.board.em
        if item.orientation == "vertical":
            share = item.length or (1.0 if item.outside else BAR_LENGTH)
            if item.outside:  # half a margin above and below
                return color_bar_block(item, board, 11 * em, max(share * (height - board.margin), 5 * em))
            return color_bar_block(item, board, width, max(share * height, 5 * em))
        share = item.length or (0.7 if item.outside else BAR_LENGTH)
        return color_bar_block(item, board, max(share * width, 4 * em), height)

    def _scale_bar(self, item: ScaleBar, width: float, row: float) -> Block:
        board = self.board
        per_pixel, note = item.units_per_pixel, ""
        if per_pixel is None:
            at = ((self.frame.left + self.frame.right) / 2 - self.frame.left, row - self.frame.top)
            per_pixel, is_perspective = metres_per_pixel(self.view, at, item.ground)
            note = _where(item.place) if is_perspective else ""
        most = max(item.length * width, 3 * board.em)
        return scale_bar_block(item, board, most, per_pixel * item.unit_m, note if item.note is None else item.note)

    def _scaled_here(self, item: ScaleBar, room: Box, block: Block, spot: tuple[float, float]) -> Block:
        """In perspective the length depends on the row where the bar stands."""
        for _ in range(3):
            bar_row = spot[1] + 1.6 * self.board.em
            block = self._scale_bar(item, room.width, bar_row)
            spot = self._spot(block, item.place, room) or spot
        return block

    def _spot(self, block: Block, place: str, room: Box) -> tuple[float, float] | None:
        """The free place nearest to a corner or an edge; the upper left corner of the block."""
        x, y = _preferred(block, place, room)
        gap = round(0.8 * self.board.em)
        taken = [box.grown(gap) for box in self.board.taken]
        xs = {x} | {edge for box in taken for edge in (box.right, box.left - block.width)}
        ys = {y} | {edge for box in taken for edge in (box.bottom, box.top - block.height)}
        by_distance = sorted(itertools.product(xs, ys), key=lambda at: (2 * abs(at[0] - x) + abs(at[1] - y), at))
        for left, top in by_distance:
            box = Box(left, top, left + block.width, top + block.height)
            if box.within(room) and not any(box.meets(other) for other in taken):
                return left, top
        return None


def _preferred(block: Block, place: str, room: Box) -> tuple[float, float]:
    words = place.split()
    x = room.left if "left" in words else room.right - block.width if "right" in words else None
    y = room.top if "upper" in words else room.bottom - block.height if "lower" in words else None
    x = math.floor((room.left + room.right - block.width) / 2) if x is None else math.floor(x)
    y = math.floor((room.top + room.bottom - block.height) / 2) if y is None else math.floor(y)
    return max(x, math.ceil(room.left)), max(y, math.ceil(room.top))


def _side(item: Any) -> str:
    words = item.place.split()
    if isinstance(item, Legend) or (isinstance(item, ColorBar) and item.orientation == "vertical"):
        return "left" if "left" in words else "right"
    if isinstance(item, Title):
        return "lower" if "lower" in words else "upper"
    return "upper" if "upper" in words else "lower"


def _where(place: str) -> str:
    words = place.split()
    return "in the foreground" if "lower" in words else "in the background" if "upper" in words else "at this height"
