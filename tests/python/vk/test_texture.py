"""Textures and samplers: texels come back, shaders read them as NumPy would, what does not fit is refused."""

import numpy as np
import pytest

import vulkan_forge as vf

pytestmark = pytest.mark.gpu

# format, dtype, channels, GLSL prefix of its sampler
FORMATS = [
    (f"{['r', 'rg', 'x', 'rgba'][channels - 1]}{bits}{suffix}", f"{family}{bits}", channels, prefix)
    for suffix, family, prefix, sizes in [
        ("", "uint", "", (8, 16)),
        ("f", "float", "", (16, 32)),
        ("ui", "uint", "u", (8, 16, 32)),
        ("i", "int", "i", (8, 16, 32)),
    ]
    for bits in sizes
    for channels in (1, 2, 4)
]
USUAL = {
    "uint8": "",
    "int8": "i",
    "uint16": "ui",
    "int16": "i",
    "uint32": "ui",
    "int32": "i",
    "float16": "f",
    "float32": "f",
}


def texels(dtype, shape, seed=0):
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return rng.standard_normal(shape).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype, endpoint=True)


def made(*args, **options):
    try:
        return vf.Texture(*args, **options)
    except vf.UnsupportedError as error:
        pytest.skip(str(error))


def sampler_kernel(prefix="", dims=2, dtype="float", head=""):
    """Reads texels by integer coordinates (texelFetch)."""
    at = {1: "int(i % w)", 2: "ivec2(i % w, i / w)", 3: "ivec3(i % w, i / w % h, i / (w * h))"}[dims]
    return vf.Kernel(
        f"""{head}
        layout(local_size_x = 64) in;
        layout(binding = 0) uniform {prefix}sampler{dims}D t;
        layout(binding = 1) writeonly buffer Y {{ {prefix}vec4 y[]; }};
        layout(push_constant) uniform Push {{ uint w, h; }};
        void main() {{ uint i = gl_GlobalInvocationID.x; if (i < y.length()) y[i] = texelFetch(t, {at}, 0); }}"""
    )


def seen(array):
    """What a shader sees: fractions of unorm formats."""
    return array


@pytest.mark.parametrize(("name", "dtype", "channels", "prefix"), FORMATS, ids=[row[0] for row in FORMATS])
@pytest.mark.parametrize("extent", [(1, 1), (5, 7)])
def test_texels_of_each_format_come_back_and_are_read(name, dtype, channels, prefix, extent):
    shape = extent if channels == 1 else (*extent, channels)
    array = texels(dtype, shape)
    texture = made(array, format=name)
    assert (texture.format, texture.dtype, texture.shape, texture.kind) == (name, array.dtype, shape, "2d")
    back = texture.read()
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)
    kernel = sampler_kernel(prefix)
    y = np.zeros((*extent, 4), {"": np.float32, "u": np.uint32, "i": np.int32}[prefix])
    kernel(t=texture, y=y, w=extent[1], h=extent[0], threads=extent[0] * extent[1])
    wanted = array.reshape(*extent, channels).astype(y.dtype)
    if np.dtype(dtype).kind == "u" and prefix == "":
        wanted /= np.iinfo(dtype).max
    np.testing.assert_allclose(y[..., :channels], wanted, rtol=1e-6)


@pytest.mark.parametrize("dtype", USUAL)
@pytest.mark.parametrize("channels", [1, 2, 4])
def test_usual_formats(dtype, channels):
    shape = (3, 4) if channels == 1 else (3, 4, channels)
    texture = made(np.zeros(shape, dtype))
    assert texture.format == f"{['r', 'rg', '', 'rgba'][channels - 1]}{np.dtype(dtype).itemsize * 8}{USUAL[dtype]}"
    assert not texture.read().any()


@pytest.mark.parametrize(
    ("kind", "shape", "dims"),
    [
        ("1d", (9,), 1),
        ("1d", (9, 2), 1),
        ("2d", (4, 9), 2),
        ("3d", (3, 4, 9), 3),
        ("3d", (3, 4, 9, 2), 3),
        (None, (2, 3, 4, 1), 3),
    ],
)
def test_shapes(kind, shape, dims):
    array = texels("float32", shape)
    texture = vf.Texture(array, kind=kind)
    assert texture.kind == f"{dims}d"
    np.testing.assert_array_equal(texture.read().reshape(shape), array)
    count = int(np.prod(shape[:dims]))
    y = np.zeros((count, 4), np.float32)
    extent = shape[:dims][::-1]
    sampler_kernel(dims=dims)(t=texture, y=y, w=extent[0], h=extent[1] if dims > 1 else 1, threads=count)
    channels = shape[dims] if len(shape) > dims else 1
    np.testing.assert_array_equal(y[:, :channels], array.reshape(count, channels))


def test_layers():
    array = texels("float32", (3, 4, 5))
    texture = vf.Texture(array, kind="2d_array")
    np.testing.assert_array_equal(texture.read(), array)
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) uniform sampler2DArray t;
        layout(binding = 1) buffer Y { float y[]; };
        void main() { uint i = gl_GlobalInvocationID.x; y[i] = texelFetch(t, ivec3(i % 5, i / 5 % 4, i / 20), 0).r; }"""
    )
    y = np.zeros_like(array)
    kernel(t=texture, y=y, threads=60)
    np.testing.assert_array_equal(y, array)
    with pytest.raises(vf.ShapeError, match=r"2d_array \(sampler2DArray\); got 2d"):
        kernel(t=vf.Texture(array[0].copy()), y=y, threads=60)


SAMPLE = """
layout(local_size_x = 1) in;
layout(binding = 0) uniform sampler2D t;
layout(binding = 1) readonly buffer At { vec2 at[]; };
layout(binding = 2) buffer Y { float y[]; };
void main() { uint i = gl_GlobalInvocationID.x; y[i] = texture(t, at[i]).r; }
"""
WRAPS = {
    "clamp": lambda i, n: np.clip(i, 0, n - 1),
    "repeat": lambda i, n: i % n,
    "mirror": lambda i, n: (lambda m: np.where(m < n, m, 2 * n - 1 - m))(i % (2 * n)),
}


def bilinear(array, at, wrap, linear):
    height, width = array.shape
    x, y = at[:, 0] * width, at[:, 1] * height
    index = lambda i, j: array[wrap(j, height), wrap(i, width)]
    if not linear:
        return index(np.floor(x).astype(int), np.floor(y).astype(int))
    x, y = x - 0.5, y - 0.5
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    u, v = x - i, y - j
    top = index(i, j) * (1 - u) + index(i + 1, j) * u
    return top * (1 - v) + (index(i, j + 1) * (1 - u) + index(i + 1, j + 1) * u) * v


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("filter_", ["nearest", "linear"])
def test_filters_and_wraps_match_numpy(filter_, wrap):
    array = texels("float32", (6, 5))
    texture = made(array, filter=filter_, wrap=wrap)
    rng = np.random.default_rng(1)
    at = rng.uniform(-2.5, 3.5, (500, 2)).astype(np.float32)
    y = np.zeros(500, np.float32)
    vf.Kernel(SAMPLE)(t=texture, at=at, y=y, threads=500)
    wanted = bilinear(array, at.astype(np.float64), WRAPS[wrap], filter_ == "linear")
    close = np.isclose(y, wanted, atol=0.04 if filter_ == "linear" else 1e-6)  # weights of 8 bits are allowed
    assert close.mean() > 0.99  # coordinates at a texel's edge may fall to either side


def test_coordinates_in_texels():
    array = texels("float32", (6, 5))
    texture = made(array, normalized=False)
    assert not texture.sampler.normalized
    j, i = np.indices((6, 5)).reshape(2, -1)
    y = np.zeros(30, np.float32)
    at = np.stack([i + 0.5, j + 0.5], 1).astype(np.float32)
    vf.Kernel(SAMPLE)(t=texture, at=at, y=y, threads=30)
    np.testing.assert_array_equal(y, array.ravel())
    with pytest.raises(vf.InputError, match=r'wrap="repeat" with normalized=False'):
        vf.Texture(array, normalized=False, wrap="repeat")
    with pytest.raises(vf.InputError, match="normalized=False of a 3d texture"):
        vf.Texture(texels("float32", (2, 2, 2)), kind="3d", normalized=False)


def test_samplers_apart_from_textures():
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) uniform texture2D t;
        layout(binding = 1) uniform sampler s;
        layout(binding = 2) buffer Y { float y[]; };
        void main() { y[0] = texture(sampler2D(t, s), vec2(1.25, 0.5)).r; }"""
    )
    texture = vf.Texture(np.array([[10, 20]], np.float32))
    y = np.zeros(1, np.float32)
    for sampler, wanted in [(vf.Sampler(), 20), (vf.Sampler(wrap="repeat"), 10), (texture, 20)]:
        kernel(t=texture, s=sampler, y=y, threads=1)
        assert y[0] == wanted
    with pytest.raises(vf.ArgumentTypeError, match=r"expected texture2D; got a Sampler; give a vf\.Texture"):
        kernel(t=vf.Sampler(), s=texture, y=y, threads=1)
    with pytest.raises(vf.ArgumentTypeError, match="expected sampler"):
        kernel(t=texture, s=y, y=y, threads=1)
    assert repr(vf.Sampler(filter="linear")) == "Sampler(filter='linear', wrap='clamp', normalized=True)"
    for wrong in ({"filter": "cubic"}, {"wrap": "border"}):
        with pytest.raises(vf.InputError, match="unknown"):
            vf.Sampler(**wrong)


STORED = [
    ("r32f", "float32", ""),
    ("rgba8", "uint8", ""),
    ("rgba16f", "float16", ""),
    ("r32ui", "uint32", "u"),
    ("r32i", "int32", "i"),
    ("rgba32f", "float32", ""),
]


@pytest.mark.parametrize(("name", "dtype", "prefix"), STORED, ids=[row[0] for row in STORED])
def test_storage_images(name, dtype, prefix):
    kernel = vf.Kernel(
        f"""layout(local_size_x = 8, local_size_y = 8) in;
        layout(binding = 0, {name}) readonly uniform {prefix}image2D a;
        layout(binding = 1, {name}) writeonly uniform {prefix}image2D b;
        void main() {{
          ivec2 at = ivec2(gl_GlobalInvocationID.xy), size = imageSize(a);
          if (all(lessThan(at, size))) imageStore(b, size - 1 - at, imageLoad(a, at));
        }}"""
    )
    channels = 4 if name.startswith("rgba") else 1
    shape = (13, 9) if channels == 1 else (13, 9, 4)
    array = texels(dtype, shape)
    a, b = made(array, format=name), vf.Texture.zeros((13, 9), name)
    assert a.storable
    kernel(a=a, b=b, threads=(9, 13))
    np.testing.assert_array_equal(b.read(), array[::-1, ::-1])
    recorder = vf.Recorder()
    with recorder:
        recorder.run(kernel, a=b, b=a, threads=(9, 13))
        recorder.run(kernel, a=a, b=b, threads=(9, 13))
    np.testing.assert_array_equal(b.read(), array[::-1, ::-1])
    np.testing.assert_array_equal(a.read(), array)


def test_one_texture_stored_then_sampled_in_one_submission():
    store = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0, r32f) uniform image2D t;
        void main() { ivec2 at = ivec2(gl_GlobalInvocationID.xy); imageStore(t, at, imageLoad(t, at) * 2.0); }"""
    )
    texture, y = vf.Texture(np.full((4, 4), 3, np.float32)), vf.asarray(np.zeros((16, 4), np.float32))
    recorder, fetch = vf.Recorder(), sampler_kernel()
    with recorder:
        for _ in range(3):
            recorder.run(store, t=texture, threads=(4, 4))
        recorder.run(fetch, t=texture, y=y, w=4, h=4, threads=16)
    assert (np.asarray(y)[:, 0] == 24).all()
    with pytest.raises(vf.InputError, match="bound twice, sampled and as a storage image"):
        vf.Kernel(
            """layout(binding = 0, r32f) uniform image2D a; layout(binding = 1) uniform sampler2D b;
            void main() { imageStore(a, ivec2(0), texelFetch(b, ivec2(0), 0)); }"""
        )(a=texture, b=texture, threads=1)


def test_atomics_on_images():
    kernel = vf.Kernel(
        """layout(local_size_x = 64) in;
        layout(binding = 0, r32ui) uniform uimage2D t;
        void main() { imageAtomicAdd(t, ivec2(gl_GlobalInvocationID.x % 3, 0), 1u); }"""
    )
    texture = vf.Texture.zeros((1, 3), "r32ui")
    kernel(t=texture, threads=640)
    assert texture.read().tolist() == [[214, 213, 213]]


def test_prepared_calls():
    texture = vf.Texture(np.full((2, 2), 5, np.float32))
    y = vf.asarray(np.zeros((4, 4), np.float32))
    call = sampler_kernel().prepare(t=texture, y=y, w=2, h=2, threads=4)
    call()
    assert np.asarray(y)[3, 0] == 5
    texture.write(np.full((2, 2), 6, np.float32))
    call()
    assert np.asarray(y)[3, 0] == 6


def test_what_the_shader_does_not_declare_is_refused():
    kernel = sampler_kernel()
    y = np.zeros((4, 4), np.float32)
    for wrong, error, text in [
        (vf.Texture(np.zeros(4, np.float32)), vf.ShapeError, r"2d \(sampler2D\); got 1d"),
        (vf.Texture(np.zeros((2, 2), np.int32)), vf.DtypeError, r"floats \(sampler2D\); got signed integers \(r32i\)"),
        (y, vf.ArgumentTypeError, r"sampler2D as a vf\.Texture"),
        (vf.asarray(y), vf.ArgumentTypeError, r"vf\.Texture"),
        (3, vf.ArgumentTypeError, "sampler2D"),
        (vf.Sampler(), vf.ArgumentTypeError, "got a Sampler"),
    ]:
        with pytest.raises(error, match=text):
            kernel(t=wrong, y=y, w=2, h=2, threads=4)
    with pytest.raises(vf.ArgumentTypeError, match=r"argument y.*got a Texture"):
        kernel(t=vf.Texture(y), y=vf.Texture(y), w=2, h=2, threads=4)
    stored = vf.Kernel("layout(binding = 0, r32f) uniform image2D t; void main() { imageStore(t, ivec2(0), vec4(1)); }")
    with pytest.raises(vf.DtypeError, match=r"another format.*expected r32f; got rgba8; declare layout\(rgba8\)"):
        stored(t=vf.Texture(np.zeros((2, 2, 4), np.uint8)), threads=1)
    with pytest.raises(vf.ShaderError, match="cannot bind"):
        vf.Kernel("layout(binding = 0) uniform samplerCube t; layout(binding=1) buffer Y { vec4 y[]; };"
                  "void main() { y[0] = texture(t, vec3(1)); }")  # fmt: skip


@pytest.mark.parametrize(
    ("array", "options", "error", "text"),
    [
        (np.zeros((4, 4, 3), np.uint8), {}, vf.ShapeError, "RGB: add a fourth channel"),
        (np.zeros((4, 4, 5), np.float32), {}, vf.ShapeError, 'kind="3d"'),
        (np.zeros((2, 3, 4, 4, 4), np.float32), {}, vf.ShapeError, "shape"),
        (np.zeros((), np.float32), {}, vf.ShapeError, "shape"),
        (np.zeros((0, 4), np.float32), {}, vf.ShapeError, "no texels"),
        (np.zeros((4, 4), np.float64), {}, vf.DtypeError, "no texture format holds this dtype.*float64"),
        (np.zeros((4, 4), np.float32), {"format": "rgba8"}, vf.DtypeError, "uint8, 4 channels; got float32, 1"),
        (np.zeros((4, 4), np.float32), {"format": "bgra"}, vf.InputError, "unknown texture format"),
        (np.zeros((4, 4), np.float32)[:, ::2], {}, vf.LayoutError, "not C-contiguous"),
        (np.zeros((4, 4), np.uint32), {"filter": "linear"}, vf.InputError, "texture of integers"),
        (np.zeros((4, 4), np.float32), {"kind": "cube"}, vf.InputError, "unknown kind"),
        ([[1.0]], {}, vf.ArgumentTypeError, "not a NumPy array"),
    ],
)
def test_arrays_that_are_no_textures(array, options, error, text):
    with pytest.raises(error, match=text):
        vf.Texture(array, **options)


def test_limits(device):
    most = device.limits["max_image_2d"]
    with pytest.raises(vf.LimitError, match=f"width of at most {most}; got {most + 1}"):
        vf.Texture.zeros((1, most + 1), "r8")
    with pytest.raises(vf.LimitError, match="height"):
        vf.Texture.zeros((1 << 40, 1), "r8")


def test_writing():
    texture = vf.Texture(np.zeros((3, 4), np.float32))
    array = texels("float32", (3, 4))
    texture.write(array)
    np.testing.assert_array_equal(texture.read(), array)
    with pytest.raises(vf.DtypeError, match="expected float32; got float64"):
        texture.write(np.zeros((3, 4)))
    with pytest.raises(vf.ShapeError, match=r"\(3, 4\)"):
        texture.write(np.zeros((4, 3), np.float32))
    texture.close()
    with pytest.raises(vf.StateError):
        texture.read()
    assert repr(texture) == "Texture(closed)"


def test_devices_that_copy(staging):
    array = texels("float32", (300, 200))
    texture = vf.Texture(array, device=staging)
    np.testing.assert_array_equal(texture.read(), array)
    with pytest.raises(vf.InputError, match=r"same vf\.Device"):
        sampler_kernel()(t=texture, y=np.zeros((4, 4), np.float32), w=2, h=2, threads=4)


@pytest.fixture
def staging():
    with vf._vulkan_forge._testing.open_device(force_staging=True) as device:
        yield device
