"""`vulkan-forge onnx inspect|run|bench`: looks at a model, runs it, times it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this word takes."""
    words = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for name, text in (
        ("inspect", "inputs, outputs, operators, and what of them is not supported"),
        ("run", "run the model on arrays of .npy files, or on random ones"),
        ("bench", "time the first run and further ones, with the kernels that take longest"),
    ):
        word = words.add_parser(name, help=text, description=text)
        word.add_argument("model", type=Path, help="an ONNX file")
        if name == "inspect":
            word.add_argument("--json", action="store_true", help="one JSON object")
            continue
        word.add_argument(
            "--input", "-i", action="append", default=[], metavar="NAME=FILE.npy", help="values of an input"
        )
        word.add_argument(
            "--shape", "-s", action="append", default=[], metavar="NAME=1x3x224x224", help="shape of a random input"
        )
        if name == "run":
            word.add_argument("--output", "-o", type=Path, help="an .npz file for the outputs")
        else:
            word.add_argument("--runs", type=int, default=10, help="timed runs (default 10)")


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 1 where a model cannot run here."""
    from vulkan_forge.onnx import _tool

    return {"inspect": _tool.inspect, "run": _tool.run, "bench": _tool.bench}[args.what](args)
