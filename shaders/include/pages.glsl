// Turns of heads, and where keys and values stand in pages. The includer has HEAD, PAGE, HALF_KV, and behind its push constants
// `pages`, `turns` and `key_heads`.

vec2 turned(uint token, uint i, vec2 pair) {
  const float cosine = turns.at[(token * (HEAD / 2) + i) * 2], sine = turns.at[(token * (HEAD / 2) + i) * 2 + 1];
  return vec2(fma(pair.x, cosine, -(pair.y * sine)), fma(pair.x, sine, pair.y * cosine));
}

// Keys: (page, head, HEAD, PAGE), values: (page, head, PAGE, HEAD) behind them; halves lie two and two along HEAD.
void store_pair(uint head, uint i, uint slot, bool is_key, vec2 pair) {
  const uint page = slot / PAGE, s = slot % PAGE;
#if HALF_KV
  const uint in_head = is_key ? i * PAGE + s : s * (HEAD / 2) + i;
  pages.at[((page * 2 + (is_key ? 0 : 1)) * key_heads + head) * (HEAD / 2 * PAGE) + in_head] = packHalf2x16(pair);
#else
  const uint start = ((page * 2 + (is_key ? 0 : 1)) * key_heads + head) * (HEAD * PAGE);
  [[unroll]] for (uint n = 0; n < 2; ++n)
    pages.at[start + (is_key ? (2 * i + n) * PAGE + s : s * HEAD + 2 * i + n)] = floatBitsToUint(pair[n]);
#endif
}
