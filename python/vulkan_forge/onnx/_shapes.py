"""Shapes of a model's values before it runs: those of the onnx package, and what it leaves open.

The onnx package infers what each operator makes of its inputs' shapes, but gives up where an extent has to be computed
from a name. `_RULES` does that: a short function for each operator whose extents are sums, products or quotients of
others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from vulkan_forge.errors import ShapeError
from vulkan_forge.onnx._extents import Extent
from vulkan_forge.onnx._model import import_onnx

if TYPE_CHECKING:
    import onnx

Shape: TypeAlias = "list[Extent | None] | None"
Values: TypeAlias = "list[Extent | None] | None"  # elements of a small tensor of whole numbers

_MOST_ELEMENTS = 1024  # of a tensor that shapes may depend on


def skeleton(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with large tensors left out: as much as shapes depend on."""
    helper = import_onnx().helper
    made = type(model)()
    made.ir_version = model.ir_version
    made.opset_import.extend(model.opset_import)
    made.functions.extend(model.functions)
    graph, source = made.graph, model.graph
    graph.name = source.name or "graph"
    held = {value.name for value in source.input}
    graph.input.extend(source.input)
    graph.output.extend(source.output)
    graph.value_info.extend(source.value_info)

    def leave_out(name: str, tensor: onnx.TensorProto) -> None:
        graph.input.append(helper.make_tensor_value_info(name, tensor.data_type, tensor.dims))

    for node in source.node:
        tensors = [attribute.t for attribute in node.attribute if node.op_type == "Constant"]
        if tensors and _elements(tensors[0].dims) > _MOST_ELEMENTS:
            leave_out(node.output[0], tensors[0])
        else:
            graph.node.append(node)
    for tensor in source.initializer:
        if _elements(tensor.dims) <= _MOST_ELEMENTS:
            graph.initializer.append(tensor)
        elif tensor.name not in held:
            leave_out(tensor.name, tensor)
    return made


def output_shapes(model: onnx.ModelProto) -> dict[str, list[int | str | None] | None]:
    """The shapes of a model's outputs: numbers, names as the model has them, or what is made of names.

    Args:
        model: What `skeleton` gave.
    """
    inferred = Shapes(model).shapes
    return {value.name: _merged(value, inferred.get(value.name)) for value in model.graph.output}


def _merged(value: onnx.ValueInfoProto, found: Shape) -> list[int | str | None] | None:
    tensor = value.type.tensor_type
    dims = list(tensor.shape.dim) if tensor.HasField("shape") else None
    if dims is None or (found is not None and len(dims) != len(found)):
        return None if found is None else [_plain(extent) for extent in found]
    merged: list[int | str | None] = []
    for dim, extent in zip(dims, found if found is not None else [None] * len(dims), strict=True):
        ours, named = _plain(extent), dim.dim_param and not dim.dim_param.startswith("unk__")
        if dim.HasField("dim_value") and dim.dim_value > 0:
            merged.append(dim.dim_value)
        else:
            merged.append(ours if isinstance(ours, int) or (ours and not named) else dim.dim_param or None)
    return merged


def _plain(extent: Extent | None) -> int | str | None:
    if extent is None:
        return None
    number = extent.number()
    return str(extent) if number is None else number


def _elements(dims: Sequence[int]) -> int:
    count = 1
    for extent in dims:
        count *= extent
    return count


def check_shapes(model: onnx.ModelProto) -> None:
    """Raises ShapeError where operands that the model itself gives do not fit each other.

    Args:
        model: What `skeleton` gave.
    """
    onnx = import_onnx()
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    del bare.graph.value_info[:]  # what a model says of its own results may be wrong, and harms nobody
    for value in bare.graph.output:
        value.ClearField("type")
    try:
        onnx.shape_inference.infer_shapes(bare, strict_mode=True, data_prop=True)
    except onnx.shape_inference.InferenceError as error:
        for line in str(error).splitlines():
            if line.count("Inference error(s)") == 1 and any(words in line for words in _CERTAIN):
                raise ShapeError.build(
                    "BAD_SHAPE",
                    "the model's shapes do not fit each other",
                    expected="operands as the operators' definitions say",
                    got=line.rpartition("Inference error(s): ")[2].replace("[ShapeInferenceError] ", ""),
                    mend="check the model with onnx.checker.check_model(model, full_check=True)",
                ) from None
    except (RuntimeError, ValueError):
        return  # what is wrong is said by whoever needs it


# What can only be said of a node whose inputs are wrong. Not of one inside of a branch, which may never be taken.
_CERTAIN = ("Incompatible dimensions", "but they differ", "must have at least")


class Shapes:
    """Works the shapes of a graph's values out.

    Args:
        model: What `skeleton` gave.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self.onnx = import_onnx()
        self.opsets = {entry.domain: entry.version for entry in model.opset_import}
        self.types: dict[str, Any] = {}
        self.shapes: dict[str, Shape] = {}
        self.values: dict[str, Values] = {}
        self.tensors: dict[str, Any] = {}
        self.named: dict[str, Extent] = {}
        for value in model.graph.input:
            self.note(value.name, value.type)
        for tensor in model.graph.initializer:
            self.note_tensor(tensor.name, tensor)
        self.declared = {value.name: value.type for value in model.graph.value_info}
        for node in model.graph.node:
            self.step(node)

    def note(self, name: str, kind: Any) -> None:
        """A value's type."""
        self.types[name] = kind
        tensor = kind.tensor_type
        if kind.WhichOneof("value") != "tensor_type" or not tensor.HasField("shape"):
            self.shapes.setdefault(name, None)
            return
        self.shapes[name] = [self.extent(dim) for dim in tensor.shape.dim]

    def note_tensor(self, name: str, tensor: Any) -> None:
        """A value whose elements are known."""
        self.note(name, self.onnx.helper.make_tensor_type_proto(tensor.data_type, list(tensor.dims)))
        self.tensors[name] = tensor
        if tensor.data_type in (6, 7) and _elements(tensor.dims) <= _MOST_ELEMENTS:
            self.values[name] = [Extent.of(int(v)) for v in self.onnx.numpy_helper.to_array(tensor).reshape(-1)]

    def note_constant(self, name: str, attribute: Any) -> None:
        """A Constant's value, where it is a tensor or numbers."""
        if attribute.HasField("t"):
            self.note_tensor(name, attribute.t)
            return
        kinds = {"value_int": 7, "value_ints": 7, "value_float": 1, "value_floats": 1}  # TensorProto.DataType
        if attribute.name not in kinds:
            return
        several = list(attribute.ints) or list(attribute.floats)
        is_one = attribute.name in ("value_int", "value_float")
        numbers = [attribute.i if attribute.name == "value_int" else attribute.f] if is_one else several
        dims = [] if is_one else [len(numbers)]
        self.note_tensor(name, self.onnx.helper.make_tensor(name, kinds[attribute.name], dims, numbers))

    def extent(self, dim: Any) -> Extent | None:
        """A dimension of a type."""
        if dim.HasField("dim_value"):
            return Extent.of(dim.dim_value) if dim.dim_value > 0 else None
        if not dim.dim_param or dim.dim_param.startswith("unk__"):
            return None
        return self.named.setdefault(dim.dim_param, Extent.of(dim.dim_param))

    def step(self, node: onnx.NodeProto) -> None:
        """One node: the onnx package's own inference, then the rule for it."""
        inferred = self.inferred(node)
        for name in node.output:
            if name in inferred:
                self.note(name, inferred[name])
            elif name in self.declared:
                self.note(name, self.declared[name])
        rule = _RULES.get(node.op_type)
        if rule is not None and node.domain in ("", "ai.onnx"):
            with contextlib.suppress(*_UNKNOWN):
                rule(self, _Node(self, node))
        if node.op_type == "Constant" and node.attribute:
            with contextlib.suppress(*_UNKNOWN):
                self.note_constant(node.output[0], node.attribute[0])

    def inferred(self, node: onnx.NodeProto) -> dict[str, Any]:
        """Types of a node's outputs, as far as the onnx package tells them."""
        onnx = self.onnx
        domain = "" if node.domain == "ai.onnx" else node.domain
        try:
            schema = onnx.defs.get_schema(node.op_type, self.opsets.get(domain, self.opsets.get("ai.onnx", 1)), domain)
            known = {name: self.types[name] for name in node.input if name in self.types}
            tensors = {name: self.tensors[name] for name in node.input if name in self.tensors}
            for name in node.input:
                values = self.values.get(name)
                numbers = [value.number() if value is not None else None for value in values or [None]]
                if name not in tensors and values is not None and None not in numbers:
                    tensors[name] = onnx.helper.make_tensor(name, 7, [len(numbers)], numbers)
            made: dict[str, Any] = onnx.shape_inference.infer_node_outputs(schema, node, known, tensors)
        except (onnx.defs.SchemaError, onnx.shape_inference.InferenceError, RuntimeError, ValueError, KeyError):
            return {}
        return made

    def give(self, name: str, extents: Sequence[Extent | None]) -> None:
        """What a rule found: it fills in what is open."""
        before = self.shapes.get(name)
        if before is not None and len(before) == len(extents):
            extents = [new if old is None else old for old, new in zip(before, extents, strict=True)]
        self.shapes[name] = list(extents)
        kind = self.types.get(name)
        made = self.onnx.TypeProto()
        if kind is not None:
            made.CopyFrom(kind)
        made.tensor_type.ClearField("shape")
        shape = made.tensor_type.shape
        for extent in extents:
            dim = shape.dim.add()
            number = extent.number() if extent is not None else None
            if number is not None:
                dim.dim_value = number
            elif extent is not None:
                dim.dim_param = str(extent)
                self.named[str(extent)] = extent
        self.types[name] = made


class _Open(Exception):  # noqa: N818 - no error: something is not known
    """A rule needs what is not known."""


# What rules meet in models that are not as they should be, or not as they know them: then nothing is known.
_UNKNOWN = (_Open, LookupError, ValueError, TypeError, ArithmeticError)


class _Node:
    """A node as rules see it."""

    def __init__(self, shapes: Shapes, node: onnx.NodeProto) -> None:
        self.shapes = shapes
        self.node = node
        self.out = node.output[0]
        self.attributes = {a.name: shapes.onnx.helper.get_attribute_value(a) for a in node.attribute}

    def shape(self, i: int) -> list[Extent | None]:
        shape = self.shapes.shapes.get(self.node.input[i])
        if shape is None:
            raise _Open
        return shape

    def sure(self, i: int) -> list[Extent]:
        return [_known(extent) for extent in self.shape(i)]

    def has(self, i: int) -> bool:
        return i < len(self.node.input) and bool(self.node.input[i])

    def values(self, i: int) -> list[Extent | None]:
        values = self.shapes.values.get(self.node.input[i])
        if values is None:
            raise _Open
        return values

    def numbers(self, i: int) -> list[int]:
        return [_number(value) for value in self.values(i)]

    def axes(self, i: int, name: str = "axes") -> list[int]:
        """Whole numbers that older opsets have as an attribute."""
        return list(self.attributes[name]) if name in self.attributes else self.numbers(i)

    def give(self, extents: Sequence[Extent | None], output: int = 0) -> None:
        self.shapes.give(self.node.output[output], extents)

    def give_values(self, values: Sequence[Extent | None]) -> None:
        self.shapes.values[self.out] = list(values)


def _known(extent: Extent | None) -> Extent:
    if extent is None:
        raise _Open
    return extent


def _number(extent: Extent | None) -> int:
    number = _known(extent).number()
    if number is None:
        raise _Open
    return number


def _product(extents: Sequence[Extent]) -> Extent:
    made = Extent.of(1)
    for extent in extents:
        made = made * extent
    return made


# -- one short function an operator --


def _shape(_: Shapes, n: _Node) -> None:
    shape = n.shape(0)
    start, end = n.attributes.get("start", 0), n.attributes.get("end", len(shape))
    n.give_values(shape[start:end])


def _size(_: Shapes, n: _Node) -> None:
    n.give_values([_product(n.sure(0))])


def _gather(_: Shapes, n: _Node) -> None:
    values = n.values(0)
    n.give_values([values[i] for i in n.numbers(1)])


def _slice(_: Shapes, n: _Node) -> None:
    starts = n.axes(1, "starts")
    ends, axes = n.axes(2, "ends"), list(range(len(starts)))
    if "axes" in n.attributes or n.has(3):
        axes = n.axes(3)
    steps = n.numbers(4) if n.has(4) else [1] * len(starts)
    if n.node.input[0] in n.shapes.values and steps == [1]:
        n.give_values(n.values(0)[starts[0] : ends[0]])
    extents = n.shape(0)[:]
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        extents[axis] = _cut(extents[axis], start, end, step)
    n.give(extents)


def _cut(extent: Extent | None, start: int, end: int, step: int) -> Extent | None:
    if extent is None or step <= 0:
        return None
    number = extent.number()
    if number is not None:
        return Extent.of(len(range(*slice(start, end, step).indices(number))))
    low = extent + start if start < 0 else Extent.of(start)
    high = extent if end >= 1 << 30 else extent + end if end < 0 else None
    return None if high is None else (high - low + step - 1) // step


def _concat(_: Shapes, n: _Node) -> None:
    axis = n.attributes.get("axis", 1)
    names = n.node.input
    if all(name in n.shapes.values for name in names):
        n.give_values([value for i in range(len(names)) for value in n.values(i)])
    extents = n.shape(0)[:]
    extents[axis] = sum((_known(n.shape(i)[axis]) for i in range(1, len(names))), start=_known(extents[axis]))
    n.give(extents)


def _same_values(_: Shapes, n: _Node) -> None:
    n.give_values(n.values(0))


def _cast(_: Shapes, n: _Node) -> None:
    if n.attributes.get("to") in (6, 7):  # floats are divided otherwise
        n.give_values(n.values(0))


def _arithmetic(how: Callable[[Extent, Extent], Extent]) -> Callable[[Shapes, _Node], None]:
    def rule(_: Shapes, n: _Node) -> None:
        a, b = n.values(0), n.values(1)
        size = max(len(a), len(b))
        if len(a) not in (1, size) or len(b) not in (1, size):
            raise _Open
        pairs = zip(a * (size // len(a)), b * (size // len(b)), strict=True)
        n.give_values([how(x, y) if x is not None and y is not None else None for x, y in pairs])

    return rule


def _reshape(_: Shapes, n: _Node) -> None:
    given = [Extent.of(v) for v in n.attributes["shape"]] if "shape" in n.attributes else n.values(1)
    keeps = not n.attributes.get("allowzero", 0)
    if n.node.input[0] in n.shapes.values and len(given) <= 1:
        n.give_values(n.values(0))
    shape = n.shape(0)
    made = [shape[i] if keeps and extent == 0 else extent for i, extent in enumerate(given)]
    if any(extent == -1 for extent in made):
        place = next(i for i, extent in enumerate(made) if extent == -1)
        rest = made[:place] + made[place + 1 :]
        made[place] = None
        with contextlib.suppress(_Open):
            made[place] = _product(n.sure(0)) // _product([_known(extent) for extent in rest])
    n.give(made)


def _flatten(_: Shapes, n: _Node) -> None:
    shape, axis = n.shape(0), n.attributes.get("axis", 1)
    axis = axis + len(shape) if axis < 0 else axis
    halves = (shape[:axis], shape[axis:])
    n.give([_product([_known(e) for e in half]) if None not in half else None for half in halves])


def _windows(n: _Node, kernel: Sequence[int | Extent], channels: Extent | None) -> None:
    shape, axes = n.shape(0), len(kernel)
    strides, dilations = n.attributes.get("strides", [1] * axes), n.attributes.get("dilations", [1] * axes)
    pads, auto = n.attributes.get("pads", [0] * 2 * axes), n.attributes.get("auto_pad", b"NOTSET")
    made = [shape[0], channels]
    for i in range(axes):
        extent = shape[i + 2]
        if extent is None:
            made.append(None)
        elif auto in (b"SAME_UPPER", b"SAME_LOWER"):
            made.append((extent + (strides[i] - 1)) // strides[i])
        else:
            around = 0 if auto == b"VALID" else pads[i] + pads[i + axes]
            covered = (Extent.of(kernel[i]) - 1) * dilations[i] + 1
            room = extent + around - covered
            if n.attributes.get("ceil_mode", 0):
                room = room + (strides[i] - 1)
            made.append(room // strides[i] + 1)
    n.give(made)


def _conv(_: Shapes, n: _Node) -> None:
    weights = n.sure(1)
    _windows(n, weights[2:], weights[0])


def _pool(_: Shapes, n: _Node) -> None:
    _windows(n, n.attributes["kernel_shape"], n.shape(0)[1])


def _conv_transpose(_: Shapes, n: _Node) -> None:
    shape, weights = n.shape(0), n.sure(1)
    axes = len(weights) - 2
    if "output_shape" in n.attributes or n.attributes.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
        raise _Open
    strides, dilations = n.attributes.get("strides", [1] * axes), n.attributes.get("dilations", [1] * axes)
    pads, more = n.attributes.get("pads", [0] * 2 * axes), n.attributes.get("output_padding", [0] * axes)
    made = [shape[0], weights[1] * n.attributes.get("group", 1)]
    for i in range(axes):
        covered = (weights[i + 2] - 1) * dilations[i] + 1
        made.append((_known(shape[i + 2]) - 1) * strides[i] + covered + more[i] - pads[i] - pads[i + axes])
    n.give(made)


def _tile(_: Shapes, n: _Node) -> None:
    n.give([_known(e) * _known(r) for e, r in zip(n.shape(0), n.values(1), strict=True)])


def _pad(_: Shapes, n: _Node) -> None:
    extents = n.shape(0)[:]
    pads = n.attributes.get("pads") or n.numbers(1)
    axes = n.numbers(3) if n.has(3) else range(len(extents))
    for i, axis in enumerate(axes):
        before = extents[axis]
        extents[axis] = None if before is None else before + pads[i] + pads[i + len(pads) // 2]
    n.give(extents)


def _resize(_: Shapes, n: _Node) -> None:
    if "axes" in n.attributes or "keep_aspect_ratio_policy" in n.attributes:
        raise _Open
    if n.has(3):
        n.give(n.values(3))
        return
    place = 2 if n.has(2) else 1
    scales = n.attributes.get("scales")
    if scales is None:
        tensor = n.shapes.tensors.get(n.node.input[place])
        if tensor is None:
            raise _Open
        scales = n.shapes.onnx.numpy_helper.to_array(tensor).tolist()
    made: list[Extent | None] = []
    for extent, scale in zip(n.shape(0), scales, strict=True):
        top, bottom = float(scale).as_integer_ratio()
        made.append(None if extent is None else extent * top // bottom)
    n.give(made)


def _expand(_: Shapes, n: _Node) -> None:
    shape, given = n.shape(0), n.values(1)
    size = max(len(shape), len(given))
    pairs = zip([Extent.of(1)] * (size - len(shape)) + shape, [Extent.of(1)] * (size - len(given)) + given, strict=True)
    n.give([b if a == 1 else a if b == 1 or a == b else None for a, b in pairs])


def _of_values(_: Shapes, n: _Node) -> None:
    n.give(n.values(0))


def _range(_: Shapes, n: _Node) -> None:
    (start,), (limit,), (step,) = n.values(0), n.values(1), n.values(2)
    n.give([(_known(limit) - _known(start) + (_number(step) - 1)) // _number(step)])


def _split(_: Shapes, n: _Node) -> None:
    count, axis = len(n.node.output), n.attributes.get("axis", 0)
    given = n.attributes.get("split") or (n.values(1) if n.has(1) else None)
    for i in range(count):
        extents = n.shape(0)[:]
        whole = extents[axis]
        size = given[i] if given else None
        part = None if size is None else Extent.of(size)
        if not given and whole is not None:  # the last part may be smaller
            each = (whole + (count - 1)) // count
            part = each if i < count - 1 else whole - each * (count - 1)
        extents[axis] = part
        n.give(extents, i)


def _blocks(up: bool) -> Callable[[Shapes, _Node], None]:
    def rule(_: Shapes, n: _Node) -> None:
        images, channels, height, width = n.sure(0)
        size = n.attributes["blocksize"]
        if up:
            n.give([images, channels // (size * size), height * size, width * size])
        else:
            n.give([images, channels * (size * size), height // size, width // size])

    return rule


_RULES: dict[str, Callable[[Shapes, _Node], None]] = {
    "Add": _arithmetic(Extent.__add__),
    "AveragePool": _pool,
    "Cast": _cast,
    "Concat": _concat,
    "ConstantOfShape": _of_values,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "DepthToSpace": _blocks(up=True),
    "Div": _arithmetic(Extent.__floordiv__),
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "Identity": _same_values,
    "LpPool": _pool,
    "MaxPool": _pool,
    "Mul": _arithmetic(Extent.__mul__),
    "Pad": _pad,
    "Range": _range,
    "Reshape": _reshape,
    "Resize": _resize,
    "Shape": _shape,
    "Size": _size,
    "Slice": _slice,
    "SpaceToDepth": _blocks(up=False),
    "Split": _split,
    "Squeeze": _same_values,
    "Sub": _arithmetic(Extent.__sub__),
    "Tile": _tile,
    "Unsqueeze": _same_values,
    "Upsample": _resize,
}
