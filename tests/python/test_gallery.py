"""The gallery: short scripts, a picture for each, and a page that shows both."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vulkan_forge import graphics

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "gallery"
SCRIPTS = sorted((ROOT / "examples" / "gallery").glob("[!_]*.py"))
MOST_BYTES = 15_000_000


def size_of(path):
    """(width, height) of a PNG, from its first chunk."""
    head = path.read_bytes()[16:24]
    return int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")


def test_there_are_nine_and_three_of_them_large():
    assert len(SCRIPTS) >= 9
    sizes = [size_of(PICTURES / f"{script.stem}.png") for script in SCRIPTS]
    assert sizes.count((3840, 2160)) >= 3
    assert min(min(size) for size in sizes) >= 600


def test_they_are_not_too_heavy():
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < MOST_BYTES


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_scripts_are_short_and_shown(script):
    assert len(script.read_text().splitlines()) < 40
    page = (PICTURES / "README.md").read_text()
    assert f"({script.stem}.png)" in page
    assert f"examples/gallery/{script.name}" in page


def test_no_picture_without_its_script():
    assert {path.stem for path in PICTURES.glob("*.png")} == {script.stem for script in SCRIPTS}


@pytest.mark.gpu
def test_a_script_runs(tmp_path):
    env = {**os.environ, "VULKAN_FORGE_GALLERY": str(tmp_path)}
    script = ROOT / "examples" / "gallery" / "jacksboro.py"
    command = [sys.executable, script]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=250)  # DEADLOCK_GUARD
    assert done.returncode == 0, done.stderr
    made, kept = (graphics.read_png(folder / "jacksboro.png") for folder in (tmp_path, PICTURES))
    assert made.pixels.shape == kept.pixels.shape
    off = abs(made.pixels[::4, ::4].astype(int) - kept.pixels[::4, ::4])
    assert off.mean() < 1.0
