"""What tests of graphs record: kernels over N floats, and arrays whose elements are all alike."""

import numpy as np

import vulkan_forge as vf

N = 100
SCALE = """
layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { float alpha; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < y.length()) y[i] = alpha * x[i]; }
"""
ADD = """
layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) buffer Y { float y[]; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < y.length()) y[i] += x[i]; }
"""
SHIFT_AT = """#version 450
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_scalar_block_layout : require
layout(local_size_x = 64) in;
layout(buffer_reference, scalar) buffer Z { float at[]; };
layout(push_constant, scalar) uniform Push { Z z; uint n; float by; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < n) z.at[i] += by; }
"""
LONG = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
layout(push_constant) uniform Push { uint rounds; float add; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i >= x.length()) return;
  float v = x[i];
  for (uint k = 0u; k < rounds; ++k) v = fract(v * 1.0001 + 0.5);
  x[i] += v < 2.0 ? add : 0.0;  // it always is, but no compiler knows
}
"""


def full(value, n=N):
    return vf.asarray(np.full(n, value, np.float32))


def value(array):
    values = np.asarray(array)
    assert (values == values[0]).all()
    return values[0]
