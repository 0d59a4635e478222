"""`vulkan-forge chat`: a conversation with a language model."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from vulkan_forge.cli import _llm
from vulkan_forge.cli._progress import Progress
from vulkan_forge.errors import LimitError

if TYPE_CHECKING:
    import argparse

    from vulkan_forge import llm

HELP = "Ctrl-C ends an answer; /reset begins anew; /exit or Ctrl-D leaves.\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this word takes."""
    _llm.add_model(parser)
    parser.add_argument("--system", help="a system message before all others")
    _llm.add_sampling(parser)


def run(args: argparse.Namespace) -> int:
    """Read a line, print the answer, until there are no more lines."""
    params = _llm.sampling_of(args)
    with Progress(quiet=args.quiet) as progress, _llm.open_engine(args, progress) as engine:
        progress.clear()
        prompt = "" if args.quiet else "> "
        sys.stderr.write("" if args.quiet else HELP)
        start = [{"role": "system", "content": args.system}] if args.system else []
        messages = list(start)
        while (line := _line(prompt)) is not None:
            if line == "/exit":
                break
            if line == "/reset":
                messages = list(start)
            elif line:
                messages.append({"role": "user", "content": line})
                try:
                    messages.append({"role": "assistant", "content": _answer(engine, messages, params, progress)})
                except LimitError as error:  # the talk no longer fits
                    messages.pop()
                    sys.stderr.write(f"{error}\n/reset begins anew\n")
    return 0


def _line(prompt: str) -> str | None:
    """What the user says; None at the end."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    try:
        with _llm.standard_input() as read:
            line = read.readline()
    except KeyboardInterrupt:
        return None
    return line.strip() if line else None


def _answer(
    engine: llm.InferenceEngine, messages: list[dict[str, str]], params: llm.SamplingParams, progress: Progress
) -> str:
    """One answer, printed as it comes. What was said before is not computed again: its pages are found."""
    session = engine.add_session(engine.tokenizer.encode_chat(messages), params)
    try:
        _llm.say_answer(engine, session, progress)
    except KeyboardInterrupt:
        engine.cancel(session)
    finally:
        sys.stdout.write("\n")
        sys.stdout.flush()
        text = engine.output(session).text
        engine.forget(session)
    return text
