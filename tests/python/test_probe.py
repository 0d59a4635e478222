"""Adapters and probes: they never raise, and what they return goes through JSON."""

import json

import pytest

import vulkan_forge as vf
from processes import succeeds
from vulkan_forge import _vulkan_forge as native
from vulkan_forge.probe import refused_by_environment

ADAPTER = {"name", "backend", "device_type", "vendor_id", "device_id", "features", "limits"}
DEVICE_TYPES = {"DiscreteGpu", "IntegratedGpu", "VirtualGpu", "Cpu", "Other"}
OUT_OF_HOST_MEMORY = -1


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for name in ("WGPU_BACKEND", "WGPU_BACKENDS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def inject_fault():
    yield native._testing.inject_fault
    native._testing.clear_faults()


@pytest.mark.gpu
def test_adapters():
    adapters = vf.enumerate_adapters()
    assert adapters
    assert json.loads(json.dumps(adapters)) == adapters
    for adapter in adapters:
        assert set(adapter) == ADAPTER
        assert adapter["backend"] == "VULKAN"
        assert adapter["device_type"] in DEVICE_TYPES
        assert type(adapter["vendor_id"]) is type(adapter["device_id"]) is int
        assert type(adapter["features"]) is type(adapter["limits"]) is str


@pytest.mark.gpu
@pytest.mark.parametrize("backend", [None, "auto", "AUTO", "vulkan", "Vulkan"])
def test_a_probe_that_finds_a_device(backend):
    probe = vf.device_probe(backend)
    assert json.loads(json.dumps(probe)) == probe
    assert probe["backend_request"] == (backend or "auto").upper()
    assert probe["status"] == "ok"
    assert probe["millis"] > 0
    assert set(probe) - {"backend_request", "status", "millis"} == (ADAPTER - {"name"}) | {"adapter_name"}
    assert probe["device_type"] in DEVICE_TYPES


@pytest.mark.parametrize("backend", ["DX12", "metal", "Gl", "quantum", "", 7])
def test_other_backends_are_unsupported(backend):
    probe = vf.device_probe(backend)
    assert json.loads(json.dumps(probe)) == probe
    assert set(probe) == {"backend_request", "status", "message", "millis"}
    assert probe["status"] == "unsupported"
    assert "No suitable GPU adapter" in probe["message"]


@pytest.mark.parametrize("name", ["WGPU_BACKEND", "WGPU_BACKENDS"])
@pytest.mark.parametrize("value", ["gl", "dx12,metal", " Gl "])
def test_the_environment_can_rule_vulkan_out(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert name in refused_by_environment()
    assert vf.enumerate_adapters() == []
    probe = vf.device_probe()
    assert probe["status"] == "unsupported"
    assert name in probe["message"]


@pytest.mark.parametrize("value", ["vulkan", "gl, Vulkan", "", " , "])
def test_the_environment_can_let_vulkan_in(monkeypatch, value):
    monkeypatch.setenv("WGPU_BACKEND", value)
    assert refused_by_environment() == ""


PREFERRED = """
import vulkan_forge as vf
has_software = any(adapter["device_type"] == "Cpu" for adapter in vf.enumerate_adapters())
for make in (vf.Renderer, vf.Scene, vf.TerrainSpike):
    assert not has_software or make(8, 8).device.type == "Cpu"
"""


@pytest.mark.gpu
def test_the_environment_can_prefer_software():
    succeeds(PREFERRED, env={"VULKAN_FORGE_PREFER_SOFTWARE": "1"})


@pytest.mark.gpu
def test_a_driver_that_fails_is_an_error(inject_fault):
    inject_fault("vkEnumeratePhysicalDevices", OUT_OF_HOST_MEMORY)
    probe = vf.device_probe()
    assert probe["status"] == "error"
    assert "vkEnumeratePhysicalDevices" in probe["message"]


def test_adapters_are_none_where_listing_them_fails(inject_fault):
    inject_fault("vkEnumeratePhysicalDevices", OUT_OF_HOST_MEMORY)
    assert vf.enumerate_adapters() == []


@pytest.mark.gpu
@pytest.mark.parametrize(
    "make",
    [
        vf.Device,
        lambda: vf.Renderer(8, 8),
        lambda: vf.Scene(8, 8),
        lambda: vf.make_terrain(8, 8),
        lambda: vf.render_triangle_rgba(8, 8),
    ],
)
def test_opening_a_device_is_refused_too(monkeypatch, make):
    vf.release_default_device()
    monkeypatch.setenv("WGPU_BACKEND", "gl")
    with pytest.raises(RuntimeError, match="No suitable GPU adapter"):
        make()
