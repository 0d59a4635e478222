"""A Llama in NumPy and float64, on weights as the `gguf` package unpacks them: what ours is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Reference:
    """Weights by GGUF's names, and the sizes that the forward pass needs."""

    weights: dict[str, np.ndarray]
    layers: int
    heads: int
    key_heads: int
    head: int
    epsilon: float
    base: float
    halves: bool = False  # pairs are (i, i + head / 2); else (2 i, 2 i + 1)
    window: int = 0  # places that a query sees, its own included; 0: all
    stretch: np.ndarray | None = None  # what frequencies are divided by: (head / 2,)
    turned_size: float = 1.0  # what the numbers that turn are multiplied by

    @classmethod
    def from_gguf(cls, path: Path) -> Reference:
        """Read a file of the Llama family."""
        from gguf import GGUFReader
        from gguf.quants import dequantize

        reader = GGUFReader(path)

        architecture = reader.fields["general.architecture"].contents()

        def fact(name: str) -> Any:
            return reader.fields[f"{architecture}.{name}"].contents()

        weights = {t.name: np.asarray(dequantize(t.data, t.tensor_type), np.float64) for t in reader.tensors}
        heads, width = fact("attention.head_count"), fact("embedding_length")
        head = f"{architecture}.attention.key_length"
        return cls(
            weights,
            fact("block_count"),
            heads,
            fact("attention.head_count_kv"),
            fact("attention.key_length") if head in reader.fields else width // heads,
            fact("attention.layer_norm_rms_epsilon"),
            fact("rope.freq_base"),
            architecture in ("qwen2", "gemma3"),
            fact("attention.sliding_window") if f"{architecture}.attention.sliding_window" in reader.fields else 0,
        )

    def logits(self, ids: list[int]) -> np.ndarray:
        """(len(ids), vocabulary) float64."""
        w = self.weights
        x = w["token_embd.weight"][ids] * self._embedding_factor()
        for i in range(self.layers):
            x = x + self._after(self._attention(self._norm(x, w[f"blk.{i}.attn_norm.weight"]), i), i, "attention")
            h = self._norm(x, w[f"blk.{i}.ffn_norm.weight"])
            gate, up = (h @ w[f"blk.{i}.ffn_{name}.weight"].T for name in ("gate", "up"))
            x = x + self._after((self._gate(gate) * up) @ w[f"blk.{i}.ffn_down.weight"].T, i, "ffw")
        output = w.get("output.weight", w["token_embd.weight"])
        return self._norm(x, w["output_norm.weight"]) @ output.T

    # What families do in their own way.
    def _embedding_factor(self) -> float:
        return 1.0

    def _gate(self, x: np.ndarray) -> np.ndarray:
        return x / (1 + np.exp(-x))

    def _after(self, y: np.ndarray, layer: int, what: str) -> np.ndarray:
        return y

    def _in_head(self, x: np.ndarray, layer: int, name: str) -> np.ndarray:
        return x

    def _rope(self, layer: int) -> tuple[float, np.ndarray | None]:
        return self.base, self.stretch

    def _window(self, layer: int) -> int:
        return self.window

    def log_probabilities(self, ids: list[int]) -> np.ndarray:
        """The same as logarithms of probabilities."""
        logits = self.logits(ids)
        most = logits.max(-1, keepdims=True)
        return logits - most - np.log(np.exp(logits - most).sum(-1, keepdims=True))

    def greedy(self, ids: list[int], count: int) -> list[int]:
        """The most likely token, `count` times."""
        said: list[int] = []
        for _ in range(count):
            said.append(int(self.logits(ids + said)[-1].argmax()))
        return said

    def _norm(self, x: np.ndarray, gain: np.ndarray) -> np.ndarray:
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.epsilon) * gain.ravel()

    def _turned(self, x: np.ndarray, layer: int) -> np.ndarray:
        """x is (token, head, number)."""
        half = self.head // 2
        base, stretch = self._rope(layer)
        frequencies = base ** (-2 * np.arange(half) / self.head)
        if stretch is not None:
            frequencies = frequencies / stretch
        angles = np.arange(len(x))[:, None] * frequencies
        cosine, sine = self.turned_size * np.cos(angles)[:, None], self.turned_size * np.sin(angles)[:, None]
        result = np.empty_like(x)
        first, second = (slice(0, half), slice(half, None)) if self.halves else (slice(0, None, 2), slice(1, None, 2))
        result[..., first] = x[..., first] * cosine - x[..., second] * sine
        result[..., second] = x[..., first] * sine + x[..., second] * cosine
        return result

    def _attention(self, x: np.ndarray, layer: int) -> np.ndarray:
        w, tokens, at = self.weights, len(x), f"blk.{layer}."

        def project(name: str, heads: int) -> np.ndarray:
            y = x @ w[f"{at}attn_{name}.weight"].T + w.get(f"{at}attn_{name}.bias", np.zeros(1))
            return self._in_head(y.reshape(tokens, heads, self.head), layer, name)

        query, key = self._turned(project("q", self.heads), layer), self._turned(project("k", self.key_heads), layer)
        value = project("v", self.key_heads)
        shared = self.heads // self.key_heads
        key, value = np.repeat(key, shared, axis=1), np.repeat(value, shared, axis=1)
        scores = np.einsum("qhd,khd->hqk", query, key) / np.sqrt(self.head)
        seen = np.tri(tokens, dtype=bool)
        if window := self._window(layer):
            seen &= ~np.tri(tokens, k=-window, dtype=bool)
        scores = np.where(seen, scores, -np.inf)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        mixed = np.einsum("hqk,khd->qhd", weights, value).reshape(tokens, -1)
        return mixed @ w[f"{at}attn_output.weight"].T


@dataclass(frozen=True)
class GemmaReference(Reference):
    """Gemma 3: norms of heads and behind products, gates by gelu, layers with and without a window."""

    pattern: int = 6  # each so many layers one sees everything
    local_base: float = 10000.0
    logit_cap: float = 0.0

    def logits(self, ids: list[int]) -> np.ndarray:
        """(len(ids), vocabulary) float64."""
        logits = super().logits(ids)
        return self.logit_cap * np.tanh(logits / self.logit_cap) if self.logit_cap else logits

    def _embedding_factor(self) -> float:
        return float(np.sqrt(self.weights["token_embd.weight"].shape[1]))

    def _gate(self, x: np.ndarray) -> np.ndarray:
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))

    def _after(self, y: np.ndarray, layer: int, what: str) -> np.ndarray:
        return self._norm(y, self.weights[f"blk.{layer}.post_{what}_norm.weight"])

    def _in_head(self, x: np.ndarray, layer: int, name: str) -> np.ndarray:
        return x if name == "v" else self._norm(x, self.weights[f"blk.{layer}.attn_{name}_norm.weight"])

    def _rope(self, layer: int) -> tuple[float, np.ndarray | None]:
        return (self.base, self.stretch) if self._sees_all(layer) else (self.local_base, None)

    def _window(self, layer: int) -> int:
        return 0 if self._sees_all(layer) else self.window

    def _sees_all(self, layer: int) -> bool:
        return (layer + 1) % self.pattern == 0
