"""Devices: chosen by name, index, uuid or environment; their records; close, copies and lifetimes."""

import copy
import gc
import json
import pickle

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

LIMITS = {
    "max_buffer_bytes",
    "max_allocation_bytes",
    "max_storage_range",
    "max_uniform_range",
    "storage_offset_alignment",
    "uniform_offset_alignment",
    "host_import_alignment",
    "max_push_bytes",
    "max_shared_bytes",
    "max_groups",
    "max_workgroup",
    "max_invocations",
    "subgroup_size",
    "max_image_2d",
    "max_target",
    "timestamp_period_ns",
}
TYPES = {"DiscreteGpu", "IntegratedGpu", "VirtualGpu", "Cpu", "Other"}


@pytest.fixture(scope="module")
def rows():
    return vf.devices()


@pytest.mark.gpu
def test_every_device_is_listed_with_its_reasons(rows):
    assert [row["index"] for row in rows] == list(range(len(rows)))
    for row in rows:
        assert row["usable"] == (row["reasons_against"] == [])
        assert row["reasons_for"]
        assert row["device_type"] in TYPES
        assert set(row["limits"]) >= LIMITS
        assert row["heaps"]
        assert all(isinstance(known, bool) for known in row["features"].values())
    json.dumps(rows)


@pytest.mark.gpu
def test_a_device_is_named_by_part_of_its_name_index_or_uuid(rows, monkeypatch):
    monkeypatch.delenv("VULKAN_FORGE_DEVICE", raising=False)
    wanted = next(row for row in rows if row["usable"])
    for selector in (wanted["name"][:6].upper(), wanted["index"], np.int64(wanted["index"]), wanted["uuid"]):
        with vf.Device(selector) as device:
            assert device.info["uuid"] == wanted["uuid"]
            assert device.name == wanted["name"]
            assert device.type == wanted["device_type"]


@pytest.mark.gpu
def test_the_environment_names_one(rows, monkeypatch):
    wanted = next(row for row in rows if row["usable"])
    monkeypatch.setenv("VULKAN_FORGE_DEVICE", wanted["uuid"])
    with vf.Device() as device:
        assert device.info["uuid"] == wanted["uuid"]
    monkeypatch.setenv("VULKAN_FORGE_DEVICE", "no such name")
    with pytest.raises(vf.NoDeviceError, match="no such name"):
        vf.Device()
    with vf.Device(wanted["index"]) as device:  # what is asked for in the call comes first
        assert device.name == wanted["name"]


@pytest.mark.gpu
def test_software_may_be_preferred(rows):
    if all(row["device_type"] != "Cpu" for row in rows if row["usable"]):
        pytest.skip("no CPU driver here")
    with vf.Device(prefer_software=True) as device:
        assert device.type == "Cpu"


@pytest.mark.gpu
@pytest.mark.parametrize("selector", ["no such device", 99, 2**62])
def test_a_name_that_fits_none_lists_what_there_is(rows, selector):
    with pytest.raises(vf.NoDeviceError) as caught:
        vf.Device(selector)
    assert caught.value.code == "NO_DEVICE"
    assert "No suitable GPU adapter" in str(caught.value)
    assert rows[0]["name"] in str(caught.value)


@pytest.mark.parametrize(
    ("selector", "error"),
    [
        ("", vf.InputError),
        (-1, vf.InputError),
        (1.0, vf.ArgumentTypeError),
        (True, vf.ArgumentTypeError),
        (b"llvmpipe", vf.ArgumentTypeError),
        ([0], vf.ArgumentTypeError),
    ],
)
def test_selectors_are_checked(selector, error):
    with pytest.raises(error, match="expected"):
        vf.Device(selector)


def test_options_are_keywords():
    with pytest.raises(TypeError):
        vf.Device(0, True)


@pytest.mark.gpu
def test_the_default_device_is_shared(device):
    with vf.default_device() as other:
        assert other.info["uuid"] == device.info["uuid"]
        before = device.counts()["buffers"]
        with vf.Buffer(16, device=other):
            assert device.counts()["buffers"] == before + 1


@pytest.mark.gpu
def test_release_lets_go_of_the_default_device_but_not_of_what_lives_on_it():
    vf.release_default_device()  # earlier tests may have left tables on it
    values = vf.asarray(np.arange(5.0))
    vf.release_default_device()
    vf.release_default_device()
    assert values.tolist() == [0, 1, 2, 3, 4]
    fresh = vf.default_device()
    assert fresh.counts()["buffers"] == 0
    assert values.device.counts()["buffers"] == 1


@pytest.mark.gpu
def test_arrays_of_two_devices_do_not_mix(device):
    with vf.Device() as other:
        kernel = vf.Kernel(
            """layout(local_size_x = 1) in;
            layout(binding = 0) buffer X { uint x[]; };
            void main() { x[gl_GlobalInvocationID.x] = 1; }""",
            device=device,
        )
        x = vf.asarray(np.zeros(4, np.uint32), device=other)
        with pytest.raises(vf.InputError, match=r"on the kernel's device.*the same vf\.Device"):
            kernel(x=x, threads=4)
        assert x.tolist() == [0] * 4


@pytest.mark.gpu
def test_methods_raise_after_close():
    device = vf.Device()
    assert not device.closed
    assert device.name in repr(device)
    device.close()
    device.close()
    assert device.closed
    assert repr(device) == "Device(closed)"
    calls = [
        lambda: device.name,
        lambda: device.limits,
        device.counts,
        device.memory,
        device.wait_idle,
        device.trim,
        lambda: device.has("shaderInt64"),
        lambda: vf.Buffer(4, device=device),
        lambda: vf.asarray([1.0], device=device),
        lambda: vf.Kernel("void main() {}", device=device),
        lambda: vf.Renderer(4, 4, device=device),
    ]
    for call in calls:
        with pytest.raises(vf.StateError, match=r"Device was used after close\(\)") as caught:
            call()
        assert caught.value.code == "CLOSED"


@pytest.mark.gpu
def test_with_closes_even_after_an_error():
    with pytest.raises(ZeroDivisionError), vf.Device() as device:
        _ = 1 / 0
    assert device.closed


@pytest.mark.gpu
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_no_copies(device, duplicate):
    with pytest.raises(TypeError, match="owns native memory and cannot be copied or pickled"):
        duplicate(device)


@pytest.mark.gpu
def test_what_is_asked_for_must_be_a_device():
    with pytest.raises(vf.ArgumentTypeError, match=r"expected vf\.Device or None; got str"):
        vf.asarray([1.0], device="llvmpipe")


@pytest.mark.gpu
def test_limits_features_and_memory(device):
    assert set(device.limits) >= LIMITS
    assert device.limits["max_push_bytes"] >= 128
    assert device.has("timelineSemaphore")
    assert not device.has("noSuchFeature")
    assert sum(heap["bytes"] for heap in device.memory()) > 0


@pytest.mark.gpu
def test_memory_is_counted_kept_for_reuse_and_given_back():
    with vf.Device() as device:
        assert device.counts()["buffer_bytes"] == 0
        first = vf.Buffer(1 << 20, device=device)
        assert device.counts()["buffers"] == 1
        assert device.counts()["buffer_bytes"] == 1 << 20
        first.close()
        gc.collect()
        kept = device.counts()
        assert kept["buffers"] == 0
        assert kept["pooled_bytes"] >= 1 << 20
        with vf.Buffer(1 << 20, device=device):
            assert device.counts()["pooled_bytes"] < kept["pooled_bytes"]
        device.trim()
        assert device.counts()["pooled_bytes"] == 0


@pytest.mark.gpu
def test_waiting_for_nothing(device):
    device.wait_idle()
    assert device.counts()["waiting"] == 0


ROWS = {
    "discrete": {"name": "Big Card", "type": "DiscreteGpu", "memory": 8 << 30},
    "integrated": {"name": "Chip", "type": "IntegratedGpu", "memory": 16 << 30},
    "virtual": {"name": "Guest", "type": "VirtualGpu", "memory": 4 << 30},
    "cpu": {"name": "Soft Pipe", "type": "Cpu", "memory": 64 << 30},
}


@pytest.mark.parametrize(
    ("names", "options", "chosen"),
    [
        (["cpu", "virtual", "integrated", "discrete"], {}, "discrete"),
        (["cpu", "virtual", "integrated"], {}, "integrated"),
        (["cpu", "virtual"], {}, "virtual"),
        (["discrete", "cpu"], {"prefer_software": True}, "cpu"),
        (["discrete", "integrated"], {"prefer_software": True}, "discrete"),
        (["discrete", "cpu"], {"text": "soft p"}, "cpu"),
        (["discrete", "cpu"], {"text": "1"}, "cpu"),
    ],
)
def test_choice_among_made_up_devices(names, options, chosen):
    index = native._testing.choose_device([ROWS[name] for name in names], **options)
    assert names[index] == chosen


def test_among_equals_memory_decides():
    rows = [ROWS["discrete"], {**ROWS["discrete"], "memory": 24 << 30}]
    assert native._testing.choose_device(rows) == 1


@pytest.mark.parametrize(
    ("lack", "named"),
    [
        ({"lacks": "timelineSemaphore"}, "timelineSemaphore"),
        ({"lacks": "bufferDeviceAddress"}, "bufferDeviceAddress"),
        ({"api": 1 << 22 | 1 << 12}, "1.2"),
        ({"no_queue": True}, "queue"),
    ],
)
def test_a_device_that_lacks_what_is_needed_is_passed_over_or_refused_with_the_reason(lack, named):
    lacking = {**ROWS["discrete"], **lack}
    assert native._testing.choose_device([lacking, ROWS["cpu"]]) == 1
    for options in ({}, {"text": "Big"}):
        with pytest.raises(vf.NoDeviceError) as caught:
            native._testing.choose_device([lacking], **options)
        assert "No suitable GPU adapter" in str(caught.value)
        assert "Big Card" in str(caught.value)
        assert named in str(caught.value)
