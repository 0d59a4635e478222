"""The scripts under python/tools and python/examples run as they are, and write what they say.

VF_TEST_BACKENDS (names apart by commas) tries others than VULKAN and GL; VF_TEST_PERF=1 holds the limit on time.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import vulkan_forge as vf

PYTHON = Path(__file__).parents[2] / "python"
EXAMPLES = {
    "add_terrain": ["terrain_overlay.png"],
    "terrain": ["terrain_spike.png"],
    "terrain_normals_flip": ["flip_az90.png", "flip_az270.png"],
    "triangle": ["triangle.png"],
    "two-triangles": ["two-triangles.png"],
}
TOOLS = ["backends_runner", "determinism_harness", "device_diagnostics", "perf_sanity", "terrain_spike"]
BACKENDS = [name for name in os.environ.get("VF_TEST_BACKENDS", "").split(",") if name]
QUIET = {"VULKAN_FORGE_VALIDATION": "0"}


def run(script: Path, folder: Path, *words: str, code: int = 0, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, script, *words],
        cwd=folder,
        env={**os.environ, **QUIET, **env},
        capture_output=True,
        text=True,
        timeout=200,  # DEADLOCK_GUARD
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def tool(name: str, folder: Path, *words: str, code: int = 0, **env: str) -> str:
    return run(PYTHON / "tools" / f"{name}.py", folder, *words, code=code, **env)


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, PYTHON / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_script_is_listed() -> None:
    assert sorted(path.stem for path in (PYTHON / "examples").glob("*.py")) == sorted(EXAMPLES)
    assert sorted(path.stem for path in (PYTHON / "tools").glob("*.py")) == sorted(TOOLS)


@pytest.mark.gpu
@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, tmp_path: Path) -> None:
    run(PYTHON / "examples" / f"{name}.py", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(EXAMPLES[name])
    for written in EXAMPLES[name]:
        picture = vf.png_to_numpy(tmp_path / written)
        assert len(np.unique(picture.reshape(-1, 4), axis=0)) > 16


# ---------------------------------------------------------------- device_diagnostics


@pytest.mark.gpu
def test_device_diagnostics(tmp_path: Path) -> None:
    printed = tool("device_diagnostics", tmp_path)
    found = json.loads((tmp_path / "device_diagnostics.json").read_text())
    assert json.loads(printed).keys() == found.keys() == {"platform", "adapters", "probes"}
    assert [adapter["name"] for adapter in found["adapters"]] == [a["name"] for a in vf.enumerate_adapters()]
    assert {backend: probe["status"] for backend, probe in found["probes"].items()} == {
        "VULKAN": "ok",
        "DX12": "unsupported",
        "METAL": "unsupported",
        "GL": "unsupported",
    }


@pytest.mark.gpu
def test_device_diagnostics_with_every_option(tmp_path: Path) -> None:
    words = ["--json", "deep/report.json", "--summary", "--backends", "vulkan,gl", "auto"]
    printed = tool("device_diagnostics", tmp_path, *words)
    assert "VULKAN" in printed
    assert "{" not in printed
    assert list(json.loads((tmp_path / "deep" / "report.json").read_text())["probes"]) == ["VULKAN", "GL", "AUTO"]


def test_device_diagnostics_takes_unsupported_for_an_answer(tmp_path: Path) -> None:
    tool("device_diagnostics", tmp_path, "--backends", "GL", "METAL")
    tool("device_diagnostics", tmp_path, VK_DRIVER_FILES="/nonexistent", VK_ICD_FILENAMES="/nonexistent")
    assert json.loads((tmp_path / "device_diagnostics.json").read_text())["adapters"] == []


@pytest.mark.parametrize(
    ("states", "code"), [(["error"], 1), (["error", "unsupported"], 1), (["error", "ok"], 0), (["unsupported"], 0)]
)
def test_device_diagnostics_says_by_its_exit_code_how_it_went(states, code, tmp_path, monkeypatch, capsys) -> None:
    module = loaded("device_diagnostics")
    answers = iter(states)
    monkeypatch.setattr(module, "device_probe", lambda backend: {"status": next(answers), "millis": 0.0})
    monkeypatch.setattr(sys, "argv", ["x", "--json", str(tmp_path / "a.json"), "--backends", *("ABCD"[: len(states)])])
    assert module.main() == code
    capsys.readouterr()


# ---------------------------------------------------------------- backends_runner


@pytest.mark.gpu
def test_backends_runner(tmp_path: Path) -> None:
    chosen = ["--backends", *BACKENDS] if BACKENDS else []
    tool("backends_runner", tmp_path, *chosen)
    report = json.loads((tmp_path / "backends_artifacts" / "backends_report.json").read_text())
    assert report["at_least_one_ok"] is True
    if not BACKENDS:
        states = {backend: result["status"] for backend, result in report["results"].items()}
        assert states == {"VULKAN": "ok", "GL": "unsupported"}
        assert len(set(report["results"]["VULKAN"]["hashes"])) == 1
        assert "No suitable GPU adapter" in report["results"]["GL"]["message"]


@pytest.mark.gpu
def test_backends_runner_with_every_option(tmp_path: Path) -> None:
    words = ["--backends", "vulkan", "--width", "33", "--height", "21", "--runs", "3", "--png", "--require-same"]
    tool("backends_runner", tmp_path, *words, "--out-dir", "deep/er")
    report = json.loads((tmp_path / "deep" / "er" / "backends_report.json").read_text())
    assert len(report["results"]["VULKAN"]["hashes"]) == 3
    picture = vf.png_to_numpy(tmp_path / "deep" / "er" / "triangle_vulkan.png")
    np.testing.assert_array_equal(picture, vf.render_triangle_rgba(33, 21))


def test_backends_runner_without_any(tmp_path: Path) -> None:
    tool("backends_runner", tmp_path, "--backends", "gl", code=1)
    report = json.loads((tmp_path / "backends_artifacts" / "backends_report.json").read_text())
    assert report["at_least_one_ok"] is False


# ---------------------------------------------------------------- perf_sanity

SMALL = ["--width", "96", "--height", "96", "--runs", "8"]


@pytest.mark.gpu
def test_perf_sanity(tmp_path: Path) -> None:
    tool("perf_sanity", tmp_path, *SMALL, "--warmups", "1", "--csv")
    report = json.loads((tmp_path / "perf_report.json").read_text())
    steady = report["steady"]
    assert report["init_ms"] > 0
    assert set(steady) == {"samples_ms", "mean_ms", "median_ms", "p95_ms", "stdev_ms", "min_ms", "max_ms"}
    samples = steady["samples_ms"]
    assert len(samples) == 8
    assert steady["mean_ms"] == pytest.approx(np.mean(samples))
    assert steady["median_ms"] == pytest.approx(np.median(samples))
    assert steady["p95_ms"] == pytest.approx(np.percentile(samples, 95))
    assert steady["stdev_ms"] == pytest.approx(np.std(samples))
    assert (steady["min_ms"], steady["max_ms"]) == (min(samples), max(samples))
    assert report["limit"]["p95_ms"] == pytest.approx(120 * 96 * 96 / 512**2)
    with (tmp_path / "perf_samples.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["run", "ms"]
    assert [float(ms) for _, ms in rows[1:]] == samples


@pytest.mark.gpu
def test_perf_sanity_fails_only_where_that_is_asked_for(tmp_path: Path) -> None:
    over = [*SMALL, "--budget-mult", "0"]
    tool("perf_sanity", tmp_path, *over, VF_ENFORCE_PERF="")
    tool("perf_sanity", tmp_path, *over, VF_ENFORCE_PERF="1", code=2)
    assert json.loads((tmp_path / "perf_report.json").read_text())["limit"]["held"] is False


@pytest.mark.gpu
@pytest.mark.parametrize(("p95", "percent", "code"), [(1e6, "50", 0), (1e-6, "50", 2), (1e-6, "1e12", 0)])
def test_perf_sanity_against_a_baseline(tmp_path: Path, p95: float, percent: str, code: int) -> None:
    (tmp_path / "before.json").write_text(json.dumps({"steady": {"p95_ms": p95}}))
    words = [*SMALL, "--baseline", "before.json", "--regress-pct", percent, "--json", "after.json"]
    tool("perf_sanity", tmp_path, *words, VF_ENFORCE_PERF="1", code=code)
    limit = json.loads((tmp_path / "after.json").read_text())["limit"]
    assert limit["p95_ms"] == pytest.approx(p95 * (1 + float(percent) / 100))


@pytest.mark.gpu
def test_perf_sanity_makes_the_first_baseline(tmp_path: Path) -> None:
    words = [*SMALL, "--baseline", "perf.json", "--json", "perf.json", "--csv", "deep/samples.csv"]
    tool("perf_sanity", tmp_path, *words)
    assert json.loads((tmp_path / "perf.json").read_text())["limit"]["source"].startswith("budget")
    tool("perf_sanity", tmp_path, *words)
    assert json.loads((tmp_path / "perf.json").read_text())["limit"]["source"].startswith("baseline")
    assert (tmp_path / "deep" / "samples.csv").exists()


@pytest.mark.gpu
@pytest.mark.skipif(os.environ.get("VF_TEST_PERF") != "1", reason="time counts with VF_TEST_PERF=1 only")
@pytest.mark.parametrize("side", ["96", "512"])
def test_the_triangle_keeps_to_its_time(tmp_path: Path, side: str) -> None:
    tool("perf_sanity", tmp_path, "--width", side, "--height", side, VF_ENFORCE_PERF="1")


# ---------------------------------------------------------------- determinism_harness, terrain_spike


@pytest.mark.gpu
def test_determinism_harness(tmp_path: Path) -> None:
    tool("determinism_harness", tmp_path)
    report = json.loads((tmp_path / "determinism_artifacts" / "determinism_report.json").read_text())
    assert report["all_equal"] is True
    assert [len(process) for process in report["hashes"]] == [5]


@pytest.mark.gpu
def test_determinism_harness_forks_after_import(tmp_path: Path) -> None:
    tool(
        "determinism_harness", tmp_path, "--png", "--runs", "3", "--out-dir", "out"
    )  # of another size, still lying there
    words = ["--width", "61", "--height", "33", "--runs", "2", "--processes", "2", "--png", "--out-dir", "out"]
    tool("determinism_harness", tmp_path, *words)
    report = json.loads((tmp_path / "out" / "determinism_report.json").read_text())
    assert report["all_equal"] is True
    assert [len(process) for process in report["hashes"]] == [2, 2, 2]
    np.testing.assert_array_equal(vf.png_to_numpy(tmp_path / "out" / "triangle_1.png"), vf.render_triangle_rgba(61, 33))


@pytest.mark.gpu
def test_terrain_spike(tmp_path: Path) -> None:
    tool("terrain_spike", tmp_path)
    assert vf.png_to_numpy(tmp_path / "terrain_spike.png").shape == (600, 800, 4)
    tool("terrain_spike", tmp_path, "--width", "40", "--height", "30", "--grid", "16", "--out", "deep/a.png")
    wanted = vf.TerrainSpike(40, 30, 16).render_rgba()
    np.testing.assert_array_equal(vf.png_to_numpy(tmp_path / "deep" / "a.png"), wanted)
