"""Embeddings: texts to vectors, by an encoder on the device."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from vulkan_forge._owner import Owner
from vulkan_forge._vulkan_forge import OnnxSession
from vulkan_forge.errors import ArgumentTypeError, FileError, LimitError, UnsupportedError
from vulkan_forge.llm.bert import BertShape, bert_graph
from vulkan_forge.llm.checks import checked_call, checked_text
from vulkan_forge.llm.configs import EmbedderConfig
from vulkan_forge.llm.files import read_json, read_tensors
from vulkan_forge.llm.tokenizer import load_tokenizer

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vulkan_forge._vulkan_forge import Device

__all__ = ["Embedder"]

MOST_PLACES = 4096  # of a run: batch times length, which bounds its memory
STEP = 16  # lengths are rounded up to it, so that recordings serve again
POOLINGS = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_cls_token": "cls",
}


class Embedder(Owner[OnnxSession]):
    """Makes vectors of texts with a BERT encoder, pooled and normalised as the model says. Threads may share it.

    Args:
        config: Which model, and how.
        device: A `Device`; the default one where None.
        progress: Called with what is done and how much of it, 0 to 1, while the model is loaded.

    Raises:
        FileError: A file of the model is missing or damaged.
        UnsupportedError: The model is of a kind that is not known here, or the `tokenizers` library is not installed.

    Example:
        ``vectors = llm.Embedder(llm.EmbedderConfig(model="all-MiniLM-L6-v2")).embed(["a text"])``
    """

    def __init__(
        self,
        config: EmbedderConfig,
        device: Device | None = None,
        *,
        progress: Callable[[str, float], None] | None = None,
    ) -> None:
        if not isinstance(config, EmbedderConfig):
            raise ArgumentTypeError.build("BAD_TYPE", "config", expected="an EmbedderConfig", got=type(config).__name__)
        checked_call(progress, "progress")
        say = progress or (lambda name, part: None)
        super().__init__()
        self.config = config
        folder = config.folder
        say("reading the model", 0.0)
        settings = read_json(folder / "config.json")
        if settings.get("architectures") not in (["BertModel"], ["BertForMaskedLM"]):
            raise UnsupportedError.build(
                "MISSING_FEATURE",
                "an encoder has an architecture that is not known here",
                expected="BertModel",
                got=str(settings.get("architectures")),
            )
        self._shape = BertShape.from_config(settings)
        self._tokenizer = load_tokenizer(folder / "tokenizer.json")
        self._tokenizer.encode_special_tokens = True  # in a user's text they are characters
        self.max_tokens = self._most_tokens(folder)
        pooling, normalize = _card(folder)
        say("reading the model", 0.2)
        model = bert_graph(self._shape, read_tensors(folder), pooling, normalize)
        self._output = model.pop("output")
        say("bringing weights to the device", 0.5)
        self._native = OnnxSession(model, device)
        self._run([[0]])  # weights go to the device with the first run
        say("bringing weights to the device", 1.0)

    def _most_tokens(self, folder: Path) -> int:
        path = folder / "sentence_bert_config.json"
        said = read_json(path).get("max_seq_length") if path.exists() else None
        most = said if isinstance(said, int) and 2 < said <= self._shape.context else self._shape.context
        return min(most, self.config.max_tokens or most)

    @property
    def width(self) -> int:
        """Numbers of a vector."""
        return self._shape.width

    def embed(
        self, texts: str | Sequence[str], *, progress: Callable[[float], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors of texts. A text's vector does not depend on the others.

        Args:
            texts: Texts, or one.
            progress: Called before each batch with how much is done, 0 to 1.

        Returns:
            float32 (texts, width), or (width,) for one.

        Raises:
            ArgumentTypeError: They are no texts.
            LimitError: A text has more than `max_tokens` tokens, and the config does not say that it may be cut.
        """
        checked_call(progress, "progress")
        if isinstance(texts, str):
            one: NDArray[np.float32] = self.embed([texts])[0]
            return one
        given: object = texts
        if isinstance(given, (bytes, bytearray)) or not isinstance(given, Iterable):
            raise ArgumentTypeError.build("BAD_TYPE", "texts", expected="a list of str", got=type(texts).__name__)
        rows = [self._ids(text, i) for i, text in enumerate(given)]
        vectors = np.empty((len(rows), self.width), np.float32)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))  # alike lengths go together
        while order:
            if progress is not None:
                progress(1 - len(order) / len(rows))
            batch = self._take(order, rows)
            vectors[batch] = self._run([rows[i] for i in batch])
        return vectors

    def _ids(self, text: str, index: int) -> list[int]:
        ids: list[int] = self._tokenizer.encode(checked_text(text, f"text {index}")).ids
        if len(ids) > self.max_tokens:
            if not self.config.truncate:
                raise LimitError.build(
                    "LIMIT_EXCEEDED",
                    f"text {index} is too long for the model",
                    expected=f"at most {self.max_tokens} tokens",
                    got=str(len(ids)),
                    mend="shorten it, or let it be cut: EmbedderConfig(truncate=True)",
                )
            ids = [*ids[: self.max_tokens - 1], ids[-1]]  # the last one ends a text
        if max(ids, default=0) >= self._shape.vocabulary:
            raise FileError.build(
                "FILE_READ",
                "a model's tokenizer has tokens that the model does not know",
                expected=f"{self._shape.vocabulary} tokens",
                got=f"token {max(ids)}",
            )
        return ids or [0]

    def _take(self, order: list[int], rows: list[list[int]]) -> list[int]:
        """The next batch, the longest texts first; gone from `order`."""
        places = _rounded(len(rows[order[-1]]))
        count = max(1, min(self.config.batch_size, MOST_PLACES // places))
        count = 1 << (count.bit_length() - 1)  # as many as a run is made for: only the last batch is filled up
        batch, order[-count:] = order[-count:], []
        return batch

    def _run(self, rows: list[list[int]]) -> NDArray[np.float32]:
        length = min(_rounded(max(map(len, rows))), self._shape.context)
        count = 1 << (len(rows) - 1).bit_length()
        ids, mask = np.zeros((count, length), np.int32), np.zeros((count, length), np.float32)
        mask[:, 0] = 1  # rows that are nobody's have a token as well
        for i, row in enumerate(rows):
            ids[i, : len(row)], mask[i, : len(row)] = row, 1
        with self._lock:
            (vectors,) = self._live().run({"ids": ids, "mask": mask}, [self._output])
        result: NDArray[np.float32] = vectors[: len(rows)]
        return result

    # -- lifetime --

    def _let_go(self, native: OnnxSession) -> None:
        native.close()


def _rounded(length: int) -> int:
    return (length + STEP - 1) // STEP * STEP


def _card(folder: Path) -> tuple[str, bool]:
    """How token vectors become one, and whether that is normalised: what modules.json says; else mean, as it comes."""
    path = folder / "modules.json"
    if not path.exists():
        return "mean", False
    modules = read_json(path, list)
    kinds = [str(one.get("type", "")).rsplit(".", 1)[-1] if isinstance(one, dict) else "" for one in modules]
    unknown = set(kinds) - {"Transformer", "Pooling", "Normalize"}
    if unknown or "Pooling" not in kinds:
        raise UnsupportedError.build(
            "MISSING_FEATURE",
            "a model makes vectors in a way that is not known here",
            expected="Transformer, Pooling and Normalize",
            got=", ".join(kinds),
        )
    said = read_json(_inside(folder, modules[kinds.index("Pooling")].get("path", "1_Pooling")) / "config.json")
    chosen = [name for key, name in POOLINGS.items() if said.get(key) is True]
    others = [
        key for key, value in said.items() if key.startswith("pooling_mode_") and value is True and key not in POOLINGS
    ]
    if len(chosen) != 1 or others:
        raise FileError.build(
            "FILE_READ", "a model pools in a way that is not known here", expected=" or ".join(POOLINGS), got=str(said)
        )
    return chosen[0], "Normalize" in kinds


def _inside(folder: Path, name: object) -> Path:
    """A folder that a model's file names."""
    if not isinstance(name, str) or not (folder / name).resolve().is_relative_to(folder.resolve()):
        raise FileError.build(
            "FILE_READ", "a model names a folder outside of its own", expected="1_Pooling", got=repr(name)
        )
    return folder / name
