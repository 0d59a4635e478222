#include <cstring>
#include <random>

#include "glsl.hpp"

namespace forge::shader {
namespace {

const std::string kCopy = R"(
layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) writeonly buffer Y { float y[]; };
void main() { y[gl_GlobalInvocationID.x] = x[gl_GlobalInvocationID.x]; }
)";

std::string bytes_of(const Words& words) {
  return {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(uint32_t)};
}

std::string refusal(std::span<const uint32_t> words) {
  const Error e = error_of([&] { validate(words, 2); });
  EXPECT_EQ(e.code(), ErrorCode::SHADER_INVALID);
  return e.what();
}

TEST(Validate, AcceptsWhatGlslangMakes) {
  for (uint32_t minor = 0; minor < 4; ++minor) EXPECT_NO_THROW(validate(compiled(kCopy, Stage::compute, minor), minor));
}

TEST(Validate, AcceptsScalarLayout) {
  EXPECT_NO_THROW(validate(compiled("#extension GL_EXT_scalar_block_layout : require\n"
                                    "layout(binding = 0, scalar) buffer X { float a; vec3 b[]; };\n"
                                    "void main() { b[1] = vec3(a); }"),
                           2));
}

TEST(Validate, RefusesANewerVersionThanTheTarget) {
  const Words newer = compiled(kCopy, Stage::compute, 3);
  EXPECT_NE(error_of([&] { validate(newer, 0); }).what(), std::string());
}

TEST(Validate, SaysWhatIsWrong) {
  Words words = compiled(kCopy);
  words.pop_back();  // OpFunctionEnd
  EXPECT_NE(refusal(words).find("Missing OpFunctionEnd"), std::string::npos) << refusal(words);
}

TEST(Validate, RefusesWordsThatAreNoModule) {
  EXPECT_NE(refusal({}).find("do not start as SPIR-V does"), std::string::npos);
  EXPECT_NE(refusal(Words(100, 0)).find("do not start as SPIR-V does"), std::string::npos);
  EXPECT_FALSE(refusal(Words{0x07230203, 0x10500, 0, 1, 0}).empty());
}

TEST(Validate, EveryCutIsRefused) {
  const Words words = compiled(kCopy);
  for (size_t length = 0; length < words.size(); length += 3) refusal(std::span(words).first(length));
}

TEST(Validate, FlippedWordsNeverCrash) {
  const Words good = compiled(kCopy);
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    Words bad = good;
    bad[random() % bad.size()] ^= 1u << random() % 32;
    try {
      validate(bad, 2);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::SHADER_INVALID);
    }
  }
}

TEST(WordsFromBytes, GivesTheWordsBack) {
  const Words words = compiled(kCopy);
  EXPECT_EQ(words_from_bytes(bytes_of(words)), words);
}

TEST(WordsFromBytes, ReadsTheOtherByteOrder) {
  const Words words = compiled(kCopy);
  std::string bytes = bytes_of(words);
  for (size_t i = 0; i < bytes.size(); i += 4) std::swap(bytes[i], bytes[i + 3]), std::swap(bytes[i + 1], bytes[i + 2]);
  EXPECT_EQ(words_from_bytes(bytes), words);
}

TEST(WordsFromBytes, ReadsUnalignedBytes) {
  const Words words = compiled(kCopy);
  const std::string shifted = "x" + bytes_of(words);
  EXPECT_EQ(words_from_bytes(std::string_view(shifted).substr(1)), words);
}

TEST(WordsFromBytes, RefusesWhatIsNoModule) {
  const auto refused = [](std::string_view bytes) {
    const Error e = error_of([&] { words_from_bytes(bytes); });
    EXPECT_EQ(e.code(), ErrorCode::SHADER_INVALID);
    return std::string(e.what());
  };
  EXPECT_NE(refused("").find("magic number"), std::string::npos);
  EXPECT_NE(refused("abc").find("no multiple of 4"), std::string::npos);
  EXPECT_NE(refused("void main() {   }...").find("GLSL as text"), std::string::npos);
  EXPECT_NE(refused(bytes_of(compiled(kCopy)).substr(0, 101)).find("cut short"), std::string::npos);
}

}  // namespace
}  // namespace forge::shader
