"""OVERVIEW.md walks the folders: it names each one, and nothing that is not there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OVERVIEW = (ROOT / "OVERVIEW.md").read_text()
WALK = re.search(r"(?s)```\n(.*?)```", OVERVIEW)[1]


def folders(*places):
    return {
        f"{path.relative_to(ROOT).as_posix()}/"
        for place in places
        for path in (ROOT / place).iterdir()
        if path.is_dir() and path.name != "__pycache__" and not path.name.startswith(".") and any(path.rglob("*.*"))
    }


def test_each_folder_is_walked():
    not_ours = {"build/", "dist/", "out/"}
    wanted = folders(".", "src/forge", "python") | {"src/bind/", "src/tools/"}
    missing = {name for name in wanted - not_ours - {"src/", "python/"} if not re.search(rf"(?m)^{name}", WALK)}
    assert missing == set()


def test_what_it_walks_is_there():
    named = re.findall(r"(?m)^([\w./]+(?:, [\w./]+)*)  ", WALK)
    assert [name for row in named for name in row.split(", ") if not (ROOT / name).exists()] == []


def test_each_folder_of_the_library_has_its_why():
    headings = set(re.findall(r"(?m)^## (\w+)", OVERVIEW))
    assert {Path(name).name for name in folders("src/forge")} | {
        "bind",
        "tools",
        "shaders",
        "python",
        "tests",
    } <= headings
