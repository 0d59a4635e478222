"""PNG files beside Pillow and, where they are installed, other encoders: time and size of a shaded terrain.

./dev bench png
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import vulkan_forge as vf
from _measure import best_of_both, header, row
from vulkan_forge import _vulkan_forge as native

try:
    from PIL import Image
except ImportError:
    Image = None

WIDTH, HEIGHT = 3840, 2160
MIB = 1 << 20


def noise(side: int) -> Any:
    """Seven octaves of smooth noise."""
    rng, total = np.random.default_rng(1), np.zeros((side, side))
    for octave in range(7):
        grid = rng.normal(0, 1, (4 * 2**octave + 3,) * 2)
        at = np.linspace(0, 4 * 2**octave, side)
        cell, part = at.astype(int), at % 1
        part = part * part * (3 - 2 * part)
        rows = grid[cell] + (grid[cell + 1] - grid[cell]) * part[:, None]
        total += (rows[:, cell] + (rows[:, cell + 1] - rows[:, cell]) * part) / 2**octave
    return total


def pictures() -> dict[str, Any]:
    """A rough terrain and a smooth one, as the renderer draws them."""
    x = np.linspace(-2, 2, 512)
    heights = {"rough terrain": noise(1024) * 80, "smooth hill": 400 * np.exp(-np.add.outer(x**2, x**2))}
    drawn = {}
    for name, field in heights.items():
        renderer = vf.Renderer(WIDTH, HEIGHT)
        renderer.add_terrain(field.astype(np.float32), (20, 20), colormap="terrain")
        drawn[name] = renderer.render_rgba()
    return drawn


def pillow(image: Any, level: int) -> Callable[[], bytes]:
    def run() -> bytes:
        data = io.BytesIO()
        Image.fromarray(image).save(data, "png", compress_level=level)
        return data.getvalue()

    return run


def writing(name: str, image: Any) -> None:
    for level, peer_level, rounds in (("fast", 1, 5), ("default", 1, 5), ("small", 6, 2)):
        size = len(vf.encode_png(image, level=level)) / MIB
        if Image is None:
            continue
        theirs = pillow(image, peer_level)
        mine, other = best_of_both(lambda level=level: vf.encode_png(image, level=level), theirs, rounds)
        note = f"{size:.2f} against {len(theirs()) / MIB:.2f} MiB"
        row(f"write {name}, {level}", mine, f"Pillow, level {peer_level}", other, note)


def reading(name: str, image: Any, folder: Path) -> None:
    path = folder / "a.png"

    def theirs() -> Any:
        with Image.open(path) as opened:
            return np.asarray(opened)

    for level in ("fast", "default"):
        vf.numpy_to_png(path, image, level=level)
        if Image is not None:
            mine, other = best_of_both(lambda: vf.png_to_numpy(path), theirs, 5)
            row(f"read {name}, {level}", mine, "Pillow", other)


def main() -> None:
    header(vf.default_device())
    print(f"{WIDTH} x {HEIGHT} RGBA, {WIDTH * HEIGHT * 4 / MIB:.1f} MiB; {native.png_packer()} unpacks")
    with tempfile.TemporaryDirectory() as folder:
        for name, image in pictures().items():
            writing(name, image)
            reading(name, image, Path(folder))


if __name__ == "__main__":
    main()
