"""The Python blocks of the README and of pages under docs/ run, in order, as a reader would type them.

Pages that are to be followed start with their imports; those that only quote a line here and there do not. A text block
right below a Python block is what it prints: figures may differ, `...` stands for anything.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import vulkan_forge as vf

ROOT = Path(__file__).parents[2]


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


DEVICE = "llvmpipe (LLVM 15.0.6, 256 bits)"  # the one that the pages were written on


def blocks_of(page: Path) -> list[tuple[str, str]]:
    """Each block of Python, and the text below it that it prints."""
    return re.findall(r"```python\n(.*?)```(?:\n```text\n(.*?)```)?", page.read_text(), re.DOTALL)


def followed(page: Path) -> bool:
    return "".join(block for block, _ in blocks_of(page)[:1]).startswith("import")


def without_figures(text: str) -> str:
    return re.sub(r"[ -]+", " ", re.sub(r"\d+(\.\d+)?(e[+-]\d+)?", "0", text))


def assert_prints(said: str, shown: str) -> None:
    wanted = without_figures(shown.replace(DEVICE, vf.default_device().name))
    wanted = re.sub(r"(?m)^\.\.\.\n", "...", wanted)  # a line of it: any lines, or none
    got = without_figures(said)
    assert doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS), f"{wanted}\nis shown, printed is\n{got}"


def run_blocks(page: Path) -> dict[str, object]:
    names: dict[str, object] = {}
    for block, shown in blocks_of(page):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            exec(compile(block, page.name, "exec"), names)
        if shown:
            assert_prints(said.getvalue(), shown)
    return names


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Pages that listen to what kernels print leave no listener behind."""
    log = logging.getLogger("vulkan_forge.shader")
    handlers, level = list(log.handlers), log.level
    yield
    log.handlers[:] = handlers
    log.setLevel(level)


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
