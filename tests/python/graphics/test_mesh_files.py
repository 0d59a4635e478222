"""Mesh files: what trimesh writes is what we read, and what is broken raises FileError, whatever it is."""

from __future__ import annotations

import builtins
import contextlib
from pathlib import Path

import numpy as np
import pytest
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import graphics

KINDS = ("stl", "ply", "obj", "off")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("meshes")
    ball = trimesh.creation.icosphere(subdivisions=2, radius=2.0)
    for kind in KINDS:
        ball.export(folder / f"ball.{kind}")
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_read(files, kind):
    mesh = graphics.read_mesh(files / f"ball.{kind}")
    np.testing.assert_allclose(mesh.bounds, [[-2] * 3, [2] * 3], atol=1e-3)
    assert (graphics.Figure(32, 32).add(mesh).render()[16, 16, :3] < 255).all()


def test_names_may_be_in_capitals(files, tmp_path):
    (tmp_path / "BALL.STL").write_bytes((files / "ball.stl").read_bytes())
    assert graphics.read_mesh(str(tmp_path / "BALL.STL")).bounds is not None


def test_vertex_colors_are_taken(tmp_path):
    ball = trimesh.creation.icosphere(subdivisions=1)
    ball.visual.vertex_colors = np.tile(np.array([250, 10, 10, 255], np.uint8), (len(ball.vertices), 1))
    ball.export(tmp_path / "red.ply")
    picture = graphics.Figure(16, 16).add(graphics.read_mesh(tmp_path / "red.ply")).render()
    assert picture[8, 8, 0] > picture[8, 8, 1] + 50
    blue = graphics.Figure(16, 16).add(graphics.read_mesh(tmp_path / "red.ply", colors="blue")).render()
    assert blue[8, 8, 2] > blue[8, 8, 0] + 50


def test_refusals(files, tmp_path, monkeypatch):
    with pytest.raises(vf.FileError, match="which is none"):
        graphics.read_mesh(tmp_path / "missing.stl")
    with pytest.raises(vf.FileError):
        graphics.read_mesh(tmp_path.rename(tmp_path.with_name("folder.stl")))
    with pytest.raises(vf.InputError, match="unknown kind"):
        graphics.read_mesh("scene.blend")
    with pytest.raises(vf.ArgumentTypeError):
        graphics.read_mesh(5)
    plain = builtins.__import__

    def without(name, *rest):
        if name == "trimesh":
            raise ImportError("No module named 'trimesh'")
        return plain(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(vf.UnsupportedError, match=r"pip install .vulkan-forge\[mesh\]"):
        graphics.read_mesh(files / "ball.stl")


@pytest.mark.filterwarnings("ignore")  # what the reader says of broken files on its way
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_damaged_files_are_read_or_refused(files, tmp_path, kind, data):
    whole = bytearray((files / f"ball.{kind}").read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, min(len(whole), 400) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    damaged = Path(tmp_path / f"damaged.{kind}")
    damaged.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    with contextlib.suppress(vf.FileError):
        graphics.read_mesh(damaged)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(KINDS), noise=st.binary(max_size=300))
def test_noise_is_refused(tmp_path, kind, noise):
    (tmp_path / f"noise.{kind}").write_bytes(noise)
    with pytest.raises(vf.FileError):
        graphics.read_mesh(tmp_path / f"noise.{kind}")
