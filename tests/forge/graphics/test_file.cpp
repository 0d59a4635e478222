#include "forge/graphics/file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "errors.hpp"

namespace forge::graphics {
namespace {

class File : public testing::Test {
 protected:
  File() : folder_(std::filesystem::temp_directory_path() / ("vf-file-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~File() override { std::filesystem::remove_all(folder_); }

  static std::string content(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  size_t entries() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  std::filesystem::path folder_;
};

TEST_F(File, AppearsOnlyOnCommit) {
  AtomicFile file(folder_ / "a", "failed");
  EXPECT_TRUE(file.write("hello ", 6));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a"));
  EXPECT_TRUE(file.write("world", 5));
  file.commit();
  EXPECT_EQ(content(folder_ / "a"), "hello world");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(File, LeavesNothingWithoutCommit) {
  {
    AtomicFile(folder_ / "a", "failed").write("x", 1);
  }
  EXPECT_EQ(entries(), 0u);
}

TEST_F(File, KeepsTheOldFileWithoutCommit) {
  std::ofstream(folder_ / "a") << "old";
  {
    AtomicFile(folder_ / "a", "failed").write("new", 3);
  }
  EXPECT_EQ(content(folder_ / "a"), "old");
}

TEST_F(File, TwoWritersTakeTurns) {
  AtomicFile first(folder_ / "a", "failed"), second(folder_ / "a", "failed");
  first.write("first", 5);
  second.write("second", 6);
  first.commit();
  EXPECT_EQ(content(folder_ / "a"), "first");
  second.commit();
  EXPECT_EQ(content(folder_ / "a"), "second");
}

TEST_F(File, SaysWhatTheSystemSaid) {
  const auto text = message_of(ErrorCode::FILE_WRITE, [&] { AtomicFile(folder_ / "none" / "a", "failed to write X"); });
  expect_start(text, "failed to write X; expected ");
  EXPECT_NE(text.find("none/a' (No such file or directory)"), std::string::npos) << text;
}

TEST_F(File, AFullDeviceIsAnErrorAndStaysADevice) {
  AtomicFile file("/dev/full", "failed");
  file.write("x", 1);
  const auto text = message_of(ErrorCode::FILE_WRITE, [&] { file.commit(); });
  EXPECT_NE(text.find("No space left on device"), std::string::npos) << text;
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(Printable, KeepsUtf8AndShowsOtherBytes) {
  for (const char* text : {"", "plain", "größe", "地形", "🏔"}) EXPECT_EQ(printable(text), text);
  EXPECT_EQ(printable("a\xff"
                      "b"),
            "a\\xffb");
  EXPECT_EQ(printable("\xc3"), "\\xc3");                          // cut short
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");                 // overlong
  EXPECT_EQ(printable("\xe0\x80\x80"), "\\xe0\\x80\\x80");        // overlong
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");        // a surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond Unicode
}

}  // namespace
}  // namespace forge::graphics
