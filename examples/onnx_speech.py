"""Finds when somebody speaks in a recording, with silero-vad.

    pip install "vulkan-forge[onnx]" scipy; pip install --no-deps silero-vad
    python examples/onnx_speech.py [recording.wav]    # 16 bits, 16 kHz

Without a file it listens to vowels that are made here, between noise, so that what it hears can be compared.
"""

from __future__ import annotations

import importlib.util
import sys
import wave
from pathlib import Path

import numpy as np

RATE, PIECE, CONTEXT = 16000, 512, 64
VOWELS = [(730, 1090, 2440), (270, 2290, 3010), (570, 840, 2410), (300, 870, 2240), (530, 1840, 2480)]  # formants in Hz
SPOKEN = [(1.0, 2.5), (4.0, 5.2)]  # seconds


def spoken(seconds: float) -> np.ndarray:
    """Syllables: pulses of a voice whose pitch falls, through the formants of one vowel after another."""
    from scipy.signal import lfilter

    time = np.arange(int(seconds * RATE)) / RATE
    pitch = 140 - 15 * time + 4 * np.sin(2 * np.pi * 5 * time)
    pulses = np.diff(np.floor(np.cumsum(pitch) / RATE), prepend=0) + 0.02 * np.random.default_rng(0).normal(
        size=len(time)
    )
    sound, syllable = np.zeros(len(time)), int(0.18 * RATE)
    for i, first in enumerate(range(0, len(time), syllable)):
        part = pulses[first : first + syllable]
        for formant, width in zip(VOWELS[i % len(VOWELS)], (80, 100, 140), strict=True):
            r = np.exp(-np.pi * width / RATE)
            part = lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * formant / RATE), r * r], part)
        sound[first : first + syllable] = part * np.sin(np.pi * np.arange(len(part)) / syllable) ** 0.5
    return 0.3 * sound / np.abs(sound).max()


def recording() -> np.ndarray:
    if len(sys.argv) > 1:
        with wave.open(sys.argv[1]) as file:
            return np.frombuffer(file.readframes(file.getnframes()), np.int16) / np.float32(32768)
    sound = np.random.default_rng(1).normal(0, 0.002, int(6.5 * RATE))
    for start, end in SPOKEN:
        voice = spoken(end - start)
        sound[int(start * RATE) : int(start * RATE) + len(voice)] += voice
    return sound.astype(np.float32)


def main() -> None:
    package = importlib.util.find_spec("silero_vad")
    if package is None or package.origin is None or not all(map(importlib.util.find_spec, ("onnx", "scipy"))):
        print('needs: pip install "vulkan-forge[onnx]" scipy; pip install --no-deps silero-vad')
        return
    from vulkan_forge.onnx import InferenceSession

    sound = np.pad(recording(), (CONTEXT, PIECE))
    state, heard = np.zeros((2, 1, 128), np.float32), []
    with InferenceSession(Path(package.origin).parent / "data" / "silero_vad.onnx") as session:
        for first in range(CONTEXT, len(sound) - PIECE, PIECE):  # each piece with the end of the one before
            piece = sound[None, first - CONTEXT : first + PIECE]
            chance, state = session.run(None, {"input": piece, "state": state, "sr": np.array(RATE, np.int64)})
            heard.append(chance[0, 0] > (0.35 if heard and heard[-1] else 0.5))  # one does not stop within a word
    edges = np.flatnonzero(np.diff(np.concatenate([[0], heard, [0]])))
    for start, end in edges.reshape(-1, 2) * PIECE / RATE:
        if end - start > 0.2:
            print(f"{start:5.2f} to {end:5.2f} s")


if __name__ == "__main__":
    main()
