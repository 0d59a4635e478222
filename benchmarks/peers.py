"""Every row of the compute table: ours beside the Vulkan libraries and the CPU libraries, in one process, in turn.

./dev bench peers                    ours, and what of the peers is installed
./dev bench peers --with-peers       in build/peers, where the extra `peers` is installed first
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Iterator

import numpy as np

import _cold
import _kernels
import vulkan_forge as vf
from _measure import Candidate, header, race, table_row
from vulkan_forge import compute

Run = Callable[[], object]
RNG = np.random.default_rng(0)
PEERS = ("_peer_wgpu", "_peer_taichi", "_peer_vkdispatch")
MIB = 1 << 20


def open_peers() -> list[object]:
    peers = []
    for module in PEERS:
        try:
            peers.append(importlib.import_module(module).Peer())
        except (ImportError, RuntimeError, ValueError) as why:
            print(f"without {module.removeprefix('_peer_')}: {why}", file=sys.stderr)
    return peers


def optional(name: str) -> object | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


torch, numba, scipy_fft = optional("torch"), optional("numba"), optional("scipy.fft")


def of_peers(peers: list[object], work: str, *arguments: object) -> list[Candidate]:
    """What each peer makes of one row; whoever cannot do it says why and is left out."""
    found = []
    for peer in peers:
        if not hasattr(peer, work):
            continue
        try:
            run = getattr(peer, work)(*arguments)
            run()
        except Exception as why:  # of any library: a peer that fails is no reason to stop
            print(f"{peer.name} cannot do {work}: {str(why).splitlines()[0][:120]}", file=sys.stderr)
        else:
            found.append(Candidate(peer.name, run, "Vulkan"))
    return found


def cpu(*pairs: tuple[str, object, Callable[[], Run]]) -> list[Candidate]:
    return [Candidate(name, make(), "CPU") for name, library, make in pairs if library is not None]


def ready(run: Callable[[], vf.Array]) -> Run:
    """A building block to its end: what it gives is waited for."""

    def whole() -> vf.Array:
        result = run()
        result.device.wait_idle()
        return result

    return whole


def close(got: object, wanted: np.ndarray, tolerance: float = 1e-4) -> None:
    np.testing.assert_allclose(np.asarray(got), wanted, rtol=tolerance, atol=tolerance * np.abs(wanted).max())


# ---------------------------------------------------------------- the rows: name, unit, work in units, candidates


def row_saxpy(peers: list[object]) -> tuple:
    n = 1 << 24
    x, y = RNG.random((2, n), np.float32)
    held = vf.asarray(y)
    ours = _kernels.saxpy(vf.asarray(x), held, 2.0)
    ours()
    close(held, 2 * x + y)
    t = cpu(("numpy", np, lambda: lambda: np.add(x, y, out=y)))
    if torch:
        a, b = torch.from_numpy(x), torch.from_numpy(y)
        t.append(Candidate("torch", lambda: b.add_(a, alpha=2.0), "CPU"))
    return "saxpy 2^24", "GB/s", 12e-9 * n, ours, of_peers(peers, "saxpy", x, y) + t


def row_fused(peers: list[object]) -> tuple:
    n = 1 << 22
    a, b, c, d = RNG.random((4, n), np.float32)
    y = vf.empty(n)
    ours = _kernels.fused(*map(vf.asarray, (a, b, c, d)), y)
    ours()
    close(y, np.sqrt(a * a + b * b) * np.sin(c) + np.exp(-d), 1e-6)
    t = cpu(("numpy", np, lambda: lambda: np.sqrt(a * a + b * b) * np.sin(c) + np.exp(-d)))
    if torch:
        e, f, g, h = map(torch.from_numpy, (a, b, c, d))
        t.append(Candidate("torch", lambda: torch.sqrt(e * e + f * f) * torch.sin(g) + torch.exp(-h), "CPU"))
    return "sqrt(a*a+b*b)*sin(c)+exp(-d) 2^22", "Melem/s", 1e-6 * n, ours, of_peers(peers, "fused", a, b, c, d) + t


def reduction(op: str, peers: list[object]) -> tuple:
    x = RNG.random(1 << 24, np.float32)
    held, whole = vf.asarray(x), {"sum": np.sum, "max": np.max}[op]
    close(compute.reduce(held, op), whole(x))
    t = of_peers(peers, op, x) + cpu(("numpy", np, lambda: lambda: whole(x)))
    return f"{op} 2^24", "GB/s", 1e-9 * x.nbytes, ready(lambda: compute.reduce(held, op)), t


def row_sum(peers: list[object]) -> tuple:
    return reduction("sum", peers)


def row_max(peers: list[object]) -> tuple:
    return reduction("max", peers)


def row_scan(peers: list[object]) -> tuple:
    x = RNG.random(1 << 24, np.float32)
    held = vf.asarray(x)
    close(compute.scan(held), np.cumsum(x, dtype=np.float64))
    t = of_peers(peers, "scan", x) + cpu(("numpy", np, lambda: lambda: np.cumsum(x)))
    return "inclusive scan 2^24", "GB/s", 2e-9 * x.nbytes, ready(lambda: compute.scan(held)), t


def row_sort(peers: list[object]) -> tuple:
    x = RNG.integers(0, 1 << 32, 1 << 22, dtype=np.uint32)
    held = vf.asarray(x)
    np.testing.assert_array_equal(np.asarray(compute.sort(held)), np.sort(x))
    t = of_peers(peers, "sort", x) + cpu(("numpy", np, lambda: lambda: np.sort(x)))
    return "sort u32 2^22", "Melem/s", 1e-6 * x.size, ready(lambda: compute.sort(held)), t


def row_histogram(peers: list[object]) -> tuple:
    x = RNG.random(1 << 24, np.float32)
    held = vf.asarray(x)
    wanted = np.histogram(x, 256, (0, 1))[0]
    np.testing.assert_array_equal(np.asarray(compute.histogram(held, bins=256, range=(0, 1))[0]), wanted)
    t = of_peers(peers, "histogram", x) + cpu(("numpy", np, lambda: lambda: np.histogram(x, 256, (0, 1))))
    run = ready(lambda: compute.histogram(held, bins=256, range=(0, 1))[0])
    return "histogram 256 bins 2^24", "GB/s", 1e-9 * x.nbytes, run, t


def product(m: int, k: int, n: int, peers: list[object]) -> tuple:
    a, b = RNG.random((m, k), np.float32), RNG.random((k, n), np.float32)
    held = vf.asarray(a), vf.asarray(b)
    close(compute.matmul(*held), a @ b)
    t = of_peers(peers, "matmul", a, b) + cpu(("numpy", np, lambda: lambda: a @ b))
    return f"matmul {m}x{k}x{n}", "GFLOP/s", 2e-9 * m * k * n, ready(lambda: compute.matmul(*held)), t


def row_matmul_512(peers: list[object]) -> tuple:
    return product(512, 512, 512, peers)


def row_matmul_1024(peers: list[object]) -> tuple:
    return product(1024, 1024, 1024, peers)


def row_matmul_thin(peers: list[object]) -> tuple:
    return product(2048, 64, 2048, peers)


def transform(shape: tuple[int, ...], peers: list[object]) -> tuple:
    x = (RNG.random(shape) + 1j * RNG.random(shape)).astype(np.complex64)
    held, ours = vf.asarray(x), compute.fft if len(shape) == 1 else compute.fft2
    close(ours(held), np.fft.fftn(x), 1e-4)
    t = of_peers(peers, "fft", x)
    t += cpu(("scipy", scipy_fft, lambda: lambda: scipy_fft.fftn(x, workers=2)))
    if torch:
        y = torch.from_numpy(x)
        t.append(Candidate("torch", lambda: torch.fft.fftn(y), "CPU"))
    name = "x".join(map(str, shape)) if len(shape) > 1 else f"2^{x.size.bit_length() - 1}"
    return f"FFT c64 {name}", "GFLOP/s", 5e-9 * x.size * np.log2(x.size), ready(lambda: ours(held)), t


def row_fft(peers: list[object]) -> tuple:
    return transform((1 << 20,), peers)


def row_fft2(peers: list[object]) -> tuple:
    return transform((1024, 1024), peers)


def row_mandelbrot(peers: list[object]) -> tuple:
    side, most = 1024, 256
    k = vf.asarray(np.zeros(side * side, np.uint32))
    ours = _kernels.mandelbrot(k, side, most)
    ours()
    rounds = int(np.asarray(k).sum(dtype=np.int64))
    t = of_peers(peers, "mandelbrot", side, most)
    if numba:
        import _peer_numba

        t.append(Candidate("numba", _peer_numba.mandelbrot(side, most, np.asarray(k)), "CPU"))
    return "mandelbrot 1024^2 x 256", "Giter/s", 1e-9 * rounds, ours, t


def row_nbody(peers: list[object]) -> tuple:
    n = 8192
    p = RNG.random((n, 4), np.float32)
    f = vf.empty((n, 4))
    ours = _kernels.nbody(vf.asarray(p), f, 1e-4)
    ours()
    d = p[:, :3].astype(np.float64) - p[100, :3]
    close(np.asarray(f)[100, :3], (d * (p[:, 3] * ((d * d).sum(1) + 1e-4) ** -1.5)[:, None]).sum(0), 1e-4)
    t = of_peers(peers, "nbody", p)
    if numba:
        import _peer_numba

        t.append(Candidate("numba", _peer_numba.nbody(p), "CPU"))
    return "n-body 8192", "Ginter/s", 1e-9 * n * n, ours, t


def row_upload_import(peers: list[object]) -> tuple:
    x, y = RNG.random((2, 8 * MIB))
    t = [*of_peers(peers, "upload", x), Candidate("memcpy", lambda: np.copyto(y, x), "CPU")]
    return "upload 64 MiB, imported", "ms", 0.0, lambda: vf.from_host(x), t


def row_upload_copy(peers: list[object]) -> tuple:
    x, y = RNG.random((2, 8 * MIB))
    buffer = vf.Buffer(x.nbytes)
    t = [*of_peers(peers, "upload", x), Candidate("memcpy", lambda: np.copyto(y, x), "CPU")]
    return "upload 64 MiB, copied", "ms", 0.0, lambda: buffer.write(x), t


def row_readback_view(peers: list[object]) -> tuple:
    x = RNG.random(8 * MIB)
    held = vf.asarray(x)
    t = [*of_peers(peers, "readback", x), Candidate("ndarray.copy", x.copy, "CPU")]
    return "readback 64 MiB, view", "ms", 0.0, lambda: np.asarray(held), t


def row_readback_copy(peers: list[object]) -> tuple:
    x = RNG.random(8 * MIB)
    held = vf.asarray(x)
    t = [*of_peers(peers, "readback", x), Candidate("ndarray.copy", x.copy, "CPU")]
    return "readback 64 MiB, copied", "ms", 0.0, held.numpy, t


def tiny(which: int, peers: list[object]) -> tuple[Run, list[Candidate]]:
    def times(run: Run) -> Run:
        return run if which else lambda: [run() for _ in range(1000)]

    able = [peer for peer in peers if hasattr(peer, "tiny")]
    found = [Candidate(peer.name, times(peer.tiny()[which]), "Vulkan") for peer in able]
    return times(_kernels.tiny()[which]), found


def row_tiny_waited(peers: list[object]) -> tuple:
    return "1,000 tiny dispatches, each waited for", "ms", 0.0, *tiny(0, peers)


def row_tiny_together(peers: list[object]) -> tuple:
    return "1,000 tiny dispatches, one submission", "ms", 0.0, *tiny(1, peers)


def rows() -> Iterator[tuple[str, Callable[[list[object]], tuple]]]:
    for name, value in globals().items():
        if name.startswith("row_"):
            yield name.removeprefix("row_"), value


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", help=f"of: {', '.join(name for name, _ in rows())}, start; all by default")
    parser.add_argument("--seconds", type=float, default=4, help="spent on a row")
    options = parser.parse_args()
    header(vf.default_device())
    peers, failed = open_peers(), 0
    for name, row in rows():
        if options.rows and name not in options.rows:
            continue
        try:
            title, unit, work, ours, others = row(peers)
        except Exception as why:  # wrong or missing: said, counted, and no reason to lose the other rows
            print(f"{name}: {type(why).__name__}: {str(why).strip().splitlines()[0]}", file=sys.stderr)
            failed += 1
            continue
        times = race([Candidate("ours", ours, "ours"), *others], options.seconds)
        table_row(title, unit, work, times)
    if not options.rows or "start" in options.rows:
        _cold.report()
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
