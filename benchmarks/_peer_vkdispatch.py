"""vkdispatch, which carries VkFFT; its own generated FFTs refuse 2^20 on CPU drivers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import vkdispatch as vd

Run = Callable[[], object]


class Peer:
    """The rows vkdispatch can do; each gives an action that ends when the device has finished."""

    name = "VkFFT"

    def __init__(self) -> None:
        vd.make_context(device_ids=[0])  # it leaves CPU drivers out of its own choice

    def fft(self, x: np.ndarray) -> Run:
        held = vd.asbuffer(x)
        transform = vd.vkfft.fft if x.ndim == 1 else vd.vkfft.fft2

        def run() -> None:
            transform(held)
            vd.queue_wait_idle()

        return run
