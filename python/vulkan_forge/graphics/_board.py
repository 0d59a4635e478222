"""What furniture is drawn with: marks, blocks of them, and the picture that takes them in."""

from __future__ import annotations

import bisect
import functools
import math
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from vulkan_forge._vulkan_forge import Font, draw_path
from vulkan_forge.graphics._srgb import decoded, encoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    import numpy as np
    from numpy.typing import NDArray

    Picture: TypeAlias = NDArray[np.uint8]
    Rgb: TypeAlias = tuple[int, int, int]
    Points: TypeAlias = Sequence[tuple[float, float]]

DARK, LIGHT = (28, 32, 40), (250, 250, 248)
HALO_ALPHA = 225
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class Box(NamedTuple):
    """Pixels of a picture, half open."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels."""
        return self.bottom - self.top

    def moved(self, x: float, y: float) -> Box:
        """The box elsewhere."""
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def grown(self, by: float) -> Box:
        """The box with so much more on each side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def meets(self, other: Box) -> bool:
        """Whether both have a pixel in common."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        """Whether the other holds all of it."""
        return (
            self.left >= other.left
            and self.top >= other.top
            and self.right <= other.right
            and self.bottom <= other.bottom
        )

    def joined(self, other: Box) -> Box:
        """The smallest box round both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


class Letters(NamedTuple):
    """A line of text, its start on the baseline."""

    text: str
    x: float
    y: float
    size: float
    bold: bool = False
    color: Rgb | None = None  # None: the block's ink


class Shape(NamedTuple):
    """A polygon, or with a width a line."""

    points: Points
    fill: str | Rgb = "ink"  # "ink", "paper" or a colour
    width: float | None = None
    closed: bool = False


class Ramp(NamedTuple):
    """Colours (n, 3), 0 to 255, from the left to the right or from the bottom to the top of whole pixels."""

    colors: NDArray[np.float32]
    x: int
    y: int
    width: int
    height: int
    upward: bool


@dataclass
class Block:
    """Marks that are placed together; their origin is the upper left corner."""

    width: float
    height: float
    marks: list[Letters | Shape | Ramp] = field(default_factory=list)


class Tone(NamedTuple):
    """Colours that can be read on some ground."""

    ink: Rgb
    paper: Rgb
    halo: Rgb


class Board:
    """A picture with letters of one size, and what of it is taken."""

    def __init__(self, picture: Picture, em: float, margin: float, font: Font, bold: Font, ink: Rgb | None) -> None:
        self.picture = picture
        self.em = em  # pixels
        self.margin = margin  # pixels
        self.font, self.bold = font, bold
        self.ink = ink
        self.rule = max(1, round(em / 13))  # pixels a thin line is wide
        self.taken: list[Box] = []
        self.letters: list[tuple[str, Box]] = []  # what was written, and where

    @property
    def whole(self) -> Box:
        """All of the picture."""
        return Box(0, 0, self.picture.shape[1], self.picture.shape[0])

    @property
    def room(self) -> Box:
        """What lies within the margins."""
        return self.whole.grown(-self.margin)

    def face(self, bold: bool) -> Font:
        """The font."""
        return self.bold if bold else self.font

    def advance(self, text: str, size: float, bold: bool = False) -> float:
        """Pixels a line takes."""
        return self.face(bold).advance(text, size)

    def cap(self, size: float, bold: bool = False) -> float:
        """Pixels a capital is high."""
        return self.face(bold).cap_height * size

    def is_free(self, box: Box) -> bool:
        """Whether nothing is there yet."""
        return not any(box.meets(other) for other in self.taken)

    def tone(self, box: Box) -> Tone:
        """Ink that can be read over a part of the picture; the halo is the ground's colour, paler where that varies."""
        ground, spread = self._ground(box)
        light = 0.2126 * ground[0] + 0.7152 * ground[1] + 0.0722 * ground[2]
        is_bright = light > 0.18 if self.ink is None else light > _light(self.ink)  # as bright as dark, to the eye
        paper = LIGHT if is_bright else DARK
        ink = self.ink or (DARK if is_bright else LIGHT)
        part = min(0.75, spread * 6)
        target = [decoded(value / 255) for value in paper]
        halo = tuple(_byte_of(g * (1 - part) + t * part) for g, t in zip(ground, target, strict=True))
        return Tone(ink, paper, (halo[0], halo[1], halo[2]))

    def _ground(self, box: Box) -> tuple[list[float], float]:
        """Mean linear colour, white under what is seen through, and how much brightness varies."""
        import numpy as np

        height, width = self.picture.shape[:2]
        left, right = (int(min(max(edge, 0), width)) for edge in (box.left, math.ceil(box.right)))
        top, bottom = (int(min(max(edge, 0), height)) for edge in (box.top, math.ceil(box.bottom)))
        if left >= right or top >= bottom:
            return [1.0, 1.0, 1.0], 0.0
        step = max(1, int(math.sqrt((right - left) * (bottom - top) / 4096)))
        part = self.picture[top:bottom:step, left:right:step].reshape(-1, 4)
        alpha = part[:, 3:].astype(np.float64) / 255
        linear = light_of_bytes()[part[:, :3]] * alpha + (1 - alpha)
        brightness = linear @ np.array([0.2126, 0.7152, 0.0722])
        return [float(value) for value in linear.mean(axis=0)], float(np.sqrt(brightness).std())

    def put(self, block: Block, x: float, y: float) -> Box:
        """Draws a block, and takes its place."""
        x, y = round(x), round(y)
        box = Box(x, y, x + block.width, y + block.height)
        tone = self.tone(box)
        for mark in block.marks:
            if isinstance(mark, Letters):
                self.write(mark._replace(x=x + mark.x, y=y + mark.y), tone)
            elif isinstance(mark, Shape):
                named = {"ink": tone.ink, "paper": tone.paper}
                color = named[mark.fill] if isinstance(mark.fill, str) else mark.fill
                points = [(x + px, y + py) for px, py in mark.points]
                draw_path(self.picture, points, color, mark.width, mark.closed)
            else:
                self._ramp(mark, int(x), int(y))
        self.taken.append(box)
        return box

    def halo(self, size: float) -> float:
        """Pixels a halo reaches beyond letters."""
        return max(1.0, 0.14 * size)

    def write(self, mark: Letters, tone: Tone) -> None:
        """Draws letters with their halo."""
        face, at = self.face(mark.bold), (mark.x, mark.y)
        face.draw(
            self.picture,
            mark.text,
            size=mark.size,
            at=at,
            color=mark.color or tone.ink,
            halo=self.halo(mark.size),
            halo_color=(*tone.halo, HALO_ALPHA),
        )
        self.letters.append((mark.text, Box(*face.box(mark.text, mark.size, at))))

    def _ramp(self, ramp: Ramp, x: int, y: int) -> None:
        import numpy as np

        count = ramp.height if ramp.upward else ramp.width
        place = (np.arange(count) + 0.5) / count * (len(ramp.colors) - 1)
        index = np.minimum(place.astype(int), len(ramp.colors) - 2)
        part = (place - index)[:, None]
        colors = np.rint(ramp.colors[index] * (1 - part) + ramp.colors[index + 1] * part).astype(np.uint8)
        cells = colors[::-1, None] if ramp.upward else colors[None]
        left, top = x + ramp.x, y + ramp.y
        self.picture[top : top + ramp.height, left : left + ramp.width, :3] = cells
        self.picture[top : top + ramp.height, left : left + ramp.width, 3] = 255

    def wrapped(self, text: str, size: float, width: float, bold: bool = False, most: int = 3) -> list[str]:
        """Lines of words no wider than so many pixels; what has no room at the end becomes an ellipsis."""
        lines: list[str] = []
        for paragraph in text.split("\n"):
            lines.append("")
            for word in paragraph.split():
                if len(lines) > most:  # what follows is cut anyway
                    break
                longer = f"{lines[-1]} {word}".strip()
                if lines[-1] and self.advance(longer, size, bold) > width:
                    lines.append(word)
                else:
                    lines[-1] = longer
        kept = [self._cut(line, size, width, bold) for line in lines[:most]]
        if len(lines) > most:
            kept[-1] = self._cut(f"{lines[most - 1]}{ELLIPSIS}", size, width, bold)
        return kept

    def _cut(self, line: str, size: float, width: float, bold: bool) -> str:
        if self.advance(line, size, bold) <= width:
            return line

        def cut(count: int) -> str:
            return line[:count].rstrip(f" {ELLIPSIS}") + ELLIPSIS

        # halving: texts may be long, and each is measured as a whole
        fitting = bisect.bisect_right(range(len(line)), width, key=lambda count: self.advance(cut(count), size, bold))
        return cut(max(fitting - 1, 0))

    def text_block(self, rows: Iterable[tuple[str, float, bool]]) -> Block:
        """Lines below each other: text, size, bold."""
        width, y, marks = 0.0, 0.0, []
        for text, size, bold in rows:
            face = self.face(bold)
            y += math.ceil(face.ascent * size * 0.86)
            marks.append(Letters(text, 0, y, size, bold))
            y += math.ceil(face.descent * size * 1.1)
            width = max(width, self.advance(text, size, bold))
        return Block(math.ceil(width), y, list(marks))


def whole_characters(text: str) -> str:
    """Accents joined with their letters, as fonts have them."""
    return unicodedata.normalize("NFC", text)


@functools.cache
def light_of_bytes() -> NDArray[np.float64]:
    """(256,): the linear light of each byte of sRGB."""
    import numpy as np

    return np.array([decoded(byte / 255) for byte in range(256)])


def _byte_of(light: float) -> int:
    return round(255 * min(max(encoded(light), 0.0), 1.0))


def _light(color: Rgb) -> float:
    red, green, blue = (decoded(value / 255) for value in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
