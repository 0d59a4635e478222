"""The console command vulkan-forge: one module of this folder a word; words of `raster` share one."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

# A word's module has add_arguments(parser) and run(args) -> exit code; it is imported when its word is used.
WORDS = {
    "doctor": "say what Vulkan on this machine can do, and what is missing",
    "info": "list every device with its limits and features",
    "generate": "let a language model answer",
    "chat": "talk with a language model",
    "embed": "make vectors of texts",
    "bench": "time a language model",
    "cache": "list or clear the compiled shaders kept on disk",
    "render": "draw an elevation model as a terrain picture with colour bar, scale bar and north arrow",
    "hillshade": "shaded relief of an elevation model",
    "slope": "how steep an elevation model is",
    "aspect": "where its slopes face",
    "curvature": "how it bends",
    "tri": "its ruggedness",
    "tpi": "how far it lies over its neighbourhood",
    "roughness": "how much heights differ from cell to cell",
    "sky-view": "how much of the sky each cell sees",
    "viewshed": "what an observer sees",
    "onnx": "look at an ONNX model, run it, time it",
}

# Words that never draw: the CPU driver may use the processor's widest vectors, with which it cannot.
COMPUTE_ONLY = {"generate", "chat", "embed", "bench", "onnx"}


def _take_wide_vectors() -> None:
    from vulkan_forge.cli._machine import gains_by_wide_vectors

    if "VULKAN_FORGE_CPU_VECTOR_BITS" not in os.environ and gains_by_wide_vectors():
        os.environ["VULKAN_FORGE_CPU_VECTOR_BITS"] = "512"


def _open_closed_streams() -> None:
    """Standard streams that the caller closed (`>&-`, some daemons) are None to Python: they lead nowhere then."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - for the whole process


def main(argv: Sequence[str] | None = None) -> int:
    """Run vulkan-forge; returns its exit code."""
    import argparse

    _open_closed_streams()
    given = list(sys.argv[1:] if argv is None else argv)
    if argv is None and COMPUTE_ONLY & set(given[:1]):  # this process is ours
        _take_wide_vectors()
    top = argparse.ArgumentParser(prog="vulkan-forge", description="Vulkan compute and graphics for NumPy.")
    top.add_argument("--version", action="version", version=f"vulkan_forge {_version()}")
    words = top.add_subparsers(metavar="WORD", required=True)
    for word, text in WORDS.items():
        parser = words.add_parser(word, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if word in given[:1]:
            parser._negative_number_matcher = re.compile(r"-\.?\d")  # "-10,5" is no option either
            module = _module(word)
            module.add_arguments(parser)
            parser.set_defaults(run=module.run)
    args: argparse.Namespace = top.parse_args(given)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except RuntimeError as error:  # VulkanForgeError among them
        return _failed(str(error))
    except MemoryError:
        return _failed("not enough memory for this")
    except KeyboardInterrupt:
        return _failed("interrupted", 130)
    except BrokenPipeError:  # such as `vulkan-forge info | head`: who reads has enough
        _forget_output()
        return 141
    except OSError as error:  # such as a full disk behind stdout
        _forget_output()
        return _failed(str(error))
    return code


def _version() -> str:
    from vulkan_forge import __version__

    return __version__


def _forget_output() -> None:
    """What stdout does not take is not tried again when Python ends."""
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device, not a path
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _failed(why: str, code: int = 1) -> int:
    sys.stderr.write(f"vulkan-forge: {' '.join(why.split())}\n")
    return code


def _module(word: str) -> Any:
    from vulkan_forge.cli import _analysis

    if word in _analysis.ANALYSES:
        return _analysis.Analysis(word)
    return importlib.import_module(f"{__name__}.{word}")
