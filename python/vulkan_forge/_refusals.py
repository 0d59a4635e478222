"""Words for a call whose arguments fit no signature.

pybind11 refuses it with a TypeError that lists types of C++. src/bind/refusals.cpp hands that text in; what comes back
names the argument, what it takes and what came.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any, SupportsFloat, SupportsIndex, SupportsInt

from vulkan_forge.errors import ArgumentTypeError

NATIVE = "vulkan_forge._vulkan_forge."
REFUSAL = re.compile(r"\w*\(\): incompatible (?:function|constructor) arguments\. ")
SIGNATURE = re.compile(r"^    \d+\. [\w.]*(\(.*)$", re.MULTILINE)

NUMBER = ("a number", (SupportsFloat, SupportsIndex), ())
INTEGER = ("an integer", (SupportsInt, SupportsIndex), (float,))
# Annotation: how we say it, what fits it, and what of that does not. Others are pybind11's to judge.
KINDS: dict[str, tuple[str, tuple[type, ...], tuple[type, ...]]] = {
    "typing.SupportsFloat | typing.SupportsIndex": NUMBER,
    "typing.SupportsFloat": NUMBER,  # pybind11 3.0
    "typing.SupportsInt | typing.SupportsIndex": INTEGER,
    "typing.SupportsInt": INTEGER,
    "str": ("a str", (str, bytes), ()),
    "bool": ("a bool", (bool,), ()),
    "collections.abc.Mapping[str, str]": ("a dict of str to str", (Mapping,), ()),
    "dict": ("a dict", (dict,), ()),
    "list": ("a list", (list,), ()),
    "tuple": ("a tuple", (tuple,), ()),
    "object": ("anything", (object,), ()),
}


def reworded(name: str, text: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> ArgumentTypeError | None:
    """Make our own error of pybind11's refusal of a call.

    Args:
        name: The function, as users know it: "Renderer.set_exposure", "Kernel".
        text: What pybind11 says.
        args: The call's positional arguments, with the object itself where there is one.
        keywords: Its keyword arguments.

    Returns:
        None where the text is another one.
    """
    if not REFUSAL.match(text):
        return None
    makes = "incompatible constructor" in text
    given = args[1:] if makes else args  # that of a constructor is not in its signature
    signatures = [made for line in SIGNATURE.findall(text.split("\n\nInvoked with:")[0]) if (made := _signature(line))]
    bound = [(one, found) for one in signatures if (found := _bound(one, given, keywords)) is not None]
    wrong = [_misfits(one, found) for one, found in bound]
    if wrong and all(wrong):
        first = wrong[0][0]
        also = [row for row in (rows[0] for rows in wrong) if row[2] == first[2]]
        wanted = " or ".join(dict.fromkeys(row[1] for row in also))
        failed = f"argument {' or '.join(dict.fromkeys(row[0] for row in also))} of {name} has the wrong type"
        return ArgumentTypeError.build("BAD_TYPE", failed, expected=wanted, got=first[2])
    if bound:  # each looks right, so a number lies outside of what its type of C++ holds, or has no value at all
        wanted, came = _judged(*bound[0])
        return ArgumentTypeError.build("BAD_TYPE", f"{name} does not take these values", expected=wanted, got=came)
    said = " or ".join(f"{name}({', '.join(_words(one))})" for one in signatures) or "what its help says"
    got = _difference(signatures, given, keywords)
    return ArgumentTypeError.build("BAD_TYPE", f"{name} does not take these arguments", expected=said, got=got)


def _signature(text: str) -> inspect.Signature | None:
    """The signature of one line; None where Python cannot read it: a default's repr may be anything."""
    try:
        tree = ast.parse(f"def made{text}: pass")
    except SyntaxError:
        return None
    assert isinstance(tree.body[0], ast.FunctionDef)
    listed = tree.body[0].args
    listed.defaults = [ast.Constant(None) for _ in listed.defaults]  # that there is one is all we need
    listed.kw_defaults = [value and ast.Constant(None) for value in listed.kw_defaults]
    names: dict[str, Any] = {}
    code = compile(ast.fix_missing_locations(tree), "signature", "exec", annotations.compiler_flag, dont_inherit=True)
    exec(code, names)  # annotations stay text, so nothing of it runs but the definition
    return inspect.signature(names["made"])


def _bound(signature: inspect.Signature, args: Sequence[Any], keywords: Mapping[str, Any]) -> dict[str, Any] | None:
    """Arguments by name, those of `**` left out; None where they cannot be told apart."""
    try:
        return dict(signature.bind(*args, **keywords).arguments)
    except TypeError:
        return None


def _kind(parameter: inspect.Parameter) -> str:
    return "object" if parameter.annotation is inspect.Parameter.empty else str(parameter.annotation)


def _fits(kind: str, value: object) -> bool:
    """False where the value is certainly none of this kind."""
    if kind.endswith(" | None"):
        return value is None or _fits(kind.removesuffix(" | None"), value)
    if kind.startswith(NATIVE):
        return kind.removeprefix(NATIVE) in {cls.__name__ for cls in type(value).__mro__}
    if kind.startswith("list["):
        return isinstance(value, list)
    if kind not in KINDS:
        return True
    _, right, wrong = KINDS[kind]
    if kind.startswith("collections.abc.Mapping") and type(value) is dict:
        return all(type(text) is str for pair in value.items() for text in pair)
    return isinstance(value, right) and not isinstance(value, wrong)


def _word(kind: str) -> str:
    if kind.endswith(" | None"):
        return _word(kind.removesuffix(" | None")) + " or None"
    if kind.startswith(NATIVE):
        return "a " + kind.removeprefix(NATIVE)
    if kind.startswith("list["):
        return "a list"
    if "Sequence[" in kind:
        return "a sequence"
    return KINDS[kind][0] if kind in KINDS else kind


def _misfits(signature: inspect.Signature, found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Name, what is expected and what came, of each argument that does not fit."""
    rows = [(name, _kind(signature.parameters[name]), value) for name, value in found.items()]
    return [(name, _word(kind), _shown(value)) for name, kind, value in rows if not _fits(kind, value)]


def _shown(value: object) -> str:
    name = type(value).__name__
    if type(value) in (bool, float, str) or (type(value) is int and value.bit_length() <= 64):
        text = repr(value)
        return f"the {name} {text}" if len(text) <= 40 else name
    return "None" if value is None else name


def _words(signature: inspect.Signature) -> list[str]:
    """The parameters, as a reader needs them."""
    words = []
    for name, parameter in signature.parameters.items():
        if name == "self":
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            words.append(str(parameter.replace(annotation=parameter.empty)))
            continue
        if parameter.kind == parameter.KEYWORD_ONLY and "*" not in words:
            words.append("*")
        kind = _kind(parameter)
        if parameter.default is not parameter.empty:
            words.append(f"{name}=...")
        else:
            words.append(name if kind == "object" else f"{name}: {_word(kind)}")
    return words


def _judged(signature: inspect.Signature, found: Mapping[str, Any]) -> tuple[str, str]:
    """What is expected and what came, of the arguments that pybind11 looks into."""
    kinds = {name: _kind(signature.parameters[name]) for name in found if name != "self"}
    judged = [name for name, kind in kinds.items() if kind != "object"]
    wanted = ", ".join(f"{name}: {_word(kinds[name])} that fits" for name in judged)
    return wanted, ", ".join(f"{name}: {_shown(found[name])}" for name in judged)


def _difference(signatures: Sequence[inspect.Signature], args: Sequence[Any], keywords: Mapping[str, Any]) -> str:
    """How many arguments came, and the names of those by keyword."""
    count = max(0, len(args) - any("self" in one.parameters for one in signatures))
    said = [f"{count} positional argument{'s' * (count != 1)}"] if count else []
    said += [f"{', '.join(keywords)} by keyword"] if keywords else []
    return " and ".join(said) or "none"
