#include <algorithm>

#include <pybind11/stl.h>
#include "bind/array/array.hpp"
#include "bind/array/terms.hpp"

#include "bind/ndarray.hpp"
#include "forge/array/fuse/product.hpp"
#include "forge/array/fuse/reductions.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

using array::Elementwise;

[[noreturn]] void refuse_operands(std::string_view name, std::span<const py::handle> values) {
  for (const py::handle value : values)
    if (!Term::of(value))
      throw Error(ErrorCode::BAD_TYPE, "an operand of " + std::string(name), "an Array or a number",
                  describe_value(value), "use vf.asarray(values)");
  FORGE_ASSERT(false);
  std::abort();
}

// NumPy's own function of numbers alone.
py::object of_numbers(const array::ElementwiseRow& row, std::span<const py::handle> values) {
  const py::module_ numpy = py::module_::import("numpy");
  constexpr std::pair<std::string_view, const char*> older[] = {{"asin", "arcsin"},
                                                                {"acos", "arccos"},
                                                                {"atan", "arctan"},
                                                                {"atan2", "arctan2"},
                                                                {"asinh", "arcsinh"},
                                                                {"acosh", "arccosh"},
                                                                {"atanh", "arctanh"},
                                                                {"pow", "power"},
                                                                {"round", "rint"},
                                                                {"abs", "absolute"},
                                                                {"bitwise_invert", "invert"},
                                                                {"bitwise_left_shift", "left_shift"},
                                                                {"bitwise_right_shift", "right_shift"}};
  std::string name(row.name);
  for (const auto& [ours, theirs] : older)
    if (name == ours) name = theirs;
  py::tuple arguments(values.size());
  for (size_t i = 0; i < values.size(); ++i) arguments[i] = values[i];
  return numpy.attr(name.c_str())(*arguments);
}

py::object computed(const array::ElementwiseRow& row, std::span<const py::handle> values) {
  const bool any = std::any_of(values.begin(), values.end(), [](py::handle v) { return py::isinstance<PyArray>(v); });
  if (!any && std::all_of(values.begin(), values.end(), [](py::handle v) { return Term::of(v).has_value(); }))
    return of_numbers(row, values);
  const std::optional<Terms> terms = Terms::of(values, row);
  if (!terms) refuse_operands(row.name, values);
  return to_array(elementwise(row.op, terms->lazies()));
}

std::string text_of(const array::ElementwiseRow& row) {
  return "Elementwise " + std::string(row.name) +
         ", part of an expression that is computed when its values are asked for.\n\n"
         "Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.";
}

void bind_row(py::module_& module, const array::ElementwiseRow& row) {
  const std::string name(row.name);
  const std::string doc = text_of(row);
  if (row.operands == 1)
    module.def(
        name.c_str(), [&row](py::handle x) { return computed(row, std::array{x}); }, py::arg("x"), py::pos_only(),
        doc.c_str());
  else if (row.operands == 2)
    module.def(
        name.c_str(), [&row](py::handle x1, py::handle x2) { return computed(row, std::array{x1, x2}); }, py::arg("x1"),
        py::arg("x2"), py::pos_only(), doc.c_str());
  else
    module.def(
        name.c_str(),
        [&row](py::handle condition, py::handle x1, py::handle x2) {
          return computed(row, std::array{condition, x1, x2});
        },
        py::arg("condition"), py::arg("x1"), py::arg("x2"), py::pos_only(), doc.c_str());
}

// Operators give Python the chance to ask the other operand.
ArrayObject not_implemented() { return py::reinterpret_borrow<ArrayObject>(Py_NotImplemented); }

template <Elementwise op>
ArrayObject operate(std::span<const py::handle> values) {
  const std::optional<Terms> terms = Terms::of(values, array::row_of(op));
  if (!terms) return not_implemented();
  return to_array(elementwise(op, terms->lazies()));
}

int kind_rank(DType dtype) { return static_cast<int>(std::string_view("buifc").find(dtype_row(dtype).kind)); }

}  // namespace

void check_in_place(const PyArray& self, const array::Lazy& result) {
  if (kind_rank(result.dtype()) > kind_rank(self.dtype()))
    throw Error(ErrorCode::BAD_DTYPE, "an in-place operation would change the array's kind of values",
                std::string(name_of(self.dtype())), std::string(name_of(result.dtype())),
                "write x = x + y, or cast the other operand");
  if (!(result.shape() == self.shape()))
    throw Error(ErrorCode::BAD_SHAPE, "an in-place operation would change the array's shape", to_string(self.shape()),
                to_string(result.shape()), "write x = x + y");
}

namespace {

template <Elementwise op>
ArrayObject operate_in_place(ArrayObject self, py::handle other) {
  auto& array = self.cast<PyArray&>();
  const std::array<py::handle, 2> values{self, other};
  std::optional<Terms> terms = Terms::of(values, array::row_of(op));
  if (!terms) return not_implemented();
  const array::Lazy result = elementwise(op, terms->lazies());
  terms.reset();  // as long as they read the array's memory, writing it would leave them a copy
  check_in_place(array, result);
  array.replace(cast(result, array.dtype()));
  return self;
}

template <Elementwise op>
void bind_operator(py::class_<PyArray>& cls, const std::string& name) {
  cls.def(("__" + name + "__").c_str(), [](py::handle a, py::handle b) { return operate<op>(std::array{a, b}); },
          py::is_operator());
  cls.def(("__r" + name + "__").c_str(), [](py::handle a, py::handle b) { return operate<op>(std::array{b, a}); },
          py::is_operator());
  cls.def(("__i" + name + "__").c_str(), &operate_in_place<op>, py::is_operator());
}

template <Elementwise op>
void bind_comparison(py::class_<PyArray>& cls, const char* name) {
  const auto compare = [](py::handle a, py::handle b) {
    if (PyList_Check(b.ptr()) || PyTuple_Check(b.ptr()))
      refuse_operands("a comparison", std::array{b});  // or Python says unequal
    return operate<op>(std::array{a, b});
  };
  cls.def(name, compare, py::is_operator());
}

template <Elementwise op>
void bind_unary(py::class_<PyArray>& cls, const char* name) {
  cls.def(name, [](py::handle a) { return operate<op>(std::array{a}); });
}

// In a call's arguments: one by one, or in lists.
bool any_brain(py::handle value) {
  PyObject* const raw = value.ptr();
  if (PyTuple_CheckExact(raw) || PyList_CheckExact(raw)) {
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(raw); ++i)
      if (any_brain(PySequence_Fast_GET_ITEM(raw, i))) return true;
    return false;
  }
  return py::isinstance<PyArray>(value) && value.cast<const PyArray&>().dtype() == DType::bfloat16;
}

}  // namespace

void bind_operators(py::class_<PyArray>& cls) {
  bind_operator<Elementwise::add>(cls, "add");
  bind_operator<Elementwise::subtract>(cls, "sub");
  bind_operator<Elementwise::multiply>(cls, "mul");
  bind_operator<Elementwise::divide>(cls, "truediv");
  bind_operator<Elementwise::floor_divide>(cls, "floordiv");
  bind_operator<Elementwise::remainder>(cls, "mod");
  bind_operator<Elementwise::bitwise_and>(cls, "and");
  bind_operator<Elementwise::bitwise_or>(cls, "or");
  bind_operator<Elementwise::bitwise_xor>(cls, "xor");
  bind_operator<Elementwise::bitwise_left_shift>(cls, "lshift");
  bind_operator<Elementwise::bitwise_right_shift>(cls, "rshift");
  bind_comparison<Elementwise::equal>(cls, "__eq__");
  bind_comparison<Elementwise::not_equal>(cls, "__ne__");
  bind_comparison<Elementwise::less>(cls, "__lt__");
  bind_comparison<Elementwise::less_equal>(cls, "__le__");
  bind_comparison<Elementwise::greater>(cls, "__gt__");
  bind_comparison<Elementwise::greater_equal>(cls, "__ge__");
  bind_unary<Elementwise::positive>(cls, "__pos__");
  bind_unary<Elementwise::negative>(cls, "__neg__");
  bind_unary<Elementwise::abs>(cls, "__abs__");
  bind_unary<Elementwise::bitwise_invert>(cls, "__invert__");
}

void bind_elementwise(py::module_& module) {
  py::module_ rows = module.def_submodule("elementwise", "Every elementwise operation, by the name of its row.");
  for (const array::ElementwiseRow& row : array::elementwise_rows()) bind_row(rows, row);
  module.def(
      "cast", [](const PyArray& x, py::handle dtype) { return to_own_array(cast(x.lazy(), to_dtype(dtype)), x); },
      py::arg("x"), py::arg("dtype"), "The values in another dtype, as part of an expression.");
  module.def(
      "broadcast",
      [](const PyArray& x, py::handle shape) {
        return to_own_array(broadcast_to(x.lazy(), to_dims(shape, "shape")), x);
      },
      py::arg("x"), py::arg("shape"), "The values along more axes, as part of an expression.");
  module.def(
      "full",
      [](py::handle shape, py::handle value, py::handle dtype, py::handle device) {
        const std::shared_ptr<vk::Device> opened = device_or_default(device);
        const array::Lazy filled =
            broadcast_to(to_lazy(value, to_dtype(dtype), opened, "the value of full"), to_dims(shape, "shape"));
        if (!filled.device()) filled.node()->device = opened;
        return to_array(filled);
      },
      py::arg("shape"), py::arg("value"), py::arg("dtype"), py::arg("device") = py::none(),
      "One value everywhere, as an expression without memory.");
  module.def(
      "reduce_rows",
      [](const PyArray& x, const std::string& op) -> std::optional<ArrayObject> {
        const auto reduces = [&] {
          for (const auto known : {array::RowReduction::sum, array::RowReduction::prod, array::RowReduction::min,
                                   array::RowReduction::max})
            if (op == name_of(known)) return known;
          throw Error(ErrorCode::INVALID_ARGUMENT, "a reduction of rows", "sum, prod, min or max", op);
        }();
        const std::optional<array::Lazy> reduced = array::reduce_rows(reduces, x.lazy());
        if (!reduced) return std::nullopt;
        return to_array(*reduced);
      },
      py::arg("x"), py::arg("op"),
      "Reduces the last axis to an extent of 1 as part of an expression; None where `reduce` does better.");
  module.def(
      "product",
      [](const PyArray& a, const PyArray& b, bool transpose_a, bool transpose_b) {
        return to_array(array::product(a.array(), b.array(), transpose_a, transpose_b));
      },
      py::arg("a"), py::arg("b"), py::kw_only(), py::arg("transpose_a") = false, py::arg("transpose_b") = false,
      "`matmul` as part of an expression: a short chain behind it is computed as its elements are stored.");
  module.def(
      "gathered",
      [](const PyArray& table, const PyArray& places) {
        return to_array(array::gathered(table.array(), places.lazy()));
      },
      py::arg("table"), py::arg("places"),
      "table[places] as part of an expression: of one axis, and for places that are known to lie in it.");
  module.def(
      "rolled",
      [](const PyArray& x, const std::vector<int64_t>& by) {
        return to_array(array::rolled(x.array(), Dims(std::span(by))));
      },
      py::arg("x"), py::arg("by"), "Each axis moved by so many places as part of an expression; ends come round.");
  module.def("any_bfloat16", &any_brain, py::arg("values"),
             "Whether an Array of bfloat16 is in a tuple, or in lists in it.");
  module.def("copy", [](const PyArray& x) { return to_array(copy(x.lazy())); }, py::arg("x"), "Memory of its own.");
  module.def(
      "evaluate",
      [](const py::sequence& arrays) {
        std::vector<const PyArray*> held;
        for (const py::handle array : arrays) held.push_back(&array.cast<const PyArray&>());
        evaluate_all(held);
        for (const PyArray* array : held) array->values();
      },
      py::arg("arrays"), "Computes them together.");
}

}  // namespace forge::bind
