"""The includes of src/ point down: core < vk < shader < array < graphics, infer; only bind sees Python."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for path in (ROOT / "src").rglob("*") if path.suffix in (".hpp", ".cpp", ".def", ".inc"))

# folder of src/forge: those it may include, besides itself.
BELOW = {
    "core": set(),
    "vk": {"core"},
    "shader": {"core", "vk"},
    "array": {"core", "vk", "shader"},
    "graphics": {"core", "vk", "shader", "array"},
    "infer": {"core", "vk", "shader", "array"},
}

# headers of other libraries: the one place under src/ where they may stand
HOMES = {
    r"vulkan/|volk|vk_mem_alloc": "forge/vk/",
    r"glslang/|spirv-tools/": "forge/shader/",
    r"png\.h": "forge/graphics/png.cpp",
    r"ft2build\.h": "forge/graphics/lettering/",
    r"pybind11/|Python\.h": "bind/",
}


def includes_of(path: Path) -> list[str]:
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', path.read_text(), re.M)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT / "src").as_posix()


def test_folders_of_forge_are_known():
    folders = {path.name for path in (ROOT / "src" / "forge").iterdir() if path.is_dir()}
    assert folders <= BELOW.keys()


@pytest.mark.parametrize("path", [p for p in SOURCES if name_of(p).startswith("forge/")], ids=name_of)
def test_forge_includes_point_down(path):
    folder = name_of(path).split("/")[1]
    wanted = [include.split("/") for include in includes_of(path)]
    assert not [include for include in wanted if include[0] == "bind"]
    seen = {include[1] for include in wanted if include[0] == "forge"}
    assert seen - {folder} <= BELOW[folder]


@pytest.mark.parametrize("header", HOMES)
def test_foreign_headers_stay_home(header):
    strangers = {
        name_of(path)
        for path in SOURCES
        for include in includes_of(path)
        if re.match(header, include) and not name_of(path).startswith(HOMES[header])
    }
    assert strangers == set()


def test_vulkan_is_called_in_vk_only():
    callers = {name_of(p) for p in SOURCES if re.search(r"\b(?:vk|vma|volk)[A-Z]\w+\(", p.read_text())}
    assert {name for name in callers if not name.startswith("forge/vk/")} == set()


def test_headers_are_read_once():
    assert [name_of(p) for p in SOURCES if p.suffix == ".hpp" and "#pragma once" not in p.read_text()] == []
