#include "forge/shader/reflect.hpp"

#include <algorithm>
#include <bit>

#include "glsl.hpp"

namespace forge::shader {
namespace {

const std::string kScalar = "#extension GL_EXT_scalar_block_layout : require\n";
const std::string kTypes =
    "#extension GL_EXT_shader_explicit_arithmetic_types : require\n"
    "#extension GL_EXT_shader_16bit_storage : require\n"
    "#extension GL_EXT_shader_8bit_storage : require\n";
const std::string kReference =
    "#extension GL_EXT_buffer_reference : require\n"
    "#extension GL_EXT_buffer_reference_uvec2 : require\n";

/// The one block of a kernel with this layout word and these members.
Block block_of(const std::string& layout, const std::string& members, const std::string& head = "") {
  const bool uniform = layout == "std140";
  const std::string kind = uniform ? "uniform" : "buffer";
  const Reflection r = reflected(kScalar + kTypes + head + "layout(binding = 0, " + layout + ") " + kind + " B { " +
                                 members + " } b;\nlayout(binding = 1) buffer O { uint o; };\nvoid main() { o = 1; }");
  return r.bindings.at(0).block;
}

std::vector<uint32_t> offsets(const Block& block) {
  std::vector<uint32_t> list;
  for (const Member& m : block.members) list.push_back(m.offset);
  return list;
}

using Numbers = std::vector<uint32_t>;

// The rules of the GLSL specification, section 7.6.2.2, and of GL_EXT_scalar_block_layout, worked out by hand.
TEST(ReflectLayout, ScalarsAndVectors) {
  const std::string members = "float a; vec3 b; float c; vec2 d; vec4 e; double f; uint g;";
  EXPECT_EQ(offsets(block_of("std140", members)), (Numbers{0, 16, 28, 32, 48, 64, 72}));
  EXPECT_EQ(offsets(block_of("std430", members)), (Numbers{0, 16, 28, 32, 48, 64, 72}));
  EXPECT_EQ(offsets(block_of("scalar", members)), (Numbers{0, 4, 16, 20, 28, 48, 56}));
}

TEST(ReflectLayout, Arrays) {
  const std::string members = "float a[3]; vec3 b[2]; float c[2][3]; uint d;";
  const Block std140 = block_of("std140", members);
  EXPECT_EQ(offsets(std140), (Numbers{0, 48, 80, 176}));
  EXPECT_EQ(std140.members[0].type.strides, Numbers{16});
  EXPECT_EQ(std140.members[2].type.array, (Numbers{2, 3}));
  EXPECT_EQ(std140.members[2].type.strides, (Numbers{48, 16}));
  const Block std430 = block_of("std430", members);
  EXPECT_EQ(offsets(std430), (Numbers{0, 16, 48, 72}));
  EXPECT_EQ(std430.members[0].type.strides, Numbers{4});
  EXPECT_EQ(std430.members[1].type.strides, Numbers{16});
  EXPECT_EQ(std430.members[2].type.strides, (Numbers{12, 4}));
  const Block scalar = block_of("scalar", members);
  EXPECT_EQ(offsets(scalar), (Numbers{0, 12, 36, 60}));
  EXPECT_EQ(scalar.members[1].type.strides, Numbers{12});
}

TEST(ReflectLayout, SizesHaveNoTrailingPadding) {
  const Block block = block_of("std140", "vec3 a[2]; mat3 b; float c[3];");
  EXPECT_EQ(block.members[0].size, 28u);
  EXPECT_EQ(block.members[1].offset, 32u);
  EXPECT_EQ(block.members[1].size, 44u);
  EXPECT_EQ(block.members[2].offset, 80u);
  EXPECT_EQ(block.members[2].size, 36u);
  EXPECT_EQ(block.size, 116u);
}

TEST(ReflectLayout, Matrices) {
  const Block block = block_of("std430", "mat3 a; mat4x2 b; layout(row_major) mat4x2 c; mat2x3 d[2]; dmat2 e;");
  const auto& m = block.members;
  EXPECT_EQ(offsets(block), (Numbers{0, 48, 80, 112, 176}));
  EXPECT_EQ(m[0].type.matrix_stride, 16u);
  EXPECT_EQ(m[1].type.columns, 4u);
  EXPECT_EQ(m[1].type.rows, 2u);
  EXPECT_EQ(m[1].type.matrix_stride, 8u);
  EXPECT_FALSE(m[1].type.row_major);
  EXPECT_TRUE(m[2].type.row_major);
  EXPECT_EQ(m[2].type.matrix_stride, 16u);
  EXPECT_EQ(m[2].size, 32u);
  EXPECT_EQ(m[3].type.strides, Numbers{32});
  EXPECT_EQ(m[3].type.matrix_stride, 16u);
  EXPECT_EQ(m[4].type.scalar, Scalar::f64);
  EXPECT_EQ(m[4].size, 32u);
  EXPECT_EQ(to_string(m[1].type), "mat4x2");
  EXPECT_EQ(to_string(m[3].type), "mat2x3[2]");
  EXPECT_EQ(to_string(m[4].type), "dmat2");
}

TEST(ReflectLayout, RowMajorInStd140) {
  const Block block = block_of("std140", "layout(row_major) mat2x3 a; float b;");
  EXPECT_EQ(block.members[0].type.matrix_stride, 16u);
  EXPECT_EQ(block.members[0].size, 40u);
  EXPECT_EQ(block.members[1].offset, 48u);
}

TEST(ReflectLayout, Structures) {
  const std::string head = "struct In { float x; vec2 y; };\nstruct Mid { In in_; float z; In more[2]; };\n";
  const Block std140 = block_of("std140", "float a; Mid m; float b;", head);
  EXPECT_EQ(offsets(std140), (Numbers{0, 16, 80}));
  const Block& mid = std140.members[1].type.nested.at(0);
  EXPECT_EQ(mid.name, "Mid");
  EXPECT_EQ(offsets(mid), (Numbers{0, 16, 32}));
  EXPECT_EQ(mid.members[2].type.strides, Numbers{16});
  EXPECT_EQ(offsets(mid.members[2].type.nested.at(0)), (Numbers{0, 8}));
  const Block std430 = block_of("std430", "float a; Mid m; float b;", head);
  EXPECT_EQ(offsets(std430), (Numbers{0, 8, 64}));
  EXPECT_EQ(std430.members[1].size, 56u);
  const Block scalar = block_of("scalar", "float a; Mid m; float b;", head);
  EXPECT_EQ(offsets(scalar), (Numbers{0, 4, 44}));
}

TEST(ReflectLayout, RuntimeArrays) {
  const Block plain = block_of("std430", "float x[];");
  EXPECT_EQ(plain.size, 0u);
  EXPECT_EQ(plain.runtime_stride, 4u);
  EXPECT_EQ(plain.members[0].type.array, Numbers{0});
  const Block headed = block_of("std430", "uint n; vec3 x[];");
  EXPECT_EQ(headed.members[1].offset, 16u);
  EXPECT_EQ(headed.runtime_stride, 16u);
  EXPECT_EQ(headed.size, 4u);
  EXPECT_EQ(block_of("scalar", "uint n; vec3 x[];").runtime_stride, 12u);
  const Block rows = block_of("std430", "float x[][5];");
  EXPECT_EQ(rows.runtime_stride, 20u);
  EXPECT_EQ(rows.members[0].type.array, (Numbers{0, 5}));
}

TEST(ReflectLayout, EveryScalarType) {
  const Block block = block_of("std430",
                               "int8_t a; uint8_t b; int16_t c; uint16_t d; int e; uint f; float16_t g; "
                               "int64_t h; uint64_t i; float j; double k; bool l; f16vec3 m; i64vec2 n;");
  const std::vector<std::string> words = {"int8_t",  "uint8_t",  "int16_t", "uint16_t", "int",  "uint",    "float16_t",
                                          "int64_t", "uint64_t", "float",   "double",   "uint", "f16vec3", "i64vec2"};
  ASSERT_EQ(block.members.size(), words.size());
  for (size_t i = 0; i < words.size(); ++i) EXPECT_EQ(to_string(block.members[i].type), words[i]);
  EXPECT_EQ(offsets(block), (Numbers{0, 1, 2, 4, 8, 12, 16, 24, 32, 40, 48, 56, 64, 80}));
}

TEST(ReflectLayout, ExplicitOffsetsAndAlignments) {
  const Block block = block_of("std430", "layout(offset = 12) float a; layout(align = 32) float b;");
  EXPECT_EQ(offsets(block), (Numbers{12, 32}));
}

TEST(Reflect, PushConstants) {
  const Reflection r = reflected(
      "layout(push_constant) uniform P { uint n; float a; vec3 v; mat4 m; float w[2]; } p;\n"
      "layout(binding = 0) buffer B { float x[]; };\nvoid main() { x[p.n] = p.a; }");
  ASSERT_TRUE(r.push);
  EXPECT_EQ(r.push->name, "P");
  EXPECT_EQ(offsets(*r.push), (Numbers{0, 4, 16, 32, 96}));
  EXPECT_EQ(r.push->size, 104u);
  EXPECT_EQ(r.push->access, Access::read);
  EXPECT_FALSE(reflected("void main() {}").push);
}

TEST(Reflect, NamesOfBindings) {
  const Reflection r = reflected(
      "layout(binding = 0) buffer A { float x[]; } instance;\n"
      "layout(binding = 1) buffer Lone { float member[]; };\n"
      "layout(binding = 2) buffer Several { uint n; float y[]; };\n"
      "layout(set = 1, binding = 0) uniform sampler2D lut;\n"
      "void main() { instance.x[0] = member[0] + y[n] + texture(lut, vec2(0)).x; }");
  ASSERT_EQ(r.bindings.size(), 4u);
  EXPECT_EQ(r.bindings[0].name, "instance");
  EXPECT_EQ(r.bindings[1].name, "member");
  EXPECT_EQ(r.bindings[2].name, "Several");
  EXPECT_EQ(r.bindings[3].name, "lut");
  EXPECT_EQ(r.bindings[3].set, 1u);
}

TEST(Reflect, BindingsAreInOrderOfSetAndNumber) {
  const Reflection r = reflected(
      "layout(set = 2, binding = 1) buffer A { uint a; };\n"
      "layout(set = 0, binding = 7) buffer B { uint b; };\n"
      "layout(set = 2, binding = 0) buffer C { uint c; };\nvoid main() { a = b = c; }");
  ASSERT_EQ(r.bindings.size(), 3u);
  EXPECT_EQ(r.bindings[0].name, "b");
  EXPECT_EQ(r.bindings[1].name, "c");
  EXPECT_EQ(r.bindings[2].name, "a");
}

TEST(Reflect, ArraysOfBindings) {
  const Reflection r = reflected(
      "layout(binding = 0) uniform sampler2D t[5];\n"
      "layout(binding = 1) buffer B { float x[]; } b[3];\n"
      "#extension GL_EXT_nonuniform_qualifier : require\n"
      "layout(binding = 2) uniform texture2D many[];\nlayout(binding = 3) uniform sampler s;\n"
      "void main() { b[1].x[0] = texture(t[2], vec2(0)).x +"
      " texture(sampler2D(many[int(b[2].x[0])], s), vec2(0)).x; }");
  EXPECT_EQ(r.bindings.at(0).count, 5u);
  EXPECT_EQ(r.bindings.at(1).count, 3u);
  EXPECT_EQ(r.bindings.at(1).block.members.at(0).name, "x");
  EXPECT_EQ(r.bindings.at(2).count, 0u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(r.bindings.at(i).array_depth, 1u) << i;
  EXPECT_EQ(r.bindings.at(3).array_depth, 0u);
  EXPECT_FALSE(r.bindings.at(0).indexed);  // by constants alone
  EXPECT_FALSE(r.bindings.at(1).indexed);
  EXPECT_TRUE(r.bindings.at(2).indexed);
  EXPECT_EQ(r.bindings.at(3).kind, BindingKind::sampler);
}

TEST(Reflect, ArraysOfBindingsSizedByAConstant) {
  const Reflection r = reflected(
      "layout(constant_id = 7) const uint N = 3;\nlayout(push_constant) uniform P { uint k; };\n"
      "layout(binding = 0) buffer B { float x[]; } b[N];\nvoid main() { b[k].x[0] = b[k].x.length(); }");
  EXPECT_EQ(r.bindings.at(0).count, 3u);
  EXPECT_EQ(r.bindings.at(0).count_spec, 7u);
  EXPECT_TRUE(r.bindings.at(0).indexed);
  EXPECT_FALSE(r.bindings.at(0).measured);
}

TEST(Reflect, Images) {
  const Reflection r = reflected(
      "layout(binding = 0) uniform sampler1D a;\nlayout(binding = 1) uniform sampler2DArray b;\n"
      "layout(binding = 2) uniform isampler3D c;\nlayout(binding = 3) uniform samplerCube d;\n"
      "layout(binding = 4) uniform texture2D e;\nlayout(binding = 5) uniform usamplerBuffer f;\n"
      "layout(binding = 6, r32f) uniform image2D g;\nlayout(binding = 7, rgba16i) uniform iimage3D h;\n"
      "layout(binding = 8, r32ui) uniform uimageBuffer i;\nlayout(binding = 9) uniform sampler2DMS j;\n"
      "layout(binding = 10) uniform sampler2DShadow k;\nvoid main() {}");
  const std::vector<std::string> words = {"sampler1D",        "sampler2DArray",    "isampler3D",
                                          "samplerCube",      "texture2D",         "usamplerBuffer",
                                          "readonly image2D", "readonly iimage3D", "readonly uimageBuffer",
                                          "sampler2DMS",      "sampler2D"};
  const std::vector<BindingKind> kinds = {
      BindingKind::combined_image, BindingKind::combined_image, BindingKind::combined_image,
      BindingKind::combined_image, BindingKind::sampled_image,  BindingKind::texel_buffer,
      BindingKind::storage_image,  BindingKind::storage_image,  BindingKind::storage_texel_buffer,
      BindingKind::combined_image, BindingKind::combined_image};
  ASSERT_EQ(r.bindings.size(), words.size());
  for (size_t i = 0; i < words.size(); ++i) {
    EXPECT_EQ(type_text(r.bindings[i]), words[i]);
    EXPECT_EQ(r.bindings[i].kind, kinds[i]) << words[i];
  }
  EXPECT_EQ(r.bindings[6].image_format, 3u);  // SpvImageFormatR32f
  EXPECT_EQ(r.bindings[2].image_dims, 3u);
  EXPECT_TRUE(r.bindings[3].image_cube);
  EXPECT_TRUE(r.bindings[1].image_arrayed);
  EXPECT_TRUE(r.bindings[9].image_multisampled);
}

/// What the code in main does with `buffer B { float x[]; }`, or with what `declaration` puts in its place.
Access access_of(const std::string& body, const std::string& words = "", const std::string& head = "") {
  const Reflection r = reflected(head + "layout(binding = 0) " + words +
                                 " buffer B { uint x[]; };\n"
                                 "layout(binding = 1) buffer Other { uint o[]; };\n" +
                                 body);
  EXPECT_EQ(r.bindings.at(0).block.access, r.bindings.at(0).access);
  return r.bindings.at(0).access;
}

TEST(ReflectAccess, DeclaredByQualifiers) {
  EXPECT_EQ(access_of("void main() { o[0] = x[0]; }", "readonly"), Access::read);
  EXPECT_EQ(access_of("void main() { x[0] = 1; }", "writeonly"), Access::write);
  EXPECT_EQ(access_of("void main() { o[0] = x.length(); }", "readonly writeonly"), Access::read);
}

TEST(ReflectAccess, FollowsTheCodeWithoutQualifiers) {
  EXPECT_EQ(access_of("void main() { o[0] = x[0]; }"), Access::read);
  EXPECT_EQ(access_of("void main() { x[0] = o[0]; }"), Access::write);
  EXPECT_EQ(access_of("void main() { x[0] += 1; }"), Access::read_write);
  EXPECT_EQ(access_of("void main() { x[1] = x[0]; }"), Access::read_write);
  EXPECT_EQ(access_of("void main() { atomicAdd(x[0], 1); }"), Access::read_write);
  EXPECT_EQ(access_of("void main() { if (false) x[0] = 1; o[0] = x[2]; }"), Access::read_write);
  EXPECT_EQ(access_of("uint get(uint i) { return x[i]; }\nvoid main() { o[0] = get(2); }"), Access::read);
  EXPECT_EQ(access_of("void put(uint i) { x[i] = 1; }\nvoid main() { put(2); }"), Access::write);
  EXPECT_EQ(access_of("void set(out uint v) { v = 1; }\nvoid main() { set(x[0]); }"), Access::write);
  EXPECT_EQ(access_of("void bump(inout uint v) { v += 1; }\nvoid main() { bump(x[0]); }"), Access::read_write);
  EXPECT_EQ(access_of("void main() { for (uint i = 0; i < 9; ++i) o[i] = x[i]; }"), Access::read);
}

TEST(ReflectAccess, ATouchThatNeedsNoValueCountsAsRead) {
  EXPECT_EQ(access_of("void main() {}"), Access::read);
  EXPECT_EQ(access_of("void main() { o[0] = x.length(); }"), Access::read);
}

TEST(ReflectAccess, AtomicLoadsAndStores) {
  const std::string head = "#extension GL_KHR_memory_scope_semantics : require\n";
  EXPECT_EQ(access_of("void main() { o[0] = atomicLoad(x[0], gl_ScopeDevice, 0, 0); }", "", head), Access::read);
  EXPECT_EQ(access_of("void main() { atomicStore(x[0], 1u, gl_ScopeDevice, 0, 0); }", "", head), Access::write);
}

TEST(ReflectAccess, PartsOfVectorsAndStructures) {
  const auto of = [](const std::string& body) {
    return reflected(
               "struct S { vec4 a; mat2 m; };\nlayout(binding = 0) buffer B { S s[]; };\n"
               "layout(binding = 1) buffer O { float o; };\nvoid main() { " +
               body + " }")
        .bindings.at(0)
        .access;
  };
  EXPECT_EQ(of("s[0].a.x = 1;"), Access::write);
  EXPECT_EQ(of("o = s[0].a.y;"), Access::read);
  EXPECT_EQ(of("s[0].m[1][0] = o;"), Access::write);
  EXPECT_EQ(of("s[1] = s[0];"), Access::read_write);
  EXPECT_EQ(of("S t = s[0]; o = t.a.x;"), Access::read);
}

TEST(ReflectAccess, StorageImages) {
  const auto of = [](const std::string& words, const std::string& body) {
    return reflected("layout(binding = 0, r32ui) " + words +
                     " uniform uimage2D img;\n"
                     "layout(binding = 1) buffer O { uint o; };\nvoid main() { " +
                     body + " }")
        .bindings.at(0)
        .access;
  };
  EXPECT_EQ(of("", "o = imageLoad(img, ivec2(0)).x;"), Access::read);
  EXPECT_EQ(of("", "imageStore(img, ivec2(0), uvec4(1));"), Access::write);
  EXPECT_EQ(of("", "imageStore(img, ivec2(0), imageLoad(img, ivec2(1)));"), Access::read_write);
  EXPECT_EQ(of("", "imageAtomicAdd(img, ivec2(0), 1);"), Access::read_write);
  EXPECT_EQ(of("", "o = imageSize(img).x;"), Access::read);
  EXPECT_EQ(of("writeonly", "imageStore(img, ivec2(0), uvec4(1));"), Access::write);
  EXPECT_EQ(of("readonly", ""), Access::read);
}

Block pointee(const std::string& members, const std::string& body, const std::string& words = "readonly") {
  const Reflection r =
      reflected(kReference + kScalar + "layout(buffer_reference, scalar, buffer_reference_align = 4) " + words +
                " buffer Data { " + members +
                " };\n"
                "layout(push_constant) uniform P { uint n; Data x; };\n"
                "layout(binding = 0) buffer O { float o; };\nvoid main() { " +
                body + " }");
  const Member& m = r.push.value().members.at(1);
  EXPECT_EQ(m.offset, 8u);
  EXPECT_EQ(m.size, 8u);
  EXPECT_EQ(m.type.kind, Type::Kind::pointer);
  return m.type.nested.at(0);
}

TEST(ReflectReference, PointsToItsBlock) {
  const Block block = pointee("uint count; vec3 v[];", "o = x.v[1].y;");
  EXPECT_EQ(block.name, "Data");
  EXPECT_EQ(offsets(block), (Numbers{0, 4}));
  EXPECT_EQ(block.runtime_stride, 12u);
  EXPECT_EQ(block.access, Access::read);
}

TEST(ReflectReference, AccessIsDeclaredOrFollowed) {
  EXPECT_EQ(pointee("float v[];", "x.v[0] = 1;", "writeonly").access, Access::write);
  EXPECT_EQ(pointee("float v[];", "x.v[0] = 1;", "").access, Access::write);
  EXPECT_EQ(pointee("float v[];", "o = x.v[0];", "").access, Access::read);
  EXPECT_EQ(pointee("float v[];", "x.v[0] += 1;", "").access, Access::read_write);
  EXPECT_EQ(pointee("float v[];", "", "").access, Access::read);
  EXPECT_EQ(pointee("float v[];", "Data y = x; y.v[0] = 1;", "").access, Access::write);
  EXPECT_EQ(pointee("float v[];", "Data y = x; if (n > 3) y = Data(uvec2(0)); y.v[0] = 1;", "").access, Access::write);
}

TEST(ReflectReference, AnAddressTurnedIntoANumberMayBeAnything) {
  const Reflection r = reflected(kReference + kTypes +
                                 "layout(buffer_reference) buffer A { float v[]; };\n"
                                 "layout(buffer_reference) buffer B { float v[]; };\n"
                                 "layout(push_constant) uniform P { A a; };\n"
                                 "void main() { B b = B(uint64_t(a) + 16); b.v[0] = 1; }");
  EXPECT_EQ(r.push.value().members.at(0).type.nested.at(0).access, Access::read_write);
}

TEST(ReflectReference, FunctionsAndSeveralOfOneType) {
  const Reflection r = reflected(kReference +
                                 "layout(buffer_reference) buffer A { float v[]; };\n"
                                 "layout(push_constant) uniform P { A a; A b; };\n"
                                 "void put(A to, float f) { to.v[0] = f; }\nvoid main() { put(a, b.v[0]); }");
  for (const Member& m : r.push.value().members)
    EXPECT_EQ(m.type.nested.at(0).access, Access::read_write) << "one type, one answer";
}

TEST(ReflectReference, Alignment) {
  EXPECT_EQ(pointee("float v[];", "o = x.v[0];").alignment, 4u);
  const Reflection r = reflected(kReference +
                                 "layout(buffer_reference, buffer_reference_align = 64) buffer A { vec4 v; };\n"
                                 "layout(push_constant) uniform P { A a; };\nvoid main() { a.v = vec4(1); }");
  EXPECT_EQ(r.push.value().members.at(0).type.nested.at(0).alignment, 64u);
}

TEST(ReflectReference, LinkedListsEnd) {
  const Reflection r = reflected(kReference +
                                 "layout(buffer_reference) buffer Node;\n"
                                 "layout(buffer_reference) buffer Node { Node next; uint value; };\n"
                                 "layout(push_constant) uniform P { Node list; };\n"
                                 "void main() { Node n = list; while (n.value > 0) n = n.next; }");
  const Block& node = r.push.value().members.at(0).type.nested.at(0);
  EXPECT_EQ(offsets(node), (Numbers{0, 8}));
  const Type& next = node.members.at(0).type;
  EXPECT_EQ(next.kind, Type::Kind::pointer);
  EXPECT_EQ(next.nested.at(0).name, "Node");
  EXPECT_TRUE(next.nested.at(0).members.empty());
}

TEST(Reflect, SpecialisationConstantsOfEachType) {
  const Reflection r =
      reflected(kTypes +
                "layout(constant_id = 7) const int I = -4;\nlayout(constant_id = 1) const bool T = true;\n"
                "layout(constant_id = 2) const bool F = false;\nlayout(constant_id = 3) const uint U = 0xffffffffu;\n"
                "layout(constant_id = 4) const float A = 2.5;\nlayout(constant_id = 5) const double D = -0.1;\n"
                "layout(constant_id = 6) const int64_t L = -5l;\nlayout(constant_id = 8) const float16_t H = 1.5hf;\n"
                "layout(constant_id = 9) const int16_t S = -2s;\nlayout(binding = 0) buffer B { double x; };\n"
                "void main() { if (T || F) x = I + U + A + D + double(L) + double(H) + double(S); }");
  const std::vector<SpecConstant> want = {{"T", 1, Scalar::boolean, 1},
                                          {"F", 2, Scalar::boolean, 0},
                                          {"U", 3, Scalar::u32, 0xffffffff},
                                          {"A", 4, Scalar::f32, std::bit_cast<uint32_t>(2.5f)},
                                          {"D", 5, Scalar::f64, std::bit_cast<uint64_t>(-0.1)},
                                          {"L", 6, Scalar::i64, static_cast<uint64_t>(-5)},
                                          {"I", 7, Scalar::i32, static_cast<uint32_t>(-4)},
                                          {"H", 8, Scalar::f16, 0x3e00},
                                          {"S", 9, Scalar::i16, 0xfffe}};
  ASSERT_EQ(r.spec_constants.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(r.spec_constants[i].name, want[i].name);
    EXPECT_EQ(r.spec_constants[i].id, want[i].id);
    EXPECT_EQ(r.spec_constants[i].type, want[i].type) << want[i].name;
    EXPECT_EQ(r.spec_constants[i].default_bits, want[i].default_bits) << want[i].name;
  }
}

TEST(Reflect, WorkgroupSizes) {
  using Size = std::array<uint32_t, 3>;
  EXPECT_EQ(reflected("void main() {}").workgroup, (Size{1, 1, 1}));
  EXPECT_EQ(reflected("layout(local_size_x = 8, local_size_y = 4, local_size_z = 2) in;\nvoid main() {}").workgroup,
            (Size{8, 4, 2}));
}

TEST(Reflect, SpecialisedWorkgroupSizes) {  // SPIR-V 1.6 says them by LocalSizeId, older ones by a builtin constant
  for (uint32_t minor : {0u, 2u, 3u}) {
    const Reflection r = reflected(
        "layout(local_size_x = 32, local_size_x_id = 4, local_size_y = 2, "
        "local_size_z_id = 9) in;\nvoid main() {}",
        Stage::compute, minor);
    EXPECT_EQ(r.workgroup, (std::array<uint32_t, 3>{32, 2, 1})) << minor;
    EXPECT_EQ(r.workgroup_spec[0], 4u);
    EXPECT_EQ(r.workgroup_spec[1], std::nullopt);
    EXPECT_EQ(r.workgroup_spec[2], 9u);
    ASSERT_EQ(r.spec_constants.size(), 2u);
    EXPECT_EQ(r.spec_constants[0].name, "local_size_x");
    EXPECT_EQ(r.spec_constants[0].default_bits, 32u);
    EXPECT_EQ(r.spec_constants[1].name, "local_size_z");
  }
}

TEST(Reflect, ArraysSizedByConstants) {
  const Reflection r = reflected(
      "layout(constant_id = 0) const uint N = 6;\n"
      "layout(binding = 0) buffer B { float x[N]; };\nvoid main() { x[1] = 2; }");
  EXPECT_EQ(r.bindings.at(0).block.members.at(0).type.array, Numbers{6});
}

TEST(Reflect, VertexInputs) {
  const Reflection r = reflected(
      "layout(location = 2) in vec3 position;\nlayout(location = 0) in uvec2 id;\n"
      "layout(location = 3) in mat4 instance;\nlayout(location = 0) out vec3 c;\n"
      "void main() { gl_Position = instance * vec4(position, gl_VertexIndex); c = vec3(id, 1); }",
      Stage::vertex);
  ASSERT_EQ(r.inputs.size(), 3u);
  EXPECT_EQ(r.inputs[0].name, "id");
  EXPECT_EQ(to_string(r.inputs[0].type), "uvec2");
  EXPECT_EQ(r.inputs[1].name, "position");
  EXPECT_EQ(r.inputs[1].location, 2u);
  EXPECT_EQ(to_string(r.inputs[2].type), "mat4");
  EXPECT_TRUE(r.outputs.empty());
}

TEST(Reflect, FragmentOutputs) {
  const Reflection r = reflected(
      "layout(location = 0) in vec3 c;\nlayout(location = 1) out uint id;\n"
      "layout(location = 0) out vec4 color;\nvoid main() { color = vec4(c, 1); id = 3; "
      "gl_FragDepth = 0.5; }",
      Stage::fragment);
  ASSERT_EQ(r.outputs.size(), 2u);
  EXPECT_EQ(r.outputs[0].name, "color");
  EXPECT_EQ(r.outputs[1].name, "id");
  EXPECT_TRUE(r.inputs.empty());
}

TEST(Reflect, CapabilitiesAndExtensions) {
  const Reflection r = reflected(kReference +
                                     "layout(buffer_reference) buffer A { double v; };\n"
                                     "layout(push_constant) uniform P { A a; };\nvoid main() { a.v = 1; }",
                                 Stage::compute, 1);
  const auto has = [&](uint32_t c) { return std::count(r.capabilities.begin(), r.capabilities.end(), c) == 1; };
  EXPECT_TRUE(has(1));     // Shader
  EXPECT_TRUE(has(10));    // Float64
  EXPECT_TRUE(has(5347));  // PhysicalStorageBufferAddresses
  EXPECT_EQ(std::count(r.extensions.begin(), r.extensions.end(), "SPV_KHR_physical_storage_buffer"), 1);
}

TEST(Reflect, OlderModulesMarkStorageBuffersAsBufferBlocks) {  // Vulkan 1.0's way, before the storage class
  const Reflection r = reflected(
      "layout(binding = 0) buffer X { float x[]; };\nlayout(binding = 1) uniform U { float u; };\n"
      "void main() { x[0] = u; }",
      Stage::compute, 0);
  EXPECT_EQ(r.version, 0x10000u);
  EXPECT_EQ(r.bindings.at(0).kind, BindingKind::storage_buffer);
  EXPECT_EQ(r.bindings.at(0).access, Access::write);
  EXPECT_EQ(r.bindings.at(1).kind, BindingKind::uniform_buffer);
}

TEST(Reflect, DescribesItself) {
  const Reflection r = reflected(
      kReference +
      "layout(local_size_x_id = 1, local_size_y = 4) in;\n"
      "layout(buffer_reference) readonly buffer F { float v[]; };\n"
      "layout(push_constant) uniform P { F height; uint n; };\nlayout(binding = 3) writeonly buffer Y { vec2 y[]; };\n"
      "layout(set = 1, binding = 0) uniform sampler2D lut[2];\n"
      "void main() { y[n] = vec2(height.v[n]) + texture(lut[1], vec2(0)).xy; }");
  EXPECT_EQ(describe(r),
            "compute shader, workgroup (constant 1) x 4 x 1\n"
            "push constants, 12 bytes\n"
            "  byte 0 height: readonly float[] (by address)\n"
            "  byte 8 n: uint\n"
            "binding 3 storage buffer y: writeonly vec2[]\n"
            "set 1 binding 0 texture lut[2]: sampler2D\n"
            "constant 1 local_size_x: uint\n");
}

}  // namespace
}  // namespace forge::shader
