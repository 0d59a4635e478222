"""A small BERT encoder with random weights as a sentence-transformers folder, and BERT in float64 NumPy."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from llm_models import write_safetensors

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz", "##a", "##b", "sea", "sky", "blue", "."]
SIZES = {
    "num_hidden_layers": 2,
    "hidden_size": 64,
    "num_attention_heads": 4,
    "intermediate_size": 96,
    "vocab_size": len(WORDS),
    "max_position_embeddings": 64,
}


def write_bert(
    folder: Path,
    seed: int = 0,
    *,
    pooling: str = "mean_tokens",
    normalize: bool = True,
    most: int = 40,
    prefix: str = "",
) -> Path:
    """The folder of such a model."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    width, hidden, rng = SIZES["hidden_size"], SIZES["intermediate_size"], np.random.default_rng(seed)
    shapes = {
        "embeddings.word_embeddings.weight": (len(WORDS), width),
        "embeddings.position_embeddings.weight": (SIZES["max_position_embeddings"], width),
        "embeddings.token_type_embeddings.weight": (2, width),
        "embeddings.LayerNorm": (width,),
    }
    for i in range(SIZES["num_hidden_layers"]):
        at = f"encoder.layer.{i}."
        for name in ("query", "key", "value"):
            shapes[f"{at}attention.self.{name}"] = (width, width)
        shapes[f"{at}attention.output.dense"] = (width, width)
        shapes[f"{at}attention.output.LayerNorm"] = (width,)
        shapes[f"{at}intermediate.dense"] = (hidden, width)
        shapes[f"{at}output.dense"] = (width, hidden)
        shapes[f"{at}output.LayerNorm"] = (width,)
    weights = {}
    for name, shape in shapes.items():
        if name.endswith(".weight"):
            weights[name] = rng.normal(0, 1, shape).astype(np.float32)
            continue
        middle, spread = (1, 0.1) if len(shape) == 1 else (0, shape[-1] ** -0.5)
        weights[f"{name}.weight"] = rng.normal(middle, spread, shape).astype(np.float32)
        weights[f"{name}.bias"] = rng.normal(0, 0.1, shape[0]).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / "model.safetensors", {prefix + name: value for name, value in weights.items()})
    config = {"architectures": ["BertModel"], "hidden_act": "gelu", "layer_norm_eps": 1e-12, **SIZES}
    (folder / "config.json").write_text(json.dumps(config))
    modules = ["Transformer", "Pooling", *(["Normalize"] if normalize else [])]
    (folder / "modules.json").write_text(json.dumps([{"type": f"sentence_transformers.models.{m}"} for m in modules]))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({f"pooling_mode_{pooling}": True}))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": most}))
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.add_special_tokens(WORDS[:4])
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


class BertReference:
    """Vectors of token ids, in float64."""

    def __init__(self, folder: Path) -> None:
        self.config = json.loads((folder / "config.json").read_text())
        data = (folder / "model.safetensors").read_bytes()
        start = 8 + int.from_bytes(data[:8], "little")
        header = {k: v for k, v in json.loads(data[8:start]).items() if k != "__metadata__" and v["dtype"] == "F32"}
        self.weights = {
            name: np.frombuffer(data, np.float32, math.prod(one["shape"]), start + one["data_offsets"][0])
            .reshape(one["shape"])
            .astype(np.float64)
            for name, one in header.items()
        }

    def tokens(self, ids: list[int]) -> np.ndarray:
        """(len(ids), width): what the last layer gives."""
        w = self.weights
        x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: len(ids)]
        x = self._norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for i in range(self.config["num_hidden_layers"]):
            at = f"encoder.layer.{i}."
            x = self._norm(x + self._attention(x, at), f"{at}attention.output.LayerNorm")
            hidden = self._linear(x, f"{at}intermediate.dense")
            hidden = 0.5 * hidden * (1 + np.vectorize(math.erf)(hidden / math.sqrt(2)))
            x = self._norm(x + self._linear(hidden, f"{at}output.dense"), f"{at}output.LayerNorm")
        return x

    def vector(self, ids: list[int]) -> np.ndarray:
        """Their mean, of length 1."""
        mean = self.tokens(ids).mean(0)
        return mean / np.linalg.norm(mean)

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        apart = x - x.mean(-1, keepdims=True)
        normal = apart / np.sqrt((apart**2).mean(-1, keepdims=True) + self.config["layer_norm_eps"])
        return normal * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def _attention(self, x: np.ndarray, at: str) -> np.ndarray:
        heads = self.config["num_attention_heads"]

        def project(name: str) -> np.ndarray:
            return self._linear(x, f"{at}attention.self.{name}").reshape(len(x), heads, -1)

        query, key, value = (project(name) for name in ("query", "key", "value"))
        scores = np.einsum("qhd,khd->hqk", query, key) / math.sqrt(query.shape[-1])
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        return self._linear(
            np.einsum("hqk,khd->qhd", weights, value).reshape(len(x), -1), f"{at}attention.output.dense"
        )
