"""Prepared calls, and what kernels and calls say once they are closed."""

import copy
import pickle

import numpy as np
import pytest

import vulkan_forge as vf
from kernels import ONES, SAXPY, inputs, saxpy

pytestmark = pytest.mark.gpu


def test_prepared_calls_run_again_and_again(any_device):
    kernel = vf.Kernel(SAXPY, device=any_device)
    x = vf.asarray(np.ones(100, np.float32), device=any_device)
    y = vf.asarray(np.zeros(100, np.float32), device=any_device)
    call = kernel.prepare(x=x, y=y, n=100, alpha=2.0, threads=100)
    assert not np.asarray(y).any()
    for _ in range(50):
        call()
    assert (np.asarray(y) == 100).all()
    with x.map() as view:
        view[:] = 0
    call()
    assert (np.asarray(y) == 100).all()


def test_a_prepared_call_holds_what_it_needs():
    kernel = vf.Kernel(SAXPY)
    y = vf.asarray(np.zeros(100, np.float32))
    call = kernel.prepare(x=vf.asarray(np.ones(100, np.float32)), y=y, n=100, alpha=1.0, threads=100)
    kernel.close()
    del kernel
    churn = [vf.asarray(np.full(100, 9, np.float32)) for _ in range(5)]
    call()
    call()
    assert y.tolist() == [2] * 100
    y.close()
    call()
    del churn


def test_a_kernel_that_an_argument_closes():
    kernel = vf.Kernel(SAXPY)

    class Closing:
        def __index__(self):
            kernel.close()
            return 100

    x, y = (vf.asarray(np.full(100, i, np.float32)) for i in (1, 0))
    kernel.prepare(x=x, y=y, n=Closing(), alpha=2.0, threads=100)()
    assert y.tolist() == [2] * 100


def test_a_prepared_call_takes_no_borrowed_memory():
    x, y = inputs()
    with pytest.raises(
        vf.ArgumentTypeError, match=r"argument x of a prepared call.*vf\.asarray\(a\) or vf\.from_host\(a\)"
    ):
        saxpy().prepare(x=x, y=vf.asarray(y), n=100, alpha=1.0, threads=100)


def test_a_prepared_call_of_nothing():
    y = vf.asarray(np.zeros(4, np.float32))
    saxpy().prepare(x=y, y=y, n=4, alpha=1.0, threads=0)()


def test_methods_raise_after_close():
    kernel = vf.Kernel(ONES)
    x = vf.asarray(np.zeros(4, np.uint32))
    call = kernel.prepare(x=x, threads=4)
    with call as same:
        assert same is call
    with pytest.raises(vf.StateError, match=r"Call was used after close\(\)"):
        call()
    assert call.closed
    call.close()
    with kernel as same:
        assert same is kernel
    kernel.close()
    calls = [
        lambda: kernel(x=x, threads=4),
        lambda: kernel.prepare(x=x, threads=4),
        lambda: kernel.name,
        lambda: kernel.device,
        lambda: kernel.workgroup,
        lambda: kernel.parameters,
        kernel.explain,
    ]
    for refused in calls:
        with pytest.raises(vf.StateError, match=r"Kernel was used after close\(\)") as caught:
            refused()
        assert caught.value.code == "CLOSED"
    assert x.tolist() == [0] * 4


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_no_copies(duplicate):
    call = saxpy().prepare(x=vf.empty(1), y=vf.empty(1), n=1, alpha=1.0, threads=1)
    for thing in (saxpy(), call):
        with pytest.raises(TypeError, match="owns native memory and cannot be copied or pickled"):
            duplicate(thing)
