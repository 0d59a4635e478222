"""ncnn on Vulkan: an ONNX model as pnnx converts it."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import ncnn
import numpy as np
import onnx


def _converter() -> str:
    found = importlib.util.find_spec("pnnx")
    beside = Path(found.origin).with_name("pnnx") if found and found.origin else None
    if beside is not None and beside.is_file():
        beside.chmod(0o755)
        return str(beside)
    return shutil.which("pnnx") or "pnnx"


def _real_inputs(model: onnx.ModelProto) -> onnx.ModelProto:
    """What pnnx wants: weights that are no inputs."""
    held = {tensor.name for tensor in model.graph.initializer}
    kept = [value for value in model.graph.input if value.name not in held]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    return model


class Peer:
    """One model; raises where pnnx or ncnn cannot take it."""

    def __init__(self, model: onnx.ModelProto, feeds: dict[str, Any]) -> None:
        if len(feeds) != 1 or next(iter(feeds.values())).dtype != np.float32:
            raise ValueError("pnnx wants one input of numbers")
        self.feed = next(iter(feeds.values()))
        self.net = ncnn.Net()
        options = self.net.opt
        options.use_vulkan_compute = True
        options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = False
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            onnx.save(_real_inputs(model), path)
            shape = ",".join(map(str, self.feed.shape))
            command = [_converter(), str(path), f"inputshape=[{shape}]", "fp16=0"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
            if self.net.load_param(f"{folder}/model.ncnn.param") or self.net.load_model(f"{folder}/model.ncnn.bin"):
                raise ValueError("ncnn cannot load what pnnx made")

    def run(self) -> list[np.ndarray]:
        with self.net.create_extractor() as extractor:
            extractor.input("in0", ncnn.Mat(self.feed[0]))
            code, out = extractor.extract("out0")
            if code:
                raise ValueError(f"ncnn fails with {code}")
            return [np.array(out)]
