"""`vulkan_forge.numpy` beside NumPy, torch and wgpu: chains, reductions of rows, host costs, and eight NumPy programs.

./dev bench arrays                    beside NumPy, and what of the others is installed
./dev bench arrays --with-peers       in build/peers, where the extra `peers` is installed first
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import _array_peers
import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from _measure import Candidate, best, best_of_both, header, race, row

RNG = np.random.default_rng(0)
PROGRAMS = Path(__file__).parents[1] / "examples" / "numpy_programs"
Made = tuple[str, str, float, list[Candidate]]  # title, unit, work in units, who runs


def optional(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except (ImportError, RuntimeError, ValueError) as why:
        print(f"without {module}: {why}", file=sys.stderr)
        return None


torch = optional("torch")


def wgpu_alone() -> Any:
    try:
        return optional("_peer_wgpu").Peer()
    except (AttributeError, ImportError, RuntimeError, ValueError) as why:  # not there, or not on Vulkan
        print(f"without wgpu: {why}", file=sys.stderr)
        return None


def finished(result: Any) -> Any:
    """The values on the host, as a view where memory is shared."""
    return [np.asarray(one) for one in result] if isinstance(result, tuple) else np.asarray(result)


def same(ours: Any, wanted: Any, tolerance: float) -> None:
    """Nobody is fast and wrong."""
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    for mine, theirs in zip(ours if isinstance(ours, list) else [ours], wanted, strict=True):
        largest = np.abs(theirs).max() or 1
        np.testing.assert_allclose(mine / largest, theirs / largest, rtol=tolerance, atol=tolerance)


def cpu_and_ours(function: Callable[[Any], Callable[..., Any]], values: list[Any], tolerance: float) -> list[Candidate]:
    """function(xp)(*values) by us, by NumPy and by torch, each on arrays of its own."""
    held, work = [vf.asarray(v) for v in values], function(vnp)
    same(finished(work(*held)), function(np)(*values), tolerance)
    with vf.profile():  # what the host would compute until a kernel is worth compiling is compiled now
        finished(work(*held))
    found = [Candidate("ours", lambda: finished(work(*held)), "ours")]
    by_numpy = function(np)
    found.append(Candidate("numpy", lambda: by_numpy(*values), "CPU"))
    if torch:
        tensors, by_torch = [torch.from_numpy(v) for v in values], function(torch)
        found.append(Candidate("torch", lambda: by_torch(*tensors), "CPU"))
    return found


# ---------------------------------------------------------------- chains


def chains(wgpu: Any, steps: int, power: int) -> Made:
    values = list(RNG.random((4, 1 << power), np.float32))
    words = _array_peers.CHAINS[steps]
    who = cpu_and_ours(lambda xp: _array_peers.chain(words, xp), values, 1e-6)
    if wgpu:
        each = _array_peers.wgpu_chain(wgpu, words, values, fused=False)
        who.append(Candidate("wgpu, a kernel each", each, "Vulkan"))
    title = "one operation" if steps == 1 else f"chain of {steps}"
    return f"{title} 2^{power}", "Melem/s", 1e-6 * (1 << power), who


def by_hand(wgpu: Any, steps: int, power: int) -> Made:
    """The bound: somebody wrote the chain as one kernel."""
    title, unit, work, who = chains(None, steps, power)
    values = list(RNG.random((4, 1 << power), np.float32))
    one = _array_peers.wgpu_chain(wgpu, _array_peers.CHAINS[steps], values, fused=True)
    return f"{title}, by hand", unit, work, [who[0], Candidate("wgpu, by hand", one, "Vulkan")]


# ---------------------------------------------------------------- rows and products


def softmax(xp: Any) -> Callable[..., Any]:
    def run(x: Any) -> Any:
        e = xp.exp(x - xp.amax(x, -1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    return run


def layer_norm(xp: Any) -> Callable[..., Any]:
    def run(x: Any, scale: Any, shift: Any) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        return centred / xp.sqrt((centred * centred).mean(-1, keepdims=True) + 1e-5) * scale + shift

    return run


def variance(xp: Any) -> Callable[..., Any]:
    if xp is torch and torch:
        return lambda x: torch.var(x, dim=-1, correction=0)
    return lambda x: xp.var(x, axis=-1)


def over_rows(name: str, function: Callable[[Any], Callable[..., Any]], others: int = 0) -> Made:
    values = [RNG.random((4096, 4096), np.float32), *RNG.random((others, 4096), np.float32)]
    return f"{name} of rows, 4096 x 4096", "GB/s", 1e-9 * values[0].nbytes, cpu_and_ours(function, values, 1e-4)


def dense(xp: Any) -> Callable[..., Any]:
    if xp is torch and torch:
        return lambda a, b, c: torch.relu(a @ b + c)
    return lambda a, b, c: xp.maximum(a @ b + c, 0)


def relu_of_product() -> Made:
    values = [RNG.random((1024, 1024), np.float32) - np.float32(0.5) for _ in range(2)]
    who = cpu_and_ours(dense, [*values, RNG.random(1024, np.float32)], 1e-4)
    return "relu(a @ b + c) 1024", "GFLOP/s", 2e-9 * 1024**3, who


# ---------------------------------------------------------------- the eight programs


def of_users(name: str) -> Made:
    program = runpy.run_path(str(PROGRAMS / f"{name}.py"))
    run, given = program["run"], program["inputs"]()
    if name != "mandelbrot":  # there a rounding moves the round in which a point escapes
        same(finished(run(vnp, **given)), run(np, **given), 5e-3)  # bytes of a picture differ by one
    who = [
        Candidate("ours", lambda: finished(run(vnp, **given)), "ours"),
        Candidate("numpy", lambda: run(np, **given), "CPU"),
    ]
    if torch:
        twin = _array_peers.torch_programs(torch)[name]
        who.append(Candidate("torch", lambda: twin(**given), "CPU"))
    return f"program {name}", "ms", 0.0, who


# ---------------------------------------------------------------- what the host pays


def host_costs() -> None:
    x, y = (vf.asarray(np.ones(4, np.float32)) for _ in range(2))
    p, q = np.ones(4, np.float32), np.ones(4, np.float32)
    mine, theirs = best_of_both(lambda: x + y, lambda: p + q, per_round=5000)
    row("a node of an expression, from Python", mine, "NumPy, 4 elements, done", theirs, "aim < 1 us")

    def twenty(a: Any) -> Any:
        for i in range(10):
            a = a * 1.5 + i
        return a

    kernel = vf.Kernel("""
layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) writeonly buffer Y { float y[]; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < x.length()) y[i] = x[i] * 1.5; }""")
    a, out = vf.asarray(np.ones(1024, np.float32)), vf.empty(1024)
    replayed, bare = vf.compile(twenty), kernel.prepare(x=a, y=out, threads=1024)
    mine, theirs = best_of_both(lambda: finished(replayed(a)), bare, per_round=200)
    row(
        "20 operations through vf.compile, 2^10",
        mine,
        "a prepared kernel",
        theirs,
        f"adds {(mine - theirs) * 1e6:.1f} us",
    )
    small = np.ones(1024, np.float32)
    mine, theirs = best_of_both(lambda: finished(twenty(a)), lambda: twenty(small), per_round=200)
    row("20 operations as they come, 2^10", mine, "NumPy", theirs)


NEW_CHAIN = """
import json, sys, time, numpy as np, vulkan_forge as vf, vulkan_forge.numpy as vnp
def seconds(work):
    start = time.perf_counter(); np.asarray(work()); return time.perf_counter() - start
x, y = (vf.asarray(np.ones(1 << 21, np.float32)) for _ in range(2))  # no small work
with vf.profile(): seconds(lambda: x + y)  # the first kernel of all sets the compiler up
new = lambda: vnp.maximum((x * y + x) * 2 - y, x) + y * y - x / (y + 1)
first = seconds(new)
with vf.profile(): compiled = seconds(new)
again = min(seconds(new) for _ in range(20))
print(json.dumps([first - again, compiled - again]))
"""
MANY_CHAINS = """
import json, numpy as np, vulkan_forge as vf, vulkan_forge.numpy as vnp
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
x, y = (vf.asarray(np.ones(1 << 21, np.float32)) for _ in range(2))  # no small work
def all_of_them():
    for i in range(200):
        z = x
        for bit in range(8):
            z = z + y if i >> bit & 1 else z * y
        np.asarray(z - x)
all_of_them()
by_host = resident() / 2**20
with vf.profile(): np.asarray(x + y)
before = resident() / 2**20
with vf.profile(): all_of_them()
print(json.dumps([by_host, resident() / 2**20 - before, resident() / 2**20]))
"""


def in_fresh_process(code: str, folder: str) -> Any:
    env = {**os.environ, "VULKAN_FORGE_CACHE_DIR": f"{folder}/forge", "MESA_SHADER_CACHE_DIR": f"{folder}/mesa"}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def compiling(wgpu: Any) -> None:
    firsts, seconds = [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            firsts.append(in_fresh_process(NEW_CHAIN, folder))
            seconds += [in_fresh_process(NEW_CHAIN, folder) for _ in range(2)]
    peer, theirs = "the aim", 25e-3
    if wgpu:
        values = list(RNG.random((4, 1 << 16), np.float32))
        peer, theirs = "wgpu, a new pipeline", best(_array_peers.wgpu_new_pipeline(wgpu, values), rounds=5)
    first, compiled = (min(times) for times in zip(*firsts, strict=True))
    row("a chain never seen before: its first result", first, peer, theirs, "aim < 25 ms; CPU drivers: by the host")
    row("... its kernel, compiled once it is worth it", compiled, peer, theirs)
    first, compiled = (min(times) for times in zip(*seconds, strict=True))
    row("a chain seen on disk, new process: first result", first, "the aim", 3e-3)
    row("... its kernel from the driver's cache", compiled, "the aim", 3e-3)
    with tempfile.TemporaryDirectory() as folder:
        by_host, grown, whole = in_fresh_process(MANY_CHAINS, folder)
    for name, size, note in (
        ("200 distinct chains in one process", by_host, "resident; aim < 200 MiB"),
        ("... all of them compiled", whole, f"resident, {grown:.0f} of them since the first"),
    ):
        print(f"{name:42s} {size:10.1f} MiB   {note}", flush=True)


# ---------------------------------------------------------------- all of it


def rows(wgpu: Any) -> Iterator[tuple[str, Callable[[], Made]]]:
    yield "one", lambda: chains(wgpu, 1, 22)
    for steps in (5, 11):
        for power in (22, 16, 10):
            yield "chains", lambda steps=steps, power=power: chains(wgpu, steps, power)
    if wgpu:
        yield "chains", lambda: by_hand(wgpu, 11, 22)
    yield "rows", lambda: over_rows("softmax", softmax)
    yield "rows", lambda: over_rows("layer norm", layer_norm, others=2)
    yield "rows", lambda: over_rows("variance", variance)
    yield "product", relu_of_product
    for path in sorted(PROGRAMS.glob("*.py")):
        yield "programs", lambda name=path.stem: of_users(name)


def print_all(title: str, unit: str, work: float, times: list[tuple[Candidate, float]]) -> None:
    """One row: ours, then everybody else with how many times as fast ours is."""
    mine = times[0][1]

    def figure(seconds: float) -> str:
        return f"{work / seconds:8.1f} {unit}" if work else f"{seconds * 1e3:8.2f} ms"

    others = "".join(f"   {c.name:>8s} {figure(seconds)} ({seconds / mine:5.2f}x)" for c, seconds in times[1:])
    print(f"{title:36s} {figure(mine):>17s}{others}", flush=True)


def total_of(times: list[list[tuple[Candidate, float]]]) -> None:
    """All programs together, for whoever ran all of them."""
    sums: dict[str, float] = {}
    for who in times:
        for candidate, seconds in who:
            sums[candidate.name] = sums.get(candidate.name, 0) + seconds
    text = "   ".join(
        f"{name} {seconds * 1e3:.0f} ms ({seconds / sums['ours']:.2f}x)" for name, seconds in sums.items()
    )
    print(f"{'all programs together':40s} {text}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "rows", nargs="*", help="of: one, chains, rows, product, programs, host, compiling; all by default"
    )
    parser.add_argument("--seconds", type=float, default=4, help="spent on a row")
    options = parser.parse_args()
    header(vf.default_device())
    wgpu, failed, programs = wgpu_alone(), 0, []
    for name, make in rows(wgpu):
        if options.rows and name not in options.rows:
            continue
        try:
            title, unit, work, who = make()
        except Exception as why:  # wrong or missing: said, counted, and no reason to lose the other rows
            print(f"{name}: {type(why).__name__}: {str(why).strip().splitlines()[0]}", file=sys.stderr)
            failed += 1
            continue
        times = race(who, options.seconds)
        print_all(title, unit, work, times)
        if name == "programs":
            programs.append(times)
    if programs:
        total_of(programs)
    for name, report in (("host", host_costs), ("compiling", lambda: compiling(wgpu))):
        if not options.rows or name in options.rows:
            report()
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
