// forge: load=words,cells
// Heights of a working grid with cells as large as several of the raster's: means, in which holes do not count. What is half
// missing or more is a hole. Of cells that stand for very many some are looked at, evenly spread. Rows that are whole words of 16
// bytes are bound and read word by word: a picture of a large raster costs little more than reading it once.
#version 450
#include "types.glsl"

layout(local_size_x = 64) in;

const float MOST = 1e37;  // heights beyond stand for holes: several programs have their nodata at float32's end

const uint kMostLooked = 181u;  // rows, and words of a row: some drivers end loops after 65,535 passes

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Source { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer Target { float at[]; };

layout(binding = 0, scalar) readonly buffer Words { vec4 at[]; } words;  // the source again; read where LOAD_WORDS

layout(push_constant, scalar) uniform Push {
  Source source;     // (rows, source_stride), some rows of the raster
  Target target;     // (.., stride)
  uint rows;
  uint columns;
  uint first_column; // of the source that counts
  uint first;        // element of the words that is the source's first
  uint source_stride;
  uvec2 pool;        // cells of the raster to one of the grid, east and south
  uint grid_columns;
  uint stride;
  uint first_row;    // of the grid, which the source's first row belongs to
  float level;       // heights count from here
  float nodata;
};

// Four cells side by side; those from `end` on do not count.
vec4 four(uint at, uint end) {
#ifdef LOAD_WORDS
  return words.at[(first + at) / 4u];
#else
  uvec4 place = min(at + uvec4(0u, 1u, 2u, 3u), end - 1u);
  return vec4(source.at[place.x], source.at[place.y], source.at[place.z], source.at[place.w]);
#endif
}

void main() {
  uint column = gl_GlobalInvocationID.x, row = gl_WorkGroupID.y;
  if (column >= grid_columns) return;
  uvec2 from = uvec2(column, row) * pool, to = min(from + pool, uvec2(columns, rows));
  uint start = first_column + from.x, end = first_column + to.x;
#ifdef LOAD_WORDS
  uint word = start / 4u * 4u;
#else
  uint word = start;
#endif
  uint skip_words = ((end - word + 3u) / 4u + kMostLooked - 1u) / kMostLooked, skip_rows = (pool.y + kMostLooked - 1u) / kMostLooked;
  vec4 firsts = vec4(0.0), sums = vec4(0.0), counts = vec4(0.0), looked = vec4(0.0);
  for (; word < end; word += 4u * skip_words) {
    uvec4 place = word + uvec4(0u, 1u, 2u, 3u);
    vec4 inside = mix(vec4(0.0), vec4(1.0), greaterThanEqual(place, uvec4(start))) * mix(vec4(0.0), vec4(1.0), lessThan(place, uvec4(end)));
    for (uint r = from.y; r < to.y; r += skip_rows) {
      vec4 h = four(r * source_stride + word, r * source_stride + end);
      vec4 count = mix(vec4(0.0), inside, lessThan(abs(h), vec4(MOST))) * mix(vec4(0.0), vec4(1.0), notEqual(h, vec4(nodata)));
      bvec4 is_first = greaterThan(count, counts);
      firsts = mix(firsts, h, is_first);
      sums += mix(vec4(0.0), h - firsts, greaterThan(count, vec4(0.0)));  // differences: what is flat stays exactly as high as it was
      counts += count;
      looked += inside;
    }
  }
  float count = dot(counts, vec4(1.0)), cells = dot(looked, vec4(1.0));
  float reference = counts.x > 0.0 ? firsts.x : counts.y > 0.0 ? firsts.y : counts.z > 0.0 ? firsts.z : firsts.w;
  float sum = dot(sums + (firsts - reference) * counts, vec4(1.0));
  target.at[(first_row + row) * stride + column] =
      count * 2.0 > cells ? reference - level + sum / count : uintBitsToFloat(0x7FC00000u);
}
