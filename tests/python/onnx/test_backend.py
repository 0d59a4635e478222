"""The onnx package's backend API."""

import numpy as np
import pytest
from onnx import TensorProto, helper
from onnx.parser import parse_model

import vulkan_forge as vf
from vulkan_forge.onnx import backend

pytestmark = pytest.mark.gpu

MODEL = parse_model(
    '<ir_version: 8, opset_import: ["": 17]> g (float[N] x, float[N] z) => (float[N] y) { y = Sub(x, z) }'
)
X, Z = np.arange(4, dtype=np.float32), np.ones(4, np.float32)


def test_prepared_models_take_inputs_in_order_or_by_name():
    prepared = backend.prepare(MODEL)
    for inputs in ([X, Z], (X, Z), {"z": Z, "x": X}):
        np.testing.assert_array_equal(prepared.run(inputs)[0], X - Z)
    with pytest.raises(vf.InputError, match="number of inputs"):
        prepared.run([X])


def test_models_and_nodes_run_in_one_call():
    np.testing.assert_array_equal(backend.run_model(MODEL, [X, Z])[0], X - Z)
    node = helper.make_node("Clip", ["x", "", "high"], ["y"])
    high = np.array(2, np.float32)
    np.testing.assert_array_equal(backend.run_node(node, [X, high])[0], np.minimum(X, 2))
    with pytest.raises(vf.InputError, match="number of inputs"):
        backend.run_node(node, [X])


def test_devices_by_name():
    assert all(backend.supports_device(name) for name in ("CPU", "CUDA:1", "vulkan"))
    assert not backend.supports_device("TPU")
    with pytest.raises(vf.NoDeviceError):
        backend.prepare(MODEL, "TPU")
    with pytest.raises(vf.InputError, match="unknown options"):
        backend.prepare(MODEL, strict=True)


def test_compatibility_is_a_question_of_operators():
    assert backend.is_compatible(MODEL)
    info = helper.make_tensor_value_info
    node = helper.make_node("StringNormalizer", ["x"], ["y"])
    ports = [info("x", TensorProto.FLOAT, [1])], [info("y", TensorProto.FLOAT, [1])]
    other = helper.make_model(helper.make_graph([node], "g", *ports))
    assert not backend.is_compatible(other)
    ports = [info("x", TensorProto.STRING, [1])], [info("y", TensorProto.STRING, [1])]
    text = helper.make_model(helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", *ports))
    assert not backend.is_compatible(text)


def test_what_is_no_model_node_or_device_is_refused():
    for wrong in (None, "model.onnx", MODEL.SerializeToString()):
        with pytest.raises(vf.ArgumentTypeError, match="no model"):
            backend.is_compatible(wrong)
    with pytest.raises(vf.ArgumentTypeError, match="no node"):
        backend.run_node(None, [])
    assert not backend.supports_device(None)
    with pytest.raises(vf.NoDeviceError, match="got 0"):
        backend.prepare(MODEL, 0)


def test_functions_of_onnx_are_taken_apart():
    x = np.random.default_rng(0).standard_normal((2, 8, 4)).astype(np.float32)
    node = helper.make_node("CenterCropPad", ["x", "shape"], ["y"], axes=[1])
    y = backend.run_node(node, [x, np.array([4], np.int64)])[0]
    np.testing.assert_array_equal(y, x[:, 2:6])
