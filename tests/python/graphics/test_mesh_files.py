"""Mesh files: what trimesh writes is what we read, and what is broken raises FileError, whatever it is."""

from __future__ import annotations

import builtins
import contextlib
import struct
import tracemalloc
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


def test_colors_that_differ_at_a_place_are_kept(tmp_path):
    """Two triangles that share an edge and no vertex, as voxels and segmentations are written: no colour bleeds."""
    head = ply(6, 2, b"").replace(
        b"element face", b"property uchar red\nproperty uchar green\nproperty uchar blue\nelement face"
    )
    corners = b"0 0 0 255 0 0\n1 0 0 255 0 0\n0 1 0 255 0 0\n1 0 0 0 0 255\n1 1 0 0 0 255\n0 1 0 0 0 255\n"
    (tmp_path / "two.ply").write_bytes(head + corners + b"3 0 1 2\n3 3 4 5\n")
    above = graphics.Camera(elevation=90, parallel=1.0)
    figure = graphics.Figure(64, 64, camera=above, light=graphics.Light(sun=(0, 90)))
    picture = figure.add(graphics.read_mesh(tmp_path / "two.ply")).render()
    assert picture[36, 26].tolist() == [255, 0, 0, 255]
    assert picture[28, 38].tolist() == [0, 0, 255, 255]


def test_colors_make_no_creases(tmp_path):
    """Vertices at one place have one normal, whatever their colours."""
    ball = trimesh.creation.icosphere(subdivisions=2)
    each = trimesh.Trimesh(
        ball.vertices[ball.faces].reshape(-1, 3), np.arange(3 * len(ball.faces)).reshape(-1, 3), process=False
    )
    shades = np.repeat(np.arange(len(ball.faces)) % 2, 3)[:, None]
    each.visual.vertex_colors = np.where(shades, np.uint8(255), [255, 255, 254, 255]).astype(np.uint8)
    each.export(tmp_path / "each.ply")
    one = graphics.Figure(64, 64).add(graphics.Mesh(ball.vertices, ball.faces, colors="white")).render()
    other = graphics.Figure(64, 64).add(graphics.read_mesh(tmp_path / "each.ply")).render()
    assert np.abs(one.astype(int) - other).max() <= 2


@pytest.mark.parametrize("kind", ["stl", "obj"])
@pytest.mark.parametrize("unit", [1e-10, 1.0, 1e12])
def test_meshes_may_be_of_any_size(files, tmp_path, kind, unit):
    ball = trimesh.load(files / "ball.ply")
    triangles = (ball.vertices * unit)[ball.faces]
    if kind == "obj":
        rows = [f"v {x!r} {y!r} {z!r}\n" for x, y, z in triangles.reshape(-1, 3).tolist()]
        text = "".join(rows + [f"f {i} {i + 1} {i + 2}\n" for i in range(1, len(rows), 3)])
        (tmp_path / "a.obj").write_text(text)
    else:
        records = np.zeros(len(triangles), [("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("rest", "<u2")])
        records["corners"] = triangles
        (tmp_path / "a.stl").write_bytes(bytes(80) + struct.pack("<I", len(records)) + records.tobytes())
    mesh = graphics.read_mesh(tmp_path / f"a.{kind}")
    np.testing.assert_allclose(mesh.bounds, [[-2 * unit] * 3, [2 * unit] * 3], rtol=1e-6)
    same = graphics.Figure(48, 48).add(graphics.Mesh(ball.vertices, ball.faces)).render()
    picture = graphics.Figure(48, 48).add(mesh).render()
    assert (np.abs(picture.astype(int) - same).max(axis=2) > 2).mean() < 0.02


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


SQUARES = b"v 0 0 0\nv 1 0 0\nv 1 1 0\nf 1 2 3\nv 4 4 0\nv 6 4 0\nv 6 6 0\nf 4 5 6\n"
SAME = {
    "counted back": SQUARES.replace(b"f 1 2 3", b"f -3 -2 -1").replace(b"f 4 5 6", b"f -3 -2 -1"),
    "with normals": b"vn 0 0 1\n"
    + SQUARES.replace(b"1 2 3", b"-3//-1 -2//-1 -1//1").replace(b"4 5 6", b"4//1 -2//-1 6//1"),
    "comments": SQUARES.replace(b"f 1 2 3", b"f 1 2 3 # first").replace(b"v 4 4 0", b"v 4 4 0 # far"),
    "tabs": SQUARES.replace(b"v 4 4 0", b"v\t4\t4\t0").replace(b"f 4", b"f\t4"),
    "indented": SQUARES.replace(b"\nv 4", b"\n  v 4").replace(b"f 4", b" f 4"),
    "lines that go on": SQUARES.replace(b"f 4 5 6", b"f 4 5\\\n6").replace(b"v 4 4", b"v 4\\\r\n4"),
}


@pytest.mark.parametrize("name", SAME)
def test_obj_files_may_be_written_in_other_ways(tmp_path, name):
    """Indices that count back do so from where they stand, also where vertices follow."""
    (tmp_path / "a.obj").write_bytes(SQUARES)
    (tmp_path / "b.obj").write_bytes(SAME[name])
    above = graphics.Camera(elevation=90, parallel=True, fill=1)
    want, got = (
        graphics.Figure(64, 64, camera=above).add(graphics.read_mesh(tmp_path / one)).render()
        for one in ("a.obj", "b.obj")
    )
    assert (want[48:60, 8:16, :3] < 255).any()
    assert (want[4:8, 40:60, :3] < 255).any()
    assert np.array_equal(got, want)


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("more", [b"", b"property float quality\n"])
def test_polygons_of_any_number_of_corners_in_binary_ply(tmp_path, order, more):
    """As modellers write them; edges may follow, and what has less than three corners is no face."""
    places = np.array([[0, 0, 0], [2, 0, 0], [2, 2, 0], [1, 3, 0], [0, 2, 0], [4, 0, 0], [4, 2, 0]], np.float32)
    faces = [(0, 1, 2, 3, 4), (1, 5, 6), (1, 6, 2), (0, 1), (0, 1, 2, 4)]
    sign = "<" if order == "little" else ">"
    rows = b"".join(struct.pack(f"{sign}B{len(f)}i", len(f), *f) + bytes(4 if more else 0) for f in faces)
    data = places.astype(sign + "f4").tobytes() + rows + struct.pack(sign + "2i", 0, 1)
    head = ply(7, len(faces), b"", f"binary_{order}_endian")
    edges = more + b"element edge 1\nproperty int vertex1\nproperty int vertex2\nend_header\n"
    (tmp_path / "a.ply").write_bytes(head.replace(b"end_header\n", edges) + data)
    above = graphics.Camera(elevation=90, parallel=True, fill=1)
    want = graphics.Mesh(places, np.array([[0, 1, 2], [0, 2, 3], [0, 3, 4], [1, 5, 6], [1, 6, 2]]))
    got = graphics.read_mesh(tmp_path / "a.ply")
    pictures = [graphics.Figure(64, 64, camera=above).add(one).render() for one in (want, got)]
    assert np.array_equal(*pictures)
    (tmp_path / "a.ply").write_bytes(head + data[:-30])
    with pytest.raises(vf.FileError):
        graphics.read_mesh(tmp_path / "a.ply")


@pytest.mark.parametrize("corner", [b"-4", b"-3/-1", b"-1//-2"])
def test_obj_indices_that_count_back_too_far_are_refused(tmp_path, corner):
    (tmp_path / "a.obj").write_bytes(
        b"vn 0 0 1\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf -1 -2 " + corner + b"\nv 1 1 0\nv 2 2 0\n"
    )
    with pytest.raises(vf.FileError, match="names nothing that stands before it"):
        graphics.read_mesh(tmp_path / "a.obj")


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


def ply(vertices, faces, data, form="ascii", length="uchar"):
    head = f"ply\nformat {form} 1.0\nelement vertex {vertices}\nproperty float x\nproperty float y\nproperty float z\n"
    head += f"element face {faces}\nproperty list {length} int vertex_indices\nend_header\n"
    return head.encode() + data


MANY = 4_000_000_000
CORNERS = b"0 0 0\n1 0 0\n0 1 0\n"
BINARY = "binary_little_endian"
CLAIMS = {
    "vertices of a text.ply": ply(MANY, 1, CORNERS + b"3 0 1 2\n"),
    "faces of a text.ply": ply(3, MANY, CORNERS + b"3 0 1 2\n"),
    "vertices.ply": ply(MANY, 1, bytes(200), BINARY),
    "faces.ply": ply(3, MANY, bytes(200), BINARY),
    "corners.ply": ply(3, 1, bytes(36) + b"\xff\xff\xff\x7f" + bytes(12), BINARY, "uint"),
    "no header's end.ply": ply(3, 1, b"")[:-11] + b"comment " * 4000,
    "triangles.stl": bytes(80) + struct.pack("<I", MANY) + bytes(100),
    "vertices.off": b"OFF %d 1 0\n" % MANY + CORNERS + b"3 0 1 2\n",
    "faces.off": b"OFF 3 %d 0\n" % MANY + CORNERS + b"3 0 1 2\n",
    "index.obj": b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 %d\n" % MANY,
    "index 0.obj": b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 0 1 2\n",
    "index 0 with normals.obj": b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1//1 2//1 00//1\r\n",
    "index below.obj": b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 -9\n",
    "index beyond 64 bits.obj": b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 99999999999999999999999\n",
    "index.ply": ply(3, 1, CORNERS + b"3 0 1 %d\n" % MANY),
    "index.off": b"OFF 3 1 0\n" + CORNERS + b"3 0 1 7\n",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CLAIMS)
def test_what_a_file_claims_takes_no_memory(tmp_path, name):
    """Counts and indices that cannot be are refused, and nothing is made that large on the way."""
    (tmp_path / name).write_bytes(CLAIMS[name])
    tracemalloc.start()
    try:
        with pytest.raises(vf.FileError):
            graphics.read_mesh(tmp_path / name)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("word", [b"nan", b"inf", b"1e999"])
def test_numbers_that_are_none_take_their_faces_with_them(tmp_path, kind, word):
    corners = [b"0 0 0", b"1 0 0", b"0 1 0", b"1 1 " + word]
    faces = [(0, 1, 2), (1, 3, 2)]
    text = {
        "ply": ply(4, 2, b"\n".join(corners) + b"\n3 0 1 2\n3 1 3 2\n"),
        "off": b"OFF 4 2 0\n" + b"\n".join(corners) + b"\n3 0 1 2\n3 1 3 2\n",
        "obj": b"".join(b"v %s\n" % corner for corner in corners) + b"f 1 2 3\nf 2 4 3\n",
        "stl": b"solid a\n"
        + b"".join(
            b"facet normal 0 0 1\nouter loop\n%sendloop\nendfacet\n"
            % b"".join(b"vertex %s\n" % corners[i] for i in face)
            for face in faces
        )
        + b"endsolid a\n",
    }[kind]
    (tmp_path / f"a.{kind}").write_bytes(text)
    mesh = graphics.read_mesh(tmp_path / f"a.{kind}")
    assert mesh.bounds == ((0, 0, 0), (1, 1, 0))
    above = graphics.Camera(elevation=90, parallel=True, fill=1)
    picture = graphics.Figure(64, 64, camera=above).add(mesh).render()
    assert (picture[40:60, 4:24, :3] < 255).all(), "the face of finite corners"
    assert (picture[4:24, 40:60, :3] == 255).all(), "not the other one"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_anywhere(files, tmp_path, kind):
    whole = (files / f"ball.{kind}").read_bytes()
    for cut in range(0, len(whole) - 1, max(len(whole) // 97, 1)):
        (tmp_path / f"cut.{kind}").write_bytes(whole[:cut])
        with contextlib.suppress(vf.FileError):
            graphics.read_mesh(tmp_path / f"cut.{kind}")
