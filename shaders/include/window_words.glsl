// What several measures of src/forge/graphics/raster/measures.def have in common.
#ifndef FORGE_WINDOW_WORDS_GLSL
#define FORGE_WINDOW_WORDS_GLSL
#define SUNNY ((a.z - east * a.x - north * a.y) / sqrt(1.0 + squared))
#define BENT_EAST ((dm.x + dm.z) * b.x)
#define BENT_NORTH ((du.y + dd.y) * b.y)
#define TWISTED (((up.z - up.x) - (down.z - down.x)) * b.z)
#define LARGEST(v) max(max((v).x, (v).y), (v).z)
#define LEAST(v) min(min((v).x, (v).y), (v).z)
#define ASPECT(angle) aspect(angle)
#define FOUR_SUNS four_suns(east, north, squared, a.z, a.w)

// 0 up to, but not, 360.
float aspect(float degrees) {
  float turned = degrees < 0.0 ? degrees + 360.0 : degrees;
  return turned >= 360.0 ? 0.0 : turned;
}

// Suns in the southwest, west, northwest and north, each weighted by the square of the sine between it and the aspect.
float four_suns(float east, float north, float squared, float up, float level) {
  float slanted = level * 0.707106781, cross = east * north;
  vec4 light = max(up + vec4((east + north) * slanted, east * level, (east - north) * slanted, -north * level), 0.0);
  vec4 weight = vec4(0.5 * squared + cross, east * east, 0.5 * squared - cross, north * north);
  return dot(light, weight) / squared / sqrt(1.0 + squared);
}
#endif
