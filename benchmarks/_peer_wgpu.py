"""wgpu-py with hand-written WGSL: what its users write for the same work."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import wgpu

Run = Callable[[], object]

ELEMENTWISE = """
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read> c: array<vec4f>;
@group(0) @binding(3) var<storage, read> d: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(256) fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i < arrayLength(&y)) { y[i] = sqrt(a[i] * a[i] + b[i] * b[i]) * sin(c[i]) + exp(-d[i]); }
}
"""
SAXPY = """
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(256) fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i < arrayLength(&y)) { y[i] = 2.0 * x[i] + y[i]; }
}
"""
SUM = """
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> parts: array<f32>;
const EACH = 64u;
@compute @workgroup_size(64) fn main(@builtin(workgroup_id) g: vec3u, @builtin(local_invocation_index) l: u32,
    @builtin(subgroup_size) s: u32) {
  let base = g.x * 64u * EACH + l;
  var sum = vec4f(0);
  for (var i = 0u; i < EACH; i++) { sum += x[base + i * 64u]; }
  let all = subgroupAdd(sum.x + sum.y + sum.z + sum.w);
  if (l % s == 0u) { parts[g.x * (64u / s) + l / s] = all; }
}
"""
HISTOGRAM = """
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> bins: array<atomic<u32>, 256>;
var<workgroup> mine: array<atomic<u32>, 256>;
const EACH = 64u;
@compute @workgroup_size(256) fn main(@builtin(workgroup_id) g: vec3u, @builtin(local_invocation_index) l: u32) {
  atomicStore(&mine[l], 0u);
  workgroupBarrier();
  let base = g.x * 256u * EACH + l;
  for (var i = 0u; i < EACH; i++) { atomicAdd(&mine[min(u32(x[base + i * 256u] * 256.0), 255u)], 1u); }
  workgroupBarrier();
  atomicAdd(&bins[l], atomicLoad(&mine[l]));
}
"""
SCAN = """
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
var<workgroup> part: array<f32, 256>;
@compute @workgroup_size(256) fn blocks(@builtin(workgroup_id) g: vec3u, @builtin(local_invocation_index) l: u32) {
  let base = (g.x * 256u + l) * 16u;
  var sum = 0.0;
  for (var i = 0u; i < 16u; i++) { sum += x[base + i]; y[base + i] = sum; }
  part[l] = sum;
  workgroupBarrier();
  for (var step = 1u; step < 256u; step *= 2u) {
    let before = select(0.0, part[max(l, step) - step], l >= step);
    workgroupBarrier();
    part[l] += before;
    workgroupBarrier();
  }
  let offset = part[l] - sum;
  for (var i = 0u; i < 16u; i++) { y[base + i] += offset; }
  if (l == 255u) { sums[g.x] = part[l]; }
}
@compute @workgroup_size(1) fn middle() {
  var sum = 0.0;
  for (var i = 0u; i < arrayLength(&sums); i++) { let s = sums[i]; sums[i] = sum; sum += s; }
}
@compute @workgroup_size(256) fn add(@builtin(workgroup_id) g: vec3u, @builtin(local_invocation_index) l: u32) {
  let base = g.x * 4096u + l;
  for (var i = 0u; i < 16u; i++) { y[base + i * 256u] += sums[g.x]; }
}
"""
MATMUL = """
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
const K = KSIZEu; const N4 = NSIZEu / 4u;
@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.y * 8u;
  var sum: array<vec4f, 8>;
  for (var k = 0u; k < K; k++) {
    let v = b[k * N4 + id.x];
    ROWS
  }
  STORES
}
"""
MANDELBROT = """
@group(0) @binding(0) var<storage, read_write> k: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  let x = f32(i % SIDEu) / f32(SIDE) * 3.0 - 2.0; let y = f32(i / SIDEu) / f32(SIDE) * 3.0 - 1.5;
  var a = 0.0; var b = 0.0; var n = 0u;
  while (n < MOSTu && a * a + b * b < 4.0) { let t = a * a - b * b + x; b = 2.0 * a * b + y; a = t; n++; }
  k[i] = n;
}
"""
NBODY = """
@group(0) @binding(0) var<storage, read> p: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> f: array<vec4f>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  let me = p[id.x].xyz;
  var sum = vec3f(0);
  for (var j = 0u; j < arrayLength(&p); j++) {
    let other = p[j]; let d = other.xyz - me; let q = inverseSqrt(dot(d, d) + 1e-4);
    sum += d * (other.w * q * q * q);
  }
  f[id.x] = vec4f(sum, 0);
}
"""
TINY = """
@group(0) @binding(0) var<storage, read_write> x: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { x[id.x] += 1u; }
"""


class Peer:
    """The rows wgpu can do; each gives an action that ends when the device has finished."""

    name = "wgpu"

    def __init__(self) -> None:
        adapter = wgpu.gpu.request_adapter_sync(power_preference="high-performance")
        if adapter.info["backend_type"] != "Vulkan":
            raise ImportError(f"wgpu answers with {adapter.info['backend_type']} here, not Vulkan")
        wanted = ("max-storage-buffer-binding-size", "max-buffer-size", "max-compute-invocations-per-workgroup")
        self.device = adapter.request_device_sync(
            required_features=[f for f in ("subgroup",) if f in adapter.features],
            required_limits={name: adapter.limits[name] for name in wanted},
        )

    def buffer(self, values: np.ndarray) -> wgpu.GPUBuffer:
        usage = wgpu.BufferUsage.STORAGE | wgpu.BufferUsage.COPY_SRC | wgpu.BufferUsage.COPY_DST
        return self.device.create_buffer_with_data(data=np.ascontiguousarray(values), usage=usage)

    def step(self, source: str, buffers: list[wgpu.GPUBuffer], groups: tuple[int, ...], entry: str = "main") -> tuple:
        module = self.device.create_shader_module(code=source)
        pipeline = self.device.create_compute_pipeline(layout="auto", compute={"module": module, "entry_point": entry})
        entries = [{"binding": i, "resource": {"buffer": b}} for i, b in enumerate(buffers) if b is not None]
        group = self.device.create_bind_group(layout=pipeline.get_bind_group_layout(0), entries=entries)
        return pipeline, group, groups

    def run(self, *steps: tuple) -> None:
        encoder = self.device.create_command_encoder()
        work = encoder.begin_compute_pass()
        for pipeline, group, groups in steps:
            work.set_pipeline(pipeline)
            work.set_bind_group(0, group)
            work.dispatch_workgroups(*groups)
        work.end()
        self.device.queue.submit([encoder.finish()])
        self.device._poll_wait()  # its on_submitted_work_done_sync() raises in 0.32

    def saxpy(self, x: np.ndarray, y: np.ndarray) -> Run:
        step = self.step(SAXPY, [self.buffer(x), self.buffer(y)], (x.size // 1024,))
        return lambda: self.run(step)

    def fused(self, *inputs: np.ndarray) -> Run:
        buffers = [self.buffer(v) for v in (*inputs, np.zeros_like(inputs[0]))]
        step = self.step(ELEMENTWISE, buffers, (inputs[0].size // 1024,))
        return lambda: self.run(step)

    def sum(self, x: np.ndarray) -> Run:
        parts = self.buffer(np.zeros(x.size // 1024, np.float32))
        step = self.step(SUM, [self.buffer(x), parts], (x.size // (64 * 64 * 4),))

        def total() -> float:
            self.run(step)
            return float(np.frombuffer(self.device.queue.read_buffer(parts), np.float32).sum())

        return total

    def scan(self, x: np.ndarray) -> Run:
        buffers = [self.buffer(x), self.buffer(np.zeros_like(x)), self.buffer(np.zeros(x.size // 4096, np.float32))]
        groups = (x.size // 4096,)
        steps = [
            self.step(SCAN, buffers, groups, "blocks"),
            self.step(SCAN, [None, None, buffers[2]], (1,), "middle"),
            self.step(SCAN, [None, *buffers[1:]], groups, "add"),
        ]
        return lambda: self.run(*steps)

    def histogram(self, x: np.ndarray) -> Run:
        step = self.step(HISTOGRAM, [self.buffer(x), self.buffer(np.zeros(256, np.uint32))], (x.size // (256 * 64),))
        return lambda: self.run(step)

    def matmul(self, a: np.ndarray, b: np.ndarray) -> Run:
        (m, k), n = a.shape, b.shape[1]
        rows = "".join(f"sum[{r}] += a[(row + {r}u) * K + k] * v;\n" for r in range(8))
        stores = "".join(f"c[(row + {r}u) * N4 + id.x] = sum[{r}];\n" for r in range(8))
        source = MATMUL.replace("ROWS", rows).replace("STORES", stores)
        source = source.replace("KSIZE", str(k)).replace("NSIZE", str(n))
        buffers = [self.buffer(v) for v in (a, b, np.zeros((m, n), np.float32))]
        step = self.step(source, buffers, (n // 32, m // 64))
        return lambda: self.run(step)

    def mandelbrot(self, side: int, most: int) -> Run:
        source = MANDELBROT.replace("SIDE", str(side)).replace("MOST", str(most))
        step = self.step(source, [self.buffer(np.zeros(side * side, np.uint32))], (side * side // 64,))
        return lambda: self.run(step)

    def nbody(self, p: np.ndarray) -> Run:
        step = self.step(NBODY, [self.buffer(p), self.buffer(np.zeros_like(p))], (p.shape[0] // 64,))
        return lambda: self.run(step)

    def upload(self, values: np.ndarray) -> Run:
        buffer = self.buffer(values)

        def send() -> None:
            self.device.queue.write_buffer(buffer, 0, values)
            self.device.queue.submit([])
            self.device._poll_wait()  # its on_submitted_work_done_sync() raises in 0.32

        return send

    def readback(self, values: np.ndarray) -> Run:
        buffer = self.buffer(values)
        return lambda: np.frombuffer(self.device.queue.read_buffer(buffer), values.dtype)

    def tiny(self) -> tuple[Run, Run]:
        step = self.step(TINY, [self.buffer(np.zeros(64, np.uint32))], (1,))
        return (lambda: self.run(step)), (lambda: self.run(*[step] * 1000))
