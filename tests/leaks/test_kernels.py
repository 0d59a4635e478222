"""Kernels, prepared calls, profiles and textures leave nothing behind."""

import itertools

import numpy as np
import pytest

import vulkan_forge as vf
from leaks import (
    DOUBLE,
    SIZE,
    TOLERANCE,
    TOLERANCE_OF_COMPILERS,
    assert_clean,
    kernel_on,
    once_a_device,
    raises,
    values,
)

pytestmark = pytest.mark.gpu


def kernel(device):
    vf.Kernel(DOUBLE, device=device)(x=values(), threads=SIZE)


NUMBERS = itertools.count()


def kernel_of_new_text(device):
    vf.Kernel(DOUBLE.replace("2.0", f"{next(NUMBERS)}.5"), device=device)


def kernel_calls(device):
    run = kernel_on(device)
    x = vf.asarray(values(), device=device)
    raw = np.zeros(SIZE * 4 + 1, np.uint8)[1:].view(np.float32)
    for argument in (x, values(), raw, vf.Buffer(SIZE, device=device)):
        run(x=argument, threads=64)


def call(device):
    prepared = kernel_on(device).prepare(x=vf.asarray(values(), device=device), threads=SIZE)
    prepared()
    prepared()


def call_never_run(device):
    kernel_on(device).prepare(x=vf.asarray(values(), device=device), threads=SIZE)


def profile(device):
    with vf.profile(device=device) as p:
        kernel_on(device)(x=vf.asarray(values(), device=device), threads=64)
    p.table()
    str(device.memory_report())


def texture(device):
    made = vf.Texture(np.zeros((64, 64), np.float32), device=device, filter="nearest")
    made.write(made.read())
    vf.Texture.zeros((4, 5, 6), "rgba8", kind="3d", device=device)
    vf.Sampler(filter="linear")


@once_a_device
def watched_on(device):
    return vf.Kernel(DOUBLE.replace("< x.length()", "< 8"), device=device, debug=True)


def kernel_that_checks(device):
    run, x = watched_on(device), np.zeros(4, np.float32)
    raises(vf.RangeError, run, x=x, threads=64)
    raises(vf.RangeError, run.prepare(x=vf.asarray(x, device=device), threads=64))


LISTS = """layout(local_size_x = 64) in;
layout(constant_id = 0) const uint COUNT = 2;
layout(binding = 0) buffer X { float v[]; } xs[COUNT];
layout(binding = 9) uniform sampler2D maps[2];
void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i < 8) xs[1].v[i] += xs[0].v[i] + texelFetch(maps[1], ivec2(0), 0).r;
}
"""


@once_a_device
def listed_on(device):
    return vf.Kernel(LISTS, device=device), vf.Kernel(LISTS, device=device, debug=True)


def lists_and_graphs_of_them(device):
    plain, watched = listed_on(device)
    maps = [vf.Texture(np.ones((4, 4), np.float32), device=device) for _ in range(2)]
    xs = [vf.asarray(np.ones(4, np.float32), device=device) for _ in range(2)]
    plain(xs=[np.ones(8, np.float32)] * 2, maps=maps, threads=8)
    plain.submit(xs=[np.ones(8, np.float32)] * 2, maps=maps, threads=8)
    raises(vf.ShapeError, plain, xs=xs[:1], maps=maps, threads=8)
    with vf.record() as made:
        plain(xs=xs, maps=maps, threads=8)
        watched(xs=xs, maps=vf.param("maps", maps), threads=8)
    for _ in range(2):
        raises(vf.RangeError, made.run, maps=maps[::-1])
    made.submit(maps=[vf.Texture(np.ones((4, 4), np.float32), device=device)] * 2)


CASES = [
    kernel,
    kernel_of_new_text,
    kernel_calls,
    call,
    call_never_run,
    profile,
    texture,
    kernel_that_checks,
    lists_and_graphs_of_them,
]
DRIVER_COMPILES = {kernel, kernel_of_new_text}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nothing_is_left_of(device, case):
    assert_clean(lambda: case(device), device, TOLERANCE_OF_COMPILERS if case in DRIVER_COMPILES else TOLERANCE)
