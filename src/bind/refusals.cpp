#include "bind/refusals.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

#include "bind/errors.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

// pybind11 makes every function a builtin whose method is one dispatcher, and has no hook for what that refuses. So the
// method of each function of our module is replaced by one that asks the dispatcher and looks at what it says. It takes
// its arguments as an array since 3.1, before as a tuple and a dict.
using FastCall = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*);
using TupleCall = PyObject* (*)(PyObject*, PyObject*, PyObject*);
FastCall dispatch_fast = nullptr;
TupleCall dispatch_tuple = nullptr;

/// Functions by their record, under the names that users know. Never freed: functions are called until the very end.
std::unordered_map<const PyObject*, std::string>& names() {
  static auto* const held = new std::unordered_map<const PyObject*, std::string>;
  return *held;
}

/// None for another error, and where words cannot be had: what pybind11 said is still true.
py::object in_our_words(const PyObject* record, const py::error_already_set& refusal, const py::tuple& args,
                        const py::dict& keywords) {
  if (refusal.type().ptr() != PyExc_TypeError) return py::none();
  try {
    const py::object reworded = py::module_::import("vulkan_forge._refusals").attr("reworded");
    return reworded(names().at(record), py::str(refusal.value()), args, keywords);
  } catch (const py::error_already_set&) {
    return py::none();
  }
}

void reword(const PyObject* record, const py::tuple& args, const py::dict& keywords) {
  py::error_already_set refusal;  // takes the error that is set
  const py::object better = in_our_words(record, refusal, args, keywords);
  if (better.is_none()) return refusal.restore();
  PyErr_SetObject(py::type::of(better).ptr(), better.ptr());
}

PyObject* call_fast(PyObject* record, PyObject* const* args, Py_ssize_t count, PyObject* keyword_names) {
  PyObject* const result = dispatch_fast(record, args, count, keyword_names);
  if (result == nullptr && PyErr_ExceptionMatches(PyExc_TypeError)) [[unlikely]] {
    py::tuple given(count);
    for (Py_ssize_t i = 0; i < count; ++i) given[static_cast<size_t>(i)] = py::reinterpret_borrow<py::object>(args[i]);
    py::dict keywords;
    const Py_ssize_t more = keyword_names ? PyTuple_GET_SIZE(keyword_names) : 0;
    for (Py_ssize_t i = 0; i < more; ++i)
      keywords[PyTuple_GET_ITEM(keyword_names, i)] = py::reinterpret_borrow<py::object>(args[count + i]);
    reword(record, given, keywords);
  }
  return result;
}

PyObject* call_tuple(PyObject* record, PyObject* args, PyObject* keywords) {
  PyObject* const result = dispatch_tuple(record, args, keywords);
  if (result == nullptr && PyErr_ExceptionMatches(PyExc_TypeError)) [[unlikely]]
    reword(record, py::reinterpret_borrow<py::tuple>(args),
           keywords ? py::reinterpret_borrow<py::dict>(keywords) : py::dict());
  return result;
}

// PyMethodDef holds methods of every signature as one type, by way of which they are cast.
template <class To>
To method_as(PyCFunction method) {
  return reinterpret_cast<To>(reinterpret_cast<void (*)()>(method));
}

void watch(py::handle function, const std::string& name) {
  auto* const builtin = reinterpret_cast<PyCFunctionObject*>(function.ptr());
  if (builtin->m_self == nullptr) return;
  if (std::string_view(Py_TYPE(builtin->m_self)->tp_name).find("function_record") == std::string_view::npos) return;
  if (!names().emplace(builtin->m_self, name).second) return;  // an alias: done already
  PyMethodDef& def = *builtin->m_ml;
  if (def.ml_flags == (METH_FASTCALL | METH_KEYWORDS)) {
    dispatch_fast = method_as<FastCall>(def.ml_meth);
    def.ml_meth = reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&call_fast));
  } else if (def.ml_flags == (METH_VARARGS | METH_KEYWORDS)) {
    dispatch_tuple = method_as<TupleCall>(def.ml_meth);
    def.ml_meth = reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&call_tuple));
  }
}

// The constructor of classes that have none for users.
int refuse_making(PyObject* self, PyObject*, PyObject*) {
  try {
    const std::string name = py::cast<std::string>(py::type::handle_of(self).attr("__name__"));
    throw Error(ErrorCode::BAD_TYPE, name + " is not made by calling its class", "an object that a function returned",
                name + "(...)", "help(" + name + ") says where they come from");
  } catch (...) {
    set_python_error();
  }
  return -1;
}

void watch_making(py::handle type) {
  auto* const made = reinterpret_cast<PyTypeObject*>(type.ptr());
  if (made->tp_init == &py::detail::pybind11_object_init) made->tp_init = &refuse_making;
}

std::string name_of_member(const std::string& owner, const std::string& name) {
  if (owner.empty()) return name;
  return name == "__init__" ? owner : owner + "." + name;
}

void watch_members(py::handle scope, const std::string& owner) {
  for (const py::handle item : py::list(scope.attr("__dict__").attr("items")())) {
    const auto [key, member] = py::cast<std::pair<std::string, py::object>>(item);
    const std::string name = name_of_member(owner, key);
    if (PyInstanceMethod_Check(member.ptr())) watch(PyInstanceMethod_GET_FUNCTION(member.ptr()), name);
    if (PyCFunction_Check(member.ptr())) watch(member, name);
    if (Py_TYPE(member.ptr()) == &PyStaticMethod_Type) watch(member.attr("__func__"), name);
    if (Py_TYPE(member.ptr()) == &PyProperty_Type)
      for (const char* way : {"fget", "fset"})
        if (const py::object function = member.attr(way); PyCFunction_Check(function.ptr())) watch(function, name);
    if (PyModule_Check(member.ptr())) watch_members(member, key);
    if (owner.empty() && PyType_Check(member.ptr())) {
      watch_making(member);
      watch_members(member, key);
    }
  }
}

}  // namespace

void bind_refusals(py::module_& module) { watch_members(module, ""); }

}  // namespace forge::bind
