"""Profiles, traces and memory reports."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu

ADD = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { uint x[]; };
layout(push_constant) uniform Push { uint by; };
void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] += by; }
"""


@pytest.fixture(params=["shared", "staging"])
def device(request):
    with native._testing.open_device(force_staging=request.param == "staging") as device:
        if device.limits["timestamp_period_ns"] == 0:
            pytest.skip("needs timestamps")
        yield device


@pytest.fixture
def add(device):
    return vf.Kernel(ADD, device=device, name="add")


def array(device, count=1000):
    return vf.asarray(np.zeros(count, np.uint32), device=device)


# ---------------------------------------------------------------- profiles


def test_each_kernel_has_a_row(device, add):
    x, y = array(device), array(device)
    other = vf.Kernel(ADD, device=device, name="other")
    call = add.prepare(x=x, by=1, threads=1000)
    call()
    with vf.profile(device=device, flops={"add": 1000}) as p:
        add(x=x, by=1, threads=1000)
        add.submit(x=x, by=1, threads=1000)
        call()
        recorder = vf.Recorder(device=device)
        with recorder, recorder.scope("scope"):
            recorder.run(other, x=x, by=1, threads=1000)
            recorder.copy(x, y)
            recorder.fill(x, 0)
    call()
    rows = {row.name: row for row in p.rows}
    assert {name: row.count for name, row in rows.items()} == {"add": 3, "other": 1, "copy": 1, "fill": 1}
    assert rows["add"].bytes == 3 * 8000
    assert rows["copy"].bytes == 8000
    assert rows["fill"].bytes == 4000
    assert rows["add"].mean_ms == pytest.approx(rows["add"].total_ms / 3)
    assert all(row.total_ms >= 0 for row in p.rows)
    assert rows["other"].gflop_per_s is None
    assert [row.total_ms for row in p.rows] == sorted((row.total_ms for row in p.rows), reverse=True)
    assert str(p) == p.table()
    assert p.table().splitlines()[0].split() == ["name", "count", "total", "ms", "mean", "ms", "GB/s", "GFLOP/s"]
    assert len(recorder.times()) == 1
    assert set(y.tolist()) == {5}


def test_times_are_those_of_the_work(device):
    source = """
    layout(local_size_x = 64) in;
    layout(binding = 0) buffer X { uint x[]; };
    layout(push_constant) uniform Push { uint turns; };
    void main() {
      uint v = gl_GlobalInvocationID.x + 1u;
      for (uint k = 0u; k < turns; ++k) { v ^= v << 13; v ^= v >> 17; v ^= v << 5; }
      x[gl_GlobalInvocationID.x] = v;
    }
    """
    slow = vf.Kernel(source, device=device, name="slow")
    quick = vf.Kernel(source, device=device, name="quick")
    x = array(device, 1 << 14)
    slow(x=x, turns=1, threads=x.size)
    quick(x=x, turns=1, threads=x.size)
    with vf.profile(device=device) as p:
        for _ in range(3):
            slow.submit(x=x, turns=20_000, threads=x.size)
            quick.submit(x=x, turns=20, threads=x.size)
    slow_row, quick_row = p.rows
    assert (slow_row.name, quick_row.name) == ("slow", "quick")
    assert slow_row.total_ms > 5 * quick_row.total_ms


def test_library_kernels_appear_under_their_names(device):
    from vulkan_forge import compute

    x = vf.asarray(np.arange(6000, dtype=np.int32).reshape(60, 100), device=device)
    with vf.profile(device=device) as p:
        compute.transpose(x)
    assert any("transpose" in row.name for row in p.rows)


def test_long_names_leave_the_table_narrow(device, add):
    long, x = vf.Kernel(ADD, device=device, name="long" * 30), array(device)
    with vf.profile(device=device) as p:
        long(x=x, by=1, threads=1000)
    assert [row.name for row in p.rows] == ["long" * 30]
    assert p.table().splitlines()[1].split()[0] == ("long" * 30)[:57] + "..."


def test_graphs_are_timed_command_by_command(device, add):
    x = array(device)
    with vf.record(device=device) as graph:
        for _ in range(3):
            add(x=x, by=1, threads=1000)
    graph.run()
    with vf.profile(device=device) as p:
        graph.run()
        graph.run()
    graph.run()
    device.wait_idle()
    assert [(row.name, row.count) for row in p.rows] == [("add", 6)]
    assert set(x.tolist()) == {12}


def test_more_commands_than_a_query_pool_holds(device, add):
    x = array(device)
    recorder = vf.Recorder(device=device)
    with vf.profile(device=device) as p, recorder:
        for _ in range(1500):
            recorder.run(add, x=x, by=1, threads=1000)
    assert [(row.name, row.count) for row in p.rows] == [("add", 1500)]
    assert set(x.tolist()) == {1500}


def test_staging_appears(device, add):
    with vf.profile(device=device) as p:
        x = array(device, 3 << 20)
        x.numpy()
    names = {row.name for row in p.rows}
    assert names == (set() if device.shares_memory_with_host else {"upload", "download"})
    assert sum(row.bytes for row in p.rows) == (0 if not names else 2 * (12 << 20))


def test_one_profile_at_a_time(device):
    with vf.profile(device=device) as p:
        with pytest.raises(vf.StateError):
            _ = p.rows
        with pytest.raises(vf.StateError), vf.profile(device=device):
            pass
    with pytest.raises(vf.StateError), p:
        pass
    with vf.profile(device=device):
        pass
    assert p.rows == []
    assert p.submissions == []


@pytest.mark.parametrize(
    "flops", [5, "add", [("add", 1)], {"add": "x"}, {"add": None}, {"add": -1}, {"add": float("nan")}, {"add": 10**400}]
)
def test_operations_that_are_no_numbers_are_refused_before_the_block(device, flops):
    with pytest.raises((vf.ArgumentTypeError, vf.InputError), match="flops"):
        vf.profile(device=device, flops=flops)


def test_operations_are_numbers_of_any_kind(device, add):
    with vf.profile(device=device, flops={"add": np.int64(1000)}) as p:
        add(x=array(device), by=1, threads=1000)
    assert [row.flops for row in p.rows if row.name == "add"] == [1000]


def test_an_error_ends_the_profile(device, add):
    with pytest.raises(ZeroDivisionError), vf.profile(device=device) as p:
        add(x=array(device), by=1, threads=1000)
        _ = 1 / 0
    assert "add" in {row.name for row in p.rows}
    with vf.profile(device=device):
        pass


def test_a_trace_is_on_one_clock(device, add, tmp_path):
    x = array(device)
    with vf.profile(device=device) as p:
        for _ in range(3):
            add(x=x, by=1, threads=1000)
    p.save_trace(tmp_path / "trace.json")
    trace = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    sent = [e for e in trace if e["ph"] == "i"]
    ran = [e for e in trace if e["ph"] == "X"]
    assert len(sent) == len(ran) == 3
    assert all(e["name"].endswith("a call that waits") for e in sent)
    for first, second in zip(sent, ran, strict=True):
        assert second["name"] == "add"
        assert second["args"]["submission"] == int(first["name"].split(":")[0])
    for run, after in zip(ran, sent[1:], strict=False):  # each call waited for its end before the next was sent
        assert run["ts"] + run["dur"] <= after["ts"] + 200
    assert all(run["ts"] >= at["ts"] - 200 for at, run in zip(sent, ran, strict=True))
    assert isinstance(p.calibrated, bool)


# ---------------------------------------------------------------- traces


def test_a_trace_on_stderr_says_why():
    code = f"""
import numpy as np, vulkan_forge as vf
add = vf.Kernel('''{ADD}''')
x = vf.asarray(np.zeros(1000, np.uint32))
add(x=x, by=1, threads=1000)
add.submit(x=x, by=1, threads=1000)
x.to_host_async().result()
call = add.prepare(x=x, by=1, threads=1000)
call()
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"VULKAN_FORGE_TRACE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("vulkan_forge ")]
    whys = [line.split(": ")[1].split(";")[0] for line in lines if "upload" not in line]
    assert whys == ["a call that waits", "asked for", "readback", "replay"], done.stderr
    assert "1 commands, 0 barriers, 7.8 KiB" in lines[-3]


# ---------------------------------------------------------------- memory


def test_memory_by_label_with_its_high_water_mark(device):
    def bytes_of(report):
        return {row.label: (row.bytes, row.peak_bytes, row.count) for row in report.rows if row.label != "staging"}

    first = vf.asarray(np.zeros(1000, np.uint8), device=device, label="weights")
    second = vf.empty(500, dtype=np.uint8, device=device, label="weights")
    third = vf.Buffer(64, device=device)
    assert third.label == "buffer"
    peak = device.memory_report()
    assert bytes_of(peak) == {"weights": (1500, 1500, 2), "buffer": (64, 64, 1)}
    first.close()
    kept = vf.empty(10, dtype=np.uint8, device=device)
    now = device.memory_report()
    assert bytes_of(now) == {"weights": (500, 1500, 1), "buffer": (64, 64, 1), "array": (10, 10, 1)}
    assert now.peak_bytes == peak.bytes == peak.peak_bytes
    text = str(now)
    assert text.splitlines()[1].startswith(("weights", "staging"))
    assert "kept for reuse" in text
    del second, kept


def test_imported_memory_is_not_the_devices(device):
    if not device.limits["host_import_alignment"]:
        pytest.skip("needs a device that imports host memory")
    before = device.memory_report().bytes
    x = vf.from_host(np.zeros(1 << 20, np.uint8), device=device, label="mine")
    report = device.memory_report()
    assert report.bytes == before
    assert [(row.bytes, row.on_device) for row in report.rows if row.label == "mine"] == [(1 << 20, False)]
    assert "mine (host memory)" in str(report)
    del x


def test_exhaustion_names_the_largest_holders(device):
    held = [vf.empty(1 << 20, dtype=np.uint8, device=device, label=label) for label in ("large", "large", "small")]
    native._testing.inject_fault("vmaCreateBuffer", -2, 0, 2)
    try:
        with pytest.raises(
            vf.OutOfMemoryError, match=r"the largest: .*large 2\.0 MiB in 2, small 1\.0 MiB in 1"
        ) as error:
            vf.empty(3 << 20, dtype=np.uint8, device=device)
    finally:
        native._testing.clear_faults()
    assert "large 2.0 MiB in 2" in error.value.details["holders"]
    del held
