"""`vulkan-forge generate`, `chat` and `bench` on a small model: answers, progress, refusals."""

import io
import sys

import pytest

from llm_models import write_gguf
from vulkan_forge import cli, llm
from vulkan_forge.cli import _progress

pytestmark = pytest.mark.usefixtures("device")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_gguf(tmp_path_factory.mktemp("llm") / "m.gguf")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def terminal(monkeypatch):
    """A standard error that is a terminal, where all work is worth a word; pytest puts its own there before a test."""
    monkeypatch.setattr(_progress, "PATIENCE_S", 0)
    monkeypatch.setattr(sys, "stderr", Terminal())
    return sys.stderr


def test_loading_and_prompts_show_how_far_they_are(model, monkeypatch, capsys):
    shown = terminal(monkeypatch)
    words = ["generate", str(model), "hello " * 9, "--raw", "--max-tokens", "2", "--context", "96"]
    assert cli.main(words) == 0
    said = shown.getvalue()
    for part in (
        "loading",
        "bringing weights to the device  50 %",
        "bringing weights to the device 100 %",
        "reading the",
    ):
        assert part in said
    assert "tokens, length" in said
    assert "\r" not in capsys.readouterr().out


def test_quiet_says_nothing_else(model, monkeypatch, capsys):
    shown = terminal(monkeypatch)
    assert cli.main(["generate", str(model), "hi", "--raw", "--max-tokens", "2", "--context", "64", "--quiet"]) == 0
    assert shown.getvalue() == ""
    assert capsys.readouterr().out.endswith("\n")


def chat(model, text, monkeypatch, *more):
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    return cli.main(["chat", str(model), "--context", "256", "--max-tokens", "4", "--quiet", *more])


def test_chat_answers_line_by_line(model, monkeypatch, capsys):
    assert chat(model, "hello\n\nhell\n", monkeypatch) == 0
    both = capsys.readouterr().out
    config = llm.EngineConfig(model=model, max_context=256, scheduler=llm.FcfsSchedulerConfig(max_sessions=1))
    with llm.InferenceEngine(config) as engine:
        params, messages, expected = llm.SamplingParams(max_tokens=4), [], ""
        for line in ("hello", "hell"):
            messages.append({"role": "user", "content": line})
            text = engine.complete(engine.tokenizer.encode_chat(messages), params).text
            messages.append({"role": "assistant", "content": text})
            expected += f"{text}\n"
    assert both == expected


def test_chat_begins_anew_and_leaves(model, monkeypatch, capsys):
    assert chat(model, "hello\n/reset\nhello\n/exit\nnever\n", monkeypatch) == 0
    said = capsys.readouterr().out
    assert len(said) % 2 == 0
    assert said[: len(said) // 2] == said[len(said) // 2 :]


def test_an_interrupted_answer_ends_and_the_talk_goes_on(model, monkeypatch, capsys):
    original = llm.InferenceEngine.stream
    calls = []

    def interrupted(self, session):
        calls.append(session)
        if len(calls) == 1:
            raise KeyboardInterrupt
        yield from original(self, session)

    monkeypatch.setattr(llm.InferenceEngine, "stream", interrupted)
    assert chat(model, "hello\nhell\n", monkeypatch) == 0
    assert len(calls) == 2


def test_a_talk_that_no_longer_fits_goes_on(model, monkeypatch, capsys):
    assert chat(model, f"{'hello ' * 200}\nhell\n", monkeypatch) == 0
    said = capsys.readouterr()
    assert "/reset" in said.err
    assert said.out.endswith("\n")


def test_bench_times_prompts_and_streams(model, capsys):
    assert cli.main(["bench", str(model), "--prompt", "20", "--tokens", "3", "--streams", "1", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["load", "prompt", "decode,", "decode,"]
    assert all(float(line.split()[-2]) > 0 for line in lines[1:])  # a small model loads in less than is shown


@pytest.mark.parametrize("words", [["generate", "-", "--raw"], ["chat"]])
def test_input_that_is_no_text(model, words, monkeypatch, capsys):
    lenient = io.TextIOWrapper(io.BytesIO(b"\xe9t\xe9\n"), "utf-8", errors="surrogateescape")
    monkeypatch.setattr(sys, "stdin", lenient)
    assert cli.main([words[0], str(model), *words[1:], "--context", "64", "--quiet"]) == 1
    assert "0xe9" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bench", "model.onnx"], "onnx bench"),
        (["bench", "model.gguf", "--tokens", "1"], "nothing to time"),
        (["bench", "nothing.gguf"], "No such file"),
        (["chat", "nothing.gguf"], "No such file"),
        (["embed", "nothing", "x"], "config.json"),
    ],
)
def test_refusals(words, message, capsys):
    assert cli.main(words) == 1
    assert message in capsys.readouterr().err


def test_loading_can_be_interrupted(model):
    def stop(name, part):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        llm.InferenceEngine(llm.EngineConfig(model=model, max_context=64), progress=stop)
