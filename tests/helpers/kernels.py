"""Kernels and inputs that several tests of kernels use."""

import numpy as np
import pytest

import vulkan_forge as vf

SAXPY = """
layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) buffer Y { float y[]; };
layout(push_constant) uniform Push { uint n; float alpha; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i < n) y[i] += alpha * x[i];
}
"""
ONES = """
layout(local_size_x = 1) in;
layout(binding = 0) buffer X { uint x[]; };
void main() { x[gl_GlobalInvocationID.x] = 1u; }
"""
BLUR = """layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) buffer Y { float y[]; };
layout(push_constant) uniform Push { uint n; int shift; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i < n)
    y[i] = x[int(i) + shift] + 1.0;
}
"""


def saxpy():
    """On the default device as it is now: tests of losses put another in its place."""
    return vf.Kernel(SAXPY, name="saxpy")


def inputs(count=100):
    rng = np.random.default_rng(count)
    return rng.standard_normal(count, np.float32), rng.standard_normal(count, np.float32)


def writer(declaration, value, result="float", **options):
    """A kernel with push constants that writes one value."""
    return vf.Kernel(
        f"""{options.pop("head", "")}
        layout(local_size_x = 1) in;
        layout(binding = 0) buffer R {{ {result} r[]; }};
        layout(push_constant) uniform Push {{ {declaration} }};
        void main() {{ {value} }}""",
        **options,
    )


EXPLICIT = "#extension GL_EXT_shader_explicit_arithmetic_types : require"


def needs(device, *features):
    missing = [feature for feature in features if not device.has(feature)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
