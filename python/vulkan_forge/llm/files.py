"""What a path leads to: a GGUF file, or a Hugging Face folder, as the native engine and the tokenizer take them."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from vulkan_forge._vulkan_forge import Gguf
from vulkan_forge.errors import FileError, UnsupportedError
from vulkan_forge.llm.folder_config import check_config

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ModelFiles", "open_model", "read_json", "read_tensors"]

MOST_HEADER = 100 << 20  # bytes, as the safetensors format says
ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # halves of a character, which alone are no text
FLOATS = {"F32": 4, "F16": 2, "BF16": 2}  # bytes each
ARCHITECTURES = {
    "LlamaForCausalLM": "llama",
    "MistralForCausalLM": "mistral",
    "Qwen2ForCausalLM": "qwen2",
    "Gemma3ForCausalLM": "gemma3",
}


Tensor: TypeAlias = "tuple[str, str, int, list[int], int, int]"


@dataclass(frozen=True)
class ModelFiles:
    """A model's parts by the kind of file they come from."""

    native: Gguf | dict[str, Any]
    facts: dict[str, Any]  # GGUF's metadata, or config.json with the folder's other files
    folder: Path | None  # of a Hugging Face model


def _refuse(failed: str, expected: str, got: object) -> FileError:
    return FileError.build("FILE_READ", failed, expected=expected, got=str(got))


def open_model(path: str | PathLike[str]) -> ModelFiles:
    """Open a model.

    Args:
        path: A GGUF file, or a folder with config.json and *.safetensors.

    Raises:
        FileError: There is no model, or a file of it is damaged.
        UnsupportedError: The folder's model is of an architecture that is not known here.
    """
    place = Path(path)
    if place.is_dir():
        return _open_folder(place)
    gguf = Gguf(place)
    return ModelFiles(gguf, gguf.metadata(), None)


def read_json(path: Path, kind: type = dict) -> Any:
    """What a JSON file of a model holds.

    Args:
        path: The file.
        kind: What it has to hold: an object, or a list.

    Raises:
        FileError: It cannot be read, or holds something else.
    """
    try:
        value = _parsed(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _refuse(f"cannot read {path.name} of a model", "a JSON file", f"'{path}' ({error})") from error
    if not isinstance(value, kind):
        raise _refuse(f"cannot use {path.name} of a model", f"a JSON {kind.__name__}", f"a {type(value).__name__}")
    return value


def _parsed(text: str, made: Callable[[list[tuple[str, Any]]], Any] = dict) -> Any:
    """What JSON says.

    Args:
        text: The JSON.
        made: What is made of an object's names and values.

    Raises:
        ValueError: It is none, or holds what is no text.
        RecursionError: It is too deep.
    """
    value = json.loads(text, object_pairs_hook=made)
    if ESCAPED_SURROGATE.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ValueError("half of a character, which is no text") from error
    return value


def _open_folder(folder: Path) -> ModelFiles:
    config = read_json(folder / "config.json")
    names = config.get("architectures") or [None]
    if not isinstance(names, list) or not isinstance(names[0], str) or names[0] not in ARCHITECTURES:
        raise UnsupportedError.build(
            "MISSING_FEATURE",
            "a model has an architecture that is not known here",
            expected=", ".join(ARCHITECTURES),
            got=str(names),
        )
    check_config(config, names[0])
    _refuse_windows(config, names[0])
    files, tensors = _tensors_of_all(folder)
    numbers, texts = _facts_of(config)
    if names[0] == "LlamaForCausalLM":
        numbers.pop("sliding_window", None)  # Llama's own code does not look at it
    _check_vocabulary(config, tensors)
    _check_output(config, tensors)
    native = {
        "architecture": ARCHITECTURES[names[0]],
        "files": [str(path) for path in files],
        "tensors": tensors,
        "numbers": numbers,
        "texts": texts,
    }
    return ModelFiles(native, config, folder)


def _check_vocabulary(config: dict[str, Any], tensors: list[Tensor]) -> None:
    said = config.get("vocab_size")
    for name, _, _, shape, _, _ in tensors:
        if name == "model.embed_tokens.weight" and said is not None and shape[:1] != [said]:
            raise _refuse(f"the key 'vocab_size' of a model cannot be, as '{name}' is", f"{shape[0]}", said)


def _check_output(config: dict[str, Any], tensors: list[Tensor]) -> None:
    """Without lm_head.weight the embedding gives the logits, unless the file says that it does not."""
    if config.get("tie_word_embeddings") is False and not any(row[0] == "lm_head.weight" for row in tensors):
        raise _refuse(
            "a model's files lack what its config.json counts on", "lm_head.weight", "tie_word_embeddings false"
        )


def _refuse_windows(config: dict[str, Any], architecture: str) -> None:
    """Qwen 2 names a window; where it is switched on, layers from max_window_layers on use it."""
    if architecture != "Qwen2ForCausalLM" or not config.get("use_sliding_window"):
        return
    if config.get("sliding_window") is None:
        return
    first, layers = config.get("max_window_layers", 28), config.get("num_hidden_layers")
    if isinstance(first, int) and isinstance(layers, int) and first >= layers:
        return
    raise UnsupportedError.build(
        "MISSING_FEATURE",
        "a Qwen 2 model whose upper layers see a window is not known here",
        expected="use_sliding_window false",
        got=f"max_window_layers {first} of {layers} layers",
    )


def _facts_of(config: dict[str, Any]) -> tuple[dict[str, float], dict[str, str]]:
    """Numbers and texts of config.json; those of rope_scaling, its parts and layer_types behind these names."""
    flat = {key: value for key, value in config.items() if not isinstance(value, dict)}
    scaling = config.get("rope_scaling") or config.get("rope_parameters") or {}
    if not isinstance(scaling, dict):
        raise _refuse("config.json of a model is damaged", "an object as rope_scaling", repr(scaling)[:80])
    for key, value in scaling.items():
        # one value for all layers, or a part for each kind of layer
        rows = [(f"{key}.{name}", one) for name, one in value.items()] if isinstance(value, dict) else [(key, value)]
        for name, one in rows:
            part, _, last = name.rpartition(".")
            meant = "rope_type" if last == "type" else last  # older files say "type"
            flat[f"rope_scaling.{part}.{meant}" if part else f"rope_scaling.{meant}"] = one
    if "rope_theta" in scaling and flat.get("rope_theta") is None:
        flat["rope_theta"] = scaling["rope_theta"]
    if isinstance(kinds := config.get("layer_types"), list):
        flat.update({f"layer_types.{i}": kind for i, kind in enumerate(kinds)})
    try:
        numbers = {k: float(v) for k, v in flat.items() if isinstance(v, (int, float)) and not isinstance(v, bool)}
        numbers.update({k: float(v) for k, v in flat.items() if k.startswith("rope_scaling.") and isinstance(v, bool)})
    except OverflowError as error:
        raise _refuse("config.json of a model is damaged", "numbers that a float holds", error) from error
    return numbers, {k: v for k, v in flat.items() if isinstance(v, str)}


def _tensors_of(path: Path, index: int) -> list[Tensor]:
    """Name, dtype, file, shape, first byte and end of each tensor."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if size < 8 or length > min(size - 8, MOST_HEADER):
                raise _refuse(f"{path.name} is damaged", f"a header within {size} bytes", length)
            text = stream.read(length)
    except OSError as error:
        raise _refuse(f"cannot read {path.name} of a model", "a file", f"'{path}' ({error})") from error
    try:
        header = _parsed(text.decode(), _each_once)
        rows = [(name, entry) for name, entry in header.items() if name != "__metadata__"]
        start = 8 + length
        return [
            (
                name,
                str(entry["dtype"]),
                index,
                [_count(n) for n in entry["shape"]],
                start + _count(entry["data_offsets"][0]),
                start + _count(entry["data_offsets"][1]),
            )
            for name, entry in rows
        ]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise _refuse(f"the header of {path.name} is damaged", "safetensors' JSON", repr(error)) from error


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name that stands twice")
    return made


def _tensors_of_all(folder: Path) -> tuple[list[Path], list[Tensor]]:
    """A folder's files of weights, and their tensors."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise _refuse("a model's folder has no weights", "*.safetensors", f"'{folder}'")
    rows = [row for index, path in enumerate(files) for row in _tensors_of(path, index)]
    where: dict[str, int] = {}
    for name, _, index, *_ in rows:
        if where.setdefault(name, index) != index:
            names = f"{files[where[name]].name} and {files[index].name}"
            raise _refuse(f"tensor '{name}' of a model's folder stands in two files", "each tensor in one", names)
    return files, rows


def read_tensors(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Float tensors of a folder's *.safetensors as float32; those that are float32 stay in the file.

    Args:
        folder: A Hugging Face folder.

    Raises:
        FileError: There are none, or a file is damaged.
    """
    import numpy as np

    tensors: dict[str, NDArray[np.float32]] = {}
    files, rows = _tensors_of_all(folder)
    mapped = [np.memmap(path, np.uint8, "r") for path in files]
    for name, dtype, index, shape, begin, end in rows:
        if dtype not in FLOATS:
            continue
        data = mapped[index]
        size = FLOATS[dtype]
        if end > len(data) or begin > end or math.prod(shape) * size != end - begin:
            raise _refuse(f"tensor '{name}' lies outside of its file", f"{len(data)} bytes", f"{begin} to {end}")
        values = np.frombuffer(data, np.dtype(f"<u{size}"), math.prod(shape), begin)
        if dtype == "BF16":
            values = values.astype(np.uint32) << 16
        floats = values.view(np.float16 if dtype == "F16" else np.float32)
        try:
            tensors[name] = floats.astype(np.float32, copy=False).reshape(shape)
        except ValueError as error:  # more axes than NumPy has, or extents beyond an array's though one is 0
            raise _refuse(f"tensor '{name}' has a shape that cannot be", "up to 64 axes", error) from error
    return tensors


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**48:
        raise ValueError(f"{value!r} is no count")
    return value
