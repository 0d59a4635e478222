"""The forward pass against NumPy in float64: every format, both kinds of files, whatever else is in the batch."""

import dataclasses
import json

import numpy as np
import pytest

import vulkan_forge as vf
from llm_models import FORMATS, IDS, TOKENS, engine_of, write_folder, write_gguf
from llm_reference import Reference
from vulkan_forge import llm
from vulkan_forge.llm.files import open_model

pytestmark = pytest.mark.usefixtures("device")


def assert_agrees(engine, reference, ids, tolerance=1e-3):
    expected = reference.logits(ids)
    got = engine.logits(ids)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected[-1], atol=tolerance * np.abs(expected).max())


# Kernels of one model take SwiftShader seconds to compile: two formats, which use all that the others do.
ON_ALL_DRIVERS = ("Q4_1", "Q6_K")


@pytest.mark.parametrize(
    "format_name", [pytest.param(name, marks=pytest.mark.gpu if name in ON_ALL_DRIVERS else ()) for name in FORMATS]
)
def test_every_format(tmp_path, format_name):
    path = write_gguf(tmp_path / "m.gguf", format_name)
    with engine_of(path) as engine:
        assert_agrees(engine, Reference.from_gguf(path), IDS[:3], 1e-4)


def test_long_prompts_go_in_panels(tmp_path):
    path = write_gguf(tmp_path / "m.gguf")
    with engine_of(path) as engine:
        assert_agrees(engine, Reference.from_gguf(path), IDS, 1e-4)


def test_fast_is_close(tmp_path):
    path = write_gguf(tmp_path / "m.gguf")
    with engine_of(path, precision="fast") as engine:
        assert_agrees(engine, Reference.from_gguf(path), IDS[:5], 5e-3)


@pytest.mark.parametrize("embedding", ["F16", "Q6_K"])
def test_formats_may_differ_within_a_layer(tmp_path, embedding):
    path = write_gguf(tmp_path / "m.gguf", "Q4_K", value_format="Q6_K", embedding=embedding)
    with engine_of(path) as engine:
        assert_agrees(engine, Reference.from_gguf(path), IDS[:4], 1e-4)


def test_qwen_has_biases_and_turns_by_halves(tmp_path):
    path = write_gguf(tmp_path / "m.gguf", architecture="qwen2", biases=True)
    with engine_of(path) as engine:
        assert_agrees(engine, Reference.from_gguf(path), IDS[:6], 1e-4)


def test_safetensors(tmp_path):
    reference = write_folder(tmp_path / "model")
    with engine_of(tmp_path / "model") as engine:
        assert_agrees(engine, reference, IDS[:6], 1e-4)


@pytest.mark.parametrize("window", [3, 16])
def test_windows(tmp_path, window):
    path = write_gguf(tmp_path / "m.gguf", window=window)
    reference = Reference.from_gguf(path)
    assert reference.window == window
    with engine_of(path) as engine:
        assert_agrees(engine, reference, IDS[:7], 1e-4)
        got = engine.logits(IDS, all_positions=True)
        np.testing.assert_allclose(got, reference.logits(IDS), atol=1e-3)


def stretched_as_llama3(half=32, base=10000.0, factor=8.0, low=1.0, high=4.0, context=64):
    """What Llama 3.1 divides its frequencies by, as its authors write it down."""
    stretch = np.ones(half)
    for i in range(half):
        length = 2 * np.pi * base ** (i / half)
        if length > context / low:
            stretch[i] = factor
        elif length > context / high:
            smooth = (context / length - low) / (high - low)
            stretch[i] = 1 / ((1 - smooth) / factor + smooth)
    return stretch


def stretched_as_yarn(head=64, base=10000.0, factor=4.0, context=128, fast=32.0, slow=1.0):
    """What the authors of YaRN divide frequencies by, and multiply cosines and sines by."""

    def pair_with(turns):
        return head * np.log(context / (turns * 2 * np.pi)) / (2 * np.log(base))

    first, last = max(np.floor(pair_with(fast)), 0), min(np.ceil(pair_with(slow)), head - 1)
    kept = 1 - np.clip((np.arange(head // 2) - first) / (last - first), 0, 1)
    return 1 / ((1 - kept) / factor + kept), 0.1 * np.log(factor) + 1


YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128}
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


GROWTH_BY_WEIGHTS = (0.2 * np.log(4) + 1) / (0.05 * np.log(4) + 1)


@pytest.mark.parametrize(
    ("scaling", "stretch", "size"),
    [
        ({"type": "linear", "factor": 4.0}, np.full(32, 4.0), 1.0),
        ({"rope_type": "dynamic", "factor": 4.0}, None, 1.0),  # beyond the model's own context alone
        (LLAMA3, stretched_as_llama3(), 1.0),
        (YARN, *stretched_as_yarn()),
        ({**YARN, "attention_factor": 1.5}, stretched_as_yarn()[0], 1.5),
        ({**YARN, "mscale": 2.0, "mscale_all_dim": 0.5}, stretched_as_yarn()[0], GROWTH_BY_WEIGHTS),
    ],
    ids=["linear", "dynamic", "llama3", "yarn", "yarn with its factor", "yarn with weights"],
)
def test_stretched_positions(tmp_path, scaling, stretch, size):
    reference = write_folder(tmp_path / "model", rope_scaling=scaling, stretch=stretch, turned_size=size)
    with engine_of(tmp_path / "model") as engine:
        assert_agrees(engine, reference, IDS[:8], 1e-4)


@pytest.mark.parametrize("times", [None, 1.25])
def test_stretched_positions_of_gguf(tmp_path, times):
    """attn_factor comes on top of what YaRN itself lets numbers grow by."""
    scaling = {"type": "yarn", "factor": 4.0, "original_context_length": 128}
    path = write_gguf(tmp_path / "m.gguf", scaling=scaling if times is None else {**scaling, "attn_factor": times})
    stretch, size = stretched_as_yarn()
    reference = dataclasses.replace(Reference.from_gguf(path), stretch=stretch, turned_size=size * (times or 1))
    with engine_of(path) as engine:
        assert_agrees(engine, reference, IDS[:8], 1e-4)


def test_unknown_ways_to_stretch_are_refused(tmp_path):
    write_folder(tmp_path / "model", rope_scaling={"rope_type": "longrope", "factor": 4.0})
    with pytest.raises(vf.UnsupportedError, match="longrope"):
        engine_of(tmp_path / "model")


@pytest.mark.parametrize("factor", [0.0, -1.0, float("inf")])
def test_positions_are_stretched_by_finite_factors(tmp_path, factor):
    with pytest.raises(vf.UnsupportedError, match="finite factor"):
        engine_of(write_gguf(tmp_path / "m.gguf", scaling={"type": "linear", "factor": factor}))
    write_folder(tmp_path / "model", rope_scaling={"rope_type": "linear", "factor": factor})
    with pytest.raises(vf.VulkanForgeError, match=r"finite factor|rope_scaling\.factor"):
        engine_of(tmp_path / "model")


def change_config(folder, **more):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **more}))


def test_windows_of_qwen_2_are_refused_where_they_are_used(tmp_path):
    write_folder(tmp_path / "model")
    qwen = {"architectures": ["Qwen2ForCausalLM"], "use_sliding_window": True, "sliding_window": 4}
    change_config(tmp_path / "model", **qwen, max_window_layers=1)
    with pytest.raises(vf.UnsupportedError, match="window"):
        open_model(tmp_path / "model")
    change_config(tmp_path / "model", max_window_layers=99)
    open_model(tmp_path / "model")


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"architectures": [["LlamaForCausalLM"]]}, vf.UnsupportedError),
        ({"rope_scaling": "linear"}, vf.FileError),
        ({"rope_theta": 10**400}, vf.FileError),
        ({"rope_theta": "x"}, vf.FileError),
        ({"rope_theta": True}, vf.FileError),
        ({"rms_norm_eps": "1e-5"}, vf.FileError),
        ({"num_attention_heads": [4]}, vf.FileError),
        ({"vocab_size": 7}, vf.FileError),
        ({"vocab_size": float(len(TOKENS)) + 0.5}, vf.FileError),
        ({"layer_types": [5]}, vf.FileError),
        ({"tie_word_embeddings": False}, vf.FileError),
        ({"rope_scaling": {"rope_type": "linear", "factor": "2"}}, vf.FileError),
        ({"rope_scaling": {"type": 5}}, vf.FileError),
        ({"rope_scaling": {"factor": 2.0}}, vf.FileError),
        ({"rope_parameters": {"full_attention": {"rope_type": 5}}}, vf.FileError),
        ({"rope_parameters": {"partial_rotary_factor": 0.5}}, vf.UnsupportedError),
        ({"partial_rotary_factor": 0.5}, vf.UnsupportedError),
        ({"hidden_act": "gelu"}, vf.UnsupportedError),
        ({"hidden_act": "relu"}, vf.UnsupportedError),
        ({"hidden_act": 5}, vf.UnsupportedError),
        ({"architectures": ["Gemma3ForCausalLM"], "hidden_activation": "silu"}, vf.UnsupportedError),
        ({"quantization_config": {"quant_method": "fp8"}}, vf.UnsupportedError),
        ({"rms_norm_eps": float("nan")}, vf.FileError),
        ({"architectures": ["Gemma3ForCausalLM"], "final_logit_softcapping": float("inf")}, vf.FileError),
        ({"architectures": ["Gemma3ForCausalLM"], "attn_logit_softcapping": 1e39}, vf.FileError),
        ({"architectures": ["Gemma3ForCausalLM"], "query_pre_attn_scalar": 10**39}, vf.FileError),
    ],
)
def test_config_json_of_other_types(tmp_path, more, kind):
    write_folder(tmp_path / "model")
    open_model(tmp_path / "model")
    change_config(tmp_path / "model", **more)
    with pytest.raises(kind, match=list(more)[-1].rstrip("s")):
        open_model(tmp_path / "model")


def test_widths_that_do_not_work_are_named(tmp_path):
    write_folder(tmp_path / "model")
    change_config(tmp_path / "model", intermediate_size=100)
    with pytest.raises(vf.UnsupportedError, match="multiples of 32; got 100"):
        engine_of(tmp_path / "model")


def test_config_json_that_says_what_is_so_anyway(tmp_path):
    write_folder(tmp_path / "model")
    same = {"vocab_size": len(TOKENS), "hidden_act": "silu", "partial_rotary_factor": 1.0, "quantization_config": None}
    change_config(tmp_path / "model", **same, rope_parameters={"rope_type": "default", "rope_theta": 1e4})
    open_model(tmp_path / "model")


def test_windows_of_folders_are_mistrals(tmp_path):
    """transformers' Llama does not look at the key; Mistral sees what it says."""
    reference = write_folder(tmp_path / "model")
    change_config(tmp_path / "model", sliding_window=3)
    with engine_of(tmp_path / "model") as engine:
        assert_agrees(engine, reference, IDS[:8], 1e-4)
    change_config(tmp_path / "model", architectures=["MistralForCausalLM"])
    with engine_of(tmp_path / "model") as engine:
        assert_agrees(engine, dataclasses.replace(reference, window=3), IDS[:8], 1e-4)


def test_all_positions(tmp_path):
    path = write_gguf(tmp_path / "m.gguf")
    with engine_of(path) as engine:
        got = engine.logits(IDS[:5], all_positions=True)
        assert got.shape == (5, len(TOKENS))
        np.testing.assert_allclose(got, Reference.from_gguf(path).logits(IDS[:5]), atol=1e-3)


def test_log_probabilities_of_a_prompt(tmp_path):
    path = write_gguf(tmp_path / "m.gguf")
    with engine_of(path) as engine:
        expected = Reference.from_gguf(path).log_probabilities(IDS[:7])
        got = engine.prompt_logprobs(IDS[:7])
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, expected[np.arange(6), IDS[1:7]], atol=1e-3)
        assert engine.prompt_logprobs(IDS[:1]).shape == (0,)
        with pytest.raises(vf.LimitError, match="1 to 64 tokens"):
            engine.prompt_logprobs([])


def test_a_tokens_numbers_do_not_depend_on_how_it_was_computed(tmp_path):
    """One by one, a few together, and in panels: the same bits."""
    with engine_of(write_gguf(tmp_path / "m.gguf"), precision="fast") as engine:
        in_panels = engine.logits(IDS)
        in_rows = engine.logits(IDS, all_positions=True)[-1]  # two tokens a step
        np.testing.assert_array_equal(in_panels, in_rows)


def test_greedy_is_the_references(tmp_path):
    path = write_gguf(tmp_path / "m.gguf")
    reference = Reference.from_gguf(path)
    with engine_of(path) as engine:
        said = engine.generate(IDS[:4], llm.SamplingParams(max_tokens=12, ignore_eos=True))
    ids = IDS[:4]
    for token in said:  # equal but where two tokens are as likely as each other
        expected = reference.logits(ids)[-1]
        assert expected.max() - expected[token] < 1e-3
        ids = [*ids, token]


def test_what_cannot_be(tmp_path):
    path = write_gguf(tmp_path / "m.gguf", context=64)
    with pytest.raises(vf.LimitError, match="longer than the model"):
        engine_of(path, max_context=65)
    with engine_of(path) as engine:
        with pytest.raises(vf.LimitError, match="1 to 64 tokens"):
            engine.logits([1] * 65)
        with pytest.raises(vf.LimitError, match="1 to 64 tokens"):
            engine.logits([])
        with pytest.raises(vf.RangeError, match="vocabulary"):
            engine.logits([len(TOKENS)])
