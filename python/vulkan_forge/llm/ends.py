"""Tokens that end an answer, as a model's files name them: no tokenizer is needed, so sessions of ids end there too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vulkan_forge.llm.files import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vulkan_forge.llm.files import ModelFiles

__all__ = ["CONTROL", "end_tokens", "listed", "token_content", "token_settings", "token_types"]

CONTROL = 3  # GGUF's type of control tokens
ENDS = ("<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<|end_of_text|>", "<end_of_turn>")  # GGUF files name one of them
KEYS = ("eos_token_id", "eot_token_id", "eom_token_id")


def end_tokens(files: ModelFiles) -> tuple[int, ...]:
    """Every end token that a model's files name.

    Args:
        files: The model, as `open_model` gives it.

    Raises:
        FileError: A file of the folder is damaged.
    """
    named = _of_gguf(files.facts) if files.folder is None else _of_folder(files.facts, files.folder)
    return tuple(sorted({one for one in named if type(one) is int and 0 <= one < 2**32}))


def _of_gguf(facts: Mapping[str, Any]) -> list[Any]:
    named = [facts.get(f"tokenizer.ggml.{key}") for key in KEYS]
    tokens = facts.get("tokenizer.ggml.tokens")
    if not isinstance(tokens, list):
        return named
    types = token_types(facts, len(tokens))
    return named + [i for i, text in enumerate(tokens) if types[i] == CONTROL and text in ENDS]


def token_types(facts: Mapping[str, Any], count: int) -> list[int]:
    """The kind of each token of a GGUF file; ordinary ones where it does not say.

    Args:
        facts: The file's metadata.
        count: How many tokens it has.
    """
    types = listed(facts.get("tokenizer.ggml.token_type"))
    return types if isinstance(types, list) and len(types) == count else [1] * count


def listed(value: Any) -> Any:
    """Numbers of a GGUF file as a list; anything else stays.

    Args:
        value: An ndarray, where it is a row of numbers.
    """
    return value.tolist() if hasattr(value, "tolist") else value


def _of_folder(config: Mapping[str, Any], folder: Path) -> list[Any]:
    named: list[Any] = []
    for source in (config, token_settings(folder / "generation_config.json")):
        value = source.get("eos_token_id")
        named += value if isinstance(value, list) else [value]
    text = token_content(token_settings(folder / "tokenizer_config.json").get("eos_token"))
    return named + (_ids_of_text(folder / "tokenizer.json", text) if isinstance(text, str) else [])


def _ids_of_text(path: Path, text: str) -> list[Any]:
    """What a tokenizer.json calls this token: its added tokens, else its vocabulary."""
    if not path.exists():
        return []
    own = read_json(path)
    added = own.get("added_tokens")
    for token in added if isinstance(added, list) else []:
        if isinstance(token, dict) and token.get("content") == text:
            return [token.get("id")]
    model = own.get("model")
    words = model.get("vocab") if isinstance(model, dict) else None
    return [words.get(text)] if isinstance(words, dict) else []


def token_settings(path: Path) -> dict[str, Any]:
    """What a file that a folder may lack says.

    Args:
        path: The file.

    Raises:
        FileError: It is damaged.
    """
    return read_json(path) if path.exists() else {}


def token_content(value: Any) -> Any:
    """The text of a token, which settings name by itself or as an object.

    Args:
        value: What they say.
    """
    return value.get("content") if isinstance(value, dict) else value
