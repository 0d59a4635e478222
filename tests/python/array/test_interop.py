"""With torch and JAX (the extra `interop`; skipped where they are not installed), both ways and on one memory."""

import gc
import weakref

import numpy as np
import pytest

import vulkan_forge as vf

pytestmark = pytest.mark.gpu
torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
jnp = jax.numpy
jax.config.update("jax_enable_x64", True)

DTYPES = [
    *("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
]
# By address: a descriptor would have to start where some devices want it, at multiples of 256 bytes.
DOUBLE = """
#extension GL_EXT_buffer_reference : require
layout(local_size_x = 64) in;
layout(buffer_reference, buffer_reference_align = 4) buffer Floats { float at[]; };
layout(push_constant) uniform Push { Floats x; uint n; };
void main() { if (gl_GlobalInvocationID.x < n) x.at[gl_GlobalInvocationID.x] *= 2.0; }
"""


def address(values):
    return np.asarray(values).ctypes.data


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3), (2, 1, 3)])
def test_torch_both_ways(shared, dtype, shape):
    x = vf.asarray(np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype), device=shared)
    tensor = torch.from_dlpack(x)
    assert (tuple(tensor.shape), str(tensor.dtype)) == (shape, f"torch.{dtype}")
    back = vf.from_dlpack(tensor, device=shared)
    assert (back.dtype, back.shape) == (x.dtype, shape)
    if x.size:
        assert tensor.data_ptr() == address(x) == address(back)
    np.testing.assert_array_equal(np.asarray(back), np.asarray(x))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3), (2, 1, 3)])
def test_jax_both_ways(shared, dtype, shape):
    x = vf.asarray(np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype), device=shared)
    taken = jnp.from_dlpack(x)
    assert (taken.shape, taken.dtype) == (shape, x.dtype)
    back = vf.from_dlpack(taken, device=shared)
    assert (back.dtype, back.shape) == (x.dtype, shape)
    if x.size:
        assert taken.unsafe_buffer_pointer() == address(x) == address(back)
    np.testing.assert_array_equal(np.asarray(back), np.asarray(x))


def test_kernels_work_on_a_tensors_memory(shared):
    tensor = torch.arange(1000, dtype=torch.float32)
    vf.Kernel(DOUBLE, device=shared)(x=vf.from_dlpack(tensor, device=shared), n=1000, threads=1000)
    assert torch.equal(tensor, 2 * torch.arange(1000, dtype=torch.float32))


def test_torch_writes_into_an_array(shared):
    x = vf.asarray(np.zeros((2, 3), np.float32), device=shared)
    torch.from_dlpack(x)[1] = 7
    assert x.tolist() == [[0, 0, 0], [7, 7, 7]]


def test_strides_of_torch(shared):
    square = torch.arange(24).reshape(4, 6)
    for part in (square.T, square[:, ::2], square[1:3, 1:], square[0].expand(3, 6), square[:0]):
        x = vf.from_dlpack(part, device=shared)
        np.testing.assert_array_equal(np.asarray(x), part.numpy())
        again = torch.from_dlpack(x)
        assert torch.equal(again, part)
        if part.numel():
            assert (again.stride(), again.data_ptr()) == (part.stride(), part.data_ptr())


def test_jax_takes_transposed_arrays_and_copies_unaligned_ones(shared):
    turned = vf.from_host(np.arange(6.0).reshape(2, 3).T, device=shared)
    np.testing.assert_array_equal(jnp.from_dlpack(turned), np.asarray(turned))
    raw = np.zeros(1024, np.uint8)
    start = -raw.ctypes.data % 64 + 8
    unaligned = vf.from_host(raw[start : start + 80].view(np.float64), device=shared)
    assert jnp.from_dlpack(unaligned).unsafe_buffer_pointer() != address(unaligned)
    with pytest.raises(ValueError, match="not aligned"):
        jnp.from_dlpack(unaligned, copy=False)
    assert all(address(vf.empty(count, device=shared)) % 64 == 0 for count in (1, 3, 65, 1000))


@pytest.mark.parametrize("take", [torch.from_dlpack, jnp.from_dlpack])
def test_an_axis_that_runs_backwards_is_refused(shared, take):
    x = vf.from_host(np.arange(6.0)[::-1], device=shared)
    with pytest.raises(BufferError, match=r"runs backwards.*vf\.asarray\(x\)"):
        take(x)
    assert take(vf.asarray(x, copy=True)).tolist() == [5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize("take", [torch.from_dlpack, jnp.from_dlpack])
def test_sharing_is_seen_and_a_copy_is_not(shared, take):
    x = vf.asarray(np.arange(4.0), device=shared)
    shares = take(x, copy=False)
    copied = torch.from_dlpack(x, copy=True)  # JAX 0.10 shares all the same
    with x.map() as view:
        view[:] = 0
    assert np.asarray(shares).tolist() == [0, 0, 0, 0]
    assert copied.tolist() == [0, 1, 2, 3]


def test_arrays_that_never_change_are_not_written(shared):
    for source in (jnp.arange(5, dtype=jnp.float32), read_only(np.arange(5, dtype=np.float32))):
        x = vf.from_dlpack(source, device=shared)
        assert not x.writable
        with pytest.raises(vf.ReadOnlyError):
            vf.Kernel(DOUBLE, device=shared)(x=x, n=5, threads=5)
        assert vf.from_dlpack(source, device=shared, copy=True).writable
    assert vf.from_dlpack(torch.zeros(3), device=shared).writable


def read_only(values):
    values.flags.writeable = False
    return values


def test_results_still_being_computed_are_waited_for(shared):
    big = jnp.ones((512, 512), jnp.float32)
    assert np.asarray(vf.from_dlpack(big @ big, device=shared)).min() == 512


@pytest.mark.parametrize("take", [torch.from_dlpack, jnp.from_dlpack])
def test_the_device_is_waited_for(shared, take):
    x = vf.asarray(np.ones(1 << 20, np.float32), device=shared)
    recorder, kernel = vf.Recorder(device=shared), vf.Kernel(DOUBLE, device=shared)
    with recorder:
        for _ in range(5):
            recorder.run(kernel, x=x, n=x.size, threads=x.size)
    assert float(take(x)[-1]) == 32


@pytest.mark.parametrize("take", [torch.from_dlpack, jnp.from_dlpack])
def test_each_keeps_the_others_memory(shared, take):
    x = vf.asarray(np.arange(1000.0), device=shared)
    taken = take(x)
    x.close()
    gc.collect()
    assert shared.counts()["buffers"] == 1
    assert float(taken[999]) == 999
    del taken
    gc.collect()
    assert shared.counts()["buffers"] == 0


def test_a_tensors_memory_lives_as_long_as_the_array(shared):
    tensor = torch.arange(1000.0)
    storage = weakref.ref(tensor)
    x = vf.from_dlpack(tensor, device=shared)
    del tensor
    gc.collect()
    churn = [torch.full((1000,), 9.0) for _ in range(10)]
    assert x.tolist() == list(range(1000))
    x.close()
    del x, churn
    gc.collect()
    assert storage() is None
    assert shared.counts()["imports"] == 0


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: torch.ones(3).to(torch.float8_e4m3fn), vf.DtypeError, "got float of format .* bits: 8"),
        (lambda: torch.ones(3, requires_grad=True), BufferError, "detach"),
        (lambda: torch.ones(3, dtype=torch.complex64).conj(), BufferError, "conjugate"),
        (lambda: torch.eye(3).to_sparse(), BufferError, "strided"),
        (lambda: torch.ones(3, device="meta"), ValueError, "meta"),
    ],
)
def test_tensors_that_cannot_be_shared_say_why(shared, make, error, text):
    with pytest.raises(error, match=text):
        vf.from_dlpack(make(), device=shared)
    assert shared.counts()["imports"] == 0


@pytest.mark.parametrize("tensor", [torch.tensor([1.0, -2.0], dtype=torch.bfloat16), jnp.array([1, -2], jnp.bfloat16)])
def test_bfloat16_is_shared(shared, tensor):
    x = vf.from_dlpack(tensor, device=shared)
    assert x.dtype.name == "bfloat16"
    assert x.tolist() == [1, -2]


@pytest.mark.parametrize("tensor", [torch.ones(3), jnp.ones(3, jnp.float32)])
def test_kernels_and_makers_name_from_dlpack(shared, tensor):
    kernel = vf.Kernel(DOUBLE, device=shared)
    for call in (lambda: kernel(x=tensor, n=3, threads=3), lambda: vf.from_host(tensor, device=shared)):
        with pytest.raises(vf.ArgumentTypeError, match=r"vf\.from_dlpack"):
            call()
    assert vf.asarray(tensor, device=shared).tolist() == [1, 1, 1]


def test_numbers_of_torch_and_jax_are_numbers(shared):
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) buffer R { float r[]; };
        layout(push_constant) uniform Push { float a; };
        void main() { r[0] = a; }""",
        device=shared,
    )
    for number in (torch.tensor(2.5), jnp.float32(2.5)):
        r = np.zeros(1, np.float32)
        kernel(r=r, a=number, threads=1)
        assert r[0] == 2.5
