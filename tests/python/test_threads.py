"""Many threads on one device: every result right, nothing left behind, and closing is safe."""

import contextlib
import gc
import random
import sys
import threading

import numpy as np
import pytest

import vulkan_forge as vf
from array_cases import device_alone
from processes import succeeds

pytestmark = pytest.mark.gpu

DOUBLE = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= 2.0; }
"""
THREADS, CALLS = 8, 2000
ADD = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { uint x[]; };
layout(push_constant) uniform Push { uint n; uint add; };
void main() { if (gl_GlobalInvocationID.x < n) x[gl_GlobalInvocationID.x] += add; }
"""
SCALE_AT = """
#extension GL_EXT_buffer_reference : require
layout(local_size_x = 32) in;
layout(buffer_reference, buffer_reference_align = 4) readonly buffer In { float at[]; };
layout(buffer_reference, buffer_reference_align = 4) writeonly buffer Out { float at[]; };
layout(push_constant) uniform Push { In x; Out y; uint n; float a; };
void main() { if (gl_GlobalInvocationID.x < n) y.at[gl_GlobalInvocationID.x] = a * x.at[gl_GlobalInvocationID.x]; }
"""


def together(count, work):
    """Runs work(0), work(1), ... in a thread each; what they raised."""
    failures = []

    def guarded(number):
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=280)  # DEADLOCK_GUARD
    assert not any(thread.is_alive() for thread in threads)
    return failures


class Worker:
    """What one thread owns and does."""

    def __init__(self, seed, kernels):
        self.random, self.kernels = random.Random(seed), kernels
        self.count = 40 + 8 * seed
        self.mine = vf.asarray(np.zeros(self.count, np.uint32))
        self.total = 0
        self.recorder = vf.Recorder()
        self.call = kernels[0].prepare(x=self.mine, n=self.count, add=1, threads=self.count)
        self.kinds = [self.own_array, self.ndarray, self.by_address, self.prepared, self.recorded, self.submitted]

    def own_array(self):
        self.kernels[0](x=self.mine, n=self.count, add=3, threads=self.count)
        self.total += 3

    def prepared(self):
        self.call()
        self.total += 1

    def ndarray(self):
        x = np.full(self.random.randrange(1, 100), 7, np.uint32)
        self.kernels[0](x=x, n=x.size, add=5, threads=x.size)
        assert (x == 12).all()

    def by_address(self):
        x = vf.asarray(np.arange(self.count, dtype=np.float32))
        y = vf.empty(self.count)
        self.kernels[1](x=x, y=y, n=self.count, a=2.0, threads=self.count)
        np.testing.assert_array_equal(np.asarray(y), 2 * np.arange(self.count))

    def recorded(self):
        with self.recorder:
            for _ in range(3):
                self.recorder.run(self.kernels[0], x=self.mine, n=self.count, add=1, threads=self.count)
        self.total += 3

    def submitted(self):
        event = self.kernels[0].submit(x=self.mine, n=self.count, add=2, threads=self.count)
        if self.random.random() < 0.5:
            event.wait()
        self.total += 2

    def run(self):
        for _ in range(CALLS):
            self.random.choice(self.kinds)()
        np.testing.assert_array_equal(np.asarray(self.mine), np.full(self.count, self.total))


def test_eight_threads_of_mixed_kernels():
    gc.collect()
    device = vf.default_device()
    device.wait_idle()
    before = device.counts()["buffers"], device.counts()["imports"]
    kernels = vf.Kernel(ADD), vf.Kernel(SCALE_AT)
    workers = [Worker(seed, kernels) for seed in range(THREADS)]
    assert together(THREADS, lambda number: workers[number].run()) == []
    workers.clear()
    del kernels
    gc.collect()
    device.wait_idle()
    assert (device.counts()["buffers"], device.counts()["imports"]) == before


def test_many_threads_on_one_device():
    kernel = vf.Kernel(
        """layout(local_size_x = 64) in;
        layout(binding = 0) readonly buffer X { float x[]; };
        layout(binding = 1) writeonly buffer Y { float y[]; };
        layout(push_constant) uniform Push { uint n; float a; };
        void main() { uint i = gl_GlobalInvocationID.x; if (i < n) y[i] = a * x[i] + 1.0; }"""
    )
    shared = vf.asarray(np.arange(500, dtype=np.float32))
    start = threading.Barrier(8)

    def work(seed):
        rng = np.random.default_rng(seed)
        start.wait()
        for i in range(200):
            count = int(rng.integers(1, 500))
            x = rng.standard_normal(count, np.float32)
            y = np.zeros(count, np.float32)
            source = [x, vf.asarray(x), shared][i % 3]
            kernel(x=source, y=y, n=count, a=float(seed), threads=count)
            values = np.arange(count, dtype=np.float32) if source is shared else x
            np.testing.assert_allclose(y, seed * values + 1, rtol=1e-5, atol=1e-5)
            if i % 50 == 0:
                vf.Renderer(8, 8).render_triangle_rgba()
                np.testing.assert_array_equal(np.asarray(shared), np.arange(500))

    assert together(8, work) == []


def test_closing_while_others_work():
    """Whoever is inside a call keeps what it uses; the others get a StateError."""
    x = np.ones(4096, np.float32)
    kernel, renderer, scene = vf.Kernel(DOUBLE), vf.Renderer(16, 16), vf.Scene(16, 16, 8)
    values = vf.asarray(np.ones(4096, np.float32))
    call = kernel.prepare(x=values, threads=4096)
    ready, failures = threading.Barrier(6), []

    def repeat(use):
        ready.wait()
        try:
            while True:
                use()
        except vf.StateError:
            pass
        except BaseException as error:
            failures.append(error)

    uses = [lambda: kernel(x=x, threads=64), renderer.render_triangle_rgba, scene.render_rgba, call, values.numpy]
    threads = [threading.Thread(target=repeat, args=(use,)) for use in uses]
    for thread in threads:
        thread.start()
    ready.wait()
    for _ in range(30):
        vf.asarray(np.ones(64)).numpy()
    for thing in (kernel, renderer, scene, call, values):
        thing.close()
    for thread in threads:
        thread.join()
    assert failures == []


LONG = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  float v = x[i];
  for (uint k = 0u; k < 3000u; ++k) v = v * 0.5 + 1.0;
  x[i] = v;
}
"""


def test_a_view_of_an_array_that_is_closed_meanwhile():
    """Whoever waits for the values keeps their memory, as views handed out earlier do."""
    kernel, count = vf.Kernel(LONG), 1 << 16
    for _ in range(5):
        x = vf.asarray(np.ones(count, np.float32))
        kernel.submit(x=x, threads=count)
        started, views = threading.Event(), []

        def look(x=x, started=started, views=views):
            started.set()
            with contextlib.suppress(vf.StateError, BufferError):  # closed before, or out of the host's sight
                views.append(memoryview(x))

        thread = threading.Thread(target=look)
        thread.start()
        started.wait()
        for _ in range(200_000):
            pass  # until it waits for the device, most times
        x.close()
        thread.join()
        others = [vf.asarray(np.full(count, 7, np.float32)) for _ in range(4)]
        for view in views:
            np.testing.assert_array_equal(np.asarray(view), np.full(count, 2, np.float32))
        del others


def test_a_value_read_while_another_thread_evaluates_it_and_others():
    """It is there when its kernel has been sent, not when it has been recorded before the others."""
    count = 1 << 20
    for attempt in range(6):
        base = vf.asarray(np.full(count, 3, np.float32))
        values = [base * 2 + 1]
        for i in range(24):  # of other shapes and structures: kernels that are made meanwhile
            value = vf.asarray(np.ones(count + 256 * (i + 1), np.float32))
            for k in range(8):
                value = [value + 2, value * 3, abs(value), value - value][(i * 7 + attempt * 3 + k * (i + 1)) % 4]
            values.append(value)
        started = threading.Event()

        def evaluate(values=values, started=started):
            started.set()
            vf.evaluate(*values)

        with device_alone():
            thread = threading.Thread(target=evaluate)
            thread.start()
            started.wait()
            for _ in range(50_000):
                pass
            got = values[0].numpy()
            thread.join()
        np.testing.assert_array_equal(got, np.full(count, 7, np.float32))


def test_values_stay_while_two_threads_write_what_they_are_read_from():
    """Who writes second waits for the copy that the first one makes for them."""
    count, rounds = 1 << 16, 2000
    x = vf.asarray(np.zeros(count, np.float32))
    kernel = vf.Kernel(
        """layout(local_size_x = 64) in;
        layout(binding = 0) buffer X { float x[]; };
        void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] += 1.0; }"""
    )
    calls = [kernel.prepare(x=x, threads=count) for _ in range(2)]
    start, end = threading.Barrier(3), threading.Barrier(3)
    wrong = []

    def work(number):
        for i in range(rounds):
            if number == 2:
                before = x * 1.0
            start.wait()
            if number < 2:
                calls[number]()
            end.wait()
            if number == 2 and (before.numpy() != 2 * i).any():
                wrong.append(i)

    switches = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        assert together(3, work) == []
    finally:
        sys.setswitchinterval(switches)
    assert wrong == []


def test_a_renderer_and_a_call_shared_by_threads():
    renderer = vf.Renderer(32, 32)
    wanted = renderer.render_triangle_rgba()
    counter = vf.asarray(np.zeros(1, np.uint32))
    call = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) buffer X { uint x[]; };
        void main() { x[0] += 1u; }"""
    ).prepare(x=counter, threads=1)

    def work(_):
        for _ in range(25):
            call()
            np.testing.assert_array_equal(renderer.render_triangle_rgba(), wanted)

    assert together(4, work) == []
    assert counter.tolist() == [100]


def test_a_scene_shared_by_threads():
    """Each picture is whole: of the one surface or of the other, and of one camera."""
    surfaces = [np.zeros((8, 8), np.float32), np.full((8, 8), 0.5, np.float32)]
    cameras = [((3, 2, 3), (0, 0, 0)), ((-1, 3, 2), (0, 0, 0))]
    wanted = []
    for heights in surfaces:
        for camera in cameras:
            with vf.Scene(32, 24, 8) as scene:
                scene.set_height_from_r32f(heights)
                scene.set_camera_look_at(*camera)
                wanted.append(scene.render_rgba().tobytes())
    assert len(set(wanted)) == 4
    scene = vf.Scene(32, 24, 8)
    scene.set_height_from_r32f(surfaces[0])

    def work(number):
        for i in range(40):
            if number == 0:
                scene.set_height_from_r32f(surfaces[i % 2])
            elif number == 1:
                scene.set_camera_look_at(*cameras[i % 2])
            else:
                assert scene.render_rgba().tobytes() in wanted

    assert together(5, work) == []


def test_devices_opened_by_many_threads():
    vf.release_default_device()
    found = []

    def work(_):
        found.append(vf.default_device().info["uuid"])
        with vf.Device() as device:
            assert vf.asarray([1.0], device=device).tolist() == [1.0]

    assert together(8, work) == []
    assert len(set(found)) == 1


READING_BACK = """
import threading
import numpy as np
import vulkan_forge as vf
from vulkan_forge import compute
device = vf._vulkan_forge._testing.open_device(force_staging=True)
kernel = vf.Kernel('''layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= 2.0; }''', device=device)
large = vf.asarray(np.ones(1 << 21, np.float32), device=device)
small = vf.asarray(np.arange(100, dtype=np.float32), device=device)

def ones():  # where any device may bind them
    memory = np.ones((1 << 18) + 1024, np.float32)
    start = -memory.ctypes.data % 4096 // 4
    return memory[start : start + (1 << 18)]

def read():
    for _ in range(60):
        if device.limits["host_import_alignment"]:
            kernel.submit(x=vf.from_host(ones(), device=device), threads=1 << 18)
        large.numpy()

def count():
    for _ in range(300):
        compute.histogram(small, bins=4)

threads = [threading.Thread(target=work) for work in (read, read, count, count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_reading_back_while_others_do():
    """Who reads drops what the device has finished with, NumPy's memory too: nobody waits for it with the GIL."""
    succeeds(READING_BACK)
