"""The onnx package's backend API: `onnx.backend.test` and other tools run models through it.

Example:
    >>> import numpy as np, onnx
    >>> from vulkan_forge.onnx import backend
    >>> node = onnx.helper.make_node("Relu", ["x"], ["y"])
    >>> backend.run_node(node, [np.array([-1.0, 2.0], np.float32)])[0].tolist()
    [0.0, 2.0]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vulkan_forge import _vulkan_forge
from vulkan_forge.errors import ArgumentTypeError, InputError, NoDeviceError, UnsupportedError
from vulkan_forge.onnx._model import described, import_onnx
from vulkan_forge.onnx.session import InferenceSession

if TYPE_CHECKING:
    import onnx

__all__ = ["BackendRep", "is_compatible", "prepare", "run_model", "run_node", "supports_device"]


class BackendRep:
    """A prepared model: see `prepare`.

    Args:
        session: The session that runs it.
    """

    def __init__(self, session: InferenceSession) -> None:
        self._session = session

    def run(self, inputs: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Runs the model.

        Args:
            inputs: ndarrays in the order of the model's inputs, one ndarray, or a dict of them by name.
            **kwargs: Nothing that this backend knows.

        Returns:
            All outputs, as ndarrays.

        Raises:
            InputError: Inputs are missing or too many, and what `InferenceSession.run` raises.
        """
        _refuse(kwargs)
        names = [value.name for value in self._session.get_inputs()]
        if isinstance(inputs, Mapping):
            feeds = dict(inputs)
        else:
            values = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
            if len(values) != len(names):
                raise InputError.build(
                    "INVALID_ARGUMENT", "another number of inputs", expected=str(len(names)), got=str(len(values))
                )
            feeds = dict(zip(names, values, strict=True))
        return tuple(self._session.run(None, {name: np.asarray(value) for name, value in feeds.items()}))


def _refuse(kwargs: dict[str, Any]) -> None:
    if kwargs:
        raise InputError.build("INVALID_ARGUMENT", "unknown options", expected="none", got=", ".join(sorted(kwargs)))


def prepare(model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> BackendRep:
    """Loads a model.

    Args:
        model: An `onnx.ModelProto`.
        device: A name that `supports_device` knows. Whichever it is, models run on the default Vulkan device.
        **kwargs: Nothing that this backend knows.

    Returns:
        A `BackendRep`.

    Raises:
        NoDeviceError: The device is not known.
        UnsupportedError: The model needs what is not supported.
    """
    _refuse(kwargs)
    if not supports_device(device):
        raise NoDeviceError.build("NO_DEVICE", "no such device", expected="CPU, CUDA or VULKAN", got=str(device))
    return BackendRep(InferenceSession(model))


def run_model(model: onnx.ModelProto, inputs: Any, device: str = "CPU", **kwargs: Any) -> tuple[Any, ...]:
    """Loads and runs a model: `prepare(model, device).run(inputs)`.

    Args:
        model: An `onnx.ModelProto`.
        inputs: As `BackendRep.run` takes them.
        device: As `prepare` takes it.
        **kwargs: Nothing that this backend knows.

    Returns:
        All outputs, as ndarrays.
    """
    return prepare(model, device, **kwargs).run(inputs)


def run_node(
    node: onnx.NodeProto,
    inputs: Sequence[Any],
    device: str = "CPU",
    outputs_info: Any = None,
    *,
    opset: int | None = None,
    **kwargs: Any,
) -> tuple[Any, ...]:
    """Runs one node.

    Args:
        node: An `onnx.NodeProto`.
        inputs: An ndarray for each of its inputs that has a name, in order.
        device: As `prepare` takes it.
        outputs_info: The outputs' dtypes and shapes, which need not be given.
        opset: The opset whose meaning the node has; None for the onnx package's own.
        **kwargs: Nothing that this backend knows.

    Returns:
        All outputs, as ndarrays.

    Raises:
        UnsupportedError: The operator is not supported.
    """
    del outputs_info
    onnx = import_onnx()
    if not isinstance(node, onnx.NodeProto):
        raise ArgumentTypeError.build(
            "BAD_TYPE", "this is no node", expected="an onnx.NodeProto", got=type(node).__name__
        )
    values = [np.asarray(value) for value in inputs]
    names = [name for name in node.input if name]
    if len(names) != len(values):
        raise InputError.build(
            "INVALID_ARGUMENT", "another number of inputs", expected=str(len(names)), got=str(len(values))
        )
    helper = onnx.helper
    ports = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for name, value in zip(names, values, strict=True)
    ]
    made = [onnx.ValueInfoProto(name=name) for name in node.output if name]
    graph = helper.make_graph([node], node.op_type, ports, made)
    version = onnx.defs.onnx_opset_version() if opset is None else opset
    return run_model(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)]), values, device, **kwargs
    )


def supports_device(device: str) -> bool:
    """Whether models can be prepared for a device of this name: "CPU", "CUDA" or "VULKAN", perhaps with ":0"."""
    return isinstance(device, str) and device.partition(":")[0].upper() in ("CPU", "CUDA", "VULKAN")


def is_compatible(model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> bool:
    """Whether all operators of a model are supported."""
    if not isinstance(model, import_onnx().ModelProto):
        raise ArgumentTypeError.build(
            "BAD_TYPE", "this is no model", expected="an onnx.ModelProto", got=type(model).__name__
        )
    return supports_device(device) and not kwargs and _all_supported(model)


def _all_supported(model: onnx.ModelProto) -> bool:
    try:
        return not _vulkan_forge.onnx_unsupported(described(model))
    except UnsupportedError:  # a data type, or a kind of value
        return False
