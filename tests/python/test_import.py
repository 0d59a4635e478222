"""Importing is quiet and cheap, and works on a machine without Vulkan or without the extension."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import vulkan_forge as vf

NO_DRIVER = {"VK_DRIVER_FILES": "/nonexistent", "VK_ICD_FILENAMES": "/nonexistent"}
QUIET = """
import os, threading
import vulkan_forge as vf, vshade
assert threading.active_count() == 1
if os.path.exists("/proc/self/task"):
    assert len(os.listdir("/proc/self/task")) == 1
    assert "libvulkan" not in open("/proc/self/maps").read(), "the loader is opened at first use"
"""
NO_DEVICE = """
import vulkan_forge as vf
assert vf.enumerate_adapters() == []
assert vf.device_probe()["status"] == "unsupported"
for call in (vf.Device, vf.default_device, lambda: vf.asarray([1.0]), lambda: vf.Renderer(8, 8),
             lambda: vf.Scene(8, 8), lambda: vf.make_terrain(8, 8), lambda: vf.run_benchmark("scene_rgba", 8, 8)):
    try:
        call()
    except vf.NoDeviceError as error:
        assert "No suitable GPU adapter" in str(error) and "install" in str(error), error
    else:
        raise AssertionError(call)
assert vf.dem_stats([[1.0, 3.0]])[2] == 2.0
assert len(vf.colormap_supported()) == 3
"""


def run(code, **env):
    command, env = [sys.executable, "-c", code], {**os.environ, **env}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=100)  # DEADLOCK_GUARD


def test_importing_starts_nothing_and_says_nothing():
    done = run(QUIET, OPENBLAS_NUM_THREADS="1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_machine_without_vulkan_can_do_the_rest():
    done = run(NO_DEVICE, **NO_DRIVER, VULKAN_FORGE_VALIDATION="0")
    assert (done.returncode, done.stderr) == (0, "")


def test_importing_leaves_numpy_alone():
    assert run("import vulkan_forge, sys; assert 'numpy' not in sys.modules").returncode == 0


@pytest.mark.skipif("ASAN_OPTIONS" in os.environ, reason="AddressSanitizer starts slowly")
def test_importing_is_quick():
    """In processor time, of which a busy machine gives no less; a wall clock would not be steady."""
    code = "import time; t = time.process_time(); import vulkan_forge; print(time.process_time() - t)"
    assert min(float(run(code).stdout) for _ in range(5)) < 0.12


@pytest.mark.parametrize("extension", [None, b"this is no library"])
def test_a_missing_or_broken_extension_says_how_to_build(tmp_path, extension):
    package = Path(vf.__file__).parent
    copy = tmp_path / "vulkan_forge"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("*.so", "lib", "__pycache__"))
    if extension is not None:
        (copy / Path(vf._vulkan_forge.__file__).name).write_bytes(extension)
    done = run("import vulkan_forge", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: the native module of vulkan_forge does not load")
    assert "./dev build" in last
    assert "pip install ." in last
