"""Buffers by their blocks: layouts, uniform blocks, raw bytes, addresses."""

import numpy as np
import pytest

import vulkan_forge as vf
from kernels import needs

pytestmark = pytest.mark.gpu


def test_layouts(device):
    needs(device, "scalarBlockLayout")
    kernel = vf.Kernel(
        """#extension GL_EXT_scalar_block_layout : require
        layout(local_size_x = 1) in;
        layout(binding = 0, scalar) readonly buffer X { vec3 x[]; };
        layout(binding = 1, std430) buffer Y { vec4 y[]; };
        void main() { uint i = gl_GlobalInvocationID.x; y[i] = vec4(x[i], 1.0); }"""
    )
    x, y = np.arange(12, dtype=np.float32).reshape(4, 3), np.zeros((4, 4), np.float32)
    kernel(x=x, y=y, threads=4)
    np.testing.assert_array_equal(y, np.column_stack([x, np.ones(4)]))


def test_padded_elements_are_refused():
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) buffer X { vec3 x[]; };
        void main() { x[gl_GlobalInvocationID.x] = vec3(1); }"""
    )
    x = np.zeros((4, 3), np.float32)
    with pytest.raises(vf.LayoutError, match=r"padded elements.*16 bytes.*got 12 bytes.*layout\(scalar\)"):
        kernel(x=x, threads=4)
    assert not x.any()


def test_uniform_blocks(any_device):
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) uniform P { vec4 p[4]; };
        layout(binding = 1) buffer Y { float y[]; };
        void main() { uint i = gl_GlobalInvocationID.x; y[i] = p[i / 4][i % 4]; }""",
        device=any_device,
    )
    p, y = np.arange(16, dtype=np.float32).reshape(4, 4), np.zeros(16, np.float32)
    kernel(p=p, y=y, threads=16)
    np.testing.assert_array_equal(y, np.arange(16))
    with pytest.raises(vf.ShapeError, match="too small; expected at least 64 bytes; got 48"):
        kernel(p=p[:3], y=y, threads=16)


def test_blocks_of_structures_take_raw_bytes():
    kernel = vf.Kernel(
        """struct Point { vec2 at; uint kind; };
        layout(local_size_x = 1) in;
        layout(binding = 0) readonly buffer P { Point points[]; };
        layout(binding = 1) buffer H { uint count; float scale; float rest[]; };
        void main() { rest[gl_GlobalInvocationID.x] = points[gl_GlobalInvocationID.x].at.y * scale + count; }"""
    )
    points = np.zeros(3, [("at", "f4", 2), ("kind", "u4"), ("pad", "u4")])
    points["at"] = [[0, 1], [0, 2], [0, 3]]
    raw, head = vf.Buffer(points.nbytes), vf.Buffer(8 + 12)
    raw.write(points)
    head.write(np.uint32(5).tobytes() + np.float32(10).tobytes())
    kernel(**{next(p["name"] for p in kernel.parameters): raw, kernel.parameters[1]["name"]: head}, threads=3)
    np.testing.assert_array_equal(np.frombuffer(head.read(8), np.float32), [15, 25, 35])
    names = [p["name"] for p in kernel.parameters]
    with pytest.raises(vf.DtypeError, match="raw bytes"):
        kernel(**{names[0]: np.zeros(12, np.float32), names[1]: head}, threads=3)


def test_buffer_references_work_at_any_alignment(any_device):
    kernel = vf.Kernel(
        """#extension GL_EXT_buffer_reference : require
        layout(local_size_x = 64) in;
        layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float at[]; };
        layout(push_constant) uniform Push { Floats x; uint n; };
        void main() { uint i = gl_GlobalInvocationID.x; if (i < n) x.at[i] *= 2.0; }""",
        device=any_device,
    )
    for start in (0, 1, 3, 17):
        raw = np.arange(100, dtype=np.float32)
        kernel(x=raw[start:], n=100 - start, threads=100)
        np.testing.assert_array_equal(raw, np.arange(100) * np.where(np.arange(100) < start, 1, 2))
    assert [p["kind"] for p in kernel.parameters] == ["address", "value"]


def test_complex_numbers_are_vec2():
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) buffer X { vec2 x[]; };
        void main() { uint i = gl_GlobalInvocationID.x; x[i] = vec2(-x[i].y, x[i].x); }"""
    )
    x = np.array([1 + 2j, 3 - 1j], np.complex64)
    wanted = x * 1j
    kernel(x=x, threads=2)
    np.testing.assert_allclose(x, wanted)


def test_complex_numbers_do_not_make_up_for_padding():
    """Four of them to a row are eight floats, not the four that a padded vec2 has."""
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) uniform X { vec2 x[2]; };
        layout(binding = 1) buffer Y { vec2 y[]; };
        void main() { uint i = gl_GlobalInvocationID.x; y[i] = x[i]; }"""
    )
    y = np.zeros(2, np.complex64)
    for shape in ((2, 4), (2, 2), (4,)):
        with pytest.raises(vf.LayoutError, match="padded elements"):
            kernel(x=np.ones(shape, np.complex64), y=y, threads=2)
