"""Round numbers along a scale, and how they are written."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MINUS, GROUP, TIMES = "\N{MINUS SIGN}", "\N{NARROW NO-BREAK SPACE}", "\N{MULTIPLICATION SIGN}"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MOST_TICKS = 9
MOST_DIGITS = 12  # that doubles tell apart
LEAST_WIDTH, MOST_WIDTH = 1e-300, 1e300  # of a scale: beyond, steps leave the range of doubles


class Ticks(NamedTuple):
    """Values with their labels, and the power of ten that the labels leave out."""

    values: list[float]
    texts: list[str]
    power: int


def ticks(low: float, high: float, fits: Callable[[Sequence[float], Sequence[str]], bool]) -> Ticks:
    """The finest round values between two numbers whose labels fit, or where fewer than two do the outermost of some.

    One value says nothing of how fast a scale goes; none only where not even one fits.
    """
    power = power_of(low, high)
    candidates = [found for step in steps(high - low) if (found := _multiples_told_apart(step, low, high, power))]
    even = next((found for found in candidates if fits(found.values, found.texts)), Ticks([], [], power))
    if len(even.values) >= 2:
        return even
    ends = (_ends(found) for found in reversed(candidates) if len(found.values) > 2)
    return next((found for found in ends if fits(found.values, found.texts)), even)


def _ends(found: Ticks) -> Ticks:
    return Ticks([found.values[0], found.values[-1]], [found.texts[0], found.texts[-1]], found.power)


def _multiples_told_apart(step: float, low: float, high: float, power: int) -> Ticks | None:
    """Those of a step; None where there are none or too many, or the step is below the digits that are written."""
    values = multiples(step, low, high)
    if not 0 < len(values) <= MOST_TICKS:
        return None
    texts = [written(value, step, power) for value in values]
    return Ticks(values, texts, power) if len(set(texts)) == len(values) else None


def steps(width: float) -> Iterator[float]:
    """1, 2 and 5 times powers of ten, from fine to as wide as a scale, and beyond."""
    first = math.floor(math.log10(width)) - 2
    for exponent in range(first, first + 5):
        for factor in (1, 2, 5):
            yield scaled(factor, exponent)


def scaled(factor: float, exponent: int) -> float:
    """A number times a power of ten, rounded once."""
    return factor * 10.0**exponent if exponent >= 0 else factor / 10.0**-exponent


def multiples(step: float, low: float, high: float) -> list[float]:
    """Those of a step from one number to another; ends count, though rounding might put them outside."""
    slack = 1e-6
    first, last = math.ceil(low / step - slack), math.floor(high / step + slack)
    return [k * step for k in range(first, min(last, first + MOST_TICKS) + 1)]


def power_of(low: float, high: float) -> int:
    """The power of ten that goes to the unit, so that labels stay short: 0 for everyday numbers."""
    largest = max(abs(low), abs(high))
    return 0 if largest == 0 or 1e-3 <= largest < 1e6 else 3 * math.floor(math.log10(largest) / 3)


def written(value: float, step: float, power: int = 0) -> str:
    """A multiple of a step, with as many places as the step needs."""
    places = min(max(0, power - math.floor(math.log10(step) + 1e-9)), MOST_DIGITS)
    text = f"{abs(scaled(value, -power)):.{places}f}"
    whole, point, rest = text.partition(".")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", GROUP)
    is_zero = not text.strip("0.")
    return (MINUS if value < 0 and not is_zero else "") + whole + point + rest


def power_text(power: int) -> str:
    """Such as ×10⁶."""
    return f"{TIMES}10{str(power).translate(SUPERSCRIPTS)}" if power else ""


def round_below(most: float) -> tuple[int, int]:
    """The largest of 1, 2 and 5 times a power of ten that is no more: its factor, and the exponent."""
    exponent = math.floor(math.log10(most) + 1e-9)
    factor = next(f for f in (5, 2, 1) if scaled(f, exponent) <= most * (1 + 1e-9))
    return factor, exponent
