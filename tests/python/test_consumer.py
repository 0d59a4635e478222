"""`cmake --install`, then a project that finds the package, links it and runs a kernel."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "dev"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (BUILD / "libforge.a").exists(), reason="./dev build has built no library here"),
    pytest.mark.skipif(shutil.which("cmake") is None, reason="no cmake here"),
]


def run(*command: object) -> str:
    # sanitizers of this process are not the consumer's
    env = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=env)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_a_project_finds_links_and_runs(device, tmp_path):
    prefix, build = tmp_path / "prefix", tmp_path / "build"
    run("cmake", "--install", BUILD, "--prefix", prefix, "--component", "cpp")
    installed = {path.relative_to(prefix).parts[0] for path in prefix.rglob("*")}
    assert installed == {"include", "lib"}
    moved = prefix.rename(tmp_path / "moved")  # nothing installed may name the place it was installed to
    run("cmake", "-G", "Ninja", "-S", ROOT / "tests" / "consumer", "-B", build, f"-DCMAKE_PREFIX_PATH={moved}")
    run("cmake", "--build", build)
    assert run(build / "consumer").strip() == f"OK on {device.name}"
