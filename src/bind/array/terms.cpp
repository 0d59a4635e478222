#include "bind/array/terms.hpp"

#include <complex>
#include <limits>

#include "bind/ndarray.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

// One value of a dtype of its own, as a number of the expression: it needs no memory on the device.
array::Lazy to_number(const HostArray& host) {
  const auto as = [&]<class T>(T) { return *static_cast<const T*>(host.data); };
  switch (host.dtype) {
    case DType::bool_: return array::Lazy::number(int64_t{as(uint8_t{}) != 0}, host.dtype);
    case DType::int8: return array::Lazy::number(int64_t{as(int8_t{})}, host.dtype);
    case DType::int16: return array::Lazy::number(int64_t{as(int16_t{})}, host.dtype);
    case DType::int32: return array::Lazy::number(int64_t{as(int32_t{})}, host.dtype);
    case DType::int64: return array::Lazy::number(as(int64_t{}), host.dtype);
    case DType::uint8: return array::Lazy::number(int64_t{as(uint8_t{})}, host.dtype);
    case DType::uint16: return array::Lazy::number(int64_t{as(uint16_t{})}, host.dtype);
    case DType::uint32: return array::Lazy::number(int64_t{as(uint32_t{})}, host.dtype);
    case DType::uint64: return array::Lazy::number(static_cast<int64_t>(as(uint64_t{})), host.dtype);
    case DType::float32: return array::Lazy::number(double{as(float{})}, host.dtype);
    case DType::float64: return array::Lazy::number(as(double{}), host.dtype);
    case DType::complex64: return array::Lazy::number(std::complex<double>(as(std::complex<float>{})), host.dtype);
    case DType::complex128: return array::Lazy::number(as(std::complex<double>{}), host.dtype);
    default: break;
  }
  FORGE_ASSERT(false);
  return array::Lazy::number(0.0, host.dtype);
}

array::Lazy of_ndarray(const py::array& values) {
  if (values.size() != 1)
    throw Error(ErrorCode::BAD_TYPE, "an ndarray beside an Array would be copied to the device at each use",
                "an Array, or a number", describe_value(values), "put it there once: vf.asarray(a)");
  HostArray host = check_ndarray(values, "an operand");
  if (is_short_float(host.dtype)) {  // every one of them is a float
    const py::object wide = values.attr("astype")("float32");
    const array::Lazy number = to_number(check_ndarray(wide, "an operand"));
    return broadcast_to(cast(number, host.dtype), host.shape);
  }
  return broadcast_to(to_number(host), host.shape);
}

[[noreturn]] void refuse_integer(DType dtype, py::handle number) {
  throw Error(ErrorCode::OUT_OF_RANGE, "a Python integer does not fit the array's dtype",
              "a value that " + std::string(name_of(dtype)) + " holds", std::string(py::str(number)),
              "cast the array first: x.astype(...)");
}

}  // namespace

std::optional<Term> Term::of(py::handle value) {
  Term term;
  PyObject* const raw = value.ptr();
  if (py::isinstance<PyArray>(value)) {
    term.values_ = value.cast<const PyArray&>().lazy();
    return term;
  }
  if (PyBool_Check(raw))
    term.kind_ = Kind::boolean;
  else if (PyLong_CheckExact(raw))
    term.kind_ = Kind::integer;
  else if (PyFloat_CheckExact(raw))
    term.kind_ = Kind::real;
  else if (PyComplex_CheckExact(raw))
    term.kind_ = Kind::complex;
  else if (py::isinstance<py::array>(value))
    term.values_ = of_ndarray(py::reinterpret_borrow<py::array>(value));
  else if (py::hasattr(value, "dtype") && py::hasattr(value, "item") && py::hasattr(value, "__array_interface__"))
    term.values_ = of_ndarray(py::module_::import("numpy").attr("asarray")(value));
  else
    return std::nullopt;
  if (term.kind_ != Kind::values) term.number_ = py::reinterpret_borrow<py::object>(value);
  return term;
}

std::optional<array::Lazy> Term::integer_beside(DType dtype) const {
  const DTypeRow& row = dtype_row(dtype);
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(number_.ptr(), &overflow);
  if (row.kind == 'u' && row.size == 8 && overflow > 0) {
    const unsigned long long large = PyLong_AsUnsignedLongLong(number_.ptr());
    if (PyErr_Occurred()) {
      PyErr_Clear();
      return std::nullopt;
    }
    return array::Lazy::number(static_cast<int64_t>(large), dtype);
  }
  if (overflow != 0) return std::nullopt;
  const bool is_signed = row.kind == 'i';
  const auto bits = static_cast<unsigned>(row.size * 8 - (is_signed ? 1 : 0));
  const bool fits =
      number < 0 ? is_signed && (bits >= 63 || number >= -(1LL << bits)) : bits >= 63 || number < (1LL << bits);
  if (!fits) return std::nullopt;
  return array::Lazy::number(static_cast<int64_t>(number), dtype);
}

array::Lazy Term::beside(DType dtype, const vk::Device& device, Beyond beyond) const {
  const char kind = dtype_row(dtype).kind;
  if (kind_ == Kind::boolean) return array::Lazy::number(int64_t{number_.ptr() == Py_True}, DType::bool_);
  if (kind_ == Kind::complex) {
    const std::complex<double> value(PyComplex_RealAsDouble(number_.ptr()), PyComplex_ImagAsDouble(number_.ptr()));
    const DType real = kind == 'f' || kind == 'c' ? dtype : array::default_real(device);
    return array::Lazy::number(value, array::promote(real, DType::complex64));
  }
  const bool is_real = kind_ == Kind::real;
  if (!is_real && kind != 'f' && kind != 'c') {
    const DType integer = kind == 'b' ? array::default_integer(device) : dtype;
    if (const auto number = integer_beside(integer)) return *number;
    if (beyond == Beyond::refused) refuse_integer(integer, number_);
    const bool is_negative = number_ < py::int_(0);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return array::Lazy::number(is_negative ? -kInfinity : kInfinity, array::default_real(device));
  }
  const double value = PyFloat_AsDouble(number_.ptr());
  if (value == -1.0 && PyErr_Occurred()) {
    PyErr_Clear();
    refuse_integer(dtype, number_);
  }
  return array::Lazy::number(value, kind == 'f' || kind == 'c' ? dtype : array::default_real(device));
}

std::optional<Terms> Terms::of(std::span<const py::handle> values, const array::ElementwiseRow& row) {
  const size_t first = row.rule == array::DtypeRule::choose ? 1 : 0;
  const auto beyond = row.rule == array::DtypeRule::compare ? Term::Beyond::infinite : Term::Beyond::refused;
  std::array<std::optional<Term>, 3> terms;
  FORGE_ASSERT(values.size() <= terms.size());
  std::optional<DType> common;
  const vk::Device* device = nullptr;
  for (size_t i = 0; i < values.size(); ++i) {
    terms[i] = Term::of(values[i]);
    if (!terms[i]) return std::nullopt;
    const array::Lazy* held = terms[i]->values();
    if (!held) continue;
    if (held->device()) device = held->device().get();
    if (i >= first) common = common ? array::promote(*common, held->dtype()) : held->dtype();
  }
  if (!device)
    throw Error(ErrorCode::BAD_TYPE, "no operand is an Array", "at least one vf.Array", "numbers alone",
                "compute with NumPy, or make one: vf.asarray(x)");
  Terms made;
  for (size_t i = 0; i < values.size(); ++i) {
    const array::Lazy* held = terms[i]->values();
    // Numbers alone beside a condition: two kinds meet as Python's own do.
    if (!held && !common) common = terms[i]->beside(DType::bool_, *device).dtype();
    made.lazies_.push_back(held ? *held : terms[i]->beside(i >= first ? *common : DType::bool_, *device, beyond));
  }
  // Integers beside a float become the device's default float, whatever is promoted otherwise.
  for (size_t i = first; i < values.size(); ++i) {
    if (terms[i]->values()) continue;
    const DType number = made.lazies_[i].dtype();
    const char kind = dtype_row(*common).kind;
    if ((kind == 'i' || kind == 'u') && dtype_row(number).kind != kind && dtype_row(number).kind != 'b')
      for (size_t k = first; k < values.size(); ++k)
        if (terms[k]->values()) made.lazies_[k] = cast(made.lazies_[k], array::part_of(number));
  }
  return made;
}

ArrayObject to_array(const array::Lazy& values) { return py::cast(PyArray(values)).cast<ArrayObject>(); }

ArrayObject to_own_array(const array::Lazy& values, const PyArray& other) {
  const array::Lazy held = other.lazy();
  const bool same = values.node() == held.node() || values.computed().has_value();
  return to_array(same ? copy(values) : values);
}

array::Lazy to_lazy(py::handle value, DType dtype, const std::shared_ptr<vk::Device>& device, const char* what) {
  const std::optional<Term> term = Term::of(value);
  if (!term)
    throw Error(ErrorCode::BAD_TYPE, what, "an Array or a number", describe_value(value), "use vf.asarray(values)");
  if (const array::Lazy* held = term->values()) return cast(*held, dtype);
  return cast(term->beside(dtype, *device), dtype);
}

}  // namespace forge::bind
