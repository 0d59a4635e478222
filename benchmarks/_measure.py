"""How the benchmarks measure and print: best of many rounds, ours beside a named peer in the same run."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple


def best(action: Callable[[], Any], rounds: int = 15, per_round: int = 1, warm: bool = True) -> float:
    """Best time of one action over several rounds, in seconds."""
    if warm:
        action()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(per_round):
            action()
        times.append((time.perf_counter() - start) / per_round)
    return min(times)


def best_of_both(
    ours: Callable[[], Any], peer: Callable[[], Any], rounds: int = 25, per_round: int = 1
) -> tuple[float, float]:
    """Best times of two actions measured in turn, in seconds: on a shared machine both then see the same neighbours."""
    mine, theirs = [], []
    for _ in range(rounds):
        mine.append(best(ours, 1, per_round))
        theirs.append(best(peer, 1, per_round))
    return min(mine), min(theirs)


def header(device: Any) -> None:
    """Prints what runs here, and a warning where something else does."""
    print(f"device: {device.name}, {device.info['driver']}")
    load = os.getloadavg()[0]
    if load > 0.5 * (os.cpu_count() or 1):
        print(f"warning: load average {load:.1f}: figures may be off", file=sys.stderr)


def row(name: str, ours_s: float, peer: str, peer_s: float, note: str = "") -> None:
    """Prints one row with the ratio peer / ours (above 1: ours is faster)."""
    print(
        f"{name:42s} {ours_s * 1e6:10.2f} us   {peer:26s} {peer_s * 1e6:10.2f} us"
        f"   peer/ours {peer_s / ours_s:6.2f}   {note}"
    )


class Candidate(NamedTuple):
    """Who runs in a row of a table: a name, an action that ends when its work is done, and its kind."""

    name: str
    run: Callable[[], Any]
    kind: str  # "ours", "Vulkan" or "CPU"


def race(candidates: list[Candidate], seconds: float) -> list[tuple[Candidate, float]]:
    """Best time of each, measured in turn until the time is spent, at least three times each."""
    times: dict[str, list[float]] = {c.name: [] for c in candidates}
    repeats = {c.name: round(min(max(2e-3 / best(c.run, 2), 1), 1000)) for c in candidates}  # short ones many at once
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or min(map(len, times.values())) < 3:
        for candidate in candidates:
            times[candidate.name].append(best(candidate.run, 1, repeats[candidate.name], warm=False))
    return [(c, min(times[c.name])) for c in candidates]


def table_row(title: str, unit: str, work: float, times: list[tuple[Candidate, float]]) -> None:
    """Prints ours, then the best Vulkan peer and the best CPU library with how many times as fast ours is."""

    def figure(seconds: float) -> str:
        if work:
            return f"{work / seconds:8.1f} {unit}"
        return f"{seconds * 1e3:8.2f} ms" if seconds > 1e-4 else f"{seconds * 1e6:8.2f} us"

    mine = times[0][1]
    text = f"{title:40s} {figure(mine):>18s}"
    for kind in ("Vulkan", "CPU"):
        theirs = [(seconds, c.name) for c, seconds in times[1:] if c.kind == kind]
        if theirs:
            seconds, name = min(theirs)
            text += f"   {name:>12s} {figure(seconds)} ({seconds / mine:5.2f}x)"
    print(text, flush=True)
