#include <algorithm>
#include <cmath>
#include <map>

#include "forge/array/fuse/product.hpp"
#include "forge/array/ops/matmul.hpp"
#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"

// Matrix products; what goes on from one of two matrices is computed with it.
namespace forge::infer::onnx {

namespace {

DType wide_whole(DType dtype) { return is_float(dtype) ? dtype : size_of(dtype) < 4 ? DType::int32 : dtype; }

}  // namespace

Lazy matrix_product(const Call& n, const Lazy& a, const Lazy& b) {
  const DType dtype = array::promote(a.dtype(), b.dtype());
  const DType computed = dtype == DType::bfloat16 ? DType::float32 : wide_whole(dtype);
  const Array left = n.stream().array(array::cast(a, computed)), right = n.stream().array(array::cast(b, computed));
  return array::cast(array::product(left, right), dtype);
}

namespace {

// A stack times one matrix is one tall matrix times it, which can go on, where its rows follow each other.
Outputs matmul(Call& n) {
  const bool tall = n.shape(0).size() > 2 && n.shape(1).size() == 2;
  return matrix_product(n, tall ? Lazy(n.dense(0)) : n[0], n[1]);
}

Outputs gemm(Call& n) {
  const double alpha = n.real("alpha", 1), beta = n.real("beta", 1);
  const auto side = [&](size_t i, const char* name) {
    if (n.shape(i).size() != 2) n.refuse("Gemm takes matrices", "two axes", to_string(n.shape(i)));
    return n.whole(name, 0) != 0 ? permuted(n.array(i), {1, 0}) : n.array(i);
  };
  const Lazy a = side(0, "transA"), b = side(1, "transB");
  Lazy value = matrix_product(n, a, b);
  if (alpha != 1) value = value * alpha;
  if (!n.has(2) || beta == 0) return value;
  return value + (beta == 1 ? n[2] : n.folded(n[2] * beta, {2}));
}

// -- einsum: operands are brought into the order batch, rows, sums and multiplied pair by pair --

struct Term {
  Lazy value;
  std::string axes;
};

std::string without(const std::string& axes, const std::string& gone) {
  std::string kept;
  for (const char axis : axes)
    if (gone.find(axis) == std::string::npos) kept += axis;
  return kept;
}
std::string common(const std::string& a, const std::string& b) {
  std::string both;
  for (const char axis : a)
    if (b.find(axis) != std::string::npos) both += axis;
  return both;
}

class Einsum {
 public:
  explicit Einsum(Call& n) : n_(n) {}

  Lazy run(std::string equation) {
    std::erase(equation, ' ');
    const size_t arrow = equation.find("->");
    std::string inputs = equation.substr(0, arrow);
    std::vector<Term> terms;
    size_t most = 0;
    std::vector<std::string> texts;
    for (size_t at = 0; at <= inputs.size();) {
      const size_t comma = std::min(inputs.find(',', at), inputs.size());
      texts.push_back(inputs.substr(at, comma - at));
      at = comma + 1;
    }
    if (texts.size() != n_.size())
      n_.refuse("the equation has another number of operands", std::to_string(texts.size()), std::to_string(n_.size()));
    for (size_t i = 0; i < texts.size(); ++i) {
      const size_t dots = texts[i].find("...");
      if (dots == std::string::npos) continue;
      most = std::max(most, n_.shape(i).size() - std::min(n_.shape(i).size(), texts[i].size() - 3));
    }
    const auto filled = [&](std::string text, size_t axes) {
      const size_t dots = text.find("...");
      if (dots == std::string::npos) return text;
      std::string names;
      for (size_t i = most - axes; i < most; ++i) names += static_cast<char>('0' + i);
      return text.replace(dots, 3, names);
    };
    for (size_t i = 0; i < texts.size(); ++i) {
      const size_t axes =
          n_.shape(i).size() - std::min(n_.shape(i).size(), texts[i].size() - std::min<size_t>(3, texts[i].size()));
      terms.push_back(diagonal({n_[i], filled(texts[i], texts[i].find("...") == std::string::npos ? 0 : axes)}));
    }
    std::string out;
    if (arrow != std::string::npos) {
      out = filled(equation.substr(arrow + 2), most);
    } else {
      std::map<char, int> counts;
      for (const std::string& text : texts)
        for (const char c : filled(text, most)) ++counts[c];
      for (const auto& [c, count] : counts)
        if (count == 1 || (c >= '0' && c <= '9')) out += c;
    }
    for (size_t i = 0; i < terms.size(); ++i) note(terms[i]);
    Term value = terms[0];
    for (size_t i = 1; i < terms.size(); ++i) {
      std::string later = out;
      for (size_t k = i + 1; k < terms.size(); ++k) later += terms[k].axes;
      value = pair(value, terms[i], later);
    }
    value = summed(value, out);
    return ordered(value, out);
  }

 private:
  void note(const Term& term) {
    if (term.axes.size() != term.value.shape().size())
      n_.refuse("the equation names another number of axes", std::to_string(term.value.shape().size()), term.axes);
    for (size_t i = 0; i < term.axes.size(); ++i) {
      int64_t& extent = extents_.emplace(term.axes[i], 1).first->second;
      const int64_t here = term.value.shape()[i];
      if (extent != 1 && here != 1 && extent != here)
        n_.refuse("an axis has two extents", std::to_string(extent), std::to_string(here));
      extent = here == 1 ? extent : here;
    }
  }

  // An axis that stands twice: its diagonal.
  Term diagonal(Term term) {
    for (size_t i = 0; i < term.axes.size(); ++i) {
      const size_t again = term.axes.find(term.axes[i], i + 1);
      if (again == std::string::npos) continue;
      const Array in = n_.stream().array(term.value);
      Dims shape, strides;
      for (size_t k = 0; k < term.axes.size(); ++k) {
        if (k == again) continue;
        shape.push_back(in.shape()[k]);
        strides.push_back(in.strides()[k] + (k == i ? in.strides()[again] : 0));
      }
      term.value = in.view(0, shape, strides);
      term.axes.erase(again, 1);
      return diagonal(std::move(term));
    }
    return term;
  }

  Term summed(Term term, const std::string& kept) {
    Ints axes;
    Dims shape;
    for (size_t i = 0; i < term.axes.size(); ++i) {
      if (kept.find(term.axes[i]) == std::string::npos)
        axes.push_back(static_cast<int64_t>(i));
      else
        shape.push_back(term.value.shape()[i]);
    }
    if (axes.empty()) return term;
    const Lazy sum = reduced(n_, term.value, Reduce::sum, axes);
    return {reshaped(n_.stream().dense(sum), shape), common(term.axes, kept)};
  }

  Lazy ordered(const Term& term, const std::string& order) {
    Ints permutation;
    for (const char axis : order) {
      const size_t at = term.axes.find(axis);
      if (at == std::string::npos) n_.refuse("the result names an axis that no operand has", term.axes, order);
      permutation.push_back(static_cast<int64_t>(at));
    }
    const bool same = std::is_sorted(permutation.begin(), permutation.end());
    return same ? term.value : Lazy(permuted(n_.stream().array(term.value), permutation));
  }

  int64_t size_of_axes(const std::string& axes) const {
    int64_t size = 1;
    for (const char axis : axes) size *= extents_.at(axis);
    return size;
  }

  // With all its axes at their full extents, in an order, as a stack of matrices.
  Array matrices(const Term& term, const std::string& batch, const std::string& rows, const std::string& columns) {
    const std::string order = batch + rows + columns;
    Dims full;
    for (const char axis : order) full.push_back(extents_.at(axis));
    const Lazy turned = array::broadcast_to(ordered(term, order), full);
    return reshaped(n_.stream().dense(turned), {size_of_axes(batch), size_of_axes(rows), size_of_axes(columns)});
  }

  Term pair(Term a, Term b, const std::string& later) {
    a = summed(a, later + b.axes), b = summed(b, later + a.axes);
    const std::string both = common(a.axes, b.axes);
    const std::string sums = without(both, later), batch = common(both, later);
    const std::string left = without(a.axes, both), right = without(b.axes, both);
    const std::string axes = batch + left + right;
    Dims shape;
    for (const char axis : axes) shape.push_back(extents_.at(axis));
    const Array x = matrices(a, batch, left, sums), y = matrices(b, batch, sums, right);
    return {reshaped(n_.stream().dense(matrix_product(n_, x, y)), shape), axes};
  }

  Call& n_;
  std::map<char, int64_t> extents_;
};

Outputs einsum(Call& n) { return Einsum(n).run(n.text("equation", "")); }

double determinant_of(double* m, size_t size) {
  double product = 1;
  for (size_t k = 0; k < size; ++k) {
    size_t best = k;
    for (size_t row = k + 1; row < size; ++row)
      if (std::abs(m[row * size + k]) > std::abs(m[best * size + k])) best = row;
    if (best != k) {
      std::swap_ranges(m + best * size, m + (best + 1) * size, m + k * size);
      product = -product;
    }
    const double pivot = m[k * size + k];
    product *= pivot;
    if (pivot == 0) return 0;
    for (size_t row = k + 1; row < size; ++row) {
      const double share = m[row * size + k] / pivot;
      for (size_t column = k; column < size; ++column) m[row * size + column] -= share * m[k * size + column];
    }
  }
  return product;
}

Outputs eliminated(Call& n, int64_t size) {
  Dims shape;
  for (size_t i = 0; i + 2 < n.shape(0).size(); ++i) shape.push_back(n.shape(0)[i]);
  Reals values = n.reals(0), made;
  const auto each = static_cast<size_t>(size * size);
  for (int64_t i = 0; i < element_count(shape); ++i)
    made.push_back(determinant_of(values.data() + static_cast<size_t>(i) * each, static_cast<size_t>(size)));
  return host_array(n, made, shape, n[0].dtype());
}

Outputs determinant(Call& n) {
  // Elimination has to choose rows, which the host does; matrices of up to three rows have formulas.
  const Dims& s = n.shape(0);
  const size_t axes = s.size();
  if (axes < 2 || s[axes - 1] != s[axes - 2])
    n.refuse("a determinant is that of a square matrix", "(..., M, M)", to_string(s));
  const int64_t size = s[axes - 1];
  if (size > 3 || size == 0) return eliminated(n, size);
  const Array in = n.array(0);
  const auto at = [&](int64_t row, int64_t column) {
    Array one = strided(strided(in, axes - 2, row, 1), axes - 1, column, 1);
    Dims shape, strides;
    for (size_t i = 0; i + 2 < axes; ++i) shape.push_back(one.shape()[i]), strides.push_back(one.strides()[i]);
    return Lazy(one.view(0, shape, strides));
  };
  const auto cross = [&](int64_t r, int64_t s2, int64_t c, int64_t d) {
    return at(r, c) * at(s2, d) - at(r, d) * at(s2, c);
  };
  if (size == 1) return at(0, 0);
  if (size == 2) return cross(0, 1, 0, 1);
  return at(0, 0) * cross(1, 2, 1, 2) - at(0, 1) * cross(1, 2, 0, 2) + at(0, 2) * cross(1, 2, 0, 1);
}

constexpr OperatorRow kRows[] = {
    {"Det", 11, determinant},
    {"Einsum", 12, einsum},
    {"Gemm", 1, gemm},
    {"MatMul", 1, matmul},
};

}  // namespace

std::span<const OperatorRow> product_ops() { return kRows; }

}  // namespace forge::infer::onnx
