#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"

// What values say about how many there are: boxes, distinct entries, runs of words. Each step depends on the one before and
// the result's shape on all of them, so the host does it, and has to know the values.
namespace forge::infer::onnx {

namespace {

// -- boxes --

struct Box {
  double top, left, bottom, right;
  double area() const { return (bottom - top) * (right - left); }
};

Box box_of(const double* four, bool centred) {
  if (centred) return {four[1] - four[3] / 2, four[0] - four[2] / 2, four[1] + four[3] / 2, four[0] + four[2] / 2};
  return {std::min(four[0], four[2]), std::min(four[1], four[3]), std::max(four[0], four[2]),
          std::max(four[1], four[3])};
}

double overlap(const Box& a, const Box& b) {
  const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  if (!(height > 0 && width > 0 && a.area() > 0 && b.area() > 0)) return 0;
  return height * width / (a.area() + b.area() - height * width);
}

// The best boxes of a class, none of which overlaps a better one by more than `most`. Their scores are above `least`, where
// that is a number.
std::vector<size_t> best_boxes(const std::vector<Box>& boxes, const double* scores, int64_t count, double most,
                               double least) {
  std::vector<size_t> order, kept;
  for (size_t i = 0; i < boxes.size(); ++i)
    if (!std::isnan(scores[i]) && !(scores[i] <= least)) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  for (const size_t i : order) {
    if (static_cast<int64_t>(kept.size()) >= count) break;
    if (std::none_of(kept.begin(), kept.end(), [&](size_t k) { return overlap(boxes[k], boxes[i]) > most; }))
      kept.push_back(i);
  }
  return kept;
}

Outputs suppress(Call& n) {  // boxes (N, B, 4), scores (N, classes, B), count, overlap, score
  const Dims &boxes = n.shape(0), &scores = n.shape(1);
  if (boxes.size() != 3 || scores.size() != 3 || boxes[2] != 4 || boxes[0] != scores[0] || boxes[1] != scores[2])
    n.refuse("boxes and scores do not fit", "(N, B, 4) and (N, classes, B)",
             to_string(boxes) + " and " + to_string(scores));
  const bool centred = n.whole("center_point_box", 0) != 0;
  const int64_t count = n.has(2) ? n.whole(2) : 0;
  const double most = n.has(3) ? n.number(3) : 0;
  const double least = n.has(4) ? n.number(4) : std::numeric_limits<double>::quiet_NaN();
  const Reals corners = n.reals(0), values = n.reals(1);
  const auto each = static_cast<size_t>(boxes[1]), classes = static_cast<size_t>(scores[1]);
  Ints found;
  for (size_t image = 0; image < static_cast<size_t>(boxes[0]); ++image) {
    std::vector<Box> list;
    for (size_t i = 0; i < each; ++i) list.push_back(box_of(&corners[4 * (image * each + i)], centred));
    for (size_t kind = 0; kind < classes && each > 0; ++kind)
      for (const size_t box : best_boxes(list, &values[(image * classes + kind) * each], count, most, least))
        found.insert(found.end(), {static_cast<int64_t>(image), static_cast<int64_t>(kind), static_cast<int64_t>(box)});
  }
  return host_array(n, found, {static_cast<int64_t>(found.size() / 3), 3});
}

// -- distinct entries --

// Entries of an axis, each of them `outer * inner` values.
struct Entries {
  int64_t outer, count, inner;
  size_t place(int64_t o, int64_t entry, int64_t i) const {
    return static_cast<size_t>((o * count + entry) * inner + i);
  }
};

// Their order: numbers by size, NaN last and equal to itself.
template <class T>
int compared(const std::vector<T>& values, const Entries& entries, int64_t a, int64_t b) {
  for (int64_t o = 0; o < entries.outer; ++o)
    for (int64_t i = 0; i < entries.inner; ++i) {
      const T x = values[entries.place(o, a, i)], y = values[entries.place(o, b, i)];
      const bool x_is_nan = std::isnan(static_cast<double>(x)), y_is_nan = std::isnan(static_cast<double>(y));
      if (x == y || (x_is_nan && y_is_nan)) continue;
      if (x_is_nan || y_is_nan) return x_is_nan ? 1 : -1;
      return x < y ? -1 : 1;
    }
  return 0;
}

struct Distinct {
  Ints first, inverse, counts;  // where each stands first, which one each entry is, how often each is there
};

template <class T>
Distinct sorted_entries(const std::vector<T>& values, const Entries& entries) {
  Ints order(static_cast<size_t>(entries.count));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return compared(values, entries, a, b) < 0; });
  Distinct found;
  found.inverse.resize(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || compared(values, entries, order[i - 1], order[i]) != 0) {
      found.first.push_back(order[i]);
      found.counts.push_back(0);
    }
    found.inverse[static_cast<size_t>(order[i])] = static_cast<int64_t>(found.first.size()) - 1;
    ++found.counts.back();
  }
  return found;
}

// The same in the order in which entries come.
Distinct by_place(const Distinct& found) {
  std::vector<size_t> order(found.first.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return found.first[a] < found.first[b]; });
  Distinct turned;
  Ints now(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    now[order[i]] = static_cast<int64_t>(i);
    turned.first.push_back(found.first[order[i]]);
    turned.counts.push_back(found.counts[order[i]]);
  }
  for (const int64_t old : found.inverse) turned.inverse.push_back(now[static_cast<size_t>(old)]);
  return turned;
}

Distinct distinct(Call& n, const Entries& entries) {
  const char kind = dtype_row(n[0].dtype()).kind;
  if (kind == 'i') return sorted_entries(n.ints(0), entries);
  if (kind != 'u') return sorted_entries(n.reals(0), entries);
  const Ints whole = n.ints(0);
  return sorted_entries(std::vector<uint64_t>(whole.begin(), whole.end()), entries);
}

Outputs unique(Call& n) {
  const Dims& shape = n.shape(0);
  const bool flat = !n.has_attribute("axis");
  const size_t axis = flat ? 0 : n.axis("axis", 0, shape.size());
  Entries entries{1, element_count(shape), 1};
  if (!flat) {
    entries.count = shape[axis];
    for (size_t i = 0; i < shape.size(); ++i)
      if (i != axis) (i < axis ? entries.outer : entries.inner) *= shape[i];
  }
  const Distinct all = distinct(n, entries);
  const Distinct found = n.whole("sorted", 1) != 0 ? all : by_place(all);
  const auto made = static_cast<int64_t>(found.first.size());
  Dims kept = flat ? Dims{made} : shape;
  kept[axis] = made;
  Lazy values = fresh(n, n[0].dtype(), kept);
  if (element_count(kept) > 0)
    values =
        flat ? picked(n, reshaped(n.dense(0), {entries.count}), found.first, 0) : picked(n, n[0], found.first, axis);
  return {values, Lazy(host_array(n, found.first, {made})), Lazy(host_array(n, found.inverse, {entries.count})),
          Lazy(host_array(n, found.counts, {made}))};
}

// -- runs of words --

// The runs of words that are counted, by their words: which column of the result each is.
std::map<Ints, size_t> runs_of(Call& n) {
  const Ints counts = n.ints("ngram_counts"), columns = n.ints("ngram_indexes"), pool = n.ints("pool_int64s");
  if (!n.texts("pool_strings").empty()) n.unsupported("text", "number the words, or load with fallback=\"host\"");
  const auto shortest = n.whole("min_gram_length", 1), longest = n.whole("max_gram_length", 1);
  std::map<Ints, size_t> runs;
  size_t number = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    const auto length = static_cast<int64_t>(i) + 1;
    const int64_t end = i + 1 < counts.size() ? counts[i + 1] : static_cast<int64_t>(pool.size());
    if (counts[i] < 0 || end < counts[i] || end > static_cast<int64_t>(pool.size()) || (end - counts[i]) % length != 0)
      n.refuse("ngram_counts does not fit the pool", "starts that grow", std::to_string(counts[i]));
    for (int64_t at = counts[i]; at < end; at += length, ++number) {
      if (number >= columns.size() || columns[number] < 0 || columns[number] > (int64_t{1} << 30))
        n.refuse("ngram_indexes does not fit the pool", "a column for each run", std::to_string(columns.size()));
      if (length >= shortest && length <= longest)
        runs.emplace(Ints(pool.begin() + at, pool.begin() + at + length), static_cast<size_t>(columns[number]));
    }
  }
  return runs;
}

// How often each run stands in a row, with up to `skips` words left out between its words.
void count_runs(const std::map<Ints, size_t>& runs, const Ints& row, int64_t shortest, int64_t longest, int64_t skips,
                double* counts) {
  const auto size = static_cast<int64_t>(row.size());
  skips = std::min(skips, size);  // no second word is further away
  for (int64_t apart = 1; apart <= skips + 1; ++apart) {
    for (int64_t start = 0; start < size; ++start) {
      Ints words;
      for (int64_t at = start; at < size && static_cast<int64_t>(words.size()) < longest; at += apart) {
        words.push_back(row[static_cast<size_t>(at)]);
        if (static_cast<int64_t>(words.size()) < shortest) continue;
        if (const auto found = runs.find(words); found != runs.end()) ++counts[found->second];
      }
    }
    shortest = std::max<int64_t>(shortest, 2);  // one word is one word, whatever is left out
    if (shortest > longest) break;
  }
}

Outputs count_words(Call& n) {
  const Dims& shape = n.shape(0);
  if (shape.size() > 2) n.refuse("words stand in rows", "(C) or (N, C)", to_string(shape));
  const std::map<Ints, size_t> runs = runs_of(n);
  const Ints all = n.ints("ngram_indexes"), words = n.ints(0);
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  const auto is_place = [](int64_t index) { return index >= 0 && index < kMost; };
  if (!std::all_of(all.begin(), all.end(), is_place))
    n.refuse("ngram_indexes are no columns", "0 to 2^31", "one outside");
  const int64_t columns = all.empty() ? 0 : *std::max_element(all.begin(), all.end()) + 1;
  const int64_t rows = shape.size() == 2 ? shape[0] : 1, each = rows == 0 ? 0 : element_count(shape) / rows;
  if (rows > 0 && columns > kMost / rows)
    n.refuse("too many counts", "2^31 at most", std::to_string(rows) + " rows of " + std::to_string(columns));
  Reals counts(static_cast<size_t>(rows * columns));
  const std::string mode = n.text("mode", "TF");
  const Reals weights = n.reals("weights");
  for (int64_t row = 0; row < rows; ++row)
    count_runs(runs, Ints(words.begin() + row * each, words.begin() + (row + 1) * each), n.whole("min_gram_length", 1),
               n.whole("max_gram_length", 1), n.whole("max_skip_count", 0), counts.data() + row * columns);
  if (mode != "TF" && !weights.empty() && static_cast<int64_t>(weights.size()) < columns)
    n.refuse("weights do not fit", std::to_string(columns), std::to_string(weights.size()));
  for (size_t i = 0, column = 0; i < counts.size() && mode != "TF"; ++i, ++column) {
    if (column == static_cast<size_t>(columns)) column = 0;
    const double weight = weights.empty() ? 1 : weights[column];
    counts[i] = weight * (mode == "IDF" ? std::min(counts[i], 1.0) : counts[i]);
  }
  return host_array(n, counts, shape.size() == 2 ? Dims{rows, columns} : Dims{columns}, DType::float32);
}

constexpr OperatorRow kRows[] = {
    {"NonMaxSuppression", 10, suppress},
    {"TfIdfVectorizer", 9, count_words},
    {"Unique", 11, unique},
};

}  // namespace

std::span<const OperatorRow> selection_ops() { return kRows; }

}  // namespace forge::infer::onnx
