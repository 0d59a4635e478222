"""Times the triangle picture after picture; with VF_ENFORCE_PERF=1 a time beyond its limit makes it fail.

The 95th percentile may be 40 ms times --budget-mult for 512 x 512 pixels, and in proportion for others; with
--baseline, an earlier report, it may instead exceed the baseline's by --regress-pct.
Exits with 2 where a limit that is enforced was exceeded.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median, pstdev

from vulkan_forge._vulkan_forge import Renderer

BUDGET_MS = 40.0
BUDGET_PIXELS = 512 * 512


def timed_ms(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def percentile(samples: list[float], share: float) -> float:
    """Between the samples, linearly."""
    ordered, at = sorted(samples), share * (len(samples) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def limit_of(options: argparse.Namespace) -> tuple[float, str]:
    """The most that the 95th percentile may be, in milliseconds, and where that comes from."""
    if options.baseline and options.baseline.exists():
        before = json.loads(options.baseline.read_text())["steady"]["p95_ms"]
        return before * (1 + options.regress_pct / 100), f"baseline {before:.2f} ms + {options.regress_pct:g} %"
    limit = BUDGET_MS * options.budget_mult * options.width * options.height / BUDGET_PIXELS
    return limit, f"budget for {options.width} x {options.height}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--height", type=int, default=512)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--warmups", type=int, default=3)
    parser.add_argument("--json", type=Path, default=Path("perf_report.json"), help="report to write")
    parser.add_argument("--csv", type=Path, nargs="?", const=Path("perf_samples.csv"), help="also write the samples")
    parser.add_argument("--baseline", type=Path, help="an earlier report; one that is not there yet counts for nothing")
    parser.add_argument("--regress-pct", type=float, default=50.0)
    parser.add_argument("--budget-mult", type=float, default=3.0)
    options = parser.parse_args()

    started = time.perf_counter()
    renderer = Renderer(options.width, options.height)
    renderer.render_triangle_rgba()
    init_ms = (time.perf_counter() - started) * 1000
    for _ in range(options.warmups):
        renderer.render_triangle_rgba()
    samples = [timed_ms(renderer.render_triangle_rgba) for _ in range(max(1, options.runs))]
    p95 = percentile(samples, 0.95)
    limit, source = limit_of(options)
    enforced = os.environ.get("VF_ENFORCE_PERF") == "1"
    report = {
        "width": options.width,
        "height": options.height,
        "runs": len(samples),
        "warmups": options.warmups,
        "init_ms": init_ms,
        "steady": {
            "samples_ms": samples,
            "mean_ms": mean(samples),
            "median_ms": median(samples),
            "p95_ms": p95,
            "stdev_ms": pstdev(samples),
            "min_ms": min(samples),
            "max_ms": max(samples),
        },
        "limit": {"p95_ms": limit, "source": source, "enforced": enforced, "held": p95 <= limit},
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=2) + "\n")
    if options.csv:
        options.csv.parent.mkdir(parents=True, exist_ok=True)
        with options.csv.open("w", newline="") as file:
            csv.writer(file).writerows([("run", "ms"), *enumerate(samples)])
    print(f"init {init_ms:.1f} ms; steady median {median(samples):.2f}, p95 {p95:.2f} ms")
    verdict = "held" if p95 <= limit else "EXCEEDED" if enforced else "exceeded; VF_ENFORCE_PERF=1 makes that fail"
    print(f"limit {limit:.2f} ms ({source}): {verdict}")
    return 2 if enforced and p95 > limit else 0


if __name__ == "__main__":
    raise SystemExit(main())
