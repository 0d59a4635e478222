"""Hears which notes a tune is made of, with the network of Spotify's basic-pitch.

    pip install "vulkan-forge[onnx]" basic-pitch --no-deps
    python examples/onnx_notes.py [nmp.onnx]

The tune is made here, of a few overtones, so that what the network hears can be compared with what was played.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np

RATE, SAMPLES, FRAMES_A_SECOND = 22050, 43844, 22050 / 256
NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
TUNE = [(60, 0.0, 0.45), (64, 0.45, 0.45), (67, 0.9, 0.45), (72, 1.35, 0.5)]  # MIDI number, start and length in s


def played(tune: list[tuple[int, float, float]]) -> np.ndarray:
    """Samples of shape (1, 43844, 1): each note with five overtones that fade."""
    time = np.arange(SAMPLES) / RATE
    sound = np.zeros(SAMPLES)
    for number, start, length in tune:
        since = time - start
        loudness = np.where((since >= 0) & (since < length), np.exp(-3 * since) * np.minimum(since * 200, 1), 0)
        pitch = 440 * 2 ** ((number - 69) / 12)
        sound += loudness * sum(np.sin(2 * np.pi * pitch * k * since) / k**1.5 for k in range(1, 7))
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)[None, :, None]


def heard(notes: np.ndarray, least: float = 0.5) -> list[tuple[int, float]]:
    """MIDI numbers and starts of what sounds for a tenth of a second or more; `notes` is (frames, 88)."""
    found = []
    for key in range(88):
        sounds = np.concatenate([[False], notes[:, key] > least, [False]])
        edges = np.flatnonzero(np.diff(sounds.astype(int)))
        for first, end in edges.reshape(-1, 2):
            if end - first > 0.1 * FRAMES_A_SECOND:
                found.append((key + 21, first / FRAMES_A_SECOND))
    return sorted(found, key=lambda note: note[1])


def model_path() -> Path | None:
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    package = importlib.util.find_spec("basic_pitch")
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "saved_models" / "icassp_2022" / "nmp.onnx"


def main() -> None:
    path = model_path()
    if path is None or importlib.util.find_spec("onnx") is None:
        print('needs: pip install "vulkan-forge[onnx]"; pip install --no-deps basic-pitch')
        return
    from vulkan_forge.onnx import InferenceSession

    with InferenceSession(path) as session:
        (port,) = session.get_inputs()
        notes = session.run(["StatefulPartitionedCall:1"], {port.name: played(TUNE)})[0][0]
    for number, start in heard(notes):
        print(f"{start:5.2f} s  {NAMES[number % 12]}{number // 12 - 1}")
    print("played:", " ".join(f"{NAMES[n % 12]}{n // 12 - 1}" for n, _, _ in TUNE))


if __name__ == "__main__":
    main()
