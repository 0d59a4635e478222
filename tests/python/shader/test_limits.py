"""What is beyond a device's limits or features is refused by name."""

import numpy as np
import pytest

import vulkan_forge as vf
from kernels import EXPLICIT, ONES, writer

pytestmark = pytest.mark.gpu


def test_workgroups_beyond_the_device_are_refused(device):
    wide, high, _ = device.limits["max_workgroup"]
    size = f"local_size_x = {min(wide, 256)}, local_size_y = {min(high, 256)}"
    with pytest.raises(vf.LimitError, match=f"at most {device.limits['max_invocations']} invocations") as caught:
        vf.Kernel(ONES.replace("local_size_x = 1", size))
    assert caught.value.code == "LIMIT_EXCEEDED"
    assert int(caught.value.details["limit"]) == device.limits["max_invocations"]


def test_push_constants_beyond_the_device_are_refused(device):
    count = device.limits["max_push_bytes"] // 4 + 1
    with pytest.raises(vf.LimitError, match=str(device.limits["max_push_bytes"])):
        writer(f"float a[{count}];", "r[0] = a[0];")


def test_features_that_the_device_lacks_are_named(device):
    lacking = [("shaderFloat64", "double"), ("shaderInt64", "int64_t"), ("shaderFloat16", "float16_t")]
    tried = [(feature, kind) for feature, kind in lacking if not device.has(feature)]
    if not tried:
        pytest.skip("this device has them all")
    for feature, kind in tried:
        with pytest.raises(vf.UnsupportedError) as caught:
            writer("float a;", f"r[0] = float({kind}(a) * {kind}(a));", head=EXPLICIT)
        assert caught.value.code == "MISSING_FEATURE"
        assert caught.value.details["feature"] == feature


def test_shared_memory_beyond_the_device_is_refused(device):
    most = device.limits["max_shared_bytes"]
    source = """layout(local_size_x = 4) in;
    layout(binding = 0) buffer X { uint x[]; };
    shared uint held[%d];
    shared vec4 more;
    void main() { held[gl_LocalInvocationIndex] = 1; more = vec4(1); barrier(); x[0] = held[3] + uint(more.x); }"""
    vf.Kernel(source % (most // 4 - 4))
    with pytest.raises(vf.LimitError, match="too much shared memory") as caught:
        vf.Kernel(source % (most // 4 - 3))
    assert int(caught.value.details["limit"]) == most


def test_beyond_the_range_of_a_descriptor(device):
    most = device.limits["max_storage_range"]
    if most >= 1 << 30:
        pytest.skip("would need a gigabyte")
    x = vf.empty(most // 4 + 1, dtype=np.uint32)
    with pytest.raises(vf.LimitError, match="by address") as caught:
        vf.Kernel(ONES)(x=x, threads=1)
    assert int(caught.value.details["limit"]) == most
