"""The stub of the native extension: what pybind11-stubgen writes, and what it cannot know."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from src.tools.shell import BUILD, ROOT, VENV, read, run, say, write

STUB = ROOT / "python" / "vulkan_forge" / "_vulkan_forge.pyi"
END = r"(?=[:\s)=\]]|$)"  # a bare dict, not dict[...] and not a name that begins so

# Pattern and replacement, in this order; docstrings are left alone.
POLISH = [
    (r"from \. import _testing\n", ""),
    (r"(?m)^__version__: str", "_testing: typing.Any  # for the test suite alone\n__version__: str"),
    (r"self: typing_extensions\.Buffer", "self"),  # our Buffer is not Python's
    (r"def __enter__\(self\) -> (?!None|numpy)\w[\w.]*", "def __enter__(self) -> typing_extensions.Self"),
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
    (r"\bpath: typing\.Any", "path: str | os.PathLike[str]"),
    (r"(def asarray\(.*\)) -> typing\.Any", r"\1 -> Array"),
    (r"import collections\.abc\n", "import collections.abc\nimport os\n"),
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


def make_stubs(*, check: bool) -> int:
    """Write the stub, or say whether it is up to date."""
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        run([VENV / "bin" / "pybind11-stubgen", "-o", folder, "--exit-code", "vulkan_forge._vulkan_forge"])
        made = Path(folder) / "vulkan_forge" / "_vulkan_forge" / "__init__.pyi"
        made.write_text(polish(made.read_text()))
        ruff = VENV / "bin" / "ruff"
        run([ruff, "check", "-q", "--isolated", "--select", "F401,I001", "--fix", "--exit-zero", made])
        run([ruff, "format", "-q", "--isolated", "--line-length", "120", made])
        text = made.read_text()
    name = STUB.relative_to(ROOT)
    if read(STUB) == text:
        return 0
    if check:
        say(f"{name} is not what the extension says; run ./dev stubs")
        return 1
    write(STUB, text)
    say(f"wrote {name}")
    return 0
