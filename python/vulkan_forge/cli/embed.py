"""`vulkan-forge embed`: vectors of texts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vulkan_forge.cli._files import write_npy
from vulkan_forge.cli._llm import standard_input
from vulkan_forge.cli._progress import Progress

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this word takes."""
    parser.add_argument("model", help="a Hugging Face folder of a BERT encoder, such as all-MiniLM-L6-v2")
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="texts; none: each line of standard input is one")
    parser.add_argument("--output", "-o", type=Path, help="an .npy file for the vectors; else each is a line of JSON")
    parser.add_argument("--batch-size", type=int, default=32, help="most texts that are computed together (32)")
    parser.add_argument("--truncate", action="store_true", help="cut texts that are too long for the model")
    parser.add_argument("--quiet", action="store_true", help="the vectors and nothing else")


def run(args: argparse.Namespace) -> int:
    """Print a line for each text, or write them all."""
    from vulkan_forge import llm

    config = llm.EmbedderConfig(model=args.model, batch_size=args.batch_size, truncate=args.truncate)
    with Progress(quiet=args.quiet) as progress:
        progress.step(f"loading {args.model}")
        with llm.Embedder(config, progress=progress.step) as embedder:
            vectors = embedder.embed(args.texts or _lines(), progress=lambda part: progress.step("embedding", part))
    if args.output:
        write_npy(args.output, vectors)
        return 0
    for vector in vectors:
        sys.stdout.write(json.dumps([round(float(value), 7) for value in vector]) + "\n")
    return 0


def _lines() -> list[str]:
    with standard_input() as read:
        return [line.rstrip("\n") for line in read]
