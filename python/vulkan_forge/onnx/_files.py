"""Models in files: the onnx package parses all but the values of large tensors, which are mapped where they lie.

A model's weights are most of it, and each copy of them on the way to the device costs as much as reading the file. So
what protobuf is given leaves them out, wherever they stand: in the model's own file (found by protobuf's wire format,
https://protobuf.dev/programming-guides/encoding) or in files of external data.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import mmap
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeAlias

import numpy as np

from vulkan_forge.errors import FileError

if TYPE_CHECKING:
    import onnx

Model: TypeAlias = "onnx.ModelProto"
Tensor: TypeAlias = "onnx.TensorProto"
State: TypeAlias = tuple[int, int, int]
_LEAST = 1 << 16  # bytes of values that are left where they are
_MOST_AXES = 32  # that any NumPy takes
# Fields' numbers, as onnx.proto has them, and the wire type of what has a length.
_GRAPH, _INITIALIZER, _RAW_DATA, _EXTERNAL_DATA, _DATA_LOCATION = 7, 5, 9, 13, 14
_WITH_LENGTH = 2
_OWN = "vulkan_forge: in the model's own file"  # the key of an entry that says so


class Files:
    """The files that a model's tensors lie in, all in one folder or below it; or its bytes.

    Args:
        source: The model's own file, or what stands in it, which then has no folder.
    """

    def __init__(self, source: Path | bytes) -> None:
        self._source = source
        self._mapped: dict[Path, mmap.mmap | bytes] = {}
        self._states: dict[Path, State] = {}

    def parse(self, onnx: Any) -> onnx.ModelProto:
        """The model, whose large initializers say where they lie.

        Raises:
            google.protobuf.message.DecodeError: This is no model.
            FileError: The file cannot be read.
        """
        data = self._own()
        try:
            text, left_out = _outline(data)
        except (ValueError, IndexError):  # the onnx package shall say what is wrong with it
            text, left_out = bytes(data), []
        model: Model = onnx.load_model_from_string(text)
        large = self._take_large(onnx, model)
        self.fill(onnx, model)  # those of nested graphs and of attributes, which are asked for whenever a node runs
        model.graph.initializer.extend(large)
        for left in left_out:
            tensor = model.graph.initializer.add()
            tensor.ParseFromString(left.rest)
            tensor.data_location = onnx.TensorProto.EXTERNAL
            for key, value in ((_OWN, ""), ("offset", left.start), ("length", left.bytes)):
                tensor.external_data.add(key=key, value=str(value))
        return model

    def _take_large(self, onnx: Any, model: onnx.ModelProto) -> list[onnx.TensorProto]:
        """The large initializers that lie in other files, out of the model."""
        external = onnx.external_data_helper.uses_external_data
        tensors: list[Tensor] = list(model.graph.initializer)
        large: list[Tensor] = []
        del model.graph.initializer[:]
        for tensor in tensors:
            is_large = external(tensor) and self._place(tensor).bytes >= _LEAST
            (large if is_large else model.graph.initializer).append(tensor)
        return large

    def states(self) -> dict[Path, State]:
        """The files that were read, and what each of them was like: `unchanged` says whether they still are."""
        return dict(self._states)

    def _own(self) -> mmap.mmap | bytes:
        return self._source if isinstance(self._source, bytes) else self._map(self._source)

    def _map(self, path: Path) -> mmap.mmap | bytes:
        if path not in self._mapped:
            try:
                with path.open("rb") as file:
                    self._states[path] = _state(os.fstat(file.fileno()))
                    self._mapped[path] = _mapped(file)
            except (OSError, ValueError) as error:
                raise FileError.build(
                    "FILE_READ", "the model cannot be read", expected="a file", got=str(error)
                ) from None
        return self._mapped[path]

    def _external(self, location: Any, name: str) -> Path:
        """A file that external data names."""
        if isinstance(self._source, bytes):
            raise FileError.build(
                "FILE_READ",
                f'external data of "{name}" cannot be read',
                expected="the path of the model, in whose folder it lies",
                got="the model's bytes",
            )
        try:
            root = self._source.parent.resolve()
            target = (root / location).resolve() if location else root
            if target.is_relative_to(root) and target.is_file():
                return target
        except (OSError, RuntimeError, TypeError, ValueError):  # names that no file can have, links in a circle
            pass
        raise FileError.build(
            "FILE_READ",
            f'external data of "{name}" cannot be read',
            expected="a file in the model's folder",
            got=repr(location),
        )

    def fill(self, onnx: Any, model: onnx.ModelProto) -> None:
        """Reads the values of all tensors that lie elsewhere into the model."""
        nodes = itertools.chain(model.graph.node, *(function.node for function in model.functions))
        for tensor in itertools.chain(model.graph.initializer, _tensors_of(nodes)):
            if onnx.external_data_helper.uses_external_data(tensor):
                self.fill_one(onnx, tensor)

    def fill_one(self, onnx: Any, tensor: onnx.TensorProto) -> None:
        """Reads the values of a tensor that lies elsewhere into it."""
        place = self._place(tensor)
        tensor.raw_data = bytes(place.data[place.start : place.start + place.bytes])
        tensor.data_location = onnx.TensorProto.DEFAULT
        del tensor.external_data[:]

    def values(self, tensor: onnx.TensorProto, dtype: np.dtype[Any]) -> np.ndarray[Any, Any] | None:
        """The values of a tensor that says where it lies; they may start at any byte.

        Returns:
            None where they are not simply the elements, or another number of them.

        Raises:
            FileError: The file cannot be read, lies elsewhere, or is too short.
        """
        place, shape = self._place(tensor), tuple(tensor.dims)
        if dtype == np.bool_ or sys.byteorder != "little" or len(shape) > _MOST_AXES or any(n <= 0 for n in shape):
            return None
        count = math.prod(shape)
        if place.bytes != count * dtype.itemsize:
            return None
        return np.frombuffer(place.data, dtype, count, place.start).reshape(shape)

    def _place(self, tensor: onnx.TensorProto) -> _Place:
        entries = {entry.key: entry.value for entry in tensor.external_data}
        own = _OWN in entries
        data = self._own() if own else self._map(self._external(entries.get("location", ""), tensor.name))
        try:
            start = int(entries.get("offset") or 0)
            length = int(entries.get("length") or len(data) - start)
        except ValueError:
            start, length = -1, -1
        if start < 0 or length < 0 or start + length > len(data):
            raise FileError.build(
                "FILE_READ",
                f'external data of "{tensor.name}" cannot be read',
                expected=f"a place in a file of {len(data)} bytes",
                got=", ".join(f"{key} {value}" for key, value in entries.items() if key != _OWN) or "none",
            )
        return _Place(data, start, length)


def _state(found: os.stat_result) -> State:
    return found.st_mtime_ns, found.st_size, found.st_ino


def unchanged(states: Mapping[Path, State]) -> bool:
    """Whether files are as they were when `Files.states` said so."""
    try:
        return all(_state(path.stat()) == state for path, state in states.items())
    except OSError:
        return False


class _Place(NamedTuple):
    """Where a tensor's values lie."""

    data: mmap.mmap | bytes
    start: int
    bytes: int


class _Left(NamedTuple):
    """A tensor whose values are left where they lie."""

    rest: bytes  # all else of it, as protobuf has it
    start: int
    bytes: int


class _Field(NamedTuple):
    number: int
    kind: int
    begin: int  # of its tag
    start: int  # of its value
    end: int


def _varint(data: Any, place: int) -> tuple[int, int]:
    """A number, and what follows it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
    raise ValueError


class _Budget:
    """So many fields are looked at: a file of tiny ones is for protobuf, which is faster."""

    def __init__(self) -> None:
        self.left = 200_000

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise ValueError


def _fields(data: Any, start: int, end: int, budget: _Budget) -> Iterator[_Field]:
    while start < end:
        budget.spend()
        tag, place = _varint(data, start)
        kind = tag & 7
        if kind == 0:
            stop = _varint(data, place)[1]
        elif kind == _WITH_LENGTH:
            length, place = _varint(data, place)
            stop = place + length
        elif kind in (1, 5):
            stop = place + (8 if kind == 1 else 4)
        else:
            raise ValueError
        if stop > end:
            raise ValueError
        yield _Field(tag >> 3, kind, start, place, stop)
        start = stop


def _outline(data: Any) -> tuple[bytes, list[_Left]]:
    """A model without its graph's large tensors, and those."""
    parts: list[bytes] = []
    large: list[_Left] = []
    graphs, budget = 0, _Budget()
    for field in _fields(data, 0, len(data), budget):
        if field.number != _GRAPH or field.kind != _WITH_LENGTH:
            parts.append(data[field.begin : field.end])
            continue
        graphs += 1
        if graphs > 1:  # protobuf merges them
            raise ValueError
        body = _graph_without(data, field, large, budget)
        parts += [bytes([_GRAPH << 3 | _WITH_LENGTH]), _length(len(body)), body]
    return b"".join(parts), large


def _graph_without(data: Any, graph: _Field, large: list[_Left], budget: _Budget) -> bytes:
    parts, kept = [], graph.start
    for field in _fields(data, graph.start, graph.end, budget):
        if field.number != _INITIALIZER or field.kind != _WITH_LENGTH or field.end - field.start < _LEAST:
            continue
        left = _tensor_without(data, field, budget)
        if left is None:
            continue
        large.append(left)
        parts.append(data[kept : field.begin])
        kept = field.end
    parts.append(data[kept : graph.end])
    return b"".join(parts)


def _tensor_without(data: Any, tensor: _Field, budget: _Budget) -> _Left | None:
    values = None
    for field in _fields(data, tensor.start, tensor.end, budget):
        if field.number in (_EXTERNAL_DATA, _DATA_LOCATION):
            return None
        if field.number == _RAW_DATA and field.kind == _WITH_LENGTH:
            if values is not None:
                return None
            values = field
    if values is None or values.end - values.start < _LEAST:
        return None
    rest = data[tensor.start : values.begin] + data[values.end : tensor.end]
    return _Left(rest, values.start, values.end - values.start)


def _length(number: int) -> bytes:
    made = bytearray()
    while number > 127:
        made.append(number & 127 | 128)
        number >>= 7
    made.append(number)
    return bytes(made)


def _mapped(file: BinaryIO) -> mmap.mmap | bytes:
    """What stands in a file; a pipe, or a file system that cannot map, is read."""
    state = os.fstat(file.fileno())
    if stat.S_ISREG(state.st_mode) and state.st_size > 0:
        with contextlib.suppress(OSError, ValueError):
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return file.read()


def _tensors_of(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.TensorProto]:
    """The tensors among nodes' attributes and in their graphs."""
    for node in nodes:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            for graph in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                yield from graph.initializer
                yield from _tensors_of(graph.node)
