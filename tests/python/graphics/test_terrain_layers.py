"""What pixels of Terrain are: depths, places, normals and ids, and where points of the map are in the picture."""

import numpy as np
import pytest

from land import ABOVE, hills
from vulkan_forge import graphics


@pytest.fixture
def terrain():
    terrain = graphics.Terrain(hills(), 30, origin=(5e5, 4e6), exaggeration=2)
    terrain.render(160, 100)
    return terrain


@pytest.mark.gpu
def test_depths_are_those_of_the_places(terrain):
    depth, places, ids = (terrain.read(layer) for layer in ("depth", "world", "id"))
    there = np.isfinite(places[..., 0]) & (ids == 1)
    assert there.mean() > 0.2
    assert ((depth > 0) == (ids == 1)).all()
    projected = terrain._seen[1].project(places[there])
    rows, columns = np.nonzero(there)
    assert np.abs(projected[:, 0] - columns - 0.5).max() < 0.05
    assert np.abs(projected[:, 1] - rows - 0.5).max() < 0.05
    near = np.abs(projected[:, 2] / depth[there] - 1)  # depth is of a sample a quarter pixel aside
    assert np.median(near) < 3e-3


@pytest.mark.gpu
def test_places_are_on_the_surface_and_normals_are_its_own():
    rows, columns = np.mgrid[:40, :60]
    dem = (2.0 * columns - 3.0 * rows).astype(np.float32)  # rises 0.2 a unit eastward, 0.3 northward
    terrain = graphics.Terrain(dem, 10, exaggeration=1, ground=0)
    terrain.render(60, 40, camera=ABOVE)
    places, normals = terrain.read("world"), terrain.read("normal")
    want = terrain.heights_at(places[5:-5, 5:-5].reshape(-1, 3)).reshape(30, 50)
    assert np.abs(places[5:-5, 5:-5, 2] - want).max() < 0.01
    assert places[20, 30, :2] == pytest.approx([305, 195], abs=0.01)
    up = np.array([-0.2, -0.3, 1]) / np.sqrt(1.13)
    assert np.abs(normals[5:-5, 5:-5] - up).max() < 1e-3
    assert np.linalg.norm(normals[20, 30]) == pytest.approx(1, abs=1e-6)


@pytest.mark.gpu
def test_nothing_there_is_nan(terrain):
    assert np.isnan(terrain.read("world")[0, 0]).all()
    assert np.isnan(terrain.read("normal")[0, 0]).all()
    assert terrain.read("id")[0, 0] == 0


@pytest.mark.gpu
def test_points_behind_a_ridge_are_hidden():
    dem = np.zeros((60, 60), np.float32)
    dem[30:33] = 300
    terrain = graphics.Terrain(dem, 10, exaggeration=1)
    terrain.render(200, 150, camera=graphics.Camera(elevation=20))
    south, crest, north = (300, 100), (300, 285), (300, 320)
    assert terrain.hidden([south, crest, north]).tolist() == [False, False, True]
    assert terrain.hidden([(300, 320, 350)]).tolist() == [False]
    assert terrain.hidden([(-9000, 0, 0)]).tolist() == [True]  # outside
    places = terrain.project([south, crest])
    assert places[0, 1] > places[1, 1]
    assert places[:, 0] == pytest.approx(100, abs=1)
