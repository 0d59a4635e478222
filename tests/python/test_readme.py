"""The Python blocks of the README and of pages under docs/ run, in order, as a reader would type them.

Pages that are to be followed start with their imports; those that only quote a line here and there do not.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks_of(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)


def followed(page: Path) -> bool:
    return "".join(blocks_of(page)[:1]).startswith("import")


def run_blocks(page: Path) -> dict[str, object]:
    names: dict[str, object] = {}
    for block in blocks_of(page):
        exec(compile(block, page.name, "exec"), names)
    return names


@pytest.mark.gpu
@pytest.mark.parametrize("page", [p for p in PAGES if followed(p)], ids=lambda p: p.name)
def test_the_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = run_blocks(page)
    if page.name == "README.md":
        assert (tmp_path / "hill.png").stat().st_size > 0
        assert names["y"].max() > 1  # type: ignore[attr-defined]  # saxpy ran in place


def test_the_guides_are_among_them() -> None:
    assert {"README.md", "kernels.md"} <= {page.name for page in PAGES if followed(page)}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_its_pictures_and_pages_are_there(page: Path) -> None:
    text = page.read_text()
    targets = [t for t in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in t]
    assert targets or page.name != "README.md"
    assert [t for t in targets if not (page.parent / t).exists()] == []
