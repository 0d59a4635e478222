"""What other Vulkan libraries answer with wrong numbers, a crash or silence: each is right here, or a typed error.

One row has its tests elsewhere: scans and the other blocks at every subgroup size, in array/ops/test_lanes.py.
"""
# ruff: noqa: PT017 - "right or refused" asserts in both branches

import gc
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import vulkan_forge as vf

pytestmark = pytest.mark.gpu

MIB = 1 << 20
SCALE = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
layout(push_constant) uniform Push { uint n; float a; };
void main() { if (gl_GlobalInvocationID.x < n) x[gl_GlobalInvocationID.x] *= a; }
"""
# The same by address: any alignment works.
SCALE_AT = """
#extension GL_EXT_buffer_reference : require
layout(local_size_x = 64) in;
layout(buffer_reference, buffer_reference_align = 4) buffer Floats { float at[]; };
layout(push_constant) uniform Push { Floats x; uint n; float a; };
void main() { if (gl_GlobalInvocationID.x < n) x.at[gl_GlobalInvocationID.x] *= a; }
"""
BY_ADDRESS = """
#extension GL_EXT_buffer_reference : require
layout(local_size_x = 64) in;
layout(buffer_reference, buffer_reference_align = 4) buffer Words { uint at[]; };
layout(push_constant) uniform Push { Words x; uint last; };
void main() { if (gl_GlobalInvocationID.x == 0) { x.at[0] = 1; x.at[last] = 2; } }
"""


def python(code, **env):
    """What a process of its own prints; a crash fails with its exit code."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "VULKAN_FORGE_VALIDATION": "0", **env},
        capture_output=True,
        text=True,
        timeout=120,  # DEADLOCK_GUARD
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.strip()


# ---------------------------------------------------------------- arrays


@pytest.mark.parametrize("dtype", ["float64", "float16", "int32", "uint8", "complex64", "bool"])
@pytest.mark.parametrize("make", [np.asarray, vf.asarray, vf.from_host])
def test_a_wrong_dtype_is_refused(make, dtype):
    x = np.ones(64, dtype)
    with pytest.raises(vf.DtypeError, match=rf"argument x of kernel.*expected float32.*got {dtype}.*astype"):
        vf.Kernel(SCALE)(x=make(x), n=64, a=3.0, threads=64)
    assert (x == 1).all()


@pytest.mark.parametrize("part", [np.s_[::2], np.s_[::-1], np.s_[:, ::2], np.s_[:, 1:]], ids=str)
def test_an_array_with_gaps_is_refused_or_copied_right(part):
    whole = np.arange(64, dtype=np.float32).reshape(8, 8)
    x, before = whole[part], whole.copy()
    kernel = vf.Kernel(SCALE)
    for given in (x, vf.from_host(x)):
        with pytest.raises(vf.LayoutError, match="not C-contiguous"):
            kernel(x=given, n=x.size, a=3.0, threads=x.size)
    np.testing.assert_array_equal(whole, before)
    copied = vf.asarray(x)
    kernel(x=copied, n=x.size, a=3.0, threads=x.size)
    np.testing.assert_array_equal(np.asarray(copied), 3 * x)


def test_temporary_arrays_live_until_the_device_has_finished():
    kernel, count = vf.Kernel(SCALE_AT), 1 << 18
    recorder = vf.Recorder()
    shared = []
    with recorder:
        for value in range(8):
            shared.append(vf.from_host(np.full(count, value, np.float32)))
            recorder.run(kernel, x=shared[-1], n=count, a=2.0, threads=count)
            recorder.run(kernel, x=vf.from_host(np.full(count, value, np.float32)), n=count, a=2.0, threads=count)
            gc.collect()
            np.full(count, 99, np.float32)  # takes the room of what went too early
    for value, x in enumerate(shared):
        assert set(np.asarray(x).tolist()) == {2.0 * value}
    call = kernel.prepare(x=vf.asarray(np.ones(count, np.float32)), n=count, a=2.0, threads=count)
    gc.collect()
    call()
    kernel(x=np.ones(count, np.float32), n=count, a=2.0, threads=count)
    event = kernel.submit(x=vf.from_host(np.ones(count, np.float32)), n=count, a=2.0, threads=count)
    gc.collect()
    np.full(count, 99, np.float32)
    event.wait()


# ---------------------------------------------------------------- sizes


def test_5_gib_are_right_or_refused(device):
    size = 5 << 30
    makers = (
        lambda: vf.Buffer(size),
        lambda: vf.empty(size, dtype=np.uint8),
        lambda: vf.empty((5, 1 << 30), dtype="i1"),
    )
    for make in makers:
        try:
            made = make()
        except (vf.LimitError, vf.OutOfMemoryError) as error:
            assert error.code in ("LIMIT_EXCEEDED", "OUT_OF_DEVICE_MEMORY")
        else:
            with made:
                assert getattr(made, "size", size) == size
    vf.asarray(np.ones(4)).close()  # and the process goes on


def test_256_mib_bound_whole_are_right_or_refused_and_right_by_address(device):
    x = vf.empty(64 * MIB, dtype=np.uint32)
    bound = """layout(local_size_x = 64) in;
    layout(binding = 0) buffer X { uint x[]; };
    layout(push_constant) uniform Push { uint last; };
    void main() { if (gl_GlobalInvocationID.x == 0) { x[0] = 1; x[last] = 2; } }"""
    for source in (bound, BY_ADDRESS):
        try:
            vf.Kernel(source)(x=x, last=x.size - 1, threads=1)
        except vf.LimitError as error:
            assert x.nbytes > device.limits["max_storage_range"]
            assert source is bound
            assert "buffer_reference" in str(error)
        else:
            values = np.asarray(x)
            assert (values[0], values[-1]) == (1, 2)
            del values


def test_70_000_groups_are_right_or_refused(device):
    x = np.zeros(70_000, np.uint32)
    one = """layout(local_size_x = 1) in;
    layout(binding = 0) buffer X { uint x[]; };
    void main() { uint i = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x; x[i] = i + 1; }"""
    try:
        vf.Kernel(one)(x=x, groups=70_000)
    except vf.LimitError as error:
        assert device.limits["max_groups"][0] < 70_000
        assert "second axis" in str(error)
        assert not x.any()
    else:
        np.testing.assert_array_equal(x, np.arange(1, 70_001))
    vf.Kernel(one)(x=x, groups=(35_000, 2))
    np.testing.assert_array_equal(x, np.arange(1, 70_001))


# ---------------------------------------------------------------- shaders


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("void main() { x = 1; }", "kernel:1"),
        ("layout(local_size_x = 64) in;\nvoid main() {", "kernel:2"),
        ("", "empty"),
        ("this is not GLSL", "syntax error"),
        ('#include "nowhere"\nvoid main() {}', "nowhere"),
    ],
)
def test_a_shader_that_does_not_compile_says_where(source, text):
    for _ in range(3):
        with pytest.raises(vf.ShaderError, match=text) as caught:
            vf.Kernel(source)
        assert caught.value.code == "SHADER_COMPILE"
    x = np.ones(4, np.float32)
    vf.Kernel(SCALE)(x=x, n=4, a=2.0, threads=4)  # and the process goes on
    assert x.tolist() == [2] * 4


def test_ten_million_loop_iterations():
    kernel = vf.Kernel("""layout(local_size_x = 8) in;
        layout(binding = 0) buffer X { uint x[]; };
        layout(push_constant) uniform Push { uint n; };
        void main() {
          uint sum = 0u;
          for (uint i = 0u; i < n; ++i) sum += (i ^ sum) & 1u | 1u;
          x[gl_GlobalInvocationID.x] = sum;
        }""")

    def submitted(**arguments):
        kernel.submit(**arguments).wait()

    for rounds, run in ((65_000, kernel), (10_000_000, kernel), (10_000_000, submitted)):
        x = vf.asarray(np.zeros(8, np.uint32))
        try:
            run(x=x, n=rounds, threads=8)
        except vf.UnsupportedError as error:
            assert rounds > 65_000
            assert error.code == "MISSING_FEATURE"
            assert "loop" in str(error)
        else:
            assert x.tolist() == [rounds] * 8


FAR = """
import numpy as np, vulkan_forge as vf
x = np.arange(1000, dtype=np.float32)
y = np.full(64, -1, np.float32)
kernel = vf.Kernel('''layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { uint start; };
void main() { y[gl_GlobalInvocationID.x] = x[gl_GlobalInvocationID.x + start]; }''')
device = vf.default_device()
for a, b in ((vf.asarray(x), vf.asarray(y)), (x, y)):
    kernel(x=a, y=b, start=400_000_000, threads=64)
    print(device.has("robustBufferAccess"), sorted(set(np.asarray(b).tolist()) - set(x.tolist())))
"""


def test_a_read_out_of_range_by_1600_mb_gives_zero_or_what_is_inside():
    assert python(FAR).splitlines() == ["True []"] * 2


# ---------------------------------------------------------------- machines

NO_DRIVER = """
import numpy as np, vulkan_forge as vf
from vulkan_forge import compute
x = np.ones((4, 4), np.float32)
calls = [vf.Device, vf.default_device, vf.devices, lambda: vf.asarray(x), lambda: vf.from_host(x),
         lambda: vf.Buffer(4), lambda: vf.from_dlpack(x), lambda: vf.Kernel("void main() {}"),
         lambda: vf.Recorder(), lambda: vf.Renderer(8, 8), lambda: vf.Scene(8, 8), lambda: compute.transpose(x)]
for call in calls:
    try:
        answer = call()
    except vf.NoDeviceError as error:
        assert error.code in ("NO_DRIVER", "NO_DEVICE"), error.code
        assert "install" in str(error), error
    else:
        raise AssertionError(f"{answer!r} without a driver")
print("refused", len(calls))
"""


def test_without_a_driver_nothing_crashes_and_no_other_api_answers():
    said = python(NO_DRIVER, VK_DRIVER_FILES="/nonexistent", VK_ICD_FILENAMES="/nonexistent")
    assert said == "refused 12"


def test_a_device_that_is_not_there_is_not_replaced_by_another():
    for name in ("No Such Card 9000", 4000, "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(vf.NoDeviceError):
            vf.Device(name)
    code = """import vulkan_forge as vf
try:
    vf.asarray([1.0])
except vf.NoDeviceError as error:
    print(error.code)"""
    assert python(code, VULKAN_FORGE_DEVICE="No Such Card 9000") == "NO_DEVICE"


def test_other_threads_run_while_one_waits():
    """Every entry point's own row stands in test_gil.py; this is the plain case."""
    x = vf.asarray(np.ones(1 << 14, np.float32))
    kernel = vf.Kernel("""layout(local_size_x = 64) in;
        layout(binding = 0) buffer X { float x[]; };
        void main() {
          float v = x[gl_GlobalInvocationID.x];
          for (int k = 0; k < 20000; ++k) v = fract(v * 1.0001 + 0.5);
          x[gl_GlobalInvocationID.x] = v;
        }""")
    kernel(x=x, threads=x.size)
    steps, waiting = 0, threading.Event()

    def wait():
        waiting.set()
        for _ in range(3):
            kernel(x=x, threads=x.size)
        waiting.clear()

    worker = threading.Thread(target=wait)
    worker.start()
    started = time.perf_counter()
    while waiting.is_set() or worker.is_alive():
        steps += 1
        time.sleep(0)
    worker.join()
    assert steps > 100 * (time.perf_counter() - started)
