"""Building blocks that run on the device: they take `Array` or C-contiguous ndarrays and return `Array`.

Calls return once the work is submitted; reading a result (`np.asarray`, `tolist`) waits for it. Where an argument is an
ndarray the call waits itself, since the device works on the caller's own memory.
"""

from vulkan_forge._vulkan_forge import (
    fft,
    fft2,
    fftn,
    ifft,
    ifft2,
    ifftn,
    irfft,
    irfft2,
    irfftn,
    rfft,
    rfft2,
    rfftn,
)

__all__ = [
    "fft",
    "fft2",
    "fftn",
    "ifft",
    "ifft2",
    "ifftn",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftn",
    argsort,
    bincount,
    compact,
    convolve,
    gather,
    histogram,
    matmul,
    nonzero,
    reduce,
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
    "gather",
    "histogram",
    "matmul",
    "nonzero",
    "reduce",
    "scan",
    "scatter",
    "segmented_reduce",
    "sort",
    "sort_pairs",
    "transpose",
]
