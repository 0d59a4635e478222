#include "forge/shader/kernel.hpp"

#include <bit>
#include <cstring>

#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::shader {
namespace {

using namespace forge::test;
using vk::Buffer;
using vk::BufferRef;
using vk::Memory;
using Words32 = std::vector<uint32_t>;

class KernelTest : public DeviceTest {
 protected:
  std::shared_ptr<Buffer> zeros(size_t words = 64) { return buffer_of(device_, Words32(words)); }
  /// The words a one-thread kernel writes to `o`.
  Words32 output(const std::string& body, const Arguments& arguments, const KernelOptions& options = {},
                 size_t words = 8) {
    auto kernel = kernel_of(device_, "layout(binding = 0) buffer O { uint o[]; };\n" + body, options);
    const auto out = zeros(words);
    Arguments all = arguments;
    all.push_back(raw("o", out));
    run(*kernel, all, threads(1));
    return words_of(out);
  }
  bool has(std::initializer_list<const char*> features) {
    for (const char* feature : features)
      if (!device_->has(feature)) return false;
    return true;
  }
};

TEST_F(KernelTest, ParametersHaveTheShadersNames) {
  auto kernel = kernel_of(device_,
                          "layout(local_size_x = 32, local_size_y = 2) in;\n"
                          "layout(buffer_reference, scalar) readonly buffer Heights { float at[]; };\n"
                          "layout(binding = 1) readonly buffer X { float x[]; };\n"
                          "layout(binding = 0) writeonly buffer Y { float y[]; };\n"
                          "layout(binding = 2) uniform U { vec4 tint; };\n"
                          "layout(push_constant) uniform P { Heights heights; uint n; float alpha; };\n"
                          "void main() { if (n > 0) y[0] = x[0] * alpha + heights.at[0] + tint.x; }\n",
                          {.name = "saxpy", .spec = {}});
  EXPECT_EQ(kernel->name(), "saxpy");
  EXPECT_EQ(kernel->workgroup(), (std::array<uint32_t, 3>{32, 2, 1}));
  ASSERT_EQ(kernel->parameters().size(), 6u);
  for (const char* name : {"x", "y", "tint", "heights", "n", "alpha"}) EXPECT_NE(kernel->find(name), nullptr) << name;
  EXPECT_EQ(kernel->find("X"), nullptr);
  EXPECT_EQ(kernel->access(*kernel->find("x")), Access::read);
  EXPECT_EQ(kernel->access(*kernel->find("y")), Access::write);
  EXPECT_EQ(kernel->access(*kernel->find("tint")), Access::read);
  EXPECT_EQ(kernel->access(*kernel->find("heights")), Access::read);
  EXPECT_EQ(kernel->access(*kernel->find("n")), Access::none);
  EXPECT_TRUE(kernel->by_address(*kernel->find("heights")));
  EXPECT_FALSE(kernel->by_address(*kernel->find("x")));
  EXPECT_EQ(kernel->alignment(*kernel->find("x")), device_->limits().storage_offset_alignment);
  EXPECT_EQ(kernel->alignment(*kernel->find("tint")), device_->limits().uniform_offset_alignment);
}

TEST_F(KernelTest, PushConstantsArriveUnchanged) {
  const Words32 got = output(
      "layout(push_constant) uniform P { int i; uint u; float f; vec3 v; mat2 m; };\n"
      "void main() { o[0] = uint(i); o[1] = u; o[2] = floatBitsToUint(f); o[3] = floatBitsToUint(v.z);\n"
      "  o[4] = floatBitsToUint(m[0][1]); o[5] = floatBitsToUint(m[1][0]); }\n",
      {value("i", -5), value("u", 0xFFFFFFFFu), value("f", 0.1), values("v", std::vector<double>{1, 2, 3}),
       values("m", std::vector<double>{10, 20, 30, 40})});
  EXPECT_EQ(got, (Words32{0xFFFFFFFB, 0xFFFFFFFF, std::bit_cast<uint32_t>(0.1f), std::bit_cast<uint32_t>(3.0f),
                          std::bit_cast<uint32_t>(20.0f), std::bit_cast<uint32_t>(30.0f), 0, 0}));
}

TEST_F(KernelTest, SmallAndLargeScalarsArriveUnchanged) {
  if (!has({"shaderFloat64", "shaderInt64", "shaderInt16", "shaderInt8", "storagePushConstant8",
            "storagePushConstant16", "shaderFloat16"}))
    GTEST_SKIP() << "the device lacks some scalar types";
  const Words32 got = output(
      "layout(push_constant, scalar) uniform P { int8_t a; uint8_t b; int16_t c; uint16_t d; float16_t e; int64_t f;\n"
      "  uint64_t g; double h; };\n"
      "void main() { o[0] = uint(int(a)); o[1] = uint(b); o[2] = uint(int(c)); o[3] = uint(d);\n"
      "  o[4] = floatBitsToUint(float(e)); o[5] = uint(f >> 32); o[6] = uint(g >> 32); o[7] = uint(h == 0.1lf); }\n",
      {value("a", -128), value("b", 255), value("c", -32768), value("d", 65535), value("e", 0.5),
       value("f", int64_t{-1} << 33), value("g", ~0ULL), value("h", 0.1)});
  EXPECT_EQ(got,
            (Words32{0xFFFFFF80, 255, 0xFFFF8000, 65535, std::bit_cast<uint32_t>(0.5f), 0xFFFFFFFE, 0xFFFFFFFF, 1}));
}

TEST_F(KernelTest, SpecialisationConstantsByName) {
  const std::string body =
      "layout(constant_id = 3) const bool flag = false;\n"
      "layout(constant_id = 4) const int shift = 1;\n"
      "layout(constant_id = 5) const uint size = 2;\n"
      "layout(constant_id = 6) const float factor = 0.5;\n"
      "void main() { o[0] = flag ? 1 : 0; o[1] = uint(shift); o[2] = size; o[3] = floatBitsToUint(factor); }\n";
  EXPECT_EQ(output(body, {}, {}, 4), (Words32{0, 1, 2, std::bit_cast<uint32_t>(0.5f)}));
  KernelOptions options;
  options.spec = {{"flag", number(true)}, {"shift", number(-7)}, {"size", number(9)}, {"factor", number(2.5)}};
  EXPECT_EQ(output(body, {}, options, 4), (Words32{1, 0xFFFFFFF9, 9, std::bit_cast<uint32_t>(2.5f)}));
  options.spec = {{"flag", number(1)}};
  EXPECT_CODE(BAD_TYPE, output(body, {}, options));
  options.spec = {{"size", number(-1)}};
  EXPECT_CODE(INVALID_ARGUMENT, output(body, {}, options));
  options.spec = {{"colour", number(1)}};
  const Error error = error_of([&] { output(body, {}, options); });
  EXPECT_EQ(error.code(), ErrorCode::ARGUMENT_NAMES);
  EXPECT_CONTAINS(error.what(), "flag, shift, size, factor");
}

TEST_F(KernelTest, TheWorkgroupMayBeSpecialised) {
  const std::string body =
      "layout(local_size_x_id = 0) in;\n"
      "layout(binding = 0) buffer O { uint o[]; };\n"
      "void main() { atomicAdd(o[0], 1); }\n";
  for (const uint32_t lanes : {1u, 32u, 128u}) {
    auto kernel = kernel_of(device_, body, {.name = "k", .spec = {{"local_size_x", number(lanes)}}});
    EXPECT_EQ(kernel->workgroup()[0], lanes);
    const auto out = zeros();
    run(*kernel, {raw("o", out)}, groups(3));
    EXPECT_EQ(words_of(out)[0], 3 * lanes);
    run(*kernel, {raw("o", out)}, threads(lanes + 1));
    EXPECT_EQ(words_of(out)[0], 5 * lanes);
  }
  for (const uint32_t lanes : {0u, device_->limits().max_invocations + 1}) {
    const Error error =
        error_of([&] { kernel_of(device_, body, {.name = "k", .spec = {{"local_size_x", number(lanes)}}}); });
    EXPECT_EQ(error.code(), ErrorCode::LIMIT_EXCEEDED);
    EXPECT_CONTAINS(error.what(), std::to_string(device_->limits().max_invocations));
  }
}

TEST_F(KernelTest, BlocksFollowTheirLayout) {
  struct Row {
    const char* layout;
    std::vector<uint32_t> places;  // of a, b[0], b[1], c in words
  };
  const Row rows[] = {{"std140", {0, 4, 8, 12}}, {"std430", {0, 1, 2, 4}}, {"scalar", {0, 1, 2, 3}}};
  for (const Row& row : rows) {
    if (std::string(row.layout) == "scalar" && !device_->has("scalarBlockLayout")) continue;
    for (const bool uniform : {false, true}) {
      if (uniform && std::string(row.layout) == "std430") continue;  // not GLSL without an extension
      auto kernel =
          kernel_of(device_,
                    "layout(binding = 0) buffer O { uint o[]; };\n"
                    "layout(binding = 1, " +
                        std::string(row.layout) + ") " + (uniform ? "uniform" : "readonly buffer") +
                        " B { uint a; uint b[2]; uvec2 c; } block;\n"
                        "void main() { o[0] = block.a; o[1] = block.b[0]; o[2] = block.b[1]; o[3] = block.c.x; }\n");
      Words32 words(16);
      for (uint32_t i = 0; i < 4; ++i) words[row.places[i]] = 100 + i;
      const auto out = zeros(4);
      run(*kernel, {raw("o", out), raw("block", buffer_of(device_, words))}, threads(1));
      EXPECT_EQ(words_of(out), (Words32{100, 101, 102, 103})) << row.layout << (uniform ? " uniform" : " buffer");
    }
  }
}

TEST_F(KernelTest, BuffersByAddressTakeAnyOffset) {
  auto kernel = kernel_of(device_, kAddAt);
  const auto buffer = zeros(64);
  run(*kernel, {raw("c", BufferRef(buffer).part(12, 20)), value("n", 5), value("add", 1)}, threads(5));
  const Words32 words = words_of(buffer);
  for (uint32_t i = 0; i < 64; ++i) EXPECT_EQ(words[i], i >= 3 && i < 8 ? 1u : 0u) << i;
  EXPECT_CODE(
      NOT_CONTIGUOUS,
      kernel->bind(Arguments{raw("c", BufferRef(buffer).part(2, 20)), value("n", 5), value("add", 1)}, threads(5)));
}

// -- refusals, each before anything runs --

class KernelRefusal : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (!device_) return;
    kernel_ = kernel_of(device_,
                        "layout(local_size_x = 64) in;\n"
                        "layout(binding = 0) readonly buffer X { float x[]; };\n"
                        "layout(binding = 1) writeonly buffer Y { float y[]; };\n"
                        "layout(push_constant) uniform P { uint n; float alpha; };\n"
                        "void main() { uint i = gl_GlobalInvocationID.x; if (i < n) y[i] = alpha * x[i]; }\n",
                        {.name = "scale", .spec = {}});
    buffer_ = zeros(256);
    good_ = {array("x", buffer_, DType::float32, {64}), array("y", zeros(64), DType::float32, {64}), value("n", 64),
             value("alpha", 2.0)};
  }
  void TearDown() override {
    good_.clear();
    buffer_.reset();
    kernel_.reset();
    KernelTest::TearDown();
  }
  /// The good arguments with one replaced.
  Error with(const NamedArgument& changed, const Grid& grid = threads(64)) {
    Arguments arguments;
    for (const NamedArgument& argument : good_) arguments.push_back(argument.name == changed.name ? changed : argument);
    return error_of([&] { kernel_->bind(arguments, grid); });
  }
  std::unique_ptr<Kernel> kernel_;
  std::shared_ptr<Buffer> buffer_;
  Arguments good_;
};

TEST_F(KernelRefusal, NothingIsWrongWithTheGoodOnes) { EXPECT_NO_THROW(kernel_->bind(good_, threads(64))); }

TEST_F(KernelRefusal, NamesThatAreMissingOrUnknown) {
  for (size_t i = 0; i < good_.size(); ++i) {
    Arguments arguments = good_;
    arguments.erase(arguments.begin() + static_cast<ptrdiff_t>(i));
    const Error error = error_of([&] { kernel_->bind(arguments, threads(64)); });
    EXPECT_EQ(error.code(), ErrorCode::ARGUMENT_NAMES);
    EXPECT_CONTAINS(error.what(), "got no " + good_[i].name);
    EXPECT_CONTAINS(error.what(), "x: readonly float[], y: writeonly float[], n: uint, alpha: float");
  }
  Arguments arguments = good_;
  arguments.push_back(value("beta", 1));
  const Error error = error_of([&] { kernel_->bind(arguments, threads(64)); });
  EXPECT_EQ(error.code(), ErrorCode::ARGUMENT_NAMES);
  EXPECT_CONTAINS(error.what(), "beta");
  EXPECT_CONTAINS(error.what(), "scale");
}

TEST_F(KernelRefusal, KindsDtypesAndSizes) {
  EXPECT_EQ(with(value("x", 1.0)).code(), ErrorCode::BAD_TYPE);
  EXPECT_EQ(with(array("n", buffer_, DType::uint32, {1})).code(), ErrorCode::BAD_TYPE);
  EXPECT_EQ(with(value("n", 1.5)).code(), ErrorCode::BAD_TYPE);
  EXPECT_EQ(with(value("n", -1)).code(), ErrorCode::INVALID_ARGUMENT);
  EXPECT_EQ(with(values("alpha", std::vector<double>{1, 2})).code(), ErrorCode::BAD_SHAPE);
  const Error dtype = with(array("x", buffer_, DType::float64, {32}));
  EXPECT_EQ(dtype.code(), ErrorCode::BAD_DTYPE);
  for (const char* part : {"argument x of scale", "float32", "float64"}) EXPECT_CONTAINS(dtype.what(), part);
}

TEST_F(KernelRefusal, ReadOnlyArraysAreNotWritten) {
  const Error error = with(array("y", buffer_, DType::float32, {64}, false));
  EXPECT_EQ(error.code(), ErrorCode::READ_ONLY);
  EXPECT_CONTAINS(error.what(), "argument y of scale");
  Arguments arguments = good_;
  arguments[0] = array("x", buffer_, DType::float32, {64}, false);
  EXPECT_NO_THROW(kernel_->bind(arguments, threads(64))) << "x is only read";
}

TEST_F(KernelRefusal, StartsThatTheDeviceCannotTake) {
  const uint64_t step = device_->limits().storage_offset_alignment;
  if (step <= 4) GTEST_SKIP() << "the device takes any start";
  const Error error = with(array("x", BufferRef(buffer_).part(4, 256), DType::float32, {64}));
  EXPECT_EQ(error.code(), ErrorCode::NOT_CONTIGUOUS);
  EXPECT_CONTAINS(error.what(), std::to_string(step));
}

TEST_F(KernelRefusal, BlocksThatAreTooSmall) {
  auto kernel = kernel_of(device_,
                          "layout(binding = 0) buffer O { uint o[]; };\n"
                          "layout(binding = 1) uniform U { vec4 a; vec4 b; } u;\n"
                          "void main() { o[0] = uint(u.b.x); }\n");
  const Error error = error_of(
      [&] { kernel->bind(Arguments{raw("o", buffer_), raw("u", BufferRef(zeros(8)).part(0, 28))}, threads(1)); });
  EXPECT_EQ(error.code(), ErrorCode::TOO_SMALL);
  EXPECT_CONTAINS(error.what(), "at least 32 bytes");
  EXPECT_CONTAINS(error.what(), "28");
}

TEST_F(KernelRefusal, UniformBlocksBeyondTheirLimit) {
  auto kernel = kernel_of(device_,
                          "layout(binding = 0) buffer O { uint o[]; };\n"
                          "layout(binding = 1) uniform U { vec4 a; } u;\n"
                          "void main() { o[0] = uint(u.a.x); }\n");
  const uint64_t most = device_->limits().max_uniform_range;
  if (most > 1 << 20) GTEST_SKIP() << "uniform blocks may be large";
  const auto large = Buffer::create(device_, most + 16, Memory::device);
  const Error error = error_of([&] { kernel->bind(Arguments{raw("o", buffer_), raw("u", large)}, threads(1)); });
  EXPECT_EQ(error.code(), ErrorCode::LIMIT_EXCEEDED);
  EXPECT_CONTAINS(error.what(), std::to_string(most));
}

TEST_F(KernelRefusal, ArraysOfAnotherDevice) {
  const auto other = own_device();
  const auto foreign = buffer_of(other, Words32(64));
  EXPECT_EQ(with(array("x", foreign, DType::float32, {64})).code(), ErrorCode::INVALID_ARGUMENT);
}

TEST_F(KernelRefusal, GridsThatAreNotClearOrTooLarge) {
  const auto code = [&](const Grid& grid) { return error_of([&] { kernel_->bind(good_, grid); }).code(); };
  EXPECT_EQ(code({}), ErrorCode::INVALID_ARGUMENT);
  EXPECT_EQ(code({std::array<uint64_t, 3>{1, 1, 1}, std::array<uint64_t, 3>{1, 1, 1}}), ErrorCode::INVALID_ARGUMENT);
  EXPECT_EQ(code(threads(1ULL << 33)), ErrorCode::LIMIT_EXCEEDED);
  EXPECT_EQ(code(threads(1, 1ULL << 33)), ErrorCode::LIMIT_EXCEEDED);
  EXPECT_EQ(code(threads(~0ULL)), ErrorCode::LIMIT_EXCEEDED) << "the count must not wrap to nothing";
  EXPECT_EQ(code(groups(~0ULL)), ErrorCode::LIMIT_EXCEEDED);
  EXPECT_EQ(code(groups(1ULL << 27)), ErrorCode::LIMIT_EXCEEDED) << "64 each: beyond 32 bits";
}

TEST_F(KernelRefusal, ShadersThatAKernelCannotServe) {
  const auto code = [&](const std::string& body) { return error_of([&] { kernel_of(device_, body); }).code(); };
  EXPECT_EQ(code("layout(binding = 0) uniform samplerCube s;\nlayout(binding = 1) buffer O { vec4 o; };\n"
                 "void main() { o = texture(s, vec3(0)); }\n"),
            ErrorCode::SHADER_INVALID);
  EXPECT_EQ(code("layout(binding = 0) uniform sampler2D s[2][3];\nlayout(binding = 9) buffer O { vec4 o; };\n"
                 "void main() { o = texture(s[1][2], vec2(0)); }\n"),
            ErrorCode::SHADER_INVALID);
  CompileOptions vertex;
  vertex.stage = Stage::vertex;
  const Words words = compile("#version 450\nvoid main() { gl_Position = vec4(0); }", vertex);
  EXPECT_CODE(SHADER_INVALID, Kernel(device_, words, {}));
  EXPECT_CODE(SHADER_INVALID, Kernel(device_, Words{1, 2, 3}, {}));
}

TEST_F(KernelRefusal, ListsThatDoNotFit) {
  auto kernel =
      kernel_of(device_,
                "layout(binding = 0) buffer X { uint x[]; } xs[2];\nlayout(binding = 2) buffer Y { uint y[]; };\n"
                "void main() { y[0] = xs[0].x[0] + xs[1].x[0]; }\n");
  const ArrayArgument one{buffer_of(device_, {7, 8}), DType::uint32, {2}}, two{buffer_of(device_, {30}), {}, {}};
  const auto out = buffer_of(device_, {0});
  const auto bind = [&](std::vector<NamedArgument> arguments) { return kernel->bind(arguments, threads(1)); };
  run(*kernel, {{"xs", ListArgument{{one, two}}}, raw("y", out)}, threads(1));
  EXPECT_EQ(words_of(out)[0], 37u);
  EXPECT_CODE(BAD_SHAPE, bind({{"xs", ListArgument{{one}}}, raw("y", out)}));
  EXPECT_CODE(BAD_SHAPE, bind({{"xs", ListArgument{{one, two, one}}}, raw("y", out)}));
  EXPECT_CODE(BAD_TYPE, bind({{"xs", one}, raw("y", out)}));
  EXPECT_CODE(BAD_TYPE, bind({{"xs", ListArgument{{one, two}}}, {"y", ListArgument{{one}}}}));
  EXPECT_CODE(BAD_TYPE, bind({{"xs", ListArgument{{one, TextureArgument{nullptr, vk::SamplerKind::nearest_clamp}}}},
                              raw("y", out)}));
}

TEST_F(KernelRefusal, PushConstantsBeyondTheLimit) {
  const uint32_t words = device_->limits().max_push_bytes / 4;
  const auto body = [](uint32_t count) {
    return "layout(binding = 0) buffer O { uint o; };\nlayout(push_constant) uniform P { uint v[" +
           std::to_string(count) + "]; };\nvoid main() { o = v[" + std::to_string(count - 1) + "]; }\n";
  };
  auto largest = kernel_of(device_, body(words));
  std::vector<uint32_t> list(words, 3);
  list.back() = 77;
  const auto out = zeros(1);
  run(*largest, {raw("o", out), values("v", list)}, threads(1));
  EXPECT_EQ(words_of(out)[0], 77u);
  const Error error = error_of([&] { kernel_of(device_, body(words + 1)); });
  EXPECT_EQ(error.code(), ErrorCode::LIMIT_EXCEEDED);
  EXPECT_CONTAINS(error.what(), std::to_string(words * 4));
}

TEST_F(KernelRefusal, FeaturesTheDeviceLacksAreNamed) {
  struct Row {
    const char* feature;
    const char* body;
  };
  const Row rows[] = {
      {"shaderFloat64", "void main() { o = uint(double(o) * 0.1lf); }\n"},
      {"shaderInt64", "void main() { o = uint(uint64_t(o) * 3ul); }\n"},
      {"shaderInt8", "void main() { o = uint(uint8_t(o) * uint8_t(3)); }\n"},
      {"shaderFloat16", "void main() { o = uint(float16_t(o) * float16_t(3)); }\n"},
  };
  for (const Row& row : rows) {
    const std::string body = "layout(binding = 0) buffer O { uint o; };\n" + std::string(row.body);
    if (device_->has(row.feature)) {
      EXPECT_NO_THROW(kernel_of(device_, body)) << row.feature;
      continue;
    }
    const Error error = error_of([&] { kernel_of(device_, body); });
    EXPECT_EQ(error.code(), ErrorCode::MISSING_FEATURE);
    EXPECT_CONTAINS(error.what(), row.feature);
  }
}

TEST_F(KernelRefusal, ADriverThatFailsIsNamedAndTheNextKernelWorks) {
  const std::string before = live(*device_);
  for (const char* call :
       {"vkCreateShaderModule", "vkCreateComputePipelines", "vkCreatePipelineLayout", "vkCreateDescriptorSetLayout"}) {
    vk::fault::inject(call, VK_ERROR_OUT_OF_HOST_MEMORY);
    const Error error = error_of([&] { kernel_of(device_, kAdd); });
    EXPECT_EQ(error.code(), ErrorCode::OUT_OF_HOST_MEMORY) << call;
    EXPECT_CONTAINS(error.what(), call);
    EXPECT_EQ(live(*device_), before) << call;
  }
  auto kernel = kernel_of(device_, kAdd);
  const auto out = zeros(8);
  run(*kernel, {raw("c", out), value("n", 8), value("add", 3)}, threads(8));
  EXPECT_EQ(words_of(out), Words32(8, 3));
}

// -- grids --

TEST_F(KernelTest, AGridOfNothingRunsNothing) {
  auto kernel = kernel_of(device_, kAdd);
  const auto out = zeros(8);
  for (const Grid& grid : {threads(0), threads(5, 0), groups(0), groups(1, 1, 0)}) {
    const auto call = kernel->bind(Arguments{raw("c", out), value("n", 8), value("add", 3)}, grid);
    EXPECT_FALSE(call.has_work);
    vk::Commands commands(device_);
    call.record(commands);
    EXPECT_EQ(commands.submit(), 0u);
  }
  EXPECT_EQ(words_of(out), Words32(8));
}

TEST_F(KernelTest, ThreadsAreRoundedUpOnEveryAxis) {
  auto kernel = kernel_of(device_,
                          "layout(local_size_x = 4, local_size_y = 2, local_size_z = 3) in;\n"
                          "layout(binding = 0) buffer O { uint o[]; };\n"
                          "void main() { atomicAdd(o[0], 1); atomicMax(o[1], gl_GlobalInvocationID.x);\n"
                          "  atomicMax(o[2], gl_GlobalInvocationID.y); atomicMax(o[3], gl_GlobalInvocationID.z); }\n");
  const auto out = zeros(4);
  run(*kernel, {raw("o", out)}, threads(5, 3, 3));
  EXPECT_EQ(words_of(out), (Words32{8 * 4 * 3, 7, 3, 2}));
}

TEST_F(KernelTest, GridsBeyondTheDevicesCountAreRefused) {
  const uint64_t most = device_->limits().max_groups[0];
  auto kernel = kernel_of(device_,
                          "layout(binding = 0) buffer O { uint o[]; };\n"
                          "void main() { o[0] = gl_NumWorkGroups.x; }\n");
  const auto out = zeros(4);
  run(*kernel, {raw("o", out)}, groups(17));
  EXPECT_EQ(words_of(out)[0], 17u);
  const Error error = error_of([&] { kernel->bind(Arguments{raw("o", out)}, groups(most + 1)); });
  EXPECT_EQ(error.code(), ErrorCode::LIMIT_EXCEEDED);
  EXPECT_CONTAINS(error.what(), std::to_string(most));
}

TEST_F(KernelTest, ACallMayBeRecordedOftenAndOutlivesItsKernel) {
  const auto out = zeros(8);
  KernelCall call;
  {
    auto kernel = kernel_of(device_, kAdd);
    call = kernel->bind(Arguments{raw("c", out), value("n", 8), value("add", 2)}, threads(8));
  }
  vk::Commands commands(device_);
  for (int i = 0; i < 10; ++i) call.record(commands);
  device_->wait(commands.submit());
  EXPECT_EQ(words_of(out), Words32(8, 20));
}

TEST_F(KernelTest, OneArrayMayServeTwoParameters) {
  auto kernel = kernel_of(device_,
                          "layout(local_size_x = 64) in;\n"
                          "layout(binding = 0) readonly buffer X { uint x[]; };\n"
                          "layout(binding = 1) buffer Y { uint y[]; };\n"
                          "void main() { uint i = gl_GlobalInvocationID.x; y[i] = x[i] + 1u; }\n");
  const auto both = zeros(64);
  vk::Commands commands(device_);
  for (int i = 0; i < 5; ++i) record(commands, *kernel, {raw("x", both), raw("y", both)}, threads(64));
  device_->wait(commands.submit());
  EXPECT_EQ(words_of(both), Words32(64, 5));
}

TEST_F(KernelTest, EmptyArraysAreFineWhereNothingRuns) {
  auto kernel = kernel_of(device_, kAdd);
  const auto empty = Buffer::create(device_, 0, Memory::device);
  EXPECT_NO_THROW(run(*kernel, {raw("c", empty), value("n", 0), value("add", 1)}, threads(0)));
}

}  // namespace
}  // namespace forge::shader
