"""Benchmarks of whole calls as a user sees them; the console command is vf-bench."""

from __future__ import annotations

import operator
import time
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from vulkan_forge import _vulkan_forge
from vulkan_forge.errors import ArgumentTypeError, InputError
from vulkan_forge.probe import device_probe
from vulkan_forge.triangle import check_size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Run = Callable[[], object]

__all__ = ["BenchmarkResult", "main", "run_benchmark"]

# A frozen JSON shape: keys are part of the promise to users' scripts.


class Stats(TypedDict):
    """Times of one call in milliseconds; std is the population's."""

    min_ms: float
    p50_ms: float
    mean_ms: float
    p95_ms: float
    max_ms: float
    std_ms: float


class Throughput(TypedDict):
    """Calls and millions of pixels a second, from the mean."""

    fps: float
    mpix_per_s: float


class Env(TypedDict):
    """The device, or None where there is none."""

    status: str
    adapter_name: str | None
    backend: str | None
    device_type: str | None


class BenchmarkResult(TypedDict):
    """What `run_benchmark` returns."""

    op: str
    width: int
    height: int
    pixels: int
    iterations: int
    warmup: int
    stats: Stats
    throughput: Throughput
    env: Env


class Job(NamedTuple):
    """What an operation works on."""

    width: int
    height: int
    grid: int
    colormap: str
    seed: int
    folder: Path


def _renderer_rgba(job: Job) -> Run:
    return _vulkan_forge.Renderer(job.width, job.height).render_triangle_rgba


def _renderer_png(job: Job) -> Run:
    renderer = _vulkan_forge.Renderer(job.width, job.height)
    return lambda: renderer.render_triangle_png(job.folder / "picture.png")


def _scene_rgba(job: Job) -> Run:
    return _vulkan_forge.Scene(job.width, job.height, job.grid, job.colormap).render_rgba


def _numpy_to_png(job: Job) -> Run:
    import numpy as np

    picture = np.random.default_rng(job.seed).integers(0, 256, (job.height, job.width, 4), np.uint8)
    return lambda: _vulkan_forge.numpy_to_png(job.folder / "picture.png", picture)


def _png_to_numpy(job: Job) -> Run:
    _numpy_to_png(job)()
    return lambda: _vulkan_forge.png_to_numpy(job.folder / "picture.png")


# name: makes the call to time
OPS: dict[str, Callable[[Job], Run]] = {
    "renderer_rgba": _renderer_rgba,
    "renderer_png": _renderer_png,
    "scene_rgba": _scene_rgba,
    "numpy_to_png": _numpy_to_png,
    "png_to_numpy": _png_to_numpy,
}


def run_benchmark(
    op: str,
    width: int,
    height: int,
    *,
    iterations: int = 100,
    warmup: int = 10,
    grid: int = 16,
    colormap: str = "viridis",
    seed: int = 0,
) -> BenchmarkResult:
    """Time one operation, call by call.

    Args:
        op: renderer_rgba, renderer_png, scene_rgba, numpy_to_png or png_to_numpy.
        width: Columns of the picture.
        height: Rows of the picture.
        iterations: Timed calls; at least one is made.
        warmup: Calls before them.
        grid: Vertices a side of scene_rgba's mesh; other operations have none.
        colormap: Colormap of scene_rgba.
        seed: Of the random picture that the PNG operations take.

    Raises:
        InputError: Another operation, a size below 1, a negative seed, or a grid or colormap that `Scene` refuses.
        NoDeviceError: The operation needs a device, and there is none.

    Example:
        >>> import vulkan_forge as vf
        >>> result = vf.run_benchmark("numpy_to_png", 64, 48, iterations=3, warmup=1)
        >>> result["pixels"], sorted(result["throughput"])
        (3072, ['fps', 'mpix_per_s'])
    """
    import tempfile
    from pathlib import Path

    op = op.strip().lower() if isinstance(op, str) else op
    if not isinstance(op, str) or op not in OPS:
        raise InputError.build("INVALID_ARGUMENT", f"unknown op; expected one of: {', '.join(OPS)}", got=repr(op))
    width, height = check_size(width, height)
    iterations, warmup = max(1, _integer("iterations", iterations)), max(0, _integer("warmup", warmup))
    grid, seed = _integer("grid", grid), _integer("seed", seed)
    if seed < 0:
        raise InputError.build("INVALID_ARGUMENT", "seed must be >= 0", got=str(seed))
    with tempfile.TemporaryDirectory(prefix="vf-bench-") as folder:
        run = OPS[op](Job(width, height, grid, colormap, seed, Path(folder)))
        for _ in range(warmup):
            run()
        times = [_timed_ms(run) for _ in range(iterations)]
    pixels = width * height
    stats = _stats(times)
    fps = 1000 / stats["mean_ms"]
    probe = device_probe()
    return {
        "op": op,
        "width": width,
        "height": height,
        "pixels": pixels,
        "iterations": iterations,
        "warmup": warmup,
        "stats": stats,
        "throughput": {"fps": fps, "mpix_per_s": fps * pixels / 1e6},
        "env": {
            "status": probe["status"],
            "adapter_name": probe.get("adapter_name"),
            "backend": probe.get("backend"),
            "device_type": probe.get("device_type"),
        },
    }


def _integer(name: str, value: int) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise ArgumentTypeError.build("BAD_TYPE", f"{name} must be an integer", got=type(value).__name__) from None


def _timed_ms(run: Run) -> float:
    started = time.perf_counter_ns()
    run()
    return max(time.perf_counter_ns() - started, 1) / 1e6  # a coarse clock must not make fps infinite


def _stats(times: list[float]) -> Stats:
    import numpy as np

    low, middle, high = (float(value) for value in np.percentile(times, (0, 50, 95)))
    return {
        "min_ms": low,
        "p50_ms": middle,
        "mean_ms": float(np.mean(times)),
        "p95_ms": high,
        "max_ms": max(times),
        "std_ms": float(np.std(times)),
    }


def _table(result: BenchmarkResult) -> str:
    stats, throughput, env = result["stats"], result["throughput"], result["env"]
    times = (stats[key] for key in ("min_ms", "p50_ms", "mean_ms", "p95_ms", "max_ms", "std_ms"))
    return "\n".join(
        (
            f"{result['op']} {result['width']}x{result['height']}",
            f"iterations: {result['iterations']} after {result['warmup']} to warm up",
            f"min/median/mean/p95/max/std (ms): {' / '.join(f'{time_ms:.3f}' for time_ms in times)}",
            f"throughput: {throughput['fps']:.1f} fps, {throughput['mpix_per_s']:.1f} Mpix/s",
            f"env: {env['status']}, {env['adapter_name']}, {env['backend']}, {env['device_type']}",
        )
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run vf-bench; returns its exit code."""
    import argparse
    import json
    import sys
    from pathlib import Path

    parser = argparse.ArgumentParser(prog="vf-bench", description="Time one operation of vulkan_forge.")
    parser.add_argument("--op", required=True, help=", ".join(OPS))
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--height", type=int, required=True)
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--warmup", type=int, default=10)
    parser.add_argument("--grid", type=int, default=16)
    parser.add_argument("--colormap", default="viridis")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="PATH", help="also write the result here")
    options = vars(parser.parse_args(argv))
    path = options.pop("json")
    if path and not path.parent.is_dir():  # before minutes of timing
        sys.stderr.write(f"vf-bench: failed to write result; expected a folder; got '{path.parent}'\n")
        return 1
    try:
        result = run_benchmark(options.pop("op"), options.pop("width"), options.pop("height"), **options)
    except RuntimeError as error:
        sys.stderr.write(f"vf-bench: {error}\n")
        return 1
    sys.stdout.write(_table(result) + "\n")
    if path:
        try:
            path.write_text(json.dumps(result, indent=2) + "\n")
        except OSError as error:
            sys.stderr.write(f"vf-bench: failed to write result; got '{path}' ({error.strerror})\n")
            return 1
    return 0
