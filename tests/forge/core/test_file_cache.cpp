#include "forge/core/file_cache.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <thread>

namespace forge {
namespace {

namespace fs = std::filesystem;

class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    value ? setenv(name, value, 1) : unsetenv(name);
  }
  ~Environment() { old_ ? setenv(name_, old_->c_str(), 1) : unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

class FileCacheTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "vf-cache-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    chosen_ = std::make_unique<Environment>("VULKAN_FORGE_CACHE_DIR", root_.c_str());
  }
  void TearDown() override {
    chosen_.reset();
    fs::remove_all(root_);
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> list;
    for (const auto& entry : fs::recursive_directory_iterator(root_))
      if (entry.is_regular_file()) list.push_back(entry.path());
    return list;
  }
  fs::path only_file() const {
    EXPECT_EQ(files().size(), 1u);
    return files().at(0);
  }
  static std::string read(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  static void write(const fs::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

  fs::path root_;
  std::unique_ptr<Environment> chosen_;
};

TEST_F(FileCacheTest, GivesBackWhatWasStored) {
  const FileCache cache = FileCache::open("spirv");
  EXPECT_EQ(cache.load("key"), std::nullopt);
  const std::string bytes("a\0b\n", 4);
  EXPECT_TRUE(cache.store("key", bytes));
  EXPECT_EQ(cache.load("key"), bytes);
  EXPECT_EQ(cache.load("key "), std::nullopt);
  EXPECT_EQ(FileCache::open("tuning").load("key"), std::nullopt);
}

TEST_F(FileCacheTest, KeepsEmptyValuesAndKeys) {
  const FileCache cache = FileCache::open("spirv");
  EXPECT_TRUE(cache.store("", ""));
  EXPECT_EQ(cache.load(""), "");
}

TEST_F(FileCacheTest, LastStoreWins) {
  const FileCache cache = FileCache::open("spirv");
  EXPECT_TRUE(cache.store("key", "old, and longer"));
  EXPECT_TRUE(cache.store("key", "new"));
  EXPECT_EQ(cache.load("key"), "new");
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(FileCacheTest, AnyDamagedByteIsAMissAndIsRewritten) {
  const FileCache cache = FileCache::open("spirv");
  ASSERT_TRUE(cache.store("some key", "some value of a few bytes"));
  const fs::path path = only_file();
  const std::string good = read(path);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    write(path, bad);
    EXPECT_EQ(cache.load("some key"), std::nullopt) << "byte " << i;
  }
  EXPECT_TRUE(cache.store("some key", "mended"));
  EXPECT_EQ(cache.load("some key"), "mended");
}

TEST_F(FileCacheTest, CutOrLengthenedFilesAreMisses) {
  const FileCache cache = FileCache::open("spirv");
  ASSERT_TRUE(cache.store("key", std::string(100, 'x')));
  const fs::path path = only_file();
  const std::string good = read(path);
  for (size_t length = 0; length < good.size(); ++length) {
    write(path, good.substr(0, length));
    EXPECT_EQ(cache.load("key"), std::nullopt) << length;
  }
  write(path, good + "x");
  EXPECT_EQ(cache.load("key"), std::nullopt);
}

TEST_F(FileCacheTest, AFileOfAnotherKeyIsAMiss) {  // as if two keys had one hash
  const FileCache cache = FileCache::open("spirv");
  ASSERT_TRUE(cache.store("one", "1"));
  const fs::path one = only_file();
  const std::string bytes = read(one);
  fs::remove(one);
  ASSERT_TRUE(cache.store("two", "2"));
  write(only_file(), bytes);
  EXPECT_EQ(cache.load("two"), std::nullopt);
}

TEST_F(FileCacheTest, AFolderOrPipeInTheWayIsAMissAndNoHang) {
  const FileCache cache = FileCache::open("spirv");
  ASSERT_TRUE(cache.store("key", "value"));
  const fs::path path = only_file();
  fs::remove(path);
  ASSERT_EQ(std::system(("mkfifo '" + path.string() + "'").c_str()), 0);
  EXPECT_EQ(cache.load("key"), std::nullopt);
  fs::remove(path);
  fs::create_directory(path);
  EXPECT_EQ(cache.load("key"), std::nullopt);
  EXPECT_FALSE(cache.store("key", "value"));
  EXPECT_TRUE(files().empty()) << "the unfinished file stayed";
}

TEST_F(FileCacheTest, AFolderThatCannotBeMadeKeepsNothing) {
  write(root_ / "file", "");
  const Environment chosen("VULKAN_FORGE_CACHE_DIR", (root_ / "file").c_str());
  const FileCache cache = FileCache::open("spirv");
  EXPECT_FALSE(cache.store("key", "value"));
  EXPECT_EQ(cache.load("key"), std::nullopt);
  EXPECT_TRUE(cache_use().empty());
}

TEST_F(FileCacheTest, AFullDiskKeepsNothingAndLeavesNothing) {
  // A file limit makes the write fail as a full disk does, without needing a small disk.
  const std::string command =
      "ulimit -f 4; trap \"\" XFSZ; exec \"$0\" --gtest_filter=FileCacheChild.* "
      "--gtest_also_run_disabled_tests";
  const std::string self = fs::read_symlink("/proc/self/exe").string();
  EXPECT_EQ(std::system(("bash -c '" + command + "' '" + self + "' > /dev/null").c_str()), 0);
  EXPECT_TRUE(files().empty()) << "the unfinished file stayed";
}

TEST(FileCacheChild, DISABLED_StoresMuch) {  // run by the test above
  EXPECT_FALSE(FileCache::open("weights").store("key", std::string(1 << 20, 'x')));
}

TEST_F(FileCacheTest, EmptyAndOffMeanNoCache) {
  for (const char* word : {"", "off"}) {
    const Environment chosen("VULKAN_FORGE_CACHE_DIR", word);
    EXPECT_TRUE(user_cache_folder().empty());
    const FileCache cache = FileCache::open("spirv");
    EXPECT_TRUE(cache.folder().empty());
    EXPECT_FALSE(cache.store("key", "value"));
    EXPECT_EQ(cache.load("key"), std::nullopt);
    EXPECT_EQ(clear_cache(), 0u);
  }
}

#if defined(__linux__)
TEST_F(FileCacheTest, FollowsTheSystemsPlaces) {
  const Environment chosen("VULKAN_FORGE_CACHE_DIR", nullptr);
  {
    const Environment xdg("XDG_CACHE_HOME", "/somewhere");
    EXPECT_EQ(user_cache_folder(), "/somewhere/vulkan_forge");
  }
  const Environment home("HOME", "/home/me");
  for (const char* word : {static_cast<const char*>(nullptr), "relative", ""}) {
    const Environment xdg("XDG_CACHE_HOME", word);
    EXPECT_EQ(user_cache_folder(), "/home/me/.cache/vulkan_forge");
  }
  const Environment xdg("XDG_CACHE_HOME", nullptr), homeless("HOME", nullptr);
  EXPECT_TRUE(user_cache_folder().empty());
}
#endif

TEST_F(FileCacheTest, ListsAndClearsByFamilyAndSparesForeignFiles) {
  ASSERT_TRUE(FileCache::open("spirv").store("a", "1"));
  ASSERT_TRUE(FileCache::open("spirv").store("b", "22"));
  ASSERT_TRUE(FileCache::open("tuning").store("a", "333"));
  const fs::path foreign = FileCache::open("spirv").folder() / "notes.txt";
  write(foreign, "mine");
  const auto uses = cache_use();
  ASSERT_EQ(uses.size(), 2u);
  EXPECT_EQ(uses[0].family, "spirv");
  EXPECT_EQ(uses[0].files, 2u);
  EXPECT_EQ(uses[1].family, "tuning");
  EXPECT_EQ(uses[1].bytes, fs::file_size(*fs::directory_iterator(FileCache::open("tuning").folder())));
  EXPECT_EQ(clear_cache("spirv"), 2u);
  EXPECT_EQ(FileCache::open("tuning").load("a"), "333");
  EXPECT_EQ(clear_cache(), 1u);
  EXPECT_TRUE(cache_use().empty());
  EXPECT_EQ(read(foreign), "mine");
}

TEST_F(FileCacheTest, TrimsWhatWasNotReadForLongestOfEveryVersion) {
  const FileCache cache = FileCache::open("spirv");
  const std::string value(1000, 'v');
  for (const char* key : {"old", "read again", "young"}) ASSERT_TRUE(cache.store(key, value));
  const uint64_t each = fs::file_size(files().at(0));  // keys differ by a few bytes
  const auto now = fs::file_time_type::clock::now();
  for (const auto& file : files())
    if (read(file).find("young") == std::string::npos) fs::last_write_time(file, now - std::chrono::hours(24 * 30));
  EXPECT_EQ(cache.load("read again"), value);  // and is as good as new
  const fs::path another_version = root_ / "0.0.1" / "spirv";
  fs::create_directories(another_version);
  fs::copy(cache.folder(), another_version);
  for (const auto& file : fs::directory_iterator(another_version))
    fs::last_write_time(file, now - std::chrono::hours(24 * 60));
  ASSERT_TRUE(FileCache::open("tuning").store("old", value));

  EXPECT_EQ(cache.trim(), 0u);  // far below the limit
  EXPECT_EQ(cache.trim(2 * each + each / 2), 4u);
  EXPECT_TRUE(fs::is_empty(another_version));
  EXPECT_EQ(cache.load("old"), std::nullopt);
  EXPECT_EQ(cache.load("read again"), value);
  EXPECT_EQ(cache.load("young"), value);
  EXPECT_EQ(FileCache::open("tuning").load("old"), value);
}

TEST_F(FileCacheTest, TrimsWhatInterruptedProcessesLeft) {
  const FileCache cache = FileCache::open("spirv");
  ASSERT_TRUE(cache.store("a", "1"));
  fs::path left = only_file();
  left.replace_extension(".0123456789abcdef.vfc-part");
  write(left, "half");
  EXPECT_EQ(cache.trim(), 0u);  // its process may be alive
  fs::last_write_time(left, fs::file_time_type::clock::now() - std::chrono::hours(48));
  EXPECT_EQ(cache.trim(), 1u);
  EXPECT_EQ(cache.load("a"), "1");
}

TEST_F(FileCacheTest, ThreadsThatWriteOneKeyNeverShowHalfAValue) {
  const FileCache cache = FileCache::open("spirv");
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        if (!cache.store("key", std::string(5000 + static_cast<size_t>(t), static_cast<char>('a' + t)))) ++wrong;
        const auto found = cache.load("key");
        if (!found || found->find_first_not_of((*found)[0]) != std::string::npos) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(files().size(), 1u);
}

}  // namespace
}  // namespace forge
