"""Graphs recorded and run by several threads, and runs still in flight."""

from __future__ import annotations

import threading
import time

import pytest

import vulkan_forge as vf
from graphs import LONG, N, full, value

pytestmark = pytest.mark.gpu


def test_other_threads_run_as_ever(scale):
    x, y, z = full(1), full(0), full(0)
    with vf.record() as graph:
        scale(x=x, y=y, alpha=2.0, threads=N)
        thread = threading.Thread(target=lambda: scale(x=x, y=z, alpha=3.0, threads=N))
        thread.start()
        thread.join()
        assert value(z) == 3
        failures = []

        def foreign():
            try:
                graph.fill(z, 0)
            except vf.StateError as error:
                failures.append(str(error))

        thread = threading.Thread(target=foreign)
        thread.start()
        thread.join()
        assert "not recording in this thread" in failures[0]
    assert len(graph) == 1


def test_a_block_ended_by_another_thread_is_dropped(scale):
    x, y = full(1), full(0)
    recording = vf.record()
    graph = recording.__enter__()
    failures = []

    def end():
        try:
            recording.__exit__(None, None, None)
        except vf.StateError as error:
            failures.append(str(error))

    thread = threading.Thread(target=end)
    thread.start()
    thread.join()
    assert "another thread" in failures[0]
    scale(x=x, y=y, alpha=4.0, threads=N)
    assert value(y) == 4
    with pytest.raises(vf.StateError):
        graph.run()


def test_threads_share_a_graph(device):
    counter = vf.Kernel(LONG, name="count")
    x = full(0)
    with vf.record() as graph:
        counter(x=x, rounds=1, add=1.0, threads=N)

    def work():
        for i in range(50):
            graph.run(add=1.0) if i % 2 else graph.run()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(x) == 200


def test_runs_in_flight_keep_their_own_values(device):
    kernel = vf.Kernel(LONG, name="slow")
    x = full(0, 4096)
    with vf.record() as graph:
        kernel(x=x, rounds=2000, add=1.0, threads=4096)
    amounts = [float(i % 23) for i in range(40)]  # more than may be on their way at once
    events = [graph.submit(add=amount) for amount in amounts] + [graph.submit() for _ in range(3)]
    for event in events:
        event.wait()
    assert value(x) == sum(amounts) + 3
    assert [event.number for event in events] == sorted(event.number for event in events)


def test_submit_does_not_wait(device):
    kernel = vf.Kernel(LONG, name="slow")
    x = full(0, 1 << 16)
    with vf.record() as graph:
        for _ in range(4):
            kernel(x=x, rounds=500, add=1.0, threads=1 << 16)
    graph.run()  # compiled and recorded
    start = time.perf_counter()
    event = graph.submit()
    submitted = time.perf_counter() - start
    event.wait()
    assert submitted < (time.perf_counter() - start) / 2
    graph.submit(after=event).wait()
    with pytest.raises(vf.ArgumentTypeError):
        graph.submit(after=3)
    assert value(x) == 12
