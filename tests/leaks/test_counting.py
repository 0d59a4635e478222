"""What counts leaks finds those that we make."""

import os

import numpy as np
import pytest

import vulkan_forge as vf
from leaks import SANITIZED, SIZE, assert_clean

pytestmark = pytest.mark.gpu


def test_a_leak_is_found():
    kept = []
    if not SANITIZED:
        with pytest.raises(AssertionError):
            assert_clean(lambda: kept.append(np.ones(4 * SIZE)))
    with vf.Device() as device, pytest.raises(AssertionError):
        assert_clean(lambda: kept.append(vf.Buffer(16, device=device)), device)
    files = []
    with pytest.raises(AssertionError):
        assert_clean(lambda: files.append(os.dup(0)))
    for file in files:
        os.close(file)
