"""The tuning table: every row runs and is right; what was chosen is kept, and damage is no matter."""

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge, compute

pytestmark = pytest.mark.gpu

tuning = _vulkan_forge._tuning
KEY = ("matmul", "f32", "any")


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("VULKAN_FORGE_CACHE_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("operation", ["matmul", "matvec"])
def test_each_row_is_right_wherever_it_fits(operation):
    """Rows for GPUs too: what a device cannot run is passed over for one that it can."""
    rng = np.random.default_rng(0)
    a, b, x = (rng.random(shape, np.float32) for shape in ((70, 45), (45, 150), (45, 2)))
    with vf.Device() as device:
        for choice in dict.fromkeys(tuning.every(operation)):
            tuning.choose((operation, "any", "any"), choice, device)
            left = vf.asarray(a, device=device)
            for right in (x,) if operation == "matvec" else (b,):
                got = np.asarray(compute.matmul(left, vf.asarray(right, device=device)))
                np.testing.assert_allclose(got, a @ right, rtol=1e-5, err_msg=choice)


def test_a_choice_is_kept_for_the_next_process(own_cache):
    with vf.Device() as device:
        choices = tuning.rows(device).get(KEY) or tuning.rows(device)["matmul", "any", "any"]
        tuning.choose(KEY, choices[-1], device)
        assert tuning.save(device)
    with vf.Device() as again:
        assert tuning.current(KEY, again) == choices[-1]
        tuning.choose(KEY, "", again)
        assert tuning.current(KEY, again) == choices[0]


@pytest.mark.parametrize("damage", [b"", b"\0" * 100, b"matmul f32 any rows=1 lanes=999\n"])
def test_a_damaged_cache_is_ignored(own_cache, damage):
    with vf.Device() as device:
        choices = tuning.rows(device).get(KEY) or tuning.rows(device)["matmul", "any", "any"]
        tuning.choose(KEY, choices[-1], device)
        tuning.save(device)
    files = [path for path in own_cache.rglob("*") if path.is_file() and "tuning" in str(path.parent)]
    assert files
    for path in files:
        path.write_bytes(damage)
    with vf.Device() as device:
        assert tuning.current(KEY, device) == choices[0]


def test_only_rows_of_the_table_can_be_chosen():
    with vf.Device() as device:
        with pytest.raises(vf.InputError, match="tuning table"):
            tuning.choose(KEY, "rows=1 lanes=1 step=1", device)
        with pytest.raises(vf.InputError):
            tuning.choose(("no such operation", "any", "any"), "rows=1", device)


def test_the_class_of_this_device():
    assert tuning.device_class() in ("cpu", "wide", "narrow", "gpu", "unknown")


def test_tune_keeps_the_fastest(own_cache, monkeypatch):
    from vulkan_forge import _tune

    monkeypatch.setattr(_tune, "_WORK", {"matvec": lambda kind, size, device: lambda: None})
    with vf.Device() as device:
        report = compute.tune(device=device, seconds=0.0)
        for key, times in report.items():
            assert key[0] == "matvec"
            assert list(times) == tuning.rows(device)[key]
            assert times[tuning.current(key, device)] == min(times.values())
    assert compute.tune(["no such operation"]) == {}


def test_odd_arguments_are_refused():
    with pytest.raises(vf.ArgumentTypeError, match="names, of matmul"):
        compute.tune(3)
    for seconds in (-1, float("inf"), float("nan")):  # without an end the first candidate was timed for ever
        with pytest.raises(vf.InputError, match="seconds"):
            compute.tune([], seconds=seconds)
    with pytest.raises(vf.ArgumentTypeError, match="seconds"):
        compute.tune([], seconds="soon")


def test_one_name_is_one_operation(own_cache, monkeypatch):
    from vulkan_forge import _tune

    monkeypatch.setattr(_tune, "_WORK", {"matvec": lambda kind, size, device: lambda: None})
    with vf.Device() as device:
        together = compute.tune(["matvec"], device=device, seconds=0)
        assert compute.tune("matvec", device=device, seconds=0).keys() == together.keys()
