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

const uint kAtOnce = 16u;  // so that 1000 layers stay below 65,535 passes, where some drivers end
const float kOpaque = 1.0 / 4096.0;  // what shines through so little does not show

bool is_nearer(uvec3 a, uvec3 b) {
  return a.x != b.x ? a.x > b.x : a.y != b.y ? a.y > b.y : a.z > b.z;
}

void main() {
  uint head = push.heads.at[uint(gl_FragCoord.y) * push.width + uint(gl_FragCoord.x)];
  if (head == 0u) discard;
  vec4 sum = vec4(0.0);
  uvec3 last = uvec3(0xFFFFFFFFu);  // depth and colour of the farthest that is in the sum
  uint found = kAtOnce;
  while (found == kAtOnce && sum.a < 1.0 - kOpaque) {
    uvec3 nearest[kAtOnce];
    uint times[kAtOnce], groups[kAtOnce];
    found = 0u;
    for (uint at = head; at != 0u && at <= push.capacity;) {
      Fragment fragment = push.fragments.at[at - 1u];
      at = fragment.before;
      uvec3 own = uvec3(floatBitsToUint(fragment.depth), fragment.color);
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
        groups[i] = groups[i - 1u];
      }
      nearest[place] = own;
      times[place] = 1u;
      groups[place] = fragment.group;
      found = min(found + 1u, kAtOnce);
    }
    for (uint i = 0u; i < found; ++i) {
      vec4 layer = vec4(unpackHalf2x16(nearest[i].y), unpackHalf2x16(nearest[i].z));
      last = nearest[i];
      bool counted = false;
      for (uint j = 0u; j < i && groups[i] != 0u; ++j) counted = counted || groups[j] == groups[i];
      uint most = groups[i] != 0u ? 1u : 64u;
      for (uint n = counted ? 0u : min(times[i], most); n > 0u; --n) sum += (1.0 - sum.a) * layer;
    }
  }
  color = sum;
}
