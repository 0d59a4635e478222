"""Every example in a public docstring runs and prints what it says."""

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from vulkan_forge import graphics, llm

PACKAGES = (
    (vf.__path__, "vulkan_forge."),
    (vnp.__path__, "vulkan_forge.numpy."),
    (graphics.__path__, "vulkan_forge.graphics."),
    (llm.__path__, "vulkan_forge.llm."),
)
NAMES = [row.name for path, prefix in PACKAGES for row in pkgutil.iter_modules(path, prefix)]
MODULES = ["vulkan_forge", *(name for name in NAMES if not name.endswith(("__main__", "._vulkan_forge")))]
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def documented():
    """Name and docstring of each public module, object, and member of a class."""
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        yield module_name, module.__doc__
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            if not getattr(value, "__module__", "vulkan_forge").startswith("vulkan_forge"):
                continue  # NumPy's own, under its name
            yield f"{module_name}.{name}", getattr(value, "__doc__", None)
            if isinstance(value, type):
                for member, method in vars(value).items():
                    yield f"{module_name}.{name}.{member}", getattr(method, "__doc__", None)


NAME_OF = {text: name for name, text in documented() if isinstance(text, str) and ">>>" in text}
EXAMPLES = {name: text for text, name in NAME_OF.items()}  # each once, though facade and module have it


@pytest.mark.gpu
@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    vf.numpy_to_png("terrain.png", np.zeros((480, 640), np.uint8))  # the file that examples read
    names = {"vulkan_forge": vf, "vf": vf, "numpy": np, "np": np}
    test = doctest.DocTestParser().get_doctest(EXAMPLES[name], names, name, None, None)
    printed = []
    result = doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=printed.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(printed)
