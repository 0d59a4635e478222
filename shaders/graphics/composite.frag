// All that is seen through at a sample, blended from the nearest on. Lists are walked for a few of the nearest at a time, so
// they may be of any length. Equals in depth go by colour: pictures do not depend on who came first. Of a group the
// nearest counts, among the few that are looked at together.
#version 450
#include "fragments.glsl"

layout(push_constant, scalar) uniform Push {
  Heads heads;
  Fragments fragments;
  uint capacity;
  uint width;
} push;
layout(location = 0) out vec4 color;

// Some drivers end after 65,535 passes of all loops. L layers take L * L / 16 for the walks and, where they come in the
// worst order (each nearer than all before it in the list), about L * L more to find their places: some 240 are sure.
const uint kAtOnce = 16u;
const float kOpaque = 1.0 / 4096.0;  // what shines through so little does not show

bool is_nearer(uvec4 a, uvec4 b) {
  return a.x != b.x ? a.x > b.x : a.y != b.y ? a.y > b.y : a.z != b.z ? a.z > b.z : a.w > b.w;
}

void main() {
  uint head = push.heads.at[uint(gl_FragCoord.y) * push.width + uint(gl_FragCoord.x)];
  if (head == 0u) discard;
  vec4 sum = vec4(0.0);
  uvec4 last = uvec4(0xFFFFFFFFu);  // depth, colour and group of the farthest that is in the sum
  uint found = kAtOnce;
  while (found == kAtOnce && sum.a < 1.0 - kOpaque) {
    uvec4 nearest[kAtOnce];
    uint times[kAtOnce];
    found = 0u;
    for (uint at = head; at != 0u && at <= push.capacity;) {
      Fragment fragment = push.fragments.at[at - 1u];
      at = fragment.before;
      uvec4 own = uvec4(floatBitsToUint(fragment.depth), fragment.color, fragment.group);
      if (!is_nearer(last, own)) continue;
      uint place = found;
      while (place > 0u && is_nearer(own, nearest[place - 1u])) --place;
      if (place > 0u && nearest[place - 1u] == own) {
        ++times[place - 1u];
        continue;
      }
      if (place == kAtOnce) continue;
      for (uint i = min(found, kAtOnce - 1u); i > place; --i) {
        nearest[i] = nearest[i - 1u];
        times[i] = times[i - 1u];
      }
      nearest[place] = own;
      times[place] = 1u;
      found = min(found + 1u, kAtOnce);
    }
    for (uint i = 0u; i < found; ++i) {
      last = nearest[i];
      vec4 layer = vec4(unpackHalf2x16(last.y), unpackHalf2x16(last.z));
      uint most = last.w != 0u ? 1u : 64u;
      for (uint j = 0u; j < i && last.w != 0u; ++j)
        if (nearest[j].w == last.w) most = 0u;
      for (uint n = min(times[i], most); n > 0u; --n) sum += (1.0 - sum.a) * layer;
    }
  }
  color = sum;
}
