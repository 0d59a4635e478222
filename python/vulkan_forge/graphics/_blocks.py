"""Furniture as marks: what each item looks like, before anybody knows where it stands."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from vulkan_forge.graphics._board import Block, Letters, Ramp, Shape, whole_characters
from vulkan_forge.graphics._ramps import to_colors
from vulkan_forge.graphics._ticks import Ticks, power_of, power_text, round_below, scaled, ticks, written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vulkan_forge.graphics._board import Board, Rgb
    from vulkan_forge.graphics.furniture import ColorBar, Legend, NorthArrow, ScaleBar, Title

FINEST = -300  # exponent of what ticks of one's own are written with: beyond, doubles end
TITLE, SUBTITLE = 1.7, 1.1  # times the letters' size
METRIC = ((1000.0, "km"), (1.0, "m"), (0.01, "cm"), (0.001, "mm"), (1e-6, "µm"))
IMPERIAL = ((1609.344, "mi"), (0.3048, "ft"), (0.0254, "in"))


def title_block(item: Title, board: Board, width: float) -> Block:
    """The title above its subtitle."""
    big, small = TITLE * board.em, SUBTITLE * board.em
    while big > board.em and _widest_word(board, item.text, big) > width:
        big *= 0.93
    rows = [(line, big, True) for line in board.wrapped(whole_characters(item.text), big, width, True) if item.text]
    rows += [(line, small, False) for line in board.wrapped(whole_characters(item.subtitle), small, width) if line]
    return board.text_block(rows)


def _widest_word(board: Board, text: str, size: float) -> float:
    return max((board.advance(word, size, True) for word in text.split()), default=0.0)


# ---------------------------------------------------------------- colour bars


def color_bar_block(item: ColorBar, board: Board, width: float, height: float) -> Block:
    """The ramp with its ticks, no wider and no higher than asked; the label stands above it."""
    build = _upright_bar if item.orientation == "vertical" else _level_bar
    return build(item, board, width, height)


def _chosen(item: ColorBar, length: int, is_free: Callable[[Sequence[float], Sequence[str]], bool]) -> Ticks:
    low, high = item.limits
    if item.ticks is None:
        return ticks(low, high, is_free)
    if isinstance(item.ticks, Mapping):
        pairs = [(float(value), text) for value, text in item.ticks.items()]
    else:
        places = [float(value) for value in item.ticks if low <= value <= high]
        gaps = [b - a for a, b in itertools.pairwise(sorted(places)) if b > a]
        pairs = [(value, written(value, _grain(value, min(gaps, default=high - low)))) for value in places]
    kept: list[tuple[float, str]] = []
    for pair in sorted(pair for pair in pairs if low <= pair[0] <= high):
        tried = [*kept, pair]
        if is_free([value for value, _ in tried], [text for _, text in tried]):
            kept = tried
    return Ticks([value for value, _ in kept], [whole_characters(text) for _, text in kept], 0)


def _grain(value: float, gap: float) -> float:
    """The power of ten that writes a value whole, or as fine as values stand apart."""
    finest = max(math.floor(math.log10(gap)) - 1, FINEST)
    for exponent in range(max(finest, 0), finest - 1, -1):
        if abs(value - round(scaled(value, -exponent)) * scaled(1, exponent)) < 1e-9 * max(abs(value), gap):
            return scaled(1, exponent)
    return scaled(1, finest)


def _heading(item: ColorBar, board: Board, power: int, width: float) -> list[str]:
    unit = " ".join(part for part in (power_text(power), item.unit) if part)
    text = f"{item.label}, {unit}" if item.label and unit else item.label or unit
    return board.wrapped(whole_characters(text), board.em, width) if text else []


def _headed(board: Board, lines: Sequence[str], body: Block, left: float = 0) -> Block:
    """A block below some lines of text."""
    if not lines:
        return body
    head = board.text_block([(line, board.em, False) for line in lines])
    down = head.height + round(0.45 * board.em)
    marks = [*(_moved(mark, left, 0) for mark in head.marks), *(_moved(mark, 0, down) for mark in body.marks)]
    return Block(max(left + head.width, body.width), down + body.height, marks)


def _moved(mark: Letters | Shape | Ramp, x: float, y: float) -> Letters | Shape | Ramp:
    if isinstance(mark, Shape):
        return mark._replace(points=[(px + x, py + y) for px, py in mark.points])
    if isinstance(mark, Ramp):
        return mark._replace(x=mark.x + round(x), y=mark.y + round(y))
    return mark._replace(x=mark.x + x, y=mark.y + y)


def _framed(board: Board, ramp: Ramp) -> list[Letters | Shape | Ramp]:
    """A ramp with a thin frame, whose lines fall on whole pixels."""
    rule = board.rule
    left, top, right, bottom = ramp.x, ramp.y, ramp.x + ramp.width, ramp.y + ramp.height
    return [_rectangle(left - rule, top - rule, right + rule, bottom + rule), ramp]


def _rectangle(left: float, top: float, right: float, bottom: float, fill: str | Rgb = "ink") -> Shape:
    return Shape([(left, top), (right, top), (right, bottom), (left, bottom)], fill)


def _upright_bar(item: ColorBar, board: Board, width: float, height: float) -> Block:
    em, rule = board.em, board.rule
    wide, tick, gap, cap = round(1.15 * em), round(0.35 * em), round(0.3 * em), board.cap(em)
    over = math.ceil(cap / 2) + 1  # that letters stand out beyond the ends
    wanted = _heading(item, board, 3, max(width, 4 * em))
    head = board.text_block([(line, em, False) for line in wanted]).height + round(0.45 * em) if wanted else 0
    long = max(int(height - head) - 2 * over, 2)
    low, high = item.limits

    def place(value: float) -> int:
        return round((high - value) / (high - low) * (long - 1))

    def is_free(values: Sequence[float], _: Sequence[str]) -> bool:
        rows = sorted(place(value) for value in values)
        return all(b - a >= 1.8 * cap + 2 for a, b in itertools.pairwise(rows))

    chosen = _chosen(item, long, is_free)
    marks = _framed(board, Ramp(to_colors(item.colormap), rule, over, wide, long, True))
    right, widest = wide + 2 * rule, 0.0
    for value, text in zip(chosen.values, chosen.texts, strict=True):
        y = over + place(value)
        up = y - (rule - 1) // 2
        marks.append(_rectangle(right, up, right + tick, up + rule))
        marks.append(Letters(text, right + tick + gap, round(y + cap / 2), em))
        widest = max(widest, board.advance(text, em))
    body = Block(math.ceil(right + tick + gap + widest), long + 2 * over, marks)
    return _headed(board, _heading(item, board, chosen.power, max(body.width, min(width, 11 * em))), body)


def _level_bar(item: ColorBar, board: Board, width: float, height: float) -> Block:
    em, rule = board.em, board.rule
    high_px, tick, gap, cap = round(0.95 * em), round(0.35 * em), round(0.3 * em), board.cap(em)
    low, high = item.limits

    def edge(text: str) -> float:
        return board.advance(text, em) / 2

    def place(value: float, long: int) -> int:
        return round((value - low) / (high - low) * (long - 1))

    def spans_of(values: Sequence[float], texts: Sequence[str], long: int) -> list[tuple[float, float]]:
        pairs = zip(values, texts, strict=True)
        return [(place(value, long) - edge(text), place(value, long) + edge(text)) for value, text in pairs]

    def fitted(over: int) -> tuple[Ticks, int, int]:
        """Ticks of a bar whose labels may stand out so far, and how far they do."""
        long = max(int(width) - 2 * over, 2)

        def is_free(values: Sequence[float], texts: Sequence[str]) -> bool:
            spans = spans_of(values, texts, long)
            gaps = [b[0] - a[1] for a, b in itertools.pairwise(spans)]
            return all(gap >= 0.8 * em for gap in gaps) and _overhang(spans, long) <= over

        found = _chosen(item, long, is_free)
        return found, long, max(math.ceil(_overhang(spans_of(found.values, found.texts, long), long)), rule)

    chosen, long, over = fitted(math.ceil(2.2 * em))
    if over < 2.2 * em:  # what the labels leave goes to the bar
        wider = fitted(over)
        chosen, long, _ = wider if wider[0].values else (chosen, int(width) - 2 * over, over)
    marks = _framed(board, Ramp(to_colors(item.colormap), over, rule, long, high_px, False))
    bottom = high_px + 2 * rule
    for value, text in zip(chosen.values, chosen.texts, strict=True):
        x = over + place(value, long)
        left = x - (rule - 1) // 2
        marks.append(_rectangle(left, bottom, left + rule, bottom + tick))
        marks.append(Letters(text, x + 0.5 - edge(text), bottom + tick + gap + math.ceil(cap), em))
    body = Block(long + 2 * over, bottom + tick + gap + math.ceil(cap) + rule, marks)
    return _headed(board, _heading(item, board, chosen.power, max(long, 4 * em)), body, over - rule)


def _overhang(spans: Sequence[tuple[float, float]], length: int) -> float:
    return max((max(-left, right - length) for left, right in spans), default=0.0)


# ---------------------------------------------------------------- legends of classes


def legend_block(item: Legend, board: Board, width: float) -> Block:
    """A patch of each class with its text, no wider than asked; the title stands above."""
    em, rule, cap = board.em, board.rule, board.cap(board.em)
    wide, high, step = round(1.7 * em), round(1.1 * em), round(1.55 * em)
    left, marks, y, widest = wide + 2 * rule + round(0.5 * em), list[Letters | Shape | Ramp](), 0, 0.0
    for text, color in item.classes:
        bottom = y + high + 2 * rule
        marks.append(_rectangle(0, y, wide + 2 * rule, bottom))
        marks.append(_rectangle(rule, y + rule, rule + wide, bottom - rule, color))
        for line in board.wrapped(whole_characters(text), em, max(width - left, 4 * em)):
            marks.append(Letters(line, left, round(y + rule + (high + cap) / 2), em))
            widest = max(widest, board.advance(line, em))
            y += step
    title = board.wrapped(whole_characters(item.title), em, width) if item.title else []
    return _headed(board, title, Block(math.ceil(left + widest), y - step + high + 2 * rule, marks))


# ---------------------------------------------------------------- scale bars


def scale_bar_block(item: ScaleBar, board: Board, most: float, metres_per_pixel: float, note: str) -> Block:
    """A bar of a round length, no longer than so many pixels."""
    em, rule = board.em, board.rule
    factor, value, unit, length = _round_length(item, most * metres_per_pixel)
    long = length / metres_per_pixel
    high, gap, cap = max(round(0.42 * em), 2 * rule + 1), round(0.32 * em), math.ceil(board.cap(em))
    parts = 5 if factor == 5 else 4
    marks_at = [0.0, 1.0] if factor == 5 else [0.0, 0.5, 1.0]
    power = power_of(0.0, value)  # of what no unit of the system makes short
    unit = " ".join(text for text in (power_text(power), unit) if text)
    step = value if factor == 5 else min(value / 2, scaled(1, power))
    texts = {part: written(value * part, step, power) for part in marks_at}
    halves = {part: board.advance(text, em) / 2 for part, text in texts.items()}
    if 0.5 in texts and long / 2 < halves[0.5] + max(halves[0.0], halves[1.0]) + 0.7 * em:
        del texts[0.5]
    if long < halves[0.0] + halves[1.0] + 0.7 * em:  # the end says how long it is
        del texts[0.0]
    left = max(halves[0.0] if 0.0 in texts else halves[1.0] - long, rule)
    top = cap + gap
    xs = [round(left + long * k / parts) for k in range(parts + 1)]
    marks: list[Letters | Shape | Ramp] = [_rectangle(xs[0] - rule, top, xs[-1] + rule, top + high)]
    marks += [_rectangle(xs[k], top + rule, xs[k + 1], top + high - rule, "paper") for k in range(1, parts, 2)]
    for part, text in texts.items():
        marks.append(Letters(text, left + long * part - halves[part], cap, em))
    end = left + long + halves[1.0]
    marks.append(Letters(unit, end + 0.28 * em, cap, em))
    width, height = end + 0.28 * em + board.advance(unit, em), top + high
    for line in board.wrapped(whole_characters(note), 0.86 * em, max(width, 8 * em)) if note else []:
        height += gap + math.ceil(0.86 * cap)
        marks.append(Letters(line, xs[0] - rule, height, 0.86 * em))
        width = max(width, board.advance(line, 0.86 * em))
        height += math.ceil(0.22 * em)
    return Block(math.ceil(width), height, marks)


def _round_length(item: ScaleBar, metres: float) -> tuple[int, float, str, float]:
    """1, 2 or 5; the length in its unit; the unit; and the length in metres."""
    units = METRIC if item.system == "metric" else IMPERIAL
    size, unit = next((row for row in units if metres >= row[0] * (1 - 1e-9)), units[-1])
    factor, exponent = round_below(metres / size)
    value = scaled(factor, exponent)
    return factor, value, unit, value * size


# ---------------------------------------------------------------- north


def north_arrow_block(item: NorthArrow, board: Board, azimuth: float) -> Block:
    """A needle, half of it dark, with the letter beyond its tip."""
    em = board.em
    size, letter = 1.35 * em, whole_characters(item.letter)
    long, half, notch = 2.5 * em, 0.72 * em, 0.62 * em
    turn = math.radians(azimuth)
    sine, cosine = math.sin(turn), math.cos(turn)

    def turned(x: float, y: float) -> tuple[float, float]:
        return x * cosine + y * sine, x * sine - y * cosine

    tip, tail, right, left = (
        turned(0, long / 2),
        turned(0, -long / 2 + notch),
        turned(half, -long / 2),
        turned(-half, -long / 2),
    )
    wide, high = board.advance(letter, size, True), board.cap(size, True)
    reach = 0.35 * em + (abs(sine) * wide + abs(cosine) * high) / 2
    at = turned(0, long / 2 + reach)
    outline = [tip, right, tail, left]
    spot = (at[0] - wide / 2, at[1] + high / 2)
    xs = [x for x, _ in outline] + ([spot[0], spot[0] + wide] if letter else [])
    ys = [y for _, y in outline] + ([spot[1] - high, spot[1]] if letter else [])
    dx, dy = board.rule - min(xs), board.rule - min(ys)

    def placed(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(x + dx, y + dy) for x, y in points]

    line = max(1.0, em / 11)
    marks: list[Letters | Shape | Ramp] = [
        Shape(placed(outline), "paper"),
        Shape(placed([tip, tail, left]), "ink"),
        Shape(placed(outline), "ink", line, True),
    ]
    if letter:
        marks.append(Letters(letter, spot[0] + dx, round(spot[1] + dy), size, True))
    return Block(math.ceil(max(xs) + dx + board.rule), math.ceil(max(ys) + dy + board.rule), marks)
