"""Reads the text in a picture, with the three networks of PP-OCR: where text is, which way up, and what it says.

    pip install "vulkan-forge[onnx,media]" scipy; pip install --no-deps rapidocr-onnxruntime
    python examples/onnx_read.py [picture]

Without a file it reads a picture that is drawn here, one line of it upside down.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

LINES, FLIPPED = [("Vulkan reads this", 40, 40), ("every line of it", 90, 170), ("Receipt 4711, 23.50", 30, 300)], 1


def drawn() -> Image.Image:
    picture, font = Image.new("RGB", (640, 416), "white"), ImageFont.load_default(size=48)
    for i, (text, x, y) in enumerate(LINES):
        line = Image.new("RGB", (530, 70), "white")
        ImageDraw.Draw(line).text((8, 4), text, "black", font)
        picture.paste(line.rotate(180) if i == FLIPPED else line, (x, y))
    return picture


def planes(picture: Image.Image, width: int, height: int) -> np.ndarray:
    """Blue, green and red from -1 to 1: (1, 3, height, width)."""
    pixels = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR), np.float32)[:, :, ::-1]
    return np.ascontiguousarray((pixels / 127.5 - 1).transpose(2, 0, 1)[None])


def boxes(chance: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Where text may be: left, top, right and bottom of what hangs together, and a little more."""
    from scipy import ndimage

    found = []
    for rows, columns in ndimage.find_objects(ndimage.label(chance > 0.3)[0]):
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if height > 4 and width > 8:
            more = int(0.6 * height)
            found.append((columns.start - height, rows.start - more, columns.stop + height, rows.stop + more))
    return sorted(found, key=lambda box: box[1])


def main() -> None:
    package = importlib.util.find_spec("rapidocr_onnxruntime")
    if not package or not package.origin or not all(map(importlib.util.find_spec, ("onnx", "scipy"))):
        print('needs: pip install "vulkan-forge[onnx,media]" scipy; pip install --no-deps rapidocr-onnxruntime')
        return
    import onnx

    from vulkan_forge.onnx import InferenceSession

    models = Path(package.origin).parent / "models"
    reader = onnx.load(models / "ch_PP-OCRv4_rec_infer.onnx")
    alphabet = ["", *next(e.value for e in reader.metadata_props if e.key == "character").splitlines(), " "]
    picture = Image.open(sys.argv[1]).convert("RGB") if sys.argv[1:] else drawn()
    with (
        InferenceSession(models / "ch_PP-OCRv4_det_infer.onnx") as finds,
        InferenceSession(models / "ch_ppocr_mobile_v2.0_cls_infer.onnx") as turns,
        InferenceSession(reader) as reads,
    ):
        width, height = (max(32, round(extent / 32) * 32) for extent in picture.size)
        places = finds.run(None, {"x": planes(picture, width, height)})[0][0, 0]
        for box in boxes(places):
            line = picture.resize((width, height)).crop(box)
            if turns.run(None, {"x": planes(line, 192, 48)})[0].argmax() == 1:
                line = line.rotate(180)
            chance = reads.run(None, {"x": planes(line, max(48, line.width * 48 // line.height), 48)})[0][0]
            best = chance.argmax(axis=1)
            print("".join(alphabet[i] for i, before in zip(best, [0, *best], strict=False) if i != before))


if __name__ == "__main__":
    main()
