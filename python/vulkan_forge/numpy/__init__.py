"""NumPy on any GPU: the Python array API standard 2024.12 and NumPy's everyday names, lazy and fused.

`import vulkan_forge.numpy as np` over a NumPy program is meant to be all that it takes. Arrays are
`vulkan_forge.Array`; dtypes are NumPy's. Elementwise functions build an expression, which becomes one kernel when its
values are needed.
"""

from numpy import bool_ as bool
from numpy import errstate, get_printoptions, geterr, iterable, printoptions, set_printoptions, seterr

from vulkan_forge._vulkan_forge import Array
from vulkan_forge.numpy import (
    _axes,
    _bfloat16,
    _conversion,
    _dtypes,
    _elementwise,
    _filled,
    _grids,
    _histograms,
    _indexing,
    _joining,
    _matrices,
    _namespace_info,
    _nan,
    _padding,
    _products,
    _quantiles,
    _ranges,
    _repeating,
    _searching,
    _series,
    _sets,
    _shapes,
    _sorting,
    _splitting,
    _statistics,
    _windows,
    fft,
    linalg,
    random,
)
from vulkan_forge.numpy._axes import *
from vulkan_forge.numpy._conversion import *
from vulkan_forge.numpy._dtypes import *
from vulkan_forge.numpy._elementwise import *
from vulkan_forge.numpy._filled import *
from vulkan_forge.numpy._grids import *
from vulkan_forge.numpy._histograms import *
from vulkan_forge.numpy._indexing import *
from vulkan_forge.numpy._joining import *
from vulkan_forge.numpy._matrices import *
from vulkan_forge.numpy._namespace_info import *
from vulkan_forge.numpy._nan import *
from vulkan_forge.numpy._padding import *
from vulkan_forge.numpy._products import *
from vulkan_forge.numpy._quantiles import *
from vulkan_forge.numpy._ranges import *
from vulkan_forge.numpy._repeating import *
from vulkan_forge.numpy._searching import *
from vulkan_forge.numpy._series import *
from vulkan_forge.numpy._sets import *
from vulkan_forge.numpy._shapes import *
from vulkan_forge.numpy._sorting import *
from vulkan_forge.numpy._splitting import *
from vulkan_forge.numpy._statistics import *
from vulkan_forge.numpy._windows import *

ndarray = Array  # isinstance(x, np.ndarray) in a NumPy program

# A family says itself what is public: a new function stands in its file and there in `__all__`, nowhere else.
__all__ = [
    # NumPy's own
    "bool",
    "errstate",
    "geterr",
    "get_printoptions",
    "iterable",
    "ndarray",
    "printoptions",
    "set_printoptions",
    "seterr",
    # modules
    "fft",
    "linalg",
    "random",
]
__all__ += _axes.__all__
__all__ += _conversion.__all__
__all__ += _dtypes.__all__
__all__ += _elementwise.__all__
__all__ += _filled.__all__
__all__ += _grids.__all__
__all__ += _histograms.__all__
__all__ += _indexing.__all__
__all__ += _joining.__all__
__all__ += _matrices.__all__
__all__ += _namespace_info.__all__
__all__ += _nan.__all__
__all__ += _padding.__all__
__all__ += _products.__all__
__all__ += _quantiles.__all__
__all__ += _ranges.__all__
__all__ += _repeating.__all__
__all__ += _searching.__all__
__all__ += _series.__all__
__all__ += _sets.__all__
__all__ += _shapes.__all__
__all__ += _sorting.__all__
__all__ += _splitting.__all__
__all__ += _statistics.__all__
__all__ += _windows.__all__

# Of the other families some make views and some write in place: they move bfloat16 as it is.
for _family in (
    _elementwise,
    _histograms,
    _nan,
    _products,
    _quantiles,
    _ranges,
    _searching,
    _series,
    _sets,
    _sorting,
    _statistics,
):
    _bfloat16.widen(globals(), _family.__all__)
_bfloat16.widen(globals(), ["eye", "identity", "tri"])
_bfloat16.widen(vars(fft), fft.__all__)
_bfloat16.widen(vars(linalg), linalg.__all__)
