"""What users of an engine check first: seeds, neighbours, cancels, memory, each parameter against NumPy."""

import copy
import pickle
import threading
import time
from typing import Any

import numpy as np
import pytest

import llm_models
import vulkan_forge as vf
from llm_models import TOKENS, write_gguf
from vulkan_forge import cli, llm

pytestmark = pytest.mark.usefixtures("device")

PROMPT = [5, 9, 40, 77, 130]
RANDOM = llm.SamplingParams(max_tokens=10, temperature=1.5, top_p=0.95, seed=7, ignore_eos=True)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_gguf(tmp_path_factory.mktemp("llm") / "m.gguf")


def make(model, **more):
    more.setdefault("max_context", 64)
    more.setdefault("scheduler", llm.FcfsSchedulerConfig(max_sessions=4))
    more.setdefault("batcher", llm.DynamicChunkBatcherConfig(max_batch_tokens=32, chunk_tokens=8))
    return llm.InferenceEngine(llm.EngineConfig(model=model, **more))


@pytest.fixture(scope="module")
def engine(model):
    with make(model) as engine:
        yield engine


def run_all(engine, prompts, params):
    names = [engine.add_session(prompt, one) for prompt, one in zip(prompts, params, strict=True)]
    while not engine.idle:
        engine.step()
    return [engine.output(name).ids for name in names]


# -- tokens depend on the seed and the prompt, and on nothing else --


@pytest.mark.gpu
def test_seeds(engine):
    first = engine.generate(PROMPT, RANDOM)
    assert len(first) == 10
    assert engine.generate(PROMPT, RANDOM) == first
    others = {
        tuple(engine.generate(PROMPT, llm.SamplingParams(max_tokens=10, temperature=1.5, seed=s))) for s in range(4)
    }
    assert len(others) > 1


def test_neighbours_change_nothing(engine):
    alone = engine.generate(PROMPT, RANDOM)
    prompts = [PROMPT, [3] * 20, [8, 9], PROMPT[:2], list(range(30))]
    together = run_all(engine, prompts, [RANDOM] * 5)
    assert together[0] == alone


def test_preempted_sessions_go_on_as_if_nothing_had_been(model):
    prompts = [[i + 3] * 14 for i in range(4)]
    params = [llm.SamplingParams(max_tokens=30, temperature=1.0, seed=i, ignore_eos=True) for i in range(4)]
    with make(model) as roomy:
        expected = run_all(roomy, prompts, params)
        assert roomy.metrics()["preemptions"] == 0
    with make(model, cache=llm.CacheConfig(pages=8)) as tight:
        assert run_all(tight, prompts, params) == expected
        said = tight.metrics()
        assert said["preemptions"] > 0
        assert said["used_pages"] == 0


def test_prefix_cache_changes_nothing_but_the_work(model):
    prompt = list(range(3, 53))
    params = llm.SamplingParams(max_tokens=6, ignore_eos=True)
    with make(model, cache=llm.CacheConfig(share_prefixes=False)) as plain:
        expected = [plain.generate(prompt, params) for _ in range(2)]
        assert plain.metrics()["shared_tokens"] == 0
    with make(model) as sharing:
        assert [sharing.generate(prompt, params) for _ in range(2)] == expected
        assert sharing.metrics()["shared_tokens"] == 48


def test_long_prompts_are_read_in_chunks_while_others_speak(engine):
    speaker = engine.add_session(PROMPT, llm.SamplingParams(max_tokens=20, ignore_eos=True))
    engine.step()
    reader = engine.add_session(list(range(100, 140)), llm.SamplingParams(max_tokens=2, ignore_eos=True))
    for _ in range(5):  # 40 tokens in chunks of 8: each step has a token for the speaker
        assert [row.session_id for row in engine.step()][:1] == [speaker]
    assert len(engine.output(reader).ids) == 1
    engine.cancel(speaker)
    engine.cancel(reader)


# -- sessions --


def test_cancel_is_at_once(engine):
    kept = engine.add_session(PROMPT, RANDOM)
    gone = engine.add_session([9] * 30, llm.SamplingParams(max_tokens=20, ignore_eos=True))
    engine.step()
    used = engine.metrics()["used_pages"]
    assert engine.cancel(gone)
    assert engine.metrics()["used_pages"] < used
    assert engine.output(gone).finish_reason == "cancelled"
    assert not engine.cancel(gone)
    while not engine.idle:
        assert all(row.session_id == kept for row in engine.step())
    assert engine.output(kept).ids == engine.generate(PROMPT, RANDOM)


def test_leaving_a_stream_cancels(engine):
    name = engine.add_session("hello", llm.SamplingParams(max_tokens=30, ignore_eos=True))
    pieces = engine.stream(name)
    next(pieces)
    pieces.close()
    assert engine.output(name).finish_reason == "cancelled"
    assert engine.idle


def test_closing_a_stream_before_its_first_piece_cancels(engine):
    name = engine.add_session("hello", llm.SamplingParams(max_tokens=30, ignore_eos=True))
    engine.stream(name).close()
    assert engine.output(name).finish_reason == "cancelled"
    assert engine.idle


def test_streams_are_the_whole_text(engine):
    params = llm.SamplingParams(max_tokens=24, temperature=2.0, seed=3, ignore_eos=True)
    name = engine.add_session("hello", params)
    text = "".join(engine.stream(name))
    assert text == engine.output(name).text == engine.complete("hello", params).text
    assert text == engine.tokenizer.decode(engine.output(name).ids)


def test_sessions_of_ids_have_a_text_to_stream(model):
    params = llm.SamplingParams(max_tokens=12, temperature=2.0, seed=3, ignore_eos=True)
    with make(model) as engine:  # whose tokenizer nobody has asked for
        name, late = engine.add_session(PROMPT, params), engine.add_session(PROMPT, params)
        while len(engine.output(late).ids) < 5:
            engine.step()
        assert engine.output(late).text == ""
        text = "".join(engine.stream(name))
        assert text == engine.tokenizer.decode(engine.output(name).ids) != ""
        while not engine.idle:
            engine.step()
        assert "".join(engine.stream(late)) == engine.output(late).text == text


def test_texts_of_ids_leave_out_the_token_that_ended_them(model):
    with make(model) as engine:
        first, second = engine.generate(PROMPT, RANDOM)[:2]
        if first != second:
            params = llm.SamplingParams(max_tokens=10, temperature=1.5, top_p=0.95, seed=7, stop_ids=(second,))
            name = engine.add_session(PROMPT, params)
            while not engine.idle:
                engine.step()
            assert "".join(engine.stream(name)) == engine.tokenizer.decode([first])


def test_answers_tell_of_the_most_likely_tokens(engine):
    answer = engine.complete(PROMPT, llm.SamplingParams(max_tokens=3, logprobs=4, ignore_eos=True))
    assert [len(row) for row in answer.top_logprobs] == [4] * 3
    assert [row[0] for row in answer.top_logprobs] == list(zip(answer.ids, answer.logprobs, strict=True))
    assert engine.complete(PROMPT, llm.SamplingParams(max_tokens=2)).top_logprobs == [(), ()]


def test_tokens_are_counted_exactly(engine):
    for count in (0, 1, 3):
        assert len(engine.generate(PROMPT, llm.SamplingParams(max_tokens=count, ignore_eos=True))) == count
    name = engine.add_session(PROMPT, llm.SamplingParams(max_tokens=0))
    assert engine.output(name).finish_reason == "length"


def test_stop_ids_end_the_answer(engine):
    said = engine.generate(PROMPT, RANDOM)
    stop = said[4]
    params = llm.SamplingParams(max_tokens=10, temperature=1.5, top_p=0.95, seed=7, ignore_eos=True, stop_ids=(stop,))
    name = engine.add_session(PROMPT, params)
    while not engine.idle:
        engine.step()
    output = engine.output(name)
    assert output.ids == said[: said.index(stop) + 1]
    assert (output.finish_reason, output.stopped_by) == ("stop", stop)


def test_end_tokens_of_the_model_end_the_answer(engine):
    end = llm.SamplingParams(max_tokens=5, logit_bias={2: 1000.0})
    assert engine.tokenizer.ends == (0, 2)
    assert engine.generate(PROMPT, end) == [2]
    go_on = llm.SamplingParams(max_tokens=5, logit_bias={2: 1000.0}, ignore_eos=True)
    assert engine.generate(PROMPT, go_on) == [2] * 5


def test_end_tokens_end_answers_of_ids_alone(model, monkeypatch):
    """Nothing but the file is needed: a session of ids stops where one of text does."""
    monkeypatch.setattr(llm.engine, "Tokenizer", None)
    end = {token: llm.SamplingParams(max_tokens=3, logit_bias={token: 1000.0}) for token in (0, 2)}
    with make(model) as plain:
        assert [plain.generate(PROMPT, params) for params in end.values()] == [[0], [2]]
        go_on = llm.SamplingParams(max_tokens=3, logit_bias={2: 1000.0}, ignore_eos=True)
        assert plain.generate(PROMPT, go_on) == [2] * 3


def test_answers_that_end_at_a_text_are_not_cancelled(engine):
    before = engine.metrics()["cancelled"]
    params = llm.SamplingParams(max_tokens=5, logit_bias={TOKENS.index("a"): 1000.0}, stop="a")
    assert engine.complete(PROMPT, params).stopped_by == "a"
    assert engine.metrics()["cancelled"] == before
    engine.cancel(engine.add_session(PROMPT, RANDOM))
    assert engine.metrics()["cancelled"] == before + 1


def test_own_names_make_way(model):
    with make(model) as engine:
        taken = [engine.add_session(PROMPT, RANDOM, session_id=f"session-{i}") for i in (1, 2, 4)]
        made = [engine.add_session(PROMPT, RANDOM) for _ in range(3)]
        assert made == ["session-3", "session-5", "session-6"]
        assert len(engine.generate(PROMPT, RANDOM)) == 10
        for name in taken:
            engine.forget(name)


ODD_IDS = ["ab", b"ab", bytearray(b"ab"), None, 5, [1.0], [float("nan")], ["1"], [None], [True], np.zeros((2, 3), int)]


@pytest.mark.parametrize("odd", ODD_IDS, ids=repr)
def test_ids_are_whole_numbers_in_a_row(engine, odd):
    calls = [engine.logits, engine.prompt_logprobs]
    calls += [] if isinstance(odd, str) else [engine.add_session, engine.generate, engine.complete]
    for call in calls:
        with pytest.raises(vf.ArgumentTypeError, match="token ids"):
            call(odd)
    assert engine.idle


@pytest.mark.parametrize("odd", [-1, len(TOKENS), 2**31, 2**32, 10**30, 10**5000], ids=int.bit_length)
def test_ids_are_in_the_vocabulary(engine, odd):
    nothing = llm.SamplingParams(max_tokens=0)
    calls = [engine.logits, engine.prompt_logprobs, lambda ids: engine.generate(ids, nothing), engine.add_session]
    for call in calls:
        with pytest.raises(vf.RangeError, match=r"vocabulary; expected 0 to \d+; got .* at 1"):
            call([5, odd])


def test_ids_of_any_whole_type(engine):
    kinds = [np.array(PROMPT), np.array(PROMPT, np.uint8), tuple(PROMPT), (np.int64(i) for i in PROMPT)]
    expected = engine.generate(PROMPT, RANDOM)
    assert [engine.generate(ids, RANDOM) for ids in kinds] == [expected] * len(kinds)


def test_priorities_are_whole_numbers_of_any_type(engine):
    priority: Any = np.int64(3)
    engine.forget(engine.add_session(PROMPT, RANDOM, priority=priority))
    for wrong in (-1, 2**31, True, 1.0, "1"):
        odd: Any = wrong
        with pytest.raises(vf.InputError, match="priority"):
            engine.add_session(PROMPT, RANDOM, priority=odd)


@pytest.mark.parametrize("odd", [{"max_tokens": 3}, 3, "greedy", False])
def test_params_are_sampling_params(engine, odd):
    for call in (engine.add_session, engine.generate, engine.complete):
        with pytest.raises(vf.ArgumentTypeError, match="params"):
            call(PROMPT, odd)


@pytest.mark.parametrize("odd", [["a"], 5, {}, b"a"])
def test_names_are_texts(engine, odd):
    calls = [engine.output, engine.stream, engine.cancel, engine.forget, engine.prompt_progress]
    for call in [*calls, lambda name: engine.add_session(PROMPT, session_id=name)]:
        with pytest.raises(vf.ArgumentTypeError, match="session_id"):
            call(odd)
    with pytest.raises(vf.InputError, match="unknown session"):
        engine.stream("nobody")


def test_progress_is_a_function(model):
    with pytest.raises(vf.ArgumentTypeError, match="progress"):
        llm.InferenceEngine(llm.EngineConfig(model=model, max_context=64), progress=5)


def test_texts_with_lone_surrogates_are_read(engine, model, capsys):
    params = llm.SamplingParams(max_tokens=2, ignore_eos=True)
    assert engine.generate("a\ud800", params) == engine.generate("a\ufffd", params)
    assert cli.main(["generate", str(model), "a\udcff", "--context", "64", "--max-tokens", "2", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_stop_texts_across_tokens(engine):
    letters = {text: i for i, text in enumerate(TOKENS)}
    wanted = [letters[c] for c in "abcabd"]
    full = []
    for i, token in enumerate(wanted):  # lead the model along a text, a token at a time
        bias = llm.SamplingParams(max_tokens=1, logit_bias={token: 1000.0}, stop=("abd",))
        full += engine.generate([*PROMPT, *wanted[:i]], bias)
    assert full == wanted
    stream = llm.engine.TextStream(engine.tokenizer, ("abd",))
    assert "".join(stream.put(token) for token in wanted) + stream.end() == "abc"
    assert stream.stopped == "abd"


def test_prompts_tell_how_far_they_are_read(engine):
    prompt = list(range(199, 159, -1))  # one that no other test has left pages of
    name = engine.add_session(prompt, llm.SamplingParams(max_tokens=2, ignore_eos=True))
    seen = [engine.prompt_progress(name)]
    while not engine.idle:
        engine.step()
        seen.append(engine.prompt_progress(name))
    assert seen == [0.0, 0.8, 1.0, 1.0]  # 32 of 40 tokens in the first step
    engine.forget(name)


def test_times_are_told_of_sessions_and_of_all(model):
    with make(model) as engine:
        assert engine.metrics()["time_to_first_token"] is None
        names = [engine.add_session(PROMPT, llm.SamplingParams(max_tokens=n, ignore_eos=True)) for n in (1, 4)]
        while not engine.idle:
            engine.step()
        short, long = (engine.output(name) for name in names)
        assert short.time_per_token is None
        assert long.time_per_token == pytest.approx((long.seconds - long.time_to_first_token) / 3)
        said = engine.metrics()
        assert said["time_to_first_token"] == pytest.approx((short.time_to_first_token + long.time_to_first_token) / 2)
        assert said["time_per_token"] == pytest.approx(long.time_per_token)
        assert (said["waiting"], said["running"], said["generated_tokens"]) == (0, 0, 5)


def test_what_is_refused(engine, model):
    with pytest.raises(vf.LimitError, match="60 of prompt and up to 10 of answer"):
        engine.add_session([1] * 60, llm.SamplingParams(max_tokens=10))
    with pytest.raises(vf.RangeError, match="vocabulary"):
        engine.add_session([len(TOKENS)])
    with pytest.raises(vf.RangeError, match="vocabulary"):
        engine.add_session([1], llm.SamplingParams(logit_bias={len(TOKENS): 1.0}))
    with pytest.raises(vf.InputError, match="prompt"):
        engine.add_session([])
    with pytest.raises(vf.InputError, match="unknown session"):
        engine.output("nobody")
    name = engine.add_session(PROMPT, RANDOM, session_id="mine")
    with pytest.raises(vf.InputError, match="already"):
        engine.add_session(PROMPT, RANDOM, session_id="mine")
    engine.forget(name)
    assert engine.idle
    with pytest.raises(vf.ArgumentTypeError):
        llm.InferenceEngine(str(model))


def test_close(model):
    engine = make(model)
    engine.close()
    engine.close()
    assert engine.closed
    with pytest.raises(vf.StateError, match="close"):
        engine.generate(PROMPT)
    for duplicate in (copy.copy, pickle.dumps):
        with pytest.raises(TypeError, match="native memory"):
            duplicate(engine)


def test_close_while_another_thread_computes(model):
    engine = make(model)
    engine.add_session(PROMPT, RANDOM)
    failed = []

    def work():
        try:
            while True:
                engine.step()
                engine.metrics()
                assert engine.idle in (True, False)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    engine.close()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert [type(error) for error in failed] == [vf.StateError] * 3


def test_the_command(model, capsys):
    words = [
        "generate",
        str(model),
        "hello",
        "--max-tokens",
        "4",
        "--context",
        "64",
        "--temperature",
        "0.5",
        "--seed",
        "3",
    ]
    assert cli.main([*words, "--raw", "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.out.endswith("\n")
    assert said.err == ""
    assert cli.main(words) == 0
    assert "tokens, " in capsys.readouterr().err
    assert cli.main(["generate", "/nonexistent.gguf", "hello"]) == 1
    assert "No such file" in capsys.readouterr().err
    assert cli.main(["generate", str(model), "hello", "--context", "8"]) == 1
    assert "too long for its context" in capsys.readouterr().err


# -- each sampling parameter against NumPy, on the engine's own logits --


def log_softmax(x):
    x = x.astype(np.float64)
    return x - x.max() - np.log(np.exp(x - x.max()).sum())


def allowed(logits, params, seen=(), said=()):
    """The tokens that may be chosen, and their probabilities: the documented order in NumPy."""
    x = logits.astype(np.float64)
    for token, bias in params.logit_bias.items():
        x[token] += bias
    for token in {*seen, *said}:
        x[token] = x[token] / params.repetition_penalty if x[token] > 0 else x[token] * params.repetition_penalty
    for token in set(said):
        x[token] -= params.frequency_penalty * list(said).count(token) + params.presence_penalty
    p = np.exp(log_softmax(x / params.temperature))
    keep = np.ones(len(p), bool)
    if params.top_k:
        keep &= p >= np.sort(p)[-min(params.top_k, len(p))]
    if params.top_p < 1:
        kept = np.where(keep, p, 0)
        order = np.argsort(-kept, kind="stable")
        before = np.cumsum(kept[order]) - kept[order]
        bound = kept[order][before < params.top_p * kept.sum()].min()
        keep &= p >= bound
    keep &= p >= params.min_p * p.max()
    return np.where(keep, p, 0) / p[keep].sum()


def uniform(seed, place):
    from numpy.random import Philox  # the same rounds, with the counter and the key as words of 64 bits

    counter, key = np.array([place, 0, 0, 0], np.uint32), np.array([seed & 0xFFFFFFFF, seed >> 32], np.uint32)
    assert Philox
    for i in range(10):
        k = key + np.array([0x9E3779B9, 0xBB67AE85], np.uint32) * np.uint32(i)
        a, b = int(counter[0]) * 0xD2511F53, int(counter[2]) * 0xCD9E8D57
        counter = np.array(
            [
                (b >> 32) ^ int(counter[1]) ^ int(k[0]),
                b & 0xFFFFFFFF,
                (a >> 32) ^ int(counter[3]) ^ int(k[1]),
                a & 0xFFFFFFFF,
            ]
        ).astype(np.uint32)
    return (int(counter[0]) >> 8) * 2.0**-24


CASES = {
    "temperature": {"temperature": 0.7},
    "hot": {"temperature": 3.0},
    "top_k": {"temperature": 2.0, "top_k": 5},
    "top_k of all": {"temperature": 1.0, "top_k": 10_000},
    "top_p": {"temperature": 2.0, "top_p": 0.6},
    "top_p of one": {"temperature": 1.0, "top_p": 1e-6},
    "min_p": {"temperature": 2.0, "min_p": 0.3},
    "all cuts": {"temperature": 2.0, "top_k": 30, "top_p": 0.8, "min_p": 0.05},
    "bias": {"temperature": 1.0, "logit_bias": {7: 5.0, 9: -5.0}},
    "repetition": {"temperature": 1.0, "repetition_penalty": 1.8},
    "frequency": {"temperature": 1.0, "frequency_penalty": 1.5},
    "presence": {"temperature": 1.0, "presence_penalty": -2.0},
    "everything": {
        "temperature": 1.3,
        "top_k": 50,
        "top_p": 0.9,
        "min_p": 0.01,
        "repetition_penalty": 1.3,
        "frequency_penalty": 0.4,
        "presence_penalty": 0.2,
        "logit_bias": {3: 2.0},
    },
}


@pytest.mark.parametrize("name", CASES)
def test_sampling_is_numpys(engine, name):
    for seed in (1, 2**40 + 5):
        params = llm.SamplingParams(max_tokens=6, seed=seed, ignore_eos=True, **CASES[name])
        said = []
        for place, token in enumerate(engine.generate(PROMPT, params)):
            p = allowed(engine.logits(PROMPT + said), params, PROMPT, said)
            passed = np.cumsum(p)
            goal = uniform(seed, place)
            expected = int(np.searchsorted(passed, goal, side="right"))
            close = abs(passed - goal).min() < 1e-4  # at an edge both neighbours are right
            assert token == expected or (close and p[token] > 0), name
            said.append(token)


def test_large_vocabularies_are_sampled_to_their_end(tmp_path, monkeypatch):
    """A walk over so many tokens for each digit of a bound: some drivers end loops after 65,535 passes."""
    monkeypatch.setattr(llm_models, "TOKENS", [*TOKENS, *(f"t{i}" for i in range(49152 - len(TOKENS)))])
    with make(write_gguf(tmp_path / "m.gguf")) as engine:
        p = None
        for seed in (1, 7):
            params = llm.SamplingParams(
                max_tokens=1, seed=seed, ignore_eos=True, temperature=5.0, top_k=49000, top_p=0.97
            )
            p = allowed(engine.logits(PROMPT), params) if p is None else p
            (token,) = engine.generate(PROMPT, params)
            assert abs(np.cumsum(p)[token] - uniform(seed, 0)) < 1e-3


def test_greedy_is_the_largest(engine):
    said = []
    for token in engine.generate(PROMPT, llm.SamplingParams(max_tokens=5, ignore_eos=True)):
        assert token == engine.logits(PROMPT + said).argmax()
        said.append(token)


def test_logprobs_are_the_models_own(engine):
    params = llm.SamplingParams(
        max_tokens=3, temperature=0.5, top_k=2, logit_bias={9: 4.0}, logprobs=5, ignore_eos=True
    )
    name = engine.add_session(PROMPT, params)
    rows = []
    while not engine.idle:
        rows += engine.step()
    said = []
    for row in rows:
        expected = log_softmax(engine.logits(PROMPT + said))
        order = np.argsort(-expected, kind="stable")[:5]
        assert [token for token, _ in row.top_logprobs] == order.tolist()
        np.testing.assert_allclose([value for _, value in row.top_logprobs], expected[order], atol=1e-4)
        np.testing.assert_allclose(row.logprob, expected[row.token], atol=1e-4)
        said.append(row.token)
    assert engine.output(name).logprobs == [row.logprob for row in rows]
