"""One row, one class: every code of the native table reaches Python as its class, with its parts."""

import copy
import pickle

import pytest

from vulkan_forge import _vulkan_forge as native
from vulkan_forge import errors

ROWS = native._error_rows()
CLASSES = [getattr(errors, name) for name in errors.__all__]
BUILTINS = {
    "InputError": ValueError,
    "ArgumentTypeError": TypeError,
    "ShapeError": ValueError,
    "DtypeError": TypeError,
    "LayoutError": ValueError,
    "ReadOnlyError": ValueError,
    "RangeError": ValueError,
    "LimitError": ValueError,
    "BindingError": TypeError,
    "ShaderError": ValueError,
    "OutOfMemoryError": MemoryError,
    "WaitTimeoutError": TimeoutError,
    "FileError": OSError,
    "InteropError": BufferError,
}


def raised(index):
    with pytest.raises(errors.VulkanForgeError) as caught:
        native._testing.raise_code(index)
    return caught.value


def test_codes_are_unique():
    codes = [code for code, _, _ in ROWS]
    assert len(set(codes)) == len(codes) > 20


@pytest.mark.parametrize("index", range(len(ROWS)), ids=[row[0] for row in ROWS])
def test_every_row_has_a_class(index):
    code, name, _ = ROWS[index]
    error = raised(index)
    assert type(error) is getattr(errors, name)
    assert error.code == code
    assert error.original_code is None
    assert error.details == {"expected": "nothing", "got": "this", "key": "value"}
    assert str(error) == "raised by a test; expected nothing; got this"


def test_every_class_has_a_row():
    used = {name for _, name, _ in ROWS}
    assert set(errors.__all__) - used == {"VulkanForgeError", "UnmappedError"}


@pytest.mark.parametrize("kind", CLASSES)
def test_all_are_runtime_errors(kind):
    assert issubclass(kind, errors.VulkanForgeError)
    assert issubclass(kind, RuntimeError)


@pytest.mark.parametrize("name", BUILTINS)
def test_builtin_bases(name):
    assert issubclass(getattr(errors, name), BUILTINS[name])
    with pytest.raises(BUILTINS[name]):
        raise getattr(errors, name)("text")


def test_key_error_stays_out():
    assert not [kind for kind in CLASSES if issubclass(kind, KeyError)]  # its str() quotes the text


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("duplicate", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_pickle_and_copy_keep_everything(kind, duplicate):
    error = duplicate(kind("it failed; got 3", "SOME_CODE", -4, {"got": "3"}))
    assert type(error) is kind
    assert (str(error), error.code, error.original_code) == ("it failed; got 3", "SOME_CODE", -4)
    assert error.details == {"got": "3"}


def test_details_are_a_copy():
    details = {"got": "3"}
    error = errors.InputError("text", "CODE", None, details)
    details["got"] = "4"
    assert error.details == {"got": "3"}


def test_build_words_a_message_as_the_native_module_does():
    error = errors.InputError.build("INVALID_ARGUMENT", "it failed", expected="2", got="3", mend="give 2")
    assert str(error) == "it failed; expected 2; got 3; give 2"
    assert error.details == {"expected": "2", "got": "3", "mend": "give 2"}
    assert str(errors.InputError.build("INVALID_ARGUMENT", "it failed")) == "it failed"


def test_a_code_without_a_class_is_unmapped(monkeypatch):
    index = [code for code, _, _ in ROWS].index("DEVICE_LOST")
    monkeypatch.delattr(errors, "DeviceLostError")
    error = raised(index)
    assert type(error) is errors.UnmappedError
    assert error.code == "UNMAPPED_ERROR"


def test_allocations_that_fail_anywhere():
    with pytest.raises(errors.OutOfMemoryError) as caught:
        native._testing.raise_bad_alloc()
    assert caught.value.code == "OUT_OF_HOST_MEMORY"
