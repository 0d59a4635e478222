"""Every kind of work, over and over, for as long as asked; fails where memory or handles grow, or a result is wrong.

./dev soak --minutes 30
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import vulkan_forge as vf
from vulkan_forge import compute

SETTLE = 0.2  # of the time: caches, pools and the driver's own structures fill
RSS_GROWTH = 16 << 20  # bytes, between the settled state and the end: allocators move a little, a leak much
ADD = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
layout(push_constant) uniform Push { uint n; float add; };
void main() { if (gl_GlobalInvocationID.x < n) x[gl_GlobalInvocationID.x] += add; }
"""


class Work:
    """One thread's share: random sizes from a fixed seed, each result compared with NumPy's."""

    def __init__(self, seed: int, kernel: vf.Kernel) -> None:
        self.random, self.kernel, self.done = random.Random(seed), kernel, 0
        self.kinds = [
            self.imported,
            self.copied,
            self.recorded,
            self.submitted,
            self.awaited,
            self.block,
            self.compiled,
            self.pictured,
        ]

    def values(self) -> np.ndarray:
        return np.arange(self.random.randrange(1, 1 << self.random.randrange(1, 18)), dtype=np.float32)

    def run(self, x: vf.Array | np.ndarray) -> None:
        self.kernel(x=x, n=x.size, add=1.0, threads=x.size)

    def imported(self) -> None:
        x = self.values()
        wanted = x + 1
        self.run(x)
        np.testing.assert_array_equal(x, wanted)

    def copied(self) -> None:
        x = self.values()
        held = vf.asarray(x)
        self.run(held)
        np.testing.assert_array_equal(np.asarray(held), x + 1)

    def recorded(self) -> None:
        held, recorder = vf.asarray(self.values()), vf.Recorder()
        wanted = held.numpy() + 5
        with recorder:
            for _ in range(5):
                recorder.run(self.kernel, x=held, n=held.size, add=1.0, threads=held.size)
        np.testing.assert_array_equal(np.asarray(held), wanted)

    def pictured(self) -> None:
        across = np.hanning(self.random.randrange(3, 200)).astype(np.float32)
        heights, colormap = np.outer(across, across), self.random.choice(vf.colormap_supported())
        with vf.Scene(64, 48, 32, colormap) as scene, vf.Renderer(64, 48) as renderer:
            scene.set_height_from_r32f(heights)
            renderer.add_terrain(heights, (1.0, 1.0), 1.0, colormap)
            for draw in (scene.render_rgba, renderer.render_rgba):
                np.testing.assert_array_equal(draw(), draw())

    def submitted(self) -> None:
        held = vf.asarray(self.values())
        wanted = held.numpy() + 1
        event = self.kernel.submit(x=held, n=held.size, add=1.0, threads=held.size)
        if self.random.random() < 0.5:
            event.wait()
        np.testing.assert_array_equal(np.asarray(held), wanted)

    def awaited(self) -> None:
        held = vf.asarray(self.values())

        async def several() -> None:
            for _ in range(3):
                await self.kernel.submit(x=held, n=held.size, add=1.0, threads=held.size)

        wanted = held.numpy() + 3
        asyncio.run(several())
        np.testing.assert_array_equal(np.asarray(held), wanted)

    def block(self) -> None:
        x = self.values()
        np.testing.assert_allclose(np.asarray(compute.reduce(x, "sum")), x.sum(dtype=np.float64), rtol=1e-5)

    def compiled(self) -> None:
        if self.random.random() < 0.05:  # a new text now and then: the disk cache would grow without end
            add = self.random.randrange(8)
            with vf.Kernel(ADD.replace("+= add", f"+= add + {add}.0")) as kernel:
                x = np.zeros(64, np.float32)
                kernel(x=x, n=64, add=0.0, threads=64)
                assert (x == add).all()

    def every_kind(self) -> None:
        """Each kind some times: slow drivers do not come by all of them, and by all sizes, in a short first spell."""
        for kind in self.kinds * 4:
            kind()
        for exponent in range(18):
            compute.reduce(np.arange(1 << exponent, dtype=np.float32), "sum")

    def until(self, end: float, failures: list[BaseException]) -> None:
        try:
            while time.monotonic() < end and not failures:
                self.random.choice(self.kinds)()
                self.done += 1
        except BaseException as error:
            failures.append(error)


def state(device: vf.Device) -> dict[str, int]:
    """What must not grow, with nothing in flight."""
    gc.collect()
    device.wait_idle()
    counts = device.counts()
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    handles = {name: counts[name] for name in ("buffers", "imports", "images", "pipelines", "waiting")}
    return {**handles, "descriptors": len(os.listdir("/proc/self/fd")), "resident": resident}  # noqa: PTH208


def spell(workers: list[Work], seconds: float, failures: list[BaseException]) -> None:
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=worker.until, args=(end, failures)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def soak(minutes: float, threads: int, say: Callable[[str], None] = print) -> int:
    """0 where all results were right and nothing grew."""
    device, failures = vf.default_device(), []
    kernel = vf.Kernel(ADD, name="soak")
    workers = [Work(seed, kernel) for seed in range(threads)]
    workers[0].every_kind()
    spell(workers, minutes * 60 * SETTLE, failures)
    settled = state(device)
    say(f"settled: {settled}")
    pieces = max(4, round(minutes))
    for _ in range(pieces):
        spell(workers, minutes * 60 * (1 - SETTLE) / pieces, failures)
        if failures:
            raise failures[0]
        now = state(device)
        say(f"{sum(worker.done for worker in workers):9,} calls: {now}")
        grown = {
            name: (settled[name], now[name]) for name in settled if name != "resident" and now[name] > settled[name]
        }
        if grown:
            say(f"grown: {grown}")
            return 1
    if now["resident"] > settled["resident"] + RSS_GROWTH:
        say(f"resident memory grew by {now['resident'] - settled['resident']:,} bytes, allowed are {RSS_GROWTH:,}")
        return 1
    say("flat")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--threads", type=int, default=4)
    options = parser.parse_args()
    return soak(min(options.minutes, 24 * 60), options.threads)


if __name__ == "__main__":
    sys.exit(main())
