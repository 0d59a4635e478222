// Modules that no compiler made: reflect() refuses them with SHADER_INVALID or reads them, and never does worse.
// Run under ASan and UBSan to mean something.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "forge/shader/spirv_words.hpp"
#include "glsl.hpp"

namespace forge::shader {
namespace {

using spirv::Op;

bool readable(const Words& words) {
  try {
    describe(reflect(words));
    return true;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::SHADER_INVALID);
    return false;
  }
}

/// A module written by hand.
class Maker {
 public:
  Maker& add(Op op, const Words& operands) {
    words_.push_back(static_cast<uint32_t>(operands.size() + 1) << 16 | static_cast<uint32_t>(op));
    words_.insert(words_.end(), operands.begin(), operands.end());
    return *this;
  }
  Words words() const { return words_; }

 private:
  Words words_ = {spirv::kMagic, 0x10500, 0, 1000, 0};
};

constexpr uint32_t kMain = 0x6e69616d;  // "main"

// entry point 1, uint 10, uint 4 as 11
Maker start() {
  return Maker()
      .add(Op::entry_point, {spirv::kModelCompute, 1, kMain, 0})
      .add(Op::type_int, {10, 32, 0})
      .add(Op::constant, {10, 11, 4});
}

Maker with_binding(Maker maker, uint32_t type) {
  return maker.add(Op::decorate, {900, 33, 0}).add(Op::type_pointer, {901, 12, type}).add(Op::variable, {901, 900, 12});
}

const std::vector<std::pair<std::string, Stage>> kShaders = {
    {R"(#extension GL_EXT_buffer_reference : require
layout(local_size_x_id = 3, local_size_y = 2) in;
layout(constant_id = 1) const bool FLAG = true;
layout(constant_id = 5) const double DC = 2.5;
layout(buffer_reference) buffer Node;
layout(buffer_reference) buffer Node { vec4 v; Node next; uint cnt; };
struct Light { vec3 dir; float power; mat3 m; };
layout(set = 1, binding = 4, std140) uniform U { Light lights[2]; layout(row_major) mat4x3 view; float w[3]; } u;
layout(binding = 0) buffer X { float x[]; };
layout(binding = 1) buffer Y { uint count; vec4 y[]; } yy[2];
layout(binding = 2, r32f) uniform image2D img;
layout(binding = 3) uniform sampler2DArray tex[4];
layout(push_constant) uniform Push { Node n; uint cnt; vec3 sun; mat3 rot; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  yy[1].y[i] = texture(tex[1], vec3(0)) + u.view[0].xyzz;
  imageStore(img, ivec2(0), imageLoad(img, ivec2(1)));
  Node k = n;
  while (k.cnt > 3) { atomicAdd(k.cnt, 1); k = k.next; }
  if (FLAG) x[i] = float(DC) + dot(rot * sun, u.lights[1].dir);
})",
     Stage::compute},
    {"layout(location = 0) in vec3 p; layout(location = 1) in mat4 m; layout(push_constant) uniform P { mat4 view; };\n"
     "void main() { gl_Position = view * m * vec4(p, 1); }",
     Stage::vertex},
    {"layout(location = 0) out vec4 c; layout(binding = 0) uniform sampler2D t; void main() { c = texture(t, vec2(0)); "
     "}",
     Stage::fragment}};

TEST(ReflectHostile, NoWordsAndNoModules) {
  EXPECT_FALSE(readable({}));
  EXPECT_FALSE(readable({spirv::kMagic}));
  EXPECT_FALSE(readable(Words(1000, 0)));
  EXPECT_FALSE(readable(Words(1000, 0xffffffff)));
  EXPECT_FALSE(readable({spirv::kMagic, 0x10500, 0, 1, 0}));
  EXPECT_FALSE(readable({spirv::kMagic, 0x10500, 0, 1, 0, 0}));           // an instruction of no words
  EXPECT_FALSE(readable({spirv::kMagic, 0x10500, 0, 1, 0, 0xffff0000}));  // one that runs over the end
}

TEST(ReflectHostile, EveryCutIsRefusedOrRead) {
  for (const auto& [glsl, stage] : kShaders) {
    const Words words = compiled(glsl, stage);
    for (size_t length = 0; length < words.size(); ++length)
      readable({words.begin(), words.begin() + static_cast<ptrdiff_t>(length)});
    EXPECT_TRUE(readable(words));
  }
}

TEST(ReflectHostile, FlippedWords) {
  std::mt19937 random(20240607);
  for (const auto& [glsl, stage] : kShaders) {
    const Words good = compiled(glsl, stage);
    for (int round = 0; round < 4000; ++round) {
      Words bad = good;
      for (uint32_t change = 0; change <= random() % 4; ++change) {
        uint32_t& word = bad[random() % bad.size()];
        switch (random() % 5) {
          case 0: word ^= 1u << random() % 32; break;
          case 1: word = static_cast<uint32_t>(random()); break;
          case 2: word = bad[random() % bad.size()]; break;
          case 3: word = static_cast<uint32_t>(random() % 8); break;
          default: word = 0xffffffff;
        }
      }
      readable(bad);
    }
  }
}

TEST(ReflectHostile, EachWordToEachExtreme) {
  const Words good = compiled(kShaders[0].first);
  for (size_t i = 0; i < good.size(); ++i)
    for (uint32_t value : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
      Words bad = good;
      bad[i] = value;
      readable(bad);
    }
}

TEST(ReflectHostile, ShuffledInstructions) {
  std::mt19937 random(7);
  const Words good = compiled(kShaders[0].first);
  std::vector<Words> parts;
  for (size_t at = 5; at < good.size(); at += good[at] >> 16)
    parts.emplace_back(good.begin() + static_cast<ptrdiff_t>(at),
                       good.begin() + static_cast<ptrdiff_t>(at + (good[at] >> 16)));
  for (int round = 0; round < 500; ++round) {
    std::shuffle(parts.begin(), parts.end(), random);
    Words words(good.begin(), good.begin() + 5);
    for (const Words& part : parts) words.insert(words.end(), part.begin(), part.end());
    readable(words);
  }
}

TEST(ReflectHostile, TypesThatHoldThemselves) {
  EXPECT_FALSE(readable(with_binding(start().add(Op::type_struct, {20, 20}), 20).words()));
  EXPECT_FALSE(
      readable(with_binding(start().add(Op::type_array, {21, 21, 11}).add(Op::type_struct, {20, 21}), 20).words()));
  EXPECT_FALSE(readable(with_binding(start().add(Op::type_array, {20, 20, 11}), 20).words()));
  EXPECT_FALSE(
      readable(with_binding(start().add(Op::type_vector, {21, 21, 3}).add(Op::type_struct, {20, 21}), 20).words()));
  EXPECT_FALSE(
      readable(
          with_binding(start().add(Op::type_pointer, {21, 5349, 21}).add(Op::type_struct, {20, 21}), 20).words()) &&
      false);  // read or refused, but ended
}

TEST(ReflectHostile, TypesThatDoubleAtEachLevel) {  // 2^60 members in 60 instructions
  Maker maker = start().add(Op::type_struct, {100, 10, 10});
  for (uint32_t id = 101; id < 160; ++id) maker.add(Op::type_struct, {id, id - 1, id - 1});
  EXPECT_FALSE(readable(with_binding(maker, 159).words()));
}

TEST(ReflectHostile, ArraysBeyondAllMemory) {
  Maker maker = start().add(Op::constant, {10, 12, 0xffffffff}).add(Op::type_array, {13, 10, 12});
  for (uint32_t id = 14; id < 20; ++id)
    maker.add(Op::decorate, {id, 6, 0xffffffff}).add(Op::type_array, {id, id - 1, 12});
  EXPECT_FALSE(readable(with_binding(maker.add(Op::type_struct, {20, 19}), 20).words()));
  EXPECT_FALSE(readable(with_binding(start()
                                         .add(Op::constant, {10, 12, 0xffffffff})
                                         .add(Op::type_struct, {20, 10})
                                         .add(Op::type_array, {21, 20, 12})
                                         .add(Op::type_array, {22, 21, 12}),
                                     22)
                            .words()));
}

TEST(ReflectHostile, OffsetsAtTheEdge) {
  EXPECT_FALSE(readable(
      with_binding(start().add(Op::type_struct, {20, 10}).add(Op::member_decorate, {20, 0, 35, 0xfffffffe}), 20)
          .words()));
}

TEST(ReflectHostile, UnusedKindsAreRefused) {
  const auto refusal = [](Maker maker) { return std::string(error_of([&] { reflect(maker.words()); }).what()); };
  EXPECT_NE(refusal(start().add(Op::entry_point, {5, 2, kMain, 0})).find("several entry points"), std::string::npos);
  EXPECT_NE(refusal(Maker().add(Op::entry_point, {3, 1, kMain, 0})).find("compute, vertex or fragment"),
            std::string::npos);
  EXPECT_NE(refusal(with_binding(start().add(Op::type_float, {12, 16, 0}).add(Op::type_struct, {20, 12}), 20))
                .find("not one that memory"),
            std::string::npos)
      << "bfloat16";
  EXPECT_NE(refusal(start()
                        .add(Op::type_struct, {20, 10})
                        .add(Op::type_pointer, {901, 12, 20})
                        .add(Op::name, {900, 0x78})
                        .add(Op::variable, {901, 900, 12}))
                .find("\"x\" has no binding number"),
            std::string::npos);
}

}  // namespace
}  // namespace forge::shader
