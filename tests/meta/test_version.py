"""The version stands in pyproject.toml; everything else follows it."""

import re
from pathlib import Path

import vulkan_forge as vf

ROOT = Path(__file__).resolve().parents[2]
VERSION = re.search(r'(?m)^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text())[1]


def test_the_package_follows():
    assert vf.__version__ == VERSION


def test_the_changelog_begins_with_it():
    headings = re.findall(r"(?m)^## (\S+)", (ROOT / "CHANGELOG.md").read_text())
    assert headings[0] == VERSION
    assert len(set(headings)) == len(headings)


def test_the_readme_names_no_other():
    named = re.findall(r"vulkan[-_]forge[ =]+(\d+\.\d+\.\d+)", (ROOT / "README.md").read_text())
    assert set(named) <= {VERSION}


def test_it_is_written_nowhere_else():
    folders = [ROOT / name for name in ("src", "python", "shaders", "examples", "benchmarks", "docs")]
    kinds = {".py", ".pyi", ".cpp", ".hpp", ".def", ".cmake", ".in", ".glsl", ".comp", ".md"}
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in kinds]
    number = re.compile(rf"(?<![\d.]){re.escape(VERSION)}(?![\d.])")
    assert [str(p) for p in [*files, ROOT / "CMakeLists.txt", ROOT / "dev"] if number.search(p.read_text())] == []
