"""ONNX models on a Vulkan device: ours, onnxruntime-webgpu (Dawn) and ncnn, and onnxruntime's CPU kernels as the truth.

VK_DRIVER_FILES=... python benchmarks/onnx_peers.py [part of a model's name ...]

Wants the packages onnxruntime-webgpu (instead of onnxruntime), ncnn and pnnx; who is missing is left out. Times are the
best of a few runs behind each other, since peers' threads go on spinning; "first" is loading and the first run. Where a
peer's numbers are far from the truth its row says so.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime

import vulkan_forge as vf
from _measure import header
from onnx_models import error_of, feeds_of, light_models, package_models
from vulkan_forge.onnx import InferenceSession

MODELS = ["densenet", "inception", "resnet", "shufflenet", "squeezenet", "PP-OCR", "magika", "basic-pitch", "silero"]
ROUNDS = 5

Run = Callable[[], list[Any]]


def ours(model: onnx.ModelProto, feeds: dict[str, Any]) -> Run:
    session = InferenceSession(model.SerializeToString())
    return lambda: session.run(None, feeds)


def webgpu(model: onnx.ModelProto, feeds: dict[str, Any]) -> Run:
    if "WebGpuExecutionProvider" not in onnxruntime.get_available_providers():
        raise ImportError("onnxruntime-webgpu")
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["WebGpuExecutionProvider"])
    return lambda: session.run(None, feeds)


def ncnn(model: onnx.ModelProto, feeds: dict[str, Any]) -> Run:
    from _peer_ncnn import Peer

    return Peer(model, feeds).run


def truth_of(model: onnx.ModelProto, feeds: dict[str, Any]) -> list[Any]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, feeds)


def measured(
    make: Callable[..., Run], model: onnx.ModelProto, feeds: dict[str, Any], truth: list[Any]
) -> tuple[Any, str]:
    """Milliseconds of a run, and what there is to say."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    start = time.perf_counter()
    try:
        run = make(copy, feeds)
        got = run()
    except Exception as error:  # whatever a peer fails with
        return None, (str(error).strip() or type(error).__name__).splitlines()[-1][:60]
    first = time.perf_counter() - start
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    pairs = [(np.asarray(a).reshape(b.shape), b) for a, b in zip(got, truth, strict=False) if np.size(a) == b.size]
    error = error_of([a for a, _ in pairs], [b for _, b in pairs]) if pairs else float("nan")
    wrong = "" if error < 1e-2 else f", wrong by {error:.0e} of the range"
    return min(times) * 1e3, f"first {first:.1f} s{wrong}"


def main() -> None:
    onnxruntime.set_default_logger_severity(3)
    header(vf.default_device())
    wanted = sys.argv[1:] or MODELS
    for name, source, shapes in itertools.chain(light_models(), package_models()):
        if not any(word in name for word in wanted):
            continue
        model = onnx.load_from_string(source) if isinstance(source, bytes) else onnx.load(source)
        with InferenceSession(model.SerializeToString()) as session:
            feeds = feeds_of(session, shapes)
        truth = truth_of(model, feeds)
        mine, note = measured(ours, model, feeds, truth)
        if mine is None:
            raise RuntimeError(f"{name}: {note}")
        line = f"{name:20} ours {mine:8.2f} ms ({note})"
        for title, make in (("onnxruntime-webgpu", webgpu), ("ncnn", ncnn)):
            theirs, note = measured(make, model, feeds, truth)
            line += f"   {title} " + (f"{theirs:8.1f} ms, {theirs / mine:5.1f} x ({note})" if theirs else f"- ({note})")
        print(line, flush=True)


if __name__ == "__main__":
    main()
