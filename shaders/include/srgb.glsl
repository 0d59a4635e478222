// sRGB to linear light; colours are straight, as four bytes of a word.
vec3 decoded(vec3 srgb) {
  return mix(pow((srgb + 0.055) / 1.055, vec3(2.4)), srgb / 12.92, lessThanEqual(srgb, vec3(0.04045)));
}

vec4 linear_color(uint bytes) {
  vec4 color = unpackUnorm4x8(bytes);
  return vec4(decoded(color.rgb), color.a);
}
