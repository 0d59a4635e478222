"""Names on a picture, where there is room for them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vulkan_forge._vulkan_forge import draw_path
from vulkan_forge.errors import InputError
from vulkan_forge.graphics._board import DARK, HALO_ALPHA, LIGHT, Box, Letters, Tone, whole_characters
from vulkan_forge.graphics._views import projected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vulkan_forge.graphics._board import Board, Rgb
    from vulkan_forge.graphics.furniture import Label, Projection

DOT = 0.2  # radius, of the letters' size
NEARER = 0.004  # of its distance that a place may lie behind the surface, where the view knows no pixels' sizes
# Where a name stands beside its dot, best first: across and down, of half its size and the gap.
BESIDE = {
    "right": (1, 0),
    "left": (-1, 0),
    "above": (0, -1),
    "below": (0, 1),
    "upper right": (1, -1),
    "lower right": (1, 1),
    "upper left": (-1, -1),
    "lower left": (-1, 1),
}


def put_labels(
    board: Board, labels: Sequence[Label], frame: Box, view: Projection | None, depth: NDArray[np.float64] | None
) -> None:
    """Draws those labels that find room, by priority."""
    seen = []
    for label in sorted(labels, key=lambda one: -one.priority):
        spot = _spot(label, frame, view, depth)
        if spot and Box(*spot, *spot).within(frame):
            seen.append((label, spot))
    if not seen:
        return
    around = [Box(x, y, x, y).grown(3 * board.em) for _, (x, y) in seen]
    tone = _common_tone(board, around)
    dots = [_dot_box(board, label, spot) for label, spot in seen if label.dot]
    for label, spot in seen:
        own = _dot_box(board, label, spot) if label.dot else None
        if own is not None and not board.is_free(own):
            continue
        for lines, box in _candidates(board, label, spot):
            others = [dot for dot in dots if dot is not own and dot != own]
            if box.within(frame) and board.is_free(box.grown(1)) and not any(box.meets(dot) for dot in others):
                _draw(board, label, spot, lines, box, tone)
                board.taken += [box, own] if own is not None else [box]
                break


def _spot(
    label: Label, frame: Box, view: Projection | None, depth: NDArray[np.float64] | None
) -> tuple[float, float] | None:
    """Pixels of the place; None where it is hidden, or not in front of the eye."""
    if len(label.at) == 2 and not label.hide:
        return frame.left + label.at[0], frame.top + label.at[1]
    if view is None or len(label.at) == 2:
        raise InputError.build(
            "INVALID_ARGUMENT",
            f"label {label.text!r} has a place in the world" if len(label.at) == 3 else f"label {label.text!r} hides",
            expected="view=, and three coordinates",
            got="no view" if view is None else "two coordinates",
        )
    x, y, z = (float(value) for value in projected(view, [label.at])[0])
    if not (math.isfinite(x) and math.isfinite(y) and z >= 0):
        return None
    if label.hide and _is_hidden(label, x, y, max(z, _depth_before(view, label.at, z)), depth):
        return None
    return frame.left + x, frame.top + y


def _depth_before(view: Projection, at: Sequence[float], z: float) -> float:
    """Of the place three pixels' worth nearer to the eye: the surface's own roughness does not hide it."""
    size, forward = getattr(view, "pixel_size", None), getattr(view, "forward", None)
    if size is None or forward is None:
        return z / (1 - NEARER)
    step = 3 * float(size(at))
    return float(projected(view, [[a - step * f for a, f in zip(at, forward, strict=True)]])[0, 2])


def _is_hidden(label: Label, x: float, y: float, z: float, depth: NDArray[np.float64] | None) -> bool:
    """Whether all of the surface round a pixel is nearer; depth is reversed: more is nearer."""
    if depth is None:
        raise InputError.build(
            "INVALID_ARGUMENT", f"label {label.text!r} hides", expected='depth=, such as read("depth")', got="none"
        )
    row, column = math.floor(y), math.floor(x)
    around = depth[max(row - 1, 0) : max(row + 2, 0), max(column - 1, 0) : max(column + 2, 0)]
    return bool(around.size) and z < float(around.min())


def _common_tone(board: Board, around: list[Box]) -> Tone:
    """One ink for all labels, that of most of them."""
    tones = [board.tone(box) for box in around]
    bright = sum(tone.paper == LIGHT for tone in tones) * 2 >= len(tones)
    return Tone(board.ink or (DARK if bright else LIGHT), LIGHT if bright else DARK, LIGHT if bright else DARK)


def _dot_box(board: Board, label: Label, spot: tuple[float, float]) -> Box:
    return Box(*spot, *spot).grown(DOT * label.size * board.em + 1)


def _candidates(board: Board, label: Label, spot: tuple[float, float]) -> Iterator[tuple[list[Letters], Box]]:
    """Places of the name, best first, with the pixels that its letters would touch."""
    size = label.size * board.em
    texts = [whole_characters(text) for text in label.text.split("\n")]
    face = board.face(label.bold)
    widths = [face.advance(text, size) for text in texts]
    step, cap = math.ceil(face.line_height * size), face.cap_height * size
    wide, high = max(widths), cap + step * (len(texts) - 1)
    gap = (DOT + 0.1) * size + board.halo(size) + 2  # halos end before the dot begins
    if not label.dot and label.anchor in ("auto", "centre"):
        chosen = (
            {"centre": (0, 0)} if label.anchor == "centre" else {"centre": (0, 0), "above": (0, -1), "below": (0, 1)}
        )
    elif label.anchor == "centre":
        chosen = {"centre": (0, 0)}
    else:
        chosen = BESIDE if label.anchor == "auto" else {label.anchor: BESIDE[label.anchor]}
    for across, down in chosen.values():
        aside = gap * (0.4 if down else 1.0)
        left = spot[0] + across * (wide / 2 + aside) - wide / 2
        top = spot[1] + down * (high / 2 + gap) - high / 2
        lines = []
        for row, (text, width) in enumerate(zip(texts, widths, strict=True)):
            x = left + (wide - width) * (1 - across) / 2
            lines.append(Letters(text, x, round(top + cap + row * step), size, label.bold, label.color))
        boxes = [Box(*face.box(one.text, size, (one.x, one.y), halo=board.halo(size))) for one in lines]
        box = boxes[0]
        for other in boxes[1:]:
            box = box.joined(other)
        dot = _dot_box(board, label, spot)
        if label.dot and down and box.meets(dot):  # a letter that reaches below the line, or far above it
            by = math.floor(dot.top - box.bottom) if down < 0 else math.ceil(dot.bottom - box.top)
            lines, box = [one._replace(y=one.y + by) for one in lines], box.moved(0, by)
        yield lines, box


def _draw(board: Board, label: Label, spot: tuple[float, float], lines: list[Letters], box: Box, tone: Tone) -> None:
    halo = board.tone(box)._replace(ink=tone.ink, paper=tone.paper)
    ink: Rgb = label.color or tone.ink
    if label.dot:
        radius = DOT * label.size * board.em
        draw_path(board.picture, _circle(spot, radius + max(1.0, 0.3 * radius)), (*tone.paper, HALO_ALPHA))
        draw_path(board.picture, _circle(spot, radius), ink)
    for line in lines:
        board.write(line, halo._replace(halo=_apart(halo.halo, ink, tone.paper)))


def _apart(halo: Rgb, ink: Rgb, paper: Rgb) -> Rgb:
    """The ground's colour as a halo, unless the ink could not be read on it."""
    return halo if abs(sum(halo) - sum(ink)) > 270 else paper


def _circle(middle: tuple[float, float], radius: float) -> list[tuple[float, float]]:
    count = max(16, math.ceil(radius * 4))
    turns = [2 * math.pi * k / count for k in range(count)]
    return [(middle[0] + radius * math.cos(turn), middle[1] + radius * math.sin(turn)) for turn in turns]
