"""What every word of ./dev stands on: places, printing, running commands, folders that appear whole."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
VENV = BUILD / "venv"
PYTHON = VENV / "bin" / "python"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vulkan_forge_dev"

Env = dict[str, str]


class Failure(Exception):
    """Ends ./dev with one line that says why."""


def say(text: str) -> None:
    print(text, flush=True)


def command_line(command: Sequence[str | Path], env: Env | None = None) -> str:
    words = [f"{k}={shlex.quote(v)}" for k, v in (env or {}).items()]
    return " ".join(words + [shlex.quote(str(c)) for c in command])


def run(command: Sequence[str | Path], env: Env | None = None, *, check: bool = True) -> int:
    """Print a command, run it in the repository's root, and stop when it fails."""
    say(f"$ {command_line(command, env)}")
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, **(env or {})}).returncode
    if check and code:
        raise Failure(f"{Path(command[0]).name} failed with exit code {code}")
    return code


def ask(*command: str | Path) -> str:
    """What a command prints; empty when it fails."""
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return result.stdout if result.returncode == 0 else ""


def digest(*parts: str | bytes) -> str:
    return hashlib.sha256(b"\0".join(p.encode() if isinstance(p, str) else p for p in parts)).hexdigest()[:20]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Two ./dev at the same time take turns in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another ./dev, which holds {folder}/.lock")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fetch(final: Path, why: str, fill: Callable[[Path, Path], None]) -> None:
    """Let `fill(folder, scratch)` make a folder of the cache, which then appears whole or not at all."""
    if final.exists():
        return
    with only_one(CACHE):
        if final.exists():
            return
        say(f"fetching {final}: {why}")
        shutil.rmtree(CACHE / "tmp", ignore_errors=True)  # of an interrupted run
        folder, scratch = CACHE / "tmp" / "folder", CACHE / "tmp" / "scratch"
        folder.mkdir(parents=True)
        scratch.mkdir()
        fill(folder, scratch)
        final.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(final)
        shutil.rmtree(CACHE / "tmp")
