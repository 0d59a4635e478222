"""BERT's encoder as a graph of ONNX's operators, with pooling behind it: what `Embedder` runs on the device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vulkan_forge.errors import FileError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["BertShape", "bert_graph"]

OPSET = 20
ACTIVATIONS = {"gelu": {}, "gelu_new": {"approximate": "tanh"}, "gelu_pytorch_tanh": {"approximate": "tanh"}}
MOST = 1 << 20  # of any size
NEVER = 1e30  # what is taken off the scores of padding


@dataclass(frozen=True)
class BertShape:
    """What config.json says."""

    layers: int
    width: int
    heads: int
    hidden: int
    vocabulary: int
    context: int
    epsilon: float
    activation: str

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> BertShape:
        """Read a config.json.

        Args:
            config: Its values.

        Raises:
            FileError: A size is missing, or cannot be.
            UnsupportedError: The model is made in a way that is not known here.
        """

        def count(name: str) -> int:
            value = config.get(name)
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
                raise FileError.build(
                    "FILE_READ", f"the key '{name}' of a model cannot be", expected=f"1 to {MOST}", got=repr(value)
                )
            return value

        epsilon = config.get("layer_norm_eps", 1e-12)
        if isinstance(epsilon, bool) or not isinstance(epsilon, (int, float)) or not 0 < epsilon < 1:
            raise FileError.build(
                "FILE_READ", "layer_norm_eps of a model cannot be", expected="0 to 1", got=str(epsilon)
            )
        activation, kind = config.get("hidden_act", "gelu"), config.get("position_embedding_type", "absolute")
        if not isinstance(activation, str) or activation not in ACTIVATIONS or kind != "absolute":
            raise UnsupportedError.build(
                "MISSING_FEATURE",
                "an encoder is made in a way that is not known here",
                expected=f"absolute positions, {' or '.join(ACTIVATIONS)}",
                got=f"{kind}, {activation}",
            )
        shape = cls(
            count("num_hidden_layers"),
            count("hidden_size"),
            count("num_attention_heads"),
            count("intermediate_size"),
            count("vocab_size"),
            count("max_position_embeddings"),
            float(epsilon),
            activation,
        )
        if shape.width % shape.heads:
            raise FileError.build(
                "FILE_READ", "heads do not divide a model's width", expected=str(shape.width), got=str(shape.heads)
            )
        return shape


class _Graph:
    """Nodes as the native session takes them; each call adds one, and names what it gives."""

    def __init__(self) -> None:
        self.nodes: list[tuple[str, str, str, list[str], list[str], dict[str, Any]]] = []
        self.initializers: dict[str, NDArray[Any]] = {}

    def value(self, array: Any, dtype: type = np.float32) -> str:
        name = f"value {len(self.initializers)}"
        self.initializers[name] = np.ascontiguousarray(array, dtype)
        return name

    def whole(self, *numbers: int) -> str:
        return self.value(numbers, np.int64)

    def several(self, op: str, inputs: list[str], count: int, **attributes: Any) -> list[str]:
        outputs = [f"{op} {len(self.nodes)} {i}" for i in range(count)]
        self.nodes.append((op, "", outputs[0], inputs, outputs, attributes))
        return outputs

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:
        return self.several(op, list(inputs), 1, **attributes)[0]


class _Encoder:
    def __init__(self, shape: BertShape, tensors: Mapping[str, NDArray[np.float32]]) -> None:
        self.shape = shape
        self.tensors = tensors
        self.graph = _Graph()

    def find(self, name: str) -> NDArray[np.float32] | None:
        return self.tensors.get(name, self.tensors.get(f"bert.{name}"))  # with a head on it, BERT is a part

    def tensor(self, name: str, *extents: int) -> NDArray[np.float32]:
        found = self.find(name)
        if found is None or found.shape != extents:
            got = "none of that name" if found is None else str(found.shape)
            raise FileError.build("FILE_READ", f"tensor '{name}' of a model", expected=str(extents), got=got)
        return found

    def linear(self, name: str, x: str, rows: int, columns: int) -> str:
        weight, bias = self.tensor(f"{name}.weight", rows, columns), self.tensor(f"{name}.bias", rows)
        return self.graph.add("Gemm", x, self.graph.value(weight), self.graph.value(bias), transB=1)

    def norm(self, name: str, x: str) -> str:
        width = self.shape.width
        gain, bias = self.tensor(f"{name}.weight", width), self.tensor(f"{name}.bias", width)
        return self.graph.add(
            "LayerNormalization",
            x,
            self.graph.value(gain),
            self.graph.value(bias),
            epsilon=self.shape.epsilon,
        )

    def embeddings(self) -> str:
        """(batch, length, width)."""
        g, s, at = self.graph, self.shape, "embeddings."
        words = g.add("Gather", g.value(self.tensor(f"{at}word_embeddings.weight", s.vocabulary, s.width)), "ids")
        places = g.value(self.tensor(f"{at}position_embeddings.weight", s.context, s.width))
        kinds = self.find(f"{at}token_type_embeddings.weight")
        length = g.add("Shape", "ids", start=1)
        x = g.add("Add", words, g.add("Slice", places, g.whole(0), length, g.whole(0)))
        if kinds is not None and len(kinds):
            x = g.add("Add", x, g.value(self.tensor(f"{at}token_type_embeddings.weight", *kinds.shape)[0]))
        return self.norm(f"{at}LayerNorm", x)

    def attention(self, at: str, x: str, blind: str) -> str:
        """(batch * length, width), of such an x."""
        g, s = self.graph, self.shape
        sizes = g.add("Concat", g.add("Shape", "ids"), g.whole(s.heads, s.width // s.heads), axis=0)

        def heads(name: str, order: list[int]) -> str:
            apart = g.add("Reshape", self.linear(f"{at}attention.self.{name}", x, s.width, s.width), sizes)
            return g.add("Transpose", apart, perm=order)

        scores = g.add("MatMul", heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]))
        scaled = g.add("Mul", scores, g.value((s.width // s.heads) ** -0.5))
        weights = g.add("Softmax", g.add("Add", scaled, blind), axis=-1)
        mixed = g.add("Transpose", g.add("MatMul", weights, heads("value", [0, 2, 1, 3])), perm=[0, 2, 1, 3])
        rows = g.add("Reshape", mixed, g.whole(-1, s.width))
        return self.linear(f"{at}attention.output.dense", rows, s.width, s.width)

    def layer(self, index: int, x: str, blind: str) -> str:
        g, s, at = self.graph, self.shape, f"encoder.layer.{index}."
        x = self.norm(f"{at}attention.output.LayerNorm", g.add("Add", self.attention(at, x, blind), x))
        hidden = self.linear(f"{at}intermediate.dense", x, s.hidden, s.width)
        hidden = g.add("Gelu", hidden, **ACTIVATIONS[s.activation])
        y = self.linear(f"{at}output.dense", hidden, s.width, s.hidden)
        return self.norm(f"{at}output.LayerNorm", g.add("Add", y, x))

    def encode(self) -> str:
        """(batch, length, width)."""
        g = self.graph
        embedded = self.embeddings()
        x = g.add("Reshape", embedded, g.whole(-1, self.shape.width))
        gaps = g.add("Mul", g.add("Sub", "mask", g.value(1.0)), g.value(NEVER))
        blind = g.add("Unsqueeze", gaps, g.whole(1, 2))
        for index in range(self.shape.layers):
            x = self.layer(index, x, blind)
        return g.add("Reshape", x, g.add("Concat", g.add("Shape", "ids"), g.whole(self.shape.width), axis=0))

    def pool(self, x: str, pooling: str) -> str:
        """One row for each text."""
        g = self.graph
        if pooling == "cls":
            return g.add("Squeeze", g.add("Slice", x, g.whole(0), g.whole(1), g.whole(1)), g.whole(1))
        mask = g.add("Unsqueeze", "mask", g.whole(2))
        if pooling == "max":
            gaps = g.add("Mul", g.add("Sub", mask, g.value(1.0)), g.value(NEVER))
            return g.add("ReduceMax", g.add("Add", x, gaps), g.whole(1), keepdims=0)
        total = g.add("ReduceSum", g.add("Mul", x, mask), g.whole(1), keepdims=0)
        return g.add("Div", total, g.add("ReduceSum", "mask", g.whole(1), keepdims=1))


def bert_graph(
    shape: BertShape, tensors: Mapping[str, NDArray[np.float32]], pooling: str, normalize: bool
) -> dict[str, Any]:
    """A model for the native session: `ids` int32 and `mask` float32, both (batch, length), to `vectors`.

    Args:
        shape: The encoder's sizes.
        tensors: Its weights, by Hugging Face's names.
        pooling: "mean", "max" or "cls".
        normalize: Whether vectors have length 1.

    Raises:
        FileError: A tensor is missing, or has another shape.
    """
    encoder = _Encoder(shape, tensors)
    g = encoder.graph
    vectors = encoder.pool(encoder.encode(), pooling)
    if normalize:
        squares = g.add("ReduceSum", g.add("Mul", vectors, vectors), g.whole(-1), keepdims=1)
        length = g.add("Max", g.add("Sqrt", squares), g.value(1e-12))
        vectors = g.add("Div", vectors, length)
    graph = {
        "inputs": [("ids", "int32", [-1, -1]), ("mask", "float32", [-1, -1])],
        "outputs": [(vectors, None, None)],
        "nodes": g.nodes,
        "initializers": g.initializers,
    }
    return {"graph": graph, "opsets": {"": OPSET}, "output": vectors}
