"""What an engine and its sessions are made with: frozen values, checked where they are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from vulkan_forge.errors import ArgumentTypeError, InputError
from vulkan_forge.llm.checks import checked_ids, number, shown, whole

__all__ = [
    "BaseBatcherConfig",
    "BaseSchedulerConfig",
    "BatcherType",
    "CacheConfig",
    "DynamicChunkBatcherConfig",
    "EmbedderConfig",
    "EngineConfig",
    "FcfsSchedulerConfig",
    "PrioritySchedulerConfig",
    "SamplingParams",
    "SchedulerType",
]

T = TypeVar("T")
MOST_LOGPROBS = 20
MOST_BIASES = 1024
MOST_BIAS = 1000
PRECISIONS = ("fast", "float32")


def _says(help_text: str, constraints: str) -> dict[str, str]:
    return {"help": help_text, "constraints": constraints}


def _whole(config: object, name: str, least: int, most: int = 2**31 - 1) -> None:
    given = getattr(config, name)
    value = whole(given)
    if value is None:
        raise ArgumentTypeError.build("BAD_TYPE", name, expected="an int", got=type(given).__name__)
    if not least <= value <= most:
        raise InputError.build("INVALID_ARGUMENT", name, expected=f"{least} to {most}", got=shown(value))
    object.__setattr__(config, name, value)


def _real(config: object, name: str, least: float, most: float, *, above: bool = False) -> None:
    given = getattr(config, name)
    value = number(given)
    if value is None:
        raise ArgumentTypeError.build("BAD_TYPE", name, expected="a number", got=type(given).__name__)
    if not (least < value <= most if above else least <= value <= most):
        bound = f"above {least}, at most {most}" if above else f"{least} to {most}"
        raise InputError.build("INVALID_ARGUMENT", name, expected=bound, got=shown(value))
    object.__setattr__(config, name, value)


def _kind(config: object, name: str, kind: type) -> None:
    value = getattr(config, name)
    if not isinstance(value, kind):
        raise ArgumentTypeError.build("BAD_TYPE", name, expected=kind.__name__, got=type(value).__name__)


def _path(config: object, name: str) -> None:
    value = getattr(config, name)
    if not isinstance(value, (str, PathLike)):
        raise ArgumentTypeError.build("BAD_TYPE", name, expected="a path", got=type(value).__name__)


def _is_id(value: object) -> bool:
    token = whole(value)
    return token is not None and 0 <= token < 2**32


def _is_bias(value: object) -> bool:
    """Within bounds, which no NaN is."""
    bias = number(value)
    return bias is not None and abs(bias) <= MOST_BIAS


class SchedulerType(Enum):
    """Kinds of schedulers: who comes first among those who wait."""

    FCFS = "fcfs"
    PRIORITY = "priority"


class BatcherType(Enum):
    """Kinds of batchers: how much of waiting prompts a step reads."""

    DYNAMIC_CHUNK = "dynamic_chunk"


@dataclass(frozen=True, kw_only=True)
class BaseSchedulerConfig:
    """What all schedulers have: how many sessions run at a time, each with room for its keys and values."""

    max_sessions: int = field(default=8, metadata=_says("Sessions that run at a time; others wait.", "1 to 1024"))

    def __post_init__(self) -> None:
        _whole(self, "max_sessions", 1, 1024)

    @classmethod
    def get_type(cls) -> SchedulerType:
        """The kind, by which the registry knows the class."""
        raise NotImplementedError

    def to_native(self) -> dict[str, Any]:
        """The fields as the native engine takes them."""
        return {
            "policy": self.get_type().value,
            "max_sessions": self.max_sessions,
            "aging_steps": getattr(self, "aging_steps", 0),
        }


@dataclass(frozen=True, kw_only=True)
class FcfsSchedulerConfig(BaseSchedulerConfig):
    """First come, first served."""

    @classmethod
    def get_type(cls) -> SchedulerType:
        """`SchedulerType.FCFS`."""
        return SchedulerType.FCFS


@dataclass(frozen=True, kw_only=True)
class PrioritySchedulerConfig(BaseSchedulerConfig):
    """The smallest priority first, then who came first. Who waits grows more urgent, so that nobody waits for ever."""

    default_priority: int = field(default=5, metadata=_says("Priority of a session that names none.", ">= 0"))
    aging_steps: int = field(
        default=64, metadata=_says("Steps of waiting that count as one step of priority.", "1 to 1000000")
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _whole(self, "default_priority", 0)
        _whole(self, "aging_steps", 1, 1_000_000)

    @classmethod
    def get_type(cls) -> SchedulerType:
        """`SchedulerType.PRIORITY`."""
        return SchedulerType.PRIORITY


@dataclass(frozen=True, kw_only=True)
class BaseBatcherConfig:
    """What all batchers have: the bound on a step's tokens."""

    max_batch_tokens: int = field(default=512, metadata=_says("Most tokens of a step.", "1 to 65536"))

    def __post_init__(self) -> None:
        _whole(self, "max_batch_tokens", 1, 65536)

    @classmethod
    def get_type(cls) -> BatcherType:
        """The kind, by which the registry knows the class."""
        raise NotImplementedError

    def to_native(self) -> dict[str, Any]:
        """The fields as the native engine takes them."""
        chunk = getattr(self, "chunk_tokens", self.max_batch_tokens)
        return {"max_batch_tokens": self.max_batch_tokens, "chunk_tokens": chunk}


@dataclass(frozen=True, kw_only=True)
class DynamicChunkBatcherConfig(BaseBatcherConfig):
    """Every session that speaks gets its token in each step; prompts are read in what is left of it.

    A step in which somebody speaks reads at most `chunk_tokens` tokens of prompts, which bounds how long others wait
    for their next token while a long prompt is read.
    """

    chunk_tokens: int = field(
        default=128, metadata=_says("Most tokens of prompts in a step in which others speak.", "1 to 65536")
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _whole(self, "chunk_tokens", 1, 65536)

    @classmethod
    def get_type(cls) -> BatcherType:
        """`BatcherType.DYNAMIC_CHUNK`."""
        return BatcherType.DYNAMIC_CHUNK


@dataclass(frozen=True, kw_only=True)
class CacheConfig:
    """Keys and values: pages of 16 tokens, shared by sessions whose prompts begin alike."""

    pages: int = field(
        default=0, metadata=_says("Pages of 16 tokens; 0: room for max_sessions whole contexts.", "0 to 2^24")
    )
    share_prefixes: bool = field(
        default=True, metadata=_says("Find what was computed for the same beginning.", "True or False")
    )

    def __post_init__(self) -> None:
        _whole(self, "pages", 0, 2**24)
        _kind(self, "share_prefixes", bool)


@dataclass(frozen=True, kw_only=True)
class EngineConfig:
    """Which model an engine runs, and how. The defaults suit one machine with a few users.

    Example:
        >>> from vulkan_forge import llm
        >>> config = llm.EngineConfig(model="model.gguf", scheduler=llm.PrioritySchedulerConfig(max_sessions=4))
        >>> config.scheduler.get_type()
        <SchedulerType.PRIORITY: 'priority'>
    """

    model: str | PathLike[str] = field(metadata=_says("A GGUF file, or a Hugging Face folder.", "a path"))
    max_context: int = field(
        default=2048, metadata=_says("Most tokens of a session, prompt and answer together.", "1 to 2^20")
    )
    precision: str = field(
        default="fast",
        metadata=_says("'fast': keys and values are float16; 'float32': everything is.", "'fast' or 'float32'"),
    )
    scheduler: BaseSchedulerConfig = field(
        default_factory=FcfsSchedulerConfig, metadata=_says("Who comes first.", "a scheduler's config")
    )
    batcher: BaseBatcherConfig = field(
        default_factory=DynamicChunkBatcherConfig, metadata=_says("What a step holds.", "a batcher's config")
    )
    cache: CacheConfig = field(default_factory=CacheConfig, metadata=_says("Keys and values.", "a CacheConfig"))

    def __post_init__(self) -> None:
        _path(self, "model")
        _whole(self, "max_context", 1, 2**20)
        if self.precision not in PRECISIONS:
            raise InputError.build(
                "INVALID_ARGUMENT", "precision", expected="'fast' or 'float32'", got=repr(self.precision)
            )
        _kind(self, "scheduler", BaseSchedulerConfig)
        _kind(self, "batcher", BaseBatcherConfig)
        _kind(self, "cache", CacheConfig)
        if self.batcher.max_batch_tokens < self.scheduler.max_sessions:
            raise InputError.build(
                "INVALID_ARGUMENT",
                "max_batch_tokens has no token for each session",
                expected=f"at least max_sessions, {self.scheduler.max_sessions}",
                got=str(self.batcher.max_batch_tokens),
            )

    def to_native(self) -> dict[str, Any]:
        """The fields as the native engine takes them."""
        return {
            **self.scheduler.to_native(),
            **self.batcher.to_native(),
            "max_context": self.max_context,
            "cache_pages": self.cache.pages,
            "prefix_cache": self.cache.share_prefixes,
            "half_cache": self.precision == "fast",
        }


@dataclass(frozen=True, kw_only=True)
class EmbedderConfig:
    """Which model makes vectors, and how.

    Example:
        >>> from vulkan_forge import llm
        >>> llm.EmbedderConfig(model="all-MiniLM-L6-v2", truncate=True).batch_size
        32
    """

    model: str | PathLike[str] = field(metadata=_says("A Hugging Face folder of a BERT encoder.", "a path"))
    batch_size: int = field(default=32, metadata=_says("Most texts that are computed together.", "1 to 1024"))
    max_tokens: int = field(default=0, metadata=_says("Most tokens of a text; 0: as the model says.", "0 to 2^20"))
    truncate: bool = field(
        default=False, metadata=_says("Cut texts that are too long; else they are refused.", "True or False")
    )

    def __post_init__(self) -> None:
        _path(self, "model")
        _whole(self, "batch_size", 1, 1024)
        _whole(self, "max_tokens", 0, 2**20)
        _kind(self, "truncate", bool)

    @property
    def folder(self) -> Path:
        """Where the model lies."""
        return Path(self.model)


@dataclass(frozen=True, kw_only=True)
class SamplingParams:
    """How tokens are chosen, and when an answer ends.

    In this order: logit_bias, penalties, temperature, top_k, top_p, min_p; then one random number, which depends on the
    seed and on the token's place in the answer alone, picks a token.

    Example:
        >>> from vulkan_forge import llm
        >>> llm.SamplingParams(temperature=0.7, top_p=0.9, seed=1).top_k
        0
    """

    max_tokens: int = field(default=128, metadata=_says("Most tokens of the answer; 0: none.", "0 to 2^20"))
    temperature: float = field(
        default=0.0, metadata=_says("What logits are divided by; 0: always the most likely token.", "0 to 100")
    )
    top_k: int = field(default=0, metadata=_says("Only the k most likely tokens, and equals; 0: all.", "0 to 2^31 - 1"))
    top_p: float = field(
        default=1.0, metadata=_says("Only the most likely tokens that make up this probability.", "above 0, at most 1")
    )
    min_p: float = field(
        default=0.0, metadata=_says("Only tokens with this share of the largest probability.", "0 to 1")
    )
    repetition_penalty: float = field(
        default=1.0,
        metadata=_says("Divides positive, multiplies negative logits of tokens seen.", "above 0, at most 100"),
    )
    frequency_penalty: float = field(
        default=0.0, metadata=_says("Taken off for each time the answer has the token.", "-100 to 100")
    )
    presence_penalty: float = field(
        default=0.0, metadata=_says("Taken off where the answer has the token.", "-100 to 100")
    )
    logit_bias: Mapping[int, float] = field(
        default_factory=dict, metadata=_says("Added to the logits of these tokens.", "up to 1024, each -1000 to 1000")
    )
    seed: int = field(default=0, metadata=_says("Which random numbers.", "0 to 2^64 - 1"))
    logprobs: int = field(
        default=0, metadata=_says("Most likely tokens to tell of at each place.", f"0 to {MOST_LOGPROBS}")
    )
    stop: tuple[str, ...] = field(
        default=(), metadata=_says("Texts that end the answer, and are no part of it.", "not empty")
    )
    stop_ids: tuple[int, ...] = field(default=(), metadata=_says("Tokens that end the answer.", ">= 0"))
    ignore_eos: bool = field(default=False, metadata=_says("Go on behind the model's own end tokens.", "True or False"))

    def __post_init__(self) -> None:
        _whole(self, "max_tokens", 0, 2**20)
        _real(self, "temperature", 0, 100)
        _whole(self, "top_k", 0)
        _real(self, "top_p", 0, 1, above=True)
        _real(self, "min_p", 0, 1)
        _real(self, "repetition_penalty", 0, 100, above=True)
        _real(self, "frequency_penalty", -100, 100)
        _real(self, "presence_penalty", -100, 100)
        _whole(self, "seed", 0, 2**64 - 1)
        _whole(self, "logprobs", 0, MOST_LOGPROBS)
        _kind(self, "ignore_eos", bool)
        self._check_biases()
        self._check_stops()

    def _check_biases(self) -> None:
        _kind(self, "logit_bias", Mapping)
        good = all(_is_id(token) and _is_bias(bias) for token, bias in self.logit_bias.items())
        if not good or len(self.logit_bias) > MOST_BIASES:
            raise InputError.build(
                "INVALID_ARGUMENT",
                "logit_bias",
                expected=f"up to {MOST_BIASES} tokens with numbers from -1000 to 1000",
                got=shown(dict(list(self.logit_bias.items())[:4])),
            )
        object.__setattr__(self, "logit_bias", {int(token): float(bias) for token, bias in self.logit_bias.items()})

    def _check_stops(self) -> None:
        given: Any = self.stop
        stop = (given,) if isinstance(given, str) else given
        if isinstance(stop, (bytes, bytearray)) or not isinstance(stop, Iterable):
            raise ArgumentTypeError.build("BAD_TYPE", "stop", expected="texts", got=type(stop).__name__)
        object.__setattr__(self, "stop", tuple(stop))
        object.__setattr__(self, "stop_ids", tuple(checked_ids(self.stop_ids, "stop_ids")))
        if not all(isinstance(text, str) and text for text in self.stop):
            raise InputError.build(
                "INVALID_ARGUMENT", "stop", expected="texts that are not empty", got=shown(self.stop)
            )
        if not all(map(_is_id, self.stop_ids)):
            raise InputError.build("INVALID_ARGUMENT", "stop_ids", expected="ids >= 0", got=shown(self.stop_ids))

    def to_native(self, ends: tuple[int, ...]) -> dict[str, Any]:
        """The fields as the native engine takes them.

        Args:
            ends: The model's own end tokens.
        """
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        for name in ("stop", "stop_ids", "ignore_eos", "logit_bias"):
            named.pop(name)
        stops = [*self.stop_ids, *(() if self.ignore_eos else ends)]
        return {**named, "stop_ids": stops, "logit_bias": list(self.logit_bias.items())}
