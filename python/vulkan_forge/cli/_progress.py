"""What a command is doing, for people who wait: a line on a terminal's stderr, nothing elsewhere."""

from __future__ import annotations

import sys
import time

PATIENCE_S = 0.4  # shorter work says nothing


class Progress:
    """Steps of a command, by name. Use it with `with`: the line goes when the work is done."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._is_shown = sys.stderr.isatty() and not quiet
        self._started = time.monotonic()
        self._width = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Takes the line away, for what the command prints itself."""
        self._show("")

    def step(self, name: str, part: float | None = None) -> None:
        """Says what comes now, and how much of it is done, 0 to 1."""
        share = "" if part is None else f" {100 * part:3.0f} %"
        seconds = time.monotonic() - self._started
        if part is None or seconds > PATIENCE_S:
            self._show(f"{name}{share}" + (f"  {seconds:.0f} s" if seconds >= 1 else ""))

    def _show(self, text: str) -> None:
        if not self._is_shown:
            return
        sys.stderr.write(f"\r{text:{self._width}}\r" if not text else f"\r{text:{self._width}}")
        sys.stderr.flush()
        self._width = len(text)
