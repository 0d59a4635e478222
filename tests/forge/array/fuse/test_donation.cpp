#include "forge/array/fuse/donation.hpp"

#include "forge/support/lazy.hpp"

namespace forge::array {
namespace {

using namespace forge::test;

class Donation : public LazyTest {};

TEST_F(Donation, MemoryOfTheLastReaderIsWrittenOver) {
  const std::vector<float> values(5000, 3.0f);
  const auto address = [&](const Lazy& value) { return evaluate(device_, value).storage()->address(); };
  const Lazy one = Lazy::number(1.0, DType::float32);
  std::optional<Lazy> x(put(values));
  const uint64_t first = address(*x);
  x = *x + one;
  EXPECT_EQ(address(*x), first);
  const Array view = *x->computed();  // somebody else reads it
  x = *x + one;
  EXPECT_NE(address(*x), first);
  EXPECT_EQ(get<float>(view), std::vector<float>(5000, 4.0f));
  EXPECT_EQ(get<float>(*x), std::vector<float>(5000, 5.0f));
}

}  // namespace
}  // namespace forge::array
