"""`vulkan-forge generate`: a language model's answer, as it comes."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from vulkan_forge.cli import _llm
from vulkan_forge.cli._progress import Progress

if TYPE_CHECKING:
    import argparse

    from vulkan_forge import llm


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this word takes."""
    _llm.add_model(parser)
    parser.add_argument("prompt", help="what is said to the model; - reads it from standard input")
    parser.add_argument("--raw", action="store_true", help="the prompt as it is, without the model's chat template")
    parser.add_argument("--system", help="a system message before the prompt")
    _llm.add_sampling(parser)


def run(args: argparse.Namespace) -> int:
    """Print the answer piece by piece; figures go to standard error."""
    started = time.perf_counter()
    params = _llm.sampling_of(args)
    with Progress(quiet=args.quiet) as progress, _llm.open_engine(args, progress) as engine:
        session = engine.add_session(_ids(engine, _prompt(args.prompt), args), params)
        try:
            _llm.say_answer(engine, session, progress)
        except KeyboardInterrupt:
            sys.stdout.write("\n")
            return 130
        sys.stdout.write("\n")
        if not args.quiet:
            sys.stderr.write(_llm.figures(engine.output(session), time.perf_counter() - started))
    return 0


def _prompt(said: str) -> str:
    if said != "-":
        return said
    with _llm.standard_input() as read:
        return read.read()


def _ids(engine: llm.InferenceEngine, prompt: str, args: argparse.Namespace) -> list[int]:
    tokenizer = engine.tokenizer
    if args.raw or tokenizer.template is None:
        return tokenizer.encode(prompt)
    system = [{"role": "system", "content": args.system}] if args.system else []
    return tokenizer.encode_chat([*system, {"role": "user", "content": prompt}])
