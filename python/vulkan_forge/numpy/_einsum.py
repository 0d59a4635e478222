"""What einsum's text says, and how operands are contracted, two at a time."""

from __future__ import annotations

import math
import string
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import InputError, ShapeError
from vulkan_forge.numpy import _products, _statistics
from vulkan_forge.numpy._checks import numpys_errors
from vulkan_forge.numpy._views import in_shape, permuted

LETTERS = string.ascii_letters
NUMBERED = string.ascii_uppercase + string.ascii_lowercase
elementwise = native.elementwise


class Term(NamedTuple):
    """An operand with a letter for each of its axes, none of them twice."""

    letters: str
    array: Array


class Expression(NamedTuple):
    """Operands, and the letters of the result."""

    terms: list[Term]
    result: str


def _wrong(text: str, why: str) -> InputError:
    return InputError.build("INVALID_ARGUMENT", f"einsum: {why}", expected='a text such as "ij,jk->ik"', got=repr(text))


def text_and_operands(subscripts: Any, operands: Sequence[Any]) -> tuple[str, list[Any]]:
    """The text and the operands; of NumPy's other form, lists of numbers, the text is made."""
    if isinstance(subscripts, str):
        return subscripts, list(operands)
    parts = [subscripts, *operands]
    arrays, lists = parts[: len(parts) // 2 * 2 : 2], parts[1::2]
    if not arrays:
        raise _wrong(str(lists), "there are no operands")
    try:
        text = ",".join(map(_letters, lists))
        return (f"{text}->{_letters(parts[-1])}" if len(parts) % 2 else text), arrays
    except (TypeError, IndexError):
        raise _wrong(str(lists), "this is neither text nor lists of numbers from 0 to 51") from None


def _letters(numbers: Iterable[Any]) -> str:
    return "".join("..." if number is Ellipsis else _letter(number) for number in numbers)


def _letter(number: Any) -> str:
    """NumPy's letter for a number; the order of letters decides that of the result's axes where none is given."""
    if number < 0:
        raise IndexError
    return NUMBERED[number]


def expression_of(text: str, arrays: Sequence[Array]) -> Expression:
    """The expression that a text makes of operands: no dots, no letter twice in a term, common extents."""
    inputs, arrow, result = text.replace(" ", "").partition("->")
    terms = inputs.split(",")
    _check(text, terms, result, arrays)
    free = [letter for letter in LETTERS if letter not in text]
    extra = [x.ndim - len(term) + 3 if "..." in term else 0 for term, x in zip(terms, arrays, strict=True)]
    dots = "".join(free[: max(extra, default=0)])
    named = [term.replace("...", dots[len(dots) - n :]) for term, n in zip(terms, extra, strict=True)]
    if not arrow:
        every = inputs.replace(",", "").replace(".", "")
        result = "..." + "".join(letter for letter in sorted(set(every)) if every.count(letter) == 1)
    if dots and "..." not in result:
        raise _wrong(text, "the result leaves out the axes of ...")
    result = result.replace("...", dots)
    if len(set(result)) < len(result) or not set(result) <= set("".join(named)):
        raise _wrong(text, "the result names an axis twice, or one that no operand has")
    extents = _extents(named, arrays)
    return Expression([_term(letters, x, extents) for letters, x in zip(named, arrays, strict=True)], result)


def _check(text: str, terms: Sequence[str], result: str, arrays: Sequence[Array]) -> None:
    if len(terms) != len(arrays):
        raise _wrong(text, f"{len(terms)} operands are named and {len(arrays)} given")
    for part in (*terms, result):
        if part.replace("...", "", 1).strip(LETTERS):
            raise _wrong(text, "only letters and one ... stand for axes")
    for term, x in zip(terms, arrays, strict=True):
        letters = len(term.replace("...", ""))
        if letters > x.ndim or (letters < x.ndim and "..." not in term):
            raise _wrong(text, f"{term!r} does not fit an operand of {x.ndim} axes")


def _extents(named: Sequence[str], arrays: Sequence[Array]) -> dict[str, int]:
    extents: dict[str, int] = {}
    for letters, x in zip(named, arrays, strict=True):
        for letter, extent in zip(letters, x.shape, strict=True):
            known = extents.setdefault(letter, extent)
            if extent != known and 1 not in (extent, known):
                raise ShapeError.build(
                    "BAD_SHAPE", f"einsum: axes {letter!r} differ", expected=str(known), got=str(extent)
                )
            extents[letter] = extent if known == 1 else known
    return extents


def _term(letters: str, x: Array, extents: dict[str, int]) -> Term:
    """Diagonals for letters that come twice; axes of 1 that others broadcast are left out."""
    kept = [letter for letter in dict.fromkeys(letters) if _extent(letters, x, letter) == extents[letter]]
    strides = [sum(x.strides[i] for i, one in enumerate(letters) if one == letter) for letter in kept]
    if len(kept) < len(letters):
        x = native.view(x, tuple(extents[letter] for letter in kept), tuple(strides))
    return Term("".join(kept), x)


def _extent(letters: str, x: Array, letter: str) -> int:
    """The extent of a letter's axes in one operand."""
    found: set[int] = {extent for one, extent in zip(letters, x.shape, strict=True) if one == letter}
    if len(found) > 1:
        raise ShapeError.build("BAD_SHAPE", f"einsum: axes {letter!r} of one operand differ", got=str(sorted(found)))
    return found.pop()


def contracted(expression: Expression, optimize: Any) -> Array:
    """The value of an expression, two operands at a time."""
    waiting = list(expression.terms)
    for group in _path(expression, optimize):
        chosen = [waiting.pop(i) for i in sorted(group, reverse=True)][::-1]
        made = chosen[0]
        for i, other in enumerate(chosen[1:], 2):
            later = [*(term.letters for term in waiting), *(term.letters for term in chosen[i:]), expression.result]
            made = _pair(made, other, set("".join(later)))
        waiting.append(made)
    last = _summed(waiting[0], set(expression.result))
    return permuted(last.array, [last.letters.index(letter) for letter in expression.result])


def _path(expression: Expression, optimize: Any) -> list[tuple[int, ...]]:
    """Which operands meet in turn; numpy.einsum_path looks at shapes alone, so it is given arrays without memory."""
    terms = expression.terms
    if len(terms) < 3 or optimize is False:
        return [tuple(range(len(terms)))]
    text = ",".join(term.letters for term in terms) + "->" + expression.result
    shapes = [np.broadcast_to(np.float32(0), term.array.shape) for term in terms]
    with numpys_errors("einsum, optimize"):
        found = np.einsum_path(text, *shapes, optimize=optimize)[0]
    return [tuple(group) for group in found[1:]]


def _summed(term: Term, kept: set[str]) -> Term:
    """Without the axes that nothing else names."""
    gone = tuple(i for i, letter in enumerate(term.letters) if letter not in kept)
    if not gone:
        return term
    left = "".join(letter for letter in term.letters if letter in kept)
    return Term(left, _statistics.sum(term.array, gone, term.array.dtype))


def _pair(a: Term, b: Term, later: set[str]) -> Term:
    """Two operands become one; later has the letters that are still needed."""
    a, b = _summed(a, later | set(b.letters)), _summed(b, later | set(a.letters))
    shared = [letter for letter in a.letters if letter in b.letters]
    batch = [letter for letter in shared if letter in later]
    inside = [letter for letter in shared if letter not in later]
    left = [letter for letter in a.letters if letter not in shared]
    right = [letter for letter in b.letters if letter not in shared]
    letters = "".join([*batch, *left, *right])
    if inside and (left or right):
        return Term(letters, _matrix_product(a, b, batch, left, right, inside))
    x = _spread(a, [*batch, *left, *inside], len(batch) + len(left), len(right))
    y = _spread(b, [*batch, *right, *inside], len(batch), len(left))
    if not inside:
        return Term(letters, elementwise.multiply(x, y))
    return Term(letters, _products.summed_products(x, y, tuple(range(len(batch), len(batch) + len(inside)))))


def _spread(term: Term, order: Sequence[str], at: int, count: int) -> Array:
    """Axes in this order, with as many of 1 put in at a place."""
    x = _ordered(term, order)
    return in_shape(x, (*x.shape[:at], *(1,) * count, *x.shape[at:])) if count else x


def _ordered(term: Term, order: Sequence[str]) -> Array:
    return permuted(term.array, [term.letters.index(letter) for letter in order])


def _matrix_product(
    a: Term, b: Term, batch: Sequence[str], left: Sequence[str], right: Sequence[str], inside: Sequence[str]
) -> Array:
    extent = dict(zip(a.letters + b.letters, a.array.shape + b.array.shape, strict=True))
    shape = [extent[letter] for letter in (*batch, *left, *right)]
    stack, m, k, n = (math.prod(extent[letter] for letter in letters) for letters in (batch, left, inside, right))
    rows = in_shape(_ordered(a, [*batch, *left, *inside]), (stack, m, k))
    columns = in_shape(_ordered(b, [*batch, *inside, *right]), (stack, k, n))
    if not batch:
        rows, columns = rows[0], columns[0]
    return in_shape(_products.matmul(rows, columns), shape)
