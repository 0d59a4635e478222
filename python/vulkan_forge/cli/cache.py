"""`vulkan-forge cache`: the compiled shaders and pipelines kept on disk."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from vulkan_forge import _vulkan_forge
from vulkan_forge.cli._machine import in_bytes

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this word takes."""
    parser.add_argument("action", nargs="?", choices=("list", "clear"), default="list")
    parser.add_argument("family", nargs="?", default="", help="only this family, as list names it")


def run(args: argparse.Namespace) -> int:
    """List or clear the cache."""
    write = sys.stdout.write
    folder = _vulkan_forge.cache_folder()
    if not folder:
        write("nothing is kept on disk: VULKAN_FORGE_CACHE_DIR is off, or there is no home folder\n")
    elif args.action == "clear":
        write(f"removed {_vulkan_forge.clear_cache(args.family)} files from {folder}\n")
    else:
        write(f"{folder}\n")
        for use in _vulkan_forge.cache_use():
            if args.family in ("", use["family"]):
                size = in_bytes(use["bytes"])
                write(f"  {use['version']:10} {use['family']:12} {use['files']:6} files {size:>10}\n")
    return 0
