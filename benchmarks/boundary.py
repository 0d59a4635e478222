"""The boundary between Python and the device: calls, prepared kernels, recording, uploads, readbacks, views.

./dev bench boundary
"""

from __future__ import annotations

import numpy as np

import vulkan_forge as vf
from _measure import best, best_of_both, header, row
from vulkan_forge._vulkan_forge import _testing

INCREMENT = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { uint x[]; };
layout(push_constant) uniform Push { uint n; };
void main() { if (gl_GlobalInvocationID.x < n) x[gl_GlobalInvocationID.x] += 1; }
"""
MIB = 1 << 20


def python_identity(x: int) -> int:
    return x


def calls() -> None:
    native = best(lambda: _testing.noop(1), per_round=20000)
    python = best(lambda: python_identity(1), per_round=20000)
    row("Python -> C++ -> Python", native, "a Python function", python, "aim < 0.3 us")


def kernels() -> None:
    kernel = vf.Kernel(INCREMENT)
    x = vf.asarray(np.zeros(64, np.uint32))
    call = kernel.prepare(x=x, n=64, threads=64)
    prepared = best(call, per_round=300)
    unprepared = best(lambda: kernel(x=x, n=64, threads=64), per_round=300)
    row("prepared kernel, submit and wait", prepared, "kernel(...) each time", unprepared)
    host = np.zeros(64, np.uint32)
    imported = best(lambda: kernel(x=host, n=64, threads=64), per_round=300)
    row("kernel(...) on an Array", unprepared, "on an ndarray (imported)", imported)
    recorder = vf.Recorder()

    def record(n: int = 1000) -> None:
        with recorder, recorder.scope("all"):
            for _ in range(n):
                recorder.run(call)

    whole = best(record) / 1000
    row("1,000 dispatches in one Recorder, each", whole, "prepared, waited each", prepared)


def transfers() -> None:
    source = np.random.default_rng(0).random(64 * MIB // 8)
    target = np.empty_like(source)
    array = vf.asarray(source)
    buffer = vf.Buffer(source.nbytes)
    for name, ours, peer, action, note in [
        (
            "upload 64 MiB into a Buffer",
            lambda: buffer.write(source),
            "memcpy (np.copyto)",
            lambda: np.copyto(target, source),
            "aim within 10 %",
        ),
        ("upload 64 MiB, vf.asarray", lambda: vf.asarray(source), "ndarray.copy()", source.copy, ""),
        (
            "upload 64 MiB, vf.from_host (no copy)",
            lambda: vf.from_host(source),
            "memcpy (np.copyto)",
            lambda: np.copyto(target, source),
            "",
        ),
        ("readback 64 MiB, copied into NumPy", array.numpy, "ndarray.copy()", source.copy, "aim within 10 %"),
    ]:
        mine, theirs = best_of_both(ours, action)
        row(name, mine, peer, theirs, note)
    mine, theirs = best_of_both(lambda: np.asarray(array), source.view, per_round=2000)
    row("readback 64 MiB, view", mine, "ndarray.view()", theirs, "aim < 2 us")


def main() -> None:
    header(vf.default_device())
    calls()
    kernels()
    transfers()


if __name__ == "__main__":
    main()
