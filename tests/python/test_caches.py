"""Caches on disk: damaged, full, read-only, shared and not there."""

import os
import subprocess
import sys

import numpy as np
import pytest

from processes import QUIET, succeeds

pytestmark = pytest.mark.gpu


COMPUTE = """
import sys
import numpy as np
import vulkan_forge as vf
x = np.ones(100, np.float32)
vf.Kernel('''layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= 3.0; }''')(x=x, threads=100)
assert (x == 3).all()
r = vf.Renderer(16, 16)
r.add_terrain(np.ones((3, 3), np.float32), (1, 1))
assert r.render_rgba().shape == (16, 16, 4)
print(vf.cache_folder())
"""


def cache_files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("damage", ["empty", "cut", "noise", "flipped", "long", "folder"])
def test_broken_cache_files_are_ignored_and_rewritten(tmp_path, damage):
    env = {"VULKAN_FORGE_CACHE_DIR": str(tmp_path)}
    assert succeeds(COMPUTE, env=env).strip() == str(tmp_path)
    good = {path: path.read_bytes() for path in cache_files(tmp_path)}
    assert good
    rng = np.random.default_rng(0)
    for path, content in good.items():
        if damage == "folder":
            path.unlink()
            path.mkdir()
            continue
        flipped = bytearray(content)
        flipped[len(content) // 2] ^= 0x10
        path.write_bytes(
            {
                "empty": b"",
                "cut": content[: len(content) // 2],
                "noise": rng.bytes(len(content)),
                "flipped": bytes(flipped),
                "long": content + b"\0",
            }[damage]
        )
    succeeds(COMPUTE, env=env)
    if damage != "folder":
        spirv = [path for path in good if path.parent.name == "spirv"]
        assert spirv
        assert all(path.read_bytes() == good[path] for path in spirv)
    assert not list(tmp_path.rglob("*part*"))


@pytest.mark.parametrize(
    "place", ["/dev/full", "/proc/none", "/dev/null/below", "a-file", "relative/folder", "off", ""]
)
def test_caches_that_cannot_be_written(tmp_path, place):
    (tmp_path / "a-file").write_bytes(b"not a folder")
    chosen = str(tmp_path / place) if place == "a-file" else place
    succeeds(COMPUTE, env={"VULKAN_FORGE_CACHE_DIR": chosen}, cwd=tmp_path)


def test_a_read_only_cache(tmp_path):
    env = {"VULKAN_FORGE_CACHE_DIR": str(tmp_path)}
    tmp_path.chmod(0o500)
    succeeds(COMPUTE, env=env)
    tmp_path.chmod(0o700)
    succeeds(COMPUTE, env=env)
    for path in tmp_path.rglob("*"):
        path.chmod(0o500 if path.is_dir() else 0o400)
    succeeds(COMPUTE, env=env)
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o700)


FULL_DISK = """
import resource, signal
import numpy as np
import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native
source = "layout(local_size_x = 1) in; layout(binding = 0) buffer X { uint x[]; }; void main() { x[0] = 5; }"
device = vf.default_device()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
# Compiled and stored, then stopped short of the driver, whose compiler needs files of its own.
native._testing.inject_fault("vkCreateShaderModule", -1)
try:
    vf.Kernel(source)
except MemoryError:
    pass
else:
    raise AssertionError("the driver was reached")
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
assert vf.cache_use() == []
x = np.zeros(1, np.uint32)
vf.Kernel(source)(x=x, threads=1)
assert x[0] == 5
assert [row["family"] for row in vf.cache_use()] == ["spirv"]
"""


def test_a_full_disk(tmp_path):
    """No file may grow beyond 64 bytes: writing the compiled shader fails half way, as on a full disk."""
    succeeds(FULL_DISK, env={"VULKAN_FORGE_CACHE_DIR": str(tmp_path)})


def test_without_a_home(tmp_path):
    env = {
        key: value
        for key, value in os.environ.items()
        if key not in {"HOME", "XDG_CACHE_HOME", "VULKAN_FORGE_CACHE_DIR"}
    }
    done = subprocess.run(
        [sys.executable, "-c", COMPUTE],
        env={**env, **QUIET},
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,  # DEADLOCK_GUARD
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "\n")
    assert not list(tmp_path.iterdir())


def test_several_processes_fill_one_cache(tmp_path):
    env = {**os.environ, **QUIET, "VULKAN_FORGE_CACHE_DIR": str(tmp_path)}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", COMPUTE], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for worker in workers:
        _, errors = worker.communicate(timeout=120)  # DEADLOCK_GUARD
        assert (worker.returncode, errors) == (0, "")
    assert not list(tmp_path.rglob("*part*"))
