"""Where the device's time goes: a table by kernel, and a trace for Perfetto or chrome://tracing."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vulkan_forge import _vulkan_forge
from vulkan_forge.errors import ArgumentTypeError, InputError, StateError

if TYPE_CHECKING:
    from types import TracebackType

    from vulkan_forge.types import PathLikeStr

__all__ = ["Profile", "ProfileRow", "profile"]

NAME_WIDTH = 60  # of a table: the library's kernels carry all their macros in their names


@dataclass(frozen=True)
class ProfileRow:
    """All runs of one kernel, copy or fill in a profile."""

    name: str
    count: int
    total_ms: float
    mean_ms: float
    bytes: int
    flops: float

    @property
    def gb_per_s(self) -> float:
        """Bytes of the ranges bound, reads and writes, by time: what a kernel reaches that touches each byte once."""
        return self.bytes / self.total_ms / 1e6 if self.total_ms else 0.0

    @property
    def gflop_per_s(self) -> float | None:
        """Floating-point operations by time; None where nobody stated them."""
        return self.flops / self.total_ms / 1e6 if self.flops and self.total_ms else None


def _stated(flops: Mapping[str, float] | None) -> dict[str, float]:
    """The operations of each kernel as floats: what is none would cost the whole profile, once it is read."""
    if flops is None:
        return {}
    given: object = flops
    if not isinstance(given, Mapping):
        got = type(given).__name__
        raise ArgumentTypeError.build("BAD_TYPE", "flops of a profile", expected="numbers by kernel name", got=got)
    return {name: _operations(name, count) for name, count in flops.items()}


def _operations(name: str, count: Any) -> float:
    failed, expected = f"flops of {name}", "a number of operations, 0 or more"
    try:
        if isinstance(count, str):
            raise TypeError
        number = float(count)
    except (TypeError, ValueError):
        got = type(count).__name__
        raise ArgumentTypeError.build("BAD_TYPE", failed, expected=expected, got=got) from None
    except OverflowError:
        number = math.inf
    if not (math.isfinite(number) and number >= 0):
        raise InputError.build("INVALID_ARGUMENT", failed, expected=expected, got=repr(count)[:40])
    return number


class Profile:
    """What `profile` collects; read it after its block."""

    def __init__(self, device: _vulkan_forge.Device | None, flops: Mapping[str, float] | None) -> None:
        self._native = _vulkan_forge._Profile(device)
        self._flops = _stated(flops)
        self._running: bool | None = None

    def __enter__(self) -> Profile:
        if self._running is not None:
            raise StateError(
                "a profile was entered twice; expected a new one; make it with vf.profile()", "WRONG_STATE", None, {}
            )
        self._native.start()
        self._running = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._native.stop()
        self._running = False

    def _ended(self) -> _vulkan_forge._Profile:
        if self._running is not False:
            raise StateError("a profile is read after its `with` block has ended", "WRONG_STATE", None, {})
        return self._native

    @property
    def rows(self) -> list[ProfileRow]:
        """One row a name, the longest total time first."""
        sums: dict[str, list[float]] = {}
        for _, name, begin, end, touched, flops in self._ended().commands():
            entry = sums.setdefault(name, [0, 0.0, 0, 0.0])
            for i, value in enumerate((1, (end - begin) * 1e-6, touched, flops or self._flops.get(name, 0.0))):
                entry[i] += value
        rows = [
            ProfileRow(name, int(count), ms, ms / count, int(touched), flops)
            for name, (count, ms, touched, flops) in sums.items()
        ]
        return sorted(rows, key=lambda row: -row.total_ms)

    def table(self) -> str:
        """Show the rows as text; of long names the beginning, which `rows` have whole."""
        head = ("name", "count", "total ms", "mean ms", "GB/s", "GFLOP/s")
        lines = [head]
        for row in self.rows:
            rate = row.gflop_per_s
            lines.append(
                (
                    row.name if len(row.name) <= NAME_WIDTH else row.name[: NAME_WIDTH - 3] + "...",
                    str(row.count),
                    f"{row.total_ms:.3f}",
                    f"{row.mean_ms:.4f}",
                    f"{row.gb_per_s:.2f}",
                    f"{rate:.2f}" if rate is not None else "",
                )
            )
        widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
        return "\n".join(
            "  ".join(
                cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )

    __str__ = table

    @property
    def submissions(self) -> list[dict[str, object]]:
        """Each submission with its number, why it happened, its commands, barriers and bytes, and when it was sent."""
        keys = ("number", "why", "commands", "barriers", "bytes", "host_ns")
        return [dict(zip(keys, row, strict=True)) for row in self._ended().submissions()]

    @property
    def calibrated(self) -> bool:
        """True where the driver relates its clock to the host's; else they are aligned by the submissions."""
        return self._ended().calibrated

    def save_trace(self, path: PathLikeStr) -> None:
        """Write a trace in Chrome's JSON: submissions on the host, commands on the device, on one clock.

        Args:
            path: A file, which ui.perfetto.dev and chrome://tracing open.
        """
        submissions, commands = self._ended().submissions(), self._ended().commands()
        start = min([row[5] for row in submissions] + [row[2] for row in commands], default=0.0)
        events: list[dict[str, object]] = [
            {"ph": "M", "pid": 1, "tid": tid, "name": "thread_name", "args": {"name": name}}
            for tid, name in ((1, "host: submissions"), (2, "device"))
        ]
        for number, why, count, barriers, touched, at in submissions:
            about = {"commands": count, "barriers": barriers, "bytes": touched}
            events.append(
                {
                    "ph": "i",
                    "s": "t",
                    "pid": 1,
                    "tid": 1,
                    "ts": (at - start) / 1e3,
                    "name": f"{number}: {why}",
                    "args": about,
                }
            )
        for number, name, begin, end, touched, flops in commands:
            args = {"submission": number, "bytes": touched, "flops": flops or self._flops.get(name, 0.0)}
            events.append(
                {"ph": "X", "pid": 1, "tid": 2, "ts": (begin - start) / 1e3, "dur": (end - begin) / 1e3, "name": name}
                | {"args": args}
            )
        Path(path).write_text(json.dumps({"traceEvents": events, "displayTimeUnit": "ms"}), encoding="utf-8")


def profile(*, device: _vulkan_forge.Device | None = None, flops: Mapping[str, float] | None = None) -> Profile:
    """Time every command that a device runs during a `with` block.

    Commands run one after another meanwhile, so that each has a time of its own; the block ends by waiting for them.
    Outside of a block nothing is timed and nothing costs. Library kernels appear under their names, users' under the
    `name=` of their `Kernel`.

    Args:
        device: A `Device`; None for the default one.
        flops: Floating-point operations of one run, by kernel name, for the GFLOP/s column.

    Raises:
        StateError: Another profile of the device is running.
        ArgumentTypeError, InputError: flops holds what is no number of operations.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> double = vf.Kernel('''layout(local_size_x = 64) in;
        ... layout(binding = 0) buffer X { float x[]; };
        ... void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= 2.0; }''',
        ...     name="double")
        >>> x = vf.asarray(np.ones(1000, np.float32))
        >>> with vf.profile(flops={"double": 1000}) as p:
        ...     for _ in range(3):
        ...         double(x=x, threads=1000)
        >>> [(row.name, row.count, row.bytes) for row in p.rows]
        [('double', 3, 24000)]
    """
    return Profile(device, flops)
