"""`vulkan-forge generate`: a language model's answer, as it comes."""

from __future__ import annotations

import sys
import time
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this word takes."""
    from vulkan_forge.llm.configs import SamplingParams

    parser.add_argument("model", help="a GGUF file, or a Hugging Face folder")
    parser.add_argument("prompt", help="what is said to the model; - reads it from standard input")
    parser.add_argument("--raw", action="store_true", help="the prompt as it is, without the model's chat template")
    parser.add_argument("--system", help="a system message before the prompt")
    parser.add_argument("--context", type=int, default=2048, help="most tokens of prompt and answer (2048)")
    parser.add_argument("--precision", choices=("fast", "float32"), default="fast")
    parser.add_argument(
        "--stop", action="append", default=[], metavar="TEXT", help="text that ends the answer; may be repeated"
    )
    parser.add_argument("--quiet", action="store_true", help="the answer and nothing else")
    known = {one.name: one for one in fields(SamplingParams)}
    for name, kind in NUMBERS.items():
        one = known[name]
        text = f"{one.metadata['help']} {one.metadata['constraints']} ({one.default})"
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=one.default, help=text)


def run(args: argparse.Namespace) -> int:
    """Print the answer piece by piece; figures go to standard error."""
    from vulkan_forge import llm

    def note(text: str) -> None:
        if not args.quiet:
            sys.stderr.write(text)

    started = time.perf_counter()
    params = llm.SamplingParams(stop=tuple(args.stop), **{name: getattr(args, name) for name in NUMBERS})
    note(f"loading {args.model} ...")
    config = llm.EngineConfig(
        model=args.model,
        max_context=args.context,
        precision=args.precision,
        scheduler=llm.FcfsSchedulerConfig(max_sessions=1),
    )
    with llm.InferenceEngine(config) as engine:
        note(f" {time.perf_counter() - started:.1f} s\n")
        prompt = sys.stdin.read() if args.prompt == "-" else args.prompt
        session = engine.add_session(_ids(engine, prompt, args), params)
        try:
            for piece in engine.stream(session):
                sys.stdout.write(piece)
                sys.stdout.flush()
        except KeyboardInterrupt:
            sys.stdout.write("\n")
            return 130
        sys.stdout.write("\n")
        note(_figures(engine.output(session), time.perf_counter() - started))
    return 0


def _ids(engine: Any, prompt: str, args: argparse.Namespace) -> list[int]:
    tokenizer = engine.tokenizer
    if args.raw or tokenizer.template is None:
        ids: list[int] = tokenizer.encode(prompt)
        return ids
    system = [{"role": "system", "content": args.system}] if args.system else []
    chat: list[int] = tokenizer.encode_chat([*system, {"role": "user", "content": prompt}])
    return chat


def _figures(output: Any, seconds: float) -> str:
    first = output.time_to_first_token or 0.0
    after = max(output.seconds - first, 1e-9)
    rate = (len(output.ids) - 1) / after if len(output.ids) > 1 else 0.0
    return (
        f"[{len(output.ids)} tokens, {output.finish_reason}; first after {first:.2f} s, then {rate:.1f} a second; "
        f"{seconds:.1f} s in all]\n"
    )
