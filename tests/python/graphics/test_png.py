"""PNG files against Pillow, and against pictures packed by hand for what Pillow cannot write."""

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}
DEPTHS = {GRAY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GRAY_ALPHA: (8, 16), RGBA: (8, 16)}
FORMATS = [(color, depth) for color, depths in DEPTHS.items() for depth in depths]
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
WHOLE = [(0, 0, 1, 1)]


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def header(width: int, height: int, depth: int, color: int, interlaced: bool = False) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced))


def packed_rows(samples: np.ndarray, depth: int) -> bytes:
    bits = (samples.reshape(len(samples), -1, 1) >> np.arange(depth)[::-1]) & 1
    rows = np.packbits(bits.reshape(len(samples), -1).astype(np.uint8), axis=1)
    return b"".join(b"\0" + row.tobytes() for row in rows)


def png_of(samples: np.ndarray, depth: int, color: int, interlaced: bool = False, extra: bytes = b"") -> bytes:
    height, width = samples.shape[:2]
    passes = [samples[y::dy, x::dx] for x, y, dx, dy in (ADAM7 if interlaced else WHOLE)]
    data = b"".join(packed_rows(part, depth) for part in passes if part.size)
    end = chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return header(width, height, depth, color, interlaced) + extra + end


def make_samples(color: int, depth: int, height: int, width: int) -> np.ndarray:
    rng = np.random.default_rng(depth * 10 + color)
    return rng.integers(0, 2**depth, (height, width, CHANNELS[color]))


def expanded(samples: np.ndarray, depth: int, color: int, palette: np.ndarray) -> np.ndarray:
    """What the samples mean as RGBA8, in plain NumPy."""
    if color == PALETTE:
        return palette[samples[..., 0]]
    eight = np.rint(samples * (255 / (2**depth - 1))).astype(np.uint8)
    colors = eight[..., [0, 0, 0]] if color in (GRAY, GRAY_ALPHA) else eight[..., :3]
    alpha = eight[..., -1:] if color in (GRAY_ALPHA, RGBA) else np.full_like(eight[..., :1], 255)
    return np.concatenate([colors, alpha], axis=-1)


def palette_of(depth: int, transparent: int = 0) -> tuple[np.ndarray, bytes]:
    colors = np.random.default_rng(depth).integers(0, 256, (2 ** min(depth, 8), 4), dtype=np.uint8)
    colors[transparent:, 3] = 255
    chunks = chunk(b"PLTE", colors[:, :3].tobytes())
    return colors, chunks + (chunk(b"tRNS", colors[:transparent, 3].tobytes()) if transparent else b"")


def picture(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def read(path: Path, data: bytes) -> np.ndarray:
    path.write_bytes(data)
    return vf.png_to_numpy(path)


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("size", [(1, 1), (5, 7), (16, 33)])
@pytest.mark.parametrize(("color", "depth"), FORMATS)
def test_every_format_becomes_rgba8(tmp_path, color, depth, size, interlaced):
    samples = make_samples(color, depth, *size)
    palette, chunks = palette_of(depth)
    got = read(tmp_path / "a.png", png_of(samples, depth, color, interlaced, chunks if color == PALETTE else b""))
    assert got.dtype == np.uint8
    assert got.flags.c_contiguous
    assert got.flags.writeable
    np.testing.assert_array_equal(got, expanded(samples, depth, color, palette))


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("color", "depth"), [(c, d) for c, d in FORMATS if d <= 8])
def test_every_format_reads_as_pillow_reads_it(tmp_path, color, depth, interlaced):
    _, chunks = palette_of(depth, transparent=2)
    data = png_of(make_samples(color, depth, 9, 13), depth, color, interlaced, chunks if color == PALETTE else b"")
    np.testing.assert_array_equal(read(tmp_path / "a.png", data), Image.open(io.BytesIO(data)).convert("RGBA"))


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_a_palette_with_transparency(tmp_path, depth):
    samples = make_samples(PALETTE, depth, 8, 8)
    palette, chunks = palette_of(depth, transparent=2)
    got = read(tmp_path / "a.png", png_of(samples, depth, PALETTE, extra=chunks))
    np.testing.assert_array_equal(got, palette[samples[..., 0]])


@pytest.mark.parametrize(("color", "depth"), [(c, d) for c, d in FORMATS if c in (GRAY, RGB)])
def test_one_transparent_color(tmp_path, color, depth):
    samples = make_samples(color, depth, 6, 6)
    key = samples[2, 3]
    transparency = chunk(b"tRNS", struct.pack(f">{len(key)}H", *key))
    got = read(tmp_path / "a.png", png_of(samples, depth, color, extra=transparency))
    want = expanded(samples, depth, color, np.zeros((1, 4)))
    want[(samples == key).all(-1), 3] = 0
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_files_of_pillow(tmp_path, mode):
    source = Image.fromarray(picture(31, 17, 4)).convert(mode)
    source.save(tmp_path / "a.png")
    np.testing.assert_array_equal(vf.png_to_numpy(tmp_path / "a.png"), source.convert("RGBA"))


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"gAMA", struct.pack(">I", 100000)),
        chunk(b"sRGB", b"\0"),
        chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
        chunk(b"iCCP", b"odd\0\0" + zlib.compress(b"not a profile")),
        chunk(b"zTXt", b"bomb\0\0" + zlib.compress(bytes(50_000_000))),
        chunk(b"sBIT", b"\5\5\5\5"),
        chunk(b"bKGD", struct.pack(">3H", 1, 2, 3)),
    ],
    ids=["gAMA", "sRGB", "cHRM", "iCCP", "zTXt", "sBIT", "bKGD"],
)
def test_bytes_are_payload(tmp_path, extra):
    samples = make_samples(RGBA, 8, 4, 4)
    np.testing.assert_array_equal(read(tmp_path / "a.png", png_of(samples, 8, RGBA, extra=extra)), samples)


def test_the_array_outlives_everything_and_is_its_own(tmp_path):
    vf.numpy_to_png(tmp_path / "a.png", picture(4, 4, 4))
    first, second = vf.png_to_numpy(tmp_path / "a.png"), vf.png_to_numpy(tmp_path / "a.png")
    view = first[1:]
    first[:] = 0
    del first
    assert not view.any()
    assert second.any()


# ---------------------------------------------------------------- files that cannot be read


def refuse(path, *words: str) -> None:
    with pytest.raises(RuntimeError, match=r"^failed to open PNG") as caught:
        vf.png_to_numpy(path)
    assert isinstance(caught.value, OSError)
    for word in words:
        assert word in str(caught.value)


def test_a_missing_file(tmp_path):
    refuse(tmp_path / "none.png", "none.png", "No such file or directory")
    refuse(tmp_path / "none" / "none.png", "No such file or directory")
    refuse("", "No such file or directory")


def test_a_directory(tmp_path):
    refuse(tmp_path, "Is a directory")


@pytest.mark.parametrize("data", [b"", b"\x89PNG", b"GIF89a" + bytes(100), bytes(1000), b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_png(tmp_path, data):
    (tmp_path / "a.png").write_bytes(data)
    refuse(tmp_path / "a.png", "a.png")


@pytest.mark.parametrize("interlaced", [False, True])
def test_a_file_cut_anywhere(tmp_path, interlaced):
    whole = png_of(make_samples(RGBA, 8, 20, 20), 8, RGBA, interlaced)
    for length in range(0, len(whole), 11):
        (tmp_path / "a.png").write_bytes(whole[:length])
        refuse(tmp_path / "a.png")


def test_a_flipped_bit_anywhere(tmp_path):
    whole = png_of(make_samples(RGB, 8, 6, 6), 8, RGB)
    for position in range(len(whole)):
        broken = bytearray(whole)
        broken[position] ^= 4
        (tmp_path / "a.png").write_bytes(broken)
        refuse(tmp_path / "a.png")


def test_a_checksum_that_is_wrong(tmp_path):
    whole = bytearray(png_of(make_samples(RGB, 8, 6, 6), 8, RGB))
    whole[29] ^= 1  # the last of IHDR
    (tmp_path / "a.png").write_bytes(whole)
    refuse(tmp_path / "a.png", "CRC")


MEASURE = """
import re, sys, vulkan_forge
for path in sys.argv[1:]:
    try:
        vulkan_forge.png_to_numpy(path)
    except OSError as error:
        print(str(error)[:18])
# Not ru_maxrss, which a child takes over from its parent.
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


def test_dimensions_that_a_file_cannot_hold_take_no_memory(tmp_path):
    sizes = [
        (2**31 - 1, 2**31 - 1),
        (2**31 - 1, 1),
        (1, 2**31 - 1),
        (60000, 17000),
        (2**31, 1),
        (0, 1),
        (1, 0),
    ]
    paths = []
    for i, (width, height) in enumerate(sizes):
        paths.append(tmp_path / f"{i}.png")
        data = chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
        paths[-1].write_bytes(header(width, height, 16, RGBA) + data)
    run = subprocess.run([sys.executable, "-c", MEASURE, *paths], capture_output=True, text=True, check=True)
    *messages, megabytes = run.stdout.split("\n")[:-1]
    assert messages == ["failed to open PNG"] * len(sizes)
    # AddressSanitizer keeps shadow memory and freed blocks of its own.
    assert int(megabytes) < (2000 if "libasan" in os.environ.get("LD_PRELOAD", "") else 400)


def test_a_limit_on_memory(tmp_path):
    bomb = header(40000, 40000, 1, GRAY) + chunk(b"IDAT", zlib.compress(bytes(5001 * 40000), 9)) + chunk(b"IEND", b"")
    assert len(bomb) < 250_000  # and 6.4 GB as RGBA
    (tmp_path / "a.png").write_bytes(bomb)
    refuse(tmp_path / "a.png", "40000 x 40000", "max_bytes")
    vf.numpy_to_png(tmp_path / "b.png", picture(10, 10))
    assert vf.png_to_numpy(tmp_path / "b.png", max_bytes=400).shape == (10, 10, 4)
    with pytest.raises(OSError, match="max_bytes"):
        vf.png_to_numpy(tmp_path / "b.png", max_bytes=399)


# ---------------------------------------------------------------- writing


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (3, 5), (67, 129), (300, 500)])
def test_pillow_reads_what_we_write(tmp_path, size, channels, level):
    image = picture(*size) if channels == 1 else picture(*size, channels)
    vf.numpy_to_png(tmp_path / "a.png", image, level=level)
    with Image.open(tmp_path / "a.png") as read_back:
        assert read_back.mode == {1: "L", 3: "RGB", 4: "RGBA"}[channels]
        assert not read_back.info
        np.testing.assert_array_equal(read_back, image)


shapes = st.tuples(st.integers(1, 40), st.integers(1, 40), st.sampled_from([3, 4])) | st.tuples(
    st.integers(1, 40), st.integers(1, 40)
)


@settings(deadline=None)
@given(image=shapes.flatmap(lambda shape: hnp.arrays(np.uint8, shape)), level=st.sampled_from([1, 2]))
def test_a_round_trip_is_exact(tmp_path_factory, image, level):
    path = tmp_path_factory.getbasetemp() / "round_trip.png"
    vf.numpy_to_png(path, image, level=level)
    got = vf.png_to_numpy(path)
    colors = image[..., None].repeat(3, -1) if image.ndim == 2 else image[..., :3]
    alpha = image[..., 3] if image.shape[2:] == (4,) else np.full(image.shape[:2], 255)
    np.testing.assert_array_equal(got, np.dstack([colors, alpha]))


@pytest.mark.parametrize("kind", ["flat", "ramp", "steps", "rare", "noise"])
def test_large_pictures_of_every_kind(tmp_path, kind):
    rng = np.random.default_rng(1)
    shape = (301, 517, 4)
    image = {
        "flat": np.full(shape, 7),
        "ramp": np.broadcast_to(np.arange(517)[None, :, None] // 3, shape),
        "steps": rng.integers(0, 3, (301, 517, 1)).repeat(4, -1).cumsum(1),
        "rare": (rng.random(shape) < 1e-4) * 255,
        "noise": rng.integers(0, 256, shape),
    }[kind]
    image = np.ascontiguousarray(image.astype(np.uint8))
    vf.numpy_to_png(tmp_path / "a.png", image)
    np.testing.assert_array_equal(vf.png_to_numpy(tmp_path / "a.png"), image)
    with Image.open(tmp_path / "a.png") as read_back:
        np.testing.assert_array_equal(read_back, image)


def test_files_are_compressed(tmp_path):
    y, x = np.mgrid[:240, :320]
    image = np.stack([x * 255 // 320, y, (x + y) // 3, np.full_like(x, 255)], -1).astype(np.uint8)
    sizes = {level: len(native.encode_png(image, level=level)) for level in (1, 2, 3)}
    assert sizes[2] < sizes[1] < image.nbytes / 5
    assert sizes[3] <= sizes[2] < image.nbytes / 40


def test_noise_grows_by_next_to_nothing():
    image = picture(500, 500, 4)
    assert len(native.encode_png(image)) < image.nbytes * 1.002


def test_encoded_bytes_are_those_of_the_file(tmp_path):
    image = picture(20, 30, 3)
    vf.numpy_to_png(tmp_path / "a.png", image)
    assert native.encode_png(image) == (tmp_path / "a.png").read_bytes()


def test_read_only_arrays_and_one_row_in_any_order(tmp_path):
    image = picture(5, 4, 3)
    image.flags.writeable = False
    vf.numpy_to_png(tmp_path / "a.png", image)
    vf.numpy_to_png(tmp_path / "a.png", np.asfortranarray(picture(1, 9)))  # C order as well


# ---------------------------------------------------------------- arrays that are refused

UNSUPPORTED = "unsupported array; expected uint8 (H,W), (H,W,3) or (H,W,4)"
LAST = "expected last dimension to be 3 (RGB) or 4 (RGBA)"
STRIDED = "C-contiguous"


@pytest.mark.parametrize(
    ("array", "text"),
    [
        ([[1, 2], [3, 4]], UNSUPPORTED),
        (None, UNSUPPORTED),
        (b"abc", UNSUPPORTED),
        (np.zeros((2, 2), np.float32), UNSUPPORTED),
        (np.zeros((2, 2), np.int8), UNSUPPORTED),
        (np.zeros((2, 2), bool), UNSUPPORTED),
        (np.zeros((2, 2), "V1"), UNSUPPORTED),
        (np.uint8(3), UNSUPPORTED),
        (np.zeros(4, np.uint8), UNSUPPORTED),
        (np.zeros((1, 2, 2, 3), np.uint8), UNSUPPORTED),
        (np.zeros((4, 4), np.uint16).T[::-1], UNSUPPORTED),  # dtype before layout
        (np.asfortranarray(picture(4, 5)), STRIDED),
        (np.asfortranarray(picture(4, 5, 3)), STRIDED),
        (np.asfortranarray(picture(4, 5, 2)), STRIDED),  # layout before the last dimension
        (picture(4, 5, 4)[:, ::2], STRIDED),
        (picture(4, 5, 4)[::-1], STRIDED),
        (picture(4, 5, 4)[:, ::-1], STRIDED),
        (picture(4, 5, 4)[..., :3], STRIDED),
        (np.broadcast_to(picture(5), (4, 5)), STRIDED),
        (picture(4, 5, 1), LAST),
        (picture(4, 5, 2), LAST),
        (picture(4, 5, 5), LAST),
        (picture(4, 5, 0), LAST),
        (picture(0, 5), "width and height must be > 0"),
        (picture(5, 0, 4), "width and height must be > 0"),
    ],
)
def test_refused_arrays(tmp_path, array, text):
    for error in (RuntimeError, ValueError):
        with pytest.raises(error) as caught:
            vf.numpy_to_png(tmp_path / "none" / "a.png", array)  # the array is looked at before the file
        assert text in str(caught.value)
        with pytest.raises(error):
            native.encode_png(array)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("level", [-1, 0, 4])
def test_refused_levels(tmp_path, level):
    with pytest.raises(ValueError, match="level must be 1, 2 or 3"):
        vf.numpy_to_png(tmp_path / "a.png", picture(2, 2), level=level)


@pytest.mark.parametrize("text", [{"Title": "\ud800"}, {"\udfff": "a"}])
def test_halves_of_surrogate_pairs_are_refused(tmp_path, text):
    with pytest.raises(vf.InputError, match=r"^text holds what is no character; .* got '\\ud[8f]"):
        vf.numpy_to_png(tmp_path / "a.png", picture(2, 2), text=text)
    with pytest.raises(vf.InputError, match=r"^level holds what is no character"):
        vf.numpy_to_png(tmp_path / "a.png", picture(2, 2), level="\ud800")
    with pytest.raises(vf.ArgumentTypeError, match=r"^dpi must be a number; .*str"):
        vf.numpy_to_png(tmp_path / "a.png", picture(2, 2), dpi="many")
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------- files that cannot be written


def refuse_write(path, *words: str) -> None:
    with pytest.raises(RuntimeError, match=r"^failed to write PNG") as caught:
        vf.numpy_to_png(path, picture(300, 300, 4))
    assert isinstance(caught.value, OSError)
    for word in words:
        assert word in str(caught.value)


def test_a_missing_folder(tmp_path):
    refuse_write(tmp_path / "none" / "a.png", "none/a.png", "No such file or directory")
    assert not list(tmp_path.iterdir())


def test_a_folder_as_target(tmp_path):
    refuse_write(tmp_path, "Is a directory")
    assert not list(tmp_path.iterdir())


def test_a_file_as_folder(tmp_path):
    (tmp_path / "file").touch()
    refuse_write(tmp_path / "file" / "a.png", "Not a directory")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("level", [1, 2])
def test_a_full_disk(level):
    for size in (2, 300):  # found when closing, and while writing
        with pytest.raises(OSError, match="No space left on device"):
            vf.numpy_to_png("/dev/full", picture(size, size), level=level)
    assert Path("/dev/full").is_char_device()


FULL = """
import resource, signal, sys, numpy, vulkan_forge
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
image = numpy.random.default_rng(0).integers(0, 256, (200, 200), dtype=numpy.uint8)
try:
    vulkan_forge.numpy_to_png(sys.argv[1], image)
except OSError as error:
    print(error)
"""


def test_a_write_that_fails_halfway_leaves_the_old_file(tmp_path):
    vf.numpy_to_png(tmp_path / "a.png", picture(2, 2))
    before = (tmp_path / "a.png").read_bytes()
    run = subprocess.run([sys.executable, "-c", FULL, tmp_path / "a.png"], capture_output=True, text=True, check=True)
    assert "File too large" in run.stdout
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == before


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path):
    path = tmp_path / "a.png"
    vf.numpy_to_png(path, picture(2, 2))
    path.chmod(0o640)
    reader = path.open("rb")
    vf.numpy_to_png(path, picture(300, 300))
    assert len(reader.read()) < 200  # who had it open still sees the old one
    assert path.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    reader.close()


def test_a_new_file_obeys_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        vf.numpy_to_png(tmp_path / "a.png", picture(2, 2))
    finally:
        os.umask(old)
    assert (tmp_path / "a.png").stat().st_mode & 0o777 == 0o640


def test_links_are_followed(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link.png").symlink_to("there/a.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    refuse_write(tmp_path / "loop.png", "Too many levels of symbolic links")
    for _ in range(2):  # dangling, then whole
        vf.numpy_to_png(tmp_path / "link.png", picture(3, 3))
        assert (tmp_path / "link.png").is_symlink()
        assert vf.png_to_numpy(tmp_path / "there" / "a.png").shape == (3, 3, 4)


# ---------------------------------------------------------------- paths


class Somewhere:
    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return self.path


@pytest.mark.parametrize(
    "name",
    [
        "plain.png",
        "with space.png",
        "größe-地形-🏔.png",
        os.fsdecode(b"\xff\xfe.png"),
        "no_suffix",
        "n" * 250 + ".png",
    ],
)
def test_any_name(tmp_path, name):
    path = tmp_path / name
    for form in (path, str(path), os.fsencode(path), Somewhere(str(path))):
        vf.numpy_to_png(form, picture(3, 2))
        assert vf.png_to_numpy(form).shape == (3, 2, 4)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_relative_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    vf.numpy_to_png("a.png", picture(3, 2))
    assert vf.png_to_numpy("a.png").shape == (3, 2, 4)


def test_a_message_can_show_any_name(tmp_path):
    refuse(tmp_path / "größe.png", "größe.png")
    refuse(os.fsencode(tmp_path) + b"/\xff.png", r"\xff.png")


@pytest.mark.parametrize("path", [None, 3, 1.5, [], Somewhere(3)])
def test_what_is_no_path(path):
    with pytest.raises(TypeError):
        vf.png_to_numpy(path)
    with pytest.raises(TypeError):
        vf.numpy_to_png(path, picture(2, 2))


def test_a_null_character():
    with pytest.raises(ValueError, match="null"):
        vf.png_to_numpy("a\0b.png")


@pytest.mark.parametrize("write", [vf.numpy_to_png, vf.graphics.write_png, lambda _, a: native.encode_png(a)])
def test_masks_are_not_lost(tmp_path, write):
    masked = np.ma.masked_array(np.zeros((2, 2), np.uint8), [[True, False], [False, False]])
    with pytest.raises(vf.ArgumentTypeError, match="masked array, whose mask would be lost"):
        write(tmp_path / "x.png", masked)
