"""`python -m vulkan_forge.play SHADER`: compile a compute shader, say what it takes, run it on random input.

What goes in is guessed: arrays that are read are random, `n` and `count` are the number of elements, `rows`
and `columns` its square root, other numbers are 1. The file's first comment may name a NumPy function that
says what comes out:

    // forge: spec=numpy.multiply
"""

from __future__ import annotations

import math
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import vulkan_forge as vf

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

COUNT_NAMES = ("n", "count", "size", "length", "total")
SIDE_NAMES = ("rows", "columns", "width", "height")
LEAST_SECONDS = 0.2  # of the timed runs together
# prefix of a GLSL vector or matrix: dtype of its elements
PREFIXES = {"": "float32", "i": "int32", "u": "uint32", "d": "float64", "b": "uint32"}
PREFIXES |= {"f16": "float16", "i8": "int8", "u8": "uint8", "i16": "int16", "u16": "uint16", "i64": "int64"}
SCALARS = {"float": "float32", "double": "float64", "int": "int32", "uint": "uint32", "bool": "uint32"}
SCALARS |= {f"{name}_t": name for name in ("float16", "int8", "uint8", "int16", "uint16", "int64", "uint64")}


class Type(NamedTuple):
    """A GLSL type: its scalar's dtype, the shape of one element, and the extents behind it (None: open)."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    extents: tuple[int | None, ...]


class Guess(NamedTuple):
    """Arguments for one call, and which of them are arrays that are read and written."""

    arguments: dict[str, Any]
    read: list[str]
    written: list[str]


def parse_type(text: str) -> Type | None:
    """Read a type as `Kernel.explain` writes it; None for a block of several members, or an image."""
    found = re.fullmatch(r"(?:(?:readonly|writeonly|unused) )?(\w+?)((?:\[\d*\])*)(?: \(by address\))?", text)
    if not found:
        return None
    name, brackets = found.groups()
    extents = tuple(int(word) if word else None for word in re.findall(r"\[(\d*)\]", brackets))
    if name in SCALARS:
        return Type(np.dtype(SCALARS[name]), (), extents)
    shaped = re.fullmatch(r"(\w*?)(vec|mat)(\d)(?:x(\d))?", name)
    if not shaped or shaped[1] not in PREFIXES:
        return None
    columns = int(shaped[3])
    rows = int(shaped[4] or columns)
    shape = (columns,) if shaped[2] == "vec" else (rows, columns)
    return Type(np.dtype(PREFIXES[shaped[1]]), shape, extents)


def types_of(kernel: vf.Kernel) -> dict[str, str]:
    """The GLSL type of each parameter, as the kernel explains itself."""
    names = {row["name"] for row in kernel.parameters}
    lines = re.findall(r"^.*?(\w+): (.+)$", kernel.explain(), re.M)
    return {name: text for name, text in lines if name in names}


def guess(kernel: vf.Kernel, size: int, seed: int = 0) -> Guess:
    """Make an argument for every parameter: arrays of `size` elements, and numbers by their names."""
    random = np.random.default_rng(seed)
    types = types_of(kernel)
    made = Guess({}, [], [])
    for row in kernel.parameters:
        name, access = row["name"], row["access"]
        kind = parse_type(types.get(name, "")) if row["count"] is None else None
        if kind is None:
            raise vf.BindingError.build(
                "ARGUMENT_NAMES",
                f"play cannot make up argument {name}",
                expected="an array of numbers, or a number",
                got=row["type"],
                mend="call the kernel from Python",
            )
        if access == "value":
            made.arguments[name] = _number(name, kind, size)
            continue
        extents = tuple(extent or size for extent in kind.extents)
        shape = (*extents, *kind.shape)
        made.arguments[name] = _values(random, kind.dtype, shape) if "read" in access else np.zeros(shape, kind.dtype)
        made.read.extend([name] if "read" in access else [])
        made.written.extend([name] if "write" in access else [])
    return made


def _number(name: str, kind: Type, size: int) -> Any:
    shape = (*(extent or 1 for extent in kind.extents), *kind.shape)
    value: float = 1 if kind.dtype.kind in "iu" else 1.0
    if not shape and name in COUNT_NAMES:
        value = size
    elif not shape and name in SIDE_NAMES:
        value = math.isqrt(size)
    return np.full(shape, value, kind.dtype) if shape else value


def _values(random: np.random.Generator, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Any:
    if dtype.kind in "iu":
        return random.integers(0, 100, shape, dtype)
    return random.random(shape, np.float32).astype(dtype)


def threads_for(guessed: Guess, size: int) -> tuple[int, ...]:
    """One invocation an element; in two dimensions where the shader takes rows and columns."""
    side = math.isqrt(size)
    is_flat = not any(name in guessed.arguments for name in SIDE_NAMES)
    return (size,) if is_flat else (side, side)


def spec_of(source: str) -> Callable[..., Any] | None:
    """The NumPy function that the first comment names with spec=, or None."""
    found = re.search(r"\bspec=numpy\.([\w.]+)", source.partition("#version")[0])
    if not found:
        return None
    function: Any = np
    for name in found[1].split("."):
        function = getattr(function, name)
    named: Callable[..., Any] = function
    return named


def includes_of(shader: Path) -> dict[str, str]:
    """Files that #include can name: those beside the shader, and in a folder `include` on the way up."""
    folders = [folder / "include" for folder in reversed(shader.resolve().parents)] + [shader.parent]
    return {path.name: path.read_text() for folder in folders for path in sorted(folder.glob("*.glsl"))}


def seconds_a_run(call: Callable[[], object]) -> float:
    """The shortest of many runs, after one to warm up."""
    call()
    times: list[float] = []
    while sum(times) < LEAST_SECONDS:
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return min(times)


def compare(spec: Callable[..., Any], given: Sequence[Any], got: Any) -> str:
    """Say how far the output is from what the specification makes of the same input."""
    expected = spec(*given[: getattr(spec, "nin", len(given))])
    difference = np.abs(np.asarray(expected, np.float64) - got).max(initial=0)
    return f"largest difference from numpy.{getattr(spec, '__name__', spec)}: {difference:.3g}"


def play(shader: Path, size: int) -> list[str]:
    """Compile a shader, run it on random input, and return what there is to say."""
    source = shader.read_text()
    with vf.Kernel(source, name=shader.name, includes=includes_of(shader)) as kernel:
        guessed = guess(kernel, size)
        threads = threads_for(guessed, size)
        arrays = {*guessed.read, *guessed.written}
        given = [guessed.arguments[name].copy() for name in guessed.read]
        arguments = {k: vf.asarray(v) if k in arrays else v for k, v in guessed.arguments.items()}
        kernel(**arguments, threads=threads)
        results = {name: arguments[name].numpy() for name in guessed.written}
        with kernel.prepare(**arguments, threads=threads) as call:
            seconds = seconds_a_run(call)
        moved = sum(arguments[name].nbytes for part in (guessed.read, guessed.written) for name in part)
        lines = [
            kernel.explain().rstrip(),
            "",
            f"{kernel.device.name}, {' x '.join(map(str, threads))} threads",
        ]
        lines.append(f"{seconds * 1e6:.1f} us a run, {moved / seconds / 1e9:.2f} GB/s")
        lines += [f"{name}: {_summary(values)}" for name, values in results.items()]
        spec = spec_of(source)
        if spec and results:
            lines.append(compare(spec, given, next(iter(results.values()))))
    return lines


def _summary(values: Any) -> str:
    head = ", ".join(f"{value:.6g}" for value in values.ravel()[:6])
    return f"{head}, ... from {values.min():.6g} to {values.max():.6g}"


def _once(shader: Path, size: int) -> int:
    try:
        sys.stdout.write("\n".join(play(shader, size)) + "\n")
    except (RuntimeError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _watch(shader: Path, size: int) -> None:
    """Play again whenever the file is saved, until interrupted."""
    seen = None
    while True:
        saved = shader.stat().st_mtime_ns if shader.exists() else None
        if saved != seen:
            seen = saved
            sys.stdout.write(f"\n---- {shader} {time.strftime('%H:%M:%S')}\n")
            _once(shader, size)
            sys.stdout.flush()
        time.sleep(0.2)


def main(argv: Sequence[str] | None = None) -> int:
    """Run play; returns its exit code."""
    import argparse

    parser: argparse.ArgumentParser = argparse.ArgumentParser(
        prog="python -m vulkan_forge.play", description="Compile a compute shader and run it on random input."
    )
    parser.add_argument("shader", type=Path, help="a .comp file")
    parser.add_argument("--size", type=int, default=1 << 20, metavar="N", help="elements of each array")
    parser.add_argument("--watch", action="store_true", help="again whenever the file is saved")
    args = parser.parse_args(argv)
    if not args.watch:
        return _once(args.shader, args.size)
    try:
        _watch(args.shader, args.size)
    except KeyboardInterrupt:
        sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
