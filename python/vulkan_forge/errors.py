"""The errors that vulkan_forge raises.

Every class derives from `VulkanForgeError` (a RuntimeError) and, where one fits, from the builtin that
callers expect: `ShapeError` is a ValueError too. Each error carries `code`, a stable string; `original_code`,
the VkResult of the Vulkan call behind it or None; and `details`, a dict with expected, got and more.
"""

from __future__ import annotations

from typing import Any, TypeVar

__all__ = [
    "ArgumentTypeError",
    "BindingError",
    "DeviceError",
    "DeviceLostError",
    "DtypeError",
    "FileError",
    "ForkError",
    "InputError",
    "InternalError",
    "InteropError",
    "LayoutError",
    "LimitError",
    "NoDeviceError",
    "OutOfMemoryError",
    "RangeError",
    "ReadOnlyError",
    "ShaderError",
    "ShapeError",
    "StateError",
    "UnmappedError",
    "UnsupportedError",
    "VulkanForgeError",
    "WaitTimeoutError",
]

E = TypeVar("E", bound="VulkanForgeError")


class VulkanForgeError(RuntimeError):
    """Base of all errors of vulkan_forge.

    Args:
        message: What failed; expected ...; got ...; how to mend it.
        code: Stable name of the failure, such as "DEVICE_LOST".
        original_code: VkResult of the Vulkan call behind it, or None.
        details: Machine-readable parts of the message.
    """

    def __init__(
        self,
        message: str,
        code: str = "UNMAPPED_ERROR",
        original_code: int | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.original_code = original_code
        self.details: dict[str, Any] = dict(details or {})

    @classmethod
    def build(cls: type[E], code: str, failed: str, *, expected: str = "", got: str = "", mend: str = "") -> E:
        """Make an error whose message and details are put together as the native module does it."""
        parts = {"expected": expected, "got": got, "mend": mend}
        details = {key: text for key, text in parts.items() if text}
        said = [text if key == "mend" else f"{key} {text}" for key, text in details.items()]
        return cls("; ".join([failed, *said]), code, None, details)

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.code, self.original_code, self.details)


class InputError(VulkanForgeError, ValueError):
    """An argument has a value that cannot work."""


class ArgumentTypeError(InputError, TypeError):
    """An argument has the wrong type."""


class ShapeError(InputError):
    """An array has the wrong shape or size."""


class DtypeError(InputError, TypeError):
    """An array has the wrong dtype."""


class LayoutError(InputError):
    """An array is not laid out in memory as needed: not contiguous, or not aligned."""


class ReadOnlyError(InputError):
    """A read-only array was asked to be written."""


class RangeError(InputError, IndexError):
    """An index or range lies outside its array."""


class LimitError(InputError):
    """A size is beyond a limit of the device; `details["limit"]` is the limit."""


class BindingError(InputError, TypeError):
    """A kernel argument is missing or unknown."""


class ShaderError(InputError):
    """GLSL did not compile, or SPIR-V is not valid; `details` has the compiler's log."""


class NoDeviceError(VulkanForgeError):
    """No Vulkan loader, driver or fitting device."""


class UnsupportedError(VulkanForgeError):
    """The device lacks a feature; `details["feature"]` names it where it has a name."""


class OutOfMemoryError(VulkanForgeError, MemoryError):
    """The device's or the host's memory is exhausted."""


class DeviceError(VulkanForgeError):
    """A Vulkan call failed; `original_code` is its VkResult."""


class DeviceLostError(DeviceError):
    """The device was lost: it must be closed and opened anew."""


class WaitTimeoutError(VulkanForgeError, TimeoutError):
    """A wait ended before the work did. The work goes on."""


class ForkError(VulkanForgeError):
    """A device was used in a forked process."""


class FileError(VulkanForgeError, OSError):
    """A file could not be read or written."""


class StateError(VulkanForgeError):
    """An object was used after close(), or in the wrong order."""


class InteropError(VulkanForgeError, BufferError):
    """Memory could not be shared with NumPy or another library."""


class InternalError(VulkanForgeError):
    """A mistake inside vulkan_forge."""


class UnmappedError(VulkanForgeError):
    """A failure whose code has no class; a mistake inside vulkan_forge."""
