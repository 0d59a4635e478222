"""The stubs: the native extension's, as pybind11-stubgen writes it and we know better, and the facade's."""

from __future__ import annotations

import ast
import re
import tempfile
from pathlib import Path

from src.tools.shell import BUILD, ROOT, VENV, read, run, say, write

STUB = ROOT / "python" / "vulkan_forge" / "_vulkan_forge.pyi"
FACADE = ROOT / "python" / "vulkan_forge" / "__init__.py"
RUFF = VENV / "bin" / "ruff"
END = r"(?=[:\s)=\]]|$)"  # a bare dict, not dict[...] and not a name that begins so

# Pattern and replacement, in this order; docstrings are left alone.
POLISH = [
    (r"from \. import (_testing|_tuning)\n", ""),
    (
        r"(?m)^__version__: str = .*",
        "_testing: typing.Any  # for the test suite alone\n_tuning: typing.Any  # for compute.tune\n__version__: str",
    ),
    (r"self: typing_extensions\.Buffer", "self"),  # our Buffer is not Python's
    (r"def __enter__\(self\) -> (?!None|numpy)\w[\w.]*", "def __enter__(self) -> typing_extensions.Self"),
    (r"(class _Recording:\n    def __enter__\(self\)) -> [\w.]+", r"\1 -> Graph"),  # vf.record() gives what it records
    (r"\*(args|kwargs)\b(?!:)", r"*\1: typing.Any"),
    (rf"\bdict{END}", "dict[str, typing.Any]"),
    (rf"\blist{END}", "list[typing.Any]"),
    (rf"\btuple{END}", "tuple[typing.Any, ...]"),
    (rf"\bnumpy\.ndarray{END}", "numpy.typing.NDArray[typing.Any]"),
    (r"typing\.SupportsInt \| typing\.SupportsIndex", "typing.SupportsIndex"),  # no float is taken
    (r"typing\.SupportsFloat \| typing\.SupportsIndex", "float"),
    (r'typing\.Annotated\[([^"]*), "FixedSize\(\d+\)"\]', r"\1"),
    (r"\bdevice: typing\.Any = None", "device: Device | None = None"),
    (r"\bdtype: typing\.Any(?=[,)])", "dtype: numpy.typing.DTypeLike"),
    (r"\bdtype: typing\.Any = None", "dtype: numpy.typing.DTypeLike | None = None"),
    (r"\bcopy: typing\.Any = None", "copy: bool | None = None"),
    (r"\bpath: typing\.Any = None", "path: str | os.PathLike[str] | None = None"),
    (r"\bpath: typing\.Any", "path: str | os.PathLike[str]"),
    (r"(def asarray\(.*\)) -> typing\.Any", r"\1 -> Array"),
    (r"\bcollections\.abc\.Sequence(?!\[)", "collections.abc.Sequence[typing.Any]"),
    (r"(__hash__: typing\.ClassVar\[None\] = None)", r"\1  # type: ignore[assignment]"),
    (r"(def __(?:eq|ne)__\(.*\) -> Array:)", r"\1  # type: ignore[override]"),
    (r"import collections\.abc\n", "import collections.abc\nimport os\n"),
    (r"from \. import elementwise\n", ""),  # see rows_as_class
    (r"\bnumpy\.", "np."),  # Array has a method of the name numpy
    (r"import np\.typing\n", "import numpy.typing\n"),
    (r"\bnp\.typing\.", "numpy.typing."),
    (r"import numpy\n", "import numpy as np\n"),
]


def polish(stub: str) -> str:
    """A stub as mypy --strict wants it."""
    parts = re.split(r'("""(?s:.*?)""")', stub)
    for pattern, replacement in POLISH:
        parts[::2] = [re.sub(pattern, replacement, part) for part in parts[::2]]
    return "".join(parts)


def extension_stub() -> str:
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        run([VENV / "bin" / "pybind11-stubgen", "-o", folder, "--exit-code", "vulkan_forge._vulkan_forge"])
        made = Path(folder) / "vulkan_forge" / "_vulkan_forge"
        native, rows = (made / "__init__.pyi").read_text(), (made / "elementwise.pyi").read_text()
        return tidied(polish(native) + rows_as_class(polish(rows)))


def rows_as_class(stub: str) -> str:
    """The submodule of elementwise operations as a class of static methods: one stub file holds the whole extension."""
    lines = ["class elementwise:", '    """Every elementwise operation, by the name of its row."""', ""]
    for node in ast.parse(stub).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        node.returns = ast.Name("Array")  # numbers alone give NumPy's scalar
        node.decorator_list = [ast.Name("staticmethod")]
        lines += ["    " + line for line in ast.unparse(node).splitlines()]
    return "\n".join(lines) + "\n"


def facade_stub() -> str:
    """What `__init__.py` imports, each name as itself: type checkers and readers see the whole surface."""
    lines = ['"""The public surface of vulkan_forge; made from __init__.py by ./dev stubs."""']
    statements = [node for node in ast.walk(ast.parse(read(FACADE))) if isinstance(node, ast.stmt)]
    for node in sorted(statements, key=lambda statement: statement.lineno):
        if isinstance(node, ast.ImportFrom):
            lines += [f"from {node.module} import {row.name} as {row.asname or row.name}" for row in node.names]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            lines.append(ast.unparse(node))
    return tidied("\n".join(lines))


def tidied(text: str) -> str:
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        made = Path(folder) / "made.pyi"
        made.write_text(text)
        together = ("--config", "lint.isort.combine-as-imports=true")
        run([RUFF, "check", "-q", "--isolated", *together, "--select", "F401,I001", "--fix", "--exit-zero", made])
        run([RUFF, "format", "-q", "--isolated", "--line-length", "120", made])
        return made.read_text()


def make_stubs(*, check: bool) -> int:
    """Write the stubs, or say whether they are up to date."""
    stale = 0
    for stub, text in ((STUB, extension_stub()), (FACADE.with_suffix(".pyi"), facade_stub())):
        name = stub.relative_to(ROOT)
        if read(stub) == text:
            continue
        stale = 1
        if check:
            say(f"{name} is not what the code says; run ./dev stubs")
        else:
            write(stub, text)
            say(f"wrote {name}")
    return stale if check else 0
