#include <utility>
#include <vector>

#include "bind/array/put_off.hpp"
#include "bind/array/terms.hpp"
#include "bind/gil.hpp"
#include "bind/shader/graph.hpp"
#include "forge/array/fuse/node.hpp"

namespace py = pybind11;

namespace forge::bind {

PyArray::PyArray(array::Array values, bool shared)
    : array_(std::make_shared<const array::Array>(std::move(values))),
      shared_(shared),
      recording_(array::recording_number()) {}

PyArray::PyArray(const array::Lazy& values) : recording_(array::recording_number()) { hold(values); }

PyArray::PyArray(py::object of, const Seen& seen)
    : view_(std::make_unique<Viewed>(std::move(of), seen)), recording_(view_->array().recording_) {}

PyArray::PyArray(PyArray&& other) noexcept
    : pending_(std::exchange(other.pending_, std::nullopt)),
      view_(std::move(other.view_)),
      array_(std::move(other.array_)),
      shared_(other.shared_),
      recording_(other.recording_),
      pinned_(std::move(other.pinned_)) {}

void PyArray::hold(const array::Lazy& values) const {
  values.node()->handles.fetch_add(1, std::memory_order_relaxed);
  pending_ = values;
  note_put_off(values);
}

void PyArray::let_go() const {
  if (!pending_) return;
  pending_->node()->handles.fetch_sub(1, std::memory_order_relaxed);
  pending_.reset();
}

void PyArray::check_open() const {
  if (closed())
    throw Error(ErrorCode::CLOSED, "Array was used after close()", "an open one", "a closed one", "make a new one");
}

PyArray::Viewed::Viewed(py::object source, const Seen& what) : of(std::move(source)), seen(what) { ++array().viewers_; }

PyArray::Viewed::~Viewed() {
  if (--array().viewers_ == 0 && array().closed_) array().drop();
}

namespace {

std::optional<array::Lazy> seen_apart(const array::Lazy& whole, const PyArray::Seen& seen) {
  if (const auto* view = std::get_if<array::View>(&seen)) return viewed(whole, *view);
  return reshaped(whole, std::get<Dims>(seen));
}

}  // namespace

array::Array seen_in(const array::Array& whole, const PyArray::Seen& seen) {
  if (const auto* view = std::get_if<array::View>(&seen)) return view->of(whole);
  const Dims& shape = std::get<Dims>(seen);
  return whole.view(0, shape, contiguous_strides(shape, size_of(whole.dtype())));
}

void PyArray::settle() const {
  if (!view_) return;
  const bool kept = Py_REFCNT(view_->of.ptr()) > 1 || array::recording_number() != 0;
  const py::object of = view_->of;  // another thread may be here as well while values are computed
  const Seen seen = view_->seen;
  const PyArray& source = of.cast<const PyArray&>();
  std::optional<array::Lazy> own;
  source.settle();
  if (!kept && source.pending_) own = seen_apart(source.held_lazy(), seen);
  const std::shared_ptr<const array::Array> whole = own ? nullptr : source.memory();
  if (!view_) return;
  if (own) {
    hold(*own);
  } else {
    array_ = std::make_shared<const array::Array>(seen_in(*whole, seen));
    source.shared_ = shared_ = true;
  }
  view_.reset();
}

bool PyArray::pending() const {
  settle();
  return pending_.has_value();
}

const std::shared_ptr<const array::Array>& PyArray::values() const {
  check_open();
  return memory();
}

// An elementwise result of a recording that has ended, which no command of it computes: what it was built from may hold
// something else by now.
void PyArray::refuse_left_behind() const {
  const auto& node = pending_->node();
  const bool computes = std::holds_alternative<array::Node::Operation>(node->how);
  if (node->is_ready() || !computes || node->recording == 0 || node->recording == array::recording_number()) return;
  throw Error(ErrorCode::WRONG_STATE,
              "these values were asked for in a recording that has ended without computing them",
              "values that a command of the graph computes, or that were made outside of it",
              "an elementwise result that nothing in the graph uses",
              "call vf.evaluate on it inside of the block: then each run computes it");
}

const std::shared_ptr<const array::Array>& PyArray::memory() const {
  settle();
  if (pending_) {
    refuse_left_behind();
    const array::Lazy wanted = *pending_;  // another thread may replace it meanwhile
    std::optional<array::Array> made = wanted.computed();
    if (!made) {
      evaluate_together(wanted.device(), std::span(&wanted, 1));
      made = wanted.computed();
    }
    if (pending_ && pending_->node() == wanted.node()) {
      array_ = std::make_shared<const array::Array>(*made);
      shared_ = false;
      let_go();
    }
    if (pending_) return memory();
  }
  if (!array_) check_open();
  return array_;
}

const std::shared_ptr<const array::Array>& PyArray::share() const {
  const auto& held = values();
  shared_ = true;
  return held;
}

const std::shared_ptr<const array::Array>& PyArray::host_values() const {
  check_open();
  if (recorded())
    throw Error(ErrorCode::WRONG_STATE, "values are asked for that the graph being recorded will compute when it runs",
                "work on the device, or values from before the recording", "a read by the host",
                "read them after the block, or take what depends on them out of the compiled function");
  const auto& held = values();
  if (recording_ != 0) held->storage()->require_values();  // also where a writable view would be made
  return held;
}

array::Lazy PyArray::lazy() const {
  check_open();
  return held_lazy();
}

array::Lazy PyArray::held_lazy() const {
  settle();
  if (pending_ && !pending_->node()->is_ready()) {
    refuse_left_behind();
    return *pending_;
  }
  const auto& held = memory();
  if (array::recording_number() != 0) shared_ = true;  // runs of the graph read it
  return {*held};
}

void PyArray::replace(const array::Lazy& next) {
  check_open();
  settle();
  if (!next.device()) next.node()->device = device();  // numbers alone lie nowhere
  // A recording writes the memory that was there before it, so that each run does.
  const bool from_before = array::recording_number() != 0 && !recorded();
  if (!from_before && (pending_ || !shared_)) {
    let_go();
    array_.reset();
    hold(next);
    return;
  }
  const std::shared_ptr<const array::Array> memory = from_before ? earlier_memory() : array_;
  write_values(*memory, next);
}

// Of an array that is not part of the recording: what it is now is computed now.
const std::shared_ptr<const array::Array>& PyArray::earlier_memory() const {
  if (pending_ && !pending_->node()->is_ready()) {
    const array::Lazy wanted = *pending_;  // another thread may replace it meanwhile
    array::evaluate(wanted.device(), wanted);
  }
  return share();
}

DType PyArray::dtype() const {
  check_open();
  return held_dtype();
}

DType PyArray::held_dtype() const {
  if (view_) return view_->array().held_dtype();
  return pending_ ? pending_->dtype() : array_->dtype();
}

const Dims& PyArray::shape() const {
  check_open();
  if (view_) {
    const auto* view = std::get_if<array::View>(&view_->seen);
    return view ? view->shape : std::get<Dims>(view_->seen);
  }
  return pending_ ? pending_->shape() : array_->shape();
}

std::shared_ptr<vk::Device> PyArray::device() const {
  check_open();
  return held_device();
}

std::shared_ptr<vk::Device> PyArray::held_device() const {
  if (view_) return view_->array().held_device();
  return pending_ ? pending_->device() : array_->storage()->device_ptr();
}

void PyArray::close() {
  closed_ = true;
  if (viewers_ == 0) drop();
}

void PyArray::drop() const {
  let_go();
  view_.reset();
  array_.reset();
}

void compute_earlier(const std::shared_ptr<vk::Device>& device, std::span<const array::Lazy> wanted) {
  std::vector<array::Lazy> earlier;
  for (const array::Lazy& value : wanted) array::collect_unrecorded(value, earlier);
  if (!earlier.empty()) array::evaluate(device, earlier);
}

void write_values(const array::Array& memory, const array::Lazy& values) {
  compute_readers(vk::BufferRef(memory.storage()));
  const GilRelease nogil;
  shader::GraphRecording* open = recording();
  if (!open) return array::assign(memory, values);
  const std::shared_ptr<vk::Device> device = memory.storage()->device_ptr();
  compute_earlier(device, std::span(&values, 1));
  open->run(device, [&](vk::Commands& commands) { array::assign(commands, memory, values); });
}

void evaluate_all(std::span<const PyArray* const> arrays) {
  std::vector<array::Lazy> wanted;
  std::shared_ptr<vk::Device> device;
  for (const PyArray* array : arrays) {
    if (!array->pending()) continue;
    if (device && array->device() != device) {  // one by one, each on its own
      evaluate_all(std::span(&array, 1));
      continue;
    }
    device = array->device();
    wanted.push_back(array->lazy());
  }
  if (!wanted.empty()) evaluate_together(device, wanted);
}

void evaluate_together(const std::shared_ptr<vk::Device>& device, std::span<const array::Lazy> wanted) {
  const GilRelease nogil;
  shader::GraphRecording* open = recording();
  if (!open) {
    array::evaluate(device, wanted);
    return;
  }
  compute_earlier(device, wanted);
  open->run(device, [&](vk::Commands& commands) { array::evaluate(commands, wanted); });
}

}  // namespace forge::bind
