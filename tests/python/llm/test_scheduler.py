"""The scheduler and its pages without a device: random arrivals and cancels, and ten thousand sessions."""

import random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import vulkan_forge as vf
from vulkan_forge._vulkan_forge import _testing

SIZES = {"most_sessions": 3, "batch_tokens": 12, "chunk_tokens": 5, "context": 24, "pages": 9, "page_tokens": 4}


def next_token(tokens):
    """What the made-up model says: it depends on all tokens before, as a model's answer does."""
    return hash(tuple(tokens)) % 5


class Simulator:
    """Runs a scheduler and remembers, page by page, what a device would have written."""

    def __init__(self, **sizes):
        self.sizes = {**SIZES, **sizes}
        self.native = _testing.Scheduler(**self.sizes)
        self.wanted = {}  # session: (prompt, most_said)
        self.memory = {}  # (page, place): the tokens up to there
        self.finished = {}

    def add(self, prompt, most_said, priority=0):
        session = self.native.add(prompt, most_said, priority)
        self.wanted[session] = (list(prompt), most_said)
        return session

    def remove(self, session):
        assert self.native.remove(session) == (session in self.wanted)
        self.wanted.pop(session, None)

    def step(self):
        parts = self.native.plan()
        size = self.sizes["page_tokens"]
        assert sum(end - begin for _, begin, end, _ in parts) <= self.sizes["batch_tokens"]
        speakers = [part for part in parts if part[2] - part[1] == 1 and part[3]]
        others = sum(end - begin for _, begin, end, _ in parts) - len(speakers)
        if speakers and others:
            assert others <= max(self.sizes["chunk_tokens"], self.sizes["batch_tokens"] - len(speakers))
        said = []
        for session, begin, end, speaks in parts:
            tokens, pages, running = self.native.session(session)
            assert running
            assert len(pages) * size >= end
            for at in range(begin):  # what the device reads is what it once computed for the same tokens
                assert self.memory[pages[at // size], at % size] == tuple(tokens[: at + 1])
            for at in range(begin, end):
                self.memory[pages[at // size], at % size] = tuple(tokens[: at + 1])
            assert speaks == (end == len(tokens))
            if speaks:
                said.append(next_token(tokens))
        self.native.done(parts, said)
        for session, _, _, speaks in parts:
            tokens, _, _ = self.native.session(session)
            prompt, most_said = self.wanted[session]
            if speaks and len(tokens) - len(prompt) >= most_said:
                self.finished[session] = tokens
                self.remove(session)
        return parts

    def check(self):
        counts = self.native.counts()
        holders = {}
        for session in self.wanted:
            for page in self.native.session(session)[1]:
                holders[page] = holders.get(page, 0) + 1
        for page in range(1, self.sizes["pages"] + 1):
            assert self.native.holders(page) == holders.get(page, 0)
        assert counts["used_pages"] == len(holders) <= self.sizes["pages"]
        assert counts["running"] <= self.sizes["most_sessions"]
        assert counts["running"] + counts["waiting"] == len(self.wanted)

    def run_out(self, most_steps=10_000):
        for _ in range(most_steps):
            if not self.wanted:
                return
            assert self.step(), "nobody goes on"
        raise AssertionError("somebody waits for ever")


def alone(prompt, most_said):
    tokens = list(prompt)
    for _ in range(most_said):
        tokens.append(next_token(tokens))
    return tokens


class Machine(RuleBasedStateMachine):
    policy = "fcfs"

    def __init__(self):
        super().__init__()
        self.simulator = Simulator(policy=self.policy)
        self.expected = {}

    @rule(
        prompt=st.lists(st.integers(0, 1), min_size=1, max_size=16),
        most_said=st.integers(1, 8),
        priority=st.integers(0, 3),
    )
    def add(self, prompt, most_said, priority):
        session = self.simulator.add(prompt, most_said, priority)
        self.expected[session] = alone(prompt, most_said)

    @precondition(lambda self: self.simulator.wanted)
    @rule(data=st.data())
    def cancel(self, data):
        self.simulator.remove(data.draw(st.sampled_from(sorted(self.simulator.wanted))))

    @rule()
    def cancel_what_is_not_there(self):
        self.simulator.remove(10**9)

    @rule(steps=st.integers(1, 6))
    def go_on(self, steps):
        for _ in range(steps):
            self.simulator.step()
            self.simulator.check()

    @invariant()
    def pages_are_accounted_for(self):
        self.simulator.check()

    def teardown(self):
        self.simulator.run_out()
        self.simulator.check()
        for session, tokens in self.simulator.finished.items():
            assert tokens == self.expected[session]


class PriorityMachine(Machine):
    policy = "priority"


Machine.TestCase.settings = PriorityMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None
)
TestFcfs = Machine.TestCase
TestPriority = PriorityMachine.TestCase


@pytest.mark.parametrize("policy", ["fcfs", "priority"])
def test_ten_thousand_sessions(policy):
    """Random arrivals and cancels under memory pressure: no leak, nobody waits for ever."""
    chance = random.Random(0)
    simulator = Simulator(policy=policy, most_sessions=16, batch_tokens=64, chunk_tokens=24, pages=20, context=48)
    for _ in range(10_000):
        prompt = [chance.randrange(2) for _ in range(chance.randint(1, 12))]
        session = simulator.add(prompt, chance.randint(1, 4), chance.randrange(4))
        if chance.random() < 0.1:
            simulator.remove(session)
        while simulator.native.counts()["waiting"] > 40:
            simulator.step()
    simulator.run_out()
    simulator.check()
    counts = simulator.native.counts()
    assert counts["used_pages"] == 0
    assert counts["preemptions"] > 0
    assert counts["shared_tokens"] > 0


def test_urgent_sessions_overtake():
    simulator = Simulator(policy="priority", most_sessions=1, aging_steps=100)
    slow = [simulator.add([0] * 4, 4, 5) for _ in range(3)]
    urgent = simulator.add([1] * 4, 1, 0)
    simulator.run_out()
    order = list(simulator.finished)
    assert order.index(urgent) <= 1  # only the one that ran already is before it
    assert order[-1] == slow[-1]


def test_waiting_makes_urgent():
    """A stream of urgent sessions that never ends cannot hold a patient one back for ever."""
    simulator = Simulator(policy="priority", most_sessions=1, aging_steps=4)
    patient = simulator.add([0] * 4, 2, 3)
    for _ in range(200):
        if patient in simulator.finished:
            return
        simulator.add([1] * 4, 1, 0)
        simulator.step()
    raise AssertionError("it waits for ever")


def test_common_beginnings_are_computed_once():
    simulator = Simulator()
    simulator.add([1] * 12, 2)
    simulator.run_out()
    simulator.add([1] * 12 + [0], 2)
    parts = simulator.step()
    assert parts[0][1] == 12  # begins behind what is known
    assert simulator.native.counts()["shared_tokens"] == 12


def test_nothing_is_shared_where_not_wanted():
    simulator = Simulator(share_prefixes=False)
    for _ in range(2):
        simulator.add([1] * 12, 2)
        simulator.run_out()
    assert simulator.native.counts()["shared_tokens"] == 0


def test_too_long_is_refused_with_the_numbers():
    scheduler = _testing.Scheduler(**SIZES)
    with pytest.raises(vf.LimitError, match=r"1 to 24 tokens.*20 of prompt and up to 5"):
        scheduler.add([0] * 20, 5)
    with pytest.raises(vf.LimitError):
        scheduler.add([], 5)
    assert scheduler.counts()["waiting"] == 0
    with pytest.raises(vf.InputError, match="token or more for each"):
        _testing.Scheduler(most_sessions=5, batch_tokens=4)
    with pytest.raises(vf.InputError, match="without room"):
        _testing.Scheduler(pages=0)
