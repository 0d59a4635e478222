"""ONNX models on the device beside onnxruntime on the CPU, one after the other in each round.

./dev bench onnx_models [model.onnx ...]

Without arguments: the architectures under the onnx package's backend/test/data/light, with seeded weights, and the
models of magika, silero-vad, rapidocr-onnxruntime and basic-pitch where those packages are installed. Times are the
best of a few rounds; processor time says more than the clock where the machine is busy.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from vulkan_forge.onnx import InferenceSession

try:
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)
except ImportError:
    onnxruntime = None

ROUNDS = 7
LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
PACKAGES = {
    "PP-OCR detection": ("rapidocr_onnxruntime", "models/ch_PP-OCRv4_det_infer.onnx", {"x": (1, 3, 480, 640)}),
    "PP-OCR recognition": ("rapidocr_onnxruntime", "models/ch_PP-OCRv4_rec_infer.onnx", {"x": (1, 3, 48, 320)}),
    "PP-OCR direction": ("rapidocr_onnxruntime", "models/ch_ppocr_mobile_v2.0_cls_infer.onnx", {"x": (1, 3, 48, 192)}),
    "magika": ("magika", "models/standard_v3_3/model.onnx", {"bytes": (1, 2048)}),
    "basic-pitch": ("basic_pitch", "saved_models/icassp_2022/nmp.onnx", {"serving_default_input_2:0": (1, 43844, 1)}),
    "silero-vad": ("silero_vad", "data/silero_vad.onnx", {"input": (1, 576), "state": (2, 1, 128), "sr": ()}),
}


def seeded(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same architecture with random weights in place of constant ones."""
    graph, random = model.graph, np.random.default_rng(1)
    shapes = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    users = {name: node for node in graph.node for name in node.input}
    kept, weights = [], []
    for node in graph.node:
        shape = tuple(shapes.get(node.input[0], ())) if node.op_type == "ConstantOfShape" else None
        user = users.get(node.output[0])
        if shape is None or user is None or user.op_type == "Reshape":
            kept.append(node)
            continue
        if len(shape) > 1:
            values = random.standard_normal(shape) * np.sqrt(1 / np.prod(shape[1:]))
        elif user.op_type in ("BatchNormalization", "Unsqueeze"):
            values = random.uniform(0.5, 1, shape)  # a variance or a scale among them
        else:
            values = random.standard_normal(shape) * 0.1
        weights.append(numpy_helper.from_array(values.astype(np.float32), node.output[0]))
    del graph.node[:]
    graph.node.extend(kept)
    graph.initializer.extend(weights)
    return model


def light_models() -> Iterator[tuple[str, Any, dict[str, Any]]]:
    for path in sorted(LIGHT.glob("light_*.onnx")):
        model = seeded(onnx.load(path))
        held = {tensor.name for tensor in model.graph.initializer}
        (name,) = (value.name for value in model.graph.input if value.name not in held)
        yield path.stem.removeprefix("light_"), model.SerializeToString(), {name: (1, 3, 224, 224)}


def package_models() -> Iterator[tuple[str, Any, dict[str, Any]]]:
    for name, (package, place, shapes) in PACKAGES.items():
        found = importlib.util.find_spec(package)
        if found is not None and found.origin is not None:
            yield name, Path(found.origin).parent / place, shapes


def feeds_of(session: InferenceSession, shapes: dict[str, Any]) -> dict[str, Any]:
    random, feeds = np.random.default_rng(0), {}
    for port in session.get_inputs():
        shape = shapes.get(port.name, [extent if isinstance(extent, int) else 1 for extent in port.shape])
        if port.name == "sr":
            feeds[port.name] = np.array(16000, np.int64)
        elif port.type == "tensor(float)":
            feeds[port.name] = random.standard_normal(shape).astype(np.float32) * np.float32(0.5)
        else:
            feeds[port.name] = random.integers(0, 200, shape).astype(np.int32)
    return feeds


def best(call: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds of the clock and of the processor."""
    clock, processor = [], []
    for _ in range(ROUNDS):
        start, used = time.perf_counter(), time.process_time()
        call()
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    return min(clock) * 1e3, min(processor) * 1e3


def error_of(got: list[Any], want: list[Any]) -> float:
    """The largest difference, relative to the output's range."""
    return max(
        (
            float(np.abs(a - b).max() / max(np.ptp(b), np.abs(b).max(), 1e-30))
            for a, b in zip(got, want, strict=True)
            if b.size
        ),
        default=0.0,
    )


def measure(name: str, source: Any, shapes: dict[str, Any]) -> None:
    start = time.perf_counter()
    with InferenceSession(source) as session:
        feeds = feeds_of(session, shapes)
        got = session.run(None, feeds)
        first = (time.perf_counter() - start) * 1e3
        ours = best(lambda: session.run(None, feeds))
        report = session.report()
    line = f"{name:20} first {first:8.1f}  run {ours[0]:8.2f} cpu {ours[1]:8.2f}  commands {report['commands']:4}"
    if report["least_bytes"]:
        line += f"  memory {report['shared_bytes'] / report['least_bytes']:.2f}x least"
    if onnxruntime is not None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        model = source if isinstance(source, bytes) else str(source)
        peer = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        error = error_of(got, peer.run(None, feeds))
        theirs = best(lambda: peer.run(None, feeds))
        line += f"  onnxruntime {theirs[0]:7.2f} cpu {theirs[1]:7.2f}  x {ours[1] / theirs[1]:5.1f}  error {error:.1e}"
    print(line, flush=True)


def main() -> None:
    print("milliseconds")
    given = [(Path(path).stem, Path(path), {}) for path in sys.argv[1:]]
    for name, source, shapes in given or [*light_models(), *package_models()]:
        measure(name, source, shapes)


if __name__ == "__main__":
    main()
