"""Building blocks that run on the device: they take `Array` or C-contiguous ndarrays and return `Array`.

Calls return once the work is submitted; reading a result (`np.asarray`, `tolist`) waits for it. Where an argument is an
ndarray the call waits itself, since the device works on the caller's own memory.
"""

from vulkan_forge._tune import tune
from vulkan_forge._vulkan_forge import convolve, matmul, reduce, transpose

__all__ = ["matmul", "transpose"]
from vulkan_forge._vulkan_forge import reduce

__all__ = ["reduce", "transpose"]
__all__ = ["convolve", "matmul", "transpose"]
from vulkan_forge._vulkan_forge import (
    argsort,
    bincount,
    compact,
    convolve,
    fft,
    fft2,
    fftn,
    gather,
    histogram,
    ifft,
    ifft2,
    ifftn,
    irfft,
    irfft2,
    irfftn,
    matmul,
    nonzero,
    reduce,
    rfft,
    rfft2,
    rfftn,
    scan,
    scatter,
    segmented_reduce,
    sort,
    sort_pairs,
    transpose,
)

__all__ = [
    "argsort",
    "bincount",
    "compact",
    "convolve",
    "fft",
    "fft2",
    "fftn",
    "gather",
    "histogram",
    "ifft",
    "ifft2",
    "ifftn",
    "irfft",
    "irfft2",
    "irfftn",
    "matmul",
    "nonzero",
    "reduce",
    "rfft",
    "rfft2",
    "rfftn",
    "scan",
    "scatter",
    "segmented_reduce",
    "sort",
    "sort_pairs",
    "transpose",
]
__all__ = ["convolve", "matmul", "reduce", "transpose", "tune"]
