"""env.json and metrics.json."""

import json

import numpy as np
import pytest

import vulkan_forge as vf


def test_the_environment_is_json_and_opens_no_device():
    report = vf.environment_report()
    assert json.loads(json.dumps(report)) == report
    assert report["vulkan_forge"] == vf.__version__
    assert report["numpy"] == np.__version__
    assert report["device"] is None


def test_variables_that_count_are_listed(monkeypatch):
    monkeypatch.setenv("VULKAN_FORGE_SOMETHING", "1")
    monkeypatch.setenv("SECRET", "1")
    environment = vf.environment_report()["environment"]
    assert environment["VULKAN_FORGE_SOMETHING"] == "1"
    assert "SECRET" not in environment


def test_a_device_is_described(device):
    described = vf.environment_report(device)["device"]
    assert described["name"] == device.name
    assert json.loads(json.dumps(described)) == described


def test_times_add_up():
    metrics = vf.Metrics()
    for _ in range(2):
        with metrics.measure("encode"):
            pass
    assert set(metrics) == {"encode_ms"}
    assert metrics["encode_ms"] > 0


def test_a_block_that_fails_is_measured():
    metrics = vf.Metrics()
    with pytest.raises(ValueError, match="stop"), metrics.measure("encode"):
        raise ValueError("stop")
    assert metrics["encode_ms"] > 0


def test_copied_bytes_are_counted(device):
    metrics = vf.Metrics()
    with metrics.measure("upload"):
        vf.asarray(np.zeros(1000, np.float32), device=device).close()
    assert metrics["upload_ms"] > 0
    assert metrics.get("uploaded_bytes", 0) in (0, 4000)  # nothing is sent where memory is shared


def test_save(tmp_path, device):
    metrics = vf.Metrics(bytes=3)
    metrics.save(tmp_path / "out", device)
    assert json.loads((tmp_path / "out" / "metrics.json").read_text()) == {"bytes": 3}
    assert json.loads((tmp_path / "out" / "env.json").read_text())["device"]["name"] == device.name


def test_numbers_of_numpy_are_saved_and_others_refused(tmp_path):
    metrics = vf.Metrics(psnr=np.float32(1.5), rows=np.int64(3), whole=np.array(2))
    metrics.save(tmp_path / "kept")
    assert json.loads((tmp_path / "kept" / "metrics.json").read_text()) == {"psnr": 1.5, "rows": 3, "whole": 2}
    metrics["image"] = np.zeros(3)
    with pytest.raises(vf.ArgumentTypeError, match="image of Metrics"):
        metrics.save(tmp_path / "refused")
    assert not (tmp_path / "refused").exists()


def test_what_is_no_device_is_refused():
    with pytest.raises(vf.ArgumentTypeError, match="Device"):
        vf.environment_report("llvmpipe")
