"""Specialisation constants by name, workgroups chosen for the device, and what explain() says."""

import numpy as np
import pytest

import vulkan_forge as vf

pytestmark = pytest.mark.gpu

FILL = """
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const float value = 1.5;
layout(constant_id = 2) const int shift = -2;
layout(constant_id = 3) const bool flip = false;
layout(constant_id = 4) const uint tile = 4;
layout(binding = 0) buffer X { float x[]; };
shared float scratch[tile];
void main() {
  uint i = gl_GlobalInvocationID.x;
  scratch[gl_LocalInvocationID.x % tile] = 0.0;
  if (i < x.length()) x[i] = (flip ? -value : value) + float(shift) + float(tile);
}
"""
WIDE = """
#extension GL_EXT_shader_explicit_arithmetic_types : require
layout(local_size_x = 1) in;
layout(constant_id = 0) const {type} value = {type}(1);
layout(binding = 0) buffer X {{ {type} x[]; }};
void main() {{ x[0] = value; }}
"""


def run(kernel):
    x = np.zeros(3, np.float32)
    kernel(x=x, threads=3)
    return x.tolist()


def test_values_of_each_kind():
    kernel = vf.Kernel(FILL)
    assert run(kernel) == [3.5] * 3
    assert run(kernel.specialize(value=2.0)) == [4] * 3
    assert run(kernel.specialize(flip=True, shift=0, tile=8)) == [6.5] * 3
    assert run(vf.Kernel(FILL, spec={"value": np.float32(10), "shift": np.int8(-1)})) == [13] * 3
    assert run(kernel) == [3.5] * 3


def test_what_is_not_named_stays():
    kernel = vf.Kernel(FILL, spec={"value": 10.0})
    other = kernel.specialize(shift=0)
    assert run(other) == [14] * 3
    assert run(other.specialize(value=1.0)) == [5] * 3
    assert other.name == kernel.name
    kernel.close()
    assert run(other) == [14] * 3
    with pytest.raises(vf.StateError):
        kernel.specialize(shift=1)


@pytest.mark.parametrize(
    ("glsl", "dtype", "features", "values"),
    [
        ("double", "float64", ["shaderFloat64"], [0.1, -1e300]),
        ("int64_t", "int64", ["shaderInt64"], [-(2**63), 2**63 - 1]),
        ("uint64_t", "uint64", ["shaderInt64"], [2**64 - 1]),
        ("uint", "uint32", [], [2**32 - 1]),
    ],
)
def test_wide_values(device, glsl, dtype, features, values):
    if not all(device.has(feature) for feature in features):
        pytest.skip(f"needs {features}")
    kernel = vf.Kernel(WIDE.format(type=glsl))
    for value in values:
        x = np.zeros(1, dtype)
        kernel.specialize(value=value)(x=x, threads=1)
        assert x[0] == value


def test_unknown_names_and_wrong_values():
    kernel = vf.Kernel(FILL)
    with pytest.raises(vf.BindingError, match="expected local_size_x, value, shift, flip, tile; got speed"):
        kernel.specialize(speed=1)
    for wrong, error in [
        ({"value": True}, vf.ArgumentTypeError),
        ({"shift": 1.5}, vf.ArgumentTypeError),
        ({"flip": 1}, vf.ArgumentTypeError),
        ({"tile": -1}, vf.InputError),
        ({"tile": "4"}, vf.ArgumentTypeError),
        ({"local_size_x": 0}, vf.LimitError),
        ({"local_size_x": 1 << 20}, vf.LimitError),
    ]:
        with pytest.raises(error):
            kernel.specialize(**wrong)


@pytest.mark.parametrize("axes", ["x", "xy", "xyz", "y", "xz"])
def test_workgroups_are_chosen_for_the_device(device, axes):
    layout = ", ".join(f"local_size_{axis}_id = {i}" for i, axis in enumerate(axes))
    kernel = vf.Kernel(
        f"""layout({layout}) in;
        layout(binding = 0) buffer X {{ uint x[]; }};
        void main() {{
          uvec3 at = gl_GlobalInvocationID;
          uvec3 size = gl_NumWorkGroups * gl_WorkGroupSize;
          atomicAdd(x[0], 1u);
        }}"""
    )
    size = kernel.workgroup
    count = int(np.prod(size))
    wanted = min(256, device.limits["max_invocations"])
    assert count == wanted
    assert count % device.limits["subgroup_size"] == 0
    assert all(n == 1 for n, axis in zip(size, "xyz", strict=True) if axis not in axes)
    x = np.zeros(1, np.uint32)
    kernel(x=x, groups=(2, 1, 1))
    assert x[0] == 2 * count
    assert "chosen for this device" in kernel.explain()
    given = kernel.specialize(**{f"local_size_{axes[0]}": 2})
    assert given.workgroup["xyz".index(axes[0])] == 2


@pytest.mark.parametrize("axes", ["xy", "xyz", "xz"])
def test_one_constant_may_size_several_axes(device, axes):
    """Each axis had a size of its own for it: the device ran 8 x 8 x 8 where threads were counted by 4 x 4 x 4."""
    layout = ", ".join(f"local_size_{axis}_id = 0" for axis in axes)
    kernel = vf.Kernel(
        f"""layout({layout}) in;
        layout(binding = 0) buffer X {{ uint x[]; }};
        void main() {{
          atomicAdd(x[0], 1u);
          for (int i = 0; i < 3; ++i) x[i + 1] = gl_WorkGroupSize[i];
        }}"""
    )
    x = np.zeros(4, np.uint32)
    kernel(x=x, threads=1)
    assert x.tolist() == [np.prod(kernel.workgroup), *kernel.workgroup]
    assert x[0] <= min(256, device.limits["max_invocations"])
    assert len({n for n, axis in zip(kernel.workgroup, "xyz", strict=True) if axis in axes}) == 1


def test_shaders_with_a_mind_of_their_own_keep_it():
    kernel = vf.Kernel(FILL.replace("local_size_x_id", "local_size_x = 32, local_size_x_id"))
    assert kernel.workgroup == (32, 1, 1)
    assert "as the shader and its constants say" in kernel.explain()
    assert vf.Kernel(FILL, spec={"local_size_x": 16}).workgroup == (16, 1, 1)


def test_explain_says_it_all():
    text = vf.Kernel(
        """layout(local_size_x = 64) in;
        layout(constant_id = 3) const uint tile = 4;
        layout(binding = 0) readonly buffer X { float x[]; };
        layout(binding = 1) writeonly buffer Y { float y[]; };
        layout(push_constant) uniform Push { uint n; float a; };
        shared float scratch[256];
        void main() { scratch[gl_LocalInvocationID.x] = 1.0; barrier(); y[0] = x[n] * a * scratch[tile]; }""",
        spec={"tile": 7},
    ).explain()
    for part in (
        "binding 0 storage buffer x: readonly float[]",
        "byte 4 a: float",
        "push constants take 8 of",
        "runs workgroups of 64 x 1 x 1",
        "tile is 7, by default 4",
        "shared memory takes 1024 of",
        "subgroups have",
        "capabilities Shader",
        "SPIR-V 1.",
    ):
        assert part in text, text


@pytest.mark.parametrize("debug", [False, True])
def test_explain_lists_what_the_shader_declares_and_no_more(debug):
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) buffer X { uint x[]; };
        void main() { for (uint i = 0u; i < x[0]; ++i) x[i] = 1u; }""",
        debug=debug,
    )
    lines = [line for line in kernel.explain().splitlines() if line.startswith("binding")]
    assert lines == ["binding 0 storage buffer x: uint[]"]


@pytest.mark.parametrize("axis", ["local_size_x", "local_size_y"])
def test_a_workgroup_of_nothing_is_refused(axis):
    source = "layout(local_size_x_id = 0, local_size_y_id = 1) in; void main() {}"
    with pytest.raises(vf.LimitError, match="workgroup"):
        vf.Kernel(source, spec={axis: 0})
    with pytest.raises(vf.LimitError, match="workgroup"):
        vf.Kernel(source, spec={axis: 2**31})
    with pytest.raises(vf.LimitError, match="workgroup"):
        vf.Kernel(source).specialize(**{axis: 0})


SHARED = """
layout(local_size_x = 4) in;
layout(constant_id = 0) const uint N = 8;
layout(binding = 0) buffer Y { float y[]; };
shared float s[N * 2 + 1];
void main() {
  uint i = gl_LocalInvocationID.x;
  s[2 * N - i] = float(i);
  barrier();
  y[i] = s[2 * N - (3 - i)];
}
"""


def test_shared_memory_that_a_constant_sizes_is_checked(device):
    most = device.limits["max_shared_bytes"]
    for n in (1000, 8):
        kernel = vf.Kernel(SHARED, spec={"N": n})
        y = np.zeros(4, np.float32)
        kernel(y=y, threads=4)
        assert y.tolist() == [3, 2, 1, 0]
        assert f"shared memory takes {8 * n + 4} of" in kernel.explain()
    for n in (most // 8, 2**26, 2**30 - 1):
        with pytest.raises(vf.LimitError, match="too much shared memory"):
            vf.Kernel(SHARED, spec={"N": n})
        with pytest.raises(vf.LimitError, match="too much shared memory"):
            kernel.specialize(N=n)


def test_an_array_is_no_constant():
    with pytest.raises(vf.ArgumentTypeError):
        vf.Kernel(SHARED, spec={"N": np.arange(5)})
