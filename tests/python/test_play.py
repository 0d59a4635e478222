"""`python -m vulkan_forge.play`: guesses, comparison and watching."""

import threading

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import play

MULTIPLY = """// forge: spec=numpy.multiply
#version 450
#include "scale.glsl"
layout(local_size_x = 64) in;
layout(binding = 0) readonly  buffer X { float x[]; };
layout(binding = 1) readonly  buffer Y { float y[]; };
layout(binding = 2) writeonly buffer Z { float z[]; };
layout(push_constant) uniform Push { uint n; float a; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i < n) z[i] = SCALE * a * x[i] * y[i];
}
"""


@pytest.fixture
def shader(tmp_path):
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "scale.glsl").write_text("#define SCALE 1.0\n")
    path = tmp_path / "arith" / "multiply.comp"
    path.parent.mkdir()
    path.write_text(MULTIPLY)
    return path


@pytest.mark.parametrize(
    ("text", "dtype", "shape", "extents"),
    [
        ("float", "float32", (), ()),
        ("readonly float[]", "float32", (), (None,)),
        ("writeonly uvec3[] (by address)", "uint32", (3,), (None,)),
        ("unused int16_t[4][]", "int16", (), (4, None)),
        ("mat4", "float32", (4, 4), ()),
        ("dmat2x3[5]", "float64", (3, 2), (5,)),
        ("f16vec2", "float16", (2,), ()),
        ("bool", "uint32", (), ()),
    ],
)
def test_types(text, dtype, shape, extents):
    assert play.parse_type(text) == (np.dtype(dtype), shape, extents)


@pytest.mark.parametrize("text", ["readonly Block", "sampler2D", "readonly image2D", "float[] and more"])
def test_types_that_cannot_be_made_up(text):
    assert play.parse_type(text) is None


@pytest.mark.gpu
def test_play_compares_with_its_spec(shader, capsys):
    assert play.main([str(shader), "--size", "1000"]) == 0
    printed = capsys.readouterr().out
    assert "binding 2 storage buffer z: writeonly float[]" in printed
    assert "1000 threads" in printed
    assert "GB/s" in printed
    assert "largest difference from numpy.multiply: 0" in printed


@pytest.mark.gpu
def test_play_shows_a_difference(shader, capsys):
    shader.write_text(MULTIPLY.replace("SCALE *", "0.5 *"))
    assert play.main([str(shader), "--size", "1000"]) == 0
    assert "largest difference from numpy.multiply: 0.4" in capsys.readouterr().out


@pytest.mark.gpu
def test_play_shows_what_does_not_compile(shader, capsys):
    shader.write_text(MULTIPLY.replace("x[i] *", "q *"))
    assert play.main([str(shader)]) == 1
    assert "'q'" in capsys.readouterr().err


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["block", "block[2]"])
def test_play_refuses_what_it_cannot_make_up(shader, capsys, name):
    used = name.replace("2", "1")
    shader.write_text(
        f"layout(local_size_x = 1) in; layout(binding = 0) buffer B {{ uint n; float v[]; }} {name};"
        f"void main() {{ {used}.v[0] = float({used}.n); }}"
    )
    assert play.main([str(shader)]) == 1
    assert "cannot make up argument block" in capsys.readouterr().err


@pytest.mark.gpu
def test_rows_and_columns_make_a_square():
    source = """layout(local_size_x = 8, local_size_y = 8) in;
    layout(binding = 0) buffer V { vec4 v[]; };
    layout(push_constant) uniform Push { uint rows; uint columns; vec3 sun; float w[3]; int step; };
    void main() { uvec2 p = gl_GlobalInvocationID.xy;
      if (p.x < columns && p.y < rows) v[p.y * columns + p.x] += sun.x + w[0] + float(step); }"""
    with vf.Kernel(source) as kernel:
        guessed = play.guess(kernel, 100)
        assert play.threads_for(guessed, 100) == (10, 10)
        assert (guessed.arguments["rows"], guessed.arguments["step"]) == (10, 1)
        assert guessed.arguments["v"].shape == (100, 4)
        assert guessed.arguments["sun"].shape == (3,)
        assert (guessed.read, guessed.written) == (["v"], ["v"])
        before = guessed.arguments["v"].copy()
        kernel(**guessed.arguments, threads=(10, 10))
        np.testing.assert_allclose(guessed.arguments["v"], before + 3, rtol=1e-6)


def test_spec_is_named_in_the_first_comment():
    assert play.spec_of("// forge: spec=numpy.linalg.norm\n#version 450\n") is np.linalg.norm
    assert play.spec_of("#version 450\n// spec=numpy.add\n") is None


@pytest.mark.gpu
def test_watching_plays_again_after_a_save(shader, monkeypatch):
    played = []
    saved_twice = threading.Event()

    def once(path, size):
        played.append(path.read_text())
        if len(played) == 1:
            path.write_text(MULTIPLY + "\n")
        return 0

    def sleep(seconds):
        if len(played) > 1:
            saved_twice.set()
            raise KeyboardInterrupt

    monkeypatch.setattr(play, "_once", once)
    monkeypatch.setattr(play.time, "sleep", sleep)
    assert play.main([str(shader), "--watch"]) == 0
    assert saved_twice.is_set()
    assert played == [MULTIPLY, MULTIPLY + "\n"]
