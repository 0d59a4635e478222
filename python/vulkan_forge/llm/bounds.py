"""How much memory what a template asks for may take: reckoned before it is made, as few characters may ask for all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "FILTERS",
    "METHODS",
    "MOST_TEXT",
    "is_too_large",
    "largest_number",
    "weight",
]

MOST_TEXT = 16 << 20  # characters or elements of any value
MOST_BITS = 4096  # of a power
PERCENT = re.compile(r"%(?:\([^)]*\))?[#0\- +]*(\*|\d+)?(?:\.(\*|\d+))?")


def weight(values: Iterable[Any]) -> int:
    """About how many characters the texts of values have; it stops counting beyond MOST_TEXT.

    Args:
        values: Any. Lists may hold the same list many times: each counts, as each is written.
    """
    held, size = list(values), 0
    while held and size <= MOST_TEXT:
        value = held.pop()
        size += 1
        if isinstance(value, (str, bytes)):
            size += len(value)
        elif isinstance(value, int):
            size += value.bit_length() // 3
        elif isinstance(value, (Mapping, list, tuple, set, frozenset)):
            size += len(value)
            if size <= MOST_TEXT:
                held.extend(value)
                held.extend(value.values() if isinstance(value, Mapping) else ())
    return size


def largest_number(text: str) -> int:
    """The largest number that stands in a text.

    Args:
        text: A width, a precision, or what holds some.
    """
    return max((int(one) if len(one) < 10 else 10**9 for one in re.findall(r"\d+", text)), default=0)


def _percent(text: str, values: Any) -> int:
    """At most how long `text % values` is."""
    parts = [part for found in PERCENT.finditer(text) for part in found.groups() if part]
    given = values if isinstance(values, tuple) else (values,)
    widths = sum(largest_number(part) for part in parts)
    widths += sum(abs(one) for one in given if isinstance(one, int)) if "*" in parts else 0
    times = text.count("%") if isinstance(values, Mapping) else 1  # a mapping's value may be used often
    return len(text) + widths + times * weight(given)


def is_too_large(operator: str, left: Any, right: Any) -> bool:
    """Whether an operator's value would be: long texts, huge powers.

    Args:
        operator: "+", "*", "**" or "%".
        left: What stands before it.
        right: What stands behind it.
    """
    numbers = isinstance(left, int) and isinstance(right, int)
    if operator == "**":
        return numbers and left.bit_length() * abs(right) > MOST_BITS
    if operator == "*" and numbers:
        return bool(left.bit_length() + right.bit_length() > MOST_TEXT)
    if operator == "%":
        return isinstance(left, (str, bytes)) and _percent(_text(left), right) > MOST_TEXT
    sized = [one for one in (left, right) if isinstance(one, (str, bytes, list, tuple))]
    if operator == "+":
        return sum(map(len, sized)) > MOST_TEXT
    return any(len(one) * times > MOST_TEXT for one in sized for times in (left, right) if isinstance(times, int))


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _replaced(text: Any, old: Any, new: Any, count: Any = None) -> int:
    text, old = (text, old) if isinstance(text, bytes) else (_text(text), _text(old))
    return len(text) + len(new if isinstance(new, bytes) else _text(new)) * (text.count(old) if old else len(text) + 1)


def _joined(between: Any, items: Any) -> int:
    return weight(items) + len(between) * len(items)


# At most how long what methods of texts give is, where that may be more than a few times what they are given.
METHODS: dict[str, Callable[..., int]] = {
    **dict.fromkeys(("ljust", "rjust", "center", "zfill"), lambda text, width, *more: width),
    "expandtabs": lambda text, tabsize=8: len(text) * max(tabsize, 1),
    "replace": _replaced,
    "join": _joined,
    "translate": lambda text, table: len(text) * weight([table]),
    "to_bytes": lambda number, length=1, *more, **others: length,
}

# The same of filters.
FILTERS: dict[str, Callable[..., int]] = {
    "center": lambda value, width=80: width,
    "indent": lambda s, width=4, first=False, blank=False: (
        len(s) + (s.count("\n") + 1) * (width if isinstance(width, int) else len(width))
    ),
    "replace": lambda s, old, new, count=None: _replaced(s, old, new),
    "join": lambda value, d="", attribute=None: _joined(str(d), value),
    "format": lambda value, *args, **kwargs: _percent(str(value), kwargs or args),
    "batch": lambda value, linecount, fill_with=None: linecount,
    "slice": lambda value, slices, fill_with=None: slices,
    "round": lambda value, precision=0, method="common": abs(precision) * (MOST_TEXT // MOST_BITS),
    "sum": lambda iterable, attribute=None, start=0: 0 if isinstance(start, (int, float)) else MOST_TEXT + 1,
}
