#include "forge/array/fuse/elementwise.hpp"
#include "forge/shader/compile.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "glsl.hpp"

namespace forge::shader {
namespace {

const std::string kScale = R"(#version 450
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
void main() { x[gl_GlobalInvocationID.x] *= 2.0; }
)";

std::string message(const std::string& glsl, CompileOptions options = {}) {
  const Error e = error_of([&] { compile(glsl, options); });
  EXPECT_EQ(e.code(), ErrorCode::SHADER_COMPILE);
  return e.what();
}

std::string repeated(const std::string& word, size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i) text += word;
  return text;
}

TEST(Compile, MakesSpirvOfTheVersionThatTheTargetReads) {
  const uint32_t versions[] = {0x10000, 0x10300, 0x10500, 0x10600, 0x10600};
  for (uint32_t minor = 0; minor < 5; ++minor) {
    const Words words = compiled(kScale, Stage::compute, minor);
    EXPECT_EQ(words[0], 0x07230203u);
    EXPECT_EQ(words[1], versions[minor]) << "Vulkan 1." << minor;
  }
}

TEST(Compile, AllStages) {
  EXPECT_EQ(reflected("void main() { gl_Position = vec4(0); }", Stage::vertex).stage, Stage::vertex);
  EXPECT_EQ(reflected("layout(location = 0) out vec4 c; void main() { c = vec4(1); }", Stage::fragment).stage,
            Stage::fragment);
}

TEST(Compile, IsDeterministic) { EXPECT_EQ(compiled(kScale), compiled(kScale)); }

TEST(Compile, AMissingVersionLineIsAddedAndLinesStayTheUsers) {
  EXPECT_EQ(message("void main() {\n  x = 1;\n}\n"), "kernel:2: 'x' : undeclared identifier\n    2 |   x = 1;");
  EXPECT_FALSE(compiled(kScale.substr(kScale.find('\n') + 1)).empty());
}

TEST(Compile, ErrorsShowTheUsersLineAndText) {
  EXPECT_EQ(message("#version 450\n\nvoid main() {\n  float a = 1;\n  float b = foo;\n}"),
            "kernel:5: 'foo' : undeclared identifier\n    5 |   float b = foo;");
}

TEST(Compile, EveryErrorIsListed) {
  const std::string text = message("void main() {\n  float a = foo;\n  int b = 1.5;\n}");
  EXPECT_NE(text.find("kernel:2: 'foo' : undeclared identifier\n    2 |   float a = foo;\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("kernel:3: '=' : cannot convert from"), std::string::npos) << text;
  EXPECT_NE(text.find("\n    3 |   int b = 1.5;"), std::string::npos) << text;
  EXPECT_EQ(text.find("compilation"), std::string::npos) << text;
}

TEST(Compile, ManyErrorsAreCut) {
  std::string glsl = "void main() {\n";
  for (int i = 0; i < 50; ++i) glsl += "  a" + std::to_string(i) + " = 1;\n";
  EXPECT_TRUE(message(glsl + "}").ends_with("\nand 30 more"));
}

TEST(Compile, DetailsCarryLineAndLog) {
  const Error e = error_of([] { compile("void main() {\n  float a = 1.0\n  float b;\n}", {}); });
  EXPECT_EQ(detail(e, "line"), "3");
  EXPECT_NE(detail(e, "log").find("syntax error"), std::string::npos);
}

TEST(Compile, TheGivenNameStandsInMessages) {
  CompileOptions options;
  options.name = "C:/my shaders/a:1b.comp";
  EXPECT_TRUE(message("void main() {\n  x;\n}", options).starts_with("C:/my shaders/a:1b.comp:2: 'x'"));
}

TEST(Compile, WindowsLineEndsAndTabs) {
  EXPECT_EQ(message("#version 450\r\nvoid main() {\r\n\tx = 1;\r\n}\r\n"),
            "kernel:3: 'x' : undeclared identifier\n    3 | \tx = 1;");
}

TEST(Compile, NoExcerptWhereLineRenumbers) {
  EXPECT_EQ(message("#version 450\nvoid main() {\n#line 2\n  x = 1;\n}"), "kernel:2: 'x' : undeclared identifier");
}

TEST(Compile, LinkErrorsHaveNoLine) {
  EXPECT_NE(message("void start() {}").find("kernel: Linking compute stage: Missing entry point"), std::string::npos);
  const std::string text = message(
      "layout(binding=0) buffer B { float x[]; };\nfloat f(float);\n"
      "void main() { x[0] = f(1); }");
  EXPECT_NE(text.find("No function definition (body) found: f("), std::string::npos) << text;
}

TEST(Compile, ErrorDirective) {
  EXPECT_EQ(message("#version 450\n#error needs f16\nvoid main() {}"),
            "kernel:2: '#error' : needs f16\n    2 | #error needs f16");
}

TEST(Compile, UnfinishedTextNamesItsLastLine) {
  EXPECT_EQ(message("void main() {\n  float x;"), "kernel:2: syntax error, unexpected end of file\n    2 |   float x;");
}

TEST(Compile, VersionsTooOldOrUnknownAreRefused) {
  EXPECT_NE(message("#version 200\nvoid main() {}").find("version not supported"), std::string::npos);
  EXPECT_FALSE(message("#version banana\nvoid main() {}").empty());
}

TEST(Compile, DefinesWorkAndKeepLines) {
  CompileOptions options;
  options.defines = {{"N", "3"}, {"TYPE", "float"}};
  EXPECT_FALSE(compile("#version 450\nTYPE f() { return N; }\nvoid main() { f(); }", options).empty());
  EXPECT_TRUE(message("void main() {\n  TYPE a = b;\n}", options).starts_with("kernel:2: 'b'"));
}

TEST(Compile, DefinesThatAreNoDefinesAreRefused) {
  for (const auto& [name, text] : std::map<std::string, std::string>{
           {"1A", "1"}, {"", "1"}, {"A B", "1"}, {"A(x)", "x"}, {"N", "1\nvoid main() {}"}, {"M", "1\\"}}) {
    CompileOptions options;
    options.defines = {{name, text}};
    EXPECT_EQ(error_of([&] { compile(kScale, options); }).code(), ErrorCode::INVALID_ARGUMENT) << name;
  }
}

TEST(Compile, IncludesOfTheUser) {
  CompileOptions options;
  options.includes = {{"a.glsl", "#include \"sub/b.glsl\"\n"}, {"sub/b.glsl", "float two() { return 2.0; }\n"}};
  EXPECT_FALSE(compile("#include \"a.glsl\"\nvoid main() { two(); }", options).empty());
  EXPECT_FALSE(compile("#include <a.glsl>\nvoid main() { two(); }", options).empty());
}

TEST(Compile, ErrorsInsideIncludesNameTheInclude) {
  CompileOptions options;
  options.includes = {{"bad.glsl", "float two() {\n  return too;\n}\n"}};
  EXPECT_EQ(message("#version 450\n#include \"bad.glsl\"\nvoid main() { two(); }", options),
            "bad.glsl:2: 'too' : undeclared identifier\n    2 |   return too;");
  EXPECT_TRUE(message("#version 450\n#include \"bad.glsl\"\nvoid main() {\n  x;\n}", options).find("kernel:4: 'x'") !=
              std::string::npos);
}

TEST(Compile, AnUnknownIncludeNamesTheKnownOnes) {
  CompileOptions options;
  options.includes = {{"mine.glsl", ""}, {"other.glsl", ""}};
  const std::string text = message("#version 450\n#include \"nope.glsl\"\nvoid main() {}", options);
  EXPECT_TRUE(text.starts_with("kernel:2: 'nope.glsl' : no include has this name; known: ")) << text;
  EXPECT_NE(text.find("mine.glsl"), std::string::npos);
  EXPECT_NE(text.find("other.glsl"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\n    2 | #include \"nope.glsl\"")) << text;
}

TEST(Compile, IncludesNeverReadFiles) {
  for (const char* name : {"/etc/passwd", "../../etc/passwd", "CMakeLists.txt"})
    EXPECT_NE(message(std::string("#include \"") + name + "\"\nvoid main() {}").find("no include has this name"),
              std::string::npos);
}

TEST(Compile, IncludesThatIncludeThemselvesEnd) {
  CompileOptions options;
  options.includes = {{"self.glsl", "#include \"self.glsl\"\n#include \"self.glsl\"\n"}};
  EXPECT_NE(message("#include \"self.glsl\"\nvoid main() {}", options).find("nested deeper than 16"),
            std::string::npos);
}

// What only vertex or fragment shaders can include: each is part of shaders that the build compiles.
bool is_of_a_stage(std::string_view name) {
  return name.ends_with("_vertex.glsl") || name.ends_with("_fragment.glsl") || name.ends_with("_push.glsl") ||
         name == "layers.glsl";
}

TEST(Compile, EveryLibraryIncludeCompilesAlone) {
  const std::string state = "#define STATE float\nSTATE combine(STATE a, STATE b) { return a + b; }\n";
  const std::string butterfly =
      "#define RADIX 2\n#define FIRST 2\n#define SECOND 1\n#define ROOTS COMPLEX(1, 0), COMPLEX(-1, 0)\n"
      "#define TRANSFORM transform\n#define FIRST_LEAF first\n#define SECOND_LEAF second\n#define KEPT_ROOTS "
      "kept_roots\n"
      "COMPLEX x[2];\n";
  const std::string types = "#include \"fft_types.glsl\"\n";
  const std::string edges =
      types +
      "layout(binding = 0) readonly buffer Source { LOADED at[]; } source;\n"
      "layout(binding = 1) writeonly buffer Target { STORED at[]; } target;\n"
      "const uint inner = 1, length = 4, in_pitch = 4, in_count = 4, out_count = 4, conjugations = 0;\n";
  const std::string step =
      edges + butterfly +
      "#include \"fft_edges.glsl\"\n#define LENGTH 4\n#define GROUP 1\n#define THREADS 1\n#define DONE 1\n"
      "#define STEP step_0\n#define TWIDDLES source\nshared MEMORY kept[LENGTH];\nuint cell(uint i) { return i; }\n";
  const std::string pages =
      "#define HEAD 64\n#define PAGE 16\n#define HALF_KV 0\n"
      "layout(buffer_reference, scalar) buffer Words { uint at[]; };\n"
      "layout(buffer_reference, scalar) readonly buffer Reals { float at[]; };\n"
      "layout(push_constant, scalar) uniform Push { Words pages; Reals turns; uint key_heads; };\n";
  const std::map<std::string, std::string> before = {
                                                       // what some ask for in their first lines
      {"gemv.glsl",
       "#include \"types.glsl\"\n#extension GL_EXT_buffer_reference_uvec2 : require\n"
       "#extension GL_KHR_shader_subgroup_arithmetic : require\n#include \"gemm.glsl\"\n"},
      {"butterfly.glsl", types + butterfly},
      {"fft_edges.glsl", edges},
      {"fft_row_step.glsl", step},
      {"pages.glsl", types + pages},
      {"reduce.glsl", state},
      {"scan.glsl", state}};
  const std::string parts = "elementary_";  // of elementary.glsl, which includes them
  for (const auto& [name, text] : library_includes()) {
    if (std::string_view(name).starts_with(parts) || is_of_a_stage(name)) continue;
    const auto asked = before.find(name);
    const std::string prelude = asked == before.end() ? "" : asked->second;
    EXPECT_NO_THROW(compiled("#version 460\n" + prelude + "#include \"" + name + "\"\nvoid main() {}")) << name;
  }
  std::string all = "#version 460\n#define USES_FLOAT64\n#define USES_COMPLEX\n";
  for (const array::ElementwiseRow& row : array::elementwise_rows())
    all.append("#define USES_").append(row.name).append("\n");
  EXPECT_NO_THROW(compiled(all + "#include \"elementary.glsl\"\nvoid main() {}"));
}

TEST(Compile, EmptyAndBinaryTextsAreRefused) {
  EXPECT_EQ(message(""), "kernel is empty; expected GLSL text; got nothing");
  EXPECT_EQ(message(" \n\t\r\n"), "kernel is empty; expected GLSL text; got nothing");
  EXPECT_NE(message(std::string("void main() {\0}", 15)).find("a NUL at byte 13"), std::string::npos);
  EXPECT_NE(message("// only a comment").find("Missing entry point"), std::string::npos);
}

TEST(Compile, BytesThatAreNoTextAreRefused) {
  std::string bytes;
  for (int c = 1; c < 256; ++c) bytes += static_cast<char>(c);
  EXPECT_FALSE(message(bytes).empty());
  EXPECT_FALSE(message("\xef\xbb\xbf#version 450\nvoid main() { x; }").empty());
}

TEST(Compile, MegabytesAreRefused) {
  EXPECT_NE(message(repeated("// padding padding padding\n", 40000)).find("at most 1 MiB"), std::string::npos);
  CompileOptions options;
  options.includes = {{"big.glsl", repeated("// padding padding padding\n", 40000)}};
  EXPECT_TRUE(message(kScale, options).starts_with("big.glsl is too long"));
}

TEST(Compile, EndlessExpressionsAreRefusedAndTablesAreNot) {
  const std::string head = "layout(binding = 0) buffer B { float x[]; };\n";
  const std::string text = message(head + "void main() {\n  x[0] = 1" + repeated("+ x[1]", 60000) + "; }");
  EXPECT_TRUE(text.starts_with("kernel:3: the expression is too long")) << text.substr(0, 200);
  EXPECT_FALSE(message(head + "void main() { x[0] = " + repeated("-", 60000) + "x[1]; }").empty());
  EXPECT_FALSE(compiled(head + "void main() {\n  x[0] = 1" + repeated("+ x[1]", 1500) + "; }").empty());
  EXPECT_FALSE(compiled(head + "const float t[3001] = float[](1" + repeated(",-1.5", 3000) +
                        ");\nvoid main() { x[0] = t[int(x[1])]; }")
                   .empty());
  EXPECT_FALSE(
      compiled(head + "/* " + repeated("*-", 5000) + "*/ // " + repeated("+", 5000) + "\nvoid main() { x[0] = 1; }")
          .empty());
}

TEST(Compile, DeepNestingIsRefused) {
  for (const auto& [open, close] : {std::pair("(", ")"), std::pair("{", "}")}) {
    const std::string middle = open[0] == '(' ? "1" : "";
    const std::string glsl = std::string("void main() { ") + (open[0] == '(' ? "int a = " : "") +
                             repeated(open, 60000) + middle + repeated(close, 60000) + (open[0] == '(' ? ";" : "") +
                             "}";
    EXPECT_NE(message(glsl).find("memory exhausted"), std::string::npos);
  }
}

TEST(Compile, WorksFromManyThreadsAtOnce) {
  std::vector<Words> results(8);
  std::vector<std::thread> threads;
  std::atomic<int> refused{0};
  for (size_t t = 0; t < results.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        results[t] = compiled(kScale);
        try {
          compiled("void main() { x; }");
        } catch (const Error&) {
          ++refused;
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const Words& words : results) EXPECT_EQ(words, results[0]);
  EXPECT_EQ(refused, 80);
}

class CompileCached : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "vf-spirv-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    if (const char* old = std::getenv("VULKAN_FORGE_CACHE_DIR")) old_ = old;
    setenv("VULKAN_FORGE_CACHE_DIR", root_.c_str(), 1);
  }
  void TearDown() override {
    old_.empty() ? unsetenv("VULKAN_FORGE_CACHE_DIR") : setenv("VULKAN_FORGE_CACHE_DIR", old_.c_str(), 1);
    std::filesystem::remove_all(root_);
  }
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> list;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_))
      if (entry.is_regular_file()) list.push_back(entry.path());
    return list;
  }
  size_t count() const { return files().size(); }

  std::filesystem::path root_;
  std::string old_;
};

TEST_F(CompileCached, SameWordsWarmAndCold) {
  const Words cold = compile_cached(kScale, {});
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(cold, compile(kScale, {}));
  EXPECT_EQ(compile_cached(kScale, {}), cold);
  EXPECT_EQ(count(), 1u);
}

TEST_F(CompileCached, WhatIsKeptIsWhatIsGiven) {
  const Words cold = compile_cached(kScale, {});
  std::filesystem::path path = files().at(0);
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(100).put('x').put('y').put('z');
  EXPECT_EQ(compile_cached(kScale, {}), cold) << "a damaged file must be ignored";
  std::filesystem::resize_file(path, 10);
  EXPECT_EQ(compile_cached(kScale, {}), cold);
  EXPECT_GT(std::filesystem::file_size(path), 10u) << "and rewritten";
}

TEST_F(CompileCached, EveryOptionThatMattersIsInTheKey) {
  CompileOptions options;
  const std::string glsl = "#ifdef N\n#include \"a.glsl\"\n#endif\nvoid main() {}";
  compile_cached(glsl, options);
  options.name = "other";
  compile_cached(glsl, options);
  EXPECT_EQ(count(), 1u) << "the name is not";
  options.vulkan_minor = 3;
  compile_cached(glsl, options);
  EXPECT_EQ(count(), 2u);
  options.stage = Stage::vertex;
  compile_cached(glsl, options);
  EXPECT_EQ(count(), 3u);
  options.defines = {{"N", "1"}};
  options.includes = {{"a.glsl", "// 1\n"}};
  compile_cached(glsl, options);
  EXPECT_EQ(count(), 4u);
  options.includes["a.glsl"] = "#include \"b.glsl\"\n";
  options.includes["b.glsl"] = "// 1\n";
  compile_cached(glsl, options);
  EXPECT_EQ(count(), 5u);
  options.includes["b.glsl"] = "// 2\n";
  compile_cached(glsl, options);
  EXPECT_EQ(count(), 6u) << "an include of an include";
  options.includes["unused.glsl"] = "// 1\n";
  compile_cached(glsl, options);
  EXPECT_EQ(count(), 6u) << "an include that is not used is not";
}

TEST_F(CompileCached, ErrorsAreNotKept) {
  EXPECT_EQ(error_of([] { compile_cached("void main() { x; }", {}); }).code(), ErrorCode::SHADER_COMPILE);
  EXPECT_EQ(count(), 0u);
}

TEST(Compiler, NamesItself) { EXPECT_TRUE(compiler_version().starts_with("glslang 1")) << compiler_version(); }

}  // namespace
}  // namespace forge::shader
