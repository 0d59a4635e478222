"""Names of the colormaps, and their table against what it was made from."""

import re
from pathlib import Path

import matplotlib
import numpy as np
import pytest

import vulkan_forge as vf

TABLE = Path(__file__).parents[3] / "src" / "forge" / "graphics" / "colormaps.inc"
STOPS = [
    (0, 0, 0.5),
    (0, 0.3, 0.8),
    (0, 0.5, 0.2),
    (0.2, 0.7, 0.1),
    (0.6, 0.4, 0.2),
    (0.8, 0.8, 0.8),
    (1, 1, 1),
]


def table(name: str) -> np.ndarray:
    body = TABLE.read_text(encoding="utf-8").split(f'"{name}"')[1]
    return np.array([[int(x) for x in row] for row in re.findall(r"\{(\d+), (\d+), (\d+)\}", body)[:256]])


def test_names_in_order_and_a_new_list_each_time():
    names = vf.colormap_supported()
    assert names == ["viridis", "magma", "terrain"]
    names.append("mine")
    assert vf.colormap_supported() == ["viridis", "magma", "terrain"]
    assert all(type(name) is str for name in names)


def test_names_are_those_of_the_table():
    assert re.findall(r'\{"(\w+)"', TABLE.read_text(encoding="utf-8")) == vf.colormap_supported()


@pytest.mark.parametrize("name", ["viridis", "magma"])
def test_entries_are_matplotlibs(name):
    np.testing.assert_array_equal(table(name), (np.array(matplotlib.colormaps[name].colors) * 255).astype(int))


def test_terrain_runs_through_its_stops():
    x = np.arange(256) / 255 * 6
    k = np.minimum(x.astype(int), 5)
    stops = np.array(STOPS)
    want = stops[k] + (stops[k + 1] - stops[k]) * (x - k)[:, None]
    assert abs(table("terrain") - np.floor(want * 255)).max() <= 1
