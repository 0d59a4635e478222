"""What a config.json may say: values of other types, and what is computed in an unknown way, are refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vulkan_forge.errors import FileError, UnsupportedError
from vulkan_forge.llm.checks import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["check_config"]

NUMBERS = (
    *("num_hidden_layers", "hidden_size", "num_attention_heads", "num_key_value_heads", "head_dim"),
    *("intermediate_size", "max_position_embeddings", "vocab_size", "rms_norm_eps", "rope_theta", "rotary_dim"),
    *("sliding_window", "sliding_window_pattern", "max_window_layers", "query_pre_attn_scalar"),
    *("attn_logit_softcapping", "final_logit_softcapping", "rope_local_base_freq", "partial_rotary_factor"),
)
# Of rope_scaling, or of a part of it.
ROPE_NUMBERS = (
    *("factor", "original_max_position_embeddings", "low_freq_factor", "high_freq_factor", "beta_fast", "beta_slow"),
    *("attention_factor", "mscale", "mscale_all_dim", "rope_theta", "partial_rotary_factor"),
)
MOST = 3.4e38  # of a number, as the device has it
SILU = ("silu", "swish")
GELU = ("gelu_pytorch_tanh", "gelu_new")  # two names of one formula


def check_config(config: Mapping[str, Any], architecture: str) -> None:
    """Refuse what the engine cannot compute as the file says.

    Args:
        config: What config.json holds; keys that are null are not there.
        architecture: Its name, as the file has it.

    Raises:
        FileError: A value is of another type than its key has.
        UnsupportedError: The model is computed in a way that is not known here.
    """
    for key in NUMBERS:
        _check_number(key, config.get(key))
    for part, scaling in _scalings(config):
        for key in ROPE_NUMBERS:
            _check_number(f"{part}.{key}", scaling.get(key))
        _check_rope_type(part, scaling)
        _check_turned(f"{part}.partial_rotary_factor", scaling.get("partial_rotary_factor"))
    _check_turned("partial_rotary_factor", config.get("partial_rotary_factor"))
    _check_layers(config.get("layer_types"))
    _check_activation(config, architecture)
    if config.get("quantization_config") is not None:
        raise _unknown("quantization_config", "weights in F32, F16 or BF16", config["quantization_config"])


def _damaged(key: str, expected: str, got: object) -> FileError:
    return FileError.build(
        "FILE_READ", f"the key '{key}' of a model's config.json cannot be", expected=expected, got=shown(got)
    )


def _unknown(key: str, expected: str, got: object) -> UnsupportedError:
    return UnsupportedError.build(
        "MISSING_FEATURE",
        f"a model's config.json has a '{key}' that is not known here",
        expected=expected,
        got=shown(got),
    )


def _check_number(key: str, value: object) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise _damaged(key, "a number", value)
    if value is not None and not abs(value) <= MOST:  # which no NaN is
        raise _damaged(key, "a number that a float holds", value)


def _scalings(config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What says how positions are stretched: for all layers, or a part for each kind of layer."""
    for key in ("rope_scaling", "rope_parameters"):
        scaling = config.get(key)
        if scaling is None:
            continue
        if not isinstance(scaling, dict):
            raise _damaged(key, "an object", scaling)
        yield key, scaling
        yield from ((f"{key}.{name}", part) for name, part in scaling.items() if isinstance(part, dict))


def _check_rope_type(part: str, scaling: Mapping[str, Any]) -> None:
    kind = scaling.get("rope_type", scaling.get("type"))
    if kind is None and scaling.get("factor") is not None:
        raise _damaged(f"{part}.rope_type", "text, as there is a factor", kind)
    if kind is not None and not isinstance(kind, str):
        raise _damaged(f"{part}.rope_type", "text", kind)


def _check_turned(key: str, value: object) -> None:
    if value is not None and value != 1:
        raise _unknown(key, "1: all of a head turns", value)


def _check_layers(kinds: object) -> None:
    if kinds is not None and (not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds)):
        raise _damaged("layer_types", "a list of texts", kinds)


def _check_activation(config: Mapping[str, Any], architecture: str) -> None:
    key, known = ("hidden_activation", GELU) if architecture.startswith("Gemma") else ("hidden_act", SILU)
    value = config.get(key)
    if value is not None and value not in known:
        raise _unknown(key, " or ".join(known), value)
