"""Replaying a graph: what a command costs the host, and a run against calls that wait and against one recording.

./dev bench graphs
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import numpy as np

import vulkan_forge as vf
from _measure import best, header, row

COMMANDS = 1000
SCALE = """
layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { float alpha; float beta; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < y.length()) y[i] = alpha * x[i] + beta; }
"""


def host_time(submit: Callable[[], vf.Event], rounds: int = 40) -> float:
    """Best time of a submission, in seconds: what the host does before it could wait."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        event = submit()
        times.append(time.perf_counter() - start)
        event.wait()
    return min(times)


def main() -> None:
    header(vf.default_device())
    kernel = vf.Kernel(SCALE, name="scale")
    arrays = [vf.asarray(np.ones(64, np.float32)) for _ in range(COMMANDS + 1)]
    other = vf.asarray(np.ones(64, np.float32))
    steps = list(itertools.pairwise(arrays))
    with vf.record() as graph:
        for i, (x, y) in enumerate(steps):
            kernel(x=x, y=y, alpha=1.0, beta=float(i), threads=64)
    calls = [kernel.prepare(x=x, y=y, alpha=1.0, beta=0.0, threads=64) for x, y in steps]
    recorder = vf.Recorder()
    values = itertools.count(1)

    def waited() -> None:
        for call in calls:
            call()

    def recorded() -> None:
        with recorder:
            for call in calls:
                recorder.run(call)

    def one_scalar() -> vf.Event:
        return graph.submit({"scale#1.beta": float(next(values))})

    def every_scalar() -> vf.Event:
        return graph.submit(alpha=float(next(values)))

    def one_array() -> vf.Event:
        return graph.submit({"scale#1.x": other}, alpha=float(next(values)))

    graph.run()
    device = best(graph.run, rounds=10)
    row("1,000 commands, graph.run()", device, "prepared calls, waited each", best(waited, rounds=5))
    row("1,000 commands, graph.run()", device, "one Recorder block", best(recorded, rounds=5))
    aim = 1e-6
    for name, submit in [
        ("host a command, values of an earlier run", graph.submit),
        ("host a command, one scalar changed", one_scalar),
        ("host a command, a scalar of each changed", every_scalar),
        ("host a command, an array and all scalars", one_array),
    ]:
        row(name, host_time(submit) / COMMANDS, "the aim", aim)


if __name__ == "__main__":
    main()
