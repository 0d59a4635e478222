"""Models as the native session takes them: parsed by the onnx package, once, into dicts, tuples and ndarrays."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

import numpy as np

from vulkan_forge import _vulkan_forge
from vulkan_forge.errors import ArgumentTypeError, InputError, UnsupportedError
from vulkan_forge.onnx._files import Files

if TYPE_CHECKING:
    import onnx

Model: TypeAlias = "onnx.ModelProto"
Source: TypeAlias = "str | os.PathLike[str] | bytes | onnx.ModelProto"

_DTYPES = {
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    "bfloat16",
}  # fmt: skip
# onnx.AttributeProto.AttributeType
_FLOAT, _INT, _STRING, _TENSOR, _GRAPH, _FLOATS, _INTS, _STRINGS, _SPARSE = 1, 2, 3, 4, 5, 6, 7, 8, 11
_DEFINED = ("", "ai.onnx.preview")  # domains whose functions are taken apart
_HOST = 'InferenceSession(model, fallback="host") keeps such values on the host'


def import_onnx() -> Any:
    """The onnx package, which parses models."""
    try:
        import onnx
    except ImportError as error:
        raise UnsupportedError.build(
            "MISSING_FEATURE",
            "models are parsed by the onnx package, which is not there",
            expected="onnx",
            got=str(error),
            mend='pip install "vulkan-forge[onnx]"',
        ) from None
    return onnx


class Opened(NamedTuple):
    """A model, and the files that its large tensors lie in; None where it holds all itself."""

    model: onnx.ModelProto
    files: Files | None


def read_model(source: Source) -> Opened:
    """A model from a file, bytes, or as it is; external data is read from the model's own folder alone."""
    onnx = import_onnx()
    if isinstance(source, onnx.ModelProto):
        return Opened(cast("Model", source), None)
    if isinstance(source, (bytes, bytearray, memoryview)):
        held = Files(bytes(source))
        return Opened(_parsed(lambda: held.parse(onnx), "the bytes"), held)
    if not isinstance(source, (str, os.PathLike)):
        raise ArgumentTypeError.build(
            "BAD_TYPE", "this is no model", expected="a path, bytes or an onnx.ModelProto", got=type(source).__name__
        )
    files = Files(Path(source))
    return Opened(_parsed(lambda: files.parse(onnx), str(source)), files)


def whole(opened: Opened) -> onnx.ModelProto:
    """The model with all its values in it, and with local functions where they are called."""
    if opened.files is not None:
        opened.files.fill(import_onnx(), opened.model)
    return _inlined(opened.model)


def _inlined(model: onnx.ModelProto) -> onnx.ModelProto:
    if not model.functions:
        return model
    from onnx import checker, inliner  # which the package does not import by itself

    try:
        return inliner.inline_local_functions(_with_defaults(model), convert_version=True)
    except (RuntimeError, checker.ValidationError) as error:
        raise InputError.build(
            "INVALID_ARGUMENT",
            "the model's own functions cannot be put where they are called",
            expected="functions that do not call themselves, each once, called with what they take",
            got=str(error).partition("\n")[0],
        ) from None


def _with_defaults(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model, whose calls of local functions say what they leave to defaults, which the inliner does not see."""
    defaults = {
        (f.domain, f.name, f.overload): {a.name: a for a in f.attribute_proto}
        for f in model.functions
        if f.attribute_proto
    }
    if not defaults:
        return model
    made = import_onnx().ModelProto()
    made.CopyFrom(model)
    graphs = [made.graph, *made.functions]
    for graph in graphs:
        for node in graph.node:
            graphs += [attribute.g for attribute in node.attribute if attribute.type == _GRAPH]
            given = {attribute.name for attribute in node.attribute}
            known = defaults.get((node.domain, node.op_type, node.overload), {})
            node.attribute.extend(value for name, value in known.items() if name not in given)
    return cast("Model", made)


def _parsed(parse: Callable[[], onnx.ModelProto], what: str) -> onnx.ModelProto:
    try:
        model = parse()
    except Exception as error:  # protobuf's DecodeError, whose module has no types
        if type(error).__name__ != "DecodeError":
            raise
        raise InputError.build(
            "INVALID_ARGUMENT", f"no ONNX model in {what}", expected="a ModelProto", got=str(error)
        ) from None
    if not model.graph.node and not model.graph.output:
        raise InputError.build("INVALID_ARGUMENT", f"no ONNX model in {what}", expected="a graph", got="an empty one")
    return model


def values_of(onnx: Any, tensor: onnx.TensorProto) -> Any:
    """A tensor's values, which lie in it; an InputError where they are of another size than it says, or of no dtype."""
    try:
        return onnx.numpy_helper.to_array(tensor)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, MemoryError) as error:
        raise InputError.build(
            "INVALID_ARGUMENT",
            f'the tensor "{tensor.name}" is damaged',
            expected=f"{_word(onnx.TensorProto.DataType, tensor.data_type)} {tuple(tensor.dims)}",
            got=str(error),
        ) from None


def described(model: onnx.ModelProto, files: Files | None = None) -> dict[str, Any]:
    """What the native session takes, with functions that have no row of their own taken apart.

    Args:
        model: The model.
        files: Where the values of its large tensors lie, if not in it.
    """
    onnx = import_onnx()
    model = _inlined(model)
    opsets = {entry.domain: entry.version for entry in model.opset_import} or {"": 1}
    return {"opsets": opsets, "graph": Reader(onnx, opsets, model, files).graph(model.graph)}


class Reader:
    """Reads a model's graphs; nodes that have no row become those that define them."""

    def __init__(self, onnx: Any, opsets: dict[str, int], model: onnx.ModelProto, files: Files | None = None) -> None:
        self.onnx = onnx
        self.model = model
        self.files = files
        self.opsets = opsets
        if odd := [version for version in opsets.values() if not 0 <= version < 1 << 31]:
            raise InputError.build(
                "INVALID_ARGUMENT", "the model's opset cannot be", expected="a version below 2^31", got=str(odd[0])
            )
        self.opset = opsets.get("", opsets.get("ai.onnx", 1))
        self.rows = {(domain, name) for domain, name, since in _vulkan_forge.onnx_operators() if since <= self.opset}
        self.taken_apart = 0

    @functools.cached_property
    def types(self) -> dict[str, Any]:
        """The types of the model's values, as far as the onnx package can tell them."""
        onnx = self.onnx
        try:
            graph = onnx.shape_inference.infer_shapes(self.model, data_prop=True).graph
        except (onnx.shape_inference.InferenceError, ValueError):
            graph = self.model.graph
        types = {value.name: value.type for value in (*graph.value_info, *graph.input, *graph.output)}
        for tensor in graph.initializer:
            types[tensor.name] = onnx.helper.make_tensor_type_proto(tensor.data_type, list(tensor.dims))
        return types

    def check(self, node: onnx.NodeProto) -> None:
        """Refuses attributes and inputs that an operator of this opset does not have: they would count for nothing."""
        schema = self.schema(node)
        if schema is None:
            return
        for name in (one.name for one in node.attribute):
            if name not in schema.attributes and not str(name).startswith("__"):  # such ones are notes of tools
                raise self.surplus(node, "attribute", ", ".join(sorted(schema.attributes)) or "none", f'"{name}"')
        count = max((i + 1 for i, name in enumerate(node.input) if name), default=0)
        if count > schema.max_input:
            raise self.surplus(node, "input", f"at most {schema.max_input}", str(count))

    def schema(self, node: onnx.NodeProto) -> Any:
        """How the onnx package defines a node's operator; None where it does not, or is older than the opset."""
        defs = self.onnx.defs
        domain = "" if node.domain == "ai.onnx" else node.domain
        opset = self.opsets.get(domain, 1) if domain else self.opset
        if not domain and opset > defs.onnx_opset_version():
            return None
        try:
            return defs.get_schema(node.op_type, opset, domain)
        except (defs.SchemaError, TypeError):  # TypeError: a name that is no UTF-8, or an opset that is no int
            return None

    def surplus(self, node: onnx.NodeProto, what: str, expected: str, got: str) -> InputError:
        return InputError.build(
            "INVALID_ARGUMENT",
            f'{node.op_type} "{node.name}" has an {what} that it does not know in opset {self.opset}',
            expected=expected,
            got=got,
            mend="check the model with onnx.checker.check_model",
        )

    def graph(self, graph: onnx.GraphProto) -> dict[str, Any]:
        for node in graph.node:
            self.check(node)
        initializers = {tensor.name: self.tensor(tensor) for tensor in graph.initializer}
        for sparse in graph.sparse_initializer:
            initializers[sparse.values.name] = self.dense(sparse)
        return {
            "inputs": [self.port(value) for value in graph.input if value.name not in initializers],
            "outputs": [self.port(value) for value in graph.output],
            "initializers": initializers,
            "nodes": [row for node in graph.node for row in self.nodes(node)],
        }

    def port(self, value: onnx.ValueInfoProto) -> tuple[str, np.dtype[Any] | None, list[int] | None]:
        kind = value.type.WhichOneof("value")
        if kind is None:
            return value.name, None, None
        if kind != "tensor_type":
            raise UnsupportedError.build(
                "MISSING_FEATURE",
                f'"{value.name}" is no tensor',
                expected="a tensor",
                got=kind.removesuffix("_type"),
                mend=f"give the tensors in it names of their own; {_HOST}",
            )
        tensor = value.type.tensor_type
        dtype = self.dtype(tensor.elem_type, value.name) if tensor.elem_type else None
        if not tensor.HasField("shape"):
            return value.name, dtype, None
        extents = [dim.dim_value if dim.HasField("dim_value") and dim.dim_value > 0 else -1 for dim in tensor.shape.dim]
        return value.name, dtype, extents

    def dtype(self, number: int, what: str) -> np.dtype[Any]:
        try:
            dtype = np.dtype(self.onnx.helper.tensor_dtype_to_np_dtype(number))
        except (KeyError, TypeError):
            dtype = np.dtype(object)
        if dtype.name not in _DTYPES:
            raise UnsupportedError.build(
                "MISSING_FEATURE",
                f'"{what}" has a data type that is not supported',
                expected="bool, integers of 8 to 64 bits, float16, bfloat16, float32, float64",
                got=_word(self.onnx.TensorProto.DataType, number),
                mend=_HOST,
            )
        return cast("np.dtype[Any]", dtype)

    def tensor(self, tensor: onnx.TensorProto) -> np.ndarray[Any, Any]:
        dtype = self.dtype(tensor.data_type, tensor.name)
        if self.files is not None and self.onnx.external_data_helper.uses_external_data(tensor):
            mapped = self.files.values(tensor, dtype)
            if mapped is not None:
                return mapped
            copy = self.onnx.TensorProto()
            copy.CopyFrom(tensor)
            self.files.fill_one(self.onnx, copy)
            tensor = copy
        values = np.ascontiguousarray(values_of(self.onnx, tensor))
        return values.reshape(tuple(tensor.dims))

    def dense(self, sparse: onnx.SparseTensorProto) -> np.ndarray[Any, Any]:
        values, indices = self.tensor(sparse.values), self.tensor(sparse.indices)
        try:
            made = np.zeros(tuple(sparse.dims), values.dtype)
            places = indices if indices.ndim == 1 else np.ravel_multi_index(tuple(indices.T), made.shape)
            if places.size and places.min() < 0:  # which NumPy counts from the end
                raise IndexError(f"index {places.min()} is out of bounds")
            made.reshape(-1)[places] = values
        except (ValueError, IndexError, TypeError, MemoryError) as error:
            raise InputError.build(
                "INVALID_ARGUMENT",
                f'the sparse tensor "{sparse.values.name}" is damaged',
                expected=f"a place in {tuple(sparse.dims)} for each value",
                got=str(error),
            ) from None
        return made

    def nodes(self, node: onnx.NodeProto) -> list[tuple[Any, ...]]:
        """The node as a row, or the nodes that ONNX defines it by."""
        if not (isinstance(node.op_type, str) and isinstance(node.domain, str)):  # protobuf gives bytes as they are
            raise InputError.build(
                "INVALID_ARGUMENT", f'the node "{node.name}" is damaged', expected="UTF-8", got=repr(node.op_type)
            )
        domain = "" if node.domain == "ai.onnx" else node.domain
        if domain in _DEFINED and (domain, node.op_type) not in self.rows:
            parts = self.parts(node)
            if parts is not None:
                return [row for part in parts for row in self.nodes(part)]
        attributes = {attribute.name: self.attribute(node, attribute) for attribute in node.attribute}
        return [(node.op_type, domain, node.name, list(node.input), list(node.output), attributes)]

    def attribute(self, node: onnx.NodeProto, attribute: onnx.AttributeProto) -> Any:
        kind = attribute.type
        if kind == _TENSOR:
            return self.tensor(attribute.t)
        if kind == _GRAPH:
            return self.graph(attribute.g)
        if kind == _SPARSE:
            return self.dense(attribute.sparse_tensor)
        if kind == _STRING:
            return attribute.s
        if kind in (_INT, _FLOAT):
            return attribute.i if kind == _INT else float(attribute.f)
        if kind in (_INTS, _FLOATS, _STRINGS):
            values = {_INTS: attribute.ints, _FLOATS: attribute.floats, _STRINGS: attribute.strings}[kind]
            return list(values)
        raise UnsupportedError.build(
            "MISSING_FEATURE",
            f'the attribute "{attribute.name}" of {node.op_type} "{node.name}" is not supported',
            expected="numbers, text, tensors and graphs",
            got=_word(self.onnx.AttributeProto.AttributeType, kind),
        )

    def parts(self, node: onnx.NodeProto) -> list[onnx.NodeProto] | None:
        """The body of the function that defines a node; None where there is none for this opset."""
        onnx = self.onnx
        domain = "" if node.domain == "ai.onnx" else node.domain
        try:
            schema = onnx.defs.get_schema(node.op_type, self.opsets.get(domain, 1) if domain else self.opset, domain)
        except (onnx.defs.SchemaError, TypeError):  # TypeError: a name that is no UTF-8
            return None
        body = self.function(schema, node)
        if body is None:
            return None
        for entry in body.opset_import:  # where the model itself says nothing
            self.opsets.setdefault(entry.domain, entry.version)
        self.taken_apart += 1
        prefix = f"{node.name or node.op_type}/{self.taken_apart}/"
        names = dict(zip(body.input, list(node.input) + [""] * len(body.input), strict=False))
        names.update(zip(body.output, node.output, strict=False))
        given = {attribute.name: attribute for attribute in node.attribute}
        defaults = {name: value.default_value for name, value in schema.attributes.items() if value.default_value.type}
        made = []
        for part in body.node:
            copy = onnx.NodeProto()
            copy.CopyFrom(part)
            copy.name = prefix + (part.name or part.op_type)
            _rename(copy, lambda name: names.get(name, prefix + name))
            attributes = list(copy.attribute)
            del copy.attribute[:]
            for attribute in attributes:
                if attribute.ref_attr_name:
                    value = given.get(attribute.ref_attr_name, defaults.get(attribute.ref_attr_name))
                    if value is None:
                        continue
                    attribute_copy = onnx.AttributeProto()
                    attribute_copy.CopyFrom(value)
                    attribute_copy.name = attribute.name
                    copy.attribute.append(attribute_copy)
                else:
                    copy.attribute.append(attribute)
            made.append(copy)
            if schema.has_context_dependent_function:
                self.note_types(copy)
        return made

    def note_types(self, node: onnx.NodeProto) -> None:
        """The types of a part's results, which a part behind it may be defined by."""
        onnx = self.onnx
        known = {name: self.types[name] for name in node.input if name in self.types}
        try:
            schema = onnx.defs.get_schema(node.op_type, self.opset, node.domain)
            self.types.update(onnx.shape_inference.infer_node_outputs(schema, node, known))
        except (onnx.defs.SchemaError, onnx.shape_inference.InferenceError, RuntimeError, ValueError, KeyError):
            return

    def function(self, schema: Any, node: onnx.NodeProto) -> Any:
        """The function that defines a node, which may depend on its inputs' types; None where there is none."""
        onnx = self.onnx
        if schema.has_function:
            return _batch_kept(onnx, schema.function_body) if node.op_type == "AffineGrid" else schema.function_body
        if not schema.has_context_dependent_function:
            return None
        empty = onnx.TypeProto()
        types = [self.types.get(name, empty).SerializeToString() for name in node.input]
        try:
            text = schema.get_context_dependent_function(node.SerializeToString(), types)
        except (RuntimeError, ValueError):
            return None
        if not text:
            return None
        body = onnx.FunctionProto()
        body.ParseFromString(text)
        return body


def _batch_kept(onnx: Any, body: onnx.FunctionProto) -> onnx.FunctionProto:
    """AffineGrid's definition takes out all axes of 1 where it means its own: with one picture, the batch as well."""
    made = onnx.FunctionProto()
    made.CopyFrom(body)
    graphs = [attribute.g for node in made.node for attribute in node.attribute if attribute.type == _GRAPH]
    for node in (node for graph in graphs for node in graph.node):
        if node.op_type == "Squeeze" and len(node.input) == 1:
            node.input.append("one_1d")  # the definition's own name for [1]
    return made  # type: ignore[no-any-return]


def _word(enum: Any, number: int) -> str:
    """What a number of an enum of protobuf is called; itself where a model holds one that has no name."""
    return str(enum.Name(number)) if number in enum.values() else str(number)


def _rename(node: onnx.NodeProto, new: Callable[[str], str]) -> None:
    """Gives all values of a node, and of graphs among its attributes, other names."""
    for values in (node.input, node.output):
        for i, name in enumerate(values):
            values[i] = new(name) if name else ""
    for attribute in node.attribute:
        if attribute.type != _GRAPH:
            continue
        for value in (*attribute.g.input, *attribute.g.output, *attribute.g.initializer):
            value.name = new(value.name)
        for inner in attribute.g.node:
            _rename(inner, new)
