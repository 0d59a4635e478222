"""Extents with names in them: sums of products of names, such as `2*N + 3`, and `floor(N/2)` of quotients."""

from __future__ import annotations

from collections.abc import Mapping

Product = tuple[str, ...]  # names in order; () for a number


class Extent:
    """A whole number that is not known yet.

    Args:
        terms: How often each product of names is taken.
    """

    def __init__(self, terms: Mapping[Product, int]) -> None:
        self.terms = {product: count for product, count in sorted(terms.items()) if count}

    @classmethod
    def of(cls, value: int | str | Extent) -> Extent:
        """A number or a name."""
        if isinstance(value, Extent):
            return value
        return cls({(): value} if isinstance(value, int) else {(value,): 1})

    def number(self) -> int | None:
        """The number, where there are no names."""
        return self.terms.get((), 0) if set(self.terms) <= {()} else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (int, str, Extent)) and self.terms == Extent.of(other).terms

    def __hash__(self) -> int:
        return hash(tuple(self.terms.items()))

    def __add__(self, other: int | Extent) -> Extent:
        made = dict(self.terms)
        for product, count in Extent.of(other).terms.items():
            made[product] = made.get(product, 0) + count
        return Extent(made)

    def __sub__(self, other: int | Extent) -> Extent:
        return self + Extent.of(other) * -1

    def __mul__(self, other: int | Extent) -> Extent:
        made: dict[Product, int] = {}
        for a, n in self.terms.items():
            for b, m in Extent.of(other).terms.items():
                product = tuple(sorted((*a, *b)))
                made[product] = made.get(product, 0) + n * m
        return Extent(made)

    def __floordiv__(self, other: int | Extent) -> Extent:
        divisor = Extent.of(other)
        if divisor.terms and self == divisor:
            return Extent.of(1)
        if len(divisor.terms) == 1:
            ((names, count),) = divisor.terms.items()
            if count > 0 and all(n % count == 0 and _holds(product, names) for product, n in self.terms.items()):
                return Extent({_without(product, names): n // count for product, n in self.terms.items()})
        whole, number = self.number(), divisor.number()
        if whole is not None and number:
            return Extent.of(whole // number)
        return Extent({(Quotient(*self.joined(divisor)),): 1})

    def joined(self, divisor: Extent) -> tuple[Extent, Extent]:
        """The parts of a quotient; that of a quotient by numbers is one quotient."""
        ((names, count), *more) = self.terms.items() or [((), 0)]
        inner = names[0] if len(names) == 1 and count == 1 and not more else None
        if isinstance(inner, Quotient) and divisor.number() is not None and inner.divisor.number() is not None:
            return inner.whole, inner.divisor * divisor
        return self, divisor

    def __str__(self) -> str:
        text = ""
        for product, count in sorted(self.terms.items(), key=lambda term: (-len(term[0]), term[0])):
            factors = product if abs(count) == 1 and product else (str(abs(count)), *product)
            sign = ("-" if count < 0 else "") if not text else " - " if count < 0 else " + "
            text += sign + "*".join(factors)
        return text or "0"


class Quotient(str):
    """The name of a quotient that has no other: its whole part.

    Args:
        whole: What is divided.
        divisor: By what.
    """

    whole: Extent
    divisor: Extent

    def __new__(cls, whole: Extent, divisor: Extent) -> Quotient:
        above, below = str(whole), str(divisor)
        above = f"({above})" if " " in above else above
        below = f"({below})" if " " in below or "*" in below else below
        made = super().__new__(cls, f"floor({above}/{below})")
        made.whole, made.divisor = whole, divisor
        return made


def _holds(product: Product, names: Product) -> bool:
    return all(product.count(name) >= names.count(name) for name in names)


def _without(product: Product, names: Product) -> Product:
    left = list(product)
    for name in names:
        left.remove(name)
    return tuple(left)
