#include "forge/infer/onnx/session.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "forge/core/error.hpp"
#include "forge/core/host_lock.hpp"
#include "forge/vk/pipelines_ahead.hpp"

namespace forge::infer::onnx {

namespace {

constexpr size_t kMostPlans = 16;
constexpr int64_t kMostSpecial = 64;  // whole numbers of an input that a plan is made for

DType dtype_of(const Feed& feed) {
  if (const auto* host = std::get_if<HostValues>(&feed)) return host->dtype;
  return std::get<Array>(feed).dtype();
}
const Dims& shape_of(const Feed& feed) {
  if (const auto* host = std::get_if<HostValues>(&feed)) return host->shape;
  return std::get<Array>(feed).shape();
}

// What stands in a recording's memory before a run.
void write(const Array& to, const Feed& feed) {
  if (const auto* host = std::get_if<HostValues>(&feed)) return to.copy_from(host->strides, host->values);
  const Array& from = std::get<Array>(feed);
  if (to.size() > 0) array::assign(to, from);
}

Array as_array(const std::shared_ptr<vk::Device>& device, const Feed& feed) {
  const auto* host = std::get_if<HostValues>(&feed);
  if (!host) return std::get<Array>(feed);
  return Array::from_values(device, host->dtype, host->shape, host->strides, host->values, "onnx input");
}

// The bytes of small inputs, in order.
std::string bytes_of(const Feed& feed) {
  const auto bytes = static_cast<size_t>(element_count(shape_of(feed))) * size_of(dtype_of(feed));
  std::string text(bytes, '\0');
  if (const auto* host = std::get_if<HostValues>(&feed))
    array::gather(reinterpret_cast<std::byte*>(text.data()), static_cast<const std::byte*>(host->values), host->shape,
                  host->strides, size_of(host->dtype));
  else if (bytes > 0)
    array::evaluate(std::get<Array>(feed).storage()->device_ptr(), array::copy(std::get<Array>(feed)))
        .copy_to(text.data());
  return text;
}

// This thread's expressions belong to a recording as long as it lives.
class Recording {
 public:
  Recording() : before_(array::recording_number()) {
    static std::atomic<uint64_t> numbers{uint64_t{1} << 62};
    array::build_for_recording(++numbers);
  }
  ~Recording() { array::build_for_recording(before_); }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

 private:
  uint64_t before_;
};

}  // namespace

Session::Session(std::shared_ptr<vk::Device> device, Model model, Options options)
    : device_(std::move(device)), model_(std::move(model)), options_(std::move(options)) {
  const HostLockRelease released;
  fuse(model_, options_.fusions);
  onnx::check(model_);
  for (auto& [name, tensor] : model_.graph.initializers) {  // so that neither a file nor a copy of it is held
    constants_.weight(device_, tensor);
    tensor.values = nullptr;
    tensor.keepalive = nullptr;
  }
}

void Session::check(const std::map<std::string, Feed>& feeds) const {
  std::string names;
  for (const Port& port : model_.graph.inputs) names += (names.empty() ? "" : ", ") + port.name;
  for (const auto& [name, feed] : feeds)
    if (std::none_of(model_.graph.inputs.begin(), model_.graph.inputs.end(),
                     [&](const Port& p) { return p.name == name; }))
      throw Error(ErrorCode::INVALID_ARGUMENT, "the model has no such input", names, "\"" + name + "\"");
  for (const Port& port : model_.graph.inputs) {
    const auto found = feeds.find(port.name);
    if (found == feeds.end())
      throw Error(ErrorCode::INVALID_ARGUMENT, "an input of the model is missing", names, "no \"" + port.name + "\"");
    const Feed& feed = found->second;
    if (port.dtype && *port.dtype != dtype_of(feed))
      throw Error(ErrorCode::BAD_DTYPE, "input \"" + port.name + "\" has another dtype",
                  std::string(name_of(*port.dtype)), std::string(name_of(dtype_of(feed))), "convert it with .astype");
    const Dims& shape = shape_of(feed);
    bool fits = !port.shape || port.shape->size() == shape.size();
    std::string wanted;
    for (size_t i = 0; port.shape && i < port.shape->size(); ++i) {
      const int64_t extent = (*port.shape)[i];
      wanted += (i ? ", " : "") + (extent < 0 ? "?" : std::to_string(extent));
      fits = fits && (extent < 0 || extent == shape[i]);
    }
    if (!fits)
      throw Error(ErrorCode::BAD_SHAPE, "input \"" + port.name + "\" has another shape", "(" + wanted + ")",
                  to_string(shape));
    if (const auto* array = std::get_if<Array>(&feed); array && array->storage()->device_ptr() != device_)
      throw Error(ErrorCode::INVALID_ARGUMENT, "input \"" + port.name + "\" lies on another device",
                  device_->info().name, array->device().info().name, "copy it: vf.asarray(np.asarray(x), device=...)");
  }
}

bool Session::is_special(const Port&, const Feed& feed) const {
  const char kind = dtype_row(dtype_of(feed)).kind;
  return special_ && kind != 'f' && kind != 'c' && element_count(shape_of(feed)) <= kMostSpecial;
}

std::string Session::key_of(const std::map<std::string, Feed>& feeds) const {
  std::string key;
  for (const Port& port : model_.graph.inputs) {
    const Feed& feed = feeds.at(port.name);
    key += std::string(name_of(dtype_of(feed))) + to_string(shape_of(feed));
    if (is_special(port, feed)) key += bytes_of(feed);
    key += ';';
  }
  return key;
}

Trace::Values Session::values_of(const std::vector<Array>& inputs, const std::map<std::string, Feed>& feeds) const {
  Trace::Values values;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Port& port = model_.graph.inputs[i];
    const Known known = is_special(port, feeds.at(port.name)) ? Known::shapes : Known::no;
    values.emplace(port.name, Tensor{Lazy(inputs[i]), known});
  }
  return values;
}

void Session::record(Plan& plan, const std::map<std::string, Feed>& feeds) {
  const vk::PipelinesAhead ahead(*device_);
  for (const Port& port : model_.graph.inputs) {
    const Feed& feed = feeds.at(port.name);
    plan.inputs.push_back(Array::empty(device_, dtype_of(feed), shape_of(feed), "onnx input"));
    write(plan.inputs.back(), feed);
  }
  vk::Capture capture;
  Buffers changing, kept;
  const array::HeldAddresses held;
  {
    const Recording recording;
    const Stream now(device_), later(device_, capture);
    Trace trace(model_, now, later, constants_, options_.fusions);
    for (const Tensor& output : trace.run(values_of(plan.inputs, feeds)))
      plan.outputs.push_back((output.known == Known::no ? later : now).dense(output.value));
  }
  for (const Array& input : plan.inputs) changing.insert(input.storage().get());
  Items items = capture.take();
  if (options_.fold) {
    Items once = take_constant(items, changing);
    plan.report.constant = once.size();
    if (!once.empty()) vk::Graph(device_, std::move(once)).submit({}, "");
  }
  kept = changing;
  for (const Array& output : plan.outputs) kept.insert(output.storage().get());
  if (options_.share_memory) plan.report.memory = share_memory(device_, items, kept, held.list);
  plan.report.commands = items.size();
  plan.report.recorded = true;
  plan.graph = std::make_unique<vk::Graph>(device_, std::move(items));
}

std::unique_ptr<Session::Plan> Session::make_plan(const std::map<std::string, Feed>& feeds) {
  auto plan = std::make_unique<Plan>();
  if (!options_.record) {
    plan->report.reason = "recording is switched off";
    return plan;
  }
  try {
    record(*plan, feeds);
  } catch (const NeedsValues& needs) {
    if (!special_) {  // small whole numbers may be what it needs
      special_ = true;
      return make_plan(feeds);
    }
    plan = std::make_unique<Plan>();
    plan->report.reason = needs.node + " needs values that a run gives";
  } catch (const Error& error) {
    if (error.code() != ErrorCode::MISSING_FEATURE && error.code() != ErrorCode::WRONG_STATE) throw;
    plan = std::make_unique<Plan>();
    plan->report.reason = error.what();
  }
  return plan;
}

Session::Plan& Session::plan_for(const std::map<std::string, Feed>& feeds) {
  std::string key = key_of(feeds);
  for (auto plan = plans_.begin(); plan != plans_.end(); ++plan)
    if ((*plan)->key == key) {
      plans_.splice(plans_.begin(), plans_, plan);
      return *plans_.front();
    }
  const bool was_special = special_;
  std::unique_ptr<Plan> plan = make_plan(feeds);
  plan->key = was_special == special_ ? std::move(key) : key_of(feeds);
  plans_.push_front(std::move(plan));
  if (plans_.size() > kMostPlans) plans_.pop_back();
  return *plans_.front();
}

std::vector<Array> Session::run_nodes(const std::map<std::string, Feed>& feeds) {
  std::vector<Array> inputs, outputs;
  for (const Port& port : model_.graph.inputs) inputs.push_back(as_array(device_, feeds.at(port.name)));
  const Stream now(device_);
  Trace trace(model_, now, now, constants_, options_.fusions);
  for (const Tensor& output : trace.run(values_of(inputs, feeds))) outputs.push_back(now.dense(output.value));
  return outputs;
}

void Session::run(const std::map<std::string, Feed>& feeds, const std::vector<std::string>& outputs,
                  const std::function<void(size_t, const Array&)>& fetch) {
  check(feeds);
  std::vector<size_t> places;
  const auto& ports = model_.graph.outputs;
  for (const std::string& name : outputs) {
    const auto found = std::find_if(ports.begin(), ports.end(), [&](const Port& port) { return port.name == name; });
    if (found == ports.end()) {
      std::string names;
      for (const Port& port : ports) names += (names.empty() ? "" : ", ") + port.name;
      throw Error(ErrorCode::INVALID_ARGUMENT, "the model has no such output", names, "\"" + name + "\"");
    }
    places.push_back(static_cast<size_t>(found - ports.begin()));
  }
  const HostLockRelease released;
  const std::scoped_lock lock(mutex_);
  Plan& plan = plan_for(feeds);
  if (!plan.graph) {
    const std::vector<Array> made = run_nodes(feeds);
    for (size_t i = 0; i < places.size(); ++i) fetch(i, made[places[i]]);
    return;
  }
  for (size_t i = 0; i < plan.inputs.size(); ++i) write(plan.inputs[i], feeds.at(model_.graph.inputs[i].name));
  if (!plan.graph->submit_again("run")) plan.graph->submit({}, "run");
  for (size_t i = 0; i < places.size(); ++i) fetch(i, plan.outputs[places[i]]);
}

PlanReport Session::report() const {
  const HostLockRelease released;  // the lock's holder may need it
  const std::scoped_lock lock(mutex_);
  return plans_.empty() ? PlanReport{} : plans_.front()->report;
}

std::vector<std::pair<std::string, double>> Session::times() {
  const HostLockRelease released;
  const std::scoped_lock lock(mutex_);
  std::vector<std::pair<std::string, double>> list;
  if (plans_.empty() || !plans_.front()->graph) return list;
  vk::Graph& graph = *plans_.front()->graph;
  graph.submit_timed({});
  const std::vector<double> times = graph.times();
  for (size_t i = 0; i < times.size(); ++i) list.emplace_back(vk::name_of(graph.items()[i].work), times[i]);
  return list;
}

}  // namespace forge::infer::onnx
