"""`vulkan-forge bench`: how fast a language model runs here."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from vulkan_forge.cli import _llm
from vulkan_forge.cli._progress import Progress
from vulkan_forge.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from vulkan_forge import llm


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this word takes."""
    _llm.add_model(parser, context=None)
    parser.add_argument("--prompt", type=int, default=128, metavar="TOKENS", help="tokens of the prompt (128)")
    parser.add_argument("--tokens", type=int, default=32, help="tokens of each answer (32)")
    parser.add_argument(
        "--streams", type=int, nargs="+", default=[1, 4, 8], metavar="N", help="answers at a time (1 4 8)"
    )


def run(args: argparse.Namespace) -> int:
    """Print tokens a second of a prompt, and of so many answers together."""
    if args.model.endswith(".onnx"):
        raise InputError.build(
            "INVALID_ARGUMENT", "an ONNX model is no language model", mend="vulkan-forge onnx bench MODEL"
        )
    if args.prompt < 1 or args.tokens < 2 or min(args.streams) < 1:
        raise InputError.build(
            "INVALID_ARGUMENT",
            "there is nothing to time",
            expected="a prompt and streams of 1, and answers of 2 tokens or more",
            got=f"{args.prompt}, {args.streams}, {args.tokens}",
        )
    from vulkan_forge import llm

    args.context = max(args.context or 0, args.prompt + args.tokens, 16 + args.tokens)
    started = time.perf_counter()
    with Progress(quiet=args.quiet) as progress:
        cache = llm.CacheConfig(share_prefixes=False)
        with _llm.open_engine(args, progress, max(args.streams), cache=cache) as engine:
            _say(progress, f"load              {time.perf_counter() - started:8.2f} s")
            prompt = _prompt(engine, args.prompt)
            progress.step("first run")
            engine.logits(prompt)
            _say(
                progress,
                f"prompt of {args.prompt:<8d}{_rate(args.prompt, lambda: engine.logits(prompt)):8.1f} tokens/s",
            )
            for streams in args.streams:
                progress.step(f"{streams} together")
                _say(progress, f"decode, {streams:<2d} streams{_decode(engine, streams, args.tokens):8.1f} tokens/s")
    return 0


def _say(progress: Progress, text: str) -> None:
    progress.clear()
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _prompt(engine: llm.InferenceEngine, length: int) -> list[int]:
    """Token ids that mean nothing."""
    return [(7 * i + 11) % engine.vocabulary for i in range(length)]


def _rate(tokens: int, action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return tokens / (time.perf_counter() - started)


def _decode(engine: llm.InferenceEngine, streams: int, tokens: int) -> float:
    """Tokens a second of so many answers together, behind their first ones."""
    from vulkan_forge import llm

    params = llm.SamplingParams(max_tokens=tokens, ignore_eos=True)
    sessions = [engine.add_session([*_prompt(engine, 8), i], params) for i in range(streams)]
    while any(not engine.output(session).ids for session in sessions):
        engine.step()
    said = sum(len(engine.output(session).ids) for session in sessions)
    started = time.perf_counter()
    while not engine.idle:
        engine.step()
    rate = (streams * tokens - said) / (time.perf_counter() - started)
    for session in sessions:
        engine.forget(session)
    return rate
