"""The names listed in docs/arrays.md are those of the code; this file run as a program renews them."""

from __future__ import annotations

import importlib
import pkgutil
import re
import textwrap
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from vulkan_forge.numpy._functions import FOR_THE_HOST

PAGE = Path(__file__).parents[3] / "docs" / "arrays.md"
RENEW = "renew it: python tests/python/arrays/test_support_table.py"
FAMILIES = {
    "_conversion": "made of values",
    "_filled": "filled",
    "_ranges": "ranges",
    "_grids": "grids",
    "_matrices": "matrices",
    "_windows": "windows",
    "_elementwise": "of each element",
    "_statistics": "sums, extremes, means and spreads",
    "_nan": "the same without NaN",
    "_quantiles": "quantiles",
    "_histograms": "counting",
    "_series": "along an axis",
    "_sorting": "sorting",
    "_searching": "searching",
    "_sets": "sets",
    "_shapes": "shapes",
    "_axes": "order of axes and entries",
    "_splitting": "taken apart",
    "_joining": "put together",
    "_repeating": "again and again",
    "_padding": "framed",
    "_indexing": "indexing",
    "_products": "products",
    "_dtypes": "dtypes and constants",
    "_namespace_info": "the standard's questions",
    "linalg": "`linalg`",
    "fft": "`fft`",
    "random": "`random`",
}
MODULES = ("linalg", "fft", "random")


def public(place: object) -> set[str]:
    return {name for name in dir(place) if not name.startswith("_")}


def row(title: str, names: Iterable[str]) -> str:
    text = f"- {title}: `{' '.join(sorted(names))}`"
    return textwrap.fill(text, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def by_family() -> dict[str, set[str]]:
    """The names of each file, whoever else lists them too."""
    found = {}
    for module in pkgutil.iter_modules(vnp.__path__):
        names = getattr(importlib.import_module(f"{vnp.__name__}.{module.name}"), "__all__", None)
        if names is not None:
            found[module.name] = set(names) if module.name in MODULES else set(names) & set(vnp.__all__)
    return found


def there() -> str:
    families = by_family()
    known = set().union(*(names for family, names in families.items() if family not in MODULES))
    rows = [row(title, families[family]) for family, title in FAMILIES.items()]
    rows.append(row("`random.Generator`", public(vnp.random.Generator)))
    rows.append(row("NumPy's own, as they are (`ndarray` is `Array`)", set(vnp.__all__) - known - set(MODULES)))
    rows.append(row("NumPy's functions that read an Array for you (`np.save(file, x)`)", FOR_THE_HOST))
    rows.append(row("methods and attributes of `Array`", public(vf.Array)))
    return "\n".join(rows)


def not_there() -> str:
    here = set(vnp.__all__) | FOR_THE_HOST
    missing = {"`numpy`": set(np.__all__) - here}
    for name in MODULES:
        missing[f"`numpy.{name}`"] = set(getattr(np, name).__all__) - set(getattr(vnp, name).__all__)
    missing["`numpy.random.Generator`"] = public(np.random.Generator) - public(vnp.random.Generator)
    missing["methods and attributes of `ndarray`"] = public(np.ndarray) - public(vf.Array)
    return "\n".join(row(title, names) for title, names in missing.items() if names)


def block(marker: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {marker}: begin -->\n)(.*?)(\n<!-- {marker}: end -->)", re.DOTALL)


def on_the_page(marker: str) -> str:
    found = block(marker).search(PAGE.read_text())
    assert found, f"docs/arrays.md has no block '{marker}'"
    return found[2]


def described_numpy() -> str:
    """The version of NumPy whose other names the page lists, as "2.4"."""
    found = re.search(r"names of NumPy (\d+\.\d+)", PAGE.read_text())
    assert found, "docs/arrays.md does not say which NumPy it compares with"
    return found[1]


def renew() -> None:
    text = PAGE.read_text()
    for marker, rows in (("there", there()), ("not there", not_there())):
        text = text.replace(on_the_page(marker), rows)
    version = ".".join(np.__version__.split(".")[:2])
    PAGE.write_text(re.sub(r"names of NumPy \d+\.\d+", f"names of NumPy {version}", text))


def test_every_family_has_a_title() -> None:
    assert set(by_family()) == set(FAMILIES)


def test_what_is_there() -> None:
    assert on_the_page("there") == there(), RENEW


def test_what_is_not_there() -> None:
    if not np.__version__.startswith(f"{described_numpy()}."):
        pytest.skip(f"the page compares with NumPy {described_numpy()}")
    assert on_the_page("not there") == not_there(), RENEW


if __name__ == "__main__":
    renew()
