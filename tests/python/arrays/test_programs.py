"""The NumPy programs of examples/numpy_programs give with vulkan_forge.numpy what they give with NumPy, in small."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp

pytestmark = pytest.mark.gpu

PROGRAMS = Path(__file__).parents[3] / "examples" / "numpy_programs"
# name: sizes, and how far values may lie apart, as a share of the largest; 0 asks for the same.
SMALL: dict[str, tuple[dict[str, int], float]] = {
    "black_scholes": ({"count": 1000}, 1e-12),
    "heat": ({"side": 40, "steps": 20}, 1e-12),
    "image_filter": ({"height": 54, "width": 96}, 1e-5),
    "kmeans": ({"count": 3000, "rounds": 4}, 1e-12),
    "life": ({"side": 33, "generations": 12}, 0),
    "logistic": ({"count": 400, "features": 7, "rounds": 15}, 1e-5),
    "mandelbrot": ({"height": 30, "width": 45, "rounds": 40}, 0),
    "nbody": ({"count": 40, "steps": 5}, 1e-12),
}


def both(name: str) -> tuple[Any, Any]:
    """What a program gives with us, and with NumPy."""
    program = runpy.run_path(str(PROGRAMS / f"{name}.py"))
    given = program["inputs"](**SMALL[name][0])
    if not vf.default_device().has("shaderFloat64"):
        given = {key: value.astype(np.float32) if is_wide(value) else value for key, value in given.items()}
    return program["run"](vnp, **given), program["run"](np, **given)


def is_wide(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == np.float64


def test_every_program_is_listed() -> None:
    assert sorted(path.stem for path in PROGRAMS.glob("*.py")) == sorted(SMALL)


@pytest.mark.parametrize("path", sorted(PROGRAMS.glob("*.py")), ids=lambda path: path.stem)
def test_programs_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 60


@pytest.mark.parametrize("name", SMALL)
def test_program(name: str) -> None:
    ours, theirs = both(name)
    narrow = not vf.default_device().has("shaderFloat64")
    tolerance = max(SMALL[name][1], 1e-3 if narrow else 0)
    pairs = zip(ours, theirs, strict=True) if isinstance(ours, tuple) else [(ours, theirs)]
    for got, wanted in pairs:
        assert isinstance(got, vf.Array)
        assert got.shape == wanted.shape
        assert got.dtype == wanted.dtype or narrow
        largest = np.abs(wanted).max() or 1
        if wanted.dtype.kind in "iub" and tolerance:  # a rounding moves bytes by one, and few numbers of clusters
            assert (np.asarray(got) != wanted).mean() < 0.01
        elif name == "mandelbrot" and narrow:
            assert (np.asarray(got) != wanted).mean() < 0.02
        else:
            np.testing.assert_allclose(np.asarray(got) / largest, wanted / largest, rtol=0, atol=tolerance)
