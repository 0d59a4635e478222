"""The console command vulkan-forge: one module of this folder a word."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

# A word's module has add_arguments(parser) and run(args) -> exit code; it is imported when its word is used.
WORDS = {
    "doctor": "say what Vulkan on this machine can do, and what is missing",
    "info": "list every device with its limits and features",
    "cache": "list or clear the compiled shaders kept on disk",
    "onnx": "look at an ONNX model, run it, time it",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run vulkan-forge; returns its exit code."""
    import argparse

    top = argparse.ArgumentParser(prog="vulkan-forge", description="Vulkan compute and graphics for NumPy.")
    words = top.add_subparsers(metavar="WORD", required=True)
    for word, text in WORDS.items():
        module = importlib.import_module(f"{__name__}.{word}")
        parser = words.add_parser(word, help=text, description=text)
        module.add_arguments(parser)
        parser.set_defaults(run=module.run)
    args: argparse.Namespace = top.parse_args(argv)
    try:
        code: int = args.run(args)
    except RuntimeError as error:  # VulkanForgeError among them
        sys.stderr.write(f"vulkan-forge: {error}\n")
        return 1
    return code
