"""What all tests share: whether there is a device, decided once, and what the validation layers say."""

import functools
import os
from collections.abc import Iterator

import pytest

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

# ./dev test promises a device; then its absence is a failure, since all-skipped must not look green.
EXPECTS_DEVICE = os.environ.get("VULKAN_FORGE_EXPECT_DEVICE", "") not in ("", "0")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--cases", type=int, default=0, help="at most so many cases of each parametrized test, evenly taken"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A second driver gets every test, but of tests with many cases only some: ./dev test --driver tries them all."""
    most = config.getoption("--cases")
    if not most:
        return
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    kept = {id(group[i * len(group) // most]) for group in cases.values() if len(group) > most for i in range(most)}
    kept |= {id(item) for group in cases.values() if len(group) <= most for item in group}
    config.hook.pytest_deselected(items=[item for item in items if id(item) not in kept])
    items[:] = [item for item in items if id(item) in kept]


@functools.cache
def device_trouble() -> str:
    """Why no device can be opened; empty where one can."""
    try:
        with vf.Device():
            return ""
    except vf.NoDeviceError as error:
        return str(error)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    needs_device = item.get_closest_marker("gpu") or "device" in getattr(item, "fixturenames", ())
    if needs_device and device_trouble():
        (pytest.fail if EXPECTS_DEVICE else pytest.skip)(device_trouble())


@pytest.fixture
def device() -> Iterator[vf.Device]:
    """A share of the default device."""
    with vf.default_device() as device:
        yield device


@pytest.fixture(autouse=True)
def _validated() -> Iterator[None]:
    """Fail a test in which the validation layers, on under VULKAN_FORGE_VALIDATION, had something to say."""
    before = len(native._testing.validation_messages())
    yield
    said = native._testing.validation_messages()[before:]
    if said:
        pytest.fail("the validation layers say:\n" + "\n".join(said))
