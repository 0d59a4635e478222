#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>

#include "bind/gil.hpp"
#include "bind/graphics/arrays.hpp"
#include "bind/infer/infer.hpp"
#include "bind/objects.hpp"
#include "forge/core/error.hpp"
#include "forge/infer/llm/engine.hpp"

namespace py = pybind11;
using namespace py::literals;

// The native part of vulkan_forge.llm, which checks what users give and brings it into these terms.
namespace forge::bind {

namespace {

class PyGguf : public Owner<std::shared_ptr<const llm::Gguf>> {
 public:
  using Owner::Owner;
  const llm::Gguf& gguf() const { return *live("Gguf"); }
  const std::shared_ptr<const llm::Gguf>& share() const { return live("Gguf"); }
};

class PyEngine : public Owner<std::shared_ptr<llm::Engine>> {
 public:
  using Owner::Owner;
  /// A share: another thread may close this object while the GIL is released.
  std::shared_ptr<llm::Engine> engine() const { return live("InferenceEngine"); }
};

py::str to_text(std::string_view text) {
  return py::reinterpret_steal<py::str>(
      PyUnicode_DecodeUTF8(text.data(), static_cast<py::ssize_t>(text.size()), "replace"));
}

template <class T>
py::object numbers_of(const llm::GgufArray& array) {
  py::array_t<T> list(static_cast<py::ssize_t>(array.size()));
  std::transform(array.bytes().begin(), array.bytes().end(), reinterpret_cast<std::byte*>(list.mutable_data()),
                 [](std::byte byte) { return std::is_same_v<T, bool> ? std::byte{byte != std::byte{0}} : byte; });
  return list;
}

py::object to_python(const llm::GgufValue& value);

// Numbers in as much memory as they take in the file, which nobody vouches for.
py::object to_python(const llm::GgufArray& array) {
  switch (array.type()) {
    case llm::GgufType::uint8: return numbers_of<uint8_t>(array);
    case llm::GgufType::int8: return numbers_of<int8_t>(array);
    case llm::GgufType::uint16: return numbers_of<uint16_t>(array);
    case llm::GgufType::int16: return numbers_of<int16_t>(array);
    case llm::GgufType::uint32: return numbers_of<uint32_t>(array);
    case llm::GgufType::int32: return numbers_of<int32_t>(array);
    case llm::GgufType::uint64: return numbers_of<uint64_t>(array);
    case llm::GgufType::int64: return numbers_of<int64_t>(array);
    case llm::GgufType::float32: return numbers_of<float>(array);
    case llm::GgufType::float64: return numbers_of<double>(array);
    case llm::GgufType::boolean: return numbers_of<bool>(array);
    default: break;
  }
  py::list list;
  array.walk([&list](const llm::GgufValue& one) { list.append(to_python(one)); });
  return list;
}

py::object to_python(const llm::GgufValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return to_text(*text);
  if (const auto* flag = std::get_if<bool>(&value)) return py::bool_(*flag);
  if (const auto* number = std::get_if<uint64_t>(&value)) return py::int_(*number);
  if (const auto* number = std::get_if<int64_t>(&value)) return py::int_(*number);
  if (const auto* number = std::get_if<double>(&value)) return py::float_(*number);
  return to_python(std::get<llm::GgufArray>(value));
}

const llm::GgufTensor& tensor_of(const llm::Gguf& gguf, const std::string& name) {
  if (const llm::GgufTensor* tensor = gguf.find(name)) return *tensor;
  throw Error(ErrorCode::INVALID_ARGUMENT, "a GGUF file has no such tensor", "one that tensors() lists",
              "'" + name + "'");
}

py::array_t<float> tensor_values(const PyGguf& self, const std::string& name) {
  const std::shared_ptr<const llm::Gguf> gguf = self.share();  // another thread may close this object
  const llm::GgufTensor& tensor = tensor_of(*gguf, name);
  if (!tensor.quant)
    throw Error(ErrorCode::MISSING_FEATURE, "tensor '" + name + "' has a format that is not known here", "",
                "GGUF's type " + std::to_string(tensor.type));
  py::array_t<float> values(std::vector<py::ssize_t>(tensor.shape.begin(), tensor.shape.end()));
  const std::span<float> to(values.mutable_data(), static_cast<size_t>(values.size()));
  const GilRelease nogil;
  llm::dequantise(tensor.quant->quant, tensor.bytes, to);
  return values;
}

py::list tensor_list(const PyGguf& self) {
  py::list list;
  for (const llm::GgufTensor& tensor : self.gguf().tensors()) {
    const py::object type = tensor.quant ? py::object(py::str(std::string(tensor.quant->name))) : py::int_(tensor.type);
    list.append(py::make_tuple(to_text(tensor.name), type, py::tuple(py::cast(tensor.shape))));
  }
  return list;
}

llm::EngineOptions options_of(const py::dict& wish) {
  llm::EngineOptions options;
  llm::SchedulerOptions& s = options.scheduler;
  s.policy = wish["policy"].cast<std::string>() == "priority" ? llm::Policy::priority : llm::Policy::fcfs;
  s.aging_steps = wish["aging_steps"].cast<uint32_t>();
  s.most_sessions = wish["max_sessions"].cast<uint32_t>();
  s.batch_tokens = wish["max_batch_tokens"].cast<uint32_t>();
  s.chunk_tokens = wish["chunk_tokens"].cast<uint32_t>();
  s.context = wish["max_context"].cast<uint32_t>();
  s.share_prefixes = wish["prefix_cache"].cast<bool>();
  options.pages = wish["cache_pages"].cast<uint32_t>();
  options.half = wish["half_cache"].cast<bool>();
  return options;
}

llm::SafetensorsModel safetensors_of(const py::dict& from) {
  llm::SafetensorsModel model;
  model.architecture = from["architecture"].cast<std::string>();
  model.files = from["files"].cast<std::vector<std::string>>();
  model.numbers = from["numbers"].cast<std::map<std::string, double>>();
  model.texts = from["texts"].cast<std::map<std::string, std::string>>();
  for (const py::handle row : from["tensors"]) {
    const auto [name, dtype, file, shape, begin, end] =
        row.cast<std::tuple<std::string, std::string, size_t, std::vector<uint64_t>, uint64_t, uint64_t>>();
    model.tensors.push_back({name, dtype, file, shape, begin, end});
  }
  return model;
}

using Options = py::typing::Dict<py::str, py::object>;

std::unique_ptr<PyEngine> make_engine(const py::object& model, const Options& wish, const py::object& device,
                                      const py::object& loaded) {
  llm::EngineOptions options = options_of(wish);
  if (!loaded.is_none())
    options.loaded = [&loaded](uint32_t layers, uint32_t all) {  // what it throws ends the loading
      const py::gil_scoped_acquire gil;
      loaded(layers, all);
    };
  std::shared_ptr<const llm::ModelFile> file;
  if (py::isinstance<PyGguf>(model))
    file = llm::model_of(model.cast<const PyGguf&>().share());
  else
    file = llm::model_of(safetensors_of(model.cast<py::dict>()));
  const std::shared_ptr<vk::Device> on = device_or_default(device);
  const GilRelease nogil;
  return std::make_unique<PyEngine>(std::make_shared<llm::Engine>(on, llm::read_model(file), options));
}

llm::Sampling sampling_of(const py::dict& wish) {
  llm::Sampling s;
  s.temperature = wish["temperature"].cast<float>();
  s.top_k = wish["top_k"].cast<uint32_t>();
  s.top_p = wish["top_p"].cast<float>();
  s.min_p = wish["min_p"].cast<float>();
  s.repetition = wish["repetition_penalty"].cast<float>();
  s.frequency = wish["frequency_penalty"].cast<float>();
  s.presence = wish["presence_penalty"].cast<float>();
  s.seed = wish["seed"].cast<uint64_t>();
  s.most_tokens = wish["max_tokens"].cast<uint32_t>();
  s.logprobs = wish["logprobs"].cast<uint32_t>();
  s.stops = wish["stop_ids"].cast<std::vector<uint32_t>>();
  s.biases = wish["logit_bias"].cast<std::vector<std::pair<uint32_t, float>>>();
  return s;
}

const char* name_of(llm::Finish finish) {
  return finish == llm::Finish::none ? "" : finish == llm::Finish::stop ? "stop" : "length";
}

py::list step(const PyEngine& self) {
  const std::shared_ptr<llm::Engine> engine = self.engine();
  std::vector<llm::Said> said;
  {
    const GilRelease nogil;
    said = engine->step();
  }
  py::list list;
  for (const llm::Said& one : said)
    list.append(
        py::make_tuple(one.session, one.sampled.token, one.sampled.logprob, one.sampled.top, name_of(one.finish)));
  return list;
}

py::array_t<float> logits(const PyEngine& self, const std::vector<uint32_t>& ids, bool all) {
  const std::shared_ptr<llm::Engine> engine = self.engine();
  std::vector<float> values;
  {
    const GilRelease nogil;
    values = engine->logits(ids, all);
  }
  const auto vocabulary = static_cast<py::ssize_t>(engine->model().shape().vocabulary);
  const auto rows = static_cast<py::ssize_t>(values.size()) / vocabulary;
  return py::array_t<float>(all ? std::vector<py::ssize_t>{rows, vocabulary} : std::vector<py::ssize_t>{vocabulary},
                            values.data());
}

py::array_t<float> log_probabilities(const PyEngine& self, const std::vector<uint32_t>& ids) {
  const std::shared_ptr<llm::Engine> engine = self.engine();
  std::vector<float> values;
  {
    const GilRelease nogil;
    values = engine->log_probabilities(ids);
  }
  return py::array_t<float>(static_cast<py::ssize_t>(values.size()), values.data());
}

py::dict metrics(const PyEngine& self) {
  const std::shared_ptr<llm::Engine> engine = self.engine();
  llm::SchedulerCounts c;
  {
    const GilRelease nogil;
    c = engine->counts();
  }
  const llm::Model& model = engine->model();
  return py::dict("waiting"_a = c.waiting, "running"_a = c.running, "used_pages"_a = c.used_pages, "pages"_a = c.pages,
                  "preemptions"_a = c.preemptions, "prompt_tokens"_a = c.prompt_tokens,
                  "shared_tokens"_a = c.shared_tokens, "generated_tokens"_a = c.said_tokens, "steps"_a = c.steps,
                  "cancelled"_a = c.cancelled, "weight_bytes"_a = model.weight_bytes(),
                  "cache_bytes"_a = model.page_bytes() * model.options().pages);
}

}  // namespace

void bind_llm(py::module_& module) {
  py::class_<PyGguf> gguf(module, "Gguf", R"(A GGUF model file: what it says about itself, and its tensors.

The file is mapped, not read. Nothing in it is trusted: counts and places are checked against its size.

Args:
    path: The file.

Raises:
    FileError: The file cannot be read, is no GGUF file, or is damaged; the message names key or tensor.
)");
  gguf.def(py::init([](py::handle path) {
             const std::filesystem::path file = to_path(path);
             const GilRelease nogil;
             return std::make_unique<PyGguf>(llm::Gguf::open(file));
           }),
           "path"_a);
  gguf.def(
      "metadata",
      [](const PyGguf& self) {
        py::dict dict;
        for (const auto& [key, value] : self.gguf().metadata()) dict[to_text(key)] = to_python(value);
        return dict;
      },
      "All keys with their values: numbers, text, bool, ndarrays of numbers, and lists of text or of arrays.");
  gguf.def("tensors", &tensor_list,
           "Name, format (\"Q4_K\"; a number where it is not known here) and shape, rows first, of each tensor.");
  gguf.def("tensor", &tensor_values, "name"_a, R"(The values of a tensor.

Args:
    name: As `tensors` lists it.

Returns:
    A float32 ndarray of the tensor's shape.

Raises:
    InputError: There is no such tensor.
    UnsupportedError: Its format is not known here.
)");
  bind_lifecycle(gguf, "Gguf");

  py::class_<PyEngine> engine(module, "LlmEngine", "The native part of vulkan_forge.llm.InferenceEngine.");
  engine.def(py::init(&make_engine), "model"_a, "options"_a, "device"_a = py::none(), "loaded"_a = py::none());
  engine.def(
      "add",
      [](const PyEngine& self, std::vector<uint32_t> ids, const Options& sampling, int32_t priority) {
        const llm::Sampling how = sampling_of(sampling);
        const std::shared_ptr<llm::Engine> engine = self.engine();
        const GilRelease nogil;
        return engine->add(std::move(ids), how, priority);
      },
      "ids"_a, "sampling"_a, "priority"_a);
  engine.def(
      "cancel",
      [](const PyEngine& self, llm::SessionId id) {
        const std::shared_ptr<llm::Engine> engine = self.engine();
        const GilRelease nogil;
        return engine->cancel(id);
      },
      "session"_a);
  engine.def("step", &step);
  engine.def("idle", [](const PyEngine& self) {
    const std::shared_ptr<llm::Engine> engine = self.engine();
    const GilRelease nogil;
    return engine->idle();
  });
  engine.def(
      "computed",
      [](const PyEngine& self, llm::SessionId id) {
        const std::shared_ptr<llm::Engine> engine = self.engine();
        const GilRelease nogil;
        return engine->computed(id);
      },
      "session"_a);
  engine.def("logits", &logits, "ids"_a, "all"_a);
  engine.def("log_probabilities", &log_probabilities, "ids"_a);
  engine.def("metrics", &metrics);
  engine.def_property_readonly("vocabulary",
                               [](const PyEngine& self) { return self.engine()->model().shape().vocabulary; });
  bind_lifecycle(engine, "LlmEngine");
}

}  // namespace forge::bind
