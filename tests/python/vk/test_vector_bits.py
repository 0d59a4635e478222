"""Vectors of 512 bits of Mesa's CPU driver: the same results, no drawing, and who asks for them."""

import os
import re
import sys

import pytest

from processes import python, succeeds
from vulkan_forge import cli
from vulkan_forge.cli import _machine

WISH = "VULKAN_FORGE_CPU_VECTOR_BITS"
ABOUT = (
    "import vulkan_forge as vf; d = vf.default_device(); print(d.info['driver'].split()[0], d.limits['subgroup_size'])"
)
NUMBERS = """
import numpy as np, vulkan_forge as vf, vulkan_forge.numpy as vnp
x = np.random.default_rng(0).standard_normal((67, 130)).astype(np.float32)
a = vnp.asarray(x)
for made in (vnp.exp(a) * 2 - a, vnp.sort(a, axis=1), vnp.cumsum(vnp.asarray((x * 9).astype(np.int32)), axis=0)):
    print(np.asarray(made).tobytes().hex()[:4000])
print(np.abs(np.asarray(a @ a.T) - x @ x.T).max() < 1e-4)
"""


@pytest.fixture(scope="module")
def driver():
    """The name of the driver that processes take."""
    return succeeds(ABOUT).split()[0]


@pytest.fixture(scope="module")
def refused():
    """Whether the driver's Mesa is one whose wide kernels may end the process."""
    text = succeeds("import vulkan_forge as vf; print(vf.default_device().info['driver'])")
    found = re.search(r"Mesa (\d+)\.(\d+)", text)
    return found is not None and "llvmpipe" in text and tuple(map(int, found.groups())) > (25, 0)


@pytest.fixture
def right(refused):
    if refused:
        pytest.skip("this Mesa ends processes with wide vectors, so that no device is left")


@pytest.mark.gpu
def test_devices_that_would_end_the_process_are_refused(refused):
    if not refused:
        pytest.skip("this driver does not")
    for name in (WISH, "LP_NATIVE_VECTOR_WIDTH"):
        done = python(ABOUT, env={WISH: "", name: "512", "MESA_SHADER_CACHE_DISABLE": "true"})
        assert "NoDeviceError" in done.stderr
        assert name in done.stderr


@pytest.mark.gpu
@pytest.mark.usefixtures("right")
def test_lanes_are_as_asked_for(driver):
    lanes = succeeds(ABOUT, env={WISH: "256", "LP_NATIVE_VECTOR_WIDTH": "512"}).split()[1]
    gains = driver == "llvmpipe" and _machine.has_avx512()
    assert succeeds(ABOUT, env={WISH: "512"}).split()[1] == ("16" if gains else lanes)
    assert lanes == ("8" if gains else lanes)


@pytest.mark.gpu
@pytest.mark.usefixtures("right")
def test_results_are_those_of_narrower_vectors():
    narrow = succeeds(NUMBERS, env={WISH: "256"})
    assert narrow.endswith("True\n")
    assert succeeds(NUMBERS, env={WISH: "512"}) == narrow


# The driver compiles what a device runs on a thread of that device, and how images are read on the caller's.
BESIDE_WORK = """
import numpy as np, vulkan_forge as vf
slow = (
    "layout(local_size_x = 1) in; layout(binding = 0) buffer X { uint x[]; };"
    "void main() { uint a = 0; for (uint i = 0; i < 150000000u; ++i) a = a * 1664525u + x[i & 1u]; x[0] = a; }"
)
one, other = vf.Device(), vf.Device()
mine, yours = (vf.asarray(np.ones(2, np.uint32), device=device) for device in (one, other))
work = vf.Kernel(slow, device=one).submit(x=mine, groups=1)
print(work.done)
BESIDE
print(work.done)
"""


@pytest.mark.gpu
@pytest.mark.usefixtures("right")
@pytest.mark.parametrize(
    "beside",
    [
        "vf.Kernel(slow.replace('150000000', '3'), device=other).submit(x=yours, groups=1)",
        "vf.Kernel(slow.replace('150000000', '3'), device=other)",
    ],
)
def test_other_widths_are_compiled_for_on_one_thread_at_a_time(driver, beside):
    """Mesa makes kernels of the wrong width else: it looks the width up for each, into a variable of the process."""
    if driver != "llvmpipe":
        pytest.skip("other drivers have no such width")
    child = {WISH: "", "LP_NATIVE_VECTOR_WIDTH": "128", "MESA_SHADER_CACHE_DISABLE": "true"}
    assert succeeds(BESIDE_WORK.replace("BESIDE", beside), env=child) == "False\nTrue\n"
    assert succeeds(BESIDE_WORK.replace("BESIDE", beside), env={**child, "LP_NATIVE_VECTOR_WIDTH": "256"}) == (
        "False\nFalse\n"
    )


@pytest.mark.gpu
@pytest.mark.usefixtures("right")
@pytest.mark.parametrize(
    "draw",
    [
        "vf.Renderer(64, 64).render_triangle_rgba()",
        "graphics.Target(8, 8).read()",
        "graphics.Terrain(np.zeros((8, 8), np.float32), 30).render(32, 32)",
    ],
)
def test_drawing_with_wide_vectors_is_refused_with_the_way_out(driver, draw):
    """A width set for Mesa alone, which any processor takes; other drivers do not read it, and draw."""
    wide = {WISH: "", "LP_NATIVE_VECTOR_WIDTH": "512", "MESA_SHADER_CACHE_DISABLE": "true"}
    done = python(f"import numpy as np, vulkan_forge as vf\nfrom vulkan_forge import graphics\n{draw}", env=wide)
    if driver == "llvmpipe":
        assert done.returncode == 1, done.stderr
        assert "UnsupportedError" in done.stderr
        assert f"{WISH}=256" in done.stderr
    else:
        assert "UnsupportedError" not in done.stderr


def test_other_widths_are_refused():
    done = python("import vulkan_forge as vf; vf.devices()", env={WISH: "1024"})
    assert "InputError" in done.stderr
    assert "256 or 512" in done.stderr


def asked_by(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["vulkan-forge", *words])
    with pytest.raises(SystemExit):
        cli.main()
    return os.environ.get(WISH)


def test_commands_that_only_compute_ask_for_them(monkeypatch, capsys):
    monkeypatch.setattr(_machine, "gains_by_wide_vectors", lambda: True)
    monkeypatch.setenv(WISH, "256")
    assert asked_by(monkeypatch, "generate", "--help") == "256"  # whoever chose has chosen
    monkeypatch.delenv(WISH)
    assert asked_by(monkeypatch, "render", "--help") is None
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(_machine, "gains_by_wide_vectors", lambda: False)
        assert asked_by(monkeypatch, "generate", "--help") is None
    assert asked_by(monkeypatch, "generate", "--help") == "512"
    monkeypatch.setenv(WISH, "256")  # so that the fixture's end takes it away
    assert "usage" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "gains"),
    [
        ('{"ICD": {"api_version": "1.4.305", "library_path": "/x/libvulkan_lvp.so"}}', True),
        ('{"ICD": {"api_version": "1.4.318", "library_path": "/x/libvulkan_lvp.so"}}', False),
        ('{"ICD": {"api_version": "1.3.230", "library_path": "/x/libvulkan_lvp.so"}}', False),
        ('{"ICD": {"api_version": "1.4.305", "library_path": "/x/libvulkan_radeon.so"}}', False),
        ('{"ICD": {"api_version": "new", "library_path": "/x/libvulkan_lvp.so"}}', False),
        ('{"ICD": []}', False),
        ("", False),
    ],
)
def test_one_lavapipe_gains(monkeypatch, tmp_path, text, gains):
    manifest = tmp_path / "icd.json"
    manifest.write_text(text)
    monkeypatch.setenv("VK_DRIVER_FILES", str(manifest))
    monkeypatch.setattr(_machine, "has_avx512", lambda: True)
    assert _machine.gains_by_wide_vectors() is gains
    monkeypatch.setattr(_machine, "has_avx512", lambda: False)
    assert not _machine.gains_by_wide_vectors()
