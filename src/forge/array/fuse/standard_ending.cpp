#include "forge/array/fuse/standard_ending.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "forge/array/fuse/epilogue_text.hpp"

namespace forge::array {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// What a statement's value is made of, as far as the standard ending can say it.
struct Form {
  enum class Stage : unsigned char { sums, raised, raised_and_one, bounded, late };
  Stage stage = Stage::sums;
  std::optional<size_t> scale, shift, first, second;  // inputs
  float factor = 1, offset = 0;                        // of z; of what is bounded, where nothing is gated
  float slope = 1, start = 0, low = -kInfinity, high = kInfinity;
  float last_factor = 1, last_offset = 0;
  bool sigmoid = false, gated = false;

  bool is_identity() const { return factor == 1 && offset == 0; }
  bool has_sums_of(const Form& other) const {
    return scale == other.scale && shift == other.shift && first == other.first && second == other.second;
  }
};

class Matcher {
 public:
  Matcher(const Fused& rest, const std::vector<Array>& inputs) : rest_(rest), inputs_(inputs) {}

  std::optional<Form> run() {
    if (rest_.outputs().size() != 1 || !rest_.tables().empty() || !all_single()) return std::nullopt;
    forms_[Statement::kProduct] = Form{};
    for (size_t i = 0; i < rest_.statements().size(); ++i) {
      std::optional<Form> form = form_of(rest_.statements()[i]);
      if (!form) return std::nullopt;
      forms_[static_cast<uint16_t>(i)] = *form;
    }
    const auto found = forms_.find(rest_.results()[0]);
    if (found == forms_.end()) return std::nullopt;
    const Form::Stage stage = found->second.stage;
    if (stage == Form::Stage::raised || stage == Form::Stage::raised_and_one) return std::nullopt;
    return found->second;
  }

 private:
  bool all_single() const {
    const auto is_single = [](DType dtype) { return dtype == DType::float32; };
    for (const Array& input : rest_.inputs())
      if (!is_single(input.dtype())) return false;
    for (const DType dtype : rest_.number_dtypes())
      if (!is_single(dtype)) return false;
    for (const Statement& s : rest_.statements())
      if (!s.row || !is_single(s.computed) || !is_single(s.dtype) || s.reduces != RowReduction::none || s.table)
        return false;
    return is_single(rest_.dtype_of(Statement::kProduct)) && is_single(rest_.outputs()[0]->dtype);
  }

  const Form* find(uint16_t operand) const {
    const auto found = forms_.find(operand);
    return found == forms_.end() ? nullptr : &found->second;
  }

  std::optional<Form> form_of(const Statement& s) const {
    const Form* a = find(s.operands[0]);
    if (s.operand_count() == 1) return a ? with_function(*a, s.row->op) : std::nullopt;
    if (s.operand_count() != 2) return std::nullopt;
    const Form* b = find(s.operands[1]);
    if (a && b) return s.row->op == Elementwise::multiply ? gate(*a, *b) : std::nullopt;
    if (!a && !b) return std::nullopt;
    const uint16_t other = s.operands[a ? 1 : 0];
    if (other & Statement::kNumber) {
      const uint64_t bits = rest_.numbers()[other & ~Statement::kNumber][0];
      return with_number(a ? *a : *b, s.row->op, std::bit_cast<float>(static_cast<uint32_t>(bits)), a == nullptr);
    }
    if (other & Statement::kInput) return with_input(a ? *a : *b, s.row->op, other & ~Statement::kInput);
    return std::nullopt;
  }

  static std::optional<Form> with_function(Form f, Elementwise op) {
    if (op == Elementwise::exp && f.stage == Form::Stage::sums) {
      f.stage = Form::Stage::raised;
      return f;
    }
    if (op == Elementwise::reciprocal && f.stage == Form::Stage::raised_and_one) return sigmoid_of(f);
    return std::nullopt;
  }

  // 1 / (1 + exp(t)) is the sigmoid of -t.
  static Form sigmoid_of(Form f) {
    f.factor = -f.factor, f.offset = 0 - f.offset;
    f.stage = Form::Stage::bounded, f.sigmoid = true;
    return f;
  }

  static std::optional<Form> with_number(Form f, Elementwise op, float n, bool number_first) {
    using Stage = Form::Stage;
    if (f.stage == Stage::raised && op == Elementwise::add && n == 1) {
      f.stage = Stage::raised_and_one;
      return f;
    }
    if (f.stage == Stage::raised_and_one && op == Elementwise::divide && number_first && n == 1) return sigmoid_of(f);
    if (f.stage != Stage::sums && f.stage != Stage::bounded) return std::nullopt;
    float& factor = f.stage == Stage::sums ? f.factor : f.last_factor;
    float& offset = f.stage == Stage::sums ? f.offset : f.last_offset;
    switch (op) {
      case Elementwise::add: offset += n; return f;
      case Elementwise::multiply: factor *= n, offset *= n; return f;
      case Elementwise::subtract:
        if (number_first)
          factor = -factor, offset = n - offset;
        else
          offset -= n;
        return f;
      case Elementwise::divide:
        if (number_first || n == 0) return std::nullopt;
        factor /= n, offset /= n;
        return f;
      case Elementwise::maximum:
      case Elementwise::minimum: return within(f, op == Elementwise::maximum, n);
      default: return std::nullopt;
    }
  }

  static std::optional<Form> within(Form f, bool is_lowest, float n) {
    if (std::isnan(n) || f.sigmoid || f.gated || f.last_factor != 1 || f.last_offset != 0) return std::nullopt;
    f.stage = Form::Stage::bounded;
    f.low = is_lowest ? std::max(f.low, n) : std::min(f.low, n);
    f.high = is_lowest ? std::max(f.high, n) : std::min(f.high, n);
    return f;
  }

  bool goes_by_rows(size_t input) const { return !varies_along(inputs_[input], 1); }

  std::optional<Form> with_input(Form f, Elementwise op, size_t input) const {
    const bool sums = f.stage == Form::Stage::sums && f.is_identity();
    if (op == Elementwise::multiply) {
      if (!sums || f.scale || f.shift || f.first || !goes_by_rows(input)) return std::nullopt;
      f.scale = input;
      return f;
    }
    if (op != Elementwise::add) return std::nullopt;
    if (sums && !f.shift && goes_by_rows(input)) return f.shift = input, f;
    if (sums && !f.first) return f.first = input, f;
    if (f.second || f.stage == Form::Stage::raised || f.stage == Form::Stage::raised_and_one) return std::nullopt;
    f.second = input;
    if (!sums) f.stage = Form::Stage::late;
    return f;
  }

  // z * w, where both go on from the same sums.
  static std::optional<Form> gate(const Form& a, const Form& b) {
    using Stage = Form::Stage;
    if (a.stage == b.stage) return std::nullopt;
    const Form &z = a.stage == Stage::sums ? a : b, &w = a.stage == Stage::sums ? b : a;
    if (z.stage != Stage::sums || w.stage != Stage::bounded || w.gated || w.last_offset != 0 || z.factor == 0 ||
        !z.has_sums_of(w))
      return std::nullopt;
    Form f = w;
    f.gated = true;
    f.factor = z.factor, f.offset = z.offset;
    f.slope = w.factor / z.factor, f.start = w.offset - z.offset * f.slope;
    return f;
  }

  const Fused& rest_;
  const std::vector<Array>& inputs_;
  std::map<uint16_t, Form> forms_;  // by operand
};

uint32_t marks_of(const Form& f) {
  const bool late = f.stage == Form::Stage::late;
  const uint32_t early = (f.first ? 1u : 0u) + (f.second && !late ? 1u : 0u);
  return (f.scale ? 1u : 0u) | (f.shift ? 2u : 0u) | early << 2 | (late ? 16u : 0u) | (f.sigmoid ? 32u : 0u) |
         (f.gated ? 64u : 0u);
}

Epilogue::Operand exchanged(Epilogue::Operand operand) {
  std::swap(operand.row_stride, operand.column_stride);
  return operand;
}

// The words of standard_ending.glsl.
std::shared_ptr<Epilogue> words_of(const Form& f, const std::vector<Array>& inputs, bool turned) {
  auto epilogue = std::make_shared<Epilogue>();
  epilogue->defines["STANDARD"] = "1";
  for (const float number : {f.factor, f.offset, f.slope, f.start, f.low, f.high, f.last_factor, f.last_offset})
    epilogue->numbers.push_back(std::bit_cast<uint32_t>(number));
  epilogue->numbers.push_back(marks_of(f));
  for (const std::optional<size_t>& input : {f.scale, f.shift, f.first, f.second}) {
    const Epilogue::Operand operand = input ? operand_of(inputs[*input]) : Epilogue::Operand{};
    epilogue->operands.push_back(turned ? exchanged(operand) : operand);
  }
  return epilogue;
}

// With rows as columns a shift by rows is one of the sums; a scale has no place then.
std::shared_ptr<const Epilogue> turned_words_of(Form f, const std::vector<Array>& inputs) {
  if (f.scale || (f.shift && f.first && f.second)) return nullptr;
  if (f.shift) std::swap(f.first ? f.second : f.first, f.shift);
  return words_of(f, inputs, true);
}

std::shared_ptr<const Epilogue> epilogue_of(const Form& f, const std::vector<Array>& inputs) {
  std::shared_ptr<Epilogue> epilogue = words_of(f, inputs, false);
  epilogue->turned = turned_words_of(f, inputs);
  epilogue->of_parts = inputs.empty() ? nullptr : neutral_ending();
  return epilogue;
}

}  // namespace

std::shared_ptr<const Epilogue> standard_ending(const Fused& rest, const std::vector<Array>& inputs) {
  const std::optional<Form> form = Matcher(rest, inputs).run();
  return form ? epilogue_of(*form, inputs) : nullptr;
}

std::shared_ptr<const Epilogue> neutral_ending() {
  static const std::shared_ptr<const Epilogue> neutral = epilogue_of({}, {});
  return neutral;
}

}  // namespace forge::array
