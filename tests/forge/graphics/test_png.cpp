#include "forge/graphics/png.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <vector>

#include "errors.hpp"

// What a file looks like inside is tested in tests/python/graphics/test_png.py, with Pillow as the judge.
namespace forge::graphics {
namespace {

class Png : public testing::Test {
 protected:
  Png() : path_(std::filesystem::temp_directory_path() / ("vf-" + std::to_string(getpid()) + ".png")) {}
  ~Png() override { std::filesystem::remove(path_); }

  std::filesystem::path path_;
};

std::vector<uint8_t> noise(size_t size) {
  std::mt19937 random(1);
  std::vector<uint8_t> bytes(size);
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<uint8_t>(random() % 3 ? random() : 0); });
  return bytes;
}

TEST_F(Png, RgbaComesBackAsItWas) {
  for (int level : {1, 2, 3}) {
    const auto bytes = noise(61 * 37 * 4);
    write_png(path_, {bytes.data(), 61, 37, 4}, {level});
    const Pixels read = read_png(path_);
    EXPECT_EQ(read.width, 61u);
    EXPECT_EQ(read.height, 37u);
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), read.data.view().begin(), read.data.view().end()));
  }
}

TEST_F(Png, GrayAndRgbAreExpanded) {
  const uint8_t gray[] = {1, 2}, rgb[] = {1, 2, 3, 4, 5, 6};
  write_png(path_, {gray, 2, 1, 1});
  const uint8_t want_gray[] = {1, 1, 1, 255, 2, 2, 2, 255};
  EXPECT_TRUE(std::ranges::equal(read_png(path_).data.view(), want_gray));
  write_png(path_, {rgb, 1, 2, 3});
  const uint8_t want_rgb[] = {1, 2, 3, 255, 4, 5, 6, 255};
  EXPECT_TRUE(std::ranges::equal(read_png(path_).data.view(), want_rgb));
}

TEST_F(Png, RowsMayHaveGapsOrRunBackwards) {
  const auto bytes = noise(100);
  write_png(path_, {bytes.data(), 2, 5, 4, 20});
  const Pixels gaps = read_png(path_);
  write_png(path_, {bytes.data() + 80, 2, 5, 4, -20});
  const Pixels backwards = read_png(path_);
  for (size_t y = 0; y < 5; ++y)
    for (size_t i = 0; i < 8; ++i) {
      EXPECT_EQ(gaps.data[y * 8 + i], bytes[y * 20 + i]);
      EXPECT_EQ(backwards.data[y * 8 + i], bytes[(4 - y) * 20 + i]);
    }
}

TEST_F(Png, EncodedBytesAreTheFile) {
  const auto bytes = noise(500 * 300);
  write_png(path_, {bytes.data(), 500, 300, 1});
  std::ifstream file(path_, std::ios::binary);
  EXPECT_EQ(encode_png({bytes.data(), 500, 300, 1}), std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST_F(Png, RefusesWhatCannotBeAPicture) {
  const uint8_t byte = 0;
  const auto encode = [&](PixelView view, PngOptions options = {}) { return [=] { encode_png(view, options); }; };
  EXPECT_EQ(message_of(ErrorCode::INVALID_ARGUMENT, encode({&byte, 0, 5, 4})),
            "width and height must be > 0; got 0 x 5");
  EXPECT_EQ(message_of(ErrorCode::INVALID_ARGUMENT, encode({&byte, 5, 0, 4})),
            "width and height must be > 0; got 5 x 0");
  expect_start(message_of(ErrorCode::INVALID_ARGUMENT, encode({&byte, size_t{1} << 31, 1, 1})), "picture is too large");
  EXPECT_EQ(message_of(ErrorCode::BAD_SHAPE, encode({&byte, 1, 1, 5})),
            "no format of a PNG; expected 1 to 4 channels of 8 or 16 bits; got 5 of 8");
  expect_start(message_of(ErrorCode::BAD_SHAPE, encode({&byte, 1, 1, 1, 0, 4})), "no format of a PNG");
  for (int level : {0, 4})
    expect_start(message_of(ErrorCode::INVALID_ARGUMENT, encode({&byte, 1, 1, 1}, {level})), "level must");
}

TEST_F(Png, MissingAndBrokenFilesOpenWithTheSameWords) {
  expect_start(message_of(ErrorCode::FILE_READ, [&] { read_png(path_); }), "failed to open PNG; ");
  const uint8_t gray[] = {1, 2, 3, 4};
  write_png(path_, {gray, 2, 2, 1});
  const auto size = std::filesystem::file_size(path_);
  for (size_t shorter = 0; shorter < size; ++shorter) {
    std::filesystem::resize_file(path_, size - 1 - shorter);
    expect_start(message_of(ErrorCode::FILE_READ, [&] { read_png(path_); }), "failed to open PNG; ");
  }
}

TEST_F(Png, ALimitIsALimit) {
  const auto bytes = noise(100);
  write_png(path_, {bytes.data(), 10, 10, 1});
  EXPECT_EQ(read_png(path_, {400}).width, 10u);
  EXPECT_NE(message_of(ErrorCode::FILE_READ, [&] { read_png(path_, {399}); }).find("10 x 10"), std::string::npos);
}

}  // namespace
}  // namespace forge::graphics
