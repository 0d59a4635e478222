"""Marks: what a user says, so that no text of it can begin a control token, whatever a template makes of it.

Only a template may place control tokens, but it joins, cuts and changes what users say: `hi<|im_` and `end|>` of two
messages are one text in the end. So every character with which a control token begins is replaced, one for one, by a
private character that nobody has said. Control tokens are found in what the template rendered, where such a character
is the template's own or a mark; then marks become what they stand for. That is safe whatever is joined, left out or
written in capitals. What a template compares users' texts with (`'</think>' in content`) is compared as it was said:
`template` sees to that, and lengths are what they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vulkan_forge.errors import ArgumentTypeError, InputError
from vulkan_forge.llm.checks import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Marks"]

MOST_NESTING = 64  # of lists and mappings in what is given
PRIVATE = (range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))  # code points that mean nothing


def _forms(letter: str) -> str:
    """What a template may make of a letter."""
    return letter.lower() + letter.upper() + letter.title() + letter.casefold()


class Marks:
    """Which private character stands for which in one conversation.

    Args:
        begins: The characters that control tokens begin with.
        given: All that a user says: texts, numbers, None, and lists and mappings of these.
        template: The template, whose characters are no marks either.

    Raises:
        ArgumentTypeError: What is given has something else in it, whose text nobody has seen.
        InputError: It is nested too deeply, or leaves no private character.
    """

    def __init__(self, begins: frozenset[str], given: object = None, template: str | None = None) -> None:
        letters: set[str] = set()
        for text in _texts(given, 0):
            letters.update(text)
        risky = sorted(begins | {one for one in letters if not begins.isdisjoint(_forms(one))})
        letters.update(template or "")
        unused = (chr(code) for codes in PRIVATE for code in codes if chr(code) not in letters)
        pairs = list(zip(risky, unused, strict=False))
        if len(pairs) < len(risky):
            raise InputError.build("INVALID_ARGUMENT", "a conversation uses all private characters of Unicode")
        self._marks = dict(pairs)
        self._meant = {mark: one for one, mark in pairs}
        self._template = template if isinstance(template, str) else ""

    def marked(self, value: Any) -> Any:
        """The same with marks, keys of mappings too but for plain words that the template names itself.

        Args:
            value: A text, or anything that has some.
        """
        return _changed(value, self._marks, self._template)

    def plain(self, value: Any) -> Any:
        """The same as it was said.

        Args:
            value: A text, or anything that has some.
        """
        if not self._marks or not isinstance(value, (str, list, tuple, dict)):
            return value
        return _changed(value, self._meant)

    def as_in(self, text: str, part: Any) -> Any:
        """A text to look for, as it stands in another: with marks where it does.

        Args:
            text: Where it is looked for.
            part: The text; anything else stays.
        """
        if not isinstance(part, str) or not self._marks:
            return part
        marked: str = self.marked(part)
        return marked if marked in text else part


def _texts(value: object, depth: int) -> Iterator[str]:
    if depth > MOST_NESTING:
        raise InputError.build("INVALID_ARGUMENT", "a conversation is nested too deeply", expected=f"{MOST_NESTING}")
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if not isinstance(key, (str, int, float, type(None))):
                raise _refused(key)
            yield from _texts(key, depth + 1)
            yield from _texts(one, depth + 1)
    elif isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        for one in value:
            yield from _texts(one, depth + 1)
    elif not isinstance(value, (int, float, type(None))):
        raise _refused(value)


def _refused(value: object) -> ArgumentTypeError:
    return ArgumentTypeError.build(
        "BAD_TYPE",
        "a conversation holds what a template cannot take",
        expected="texts, numbers, None, and lists and mappings of these",
        got=f"{type(value).__name__} {shown(value)}",
    )


def _changed(value: Any, letters: Mapping[str, str], names: str = "") -> Any:
    if isinstance(value, str):
        for letter, other in letters.items():  # no letter is another's other
            value = value.replace(letter, other)
        return value
    if isinstance(value, Mapping):
        return {
            key if _is_named(key, names) else _changed(key, letters): _changed(one, letters, names)
            for key, one in value.items()
        }
    if isinstance(value, (bytes, bytearray)) or not isinstance(value, Sequence):
        return value
    changed = [_changed(one, letters, names) for one in value]
    return tuple(changed) if isinstance(value, tuple) else changed


def _is_named(key: object, names: str) -> bool:
    return isinstance(key, str) and key.isidentifier() and key in names
