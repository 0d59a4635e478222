"""Rasters larger than memory should be asked for: read where they lie, or piece by piece."""

from pathlib import Path

import numpy as np
import pytest

from vulkan_forge import _vulkan_forge as native
from vulkan_forge import graphics

pytestmark = [pytest.mark.gpu, pytest.mark.slow]

FROM_ABOVE = graphics.Camera(elevation=90, parallel=True, fill=1)
PLAIN = {"shadows": "hard", "sky": False, "ground": 0, "walls": False, "exaggeration": 1}


def private_bytes():
    """Memory that is this process's own, without the pages of files."""
    rows = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(rows["RssAnon"].split()[0]) << 10


def steps(dem, block):
    """Fills a raster of zeros: a stair of 12 blocks along its diagonal, the rest stays a hole of the file."""
    for step in range(12):
        row, column = (step * side // 12 for side in dem.shape)
        dem[row : row + block, column : column + block] = 100 * (step + 1)


def assert_stairs(terrain, shape, cell):
    """The stair stands where it should, and everything else is level."""
    picture = terrain.render(384, 384, camera=FROM_ABOVE, supersample=1)
    assert picture.shape == (384, 384, 4)
    west, east, south, north = terrain.extent
    at = [[side * i // 12 + 500 for side in shape] for i in range(12)]
    world = terrain.read("world")
    columns, rows, _ = terrain.project([(west + c * cell, north - r * cell) for r, c in at]).T
    found = world[rows.astype(int), columns.astype(int), 2]
    np.testing.assert_allclose(found, 100 * np.arange(1, 13), rtol=1e-5)
    level = terrain.project([((west + 9 * east) / 10, (9 * north + south) / 10)])[0]
    assert world[int(level[1]), int(level[0]), 2] == 0


def test_a_file_of_two_gib_is_read_where_it_lies(tmp_path):
    shape = (32_768, 16_640)  # 2.03 GiB of float32: beyond 2^31 bytes; sparse on the disk
    dem = np.memmap(tmp_path / "dem.f32", np.float32, "w+", shape=shape)
    steps(dem, 1300)
    dem.flush()
    dem = np.memmap(tmp_path / "dem.f32", np.float32, "r", shape=shape)
    graphics.Terrain(np.zeros((64, 64), np.float32), 1).render(384, 384)  # what any picture needs
    before = private_bytes()
    with graphics.Terrain(dem, 2, **PLAIN) as terrain:
        assert terrain.height_range == (0, 1200)
        assert_stairs(terrain, shape, 2)
        assert private_bytes() - before < 192 << 20


def test_without_host_import_pieces_are_copied_one_by_one():
    shape = (12_288, 16_384)  # 768 MiB: three pieces of 256 MiB
    dem = np.zeros(shape, np.float32)
    steps(dem, 1000)
    with native._testing.open_device(force_staging=True) as device:
        with graphics.Terrain(dem, 2, device=device, **PLAIN) as terrain:
            assert_stairs(terrain, shape, 2)
        assert device.memory_report().peak_bytes < 640 << 20
