"""Specialisation constants of pipelines: by name, in one stage or both, packed as the shader declares them."""

from __future__ import annotations

import numpy as np
import pytest

import vulkan_forge as vf
from drawing import COVER
from vulkan_forge import graphics

pytestmark = pytest.mark.gpu

VERTEX = COVER.replace("DEPTH", "shared_one * 0.25")
VERTEX = "layout(constant_id = 3) const float shared_one = 1.0;\n" + VERTEX
FRAGMENT = """layout(constant_id = 0) const int count = 2;
layout(constant_id = 1) const uint bits = 5u;
layout(constant_id = 2) const bool doubled = false;
layout(constant_id = 7) const float shared_one = 1.0;
layout(location = 0) out vec4 color;
void main() {
  float table[count];
  for (int i = 0; i < count; ++i) table[i] = float(i + 1);
  color = vec4(table[count - 1] * (doubled ? 2.0 : 1.0), float(bits), shared_one, 1.0);
}"""
STATE = graphics.DrawState(depth_compare="always")


def drawn(**options):
    pipeline = graphics.Pipeline(vertex=VERTEX, fragment=FRAGMENT, state=STATE, **options)
    target = graphics.Target(1, 1, format="rgba32f")
    target.draw(pipeline, count=3)
    return [*target.read()[0, 0, :3].tolist(), float(target.read("depth")[0, 0])]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, [2, 5, 1, 0.25]),
        ({"count": 7}, [7, 5, 1, 0.25]),
        ({"bits": 4_000_000_000}, [2, 4_000_000_000, 1, 0.25]),
        ({"doubled": True}, [4, 5, 1, 0.25]),
        ({"doubled": False}, [2, 5, 1, 0.25]),
        ({"shared_one": 0.5}, [2, 5, 0.5, 0.125]),  # one name, two numbers of its own in the stages
        ({"count": 3, "bits": 0, "doubled": True, "shared_one": 2}, [6, 0, 2, 0.5]),
        ({"count": np.int64(4), "doubled": np.bool_(True), "shared_one": np.float32(0.25)}, [8, 5, 0.25, 0.0625]),
    ],
)
def test_values_reach_their_constants(spec, expected):
    assert drawn(spec=spec) == expected


def test_pipelines_of_one_source_keep_their_own_values():
    assert [drawn(spec={"count": n})[0] for n in (1, 9, 1)] == [1, 9, 1]


@pytest.mark.parametrize(
    ("spec", "error", "text"),
    [
        ({"counts": 1}, vf.BindingError, "unknown specialisation constant; expected shared_one, count, bits, doubled"),
        ({"count": 1.5}, vf.InputError, "count"),
        ({"bits": -1}, vf.InputError, "bits"),
        ({"count": 2**31}, vf.InputError, "count"),
        ({"shared_one": "x"}, vf.ArgumentTypeError, "shared_one"),
    ],
)
def test_refusals(spec, error, text):
    with pytest.raises(error) as caught:
        drawn(spec=spec)
    assert text in str(caught.value)
