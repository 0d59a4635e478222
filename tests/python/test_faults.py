"""What happens when something breaks: faults are made, each in the place where it would occur."""

import gc
import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu
testing = native._testing

OUT_OF_HOST_MEMORY, OUT_OF_DEVICE_MEMORY, INITIALIZATION_FAILED, DEVICE_LOST = -1, -2, -3, -4
DOUBLE = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= 2.0; }
"""
NO_DRIVER = {"VK_DRIVER_FILES": "/nonexistent", "VK_ICD_FILENAMES": "/nonexistent", "VULKAN_FORGE_VALIDATION": "0"}
# Layers that look over the shoulder would change what these processes say.
QUIET = {"VULKAN_FORGE_VALIDATION": "0"}


@pytest.fixture(autouse=True)
def _no_faults_left():
    vf.release_default_device()
    yield
    testing.clear_faults()
    vf.release_default_device()


def python(code, *arguments, env=None, **options):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **QUIET, **(env or {})},
        capture_output=True,
        text=True,
        timeout=120,  # DEADLOCK_GUARD
        **options,
    )


def succeeds(code, *arguments, **options):
    done = python(code, *arguments, **options)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


# ---------------------------------------------------------------- device lost


def lose_in_kernel():
    kernel = vf.Kernel(DOUBLE)
    return lambda: kernel(x=np.ones(64, np.float32), threads=64)


def lose_in_prepared_call():
    call = vf.Kernel(DOUBLE).prepare(x=vf.asarray(np.ones(64, np.float32)), threads=64)
    return call


def lose_in_recorder():
    kernel, x, recorder = vf.Kernel(DOUBLE), vf.asarray(np.ones(64, np.float32)), vf.Recorder()

    def record():
        with recorder:
            recorder.run(kernel, x=x, threads=64)

    return record


def lose_in_triangle():
    return vf.Renderer(32, 32).render_triangle_rgba


def lose_in_terrain():
    renderer = vf.Renderer(32, 32)
    renderer.add_terrain(np.ones((4, 4), np.float32), (1, 1))
    return renderer.render_rgba


WORK = [lose_in_kernel, lose_in_prepared_call, lose_in_recorder, lose_in_triangle, lose_in_terrain]


@pytest.mark.parametrize("call", ["vkQueueSubmit", "vkWaitSemaphores"])
@pytest.mark.parametrize("make", WORK, ids=lambda make: make.__name__)
def test_a_lost_device_says_so_and_the_next_default_device_works(make, call):
    work = make()
    if call == "vkWaitSemaphores":  # the wait is skipped where the work is done already
        testing.inject_fault("vkGetSemaphoreCounterValue", DEVICE_LOST, 0, 1)
    testing.inject_fault(call, DEVICE_LOST, 0, 1)
    with pytest.raises(vf.DeviceLostError) as caught:
        work()
    testing.clear_faults()
    error = caught.value
    assert (error.code, error.original_code) == ("DEVICE_LOST", DEVICE_LOST)
    assert error.details["vk_result"] == "VK_ERROR_DEVICE_LOST"
    assert isinstance(error, vf.DeviceError)
    assert "open a new one" in str(error)
    with pytest.raises(vf.DeviceLostError, match="lost earlier"):  # its objects stay refused, and safe
        work()
    x = np.ones(100, np.float32)
    vf.Kernel(DOUBLE)(x=x, threads=100)
    assert (x == 2).all()
    assert vf.Renderer(8, 8).render_triangle_rgba().any()


def test_a_lost_device_while_waiting():
    """The work is long, so that the wait itself is made and not skipped."""
    long = vf.Kernel(
        """layout(local_size_x = 64) in;
        layout(binding = 0) buffer X { float x[]; };
        void main() {
          uint i = gl_GlobalInvocationID.x;
          float v = x[i];
          for (int k = 0; k < 30000; ++k) v = fract(v * 1.0001 + 0.5);
          x[i] = v;
        }"""
    )
    x = vf.asarray(np.ones(1 << 14, np.float32))
    testing.inject_fault("vkWaitSemaphores", DEVICE_LOST)
    with pytest.raises(vf.DeviceLostError, match="vkWaitSemaphores failed") as caught:
        long(x=x, threads=1 << 14)
    assert caught.value.original_code == DEVICE_LOST
    testing.clear_faults()
    assert vf.asarray([1.0]).tolist() == [1.0]


@pytest.mark.parametrize("call", ["vkQueueSubmit", "vkGetSemaphoreCounterValue"])
def test_a_device_lost_in_a_transfer(call):
    with testing.open_device(force_staging=True) as device:
        testing.inject_fault(call, DEVICE_LOST, 0, 1)
        with pytest.raises(vf.DeviceLostError):
            vf.asarray(np.ones(1 << 20), device=device).numpy()
        testing.clear_faults()
        for use in (
            lambda: vf.asarray([1.0], device=device),
            lambda: vf.Buffer(4, device=device),
            lambda: vf.Kernel(DOUBLE, device=device),
            lambda: vf.Renderer(4, 4, device=device),
        ):
            with pytest.raises(vf.DeviceLostError, match="close it and open a new one"):
                use()
    assert vf.asarray(np.ones(3)).tolist() == [1, 1, 1]


def test_views_of_a_lost_device_stay_readable():
    x = vf.asarray(np.arange(1000.0))
    if not x.device.shares_memory_with_host:
        pytest.skip("needs memory that the host sees")
    view = np.asarray(x)
    testing.inject_fault("vkQueueSubmit", DEVICE_LOST)
    with pytest.raises(vf.DeviceLostError):
        vf.Renderer(4, 4).render_triangle_rgba()
    testing.clear_faults()
    x.close()
    vf.release_default_device()
    gc.collect()
    vf.asarray(np.full(1000, -1.0))
    np.testing.assert_array_equal(view, np.arange(1000.0))


def test_what_was_lost_with_a_device_is_freed():
    with vf.Device() as device:
        kernel = vf.Kernel(DOUBLE, device=device)
        things = [vf.asarray(np.ones(100), device=device) for _ in range(10)]
        testing.inject_fault("vkQueueSubmit", DEVICE_LOST)
        with pytest.raises(vf.DeviceLostError):
            kernel(x=np.ones(64, np.float32), threads=64)
        testing.clear_faults()
        del things
        gc.collect()
        counts = device.counts()
        assert (counts["buffers"], counts["imports"], counts["waiting"]) == (0, 0, 0)


# ---------------------------------------------------------------- out of memory and other failures


@pytest.mark.parametrize("result", [OUT_OF_DEVICE_MEMORY, OUT_OF_HOST_MEMORY])
def test_out_of_memory(result):
    device = vf.default_device()
    before = device.counts()
    for make in (lambda: vf.Buffer(1 << 22), lambda: vf.empty(1 << 20), lambda: vf.asarray(np.ones(1 << 20))):
        testing.inject_fault("vmaCreateBuffer", result, 0, 2)  # the second try follows a trim
        with pytest.raises(vf.OutOfMemoryError) as caught:
            make()
        testing.clear_faults()
        assert isinstance(caught.value, MemoryError)
        assert caught.value.original_code == result
        assert caught.value.code in {"OUT_OF_DEVICE_MEMORY", "OUT_OF_HOST_MEMORY"}
        assert "VK_ERROR_OUT_OF" in caught.value.details["vk_result"]
        assert int(caught.value.details["requested_bytes"]) >= 1 << 22
        assert "close arrays" in str(caught.value)
        after = device.counts()
        assert (after["buffers"], after["buffer_bytes"]) == (before["buffers"], before["buffer_bytes"])
    assert vf.asarray(np.ones(3)).tolist() == [1, 1, 1]


def test_memory_kept_for_reuse_gives_way():
    device = vf.default_device()
    vf.Buffer(1 << 20).close()
    assert device.counts()["pooled_bytes"] > 0
    testing.inject_fault("vmaCreateBuffer", OUT_OF_DEVICE_MEMORY, 0, 1)
    with vf.Buffer(3 << 20):
        assert device.counts()["pooled_bytes"] == 0


CALLS = [
    "vmaCreateBuffer",
    "vmaCreateImage",
    "vkCreateImageView",
    "vkCreateShaderModule",
    "vkCreateComputePipelines",
    "vkCreateGraphicsPipelines",
    "vkCreatePipelineLayout",
    "vkCreateDescriptorSetLayout",
    "vkCreateDescriptorPool",
    "vkAllocateDescriptorSets",
    "vkCreateCommandPool",
    "vkAllocateCommandBuffers",
    "vkBeginCommandBuffer",
    "vkEndCommandBuffer",
    "vkQueueSubmit",
    "vkCreateBuffer",
    "vkAllocateMemory",
    "vkBindBufferMemory",
    "vkGetMemoryHostPointerPropertiesEXT",
    "vkCreateQueryPool",
    "vkCreateSampler",
]


def everything(device):
    heights = np.add.outer(np.arange(8.0), np.arange(8.0)) / 8
    x = vf.asarray(np.ones(64, np.float32), device=device)
    kernel = vf.Kernel(DOUBLE, device=device)
    kernel(x=x, threads=64)
    kernel(x=np.ones(64, np.float32), threads=64)
    kernel.prepare(x=x, threads=64)()
    recorder = vf.Recorder(device=device)
    with recorder, recorder.scope("all"):
        recorder.run(kernel, x=x, threads=64)
    renderer = vf.Renderer(16, 16, device=device)
    renderer.render_triangle_rgba()
    renderer.add_terrain(heights, (1, 1))
    renderer.upload_height_r32f()
    renderer.read_full_height_texture()
    renderer.render_rgba()
    return x.tolist()


@pytest.mark.parametrize("staging", [False, True])
@pytest.mark.parametrize("call", CALLS)
def test_any_failing_call_raises_and_leaves_nothing_behind(call, staging):
    with testing.open_device(force_staging=staging) as device:
        everything(device)
        gc.collect()
        clean = device.counts()
        for skip in range(4):
            testing.inject_fault(call, OUT_OF_HOST_MEMORY, skip, 3)
            try:
                everything(device)
            except vf.VulkanForgeError as error:
                assert error.original_code == OUT_OF_HOST_MEMORY  # noqa: PT017
            finally:
                testing.clear_faults()
            gc.collect()
            after = device.counts()
            for key in ("buffers", "imports", "images", "waiting", "buffer_bytes"):
                assert after[key] == clean[key], (key, skip)
        assert everything(device) == [8.0] * 64


@pytest.mark.parametrize(
    "call",
    ["vkCreateDevice", "vkCreateSemaphore", "vmaCreateAllocator", "vkCreateInstance", "vkEnumeratePhysicalDevices"],
)
def test_a_device_that_does_not_open(call):
    gc.collect()
    testing.inject_fault(call, OUT_OF_HOST_MEMORY)
    opened = False
    try:
        vf.Device().close()
        opened = True
    except vf.OutOfMemoryError as error:
        assert error.original_code == OUT_OF_HOST_MEMORY  # noqa: PT017
    assert not opened or call == "vkCreateInstance"  # an instance may be alive already
    testing.clear_faults()
    with vf.Device() as device:
        assert vf.asarray([1.0], device=device).tolist() == [1.0]


def test_a_pipeline_cache_that_the_driver_refuses():
    testing.inject_fault("vkCreatePipelineCache", INITIALIZATION_FAILED, 0, 1)
    with vf.Device() as device:
        assert everything(device) == [8.0] * 64


# ---------------------------------------------------------------- no driver, no loader

NEEDS_DEVICE = """
import io, contextlib
import numpy as np
import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native
from vulkan_forge.cli import main
LOADER = {loader}
if LOADER:
    native._testing.inject_fault("volkInitialize", -1, 0, 1000)
for make in (
    lambda: vf.Kernel("void main() {{}}"), lambda: vf.Renderer(8, 8), lambda: vf.asarray([1.0]), lambda: vf.Buffer(4),
    lambda: vf.from_host(np.ones(3)), lambda: vf.from_dlpack(np.ones(3)), vf.Device, vf.default_device,
    lambda: vf.render_triangle_rgba(8, 8),
):
    for _ in range(2):
        try:
            make()
        except vf.NoDeviceError as error:
            text = str(error)
            assert "No suitable GPU adapter" in text, text
            assert "install" in text and "mesa-vulkan-drivers" in text, text
            assert error.code in ("NO_DRIVER", "NO_DEVICE")
        else:
            raise AssertionError("no error")
said = io.StringIO()
with contextlib.redirect_stdout(said):
    try:
        code = main(["doctor"])
    except SystemExit as end:
        code = end.code
assert "install" in said.getvalue(), said.getvalue()
assert vf.enumerate_adapters() == []
print("good")
"""


def test_without_a_driver():
    assert succeeds(NEEDS_DEVICE.format(loader=False), env=NO_DRIVER) == "good\n"


def test_without_a_loader():
    assert succeeds(NEEDS_DEVICE.format(loader=True)) == "good\n"


# ---------------------------------------------------------------- caches

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


# ---------------------------------------------------------------- processes

FORK = """
import os, sys
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
    view = np.asarray(kept[0])
if mode == "listed":
    assert vf.devices()
child = os.fork()
if child == 0:
    status = 1
    try:
        if mode == "after":
            for use in (compute, lambda: vf.Renderer(8, 8), lambda: vf.asarray([1.0]), vf.Device, vf.default_device,
                        kept[1].render_triangle_rgba, lambda: kept[2](threads=1), vf.devices):
                try:
                    use()
                except vf.ForkError as error:
                    assert error.code == "FORKED" and "spawn" in str(error), error
                else:
                    raise AssertionError(use)
            assert view.tolist() == [0, 1, 2, 3, 4]
            del kept, view
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


def child_sum(count):
    x = np.ones(count, np.float32)
    vf.Kernel(DOUBLE)(x=x, threads=count)
    return float(x.sum())


SPAWN = """
import multiprocessing, sys
sys.path.insert(0, sys.argv[1])
import test_faults
if __name__ == "__main__":
    test_faults.child_sum(3)
    with multiprocessing.get_context(sys.argv[2]).Pool(2) as pool:
        assert pool.map(test_faults.child_sum, [10, 20, 30]) == [20, 40, 60]
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_pools_of_processes(tmp_path, method):
    script = tmp_path / "main.py"
    script.write_text(SPAWN)
    done = subprocess.run(
        [sys.executable, str(script), str(Path(__file__).parent), method],
        env={**os.environ, **QUIET},
        capture_output=True,
        text=True,
        timeout=120,  # DEADLOCK_GUARD
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert multiprocessing.get_start_method(allow_none=True) is None or multiprocessing.active_children() == []


# ---------------------------------------------------------------- the interpreter's end

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
    for last in (False, False, True):
        try:
            succeeds(IN_FLIGHT, str(threads))
            return
        except AssertionError as error:
            # CPython before 3.14 ends a daemon thread that comes back for the GIL by unwinding its stack. Rarely, more
            # often on a busy machine, that meets pybind11's gil_scoped_release, whose destructor lets nothing pass.
            if last or "terminate called without an active exception" not in str(error):
                raise


EVERYTHING_ALIVE = """
import atexit, os, sys
import numpy as np
import vulkan_forge as vf
kept = [vf.Device(), vf.default_device(), vf.Buffer(64), vf.asarray(np.arange(5.0)), vf.from_host(np.arange(5000.0)),
        vf.Kernel("layout(local_size_x = 1) in; void main() {}"), vf.Renderer(8, 8), vf.Recorder()]
kept[6].add_terrain(np.ones((3, 3), np.float32), (1, 1))
kept[6].render_rgba()
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


# ---------------------------------------------------------------- threads


def test_many_threads_on_one_device():
    kernel = vf.Kernel(
        """layout(local_size_x = 64) in;
        layout(binding = 0) readonly buffer X { float x[]; };
        layout(binding = 1) writeonly buffer Y { float y[]; };
        layout(push_constant) uniform Push { uint n; float a; };
        void main() { uint i = gl_GlobalInvocationID.x; if (i < n) y[i] = a * x[i] + 1.0; }"""
    )
    shared = vf.asarray(np.arange(500, dtype=np.float32))
    failures = []
    start = threading.Barrier(8)

    def work(seed):
        rng = np.random.default_rng(seed)
        start.wait()
        try:
            for i in range(200):
                count = int(rng.integers(1, 500))
                x = rng.standard_normal(count, np.float32)
                y = np.zeros(count, np.float32)
                source = [x, vf.asarray(x), shared][i % 3]
                kernel(x=source, y=y, n=count, a=float(seed), threads=count)
                values = np.arange(count, dtype=np.float32) if source is shared else x
                np.testing.assert_allclose(y, seed * values + 1, rtol=1e-5, atol=1e-5)
                if i % 50 == 0:
                    vf.Renderer(8, 8).render_triangle_rgba()
                    np.testing.assert_array_equal(np.asarray(shared), np.arange(500))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_closing_while_others_work():
    """Whoever is inside a call keeps what it uses; the others get a StateError."""
    x = np.ones(4096, np.float32)
    kernel, renderer = vf.Kernel(DOUBLE), vf.Renderer(16, 16)
    values = vf.asarray(np.ones(4096, np.float32))
    call = kernel.prepare(x=values, threads=4096)
    ready, failures = threading.Barrier(5), []

    def repeat(use):
        ready.wait()
        try:
            while True:
                use()
        except vf.StateError:
            pass
        except BaseException as error:
            failures.append(error)

    uses = [lambda: kernel(x=x, threads=64), renderer.render_triangle_rgba, call, values.numpy]
    threads = [threading.Thread(target=repeat, args=(use,)) for use in uses]
    for thread in threads:
        thread.start()
    ready.wait()
    for _ in range(30):
        vf.asarray(np.ones(64)).numpy()
    for thing in (kernel, renderer, call, values):
        thing.close()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_renderer_and_a_call_shared_by_threads():
    renderer = vf.Renderer(32, 32)
    wanted = renderer.render_triangle_rgba()
    counter = vf.asarray(np.zeros(1, np.uint32))
    call = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) buffer X { uint x[]; };
        void main() { x[0] += 1u; }"""
    ).prepare(x=counter, threads=1)
    failures = []

    def work():
        try:
            for _ in range(25):
                call()
                np.testing.assert_array_equal(renderer.render_triangle_rgba(), wanted)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert counter.tolist() == [100]


def test_devices_opened_by_many_threads():
    found, failures = [], []

    def work():
        try:
            found.append(vf.default_device().info["uuid"])
            with vf.Device() as device:
                assert vf.asarray([1.0], device=device).tolist() == [1.0]
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(set(found)) == 1
