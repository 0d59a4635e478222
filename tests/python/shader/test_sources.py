"""GLSL: errors show the user's own line; includes, macros and constants; what a kernel says of itself."""

import re
from pathlib import Path

import numpy as np
import pytest

import vulkan_forge as vf
from kernels import ONES, saxpy

pytestmark = pytest.mark.gpu


def test_errors_show_the_users_own_line():
    source = "layout(local_size_x = 1) in;\nvoid main() {\n  float a = undefined_thing;\n}\n"
    with pytest.raises(vf.ShaderError) as caught:
        vf.Kernel(source, name="mine")
    assert caught.value.code == "SHADER_COMPILE"
    assert isinstance(caught.value, ValueError)
    text = str(caught.value)
    assert re.search(r"\bmine:3\b|line 3", text), text
    assert "float a = undefined_thing;" in text
    assert "undefined_thing" in text


def test_errors_name_the_line_in_versioned_sources_and_includes():
    with pytest.raises(vf.ShaderError, match="int b = missing;"):
        vf.Kernel("#version 450\nlayout(local_size_x = 1) in;\nvoid main() { int b = missing; }")
    with pytest.raises(vf.ShaderError, match=r"tools\.glsl") as caught:
        vf.Kernel(
            '#include "tools.glsl"\nlayout(local_size_x = 1) in;\nvoid main() {}',
            includes={"tools.glsl": "float twice(float x) {\n  return 2.0 * y;\n}\n"},
        )
    assert "return 2.0 * y;" in str(caught.value)


@pytest.mark.parametrize("source", ["", "void main() {", "not GLSL at all", "#version 20\nvoid main() {}", "\0"])
def test_what_does_not_compile_is_refused(source):
    with pytest.raises(vf.ShaderError):
        vf.Kernel(source)


@pytest.mark.parametrize("source", [None, 3, ["void main() {}"], Path("kernel.comp"), bytearray(b"x")])
def test_sources_are_text_or_bytes(source):
    with pytest.raises(vf.ArgumentTypeError, match="GLSL as str, or SPIR-V as bytes"):
        vf.Kernel(source)


def test_includes_and_defines():
    kernel = vf.Kernel(
        """#include "outer.glsl"
        layout(local_size_x = SIZE) in;
        layout(binding = 0) buffer X { float x[]; };
        void main() { x[gl_GlobalInvocationID.x] = outer(2.0); }""",
        includes={
            "outer.glsl": '#include "inner.glsl"\nfloat outer(float x) { return inner(x) + 1.0; }',
            "inner.glsl": "float inner(float x) { return FACTOR * x; }",
        },
        defines={"SIZE": "4", "FACTOR": "10.0"},
    )
    assert kernel.workgroup == (4, 1, 1)
    x = np.zeros(8, np.float32)
    kernel(x=x, threads=8)
    assert (x == 21).all()
    with pytest.raises(vf.ShaderError, match="no include has this name"):
        vf.Kernel('#include "none.glsl"\nvoid main() {}')


def test_the_same_source_with_other_includes_is_another_kernel():
    source = '#include "v"\n' + ONES.replace("= 1u", "= VALUE")
    for value in ("5u", "6u"):
        x = np.zeros(1, np.uint32)
        vf.Kernel(source, includes={"v": f"#define VALUE {value}"})(x=x, threads=1)
        assert x[0] == int(value[0])
        vf.Kernel(source, includes={"v": ""}, defines={"VALUE": value})(x=x, threads=1)
        assert x[0] == int(value[0])


def test_specialisation_constants(device):
    source = """layout(local_size_x = 8, local_size_x_id = 0) in;
    layout(constant_id = 0) const uint wide = 8;
    layout(constant_id = 1) const float factor = 1.5;
    layout(constant_id = 2) const bool negate = false;
    layout(constant_id = 3) const int shift = 0;
    layout(binding = 0) buffer X { float x[]; };
    void main() {
      float v = factor + float(shift);
      x[gl_GlobalInvocationID.x] = negate ? -v : v;
    }"""
    x = np.zeros(16, np.float32)
    vf.Kernel(source)(x=x, groups=1)
    assert x.tolist() == [1.5] * 8 + [0] * 8
    kernel = vf.Kernel(source, spec={"factor": 2, "negate": True, "shift": -5, "wide": 16})
    assert kernel.workgroup == (16, 1, 1)
    kernel(x=x, groups=1)
    assert x.tolist() == [3.0] * 16
    with pytest.raises(vf.BindingError, match=r"unknown specialisation constant; expected .*factor.*; got speed"):
        vf.Kernel(source, spec={"speed": 1})
    with pytest.raises(vf.ArgumentTypeError, match="shift"):
        vf.Kernel(source, spec={"shift": 1.5})
    with pytest.raises(vf.ArgumentTypeError, match="negate"):
        vf.Kernel(source, spec={"negate": 1})
    with pytest.raises(vf.InputError):
        vf.Kernel(source, spec={"shift": 2**31})
    most = device.limits["max_invocations"]
    with pytest.raises(vf.LimitError):
        vf.Kernel(source, spec={"wide": most + 1})


@pytest.mark.parametrize(
    ("declaration", "use"),
    [
        ("layout(binding = 0) uniform samplerCube tex;", "texture(tex, vec3(0))"),
        ("layout(binding = 0) uniform samplerBuffer texels;", "texelFetch(texels, 0)"),
    ],
)
def test_resources_that_kernels_cannot_bind_are_refused(declaration, use):
    with pytest.raises(vf.ShaderError, match="cannot bind") as caught:
        vf.Kernel(
            f"""layout(local_size_x = 1) in;
            {declaration}
            layout(binding = 1) buffer Y {{ vec4 y; }};
            void main() {{ y = {use}; }}"""
        )
    assert caught.value.code == "SHADER_INVALID"


def test_parameters_tell_what_to_give():
    rows = {row["name"]: row for row in saxpy().parameters}
    assert list(rows) == ["x", "y", "n", "alpha"]
    assert [rows[name]["access"] for name in rows] == ["read", "read_write", "value", "value"]
    assert [rows[name]["kind"] for name in rows] == ["binding", "binding", "value", "value"]
    assert saxpy().name == "saxpy"
    for name in rows:
        assert name in saxpy().explain()
