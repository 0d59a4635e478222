"""The names that scripts rely on, and where they are."""

import ast
import importlib.resources
import importlib.util
import inspect
import types

import pytest

import vshade
import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native
from vulkan_forge import errors

CONTRACT = [
    "Renderer",
    "Scene",
    "TerrainSpike",
    "png_to_numpy",
    "numpy_to_png",
    "grid_generate",
    "render_triangle_rgba",
    "render_triangle_png",
    "dem_stats",
    "dem_normalize",
    "enumerate_adapters",
    "device_probe",
    "run_benchmark",
    "__version__",
]
BESIDES_ALL = [
    "colormap_supported",
    "camera_look_at",
    "camera_perspective",
    "camera_view_proj",
    "generate_grid",
    "make_terrain",
]
ANNOTATIONS = ["BenchmarkResult", "PathLikeStr", "SupportsPNG"]  # beside __all__, for type checkers
NATIVE = [
    "Renderer",
    "Scene",
    "TerrainSpike",
    "png_to_numpy",
    "numpy_to_png",
    "grid_generate",
    "camera_look_at",
    "camera_perspective",
    "camera_view_proj",
    "colormap_supported",
    "enumerate_adapters",
    "device_probe",
    "__version__",
]


def test_all_is_a_list_of_names_that_exist():
    assert isinstance(vf.__all__, list)
    assert len(set(vf.__all__)) == len(vf.__all__)
    assert [name for name in vf.__all__ if not hasattr(vf, name)] == []
    assert "_vulkan_forge" not in vf.__all__


def test_what_is_not_in_all_is_a_module_or_known():
    public = {n for n, v in vars(vf).items() if not n.startswith("_") and not isinstance(v, types.ModuleType)}
    assert public - set(vf.__all__) == {"generate_grid", *ANNOTATIONS}


@pytest.mark.parametrize("name", CONTRACT)
def test_contract(name):
    assert name in vf.__all__


@pytest.mark.parametrize("name", BESIDES_ALL)
def test_names_beside_all(name):
    assert callable(getattr(vf, name))


@pytest.mark.parametrize("name", NATIVE)
def test_native_namespace(name):
    assert getattr(native, name) is getattr(vf, name)


def test_generate_grid_is_the_older_name():
    assert vf.generate_grid is vf.grid_generate


def test_native_is_a_submodule_and_not_a_top_level_module():
    assert isinstance(native, types.ModuleType)
    assert native.__name__ == "vulkan_forge._vulkan_forge"
    assert importlib.util.find_spec("_vulkan_forge") is None


def test_version():
    assert vf.__version__ == native.__version__ == vshade.__version__ == "0.1.0"


def test_vshade_is_the_same():
    assert set(vshade.__all__) == {"Renderer", "render_triangle_rgba", "render_triangle_png", "__version__"}
    assert all(getattr(vshade, name) is getattr(vf, name) for name in vshade.__all__)


@pytest.mark.parametrize("package", ["vulkan_forge", "vshade"])
def test_typed(package):
    assert importlib.resources.files(package).joinpath("py.typed").is_file()


def test_every_public_object_has_a_docstring():
    objects = {name: getattr(vf, name) for name in vf.__all__ if name != "__version__"}
    assert [name for name, value in objects.items() if not inspect.getdoc(value)] == []


def test_every_error_is_public():
    assert set(errors.__all__) <= set(vf.__all__)


def test_the_facades_stub_types_the_whole_surface():
    stub = importlib.resources.files("vulkan_forge").joinpath("__init__.pyi")
    tree = ast.parse(stub.read_text())
    imported = {alias.asname for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assigned = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}
    assert ast.literal_eval(assigned["__all__"]) == vf.__all__
    assert set(vf.__all__) <= imported | set(assigned)
    assert {"_vulkan_forge", "generate_grid", *ANNOTATIONS} <= imported | set(assigned)


def test_the_stub_says_what_a_recording_gives():
    stub = importlib.resources.files("vulkan_forge").joinpath("_vulkan_forge.pyi")
    classes = {node.name: node for node in ast.parse(stub.read_text()).body if isinstance(node, ast.ClassDef)}
    enter = next(node for node in classes["_Recording"].body if getattr(node, "name", "") == "__enter__")
    assert ast.unparse(enter.returns) == "Graph"
    with pytest.raises(KeyboardInterrupt), vf.record() as graph:  # nothing is recorded
        raise KeyboardInterrupt
    assert type(graph) is vf.Graph
