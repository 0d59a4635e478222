"""What the words of language models share: options, and loading with progress."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TextIO

from vulkan_forge.cli._progress import Progress
from vulkan_forge.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from vulkan_forge import llm

# Parameters of SamplingParams that are one number each: flags of the same name.
NUMBERS = {
    "max_tokens": int,
    "temperature": float,
    "top_k": int,
    "top_p": float,
    "min_p": float,
    "repetition_penalty": float,
    "frequency_penalty": float,
    "presence_penalty": float,
    "seed": int,
}


@contextmanager
def standard_input() -> Iterator[TextIO]:
    """Standard input, whose bytes are text in the locale's encoding or an error."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="strict")  # some locales let other bytes pass as halves of characters
    try:
        yield sys.stdin
    except UnicodeDecodeError as error:
        raise InputError.build(
            "INVALID_ARGUMENT",
            "standard input is no text",
            expected=f"text in {error.encoding}",
            got=f"the byte {error.object[error.start]:#04x}",
        ) from error


def add_model(parser: argparse.ArgumentParser, context: int | None = 2048) -> None:
    """The model, and how much it may read; without a `context`, what is asked of it."""
    parser.add_argument("model", help="a GGUF file, or a Hugging Face folder")
    most = f"most tokens of prompt and answer ({context or 'as many as are asked for, and no fewer'})"
    parser.add_argument("--context", type=int, default=context, help=most)
    parser.add_argument("--precision", choices=("fast", "float32"), default="fast")
    parser.add_argument("--quiet", action="store_true", help="the answer and nothing else")


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """How tokens are chosen."""
    from vulkan_forge.llm.configs import SamplingParams

    parser.add_argument(
        "--stop", action="append", default=[], metavar="TEXT", help="text that ends the answer; may be repeated"
    )
    known = {one.name: one for one in fields(SamplingParams)}
    for name, kind in NUMBERS.items():
        one = known[name]
        text = f"{one.metadata['help']} {one.metadata['constraints']} ({one.default})"
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=one.default, help=text)


def sampling_of(args: argparse.Namespace) -> llm.SamplingParams:
    """The parameters that were asked for."""
    from vulkan_forge import llm

    return llm.SamplingParams(stop=tuple(args.stop), **{name: getattr(args, name) for name in NUMBERS})


def open_engine(args: argparse.Namespace, progress: Progress, sessions: int = 1, **more: Any) -> llm.InferenceEngine:
    """The engine on the model that was asked for; says how far it is."""
    from vulkan_forge import llm

    progress.step(f"loading {args.model}")
    config = llm.EngineConfig(
        model=args.model,
        max_context=args.context,
        precision=args.precision,
        scheduler=llm.FcfsSchedulerConfig(max_sessions=sessions),
        **more,
    )
    return llm.InferenceEngine(config, progress=progress.step)


def read_prompt(engine: llm.InferenceEngine, session: str, progress: Progress) -> None:
    """Computes steps until a session has its first token; says how much of the prompt is read."""
    output = engine.output(session)
    while not output.ids and output.finish_reason is None:
        progress.step("reading the prompt", engine.prompt_progress(session))
        engine.step()


def say_answer(engine: llm.InferenceEngine, session: str, progress: Progress) -> None:
    """Prints a session's text as it comes."""
    read_prompt(engine, session, progress)
    progress.clear()
    for piece in engine.stream(session):
        sys.stdout.write(piece)
        sys.stdout.flush()


def figures(output: llm.Output, seconds: float | None = None) -> str:
    """An answer's length and pace in a line."""
    first, each = output.time_to_first_token or 0.0, output.time_per_token
    rate = f", then {1 / each:.1f} a second" if each else ""
    whole = f"; {seconds:.1f} s in all" if seconds is not None else ""
    return f"[{len(output.ids)} tokens, {output.finish_reason}; first after {first:.2f} s{rate}{whole}]\n"
