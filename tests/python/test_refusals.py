"""Calls whose arguments fit no signature: the error names the argument, what it takes and what came."""

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import _refusals, compute, graphics, random
from vulkan_forge import _vulkan_forge as native


def functions():
    """Every function and method of the native module, as (name, what to call)."""
    for name, value in vars(native).items():
        if isinstance(value, type):
            for key, member in vars(value).items():
                if isinstance(member, property):
                    yield from ((f"{name}.{key} {way}", getattr(member, way)) for way in ("fget", "fset"))
                elif key == "__init__" and type(member) is INSTANCE_METHOD:  # else there is no constructor
                    yield name, value
                elif key == "__call__" or (not key.startswith("__") and callable(getattr(value, key))):
                    yield f"{name}.{key}", getattr(value, key)
        elif type(value) is type(len):
            yield name, value


INSTANCE_METHOD = type(vars(vf.Renderer)["set_exposure"])
FUNCTIONS = {name: call for name, call in functions() if call}


def test_the_walk_finds_them():
    assert {"Renderer.set_exposure", "Device.memory_report", "Kernel", "asarray", "Device.name fget"} <= set(FUNCTIONS)
    assert len(FUNCTIONS) > 200


def error_of(call, *arguments, **keywords):
    try:
        call(*arguments, **keywords)
    except (TypeError, vf.VulkanForgeError) as error:
        return error
    return None


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_refuses_in_our_words(name):
    error = error_of(FUNCTIONS[name], *[object()] * 40)
    assert isinstance(error, vf.ArgumentTypeError)
    assert error.code == "BAD_TYPE"
    assert error.details["got"]
    other = error_of(FUNCTIONS[name], object(), no_such_argument=1)
    assert not isinstance(other, TypeError) or isinstance(other, vf.VulkanForgeError)
    for text in (str(error), str(other)):
        assert "incompatible" not in text
        assert "_vulkan_forge" not in text


class Failing:
    def __float__(self):
        raise ZeroDivisionError


EMPTY = "layout(local_size_x = 1) in; void main() {}"
WRONG_TYPES = [
    (lambda r: r.set_exposure("x"), "exposure of Renderer.set_exposure", "a number", "the str 'x'"),
    (lambda r: r.set_exposure("x" * 1000), "exposure of Renderer.set_exposure", "a number", "str"),
    (lambda r: r.set_height_range(0, "top"), "max of Renderer.set_height_range", "a number", "the str 'top'"),
    (lambda r: vf.Kernel(EMPTY, name=4), "name of Kernel", "a str", "the int 4"),
    (lambda r: vf.Kernel(EMPTY, defines={"N": 4}), "defines of Kernel", "a dict of str to str", "dict"),
    (lambda r: vf.Kernel(EMPTY, debug="yes"), "debug of Kernel", "a bool or None", "the str 'yes'"),
    (lambda r: vf.Texture.zeros((2, 2), None), "format of Texture.zeros", "a str", "None"),
    (lambda r: graphics.Target(4, 4, samples=1.5), "samples of Target", "an integer", "the float 1.5"),
    (lambda r: vf.Recorder().run(3), "kernel or call of Recorder.run", "a Kernel or a Call", "the int 3"),
    (lambda r: compute.reduce(np.ones(3), 10**6000), "op of reduce", "a str", "int"),
    (lambda r: vf.Device.name.fget(3), "arg0 of Device.name", "a Device", "the int 3"),
]
WRONG_ARGUMENTS = [
    (lambda r: r.device.memory_report(3), "Device.memory_report()", "1 positional argument"),
    (lambda r: r.set_exposure(), "Renderer.set_exposure(exposure: a number)", "none"),
    (lambda r: vf.Kernel(EMPTY)(3), "Kernel.__call__(**kwargs)", "1 positional argument"),
    (
        lambda r: vf.empty(3, 4, size=4),
        "empty(shape, *, dtype=..., device=..., label=...)",
        "2 positional arguments and size by keyword",
    ),
]
WRONG_VALUES = [
    (lambda r: random.Generator(1).spawn(-1), "Generator.spawn", "count: an integer that fits", "count: the int -1"),
    (lambda r: r.set_exposure(Failing()), "Renderer.set_exposure", "exposure: a number that fits", "exposure: Failing"),
]
CASES = [
    *((call, f"argument {what} has the wrong type", *rest) for call, what, *rest in WRONG_TYPES),
    *((call, f"{e.split('(')[0]} does not take these arguments", e, got) for call, e, got in WRONG_ARGUMENTS),
    *((call, f"{what} does not take these values", *rest) for call, what, *rest in WRONG_VALUES),
    (lambda r: r.render_png(5), "path has the wrong type", "a str, bytes or os.PathLike", "int"),
]


@pytest.mark.gpu
@pytest.mark.parametrize(("call", "failed", "expected", "got"), CASES)
def test_what_is_said(call, failed, expected, got):
    with pytest.raises(vf.ArgumentTypeError) as caught:
        call(vf.Renderer(4, 4))
    assert str(caught.value) == f"{failed}; expected {expected}; got {got}"
    assert caught.value.details == {"expected": expected, "got": got}
    assert isinstance(caught.value, TypeError)
    assert caught.value.code == "BAD_TYPE"


def test_signatures_that_python_cannot_read():
    text = (
        "f(): incompatible function arguments. The following argument types are supported:\n    1. (a: int = <f at 0>)"
    )
    error = _refusals.reworded("f", text, (1, 2), {})
    assert error is not None
    assert str(error) == "f does not take these arguments; expected what its help says; got 2 positional arguments"


def test_other_errors_pass():
    assert _refusals.reworded("f", "an integer is required", (), {}) is None
    with pytest.raises(TypeError, match="cannot be copied or pickled") as caught:
        vf.Texture.__copy__(object())
    assert not isinstance(caught.value, vf.VulkanForgeError)


CLASSES = {name: value for name, value in vars(native).items() if isinstance(value, type)}
UNMADE = [name for name, value in CLASSES.items() if type(vars(value).get("__init__")) is not INSTANCE_METHOD]


@pytest.mark.parametrize("name", UNMADE)
def test_a_class_that_users_do_not_make_says_so(name):
    with pytest.raises(
        vf.ArgumentTypeError, match=f"{name} is not made by calling its class; expected .*; got .*; help"
    ):
        CLASSES[name]()


def test_there_are_such_classes():
    assert {"Event", "Array"} <= set(UNMADE)
