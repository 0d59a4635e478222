"""What arrays are compared with: chains as WGSL for wgpu, and the NumPy programs of examples/ written for torch."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import numpy as np

Run = Callable[[], object]

# ---------------------------------------------------------------- chains: each step makes the next t, of a b c d

CHAINS = {
    1: ["a + b"],
    5: ["a + b", "t * c", "t - d", "t * a", "t + b"],
    11: [
        "a * b",
        "t + c",
        "t * d",
        "t - a",
        "t * t",
        "t + b",
        "sqrt(t)",
        "t * c",
        "t - d",
        "maximum(t, a)",
        "t + b",
    ],
}


def chain(steps: list[str], xp: Any) -> Callable[..., Any]:
    """A function of a b c d in the words of NumPy, torch or ours."""
    body = "\n".join(f"    t = {step}" for step in steps)
    scope = {"sqrt": xp.sqrt, "maximum": xp.maximum}
    exec(f"def chained(a, b, c, d):\n{body}\n    return t", scope)
    return scope["chained"]


def wgsl(steps: list[str]) -> tuple[str, list[str]]:
    """A kernel of these steps, and the names of the arrays that it reads; it ends in t."""
    text = " ".join(steps)
    reads = [name for name in "abcd" if re.search(rf"\b{name}\b", text)]
    before = bool(re.search(r"\bt\b", steps[0]))
    lines = [f"@group(0) @binding({i}) var<storage, read> m{x}: array<vec4f>;" for i, x in enumerate(reads)]
    lines.append(f"@group(0) @binding({len(reads)}) var<storage, read_write> mt: array<vec4f>;")
    lines.append("@compute @workgroup_size(256) fn main(@builtin(global_invocation_id) id: vec3u) {")
    lines.append("let i = id.x; if (i >= arrayLength(&mt)) { return; }")
    lines += [f"let {x} = m{x}[i];" for x in reads]
    lines.append("var t = mt[i];" if before else "var t = vec4f(0);")
    lines += [f"t = {step.replace('maximum', 'max')};" for step in steps]
    return "\n".join([*lines, "mt[i] = t; }"]), reads


def wgpu_chain(peer: Any, steps: list[str], arrays: Any, fused: bool) -> Run:
    """The chain by wgpu: one kernel written by hand, or a kernel for each operation in one submission."""
    held = {name: peer.buffer(x) for name, x in zip("abcd", arrays, strict=True)}
    held["t"] = peer.buffer(np.zeros_like(arrays[0]))
    work = []
    for part in [steps] if fused else [[step] for step in steps]:
        source, reads = wgsl(part)
        groups = (-(-arrays[0].size // 1024),)
        work.append(peer.step(source, [*(held[name] for name in reads), held["t"]], groups))
    return lambda: peer.run(*work)


def wgpu_new_pipeline(peer: Any, arrays: Any) -> Run:
    """Makes a pipeline that neither wgpu nor the driver's cache on disk has seen before, again and again."""

    def make() -> None:
        wgpu_chain(peer, [*CHAINS[11], f"t * {secrets.randbelow(1 << 30)}.5"], arrays, fused=True)()

    return make


# ---------------------------------------------------------------- the eight programs for torch


def torch_programs(torch: Any) -> dict[str, Callable[..., Any]]:
    """Twins of examples/numpy_programs, by name: the same steps in torch's words."""
    put = torch.from_numpy

    def heat(plate: Any, steps: int, rate: float = 0.2) -> Any:
        u = put(plate.copy())
        for _ in range(steps):
            around = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]
            u[1:-1, 1:-1] += rate * (around - 4 * u[1:-1, 1:-1])
        return u

    def life(board: Any, generations: int) -> Any:
        alive = put(board)
        around = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
        for _ in range(generations):
            neighbours = sum(torch.roll(alive, shift, dims=(0, 1)).int() for shift in around)
            alive = (neighbours == 3) | (alive & (neighbours == 2))
        return alive

    def kmeans(points: Any, k: int, rounds: int) -> Any:
        points = put(points)
        centres = points[:k].clone()
        for _ in range(rounds):
            distances = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(dim=2)
            nearest = distances.argmin(dim=1)
            centres = torch.stack([points[nearest == i].mean(dim=0) for i in range(k)])
        return centres, nearest

    def logistic(x: Any, y: Any, rounds: int, rate: float = 0.5) -> Any:
        x, y = put(x), put(y)
        weights, bias, losses = torch.zeros(x.shape[1]), torch.zeros(()), []
        for _ in range(rounds):
            p = 1 / (1 + torch.exp(-(x @ weights + bias)))
            losses.append(-torch.mean(y * torch.log(p + 1e-7) + (1 - y) * torch.log(1 - p + 1e-7)))
            error = p - y
            weights = weights - rate * (x.T @ error) / len(y)
            bias = bias - rate * error.mean()
        return weights, bias, torch.stack(losses)

    def blur(picture: Any, sigma: float) -> Any:
        radius = int(3 * sigma)
        weights = [2.0 ** -((i / sigma) ** 2) for i in range(-radius, radius + 1)]
        weights = [w / sum(weights) for w in weights]
        for axis in (0, 1):
            n = picture.shape[axis]
            at = torch.arange(-radius, n + radius).clamp(0, n - 1)
            padded = picture.index_select(axis, at)
            picture = sum(w * padded.narrow(axis, i, n) for i, w in enumerate(weights))
        return picture

    def image_filter(picture: Any) -> Any:
        linear = (put(picture).to(torch.float32) / 255) ** 2.2
        soft = blur(linear, 1.0)
        sharp = torch.clip(soft + 0.8 * (soft - blur(soft, 2.0)), 0, 1)
        gray = sharp @ torch.tensor([0.2126, 0.7152, 0.0722])
        gx = gray[:-2, 2:] + 2 * gray[1:-1, 2:] + gray[2:, 2:] - gray[:-2, :-2] - 2 * gray[1:-1, :-2] - gray[2:, :-2]
        gy = gray[2:, :-2] + 2 * gray[2:, 1:-1] + gray[2:, 2:] - gray[:-2, :-2] - 2 * gray[:-2, 1:-1] - gray[:-2, 2:]
        edges = torch.hypot(gx, gy)
        return (sharp ** (1 / 2.2) * 255 + 0.5).to(torch.uint8), edges / edges.max()

    def differences(position: Any) -> Any:
        x, y, z = position[:, 0:1], position[:, 1:2], position[:, 2:3]
        return x.T - x, y.T - y, z.T - z

    def acceleration(position: Any, mass: Any, softening: float) -> Any:
        dx, dy, dz = differences(position)
        pull = (dx**2 + dy**2 + dz**2 + softening**2) ** -1.5
        return torch.stack([(dx * pull) @ mass, (dy * pull) @ mass, (dz * pull) @ mass], dim=1)

    def energy(position: Any, velocity: Any, mass: Any, softening: float) -> Any:
        dx, dy, dz = differences(position)
        distance = torch.sqrt(dx**2 + dy**2 + dz**2 + softening**2)
        kinetic = 0.5 * torch.sum(mass[:, None] * velocity**2)
        return kinetic - 0.5 * torch.sum(mass[:, None] * mass[None, :] / distance)

    def nbody(position: Any, velocity: Any, mass: Any, steps: int, dt: float = 0.01, softening: float = 0.1) -> Any:
        position, velocity, mass = put(position), put(velocity), put(mass)
        pull, energies = acceleration(position, mass, softening), []
        for _ in range(steps):
            velocity = velocity + pull * (dt / 2)
            position = position + velocity * dt
            pull = acceleration(position, mass, softening)
            velocity = velocity + pull * (dt / 2)
            energies.append(energy(position, velocity, mass, softening))
        return position, torch.stack(energies)

    def normal_cdf(x: Any) -> Any:
        t = 1 / (1 + 0.2316419 * torch.abs(x))
        tail = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
        below = torch.exp(-0.5 * x * x) / np.sqrt(2 * np.pi) * tail
        return torch.where(x > 0, 1 - below, below)

    def black_scholes(spot: Any, strike: Any, years: Any, volatility: Any, rate: float = 0.03) -> Any:
        spot, strike, years, volatility = map(put, (spot, strike, years, volatility))
        spread = volatility * torch.sqrt(years)
        d1 = (torch.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / spread
        d2 = d1 - spread
        delta = normal_cdf(d1)
        discounted = strike * torch.exp(-rate * years)
        call = spot * delta - discounted * normal_cdf(d2)
        put_price = call + discounted - spot
        vega = spot * torch.sqrt(years) * torch.exp(-0.5 * d1**2) / np.sqrt(2 * np.pi)
        return call, put_price, delta, vega

    def mandelbrot(height: int, width: int, rounds: int) -> Any:
        x = torch.linspace(-2.1, 0.9, width, dtype=torch.float64)
        y = torch.linspace(-1.0, 1.0, height, dtype=torch.float64)
        c = x[None, :] + 1j * y[:, None]
        z = torch.zeros_like(c)
        escaped = torch.full(c.shape, rounds)
        for i in range(rounds):
            z = z**2 + c
            outside = torch.abs(z) > 2
            escaped[outside & (escaped == rounds)] = i
            z[outside] = 2
        return escaped

    programs = (heat, life, kmeans, logistic, image_filter, nbody, black_scholes, mandelbrot)
    return {program.__name__: program for program in programs}
