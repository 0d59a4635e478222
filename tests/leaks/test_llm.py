"""Model files, engines of language models and embedders leave nothing behind."""

import functools
import tempfile
from pathlib import Path

import pytest

from bert_models import write_bert
from leaks import assert_clean
from llm_models import write_gguf
from vulkan_forge import llm

pytestmark = pytest.mark.gpu


@functools.cache
def small_model():
    return write_gguf(Path(tempfile.mkdtemp(prefix="vf-llm-")) / "m.gguf")


def model_file(device):
    with llm.Gguf(small_model()) as gguf:
        gguf.metadata()
        gguf.tensor("output_norm.weight")
    made = llm.Gguf(small_model())
    del made


def engine(device):
    """Made on the host's side, used, given up with a session half way, and never closed."""
    scheduler, batcher = llm.FcfsSchedulerConfig(max_sessions=1), llm.DynamicChunkBatcherConfig(max_batch_tokens=32)
    config = llm.EngineConfig(model=small_model(), max_context=32, scheduler=scheduler, batcher=batcher)
    with llm.InferenceEngine(config, device) as made:
        made.generate([3, 4], llm.SamplingParams(max_tokens=2))
    made = llm.InferenceEngine(config, device)
    made.add_session([3, 4], llm.SamplingParams(max_tokens=9))
    made.step()
    del made


@functools.cache
def small_encoder():
    return write_bert(Path(tempfile.mkdtemp(prefix="vf-bert-")) / "model")


def embedder(device):
    config = llm.EmbedderConfig(model=small_encoder())
    with llm.Embedder(config, device) as made:
        made.embed(["sea", "sky"])
    made = llm.Embedder(config, device)
    del made


CASES = [model_file, engine, embedder]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nothing_is_left_of(device, case):
    assert_clean(lambda: case(device), device)
