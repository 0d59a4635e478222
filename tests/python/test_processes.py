"""Processes that fork, spawn and end while the device works."""

import multiprocessing
import os
import subprocess
import sys

import pytest

from processes import QUIET, python, succeeds

pytestmark = pytest.mark.gpu


DEEP = """
import threading
import numpy as np
import vulkan_forge as vf

def build():
    x = vf.asarray(np.ones(4, np.float32))
    with vf.record() as graph:
        y = x
        for _ in range(20_000):
            y = y + 1.0
        vf.evaluate(y)
    graph.run()
    print(y.numpy().tolist())
    with vf.record():
        y = x
        for _ in range(50_000):
            y = y + 1.0
        del y  # never computed

threading.stack_size(256 * 1024)
thread = threading.Thread(target=build)
thread.start()
thread.join()
"""


def test_long_recorded_expressions_need_no_deep_stack():
    assert succeeds(DEEP).split("\n")[0] == str([20_001.0] * 4)


FORK = """
import os, sys, warnings
# Python 3.12 warns of forking beside threads, which is what is tried here.
warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
import numpy as np
import vulkan_forge as vf
mode = sys.argv[1]

def compute():
    x = np.ones(100, np.float32)
    vf.Kernel('''layout(local_size_x = 64) in;
    layout(binding = 0) buffer X { float x[]; };
    void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= 3.0; }''')(x=x, threads=100)
    assert (x == 3).all()

if mode == "after":
    compute()
    kept = vf.asarray(np.arange(5.0)), vf.Renderer(8, 8), vf.Kernel("layout(local_size_x = 1) in; void main() {}")
    scene = vf.Scene(8, 8)
    scene.render_rgba()
    view = np.asarray(kept[0])
if mode == "listed":
    assert vf.devices()
child = os.fork()
if child == 0:
    status = 1
    try:
        if mode == "after":
            for use in (compute, lambda: vf.Renderer(8, 8), lambda: vf.asarray([1.0]), vf.Device, vf.default_device,
                        kept[1].render_triangle_rgba, scene.render_rgba, lambda: vf.TerrainSpike(8, 8),
                        lambda: scene.set_height_from_r32f(np.zeros((2, 2), np.float32)), lambda: kept[2](threads=1),
                        vf.devices):
                try:
                    use()
                except vf.ForkError as error:
                    assert error.code == "FORKED" and "spawn" in str(error), error
                else:
                    raise AssertionError(use)
            assert view.tolist() == [0, 1, 2, 3, 4]
            del kept, view, scene
        else:
            compute()
        status = 0
    except BaseException:
        import traceback
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        if len(sys.argv) > 2:
            sys.exit(status)
        os._exit(status)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0
compute()
"""


@pytest.mark.parametrize("ending", [[], ["sys.exit"]])
@pytest.mark.parametrize("mode", ["before", "listed", "after"])
def test_fork(mode, ending):
    succeeds(FORK, mode, *ending)


SPAWN = """
import multiprocessing, sys
import numpy as np
import vulkan_forge as vf

def child_sum(count):
    x = np.ones(count, np.float32)
    vf.Kernel('''layout(local_size_x = 64) in;
    layout(binding = 0) buffer X { float x[]; };
    void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= 2.0; }''')(x=x, threads=count)
    return float(x.sum())

if __name__ == "__main__":
    child_sum(3)
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        assert pool.map(child_sum, [10, 20, 30]) == [20, 40, 60]
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_pools_of_processes(tmp_path, method):
    script = tmp_path / "main.py"
    script.write_text(SPAWN)
    done = subprocess.run(
        [sys.executable, str(script), method],
        env={**os.environ, **QUIET},
        capture_output=True,
        text=True,
        timeout=120,  # DEADLOCK_GUARD
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert multiprocessing.get_start_method(allow_none=True) is None or multiprocessing.active_children() == []


IN_FLIGHT = """
import sys, threading
import numpy as np
import vulkan_forge as vf
x = vf.asarray(np.ones(4096, np.float32))
call = vf.Kernel('''layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  float v = x[i];
  for (int k = 0; k < 60000; ++k) v = fract(v * 1.0001 + 0.5);
  x[i] = v;
}''').prepare(x=x, threads=4096)
call()
started = threading.Event()
def work():
    started.set()
    while True:
        call()
threads = [threading.Thread(target=work, daemon=True) for _ in range(int(sys.argv[1]))]
for thread in threads:
    thread.start()
started.wait()
for _ in range(100000):
    pass
"""


@pytest.mark.parametrize("threads", [1, 3])
def test_exit_with_work_in_flight(threads):
    succeeds(IN_FLIGHT, str(threads))


EVERYTHING_ALIVE = """
import atexit, os, sys
import numpy as np
import vulkan_forge as vf
kept = [vf.Device(), vf.default_device(), vf.Buffer(64), vf.asarray(np.arange(5.0)), vf.from_host(np.arange(5000.0)),
        vf.Kernel("layout(local_size_x = 1) in; void main() {}"), vf.Renderer(8, 8), vf.Recorder(),
        vf.Scene(8, 8), vf.TerrainSpike(8, 8)]
kept[6].add_terrain(np.ones((3, 3), np.float32), (1, 1))
kept[6].render_rgba()
kept[8].render_rgba()
kept += [np.asarray(kept[3]), memoryview(kept[3]), np.from_dlpack(kept[4]), kept[3].__dlpack__(), kept[3].map(),
         kept[5].prepare(threads=1)] if kept[0].shares_memory_with_host else []
ring = {"kept": kept}
ring["me"] = ring
class Late:
    def __del__(self, write=os.write):  # when even print() is gone
        write(1, b"late %d\\n" % self.view[4])
late = Late()
late.view = np.asarray(kept[3])
sys.late = late
atexit.register(lambda: print("exit", kept[3].tolist()[4], flush=True))
"""


def test_exit_with_everything_alive():
    assert succeeds(EVERYTHING_ALIVE).split() == ["exit", "4.0", "late", "4"]


AFTER_SHUTDOWN = """
import atexit
def last():
    import numpy as np
    x = np.ones(3, np.float32)
    print(vf.asarray(x).tolist())
atexit.register(last)
import vulkan_forge as vf
vf.default_device()
"""


def test_use_after_shutdown_works_or_says_why():
    done = python(AFTER_SHUTDOWN)
    assert done.returncode == 0
    assert done.stdout == "[1.0, 1.0, 1.0]\n" or "vulkan_forge" in done.stderr


SECOND_INTERPRETER = """
import importlib
import numpy as np
import vulkan_forge as vf
for name in ("_xxsubinterpreters", "_interpreters"):
    try:
        interpreters = importlib.import_module(name)
    except ImportError:
        continue
    interpreters.create()
x = vf.asarray(np.ones(100_000, np.float32))
assert (x * 2 + 1).numpy().sum() == 300_000
"""


def test_work_beside_a_second_interpreter():
    """From then on Python's own question whether a thread holds the GIL is answered by yes."""
    succeeds(SECOND_INTERPRETER)
