"""The console command: doctor on healthy and on broken machines, info, and the cache."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native
from vulkan_forge import cli
from vulkan_forge.cli import _analysis, _machine, doctor

NOWHERE = {"VK_DRIVER_FILES": "/nonexistent", "VK_ICD_FILENAMES": "/nonexistent"}
LOST_LOADER = "from vulkan_forge import _vulkan_forge as n; n._testing.inject_fault('volkInitialize', -3, 0, 1000); "
DOCTOR = "import sys; from vulkan_forge.cli import main; sys.exit(main(['doctor']))"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for name in ("WGPU_BACKEND", "WGPU_BACKENDS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def icd_folder(tmp_path, monkeypatch):
    """A home whose Vulkan folders are ours, with nothing else set."""
    for name in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME", "XDG_DATA_DIRS"):
        monkeypatch.setenv(name, str(tmp_path / name))
    folder = tmp_path / "XDG_DATA_DIRS" / "vulkan" / "icd.d"
    folder.mkdir(parents=True)
    return folder


def manifest(path: Path, library: str) -> Path:
    path.write_text(json.dumps({"file_format_version": "1.0.0", "ICD": {"library_path": library}}))
    return path


def run(code, **env):
    env = {**os.environ, "VULKAN_FORGE_VALIDATION": "0", **env}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=100)  # DEADLOCK_GUARD


def assert_one_screen(text):
    lines = text.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100


# ------------------------------------------------------------------ doctor


@pytest.mark.gpu
def test_doctor_of_a_healthy_machine(capsys):
    assert cli.main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert_one_screen(text)
    for row in [
        "vulkan_forge",
        "python",
        "loader",
        "compiler",
        "drivers",
        "devices",
        "chosen",
        "limits",
        "memory",
        "host",
        "cache",
    ]:
        assert re.search(rf"^{row} ", text, re.M), row
    assert f"vulkan_forge {vf.__version__}" in text
    assert "usable: " in text


@pytest.mark.gpu
def test_doctor_prints_and_returns_its_text(capsys):
    text = vf.doctor()
    assert text == capsys.readouterr().out
    assert text.startswith("vulkan_forge ")


@pytest.mark.gpu
def test_doctor_says_all_of_the_cache(monkeypatch, capsys):
    uses = [
        {"family": family, "files": 1234, "bytes": 5_000_000} for family in ("kernels", "loops", "pipelines", "spirv")
    ]
    monkeypatch.setattr(native, "cache_use", lambda: uses)
    text = vf.doctor()
    capsys.readouterr()
    assert_one_screen(text)
    for use in uses:
        assert f"{use['family']} 1234 files 4.8 MiB" in " ".join(text.split())


def test_doctor_without_a_driver():
    done = run(DOCTOR, **NOWHERE)
    assert (done.returncode, done.stderr) == (1, "")
    assert_one_screen(done.stdout)
    assert "the Vulkan loader found no driver" in done.stdout
    assert "/nonexistent  not usable: no such file" in done.stdout
    assert "do this     VK_DRIVER_FILES and VK_ICD_FILENAMES name no driver that loads" in done.stdout


def test_doctor_without_a_loader():
    done = run(LOST_LOADER + DOCTOR)
    assert (done.returncode, done.stderr) == (1, "")
    assert_one_screen(done.stdout)
    assert "loader      the Vulkan loader is not installed" in done.stdout
    assert "do this" in done.stdout
    assert "install" in done.stdout


def test_doctor_without_any_driver_file(icd_folder, monkeypatch):
    monkeypatch.setattr(doctor, "_devices", lambda: ([], "no device"))
    monkeypatch.setattr(_machine, "driver_files", list)
    monkeypatch.setattr(_machine, "family", lambda: "debian")
    text, is_healthy = doctor.examine()
    assert not is_healthy
    assert "drivers     no driver's manifest" in text
    assert "apt install libvulkan1 mesa-vulkan-drivers" in text


@pytest.mark.gpu
def test_doctor_where_the_environment_rules_vulkan_out(monkeypatch, capsys):
    monkeypatch.setenv("WGPU_BACKEND", "gl")
    assert cli.main(["doctor"]) == 1
    assert "do this     WGPU_BACKEND=gl names no vulkan" in capsys.readouterr().out


@pytest.mark.gpu
def test_doctor_where_the_named_device_does_not_exist(monkeypatch):
    monkeypatch.setenv("VULKAN_FORGE_DEVICE", "no such device")
    text, is_healthy = doctor.examine()
    assert not is_healthy
    assert "VULKAN_FORGE_DEVICE=no such device" in text
    assert "do this     name a usable device in VULKAN_FORGE_DEVICE" in text
    assert_one_screen(text)


def test_doctor_names_device_files_without_permission(monkeypatch):
    monkeypatch.setattr(_machine, "closed_nodes", lambda: [Path("/dev/dri/renderD128")])
    monkeypatch.setattr(_machine, "has_nvidia_card", lambda: True)
    text, _ = doctor.examine()
    assert "no permission for /dev/dri/renderD128" in text
    assert "usermod -aG render" in text
    assert "an NVIDIA card but not its Vulkan driver" in text


def test_doctor_stays_one_screen_on_a_crowded_machine(monkeypatch):
    crowd = [_machine.DriverFile(Path(f"/usr/share/vulkan/icd.d/{'long' * 30}{i}.json"), "") for i in range(20)]
    monkeypatch.setattr(_machine, "driver_files", lambda: crowd)
    device = {
        "index": 0,
        "name": "a card " * 20,
        "device_type": "DiscreteGpu",
        "api_version": "1.3.0",
        "driver": "a driver " * 20,
        "usable": False,
        "reasons_for": [],
        "reasons_against": ["lacks timelineSemaphore (everything waits on it)"] * 9,
    }
    monkeypatch.setattr(doctor, "_devices", lambda: ([device] * 9, ""))
    text, _ = doctor.examine()
    assert_one_screen(text)
    assert "and 14 more" in text
    assert "and 5 more" in text


# ------------------------------------------------------------------ what a machine has


def test_driver_files_of_the_standard_folders(icd_folder):
    good = manifest(icd_folder / "a.json", "libc.so.6")
    gone = manifest(icd_folder / "b.json", "./libnothing.so")
    (icd_folder / "c.json").write_text("{")
    ours = {row.path.name: row.trouble for row in _machine.driver_files() if row.path.parent == icd_folder}
    assert ours[good.name] == ""
    assert "libnothing.so" in ours[gone.name]
    assert ours["c.json"] == "not a driver's manifest"


def test_variables_replace_and_add_driver_files(icd_folder, tmp_path, monkeypatch):
    manifest(icd_folder / "standard.json", "libc.so.6")
    named, added = (manifest(tmp_path / f"{name}.json", "libc.so.6") for name in ("named", "added"))
    monkeypatch.setenv("VK_ICD_FILENAMES", "/nonexistent")
    monkeypatch.setenv("VK_DRIVER_FILES", str(named))  # wins over the older name
    monkeypatch.setenv("VK_ADD_DRIVER_FILES", str(added))
    assert [row.path for row in _machine.driver_files()] == [added, named]
    assert _machine.settings()["VK_DRIVER_FILES"] == str(named)


def test_validation_layers_are_found_by_their_manifest(icd_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("VK_LAYER_PATH", str(tmp_path))
    assert not _machine.has_validation_layers()
    (tmp_path / "VkLayer_khronos_validation.json").write_text("{}")
    assert _machine.has_validation_layers()


@pytest.mark.parametrize(
    ("release", "family"),
    [
        ({"ID": "ubuntu", "ID_LIKE": "debian"}, "debian"),
        ({"ID": "debian"}, "debian"),
        ({"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "fedora"),
        ({"ID": "arch"}, "other"),
    ],
)
def test_family(release, family, monkeypatch):
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: release)
    assert _machine.family() == family


def test_family_of_a_system_that_does_not_say(monkeypatch):
    def unreadable():
        raise OSError

    monkeypatch.setattr("platform.freedesktop_os_release", unreadable)
    assert _machine.family() == "other"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (5 << 40, "5 TiB")]
)
def test_bytes_as_people_read_them(count, text):
    assert _machine.in_bytes(count) == text


# ------------------------------------------------------------------ info and cache


@pytest.mark.gpu
def test_info_as_json(capsys):
    assert cli.main(["info", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["vulkan_forge"] == vf.__version__
    assert report["devices"][report["chosen"]]["usable"]
    assert report["devices"][0]["limits"]["max_push_bytes"] >= 128
    assert report["refusal"] is None


@pytest.mark.gpu
def test_info_as_text(capsys):
    assert cli.main(["info"]) == 0
    text = capsys.readouterr().out
    assert re.search(r"^devices:\n  0:\n    index: 0\n    name: .+", text, re.M)
    assert re.search(r"^      max_push_bytes: \d+", text, re.M)


def test_info_without_a_driver():
    done = run("import sys; from vulkan_forge.cli import main; sys.exit(main(['info', '--json']))", **NOWHERE)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["devices"], report["chosen"]) == ([], None)
    assert "No suitable GPU adapter" in report["refusal"]


@pytest.mark.gpu
def test_cache_is_listed_and_cleared(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VULKAN_FORGE_CACHE_DIR", str(tmp_path))
    vf.Kernel("layout(local_size_x = 1) in; void main() {}").close()
    assert cli.main(["cache"]) == 0
    assert re.search(rf"^{tmp_path}\n  0\.1\.0 +spirv +1 files", capsys.readouterr().out)
    assert cli.main(["cache", "clear", "nothing"]) == 0
    assert "removed 0 files" in capsys.readouterr().out
    assert cli.main(["cache", "clear", "spirv"]) == 0
    assert "removed 1 files" in capsys.readouterr().out
    assert not [use for use in native.cache_use() if use["family"] == "spirv"]


def test_cache_that_is_off(monkeypatch, capsys):
    monkeypatch.setenv("VULKAN_FORGE_CACHE_DIR", "off")
    assert cli.main(["cache"]) == 0
    assert "nothing is kept" in capsys.readouterr().out


# ------------------------------------------------------------------ the command itself


def test_every_word_is_a_module_with_help(capsys):
    files = {path.stem for path in Path(cli.__file__).parent.glob("[!_]*.py")}
    assert files | set(_analysis.ANALYSES) == set(cli.WORDS)  # functions of raster share one
    for word in cli.WORDS:
        with pytest.raises(SystemExit, match="0"):
            cli.main([word, "--help"])
        assert cli.WORDS[word][1:] in " ".join(capsys.readouterr().out.split())


def test_no_word_is_an_error(capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main([])
    assert "WORD" in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out.strip() == f"vulkan_forge {vf.__version__}"


@pytest.fixture(params=[{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"])
def cache_into(request):
    """`vulkan-forge cache` with a file as its output."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}

    def run(output):
        command = [sys.executable, "-m", "vulkan_forge", "cache"]
        options = {"stderr": subprocess.PIPE, "text": True, "check": False}
        return subprocess.run(command, stdout=output, env=environment | request.param, **options)

    return run


def test_a_full_disk_is_one_line(cache_into):
    with Path("/dev/full").open("wb") as full:
        done = cache_into(full)
    assert done.returncode == 1
    assert re.fullmatch(r"vulkan-forge: .*No space left on device\n", done.stderr)


def test_readers_may_have_enough(cache_into):
    """As `vulkan-forge cache | head -1` has it."""
    end, begin = os.pipe()
    os.close(end)
    done = cache_into(begin)
    os.close(begin)
    assert done.returncode == 141
    assert not done.stderr


def test_python_m():
    done = subprocess.run([sys.executable, "-m", "vulkan_forge", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "doctor" in done.stdout


@pytest.mark.parametrize("closed", ["0<&- 1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_streams_may_be_closed(closed):
    """Python has None for them."""
    done = subprocess.run(
        f'"{sys.executable}" -m vulkan_forge cache list none {closed}', shell=True, stderr=subprocess.PIPE, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
