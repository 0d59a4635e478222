"""What users hand in, checked where it comes in: token ids, texts, functions to call."""

from __future__ import annotations

import operator
import re
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from vulkan_forge.errors import ArgumentTypeError, RangeError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["checked_call", "checked_ids", "checked_text", "number", "shown", "whole"]

MOST_SHOWN = 80  # characters of a value in a message
SURROGATES = re.compile("[\ud800-\udfff]")


def shown(value: object) -> str:
    """A value as messages show it: never long, and no number that Python refuses to write.

    Args:
        value: Any.
    """
    if isinstance(value, int) and value.bit_length() > 4 * MOST_SHOWN:
        return f"an int of {value.bit_length()} bits"
    try:
        return repr(value)[:MOST_SHOWN]
    except (ValueError, RecursionError):  # such an int stands within it, or it is too deep
        return f"a {type(value).__name__}"


def whole(value: Any) -> int | None:
    """A whole number of any type, NumPy's among them, as Python's; None for anything else.

    Args:
        value: Any.
    """
    return None if isinstance(value, bool) or not isinstance(value, Integral) else int(value)


def number(value: Any) -> float | None:
    """The same of a real number.

    Args:
        value: Any.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        return whole(value) if isinstance(value, Integral) else float(value)
    except OverflowError:  # of a fraction; beyond all bounds, whatever its sign
        return float("inf")


def checked_ids(ids: Iterable[Any], what: str, vocabulary: int | None = None) -> list[int]:
    """Token ids as ints.

    Args:
        ids: Whole numbers of any type, in one row.
        what: How messages call them.
        vocabulary: What they have to be below; None: they may be anything.

    Raises:
        ArgumentTypeError: They are no row of whole numbers.
        RangeError: One is not in the vocabulary.
    """
    try:
        if isinstance(ids, (str, bytes, bytearray)):
            raise TypeError("text is no row of numbers")
        rows = list(ids)
        if any(isinstance(one, bool) for one in rows):
            raise TypeError("a bool is no number")
        numbers = [operator.index(one) for one in rows]
    except TypeError as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", what, expected="token ids, whole numbers in one row", got=shown(ids)
        ) from error
    if vocabulary is not None:
        for at, one in enumerate(numbers):
            if not 0 <= one < vocabulary:
                raise RangeError.build(
                    "OUT_OF_RANGE",
                    "a token is not in the model's vocabulary",
                    expected=f"0 to {vocabulary - 1}",
                    got=f"{shown(one)} at {at}",
                )
    return numbers


def checked_text(text: object, what: str) -> str:
    """A text that UTF-8 can say: lone surrogates, as damaged command lines and files have them, become U+FFFD.

    Args:
        text: Any.
        what: How messages call it.

    Raises:
        ArgumentTypeError: It is no str.
    """
    if not isinstance(text, str):
        raise ArgumentTypeError.build("BAD_TYPE", what, expected="str", got=type(text).__name__)
    return SURROGATES.sub("\ufffd", text)


def checked_call(function: object, what: str) -> None:
    """Refuse what is neither None nor a function.

    Args:
        function: Any.
        what: How messages call it.

    Raises:
        ArgumentTypeError: It cannot be called.
    """
    if function is not None and not callable(function):
        raise ArgumentTypeError.build("BAD_TYPE", what, expected="a function or None", got=type(function).__name__)
