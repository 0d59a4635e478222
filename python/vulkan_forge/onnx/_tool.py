"""What `vulkan-forge onnx` does."""

from __future__ import annotations

import argparse
import collections
import json
import statistics
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge
from vulkan_forge.cli._files import NO_ARRAY
from vulkan_forge.errors import FileError, InputError, UnsupportedError
from vulkan_forge.onnx._model import Opened, described, read_model
from vulkan_forge.onnx.session import _TYPES, InferenceSession, NodeArg


def inspect(args: argparse.Namespace) -> int:
    opened = read_model(args.model)
    model = opened.model
    held = {tensor.name for tensor in model.graph.initializer}
    operators = collections.Counter(node.op_type for node in model.graph.node)
    missing = _missing(opened)
    report: dict[str, Any] = {
        "opsets": {entry.domain or "ai.onnx": entry.version for entry in model.opset_import},
        "inputs": [_port(value) for value in model.graph.input if value.name not in held],
        "outputs": [_port(value) for value in model.graph.output],
        "nodes": len(model.graph.node),
        "weights": sum(_elements(tensor.dims) for tensor in model.graph.initializer),
        "operators": dict(operators.most_common()),
        "unsupported": missing,
    }
    if args.json:
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
        return 1 if missing else 0
    for name in ("inputs", "outputs"):
        for port in report[name]:
            sys.stdout.write(f"{name[:-1]:12} {port}\n")
    sys.stdout.write(f"{'opset':12} {', '.join(f'{k} {v}' for k, v in report['opsets'].items())}\n")
    sys.stdout.write(f"{'nodes':12} {report['nodes']}, {report['weights']:,} weights\n")
    for operator, count in operators.most_common():
        sys.stdout.write(f"{count:12} {operator}\n")
    for line in missing:
        sys.stdout.write(f"{'unsupported':12} {line}\n")
    return 1 if missing else 0


def _missing(opened: Opened) -> list[str]:
    try:
        return list(_vulkan_forge.onnx_unsupported(described(*opened)))
    except UnsupportedError as error:  # a data type, or a kind of value, that has no place on the device
        return [str(error)]


def _port(value: Any) -> str:
    tensor = value.type.tensor_type
    extents = ", ".join(str(dim.dim_value or dim.dim_param or "?") for dim in tensor.shape.dim)
    return f"{value.name}: {_TYPES.get(tensor.elem_type, 'unknown')} ({extents})"


def _elements(dims: Any) -> int:
    return int(np.prod(list(dims), dtype=np.int64))


def _pairs(texts: list[str], what: str) -> dict[str, str]:
    pairs = dict(text.partition("=")[::2] for text in texts)
    if not all(pairs.values()):
        raise InputError.build("INVALID_ARGUMENT", f"--{what} takes NAME=VALUE", expected="NAME=VALUE", got=str(texts))
    return pairs


def _feeds(session: InferenceSession, args: argparse.Namespace) -> dict[str, np.ndarray[Any, Any]]:
    files, shapes = _pairs(args.input, "input"), _pairs(args.shape, "shape")
    ports = session.get_inputs()
    for name in {**files, **shapes}.keys() - {port.name for port in ports}:
        raise InputError.build(
            "INVALID_ARGUMENT",
            "the model has no such input",
            expected=", ".join(port.name for port in ports) or "none",
            got=f'"{name}"',
        )
    return {
        port.name: _load(files[port.name]) if port.name in files else _random(port, shapes.get(port.name))
        for port in ports
    }


def _load(path: str) -> np.ndarray[Any, Any]:
    try:
        with Path(path).open("rb") as file:
            values: np.ndarray[Any, Any] = np.lib.format.read_array(file, allow_pickle=False)
            return values
    except (OSError, *NO_ARRAY) as error:
        raise FileError.build(
            "FILE_READ",
            "values of an input cannot be read",
            expected="an .npy file of numbers",
            got=f"'{path}' ({error})",
        ) from error


def _save(path: Path, values: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """As numpy.savez does, which takes some names for its own arguments."""
    path = path if path.suffix == ".npz" else path.with_name(f"{path.name}.npz")
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            for name, value in values.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, value, allow_pickle=False)
    except OSError as error:
        raise FileError.build(
            "FILE_WRITE", "failed to write output", expected="a file that can be written", got=f"'{path}' ({error})"
        ) from error


def _extents(given: str) -> list[int]:
    parts = given.split("x")
    if not all(part.isdecimal() for part in parts):
        raise InputError.build(
            "INVALID_ARGUMENT", "--shape takes extents", expected="NAME=1x3x224x224 or the like", got=given
        )
    return [int(part) for part in parts]


def _random(port: NodeArg, given: str | None) -> np.ndarray[Any, Any]:
    extents = _extents(given) if given else port.shape
    if not all(isinstance(extent, int) for extent in extents):
        shown = ", ".join(str(extent or "?") for extent in port.shape)
        raise InputError.build(
            "INVALID_ARGUMENT",
            f'the shape of "{port.name}" is open',
            expected=f"--shape {port.name}=1x3x224x224 or the like, or --input {port.name}=FILE.npy",
            got=f"({shown})",
        )
    names = {"float": "float32", "double": "float64"}
    kind = port.type.removeprefix("tensor(").removesuffix(")")
    dtype = np.dtype(names.get(kind, kind))
    values = np.random.default_rng(0).random([int(extent) for extent in extents if extent is not None])
    return (values if dtype.kind == "f" else np.floor(values * 2)).astype(dtype)


def run(args: argparse.Namespace) -> int:
    with InferenceSession(args.model) as session:
        results = session.run(None, _feeds(session, args))
        names = [port.name for port in session.get_outputs()]
    for name, value in zip(names, results, strict=True):
        sys.stdout.write(f"{name}: {value.dtype} {value.shape}\n")
        sys.stdout.write(f"{np.array2string(value, threshold=20, edgeitems=3)}\n")
    if args.output:
        _save(args.output, dict(zip(names, results, strict=True)))
    return 0


def bench(args: argparse.Namespace) -> int:
    if args.runs < 1:
        raise InputError.build(
            "INVALID_ARGUMENT", "there is nothing to time", expected="--runs 1 or more", got=str(args.runs)
        )
    start = time.perf_counter()
    with InferenceSession(args.model) as session:
        feeds = _feeds(session, args)
        session.run(None, feeds)
        first = time.perf_counter() - start
        times = []
        for _ in range(args.runs):
            start = time.perf_counter()
            session.run(None, feeds)
            times.append(time.perf_counter() - start)
        sys.stdout.write(f"load and first run {first * 1e3:.1f} ms\n")
        sys.stdout.write(f"median of {len(times)} runs {statistics.median(times) * 1e3:.2f} ms\n")
        sys.stdout.write(f"{json.dumps(session.report())}\n")
        totals: collections.Counter[str] = collections.Counter()
        for name, ms in session.times():
            totals[name] += ms  # type: ignore[assignment]
        for name, ms in totals.most_common(10):
            sys.stdout.write(f"{ms:10.3f} ms  {name}\n")
    return 0
