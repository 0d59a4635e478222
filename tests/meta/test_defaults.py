"""Signatures, docstrings and the README say the same of each argument: its name, its place and its default."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "vulkan_forge"
SOURCES = [PACKAGE / "_vulkan_forge.pyi", *(path for path in PACKAGE.rglob("*.py") if not path.name.startswith("_"))]
README = (ROOT / "README.md").read_text()


def arguments_of(function):
    """name: default as source text, or None where there is none; *args and **kwargs with their stars."""
    args = function.args
    plain = args.posonlyargs + args.args
    defaults = [None] * (len(plain) - len(args.defaults)) + args.defaults
    pairs = list(zip(plain, defaults, strict=True)) + list(zip(args.kwonlyargs, args.kw_defaults, strict=True))
    found = {arg.arg: default and ast.unparse(default) for arg, default in pairs if arg.arg not in ("self", "cls")}
    for star, arg in (("*", args.vararg), ("**", args.kwarg)):
        if arg:
            found[star + arg.arg] = None
    return found


def documented(path):
    """name, function, docstring with an Args section; a class documents its __init__."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            function = node
        elif isinstance(node, ast.ClassDef):
            function = next((n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None)
        else:
            continue
        text = ast.get_docstring(node) or ""
        if function and re.search(r"(?m)^Args:$", text):
            yield f"{path.stem}.{node.name}", function, text


def rows_of(docstring):
    """name: what the Args section says."""
    section = re.split(r"(?m)^Args:\n", docstring)[1]
    section = re.split(r"(?m)^\S", section)[0]
    rows = re.findall(r"(?m)^ {4}(\*{0,2}[\w, ]+): ((?:.|\n {5,})*)", section)
    return {name.strip(): text for names, text in rows for name in names.split(",")}


# Families of functions stand in files with an underscore, and are named by public modules.
DOCUMENTED = [PACKAGE / "_vulkan_forge.pyi", *sorted(PACKAGE.rglob("*.py"))]
CASES = {name: (function, text) for path in DOCUMENTED for name, function, text in documented(path)}
DEFAULT = re.compile(r"\(default ([^)]+)\)|([\w.\"]+) by default")


def test_there_are_many():
    assert len(CASES) > 30


@pytest.mark.parametrize("name", CASES)
def test_docstrings_name_the_arguments(name):
    function, text = CASES[name]
    arguments, rows = arguments_of(function), [row for row in rows_of(text) if not row.startswith("*")]
    words = [row for row in rows if row not in arguments]  # taken out of **kwargs
    assert [row for row in rows if row in arguments] == [name for name in arguments if not name.startswith("*")]
    assert not words or any(name.startswith("**") for name in arguments)


@pytest.mark.parametrize("name", CASES)
def test_docstrings_name_the_defaults(name):
    function, text = CASES[name]
    defaults = arguments_of(function)
    for argument, said in rows_of(text).items():
        stated = DEFAULT.search(said)
        if stated and defaults.get(argument) not in (None, "None"):
            value = (stated[1] or stated[2]).strip('"')
            assert value == defaults[argument].strip("'\""), f"{argument} of {name}"


def test_some_docstrings_do_name_defaults():
    stated = [row for _, text in CASES.values() for row in rows_of(text).values() if DEFAULT.search(row)]
    assert len(stated) >= 5


def test_the_readme_names_arguments_that_exist():
    functions = [n for p in SOURCES for n in ast.walk(ast.parse(p.read_text())) if isinstance(n, ast.FunctionDef)]
    known = {argument for function in functions for argument in arguments_of(function)} | {"threads", "groups"}
    classes = [n for p in SOURCES for n in ast.walk(ast.parse(p.read_text())) if isinstance(n, ast.ClassDef)]
    known |= {field.target.id for c in classes for field in c.body if isinstance(field, ast.AnnAssign)}
    of_shaders = set(re.findall(r"\b(?:uint|float) (\w+)(?:\[\])?;", README))
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        for call in (node for node in ast.walk(ast.parse(block)) if isinstance(node, ast.Call)):
            used = {keyword.arg for keyword in call.keywords}
            assert used - known - of_shaders == set(), ast.unparse(call)
