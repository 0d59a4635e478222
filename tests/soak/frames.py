"""Pictures of a terrain with a camera that goes round, 10,000 of them; fails where memory or handles grow.

./dev soak --frames 10000

Where the system makes large pages of all memory (`always` in /sys/kernel/mm/transparent_hugepage/enabled), it fills
those that a process uses in part, now and then, and resident memory grows by that.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

import vulkan_forge as vf
from vulkan_forge import graphics

SETTLE = 0.1  # of the pictures: caches, pools and the driver's own structures fill
LEAST_SETTLE = 60  # pictures: a third of a turn, with every size of grid that it needs
GROWTH = 1 << 20  # bytes of resident memory, between the settled state and the end
LOOK, LOOKS = (
    60,
    3,
)  # pictures between looks at the state, the least counts: drivers take a MiB now and then
PER_TURN = 180  # pictures


def state(device: vf.Device) -> dict[str, int]:
    """What must not grow, with nothing in flight, and without what the allocator holds free."""
    gc.collect()
    device.wait_idle()
    with contextlib.suppress(AttributeError):  # glibc's
        ctypes.CDLL(None).malloc_trim(0)
    counts = device.counts()
    handles = {name: counts[name] for name in ("buffers", "imports", "images", "pipelines", "waiting")}
    handles["descriptors"] = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    handles["threads"] = len(os.listdir("/proc/self/task"))  # noqa: PTH208
    return {**handles, "resident": int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")}


def least(before: dict[str, int], now: dict[str, int]) -> dict[str, int]:
    return {name: min(value, before.get(name, value)) for name, value in now.items()}


def heights(side: int) -> np.ndarray:
    """Hills, with a hole in them."""
    y, x = np.mgrid[-3 : 3 : side * 1j, -3 : 3 : side * 1j]
    dem = (600 * np.exp(-(x**2 + y**2) / 4) + 90 * np.sin(5 * x + y) * np.cos(4 * y - x)).astype(np.float32)
    dem[side // 3 : side // 3 + 9, side // 2 : side // 2 + 20] = np.nan
    return dem


def frames(count: int, size: int, say: Callable[[str], None] = print) -> int:
    """0 where nothing grew, and each picture of a turn is that of the turn before."""
    device = vf.default_device()
    settle = max(LEAST_SETTLE, round(count * SETTLE))
    with graphics.Terrain(heights(400), 30, water=-20, contours=True) as terrain:
        figure = terrain.figure(size, size, supersample=1)
        first: dict[int, np.ndarray] = {}
        settled: dict[str, int] = {}
        now: dict[str, int] = {}
        for frame in range(count + settle):
            since, left = frame - settle, count + settle - 1 - frame
            if since >= 0 and since % LOOK == 0 and since < LOOK * LOOKS:
                settled = least(settled, state(device))
            turn = frame % PER_TURN
            figure.camera = graphics.Camera(azimuth=360 * turn / PER_TURN)
            picture = figure.render()
            if turn % 60 == 0 and not np.array_equal(first.setdefault(turn, picture.copy()), picture):
                say(f"picture {frame} is not that of the turn before")
                return 1
            if left % LOOK == 0 and left < LOOK * LOOKS:
                now = least(now, state(device))
    say(f"settled: {settled}")
    say(f"{count:,} pictures: {now}")
    grown = {name: (settled[name], now[name]) for name in settled if name != "resident" and now[name] > settled[name]}
    growth = now["resident"] - settled["resident"]
    say(f"resident memory grew by {growth:,} bytes, allowed are {GROWTH:,}")
    if grown or growth > GROWTH:
        say(f"grown: {grown}")
        return 1
    say("flat")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=512)
    options = parser.parse_args()
    return frames(min(options.frames, 1_000_000), options.size)


if __name__ == "__main__":
    sys.exit(main())
