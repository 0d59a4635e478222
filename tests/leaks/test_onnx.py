"""Sessions of ONNX models leave nothing behind."""

import numpy as np
import onnx
import pytest
from onnx.parser import parse_model

import vulkan_forge as vf
from leaks import SIZE, assert_clean, raises
from vulkan_forge import _vulkan_forge as native
from vulkan_forge.onnx import InferenceSession

pytestmark = pytest.mark.gpu

MODEL = '<ir_version: 8, opset_import: ["": 17]> g (float[N] x) => (float[N] y) { a = Softsign(x) y = CumSum(a, z) }'


def test_nothing_is_left_of_onnx_sessions(device):
    native._testing.device_alone(True, device)  # or a busy device would get another pipeline some time
    model = parse_model(MODEL)
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(0), "z"))
    x = np.ones(SIZE, np.float32)

    def cycle():
        with InferenceSession(model, device) as session:
            session.run(None, {"x": x})
            session.run(None, {"x": x[:9]}, arrays=True)
            raises(vf.DtypeError, session.run, None, {"x": x.astype(np.float64)})
        raises(vf.InputError, InferenceSession, b"nothing", device)

    assert_clean(cycle, device)
