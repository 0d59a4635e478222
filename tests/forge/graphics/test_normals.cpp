#include "forge/graphics/normals.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace forge::graphics {
namespace {

TEST(NormalsTest, ACornerOfACubeLooksAlongItsDiagonalHoweverFacesAreCut) {
  // Three squares meet at the origin; one of them is cut so that two of its triangles meet there.
  const std::vector<float> places{0, 0, 0, -1, 0, 0, 0, -1, 0, 0, 0, -1, -1, -1, 0, -1, 0, -1, 0, -1, -1};
  const std::vector<uint32_t> faces{0, 1, 4, 0, 4, 2,  // z = 0, cut through the corner
                                    0, 3, 1, 1, 3, 5,  // y = 0
                                    0, 2, 3, 2, 6, 3};
  const std::vector<float> normals = smooth_normals(places, faces);
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(std::abs(normals[i]), 1 / std::sqrt(3.0), 1e-6);
}

TEST(NormalsTest, WithoutAreaThereIsNone) {
  const std::vector<float> places{0, 0, 0, 1, 0, 0, 2, 0, 0, 5, 5, 5};
  EXPECT_EQ(smooth_normals(places, std::vector<uint32_t>{0, 1, 2, 1, 1, 1}), std::vector<float>(12, 0.0f));
  EXPECT_TRUE(smooth_normals({}, {}).empty());
}

TEST(NormalsTest, FacesTurnWhereTheirNormalsLook) {
  const std::vector<float> places{0, 0, 0, 1, 0, 0, 0, 1, 0};
  const std::vector<float> up{0, 0, 2, 0, 1, 9, 0, 0, 1e-3f}, down{0, 0, -1, 0, 0, -1, 0, 0, -1};
  std::vector<uint32_t> faces{0, 1, 2, 0, 2, 1, 1, 1, 2};
  EXPECT_TRUE(orient_faces(places, up, faces));
  EXPECT_EQ(faces, (std::vector<uint32_t>{0, 1, 2, 0, 1, 2, 1, 1, 2}));
  EXPECT_TRUE(orient_faces(places, down, faces));
  EXPECT_EQ(faces, (std::vector<uint32_t>{0, 2, 1, 0, 2, 1, 1, 1, 2}));
  for (const float nowhere : {0.0f, NAN, INFINITY}) {
    EXPECT_FALSE(orient_faces(places, std::vector<float>{0, 0, 1, 0, 0, 1, 0, 0, nowhere}, faces));
  }
  std::vector<uint32_t> none;
  EXPECT_TRUE(orient_faces({}, {}, none));
}

}  // namespace
}  // namespace forge::graphics
