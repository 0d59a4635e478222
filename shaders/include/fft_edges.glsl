// How the first pass of a transform reads and the last one writes; they stand after `Push`.
//   LOAD_REAL, LOAD_PAIRS (of reals), LOAD_HERMITIAN (half a spectrum); else complex values, GUARDED: with zeros after them
//   STORE_REAL (parts), STORE_PAIRS (of reals); else complex values, CROPPED: only the first
// The value `at` of a batch (an index times inner, plus column), which is value `index` along the axis.
COMPLEX fetch(uint base, uint at, uint index, uint column) {
#if defined(LOAD_REAL)
  return COMPLEX(at < in_count ? source.at[base + at] : REAL(0), 0);
#elif defined(LOAD_PAIRS)  // two neighbours along the axis make one value
  uint real = 2 * at - column, imaginary = real + inner;
  return COMPLEX(real < in_count ? source.at[base + real] : REAL(0),
                 imaginary < in_count ? source.at[base + imaginary] : REAL(0));
#elif defined(LOAD_HERMITIAN)  // the second half of a spectrum follows from the first
  bool mirrored = 2 * index > length;
  uint from = mirrored ? (length - index) * inner + column : at;
  COMPLEX value = from < in_count ? unpacked(source.at[base + from]) : COMPLEX(0);
  if (index == 0) value.y = REAL(0);
  return conjugate_if(mirrored, value);
#elif defined(GUARDED)
  return at < in_count ? unpacked(source.at[base + at]) : COMPLEX(0);
#else
  return unpacked(source.at[base + at]);
#endif
}

void put(uint base, uint at, uint column, COMPLEX value) {
#if defined(STORE_REAL)
  target.at[base + at] = value.x;
#elif defined(STORE_PAIRS)
  target.at[base + 2 * at - column] = value.x;
  target.at[base + 2 * at - column + inner] = value.y;
#elif defined(CROPPED)
  if (at < out_count) target.at[base + at] = packed(value);
#else
  target.at[base + at] = packed(value);
#endif
}
