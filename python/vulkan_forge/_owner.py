"""What Python classes over one native object have in common: an end, `with`, and no copies."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from vulkan_forge.errors import StateError

if TYPE_CHECKING:
    from types import TracebackType

Native = TypeVar("Native")
Self = TypeVar("Self", bound="Owner[Any]")


class Owner(Generic[Native]):
    """Owns a native object until it is closed."""

    _native: Native | None = None  # also where a constructor has failed

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def _live(self) -> Native:
        if self._native is None:
            raise StateError.build("CLOSED", f"{type(self).__name__} was used after close()", mend="make a new one")
        return self._native

    def _let_go(self, native: Native) -> None:
        """What becomes of the native object; one that others share stays."""

    def close(self) -> None:
        """Drop the model, once a step under way is done. Safe to call twice; other methods then raise StateError."""
        with self._lock:
            native, self._native = self._native, None
            if native is not None:
                self._let_go(native)

    @property
    def closed(self) -> bool:
        """True once close() was called."""
        return self._native is None

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __copy__(self: Self) -> Self:
        raise TypeError(f"{type(self).__name__} owns native memory and cannot be copied or pickled")

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"{type(self).__name__} owns native memory and cannot be copied or pickled")
