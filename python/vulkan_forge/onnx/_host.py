"""Models that run partly on the host: `InferenceSession(..., fallback="host")`.

Nodes that the device cannot run (an operator without a row, text, sequences, optional values, narrow numbers) are
computed by the functions of `_host_ops`. All else goes to native sessions, as few of them as the order of nodes allows;
what passes between two of those stays on the device.
"""

from __future__ import annotations

import collections
import threading
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vulkan_forge import _vulkan_forge
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import ArgumentTypeError, DtypeError, InputError, ShapeError, UnsupportedError
from vulkan_forge.onnx._host_ops import OPERATORS, HostNode
from vulkan_forge.onnx._model import Reader, described, import_onnx, values_of

if TYPE_CHECKING:
    import onnx

    from vulkan_forge._vulkan_forge import Device

Scope = MutableMapping[str, Any]
_DEVICE_TYPES = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 16}  # onnx.TensorProto.DataType
_STRING = 8


class Plan:
    """What is known of a model while its nodes are given out.

    Args:
        model: The model.
        device: The device to run on; None for the default one.
        options: What native sessions are made with.
    """

    def __init__(self, model: onnx.ModelProto, device: Device | None, options: Mapping[str, Any]) -> None:
        self.onnx = import_onnx()
        self.device = device
        self.options = options
        self.opsets = {"" if e.domain == "ai.onnx" else e.domain: e.version for e in model.opset_import} or {"": 1}
        self.reader = Reader(self.onnx, self.opsets, model)
        self.model = self.taken_apart(model)
        _name_apart(self.model.graph, {}, set())
        self.types: dict[str, onnx.TypeProto] = {}
        try:
            inferred = self.onnx.shape_inference.infer_shapes(self.model, data_prop=True)
        except (self.onnx.shape_inference.InferenceError, ValueError):
            inferred = self.model
        self.note_types(inferred.graph)

    def taken_apart(self, model: onnx.ModelProto) -> onnx.ModelProto:
        """The model with nodes that neither side has a row for replaced by those that define them."""
        made = self.onnx.ModelProto()
        made.CopyFrom(model)
        self.take_apart(made.graph)
        return made  # type: ignore[no-any-return]

    def take_apart(self, graph: onnx.GraphProto) -> None:
        """The same in place, in the graphs of branches and loops as well; sparse initializers become dense ones."""
        for node in graph.node:
            self.reader.check(node)
        nodes = [part for node in graph.node for part in self.parts(node)]
        del graph.node[:]
        graph.node.extend(nodes)
        for sparse in graph.sparse_initializer:
            dense = self.reader.dense(sparse)
            graph.initializer.append(self.onnx.numpy_helper.from_array(dense, sparse.values.name))
        del graph.sparse_initializer[:]
        for node in graph.node:
            for inner in _graphs(node):
                self.take_apart(inner)

    def parts(self, node: onnx.NodeProto) -> list[onnx.NodeProto]:
        key = (self.domain(node), node.op_type)
        parts = None if key in self.reader.rows or key in OPERATORS else self.reader.parts(node)
        return [node] if parts is None else [inner for part in parts for inner in self.parts(part)]

    def note_types(self, graph: onnx.GraphProto) -> None:
        for value in (*graph.value_info, *graph.input, *graph.output):
            if value.type.WhichOneof("value"):
                self.types[value.name] = value.type
        for tensor in graph.initializer:
            self.types[tensor.name] = self.onnx.helper.make_tensor_type_proto(tensor.data_type, list(tensor.dims))
        for node in graph.node:
            for inner in _graphs(node):
                self.note_types(inner)

    def domain(self, node: onnx.NodeProto) -> str:
        return "" if node.domain == "ai.onnx" else node.domain

    def type_of(self, value: onnx.ValueInfoProto) -> onnx.TypeProto:
        """What a graph says of a value, or what was found out about it."""
        return value.type if value.type.WhichOneof("value") else self.types.get(value.name, value.type)

    def holds(self, name: str) -> bool:
        """Whether a value can lie on the device."""
        kind = self.types.get(name)
        if kind is None or not kind.WhichOneof("value"):
            return True
        tensor = kind.tensor_type
        return kind.WhichOneof("value") == "tensor_type" and tensor.elem_type in _DEVICE_TYPES | {0}

    def is_host(self, node: onnx.NodeProto) -> bool:
        """Whether the device cannot run a node."""
        if (self.domain(node), node.op_type) not in self.reader.rows:
            return True
        if not all(self.holds(name) for name in (*node.input, *node.output)):
            return True
        tensors = [attribute.t.data_type for attribute in node.attribute if attribute.HasField("t")]
        if any(number not in _DEVICE_TYPES for number in tensors) or _casts_away(node):
            return True
        if node.op_type == "Constant" and any(a.name.startswith("value_string") for a in node.attribute):
            return True
        return any(
            self.is_host(inner) or not all(self.holds(value.name) for value in (*graph.input, *graph.output))
            for graph in _graphs(node)
            for inner in (*graph.node,)
        )

    def refused(self, graph: onnx.GraphProto) -> Iterator[str]:
        """Nodes that neither side can run, in words."""
        for node in graph.node:
            if self.is_host(node) and (self.domain(node), node.op_type) not in OPERATORS:
                opset = self.opsets.get(self.domain(node), 1)
                name = f"{node.domain}.{node.op_type}" if self.domain(node) else node.op_type
                yield f'{name} of opset {opset} (node "{node.name}")'
            elif self.is_host(node):
                for inner in _graphs(node):
                    yield from self.refused(inner)


def _casts_away(node: onnx.NodeProto) -> bool:
    """Whether a node's result has a type that the device does not hold, by its own attribute."""
    return any(a.name in ("to", "output_dtype", "dtype") and a.i and a.i not in _DEVICE_TYPES for a in node.attribute)


def _graphs(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    return [attribute.g for attribute in node.attribute if attribute.HasField("g")]


def _name_apart(graph: onnx.GraphProto, meant: Mapping[str, str], used: set[str]) -> None:
    """Gives values of inner graphs names that no other graph uses, in place: what is known of a value goes by its name.

    Args:
        graph: The graph.
        meant: The names of what stands around it.
        used: All names so far.
    """
    own = [value.name for value in (*graph.input, *graph.initializer)]
    own += [name for node in graph.node for name in node.output if name]
    new = {name: name if name not in used else f"{name}/{len(used)}" for name in own}
    used.update(new.values())
    meant = {**meant, **new}
    for value in (*graph.input, *graph.output, *graph.initializer, *graph.value_info):
        value.name = meant.get(value.name, value.name)
    for node in graph.node:
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                names[i] = meant.get(name, name)
        for inner in _graphs(node):
            _name_apart(inner, meant, used)


def _needs(node: onnx.NodeProto) -> set[str]:
    """Values that a node takes from around it."""
    needs = {name for name in node.input if name}
    for graph in _graphs(node):
        own = {value.name for value in graph.input} | {tensor.name for tensor in graph.initializer}
        inside = {value.name for value in graph.output}
        for inner in graph.node:
            inside |= _needs(inner)
            own |= set(inner.output)
        needs |= inside - own
    return needs


class _Step:
    """Part of a program: takes values by name, and gives some."""

    def __init__(self, needs: Sequence[str], gives: Sequence[str]) -> None:
        self.needs = list(needs)
        self.gives = list(gives)

    def run(self, values: Callable[[str], Any], scope: Scope) -> Sequence[Any]:
        raise NotImplementedError


# What NumPy and the rows raise for inputs and attributes that do not fit.
_UNFIT = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, MemoryError)


class _HostStep(_Step):
    """One node on the host."""

    def __init__(self, plan: Plan, node: onnx.NodeProto, held: Mapping[str, Any]) -> None:
        super().__init__(node.input, node.output)
        self.function = OPERATORS[(plan.domain(node), node.op_type)]
        attributes = {a.name: _plain(plan.onnx, a) for a in node.attribute if not a.HasField("g")}
        graphs = {a.name: Program(plan, a.g, held) for a in node.attribute if a.HasField("g")}
        self.text = node.op_type + (f' "{node.name}"' if node.name else "")
        self.node = HostNode(self.text, plan.opsets.get(plan.domain(node), 1), attributes, graphs, len(node.output))

    def run(self, values: Callable[[str], Any], scope: Scope) -> Sequence[Any]:
        inputs = [_on_host(values(name)) if name else None for name in self.needs]
        while inputs and inputs[-1] is None and not self.needs[len(inputs) - 1]:
            inputs.pop()
        self.node.scope = scope
        try:
            made = self.function(self.node, *inputs)
        except _UNFIT as error:
            if hasattr(error, "code"):
                raise
            raise InputError.build(
                "INVALID_ARGUMENT",
                f"{self.text} cannot be computed on the host",
                expected="inputs as the operator's definition says",
                got=f"{type(error).__name__}: {error}",
            ) from error
        return [_as_value(value) for value in (made if isinstance(made, tuple) else (made,))]


def _as_value(value: Any) -> Any:
    """A tensor without axes, which NumPy gives as a number or a str."""
    if isinstance(value, str):
        return np.array(value, object)
    return np.asarray(value) if isinstance(value, np.generic) else value


def _on_host(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, Array) else value


def _plain(onnx: Any, attribute: onnx.AttributeProto) -> Any:
    """An attribute as numbers, str, lists, or an ndarray."""
    value = onnx.helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, onnx.TensorProto):
        try:
            return onnx.numpy_helper.to_array(value)
        except _UNFIT as error:
            raise InputError.build(
                "INVALID_ARGUMENT", f'the attribute "{attribute.name}" is damaged', expected="a tensor", got=str(error)
            ) from error
    if isinstance(value, list) or hasattr(value, "append"):
        return [v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in value]
    return value


class _DeviceStep(_Step):
    """Nodes that follow each other on the device."""

    def __init__(
        self, plan: Plan, nodes: Sequence[onnx.NodeProto], gives: Sequence[str], held: Mapping[str, Any]
    ) -> None:
        made = {name for node in nodes for name in node.output}
        needs = sorted({name for node in nodes for name in _needs(node)} - made)
        super().__init__([name for name in needs if name not in held], gives)
        onnx = plan.onnx
        ports = [self.port(plan, name) for name in self.needs]
        results = [onnx.ValueInfoProto(name=name) for name in self.gives]
        weights = [held[name] for name in needs if name in held]
        graph = onnx.helper.make_graph(nodes, "part", ports, results, weights)
        opsets = [onnx.helper.make_opsetid(domain, version) for domain, version in plan.opsets.items()]
        model = onnx.helper.make_model(graph, opset_imports=opsets)
        self.native = _vulkan_forge.OnnxSession(described(model), plan.device, **plan.options)

    @staticmethod
    def port(plan: Plan, name: str) -> Any:
        """An input of any shape."""
        port = plan.onnx.ValueInfoProto(name=name)
        kind = plan.types.get(name)
        if kind is not None and kind.tensor_type.elem_type:
            port.type.tensor_type.elem_type = kind.tensor_type.elem_type
        return port

    def run(self, values: Callable[[str], Any], scope: Scope) -> Sequence[Any]:
        del scope
        feeds = {name: _for_device(values(name)) for name in self.needs}
        made: list[Any] = self.native.run(feeds, self.gives, as_arrays=True)
        return made


def _for_device(value: Any) -> Any:
    return value if isinstance(value, Array) else np.asarray(value)


class Program:
    """A graph as steps on the device and on the host.

    Args:
        plan: What is known of the model.
        graph: The graph.
        outer: Initializers of the graphs around it.
    """

    def __init__(self, plan: Plan, graph: onnx.GraphProto, outer: Mapping[str, Any]) -> None:
        self.onnx = plan.onnx
        self.held: Mapping[str, Any] = {**outer, **{tensor.name: tensor for tensor in graph.initializer}}
        self.constants: dict[str, Any] = {}
        own = {tensor.name for tensor in graph.initializer}
        self.inputs = [value.name for value in graph.input if value.name not in own]
        self.outputs = [value.name for value in graph.output]
        self.ports = [plan.type_of(value) for value in graph.output]
        self.steps = list(self.given_out(plan, graph))

    def given_out(self, plan: Plan, graph: onnx.GraphProto) -> Iterator[_Step]:
        """All nodes that can run on one side, then those on the other, and so on."""
        makers = {name: i for i, node in enumerate(graph.node) for name in node.output if name}
        waits = [{makers[name] for name in _needs(node) if name in makers} for node in graph.node]
        host = [plan.is_host(node) for node in graph.node]
        left, done = list(range(len(graph.node))), set[int]()
        while left:
            before = len(left)
            for side in (False, True):
                taken = []
                for i in left:
                    if host[i] is side and waits[i] <= done:
                        taken.append(i)
                        done.add(i)
                left = [i for i in left if i not in done]
                nodes = [graph.node[i] for i in taken]
                if side:
                    yield from (_HostStep(plan, node, self.held) for node in nodes)
                elif nodes:
                    yield _DeviceStep(plan, nodes, self.needed_later(graph, taken, left), self.held)
            if len(left) == before:
                raise InputError.build(
                    "INVALID_ARGUMENT",
                    "the graph goes round in a circle",
                    expected="nodes that do not need their own results",
                    got=graph.node[left[0]].op_type,
                )

    def needed_later(self, graph: onnx.GraphProto, taken: Sequence[int], left: Sequence[int]) -> list[str]:
        made = [name for i in taken for name in graph.node[i].output if name]
        later = set(self.outputs).union(*(_needs(graph.node[i]) for i in left))
        return [name for name in made if name in later]

    def run(self, values: Sequence[Any], outer: Mapping[str, Any]) -> list[Any]:
        """The outputs; `outer` is what stands around the graph."""
        scope: Scope = collections.ChainMap(dict(zip(self.inputs, values, strict=True)), outer)  # type: ignore[arg-type]

        def value(name: str) -> Any:
            return scope[name] if name in scope else self.constant(name)

        for step in self.steps:
            scope.update(zip(step.gives, step.run(value, scope), strict=False))
        return [value(name) for name in self.outputs]

    def constant(self, name: str) -> Any:
        if name not in self.constants:
            if name not in self.held:
                raise InputError.build(
                    "INVALID_ARGUMENT",
                    "a value is needed that nobody makes",
                    expected="an input, an initializer or a node's output",
                    got=f'"{name}"',
                )
            self.constants[name] = values_of(self.onnx, self.held[name])
        return self.constants[name]


class HostSession:
    """A model that runs partly on the host, in the place of a native session.

    Args:
        plan: What is known of the model.

    Raises:
        UnsupportedError: A node can run on neither side.
    """

    def __init__(self, plan: Plan) -> None:
        missing = list(plan.refused(plan.model.graph))
        if missing:
            raise UnsupportedError.build(
                "MISSING_FEATURE",
                "the model has nodes that neither the device nor the host can run",
                expected="operators of docs/onnx.md",
                got=", ".join(missing[:8]) + (f" and {len(missing) - 8} more" if len(missing) > 8 else ""),
                mend="export with another opset, replace them, or run these nodes elsewhere",
            )
        held = {tensor.name for tensor in plan.model.graph.initializer}
        self.onnx = plan.onnx
        self.ports = [value for value in plan.model.graph.input if value.name not in held]
        self.program = Program(plan, plan.model.graph, {})
        self.lock = threading.Lock()

    def run(self, feeds: Mapping[str, Any], outputs: Sequence[str], *, as_arrays: bool = False) -> list[Any]:
        """As a native session's; what the device does not hold comes as it is."""
        names = [port.name for port in self.ports]
        for name in feeds:
            if name not in names:
                raise InputError.build(
                    "INVALID_ARGUMENT", "the model has no such input", expected=", ".join(names), got=f'"{name}"'
                )
        for name in outputs:
            if name not in self.program.outputs:
                known = ", ".join(self.program.outputs)
                raise InputError.build(
                    "INVALID_ARGUMENT", "the model has no such output", expected=known, got=f'"{name}"'
                )
        values = [self.checked(port, feeds) for port in self.ports]
        with self.lock:
            made = dict(zip(self.program.outputs, self.program.run(values, {}), strict=True))
        return [made[name] if as_arrays else _on_host(made[name]) for name in outputs]

    def checked(self, port: onnx.ValueInfoProto, feeds: Mapping[str, Any]) -> Any:
        """An input, which is what the model says it is."""
        if port.name not in feeds:
            raise InputError.build(
                "INVALID_ARGUMENT", "an input of the model is missing", expected=port.name, got=f'no "{port.name}"'
            )
        return self.fitting(port.type, port.name, feeds[port.name])

    def fitting(self, kind: onnx.TypeProto, name: str, value: Any) -> Any:
        """A value of this kind; those of sequences one by one."""
        which = kind.WhichOneof("value")
        if which == "optional_type":
            return None if value is None else self.fitting(kind.optional_type.elem_type, name, value)
        if which == "sequence_type" and isinstance(value, list):
            each = kind.sequence_type.elem_type
            return [self.fitting(each, f"{name}[{i}]", entry) for i, entry in enumerate(value)]
        value = np.asarray(value) if isinstance(value, np.generic) else value
        if which == "sequence_type" or not isinstance(value, (np.ndarray, Array)):
            raise ArgumentTypeError.build(
                "BAD_TYPE",
                f'input "{name}" is of another kind',
                expected="a list of ndarrays" if which == "sequence_type" else "an ndarray or an Array",
                got=type(value).__name__,
            )
        return self.fitting_tensor(kind.tensor_type, name, value)

    def fitting_tensor(self, tensor: onnx.TypeProto.Tensor, name: str, value: Any) -> Any:
        """A tensor of this dtype and shape."""
        if tensor.elem_type == _STRING:
            value = _text(name, value)
        elif tensor.elem_type:
            dtype = self.onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
            if value.dtype != dtype:
                raise DtypeError.build(
                    "BAD_DTYPE", f'input "{name}" has another dtype', expected=str(dtype), got=str(value.dtype)
                )
        dims = [d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else None for d in tensor.shape.dim]
        fits = len(dims) == len(value.shape) and all(
            d in (None, extent) for d, extent in zip(dims, value.shape, strict=True)
        )
        if tensor.HasField("shape") and not fits:
            wanted = ", ".join("?" if extent is None else str(extent) for extent in dims)
            raise ShapeError.build(
                "BAD_SHAPE", f'input "{name}" has another shape', expected=f"({wanted})", got=str(value.shape)
            )
        return value

    def report(self) -> dict[str, Any]:
        """Which nodes run on the host, and the reports of what runs on the device."""
        steps = self.program.steps
        return {
            "recorded": False,
            "reason": "parts of the model run on the host",
            "host": [step.text for step in steps if isinstance(step, _HostStep)],
            "device": [step.native.report() for step in steps if isinstance(step, _DeviceStep)],
        }

    def times(self) -> list[tuple[str, float]]:
        """Kernels of all parts on the device, in order."""
        return [time for step in self.program.steps if isinstance(step, _DeviceStep) for time in step.native.times()]


def _text(name: str, value: Any) -> Any:
    """Text as the operators take it: str in an object array. Bytes are UTF-8."""
    entries = value.astype(object).reshape(-1).tolist() if value.dtype.kind in "USO" else [value.dtype]
    try:
        texts = [entry.decode() if isinstance(entry, bytes) else entry for entry in entries]
    except UnicodeDecodeError as error:
        raise InputError.build(
            "INVALID_ARGUMENT", f'input "{name}" holds bytes that are no text', expected="UTF-8", got=str(error)
        ) from None
    for text in texts:
        if not isinstance(text, str):
            raise DtypeError.build(
                "BAD_DTYPE",
                f'input "{name}" holds something else than text',
                expected="str in an object array",
                got=str(text) if isinstance(text, np.dtype) else type(text).__name__,
                mend="values.astype(str).astype(object)",
            )
    made = np.empty(len(texts), object)
    made[:] = texts
    return made.reshape(value.shape)


def host_session(model: onnx.ModelProto, device: Device | None, options: Mapping[str, Any]) -> HostSession | None:
    """A session that runs partly on the host; None where the device can run all."""
    plan = Plan(model, device, options)
    graph = plan.model.graph
    ports = [value.name for value in (*graph.input, *graph.output)] + [tensor.name for tensor in graph.initializer]
    if all(plan.holds(name) for name in ports) and not any(plan.is_host(node) for node in graph.node):
        return None
    return HostSession(plan)
