// For fragment shaders of what is seen through. Their colour is kept for the frame's sorting, and nothing is drawn.
#include "fragments.glsl"

layout(early_fragment_tests) in;  // what is hidden is not kept

// A premultiplied colour joins its sample's list. Beyond the capacity only the count goes on: the frame is drawn again.
// It ends far below 2**32: no more than are drawn at once follow, so that it never begins again at 0.
void keep_layer(Heads heads, Fragments fragments, uint capacity, uint width, vec4 color, uint group) {
  if (color.a <= 0.0 && all(lessThanEqual(color.rgb, vec3(0.0)))) return;
  if (fragments.count >= 0xC0000000u) return;
  uint own = atomicAdd(fragments.count, 1u);
  if (own >= capacity) return;
  uint place = uint(gl_FragCoord.y) * width + uint(gl_FragCoord.x);
  uint before = atomicExchange(heads.at[place], own + 1u);
  fragments.at[own] = Fragment(uvec2(packHalf2x16(color.rg), packHalf2x16(color.ba)), gl_FragCoord.z, group, before);
}
