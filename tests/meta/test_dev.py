"""./dev needs nothing but Python, and a run that was killed is started again as if it had never been."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORDS = ["demo", "test", "build", "lint", "stubs", "bench", "doctor", "golden", "play", "clean"]
FETCH = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from src.tools import shell
shell.CACHE = Path(sys.argv[2])
def fill(folder, scratch):
    (scratch / "download").write_text("half")
    (folder / "first").write_text("1")
    if sys.argv[3] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / "second").write_text("2")
shell.fetch(shell.CACHE / "thing", "a test wants it", fill)
"""


def test_it_lists_its_words():
    said = subprocess.run([sys.executable, ROOT / "dev", "--help"], capture_output=True, text=True, check=True).stdout
    assert [word for word in WORDS if f"\n    {word} " not in said] == []


@pytest.mark.parametrize("path", [ROOT / "dev", *(ROOT / "src" / "tools").glob("*.py")], ids=lambda path: path.name)
def test_it_needs_the_standard_library_alone(path):
    if path.name == "make_colormaps.py":
        return  # made a committed file once; no word of ./dev runs it
    imports = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0] for node in imports
    }
    assert names <= sys.stdlib_module_names | {"src"}


def test_what_is_fetched_appears_whole_or_not_at_all(tmp_path):
    def fetch(how):
        return subprocess.run([sys.executable, "-c", FETCH, ROOT, tmp_path, how], capture_output=True).returncode

    assert fetch("killed") == -9
    assert not (tmp_path / "thing").exists()
    assert fetch("whole") == 0
    assert sorted(path.name for path in (tmp_path / "thing").iterdir()) == ["first", "second"]
    assert not (tmp_path / "tmp").exists()
    assert fetch("killed") == 0  # it is there: nothing is fetched
