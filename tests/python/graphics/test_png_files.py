"""PNG files with more than eight bits, with palettes and texts, packed at every level, and written row by row."""

import io
import itertools
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import vulkan_forge as vf
from vulkan_forge import errors, graphics

LEVELS = ["fast", "default", "small"]
RNG = np.random.default_rng(3)  # for what may be anything


def smooth(height, width, channels=1, dtype=np.uint8):
    """Waves with some noise, so that every filter has a row where it is best."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[:height, :width]
    top = np.iinfo(dtype).max
    parts = [np.sin(x / (9 + k)) * np.cos(y / (7 + k)) * 0.4 + 0.5 for k in range(channels)]
    values = np.stack(parts, -1) * top + rng.normal(0, top / 100, (height, width, channels))
    values[::5] = values[::5, ::-1]
    return np.ascontiguousarray(np.clip(values, 0, top).astype(dtype).squeeze(-1 if channels == 1 else ()))


def kinds(height, width, channels):
    pattern = np.indices((height, width)).sum(axis=0) // 3 % 7 * 30
    text = (RNG.random((height // 4 + 1, width // 4 + 1)) < 0.2).repeat(4, 0).repeat(4, 1)[:height, :width] * 255
    images = [smooth(height, width), pattern, text, RNG.integers(0, 256, (height, width)), np.zeros((height, width))]
    for image in images:
        yield np.ascontiguousarray(np.stack([(image + 7 * k) for k in range(channels)], -1).astype(np.uint8))


def chunks_of(data):
    at = 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        body = data[at + 4 : at + 8 + size]
        assert zlib.crc32(body) == struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0]
        yield body[:4], body[4:]
        at += 12 + size


def png_text(key, value):
    body = b"tEXt" + key + b"\0" + value
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


# ---------------------------------------------------------------- what is packed is what comes back


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (7, 5), (90, 301), (700, 900)])
def test_others_read_what_we_write(tmp_path, level, channels, size):
    for image in kinds(*size, channels):
        path = tmp_path / "a.png"
        graphics.write_png(path, image, level=level)
        stream = zlib.decompress(b"".join(body for name, body in chunks_of(path.read_bytes()) if name == b"IDAT"))
        assert len(stream) == size[0] * (size[1] * channels + 1)
        with Image.open(path) as read_back:
            np.testing.assert_array_equal(np.asarray(read_back).reshape(image.shape), image)
        if channels > 2:
            np.testing.assert_array_equal(vf.png_to_numpy(path)[..., :channels], image)
        np.testing.assert_array_equal(graphics.read_png(path).pixels.reshape(image.shape), image)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_sixteen_bits(tmp_path, level, channels):
    image = smooth(61, 83, channels, np.uint16)
    graphics.write_png(tmp_path / "a.png", image, level=level)
    back = graphics.read_png(tmp_path / "a.png")
    assert (back.mode, back.bits) == (("gray", "gray+alpha", "RGB", "RGBA")[channels - 1], 16)
    assert back.pixels.dtype == np.uint16
    np.testing.assert_array_equal(back.pixels, image)
    eight = vf.png_to_numpy(tmp_path / "a.png")
    want = np.rint(image.reshape(61, 83, channels)[..., 0] / 257)
    np.testing.assert_allclose(eight[..., 0], want, atol=1)
    if channels == 1:
        with Image.open(tmp_path / "a.png") as pillow:
            np.testing.assert_array_equal(np.asarray(pillow), image)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 4), st.sampled_from(LEVELS), st.integers(0, 999))
def test_any_bytes_come_back(tmp_path_factory, height, width, channels, level, seed):
    rng = np.random.default_rng(seed)
    image = rng.choice(rng.integers(0, 256, 1 + seed % 9), (height, width, channels)).astype(np.uint8)
    data = io.BytesIO()
    path = tmp_path_factory.getbasetemp() / "any.png"
    graphics.write_png(path, image, level=level)
    data.write(path.read_bytes())
    np.testing.assert_array_equal(graphics.read_png(path).pixels.reshape(image.shape), image)
    np.testing.assert_array_equal(np.asarray(Image.open(data)).reshape(image.shape), image)


@pytest.mark.skipif(not shutil.which("pngfix"), reason="pngfix of libpng-tools is not installed")
def test_libpngs_own_checker_finds_nothing(tmp_path):
    for level in LEVELS:
        path = tmp_path / f"{level}.png"
        vf.numpy_to_png(path, smooth(700, 900, 4), level=level)
        checked = subprocess.run(["pngfix", path], capture_output=True, text=True)
        assert checked.returncode == 0
        assert checked.stdout.startswith("IDAT OK"), checked.stdout


def test_levels_have_names_and_numbers():
    image = smooth(300, 400, 4)
    sizes = []
    for number, name in enumerate(LEVELS, 1):
        data = vf.encode_png(image, level=name)
        assert data == vf.encode_png(image, level=number)
        sizes.append(len(data))
    assert vf.encode_png(image) == vf.encode_png(image, level="default")
    assert sizes == sorted(sizes, reverse=True)


def test_small_files_are_smaller_than_pillows():
    for image in kinds(400, 600, 4):
        data = io.BytesIO()
        Image.fromarray(image).save(data, "png")
        assert len(vf.encode_png(image, level="small")) < len(data.getvalue()) * 1.1


def test_the_same_bytes_whatever_the_threads():
    image = smooth(900, 1200, 4)
    assert len({vf.encode_png(image) for _ in range(5)}) == 1


# ---------------------------------------------------------------- what files say about themselves


def test_metadata(tmp_path):
    path = tmp_path / "a.png"
    text = {"Title": "Zugspitze", "Description": "Höhe 2962 m\nΔ 🏔", "Author": ""}
    vf.numpy_to_png(path, smooth(20, 30, 3), dpi=300, text=text, srgb=True)
    image = graphics.read_png(path)
    assert image.dpi == pytest.approx(300, abs=0.02)
    assert image.text == text
    assert image.srgb == 0
    assert image.palette is None
    with Image.open(path) as pillow:
        pillow.load()
        assert pillow.info["dpi"] == pytest.approx((300, 300), abs=0.02)
        assert pillow.info["srgb"] == 0
        assert dict(pillow.text) == text
    data = vf.encode_png(smooth(20, 30, 3), dpi=300, text=text, srgb=2)
    assert dict(chunks_of(data))[b"sRGB"] == b"\2"


def test_nothing_is_said_unasked():
    names = [name for name, _ in chunks_of(vf.encode_png(smooth(20, 30)))]
    assert names == [b"IHDR", b"IDAT", b"IEND"]


def test_metadata_change_no_pixel(tmp_path):
    image = smooth(20, 30, 4)
    vf.numpy_to_png(tmp_path / "a.png", image, dpi=72, srgb=3, text={"a": "b"})
    np.testing.assert_array_equal(vf.png_to_numpy(tmp_path / "a.png"), image)


@pytest.mark.parametrize("mode", ["P", "1", "L", "LA", "RGB", "RGBA", "I;16"])
def test_pillows_files(tmp_path, mode):
    gray = smooth(40, 50)
    picture = Image.fromarray(gray) if mode != "I;16" else Image.fromarray(gray.astype(np.uint16) * 250)
    picture = picture if mode in ("L", "I;16") else picture.convert(mode)
    picture.save(tmp_path / "a.png")
    image = graphics.read_png(tmp_path / "a.png")
    names = {"P": "palette", "1": "gray", "L": "gray", "LA": "gray+alpha", "I;16": "gray"}
    assert image.mode == names.get(mode, mode)
    if mode == "P":
        assert image.palette.shape[1] == 4
        np.testing.assert_array_equal(image.palette[image.pixels], np.asarray(picture.convert("RGBA")))
    elif mode == "1":
        assert image.bits == 1
        np.testing.assert_array_equal(image.pixels, np.asarray(picture) * 255)
    else:
        np.testing.assert_array_equal(image.pixels, np.asarray(picture))


def test_latin_texts_and_palettes_with_alpha(tmp_path):
    picture = Image.fromarray(RNG.integers(0, 4, (9, 9)).astype(np.uint8), "P")
    picture.putpalette([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    picture.save(tmp_path / "a.png", transparency=bytes([0, 128]))
    image = graphics.read_png(tmp_path / "a.png")
    assert image.palette[:3].tolist() == [[1, 2, 3, 0], [4, 5, 6, 128], [7, 8, 9, 255]]
    data = vf.encode_png(smooth(3, 3))
    (tmp_path / "b.png").write_bytes(data[:33] + png_text(b"Ort", "Höhe".encode("latin-1")) + data[33:])
    assert graphics.read_png(tmp_path / "b.png").text == {"Ort": "Höhe"}


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"level": "best"}, errors.InputError, "'fast', 'default' or 'small'"),
        ({"level": 9}, errors.InputError, "level must be 1, 2 or 3"),
        ({"level": 1.0}, errors.ArgumentTypeError, "level must be"),
        ({"dpi": 0}, errors.InputError, "dpi is out of range"),
        ({"dpi": "x"}, errors.ArgumentTypeError, "dpi must be a number"),
        ({"dpi": float("nan")}, errors.InputError, "dpi"),
        ({"dpi": 1e30}, errors.InputError, "dpi"),
        ({"srgb": 4}, errors.InputError, "sRGB intent"),
        ({"srgb": -1}, errors.InputError, "sRGB intent"),
        ({"srgb": "x"}, errors.ArgumentTypeError, "srgb"),
        ({"text": ["a"]}, errors.ArgumentTypeError, "a dict of str"),
        ({"text": {"a": 1}}, errors.ArgumentTypeError, "a dict of str"),
        ({"text": {"": "a"}}, errors.InputError, "a text's key"),
        ({"text": {"é": "a"}}, errors.InputError, "a text's key"),
        ({"text": {"a" * 80: "a"}}, errors.InputError, "a text's key"),
        ({"text": {"a": "\0"}}, errors.InputError, "null character"),
    ],
)
def test_refused_options(tmp_path, options, error, text):
    for call in (vf.encode_png, lambda array, **o: vf.numpy_to_png(tmp_path / "a.png", array, **o)):
        with pytest.raises(error) as caught:
            call(smooth(3, 4), **options)
        assert text in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "array",
    [np.zeros((3, 3)), np.zeros((3, 3, 5), np.uint8), np.zeros(3, np.uint8), [[1]], np.zeros((3, 3), np.int16)],
)
def test_refused_arrays(tmp_path, array):
    with pytest.raises(errors.InputError, match="uint8 or uint16"):
        graphics.write_png(tmp_path / "a.png", array)


# ---------------------------------------------------------------- quick and thorough reading agree


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_quick_reading_is_libpngs(tmp_path, channels):
    image = smooth(97, 131, channels)
    for filter_type in range(5):
        rows = b"".join(bytes([filter_type]) + filtered(image, y, filter_type) for y in range(97))
        path = tmp_path / "a.png"
        path.write_bytes(file_of(image, zlib.compress(rows), channels, parts=filter_type + 1))
        got = vf.png_to_numpy(path)
        expected = image.reshape(97, 131, channels)
        np.testing.assert_array_equal(got[..., :3], expected[..., :3] if channels > 1 else expected.repeat(3, -1))
        if channels == 4:
            np.testing.assert_array_equal(got, image)


def filtered(image, y, kind):
    """The differences of a row by the specification's words, byte by byte."""
    rows = image.reshape(len(image), -1).astype(int)
    unit = image.shape[2] if image.ndim == 3 else 1
    row, above = rows[y], rows[y - 1] if y else np.zeros_like(rows[0])
    left, corner = np.zeros_like(row), np.zeros_like(row)
    left[unit:], corner[unit:] = row[:-unit], above[:-unit]
    p = left + above - corner
    a, b, c = abs(p - left), abs(p - above), abs(p - corner)
    paeth = np.where((a <= b) & (a <= c), left, np.where(b <= c, above, corner))
    guess = [np.zeros_like(row), left, above, (left + above) // 2, paeth][kind]
    return ((row - guess) % 256).astype(np.uint8).tobytes()


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def file_of(image, packed, channels, parts):
    height, width = image.shape[:2]
    cuts = np.linspace(0, len(packed), parts + 1).astype(int)
    return file_of_parts(
        width, height, {1: 0, 3: 2, 4: 6}[channels], [packed[a:b] for a, b in itertools.pairwise(cuts)]
    )


def file_of_parts(width, height, color_type, parts):
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    data = b"".join(chunk(b"IDAT", part) for part in parts)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def test_a_broken_byte_anywhere_is_found_or_harmless(tmp_path):
    image = smooth(23, 31, 4)
    whole = vf.encode_png(image)
    for at in range(0, len(whole), 7):
        broken = bytearray(whole)
        broken[at] ^= 0x55
        (tmp_path / "a.png").write_bytes(broken)
        with pytest.raises(RuntimeError, match=r"^failed to open PNG"):
            vf.png_to_numpy(tmp_path / "a.png")


def strips_of(data):
    return [body for name, body in chunks_of(data) if name == b"IDAT"]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_stream_that_is_only_cut_like_strips(tmp_path, channels):
    image = smooth(700, 900, channels)
    graphics.write_png(tmp_path / "a.png", image)
    strips = strips_of((tmp_path / "a.png").read_bytes())
    assert len(strips) > 2
    packed = zlib.compress(zlib.decompress(b"".join(strips)))  # whose parts lean on those before them
    (tmp_path / "a.png").write_bytes(file_of(image, packed, channels, len(strips)))
    got = vf.png_to_numpy(tmp_path / "a.png")
    np.testing.assert_array_equal(got[..., : min(channels, 3)], image.reshape(700, 900, channels)[..., :3])


@pytest.mark.parametrize("strip", [0, 4, -1])
def test_a_broken_strip_with_a_right_checksum_of_its_chunk(tmp_path, strip):
    image = smooth(700, 900, 4)
    strips = strips_of(vf.encode_png(image))
    for at in (2, 200, len(strips[strip]) // 2, -9, -1):
        broken = bytearray(strips[strip])
        broken[at] ^= 0x10
        parts = [*strips]
        parts[strip] = bytes(broken)
        (tmp_path / "a.png").write_bytes(file_of_parts(900, 700, 6, parts))
        with pytest.raises(RuntimeError, match=r"^failed to open PNG"):
            vf.png_to_numpy(tmp_path / "a.png")


@pytest.mark.parametrize("damage", ["an early end", "a window of its own"])
def test_strips_that_no_stream_is_made_of(tmp_path, damage):
    image = smooth(700, 900, 4)
    strips = strips_of(vf.encode_png(image))
    first = bytearray(strips[0])
    if damage == "an early end":
        first[2] |= 1  # the first block says that it is the last
    else:
        first[0], first[1] = 0x88, 0x1C  # 64 KiB; the two are a multiple of 31
    parts = [bytes(first), *strips[1:]]
    (tmp_path / "a.png").write_bytes(file_of_parts(900, 700, 6, parts))
    with pytest.raises(RuntimeError, match=r"^failed to open PNG"):
        vf.png_to_numpy(tmp_path / "a.png")


def test_a_wrong_filter_stops_all_threads(tmp_path):
    rows = (256 << 10) // 2  # of a strip, where a row is a byte and its filter
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    first = packer.compress(b"\0\x55" * (rows - 1) + b"\7\x55") + packer.flush(zlib.Z_FULL_FLUSH)
    slow = b"\0\0\0\xff\xff" * 400_000  # blocks with nothing in them, before those of one row
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    last = slow + packer.compress(b"\0\x55") + packer.flush()
    sums = zlib.adler32(b"\0\x55" * (rows - 1) + b"\7\x55" + b"\0\x55")
    parts = [b"\x78\x01" + first, last + struct.pack(">I", sums)]
    (tmp_path / "a.png").write_bytes(file_of_parts(1, rows + 1, 0, parts))
    for _ in range(5):
        with pytest.raises(RuntimeError, match=r"^failed to open PNG"):
            vf.png_to_numpy(tmp_path / "a.png")


# ---------------------------------------------------------------- row by row


@pytest.mark.parametrize("pieces", [[700], [1] * 700, [0, 13, 687], [350, 350]])
def test_rows_give_the_same_picture(tmp_path, pieces):
    image = smooth(700, 400, 4)
    with graphics.PngWriter(tmp_path / "a.png", 400, 700) as writer:
        at = 0
        for count in pieces:
            writer.write(image[at : at + count])
            at += count
            assert writer.rows_left == 700 - at
    np.testing.assert_array_equal(vf.png_to_numpy(tmp_path / "a.png"), image)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_rows_of_every_format(tmp_path, dtype, channels):
    image = smooth(50, 60, channels, dtype)
    bits = 8 * image.itemsize
    with graphics.PngWriter(tmp_path / "a.png", 60, 50, channels=channels, bits=bits, dpi=96, text={"a": "b"}) as w:
        w.write(image[:20])
        w.write(image[20:])
    back = graphics.read_png(tmp_path / "a.png")
    np.testing.assert_array_equal(back.pixels, image)
    assert back.text == {"a": "b"}


def test_unfinished_pictures_leave_no_file(tmp_path):
    rows = smooth(5, 60, 4)
    writer = graphics.PngWriter(tmp_path / "a.png", 60, 50)
    writer.write(rows)
    with pytest.raises(errors.StateError, match="50 rows; got 5"):
        writer.close()
    writer.close()
    assert writer.closed
    with pytest.raises(errors.StateError, match="after close"):
        writer.write(rows)
    with pytest.raises(KeyError), graphics.PngWriter(tmp_path / "a.png", 60, 50) as writer:
        writer.write(rows)
        raise KeyError
    assert not list(tmp_path.iterdir())


def test_refused_rows(tmp_path):
    with graphics.PngWriter(tmp_path / "a.png", 60, 5, channels=3) as writer:
        for bad in (smooth(2, 60, 4), smooth(2, 59, 3), smooth(2, 60, 3, np.uint16), smooth(2, 60)):
            with pytest.raises(errors.ShapeError, match=r"uint8 \(rows, 60, 3\)"):
                writer.write(bad)
        with pytest.raises(errors.RangeError, match="at most 5; got 6"):
            writer.write(smooth(6, 60, 3))
        writer.write(smooth(5, 60, 3))
    for arguments in ((0, 5), (5, 0), (2**31, 1)):
        with pytest.raises(errors.InputError):
            graphics.PngWriter(tmp_path / "b.png", *arguments)
    for options in ({"channels": 5}, {"bits": 12}):
        with pytest.raises(errors.InputError, match="no format of a PNG"):
            graphics.PngWriter(tmp_path / "b.png", 5, 5, **options)
    with pytest.raises(OSError, match="No such file"):
        graphics.PngWriter(tmp_path / "none" / "b.png", 5, 5)
    with pytest.raises(TypeError, match="cannot be copied"):
        __import__("copy").copy(graphics.PngWriter(tmp_path / "b.png", 5, 5))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk():
    with pytest.raises(OSError, match="No space left"), graphics.PngWriter("/dev/full", 900, 900) as writer:
        writer.write(RNG.integers(0, 256, (900, 900, 4), dtype=np.uint8))


@pytest.mark.parametrize(
    ("bits", "value", "want"), [(1, 1, 255), (2, 2, 170), (4, 7, 119), (8, 40, 40), (16, 40_000, 40_000)]
)
def test_gray_that_is_seen_through(tmp_path, bits, value, want):
    rows = np.arange(16) % (1 << min(bits, 4)) if bits < 8 else np.array([value, 0, 1, 2] * 4)
    packed = (
        np.packbits(np.unpackbits(rows.astype(np.uint8)[:, None], axis=1)[:, 8 - bits :]).tobytes()
        if bits < 8
        else rows.astype(f">u{bits // 8}").tobytes()
    )
    header = struct.pack(">IIBBBBB", 16, 1, bits, 0, 0, 0, 0)
    (tmp_path / "a.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"tRNS", struct.pack(">H", value))
        + chunk(b"IDAT", zlib.compress(b"\0" + packed))
        + chunk(b"IEND", b"")
    )
    image = graphics.read_png(tmp_path / "a.png")
    assert (image.mode, image.bits, image.transparent) == ("gray", bits, (want,))
    np.testing.assert_array_equal(image.pixels[0] == want, rows == value)
    assert (vf.png_to_numpy(tmp_path / "a.png")[..., 3] == 0).sum() == (rows == value).sum() > 0


def test_a_colour_that_is_seen_through(tmp_path):
    pixels = smooth(9, 11, 3)
    Image.fromarray(pixels).save(tmp_path / "a.png", transparency=tuple(pixels[3, 4].tolist()))
    assert graphics.read_png(tmp_path / "a.png").transparent == tuple(pixels[3, 4].tolist())
    for channels in (1, 2, 3, 4):
        graphics.write_png(tmp_path / "b.png", smooth(9, 11, channels))
        assert graphics.read_png(tmp_path / "b.png").transparent is None


STREAMED = """
import resource, sys, numpy as np
from vulkan_forge import graphics
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = np.arange(8192 * 4 * 256, dtype=np.uint32).astype(np.uint8).reshape(256, 8192, 4)
with graphics.PngWriter(sys.argv[1], 8192, 8192) as writer:
    for _ in range(32):
        writer.write(rows)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""


def test_a_streamed_picture_is_never_there_as_a_whole(tmp_path):
    command = [sys.executable, "-c", STREAMED, tmp_path / "a.png"]
    grown = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert grown < 150  # MiB; the picture has 256
