#include "forge/shader/packed.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <utility>

#include "glsl.hpp"

namespace forge::shader {
namespace {

namespace fs = std::filesystem;

vk::BufferRef no_buffer() { return {nullptr, 0, 0}; }

TEST(PackedArguments, ValuesStandAtTheirOffsets) {
  PackedArguments packed;
  const uint32_t width = 7;
  const float cell = 2.5f;
  packed.value(12, &cell, sizeof cell);
  packed.value(4, &width, sizeof width);
  ASSERT_EQ(packed.push().size(), 16u);
  uint32_t words[4];
  std::memcpy(words, packed.push().data(), 16);
  EXPECT_EQ(words[0], 0u) << "gaps are zero";
  EXPECT_EQ(words[1], 7u);
  EXPECT_EQ(std::memcmp(&words[3], &cell, 4), 0);
}

TEST(PackedArguments, NothingIsWrittenBeyondTheEnd) {
  PackedArguments packed;
  const uint64_t value = 1;
  packed.value(248, &value, 8);
  EXPECT_EQ(packed.push().size(), 256u);
  EXPECT_EQ(error_of([&] { packed.value(252, &value, 8); }).code(), ErrorCode::INTERNAL);
  EXPECT_EQ(error_of([&] { packed.value(0xffffffff, &value, 8); }).code(), ErrorCode::INTERNAL);
}

TEST(PackedArguments, BindingsKeepTheirPlaceAndAccess) {
  PackedArguments packed;
  packed.bind(1, 2, no_buffer(), Access::write);
  packed.bind(0, 3, vk::TextureRef(nullptr, vk::SamplerKind::linear_clamp));
  ASSERT_EQ(packed.bound().size(), 2u);
  EXPECT_EQ(packed.bound()[0].set, 1u);
  EXPECT_EQ(packed.bound()[0].binding, 2u);
  EXPECT_EQ(packed.bound()[0].access, Access::write);
  EXPECT_TRUE(std::holds_alternative<vk::BufferRef>(packed.bound()[0].resource));
  EXPECT_EQ(packed.bound()[1].access, Access::read);
  EXPECT_TRUE(std::holds_alternative<vk::TextureRef>(packed.bound()[1].resource));
  EXPECT_TRUE(packed.addressed().empty());
}

TEST(EmbeddedModules, AreReadableAndNamedOnce) {
  std::set<std::pair<std::string_view, Stage>> names;
  for (const EmbeddedModule& module : embedded_modules()) {
    EXPECT_TRUE(names.emplace(module.name, module.stage).second) << module.name;
    const Reflection r = reflect(module.words);
    EXPECT_EQ(r.stage, module.stage) << module.name;
    EXPECT_LE(r.push ? r.push->size : 0, 128u) << module.name << ": more than devices need to take";
  }
}

/// Runs shader_pack on a folder of shaders made up here.
class ShaderPack : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "vf-pack-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    fs::create_directories(root_ / "shaders");
  }
  void TearDown() override { fs::remove_all(root_); }

  void shader(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / "shaders" / path).parent_path());
    std::ofstream(root_ / "shaders" / path) << text;
  }
  std::string read(const fs::path& path) const {
    std::ifstream stream(root_ / path);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::string header(const std::string& name) const { return read("out/forge_shaders/" + name + ".hpp"); }
  int run() const {
    const fs::path program = fs::read_symlink("/proc/self/exe").replace_filename("shader_pack");  // built beside this
    const std::string command = "'" + program.string() + "' --out '" + (root_ / "out").string() + "' --report '" +
                                (root_ / "report.txt").string() + "' '" + (root_ / "shaders").string() + "' 2> '" +
                                (root_ / "stderr").string() + "'";
    return std::system(command.c_str());
  }
  void expect_refused(const std::string& words) const {
    EXPECT_NE(run(), 0);
    EXPECT_NE(read("stderr").find(words), std::string::npos) << read("stderr");
  }

  fs::path root_;
};

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

const std::string kReference = "#extension GL_EXT_buffer_reference : require\n";
const std::string kFloats = kReference +
                            "layout(buffer_reference, std430, buffer_reference_align = 4) readonly buffer "
                            "In { float v[]; };\nlayout(buffer_reference, std430, "
                            "buffer_reference_align = 4) writeonly buffer Out { float v[]; };\n";

TEST_F(ShaderPack, MembersAreTheShadersNames) {
  shader("raster/shade.comp",
         kFloats +
             "layout(local_size_x = 64) in;\n"
             "layout(push_constant) uniform P { In height; Out shade; uint width; float cell; vec3 sun; mat4 view; };\n"
             "layout(binding = 2) uniform sampler2D lut;\nlayout(binding = 1) uniform Scene { vec4 fog; } scene;\n"
             "void main() { shade.v[0] = height.v[width] * cell * sun.x + (view * scene.fog + texture(lut, "
             "vec2(0))).x; }");
  ASSERT_EQ(run(), 0) << read("stderr");
  const std::string text = header("raster/shade");
  EXPECT_HAS(text,
             "struct shade {  // shaders/raster/shade.comp\n"
             "  vk::BufferRef height;  // readonly float[] (by address)\n"
             "  vk::BufferRef shade;  // writeonly float[] (by address)\n"
             "  uint32_t width;  // uint\n"
             "  float cell;  // float\n"
             "  std::array<float, 3> sun;  // vec3\n"
             "  std::array<float, 16> view;  // mat4\n"
             "  vk::BufferRef scene;  // vec4\n"
             "  vk::TextureRef lut;  // sampler2D\n");
  const std::string code = read("out/modules_raster.cpp");
  EXPECT_HAS(code,
             "  out.pointer(0u, height, shader::Access::read);\n"
             "  out.pointer(8u, shade, shader::Access::write);\n"
             "  out.value(16u, &width, sizeof width);\n"
             "  out.value(20u, &cell, sizeof cell);\n"
             "  out.value(32u, sun.data(), sizeof sun);\n"
             "  out.value(48u, view.data(), sizeof view);\n"
             "  out.bind(0, 1, scene, shader::Access::read);\n"
             "  out.bind(0, 2, lut, shader::Access::read);\n");
  EXPECT_HAS(read("report.txt"),
             "\nraster/shade.comp | compute | 64x1x1 | height readonly float[] (by address) @0, "
             "shade writeonly float[] (by address) @8, width uint @16, cell float @20, "
             "sun vec3 @32, view mat4 @48, scene vec4 #0.1, lut sampler2D #0.2 | 112 | - | ");
}

TEST_F(ShaderPack, PaddingAndMajorsAreKeptOutOfTheStruct) {
  shader("a/pad.comp",
         kReference +
             "struct Light { vec3 dir; float power; };\n"
             "layout(push_constant) uniform P { mat3 a; layout(row_major) mat2x3 b; Light c[2]; float new; };\n"
             "layout(binding = 0) buffer X { float x; };\nvoid main() { x = a[0].x + b[0].x + c[1].power + new; }");
  ASSERT_EQ(run(), 0) << read("stderr");
  EXPECT_HAS(header("a/pad"),
             "  struct Light {\n    std::array<float, 3> dir;  // vec3\n    float power;  // float\n  };\n");
  EXPECT_HAS(header("a/pad"), "  std::array<Light, 2> c;  // Light[2]\n  float new_;  // float\n  vk::BufferRef x;");
  const std::string code = read("out/modules_a.cpp");
  EXPECT_HAS(code, "      out.value(0u + c * 16u + r * 4u, &a[c * 3 + r], 4u);\n");
  EXPECT_HAS(code, "      out.value(48u + r * 8u + c * 4u, &b[c * 3 + r], 4u);\n");
  EXPECT_HAS(code, "    out.value(80u + i0 * 16u + 12u, &c[i0].power, sizeof c[i0].power);\n");
}

TEST_F(ShaderPack, VertexAndFragmentOfOneStemAreOneStruct) {
  const std::string push = "layout(push_constant) uniform P { mat4 view; vec4 tint; };\n";
  shader("graphics/t.vert", push + "layout(location = 0) in vec3 p;\nvoid main() { gl_Position = view * vec4(p, 1); }");
  shader("graphics/t.frag", push +
                                "layout(location = 0) out vec4 c;\nlayout(binding = 0) uniform sampler2D map;\n"
                                "void main() { c = tint * texture(map, vec2(0)); }");
  shader("graphics/lone.frag", "layout(location = 0) out vec4 c;\nvoid main() { c = vec4(1); }");
  ASSERT_EQ(run(), 0) << read("stderr");
  EXPECT_HAS(header("graphics/t"), "struct t {  // shaders/graphics/t.vert, shaders/graphics/t.frag\n");
  EXPECT_HAS(header("graphics/t"), "  vk::TextureRef map;  // sampler2D\n");
  EXPECT_HAS(read("out/modules_graphics.cpp"),
             "    {\"t\", shader::Stage::vertex, t_vertex_0},\n"
             "    {\"t\", shader::Stage::fragment, t_fragment_0},\n");
  EXPECT_HAS(read("out/registry.cpp"), "add(k::lone::modules());");
}

TEST_F(ShaderPack, StagesThatDisagreeAreRefused) {
  shader("graphics/t.vert", "layout(push_constant) uniform P { mat4 view; };\nvoid main() { gl_Position = view[0]; }");
  shader("graphics/t.frag",
         "layout(push_constant) uniform P { vec4 tint; };\nlayout(location = 0) out vec4 c;\n"
         "void main() { c = tint; }");
  expect_refused("shaders/graphics/t.frag: its push constants differ");
}

TEST_F(ShaderPack, VariantsAreModulesOfOneStruct) {
  shader("gemm/scale.comp",
         "// forge: dtype=f32,f16  tile=64,128  spec=numpy.multiply\n#version 450\n" + kReference +
             "#extension GL_EXT_shader_explicit_arithmetic_types : require\n"
             "#ifdef DTYPE_F16\n#define STORE float16_t\n#else\n#define STORE float\n#endif\n"
             "layout(local_size_x = TILE) in;\nlayout(buffer_reference) buffer Data { STORE v[]; };\n"
             "layout(push_constant) uniform P { Data x; uint n; };\n"
             "void main() { uint i = gl_GlobalInvocationID.x; if (i < n) x.v[i] *= STORE(2); }");
  ASSERT_EQ(run(), 0) << read("stderr");
  EXPECT_HAS(header("gemm/scale"),
             "  enum class Variant : unsigned char { f32_tile64, f32_tile128, f16_tile64, f16_tile128 };\n"
             "  static constexpr size_t kVariants = 4;\n"
             "  static std::span<const shader::EmbeddedModule> modules(Variant variant);\n");
  EXPECT_HAS(read("out/modules_gemm.cpp"), "{\"scale_f16_tile128\", shader::Stage::compute, scale_compute_3},");
  EXPECT_HAS(read("report.txt"), "| f32_tile64,f32_tile128,f16_tile64,f16_tile128 | ");
}

TEST_F(ShaderPack, IncludesAreEmbeddedAsTheyAre) {
  shader("include/sub/odd.glsl",
         "// \"quotes\" \\ \t ?"
         "?= caf\xc3\xa9 %s\nconst float kTwo = 2.0;\n");
  shader("a/k.comp",
         "#include \"sub/odd.glsl\"\nlayout(binding = 0) buffer X { float x; };\nvoid main() { x = kTwo; }");
  ASSERT_EQ(run(), 0) << read("stderr");
  EXPECT_HAS(read("out/library_includes.cpp"),
             "{\"sub/odd.glsl\",\n"
             "    \"// \\\"quotes\\\" \\\\ \\011 \\?\\?= caf\\303\\251 %s\\n\"\n"
             "    \"const float kTwo = 2.0;\\n\"\n");
}

TEST_F(ShaderPack, ErrorsNameFileLineAndText) {
  shader("a/bad.comp", "void main() {\n  x = 1;\n}\n");
  expect_refused("shader_pack: shaders/a/bad.comp:2: 'x' : undeclared identifier\n    2 |   x = 1;");
  EXPECT_FALSE(fs::exists(root_ / "out")) << "nothing is written";
}

TEST_F(ShaderPack, WhatCannotBeAStructIsRefused) {
  const std::string body = "void main() {}";
  shader("a/k.comp", body);
  shader("b/k.comp", body);
  expect_refused("has the same name");
  fs::remove(root_ / "shaders/b/k.comp");
  shader("a/k.comp",
         "layout(binding = 0) buffer A { float x; };\nlayout(push_constant) uniform P { float x; } p;\n"
         "void main() {}");
  expect_refused("an argument without a name of its own");
  shader("a/k.comp", "layout(binding = 0) uniform sampler2D t[3];\n" + body);
  expect_refused("is an array of bindings");
  shader("a/k.comp", "layout(binding = 0) uniform sampler s;\n" + body);
  expect_refused("a kind of binding that library shaders do not use");
  shader("a/k.comp", "// forge: dtype\n" + body);
  expect_refused("the variants line is not understood");
  shader("a/k.comp", body);
  shader("a/2d.comp", body);
  expect_refused("shaders/a/2d.comp: its name cannot be a struct's");
}

TEST_F(ShaderPack, UnchangedFilesKeepTheirTimesAndGoneShadersGo) {
  shader("a/one.comp", "void main() {}");
  shader("b/two.comp", "void main() {}");
  ASSERT_EQ(run(), 0) << read("stderr");
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const auto& entry : fs::recursive_directory_iterator(root_ / "out"))
    if (entry.is_regular_file()) fs::last_write_time(entry.path(), old);
  shader("b/two.comp", "layout(local_size_x = 2) in;\nvoid main() {}");
  ASSERT_EQ(run(), 0);
  for (const char* same : {"modules_a.cpp", "registry.cpp", "forge_shaders/a/one.hpp", "forge_shaders/b/two.hpp"})
    EXPECT_EQ(fs::last_write_time(root_ / "out" / same), old) << same;
  EXPECT_NE(fs::last_write_time(root_ / "out/modules_b.cpp"), old);
  fs::remove(root_ / "shaders/a/one.comp");
  ASSERT_EQ(run(), 0);
  EXPECT_FALSE(fs::exists(root_ / "out/forge_shaders/a/one.hpp"));
}

TEST_F(ShaderPack, AReportOfAnotherCompilerIsLeftAlone) {
  shader("a/one.comp", "void main() {}");
  std::ofstream(root_ / "report.txt") << "# glslang 1.2.3: by someone else\n";
  ASSERT_EQ(run(), 0) << read("stderr");
  EXPECT_EQ(read("report.txt"), "# glslang 1.2.3: by someone else\n");
}

TEST_F(ShaderPack, AnEmptyFolderMakesAnEmptyLibrary) {
  ASSERT_EQ(run(), 0) << read("stderr");
  EXPECT_HAS(read("out/registry.cpp"), "embedded_modules()");
}

}  // namespace
}  // namespace forge::shader
