"""A path is an address: src/forge/vk/buffer.cpp is tested in tests/forge/vk/test_buffer.cpp."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path.relative_to(ROOT / "src" / "forge") for path in (ROOT / "src" / "forge").rglob("*.cpp"))

# Sources without a test of their own name: the test that goes through them.
ELSEWHERE = {
    "array/fuse/dispatch.cpp": "forge/array/fuse/test_evaluate.cpp",
    "array/fuse/host_form.cpp": "forge/array/fuse/test_evaluate.cpp",
    "array/fuse/host_replay.cpp": "python/arrays/test_host_replay.py",
    "array/fuse/host_rows.cpp": "forge/array/fuse/test_evaluate.cpp",
    "array/fuse/fused.cpp": "forge/array/fuse/test_evaluate.cpp",
    "array/fuse/epilogue_text.cpp": "forge/array/fuse/test_product.cpp",
    "array/fuse/kernel_text.cpp": "forge/array/fuse/test_evaluate.cpp",
    "array/fuse/statement_text.cpp": "forge/array/fuse/test_evaluate.cpp",
    "array/fuse/lazy.cpp": "forge/array/fuse/test_evaluate.cpp",
    "array/ops/gemm.cpp": "python/array/ops/test_matmul.py",
    "array/ops/elements.cpp": "python/array/ops/test_reduce.py",
    "array/ops/index_types.cpp": "python/array/ops/test_gather.py",
    "array/ops/strips.cpp": "python/array/ops/test_reduce.py",
    "array/ops/team.cpp": "python/array/ops/test_lanes.py",
    "array/ops/window.cpp": "python/array/ops/test_reduce.py",
    "array/ops/depthwise.cpp": "python/array/ops/test_convolve.py",
    "array/ops/gemv.cpp": "python/array/ops/test_matmul.py",
    "array/ops/panels.cpp": "python/array/ops/test_matmul.py",
    "array/ops/fft_plan.cpp": "forge/array/ops/test_fft_plan.cpp",
    "array/ops/fft_programs.cpp": "python/array/ops/test_fft.py",
    "array/ops/fft_real.cpp": "python/array/ops/test_fft.py",
    "array/ops/fft_rows.cpp": "python/array/ops/test_fft.py",
    "array/ops/fft_steps.cpp": "python/array/ops/test_fft.py",
    "array/ops/words.cpp": "python/array/ops/test_transpose.py",
    "vk/passes.cpp": "python/graphics/test_draw_graph.py",
    "shader/specialize.cpp": "python/graphics/test_draw_spec.py",
    "graphics/draw_pipeline.cpp": "python/graphics/test_draw.py",
    "graphics/vertex_format.cpp": "python/graphics/test_streams.py",
    "graphics/frame.cpp": "forge/graphics/test_renderer.cpp",
    "graphics/lettering/coverage.cpp": "forge/graphics/lettering/test_outline.cpp",
    "graphics/lettering/freetype.cpp": "forge/graphics/lettering/test_font.cpp",
    "graphics/layers.cpp": "python/graphics/test_figure.py",
    "graphics/mesh.cpp": "python/graphics/test_mesh.py",
    "graphics/places.cpp": "python/graphics/test_figure.py",
    "graphics/points.cpp": "python/graphics/test_points.py",
    "graphics/stage.cpp": "python/graphics/test_figure.py",
    "graphics/png/deflate.cpp": "python/graphics/test_png.py",
    "graphics/png/filter.cpp": "python/graphics/test_png.py",
    "graphics/png/packed.cpp": "python/graphics/test_png.py",
    "graphics/png/read_plain.cpp": "python/graphics/test_png.py",
    "graphics/png/read_strips.cpp": "python/graphics/test_png_files.py",
    "graphics/png/strips.cpp": "python/graphics/test_png.py",
    "graphics/png/unfilter.cpp": "python/graphics/test_png_files.py",
    "graphics/png/writer.cpp": "python/graphics/test_png_files.py",
    "graphics/png_write.cpp": "forge/graphics/test_png.cpp",
    "graphics/land/host_means.cpp": "forge/graphics/land/test_grid.cpp",
    "graphics/land/light.cpp": "python/graphics/test_terrain_light.py",
    "graphics/raster/contour.cpp": "python/graphics/raster/test_contour.py",
    "graphics/raster/raster.cpp": "python/graphics/raster/test_window.py",
    "graphics/raster/sight.cpp": "python/graphics/raster/test_sight.py",
    "graphics/raster/window.cpp": "python/graphics/raster/test_window.py",
    "core/mapped_file.cpp": "python/llm/test_gguf.py",
    "infer/llm/blocks.cpp": "python/llm/test_scheduler.py",
    "infer/llm/engine.cpp": "python/llm/test_engine.py",
    "infer/llm/facts.cpp": "python/llm/test_model.py",
    "infer/llm/families/gemma3.cpp": "python/llm/test_gemma.py",
    "infer/llm/families/llama.cpp": "python/llm/test_model.py",
    "infer/llm/family.cpp": "python/llm/test_gguf.py",
    "infer/llm/gguf.cpp": "python/llm/test_gguf.py",
    "infer/llm/linear.cpp": "python/llm/test_model.py",
    "infer/llm/model.cpp": "python/llm/test_model.py",
    "infer/llm/model_file.cpp": "python/llm/test_gguf.py",
    "infer/llm/quant.cpp": "python/llm/test_quant.py",
    "infer/llm/rope.cpp": "python/llm/test_model.py",
    "infer/llm/scheduler.cpp": "python/llm/test_scheduler.py",
    "infer/onnx/fusions.cpp": "python/onnx/test_fusions.py",
    "infer/onnx/operators.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_activation.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_attention.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_control.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_convolution.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_elementwise.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_indexing.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_making.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_movement.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_normalization.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_pooling.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_product.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_quantization.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_random.cpp": "python/onnx/test_random.py",
    "infer/onnx/ops_recurrent.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_reduction.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_resize.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_sampling.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_selection.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_signal.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/ops_sorting.cpp": "python/onnx/test_nodes.py",
    "infer/onnx/rewriting.cpp": "python/onnx/test_fusions.py",
    "infer/onnx/session.cpp": "python/onnx/test_session.py",
    "infer/onnx/stream.cpp": "python/onnx/test_session.py",
    "infer/onnx/trace.cpp": "python/onnx/test_session.py",
    "infer/onnx/windows.cpp": "python/onnx/test_nodes.py",
    "shader/graph.cpp": "python/shader/test_graph.py",
    "shader/graph_names.cpp": "python/shader/test_graph_names.py",
    "shader/compile_cache.cpp": "forge/core/test_file_cache.cpp",
    "shader/compile_log.cpp": "forge/shader/test_compile.cpp",
    "shader/describe.cpp": "forge/shader/test_reflect.cpp",
    "shader/includer.cpp": "forge/shader/test_compile.cpp",
    "shader/loop_watch.cpp": "python/test_misuse.py",
    "shader/instrument.cpp": "python/shader/test_debug.py",
    "shader/instrument_functions.cpp": "python/shader/test_debug.py",
    "shader/kernel_explain.cpp": "python/shader/test_spec.py",
    "shader/callable.cpp": "forge/shader/test_kernel.cpp",
    "shader/callable_images.cpp": "python/vk/test_texture.py",
    "shader/callable_lists.cpp": "python/shader/test_lists.py",
    "shader/stages.cpp": "python/graphics/test_arguments.py",
    "shader/kernel_spec.cpp": "python/shader/test_spec.py",
    "shader/layout_check.cpp": "forge/shader/test_layout.cpp",
    "shader/print_format.cpp": "python/shader/test_debug.py",
    "shader/runaway.cpp": "forge/shader/test_compile.cpp",
    "shader/spirv_access.cpp": "forge/shader/test_reflect.cpp",
    "shader/spirv_names.cpp": "python/shader/test_spec.py",
    "shader/spirv_patch.cpp": "python/shader/test_debug.py",
    "shader/spirv_module.cpp": "forge/shader/test_reflect_hostile.cpp",
    "shader/spirv_types.cpp": "forge/shader/test_reflect.cpp",
    "shader/template.cpp": "forge/shader/test_launch.cpp",
    "vk/timing.cpp": "forge/vk/test_timeline.cpp",
    "shader/watch.cpp": "python/shader/test_debug.py",
    "vk/adapter_query.cpp": "python/vk/test_device.py",
    "vk/cooperative.cpp": "python/array/ops/test_matmul.py",
    "vk/graphics_pipeline.cpp": "forge/vk/test_pipeline.cpp",
    "vk/graph.cpp": "python/shader/test_graph.py",
    "vk/work.cpp": "python/shader/test_graph.py",
    "vk/texel.cpp": "python/vk/test_texture.py",
    "vk/texture.cpp": "python/vk/test_texture.py",
    "vk/vma.cpp": "forge/vk/test_memory.cpp",  # holds the allocator's own code
    "vk/volk.cpp": "python/test_probe.py",  # holds volk's own code
}


def own_test(source: Path) -> Path:
    if source.parent.as_posix() == "array/ops":  # NumPy is their oracle
        return ROOT / "tests" / "python" / source.parent / f"test_{source.stem}.py"
    return ROOT / "tests" / "forge" / source.parent / f"test_{source.stem}.cpp"


@pytest.mark.parametrize("source", SOURCES, ids=Path.as_posix)
def test_every_source_has_its_test(source):
    elsewhere = ELSEWHERE.get(source.as_posix())
    assert own_test(source).exists() or (elsewhere and (ROOT / "tests" / elsewhere).exists())


def test_the_table_names_only_what_needs_it():
    assert [name for name in ELSEWHERE if own_test(Path(name)).exists()] == []
    assert ELSEWHERE.keys() <= {source.as_posix() for source in SOURCES}
