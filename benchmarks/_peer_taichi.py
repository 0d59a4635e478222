"""Taichi on its Vulkan back end: kernels in its Python; it reads annotations itself, so none may be postponed."""

from collections.abc import Callable

import numpy as np
import taichi as ti

Run = Callable[[], object]


@ti.kernel
def saxpy(x: ti.types.ndarray(dtype=ti.f32, ndim=1), y: ti.types.ndarray(dtype=ti.f32, ndim=1), a: ti.f32):
    for i in x:
        y[i] = a * x[i] + y[i]


@ti.kernel
def fused(
    a: ti.types.ndarray(dtype=ti.f32, ndim=1),
    b: ti.types.ndarray(dtype=ti.f32, ndim=1),
    c: ti.types.ndarray(dtype=ti.f32, ndim=1),
    d: ti.types.ndarray(dtype=ti.f32, ndim=1),
    y: ti.types.ndarray(dtype=ti.f32, ndim=1),
):
    for i in a:
        y[i] = ti.sqrt(a[i] * a[i] + b[i] * b[i]) * ti.sin(c[i]) + ti.exp(-d[i])


@ti.kernel
def total(x: ti.types.ndarray(dtype=ti.f32, ndim=1)) -> ti.f32:
    sum = 0.0
    for i in x:
        sum += x[i]
    return sum


@ti.kernel
def mandelbrot(k: ti.types.ndarray(dtype=ti.u32, ndim=1), side: ti.i32, most: ti.i32):
    for i in k:
        x = ti.cast(i % side, ti.f32) / side * 3.0 - 2.0
        y = ti.cast(i // side, ti.f32) / side * 3.0 - 1.5
        a, b, n = 0.0, 0.0, 0
        while n < most and a * a + b * b < 4.0:
            a, b = a * a - b * b + x, 2.0 * a * b + y
            n += 1
        k[i] = ti.cast(n, ti.u32)


@ti.kernel
def nbody(p: ti.types.ndarray(dtype=ti.math.vec4, ndim=1), f: ti.types.ndarray(dtype=ti.math.vec4, ndim=1)):
    for i in p:
        sum = ti.Vector([0.0, 0.0, 0.0])
        for j in range(p.shape[0]):
            d = p[j].xyz - p[i].xyz
            q = 1.0 / ti.sqrt(d.dot(d) + 1e-4)
            sum += d * (p[j].w * q * q * q)
        f[i] = ti.Vector([sum[0], sum[1], sum[2], 0.0])


class Peer:
    """The rows Taichi can do; each gives an action that ends when the device has finished."""

    name = "taichi"

    def __init__(self) -> None:
        ti.init(arch=ti.vulkan, log_level=ti.ERROR)
        if ti.lang.impl.current_cfg().arch != ti.vulkan:
            raise ImportError("Taichi answers with another back end here, not Vulkan")

    def array(self, values: np.ndarray, dtype: object = ti.f32) -> ti.Ndarray:
        held = ti.ndarray(dtype, values.shape)
        held.from_numpy(values)
        return held

    def after(self, kernel: Callable[..., object], *arguments: object) -> Run:
        def run() -> None:
            kernel(*arguments)
            ti.sync()

        return run

    def saxpy(self, x: np.ndarray, y: np.ndarray) -> Run:
        return self.after(saxpy, self.array(x), self.array(y), 2.0)

    def fused(self, *inputs: np.ndarray) -> Run:
        return self.after(fused, *(self.array(v) for v in (*inputs, np.zeros_like(inputs[0]))))

    def sum(self, x: np.ndarray) -> Run:
        held = self.array(x)
        return lambda: total(held)

    def sort(self, x: np.ndarray) -> Run:
        held, start = ti.field(ti.u32, x.size), x.copy()
        held.from_numpy(start)

        def run() -> None:
            ti.algorithms.parallel_sort(held)
            ti.sync()

        return run

    def mandelbrot(self, side: int, most: int) -> Run:
        return self.after(mandelbrot, ti.ndarray(ti.u32, side * side), side, most)

    def nbody(self, p: np.ndarray) -> Run:
        held = ti.Vector.ndarray(4, ti.f32, p.shape[0])
        held.from_numpy(p)
        return self.after(nbody, held, ti.Vector.ndarray(4, ti.f32, p.shape[0]))
