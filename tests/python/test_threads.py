"""Eight Python threads, 2,000 calls each, of every kind at once: every result right, nothing left behind."""

import gc
import random
import threading

import numpy as np
import pytest

import vulkan_forge as vf

pytestmark = pytest.mark.gpu

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

    def run(self, failures):
        try:
            for _ in range(CALLS):
                self.random.choice(self.kinds)()
            np.testing.assert_array_equal(np.asarray(self.mine), np.full(self.count, self.total))
        except BaseException as error:
            failures.append(error)


def test_eight_threads_of_mixed_kernels():
    gc.collect()
    device = vf.default_device()
    device.wait_idle()
    before = device.counts()["buffers"], device.counts()["imports"]
    kernels = vf.Kernel(ADD), vf.Kernel(SCALE_AT)
    workers = [Worker(seed, kernels) for seed in range(THREADS)]
    failures: list[BaseException] = []
    threads = [threading.Thread(target=worker.run, args=(failures,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=280)  # DEADLOCK_GUARD
    assert not any(thread.is_alive() for thread in threads)
    assert failures == []
    del workers, threads, kernels
    gc.collect()
    device.wait_idle()
    assert (device.counts()["buffers"], device.counts()["imports"]) == before
