#include "bind/array/view.hpp"

#include <algorithm>

#include "bind/errors.hpp"
#include "bind/gil.hpp"
#include "forge/array/fuse/lazy.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

using Share = std::shared_ptr<const array::Array>;

// What a Py_buffer points to for its lifetime: the extents, and a share of the memory.
struct Export {
  Share share;
  std::array<Py_ssize_t, kMaxDims> shape{}, strides{};
};

const char* format_of(DType dtype) {
  switch (dtype) {
    case DType::bool_: return "?";
    case DType::int8: return "b";
    case DType::uint8: return "B";
    case DType::int16: return "h";
    case DType::uint16: return "H";
    case DType::int32: return "i";
    case DType::uint32: return "I";
    case DType::int64: return "q";
    case DType::uint64: return "Q";
    case DType::float16: return "e";
    case DType::float32: return "f";
    case DType::float64: return "d";
    case DType::complex64: return "Zf";
    case DType::complex128: return "Zd";
    case DType::bfloat16: break;  // no letter stands for it
  }
  return "B";
}

void fill_view(PyObject* self, const Share& share, int flags, Py_buffer* view) {
  const array::Array& array = *share;
  if (flags & PyBUF_WRITABLE)
    throw py::buffer_error("an Array gives read-only views; write through `with array.map() as view:`");
  if (!array.in_place())
    throw py::buffer_error("this device's memory cannot be seen by the host; np.asarray(array) makes a copy");
  if (array.dtype() == DType::bfloat16)
    throw py::buffer_error("buffers know no bfloat16; take np.asarray(x), or x.astype('float32')");
  const bool wants_strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES;
  if (!wants_strides && !array.contiguous()) throw py::buffer_error("the array is not C-contiguous");
  std::byte* data = nullptr;
  {
    const GilRelease nogil;
    data = array.host(false);
  }
  auto made = std::make_unique<Export>();
  made->share = share;
  std::copy(array.shape().begin(), array.shape().end(), made->shape.begin());
  std::copy(array.strides().begin(), array.strides().end(), made->strides.begin());
  view->obj = Py_NewRef(self);
  view->buf = data;
  view->len = static_cast<Py_ssize_t>(array.nbytes());
  view->itemsize = static_cast<Py_ssize_t>(size_of(array.dtype()));
  view->readonly = 1;
  view->format = (flags & PyBUF_FORMAT) ? const_cast<char*>(format_of(array.dtype())) : nullptr;
  view->ndim = static_cast<int>(array.shape().size());
  view->shape = (flags & PyBUF_ND) ? made->shape.data() : nullptr;
  view->strides = wants_strides ? made->strides.data() : nullptr;
  view->suboffsets = nullptr;
  view->internal = made.release();
}

int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  view->obj = nullptr;
  try {
    const auto& array = py::handle(self).cast<const PyArray&>();
    array.host_values();
    const Share share = array.share();  // another thread may close the object meanwhile
    fill_view(self, share, flags, view);
    return 0;
  } catch (...) {
    set_python_error();
    return -1;
  }
}

void release_buffer(PyObject*, Py_buffer* view) { delete static_cast<Export*>(view->internal); }

}  // namespace

namespace {
py::array view_at(std::byte* data, const Share& share) {
  const py::capsule owner(new Share(share), [](void* held) { delete static_cast<Share*>(held); });
  std::vector<py::ssize_t> shape(share->shape().begin(), share->shape().end());
  std::vector<py::ssize_t> strides(share->strides().begin(), share->strides().end());
  return {numpy_dtype(share->dtype()), std::move(shape), std::move(strides), data, owner};
}
}  // namespace

py::array view_of(const Share& share, bool writable) {
  std::byte* data = nullptr;
  {
    const GilRelease nogil;
    data = share->host(writable);
  }
  py::array view = view_at(data, share);
  if (!writable) view.attr("setflags")(py::arg("write") = false);
  return view;
}

py::array view_without_waiting(const Share& share) {
  FORGE_ASSERT(share->in_place());
  return view_at(share->storage()->mapped() + share->offset(), share);
}

py::array copy_of(const array::Array& strided) {
  // Memory that the host does not see is put in order by the device first.
  const bool as_it_is = strided.in_place() || strided.contiguous();
  const array::Array array = as_it_is ? strided : evaluate(strided.storage()->device_ptr(), copy(array::Lazy(strided)));
  std::vector<py::ssize_t> shape(array.shape().begin(), array.shape().end());
  py::array copy(numpy_dtype(array.dtype()), std::move(shape));
  void* to = copy.mutable_data();
  const GilRelease nogil;
  array.copy_to(to);
  return copy;
}

void setup_buffer_protocol(PyHeapTypeObject* type) {
  type->ht_type.tp_as_buffer = &type->as_buffer;  // pybind11 sets it only with py::buffer_protocol()
  type->as_buffer.bf_getbuffer = get_buffer;
  type->as_buffer.bf_releasebuffer = release_buffer;
}

}  // namespace forge::bind
