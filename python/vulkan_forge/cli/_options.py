"""Command-line options out of the Python API: a field of a dataclass or an argument of a function is an option.

Names, types and defaults come from the signature, and what an option does from the "Args:" of the docstring, so nothing
is said twice. Whether a value can work is for the API to say, which says it in a typed error.
"""

from __future__ import annotations

import argparse
import inspect
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

DOCUMENTED = re.compile(r"^(\w+): (.*(?:\n(?!\w+: ).*)*)", re.M)


class Option(NamedTuple):
    """One argument of the API."""

    name: str
    kind: str  # its annotation
    default: Any
    help: str
    place: str  # in the namespace

    @property
    def flag(self) -> str:
        """As it is typed."""
        return f"--{self.place.replace('_', '-')}"


def options_of(
    api: Callable[..., Any], skip: Collection[str] = (), *, prefix: str = "", prefixed: Collection[str] = ()
) -> list[Option]:
    """The arguments of a function or a dataclass that a command line can give; some with a prefix to their names."""
    told = help_of(api)
    return [
        Option(name, str(one.annotation), one.default, told.get(name, ""), prefix * (name in prefixed) + name)
        for name, one in inspect.signature(api).parameters.items()
        if name not in skip and reader_of(str(one.annotation)) is not None
    ]


def help_of(api: Callable[..., Any]) -> dict[str, str]:
    """What the docstring says of each argument."""
    text = inspect.getdoc(api) or ""
    found = re.search(r"^Args:\n((?:[ ]{4}.*\n|\n)*)", text + "\n", re.M)
    rows = inspect.cleandoc(found[1]) if found else ""
    return {name: " ".join(said.split()) for name, said in DOCUMENTED.findall(rows)}


def reader_of(kind: str) -> Callable[[str], Any] | None:
    """What turns a word of the command line into a value of an annotation; None where none does."""
    plain = kind.removesuffix(" | None")
    readers: dict[str, Callable[[str], Any]] = {
        "float": number,
        "int": integer,
        "bool": bool,
        "str": str,
        "Any": str,
        "str | NDArray[Any]": str,
        "str | os.PathLike[str]": str,
        "Cell": numbers,
        "Sequence[float]": numbers,
        "Color": str,
        "float | bool": number_or_flag,
        "bool | float": number_or_flag,
    }
    if plain in readers:
        return readers[plain]
    if re.fullmatch(r"tuple\[(float|int)(, (float|int|\.\.\.))*\]", plain):
        return integers if "int" in plain else numbers
    return None


def number(text: str) -> float:
    """A number, also one with a degree sign."""
    return float(text.removesuffix("°"))


def number_or_flag(text: str) -> float | bool:
    """A number, "yes" or "no"."""
    return {"yes": True, "no": False}[text] if text in ("yes", "no") else number(text)


def integer(text: str) -> int:
    """A whole number."""
    return int(text)


def numbers(text: str) -> float | tuple[float, ...]:
    """One number, or several between commas; 3840x2160 is two."""
    values = tuple(float(part) for part in re.split(r"[,x]", text))
    return values[0] if len(values) == 1 else values


def integers(text: str) -> tuple[int, ...]:
    """Whole numbers between commas."""
    return tuple(int(part) for part in re.split(r"[,x]", text))


def add_options(parser: argparse._ActionsContainer, options: list[Option]) -> None:
    """Makes options of an argument parser; what is not given stays out of the namespace."""
    for option in options:
        said = option.help.replace("%", "%%")
        if option.kind == "bool":
            parser.add_argument(
                option.flag,
                dest=option.place,
                action=argparse.BooleanOptionalAction,
                default=argparse.SUPPRESS,
                help=said,
            )
            continue
        parser.add_argument(
            option.flag,
            dest=option.place,
            type=reader_of(option.kind) or str,
            default=argparse.SUPPRESS,
            required=option.default is inspect.Parameter.empty,
            metavar=_metavar(option.kind),
            help=said + ("" if "(default" in said else _default_text(option.default)),
        )


def _metavar(kind: str) -> str:
    plain = kind.removesuffix(" | None")
    if plain.startswith("tuple["):
        return ",".join("N" for _ in plain.split(","))
    numeric = {"float": "N", "int": "N", "Cell": "N[,N]", "Sequence[float]": "N,N[,...]"}
    return numeric.get(plain, "N|yes|no" if "bool" in plain else "TEXT")


def _default_text(default: Any) -> str:
    if default in (None, "", inspect.Parameter.empty) or isinstance(default, bool):
        return ""
    shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
    return f" (default: {shown})"


def given(args: argparse.Namespace, options: list[Option]) -> dict[str, Any]:
    """Those that stood on the command line, as keyword arguments."""
    return {option.name: getattr(args, option.place) for option in options if hasattr(args, option.place)}
