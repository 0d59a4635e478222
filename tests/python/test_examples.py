"""Every example runs, from a folder of its own, and writes what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import vulkan_forge as vf

EXAMPLES = Path(__file__).parents[2] / "examples"
REPORTS = ["env.json", "metrics.json"]
WRITES = {
    "array_api": [],
    "demo": ["out/terrain.png", "out/hillshade.png", "out/slope.png", "out/env.json", "out/metrics.json"],
    "diagnostics": [],
    "onnx_minilm": [],
    "onnx_notes": [],
    "onnx_read": [],
    "onnx_search": [],
    "onnx_speech": [],
    "graph_replay": ["ex_graph.dot", "ex_graph.png", "ex_sharpened.png", *REPORTS],
    "grid_generate_demo": [],
    "particles": ["ex_particles.png", *REPORTS],
    "png_numpy_roundtrip": ["ex_roundtrip.png", *REPORTS],
    "run_bench": [],
    "scene_terrain_demo": ["ex_terrain.png", *REPORTS],
    "smooth": ["ex_heat.png", *REPORTS],
    "terrain_normalize_demo": [],
    "triangle_png": ["ex_triangle.png", *REPORTS],
}


def test_every_example_is_listed() -> None:
    assert sorted(path.stem for path in EXAMPLES.glob("*.py")) == sorted(WRITES)


@pytest.mark.gpu
@pytest.mark.parametrize("name", WRITES)
def test_example(name: str, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, EXAMPLES / f"{name}.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    for written in WRITES[name]:
        path = tmp_path / written
        assert path.stat().st_size > 0
        if path.suffix == ".png":
            assert vf.png_to_numpy(path).size > 0
        elif path.suffix == ".dot":
            assert path.read_text().startswith("digraph")
        else:
            json.loads(path.read_text())
