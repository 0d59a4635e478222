"""`InferenceSession`: a model on a device."""

from __future__ import annotations

import contextlib
import functools
import os
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vulkan_forge import _vulkan_forge
from vulkan_forge._owner import Owner
from vulkan_forge.errors import ArgumentTypeError, InputError, UnsupportedError
from vulkan_forge.onnx._files import unchanged
from vulkan_forge.onnx._host import host_session
from vulkan_forge.onnx._model import Source, described, read_model, whole
from vulkan_forge.onnx._shapes import check_shapes, output_shapes, skeleton

if TYPE_CHECKING:
    import onnx

    from vulkan_forge._vulkan_forge import Device


class NodeArg(NamedTuple):
    """An input or output of a model.

    Attributes:
        name: Its name.
        type: Its type in onnxruntime's words: `"tensor(float)"`.
        shape: Its extents: numbers, names of those that are free, None of those without a name.
    """

    name: str
    type: str
    shape: list[int | str | None]


# Open native sessions by file and device: another session on the same file shares weights and recordings.
_shared: weakref.WeakValueDictionary[Any, _Shared] = weakref.WeakValueDictionary()
_lock = threading.Lock()


class _Shared:
    """A native session, and what is said about its model."""

    def __init__(self, source: Source, device: Device | None, options: Mapping[str, Any], fallback: bool) -> None:
        self.device = device  # held: sessions are found by its id
        opened = read_model(source)
        model = opened.model
        self.skeleton = skeleton(model)
        mixed = host_session(whole(opened), device, options) if fallback else None
        self.native = mixed or _vulkan_forge.OnnxSession(described(*opened), device, **options)
        check_shapes(self.skeleton)
        self.states = opened.files.states() if opened.files is not None else {}
        held = {tensor.name for tensor in model.graph.initializer}
        self.inputs = [_node_arg(value) for value in model.graph.input if value.name not in held]
        self.defaults = held.intersection(value.name for value in model.graph.input)
        self.names = [value.name for value in model.graph.output]

    @functools.cached_property
    def outputs(self) -> list[NodeArg]:
        """What `run` gives; shapes are worked out when they are first asked for."""
        made = [_node_arg(value) for value in self.skeleton.graph.output]
        if all(None not in port.shape and port.shape for port in made):
            return made
        shapes = output_shapes(self.skeleton)
        return [port._replace(shape=shapes[port.name] or port.shape) for port in made]


_TYPES = {
    1: "float", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string", 9: "bool",
    10: "float16", 11: "double", 12: "uint32", 13: "uint64", 16: "bfloat16", 17: "float8e4m3fn", 18: "float8e4m3fnuz",
    19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4", 23: "float4e2m1",
}  # fmt: skip


def _node_arg(value: onnx.ValueInfoProto) -> NodeArg:
    tensor = value.type.tensor_type
    shape = [
        dim.dim_value if dim.HasField("dim_value") and dim.dim_value > 0 else _name_of(dim) for dim in tensor.shape.dim
    ]
    return NodeArg(value.name, _type_text(value.type), shape)


def _name_of(dim: onnx.TensorShapeProto.Dimension) -> str | None:
    return dim.dim_param if dim.dim_param and not dim.dim_param.startswith("unk__") else None


def _type_text(kind: onnx.TypeProto) -> str:
    if kind.WhichOneof("value") == "sequence_type":
        return f"seq({_type_text(kind.sequence_type.elem_type)})"
    if kind.WhichOneof("value") == "optional_type":
        return f"optional({_type_text(kind.optional_type.elem_type)})"
    return f"tensor({_TYPES.get(kind.tensor_type.elem_type, 'unknown')})"


def fusions() -> dict[str, str]:
    """What sessions fuse: names for `InferenceSession(fusions=...)`, and what each does.

    Example:
        >>> from vulkan_forge import onnx
        >>> onnx.fusions()["chains"]
        'elementwise operators that follow each other are one kernel'
    """
    return dict(_vulkan_forge.onnx_fusions())


class InferenceSession(Owner[_Shared]):
    """Runs an ONNX model on a Vulkan device.

    For each set of input shapes the model is planned and recorded once, when such inputs first come; later runs send
    the recording again. Any thread may run a session; runs take turns. Sessions on the same file and device share
    their weights.

    Args:
        model: A path, the bytes of a model, or an `onnx.ModelProto`. External data must lie in the model's folder.
        device: The `Device` to run on; None for the default one.
        record: Whether runs are recorded; else each node is run by itself, for comparison.
        share_memory: Whether values that are not needed at one time lie in the same memory.
        fold: Whether what is the same in every run is computed once.
        fusions: The names of the fusions that are made (`vulkan_forge.onnx.fusions` lists them); None for all.
        fallback: "host" computes on the host what the device cannot hold or has no operator for (docs/onnx.md says
            what); None refuses such models.

    Raises:
        ShapeError: Shapes that the model gives do not fit each other.
        UnsupportedError: The onnx package is missing, or an operator, its opset or a data type is not supported; the
            message names nodes.
        InputError: The model is malformed.
        FileError: The file, or external data, cannot be read.

    Example:
        >>> import numpy as np
        >>> from onnx.parser import parse_model
        >>> from vulkan_forge.onnx import InferenceSession
        >>> model = parse_model('''<ir_version: 8, opset_import: ["": 17]>
        ... double (float[N] x) => (float[N] y) { y = Add(x, x) }''')
        >>> with InferenceSession(model) as session:
        ...     session.run(["y"], {"x": np.arange(3, dtype=np.float32)})[0].tolist()
        [0.0, 2.0, 4.0]
    """

    def __init__(
        self,
        model: Source,
        device: Device | None = None,
        *,
        record: bool = True,
        share_memory: bool = True,
        fold: bool = True,
        fusions: Iterable[str] | None = None,
        fallback: str | None = None,
    ) -> None:
        if fallback not in (None, "host"):
            raise InputError.build(
                "INVALID_ARGUMENT", "an unknown fallback", expected='"host" or None', got=repr(fallback)
            )
        super().__init__()
        wanted = None if fusions is None else tuple(sorted(_names(fusions, "fusions")))
        options = {"record": record, "share_memory": share_memory, "fold": fold, "fusions": wanted}
        self._native = _open(model, device, options, fallback == "host")

    def run(
        self,
        output_names: Sequence[str] | None,
        input_feed: Mapping[str, Any],
        run_options: None = None,
        *,
        arrays: bool = False,
    ) -> list[Any]:
        """Runs the model.

        Args:
            output_names: The outputs that are wanted, in this order; None or an empty list for all.
            input_feed: For each input an ndarray or an `Array` of its dtype and shape.
            run_options: None; onnxruntime's place for options.
            arrays: Gives `Array`s, which stay on the device, instead of ndarrays.

        Returns:
            The outputs, as ndarrays or `Array`s.

        Raises:
            InputError: An input is missing or unknown, or an output is.
            UnsupportedError: An input has a value in the model (an initializer), which is not replaced.
            DtypeError: An input has another dtype than the model says.
            ShapeError: An input has another shape than the model says.
            StateError: The session is closed.
        """
        share = self._live()
        if run_options is not None:
            raise ArgumentTypeError.build(
                "BAD_TYPE", "run_options are not supported", expected="None", got=type(run_options).__name__
            )
        if not isinstance(input_feed, Mapping):
            raise ArgumentTypeError.build(
                "BAD_TYPE", "inputs come by name", expected='{"name": ndarray}', got=type(input_feed).__name__
            )
        names = (None if output_names is None else _names(output_names, "output_names")) or share.names
        for name in share.defaults.intersection(_names(input_feed, "inputs")):
            raise UnsupportedError.build(
                "MISSING_FEATURE",
                f'the input "{name}" has a value in the model, which is taken for a constant',
                expected=", ".join(value.name for value in share.inputs),
                got=f'"{name}"',
                mend="take the initializer of this name out of the model; the input is then fed in each run",
            )
        return share.native.run(dict(input_feed), names, as_arrays=arrays)

    def get_inputs(self) -> list[NodeArg]:
        """The inputs that `run` must be given, as `NodeArg`s."""
        return list(self._live().inputs)

    def get_outputs(self) -> list[NodeArg]:
        """The outputs of the model, as `NodeArg`s; extents that inputs decide are said in their names: `"2*N + 1"`."""
        return list(self._live().outputs)

    def report(self) -> dict[str, Any]:
        """What the plan of the last run is made of: commands, memory, and why it could not be recorded."""
        return self._live().native.report()

    def times(self) -> list[tuple[str, float]]:
        """Runs the last plan again: its kernels in order, with milliseconds on the device."""
        return self._live().native.times()


def _names(names: Iterable[str], what: str) -> list[str]:
    """Names one by one; a text alone would be an iterable of letters."""
    got: object = names
    if isinstance(names, Iterable) and not isinstance(names, (str, bytes)):
        made = list(names)
        got = next((name for name in made if not isinstance(name, str)), None)
        if got is None and None not in made:
            return made
    mend = f"put it into a list: [{names!r}]" if isinstance(names, str) else ""
    raise ArgumentTypeError.build("BAD_TYPE", f"{what} are names", expected="a list of str", got=repr(got), mend=mend)


def _open(model: Source, device: Device | None, options: Mapping[str, Any], fallback: bool) -> _Shared:
    key = None
    if isinstance(model, (str, os.PathLike)):
        with contextlib.suppress(OSError, ValueError):  # what cannot be a path is refused when it is read
            path = Path(model).resolve()
            state = path.stat()
            key = (path, state.st_mtime_ns, state.st_size, id(device) if device else None, fallback, *options.values())
    if key is None:
        return _Shared(model, device, options, fallback)
    with _lock:
        found = _shared.get(key)
        if found is None or not unchanged(found.states):  # external data may change while the model's file does not
            found = _shared[key] = _Shared(model, device, options, fallback)
        return found
