"""Registries: which config class stands for which kind of a family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from vulkan_forge.errors import InputError
from vulkan_forge.llm.configs import (
    BaseBatcherConfig,
    BaseSchedulerConfig,
    BatcherType,
    DynamicChunkBatcherConfig,
    FcfsSchedulerConfig,
    PrioritySchedulerConfig,
    SchedulerType,
)

if TYPE_CHECKING:
    from enum import Enum

    K = TypeVar("K", bound=Enum)
else:
    K = TypeVar("K")
C = TypeVar("C")

__all__ = ["Registry", "batchers", "schedulers"]


class Registry(Generic[K, C]):
    """The classes of one family by kind; filled at import, read afterwards.

    Example:
        >>> from vulkan_forge import llm
        >>> llm.schedulers.get(llm.SchedulerType.PRIORITY).__name__
        'PrioritySchedulerConfig'
    """

    def __init__(self, family: str) -> None:
        self._family = family
        self._classes: dict[K, type[C]] = {}

    def register(self, kind: K, config: type[C]) -> None:
        """Add a class.

        Args:
            kind: What it is found by.
            config: The class.

        Raises:
            InputError: The kind has a class already.
        """
        if kind in self._classes:
            raise InputError.build("INVALID_ARGUMENT", f"a {self._family} is there already", got=str(kind))
        self._classes[kind] = config

    def get(self, kind: K) -> type[C]:
        """The class of a kind.

        Args:
            kind: What it is found by.

        Raises:
            InputError: There is none.
        """
        if kind not in self._classes:
            known = ", ".join(str(one) for one in self._classes)
            raise InputError.build("INVALID_ARGUMENT", f"unknown {self._family}", expected=known, got=repr(kind))
        return self._classes[kind]

    def list_registered(self) -> list[K]:
        """All kinds, in the order in which they came."""
        return list(self._classes)


schedulers: Registry[SchedulerType, BaseSchedulerConfig] = Registry("scheduler")
schedulers.register(SchedulerType.FCFS, FcfsSchedulerConfig)
schedulers.register(SchedulerType.PRIORITY, PrioritySchedulerConfig)

batchers: Registry[BatcherType, BaseBatcherConfig] = Registry("batcher")
batchers.register(BatcherType.DYNAMIC_CHUNK, DynamicChunkBatcherConfig)
