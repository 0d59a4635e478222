"""SmolLM2-135M-Instruct beside NumPy (float64, dequantised by the `gguf` package): prompts, answers, memory.

VULKAN_FORGE_SMOLLM2=model.gguf ./dev bench llm

Processor time stands beside the clock's: on a machine that does other work, processor time over cores says what an idle
one would take. Figures of other engines on this file stand in docs/llm.md.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import vulkan_forge as vf
from _measure import header
from vulkan_forge import llm

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "helpers"))


def timed(action: Callable[[], Any]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


def show(name: str, tokens: int, ours: tuple[float, float], peer: float | None) -> None:
    cores = os.cpu_count() or 1
    idle = tokens * cores / ours[1]
    beside = f"NumPy float64 {tokens / peer:8.1f}   ours/NumPy {tokens / ours[0] * peer / tokens:6.2f}" if peer else ""
    print(f"{name:28s} {tokens / ours[0]:8.1f} tokens/s, {idle:8.1f} by processor time on {cores} cores   {beside}")


def resident() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    from llm_reference import Reference
    from smollm2 import smollm2

    model = smollm2()
    if model is None:
        print("SmolLM2 is not there: set VULKAN_FORGE_SMOLLM2 (see tests/python/llm/test_smollm2.py)")
        return
    header(vf.default_device())
    scheduler, batcher = llm.FcfsSchedulerConfig(max_sessions=8), llm.DynamicChunkBatcherConfig(max_batch_tokens=512)
    cache = llm.CacheConfig(share_prefixes=False)
    config = llm.EngineConfig(model=model, max_context=1024, scheduler=scheduler, batcher=batcher, cache=cache)
    engines: list[llm.InferenceEngine] = []
    load = timed(lambda: engines.append(llm.InferenceEngine(config)))
    engine = engines[0]
    rng = np.random.default_rng(0)
    ids = [int(one) for one in rng.integers(20, 49152, 512)]
    first = timed(lambda: engine.generate(ids[:20], llm.SamplingParams(max_tokens=1)))
    print(f"load {load[0]:.2f} s ({load[1]:.2f} of the processor), first token {first[0]:.2f} s ({first[1]:.2f})")
    print(f"resident memory {resident():.0f} MiB, weights {engine.metrics()['weight_bytes'] / 2**20:.0f} MiB")

    reference = Reference.from_gguf(model)
    peer_prompt, _ = timed(lambda: reference.logits(ids[:128]))
    for length in (128, 512):
        engine.logits(ids[:length])
        ours = min(timed(lambda n=length: engine.logits(ids[:n])) for _ in range(3))
        show(f"prompt of {length}", length, ours, peer_prompt if length == 128 else None)

    # NumPy keeps no keys and values: a token costs it a pass over one token, without attention to what was before.
    peer_token, _ = timed(lambda: reference.logits(ids[:1]))
    for streams in (1, 4, 8):
        params = llm.SamplingParams(max_tokens=40, ignore_eos=True)
        for stream in range(streams):
            engine.add_session(ids[stream : stream + 32], params)
        while not any(row for row in engine.step()):
            pass
        for _ in range(4):
            engine.step()
        ours = timed(lambda: [engine.step() for _ in range(24)])
        while not engine.idle:
            engine.step()
        show(f"decode, {streams} together", 24 * streams, ours, 24 * streams * peer_token)


if __name__ == "__main__":
    main()
