"""What a script writes beside its results: env.json, where it ran, and metrics.json, how long it took."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vulkan_forge import _vulkan_forge
from vulkan_forge.errors import ArgumentTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vulkan_forge.types import PathLikeStr

__all__ = ["MemoryReport", "MemoryRow", "Metrics", "environment_report"]

# Variables that change what vulkan_forge does.
VARIABLES = ("VULKAN_FORGE_", "VF_", "WGPU_BACKEND", "VK_")


def environment_report(device: _vulkan_forge.Device | None = None) -> dict[str, Any]:
    """Say where this process runs, in values that JSON can hold.

    Args:
        device: Also described; None opens no device and describes none.

    Raises:
        ArgumentTypeError: device is no `Device`.

    Example:
        >>> import vulkan_forge as vf
        >>> vf.environment_report()["vulkan_forge"] == vf.__version__
        True
    """
    import platform

    import numpy as np

    given: object = device
    if given is not None and not isinstance(given, _vulkan_forge.Device):
        expected, got = "vf.Device or None", type(device).__name__
        raise ArgumentTypeError.build("BAD_TYPE", "device", expected=expected, got=got)
    report: dict[str, Any] = {
        "vulkan_forge": _vulkan_forge.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": platform.platform(),
        "cpus": os.cpu_count(),
        "glsl_compiler": _vulkan_forge.compiler_version(),
        "vulkan_loader": None,
        "device": None,
        "environment": {k: v for k, v in sorted(os.environ.items()) if k.startswith(VARIABLES)},
    }
    with contextlib.suppress(RuntimeError):  # no loader, no driver
        report["vulkan_loader"] = _vulkan_forge.loader_version()
    if device is not None:
        info = device.info
        kept = ("name", "device_type", "driver", "api_version", "uuid", "shares_memory_with_host")
        report["device"] = {key: info[key] for key in kept}
    return report


@dataclass(frozen=True)
class MemoryRow:
    """A device's memory under one label."""

    label: str
    bytes: int
    peak_bytes: int
    count: int
    on_device: bool


class MemoryReport(NamedTuple):
    """A device's live memory by label, as `Device.memory_report` gives it; `print` shows a table."""

    rows: tuple[MemoryRow, ...]
    bytes: int
    peak_bytes: int
    pooled_bytes: int

    def __str__(self) -> str:
        """Show a line for each label, the largest first, and the totals."""
        lines = [("label", "MiB", "peak MiB", "count")]
        for row in self.rows:
            label = row.label if row.on_device else f"{row.label} (host memory)"
            lines.append((label, f"{row.bytes / 2**20:.2f}", f"{row.peak_bytes / 2**20:.2f}", str(row.count)))
        lines.append(("all on the device", f"{self.bytes / 2**20:.2f}", f"{self.peak_bytes / 2**20:.2f}", ""))
        lines.append(("kept for reuse", f"{self.pooled_bytes / 2**20:.2f}", "", ""))
        widths = [max(len(line[i]) for line in lines) for i in range(4)]
        return "\n".join(
            "  ".join(
                cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )


class Metrics(dict[str, float]):
    """Times in milliseconds and bytes, by name: a dict that measures and saves itself.

    Example:
        >>> import vulkan_forge as vf
        >>> metrics = vf.Metrics()
        >>> with metrics.measure("encode"):
        ...     data = bytes(1000)
        >>> metrics["bytes"] = len(data)
        >>> sorted(metrics)
        ['bytes', 'encode_ms']
    """

    @contextlib.contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Add the block's wall time to NAME_ms, and bytes copied to uploaded_bytes and downloaded_bytes."""
        before = _vulkan_forge.transfer_counters()
        started = time.perf_counter()
        try:
            yield
        finally:
            self._add(f"{name}_ms", (time.perf_counter() - started) * 1000)
            for key, value in _vulkan_forge.transfer_counters().items():
                if value > before[key]:
                    self._add(key, value - before[key])

    def _add(self, name: str, value: float) -> None:
        self[name] = self.get(name, 0) + value

    def save(self, folder: PathLikeStr, device: _vulkan_forge.Device | None = None) -> None:
        """Write metrics.json and env.json into a folder, which is made where it is missing.

        Raises:
            ArgumentTypeError: A value is no number, or device no `Device`; nothing is written.
        """
        import json

        numbers = {name: _plain(name, value) for name, value in self.items()}
        environment = environment_report(device)
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        for name, content in (("metrics", numbers), ("env", environment)):
            (place / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")


def _plain(name: str, value: Any) -> Any:
    """A number as JSON has it; NumPy's own are none of Python's."""
    number = value.item() if hasattr(value, "item") and getattr(value, "shape", None) == () else value
    if not isinstance(number, (bool, int, float)):
        failed, got = f"{name} of Metrics cannot be saved", type(value).__name__
        raise ArgumentTypeError.build("BAD_TYPE", failed, expected="a number", got=got)
    return number
