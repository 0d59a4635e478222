"""Models that transformers makes of random weights and saves: its logits, answers and vectors are ours.

`pip install transformers torch`: both are too large for what ./dev installs, so without them these are skipped.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest

from llm_models import engine_of
from vulkan_forge import llm

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytestmark = [pytest.mark.usefixtures("device"), pytest.mark.requires_model]

SIZES = {
    "vocab_size": 300,
    "hidden_size": 128,
    "intermediate_size": 192,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
LLAMA3 = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}
YARN = {"original_max_position_embeddings": 16, "beta_fast": 8.0, "beta_slow": 1.0}
GEMMA = {"head_dim": 32, "sliding_window": 8, "query_pre_attn_scalar": 24, "rope_theta": 1e6}
CASES = {
    "llama": ("Llama", {}),
    "tied": ("Llama", {"tie_word_embeddings": True}),
    "one key head, wide heads": ("Llama", {"num_key_value_heads": 1, "head_dim": 64}),
    "no sharing": ("Llama", {"num_key_value_heads": 4}),
    "linear": ("Llama", {"rope_scaling": {"rope_type": "linear", "factor": 4.0}}),
    "llama3": ("Llama", {"rope_scaling": {"rope_type": "llama3", "factor": 4.0, **LLAMA3}}),
    "yarn": ("Llama", {"rope_scaling": {"rope_type": "yarn", "factor": 4.0, **YARN}}),
    "yarn, weights": (
        "Llama",
        {"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "mscale": 2.0, "mscale_all_dim": 0.5, **YARN}},
    ),
    "another base": ("Llama", {"rope_theta": 500000.0, "rms_norm_eps": 1e-3}),
    "mistral": ("Mistral", {"sliding_window": None}),
    "mistral, window": ("Mistral", {"sliding_window": 8}),
    "qwen2": ("Qwen2", {}),
    "gemma3": ("Gemma3", {"layer_types": ["sliding_attention", "full_attention", "sliding_attention"], **GEMMA}),
    "gemma3, capped": ("Gemma3", {"final_logit_softcapping": 2.0, **GEMMA}),
}


def made(family, more, seed=0):
    config = getattr(transformers, f"{family}TextConfig" if family == "Gemma3" else f"{family}Config")(**SIZES | more)
    config._attn_implementation = "eager"
    torch.manual_seed(seed)
    model = getattr(transformers, f"{family}ForCausalLM")(config).eval().float()
    with torch.no_grad():
        for key, weights in model.named_parameters():  # as made, norms are 1, biases 0 and attention is nearly even
            if weights.ndim == 1:
                weights.add_(0.2 * torch.randn_like(weights))
            else:
                weights.normal_(0, (1 if "embed" in key else 2) * weights.shape[-1] ** -0.5)
    return model


def drawn(count, seed=0):
    return [int(one) for one in np.random.default_rng(seed).integers(3, SIZES["vocab_size"], count)]


def log_probabilities(logits):
    logits = logits.astype(np.float64)
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


@pytest.mark.parametrize("name", CASES)
def test_logits(tmp_path, name):
    assert_same_logits(made(*CASES[name]), tmp_path)


def test_capped_scores(tmp_path, monkeypatch):
    """transformers' Gemma 3 reads attn_logit_softcapping and leaves it out; its attention can do it when told."""
    from transformers.models.gemma3 import modeling_gemma3 as gemma3

    capped = functools.partial(gemma3.eager_attention_forward, softcap=1.5)
    model = made("Gemma3", {"attn_logit_softcapping": 1.5, **GEMMA})
    monkeypatch.setattr(gemma3, "eager_attention_forward", capped)
    assert_same_logits(model, tmp_path)


def assert_same_logits(model, tmp_path):
    model.save_pretrained(tmp_path)
    ids = drawn(48)
    with torch.no_grad():
        wanted = log_probabilities(model(torch.tensor([ids])).logits[0].numpy())
    with engine_of(tmp_path) as engine:
        got = log_probabilities(engine.logits(ids, all_positions=True))
    assert wanted.std() > 0.3
    np.testing.assert_allclose(got, wanted, atol=2e-3)
    top = np.argsort(-wanted, axis=-1)[:, :8]
    np.testing.assert_allclose(np.take_along_axis(got, top, -1), np.take_along_axis(wanted, top, -1), atol=1e-3)


@pytest.mark.parametrize("name", ["llama", "yarn", "mistral, window", "qwen2", "gemma3"])
def test_answers(tmp_path, name):
    """Greedy answers, several at a time: each word is the likeliest behind those before it, or as good as that."""
    model = made(*CASES[name], seed=1)
    model.save_pretrained(tmp_path)
    prompts = [drawn(count, seed=count) for count in (1, 7, 20)]
    scheduler = llm.FcfsSchedulerConfig(max_sessions=4)
    with engine_of(tmp_path, scheduler=scheduler) as engine:
        params = llm.SamplingParams(max_tokens=24, ignore_eos=True, temperature=0.0)
        sessions = [engine.add_session(ids, params) for ids in prompts]
        while any(engine.output(session).finish_reason is None for session in sessions):
            engine.step()
        for ids, session in zip(prompts, sessions, strict=True):
            assert_same_walk(model, ids, list(engine.output(session).ids))


def assert_same_walk(model, ids, answer):
    assert len(answer) == 24
    with torch.no_grad():
        logits = model(torch.tensor([ids + answer])).logits[0].numpy()[len(ids) - 1 : -1]
    for row, word in zip(logits, answer, strict=True):
        second, first = np.sort(row)[-2:]
        assert row.argmax() == word or first - second < 1e-3


@pytest.mark.parametrize("pooling", ["mean_tokens", "cls_token"])
def test_vectors(tmp_path, pooling):
    """BERT, with a tokenizer of ours: token vectors pooled as the folder says."""
    from bert_models import SIZES as BERT_SIZES
    from bert_models import write_bert

    folder = write_bert(tmp_path / "m", pooling=pooling, normalize=False)
    model = transformers.BertModel.from_pretrained(folder, attn_implementation="eager").eval()
    assert model.config.hidden_size == BERT_SIZES["hidden_size"]
    texts = ["the sea", "sky", "the sky above the sea the sky"]
    with llm.Embedder(llm.EmbedderConfig(model=folder)) as embedder:
        vectors = embedder.embed(texts)
        rows = [embedder._tokenizer.encode(text).ids for text in texts]
    for ids, vector in zip(rows, vectors, strict=True):
        with torch.no_grad():
            tokens = model(torch.tensor([ids])).last_hidden_state[0].numpy()
        np.testing.assert_allclose(vector, tokens.mean(0) if pooling == "mean_tokens" else tokens[0], atol=1e-4)
