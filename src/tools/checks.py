"""The checks of ./dev lint that no tool brings along, and what they read."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from src.tools.shell import BUILD, CACHE, ROOT, VENV, ask, command_line, digest, read, say, write


def tracked(*patterns: str) -> list[str]:
    """Files git knows or would add."""
    listing = ask("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns)
    return sorted({name for name in listing.split("\0") if name and (ROOT / name).is_file()})


def tidy() -> int:
    """clang-tidy on each C++ source that changed, or whose headers did, since it was found clean in any clone."""
    stamps = {}
    tools = ask(VENV / "bin" / "clang-tidy", "--version") + ask("g++", "--version")
    config = read(ROOT / ".clang-tidy") + tools + read(ROOT / "pyproject.toml").partition("[tool.ruff]")[0]
    for block in ask("ninja", "-C", "build/dev", "-t", "deps").split("\n\n"):
        files = [(BUILD / "dev" / line.strip()).resolve() for line in block.splitlines()[1:]]
        own = [f for f in files if ROOT in f.parents and VENV not in f.parents]
        if files and ROOT / "src" in files[0].parents:
            texts = [f.read_bytes() for f in own]
            stamps[files[0]] = CACHE / "tidy" / digest(config, str(files[0].relative_to(ROOT)), *texts)
    stale = [source for source, stamp in stamps.items() if not stamp.exists()]
    program: list[str | Path] = [VENV / "bin" / "clang-tidy", "-p", "build/dev", "--quiet"]
    program += ["--extra-arg=-Wno-unknown-warning-option"]
    say(f"$ {command_line(program)} FILE    # {len(stale)} of {len(stamps)} files changed")

    def one(source: Path) -> int:
        result = subprocess.run([*program, source], cwd=ROOT, capture_output=True, text=True)
        if result.returncode == 0:
            write(stamps[source], "")
        else:
            say(f"{source.relative_to(ROOT)}:\n{result.stdout}{result.stderr}")
        return result.returncode

    with ThreadPoolExecutor(2) as pool:
        return max(pool.map(one, stale), default=0)


def private_names() -> int:
    """No committed file may name a folder of one machine or the host of a package registry."""
    hosts = r"pypi\.org|pythonhosted\.org|\w+\.debian\.org|(?:archive|security)\.ubuntu\.com"
    pattern = re.compile(rf"(?<![\w.~-])/(?:root|work|home/(?!me/)[a-z]\w*|Users/\w+)/[\w.]|{hosts}")
    bad = 0
    for name in tracked():
        text = (ROOT / name).read_bytes()
        if name == "dev" or b"\0" in text:
            continue
        for number, line in enumerate(text.decode(errors="replace").splitlines(), 1):
            for found in pattern.findall(line):
                say(f"{name}:{number}: names {found}, which exists on one machine only")
                bad = 1
    return bad
