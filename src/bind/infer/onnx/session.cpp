#include "forge/infer/onnx/session.hpp"

#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include "bind/gil.hpp"
#include "bind/infer/infer.hpp"
#include "bind/ndarray.hpp"
#include "bind/objects.hpp"
#include "bind/vk/vk.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

using namespace infer::onnx;
using Named = py::typing::Dict<py::str, py::object>;

// -- a model as the reader of files has it: dicts, tuples and ndarrays --

HostTensor to_tensor(py::handle value, const std::string& what) {
  const HostArray host = check_ndarray(value, what.c_str());
  if (!host.contiguous())
    throw Error(ErrorCode::NOT_CONTIGUOUS, what + " is not C-contiguous", "C order", "other strides",
                "pass np.ascontiguousarray(a)");
  return {host.dtype, host.shape, host.data, keep_python(py::reinterpret_borrow<py::object>(value))};
}

Graph to_graph(const py::dict& graph);

Attribute to_attribute(py::handle value, const std::string& what) {
  if (py::isinstance<py::dict>(value))
    return std::make_shared<const Graph>(to_graph(py::reinterpret_borrow<py::dict>(value)));
  if (py::isinstance<py::str>(value) || py::isinstance<py::bytes>(value)) return value.cast<std::string>();
  if (py::isinstance<py::float_>(value)) return value.cast<double>();
  if (py::isinstance<py::int_>(value)) return value.cast<int64_t>();
  if (!py::isinstance<py::list>(value)) return to_tensor(value, what);
  const auto list = py::reinterpret_borrow<py::list>(value);
  if (list.empty() || py::isinstance<py::int_>(list[0])) return value.cast<Ints>();
  if (py::isinstance<py::float_>(list[0])) return value.cast<Reals>();
  return value.cast<Texts>();
}

Port to_port(py::handle value) {
  const auto [name, dtype, shape] = value.cast<std::tuple<std::string, py::object, std::optional<Ints>>>();
  Port port{name, std::nullopt, shape};
  if (!dtype.is_none()) port.dtype = to_dtype(dtype);
  return port;
}

Node to_node(py::handle value) {
  auto [op, domain, name, inputs, outputs, attributes] =
      value.cast<std::tuple<std::string, std::string, std::string, Texts, Texts, py::dict>>();
  Node node{op, domain == "ai.onnx" ? "" : domain, name, std::move(inputs), std::move(outputs)};
  for (const auto& [key, attribute] : attributes) {
    const auto text = key.cast<std::string>();
    std::string place = op;
    node.attributes.emplace(text, to_attribute(attribute, place.append("'s ").append(text)));
  }
  return node;
}

Graph to_graph(const py::dict& source) {
  Graph graph;
  for (const py::handle port : source["inputs"]) graph.inputs.push_back(to_port(port));
  for (const py::handle port : source["outputs"]) graph.outputs.push_back(to_port(port));
  for (const py::handle node : source["nodes"]) graph.nodes.push_back(to_node(node));
  for (const auto& [name, values] : source["initializers"].cast<py::dict>())
    graph.initializers.emplace(name.cast<std::string>(), to_tensor(values, "initializer " + name.cast<std::string>()));
  return graph;
}

Model to_model(const py::dict& source) {
  Model model{to_graph(source["graph"]), source["opsets"].cast<std::map<std::string, int64_t>>()};
  if (const auto full = model.opsets.find("ai.onnx"); full != model.opsets.end()) model.opsets[""] = full->second;
  return model;
}

class PyOnnxSession : public Owner<std::shared_ptr<Session>> {
 public:
  using Owner::Owner;
  std::shared_ptr<Session> session() const { return live("OnnxSession"); }  // another thread may close this one
};

Feed to_feed(py::handle value, const std::string& name) {
  if (py::isinstance<PyArray>(value)) return value.cast<const PyArray&>().array();
  const HostArray host = check_ndarray(value, ("input \"" + name + "\"").c_str());
  return HostValues{host.dtype, host.shape, host.strides, host.data};
}

// Results are copied out before another run may overwrite them: into ndarrays made by a thread that holds the GIL.
py::list run(const PyOnnxSession& self, const Named& feeds, const Texts& outputs, bool as_arrays) {
  std::map<std::string, Feed> values;
  for (const auto& [name, value] : feeds) {
    const auto text = name.cast<std::string>();
    values.emplace(text, to_feed(value, text));
  }
  py::list results;
  const std::shared_ptr<Session> session = self.session();
  session->run(values, outputs, [&](size_t, const array::Array& made) {
    if (as_arrays) {
      const auto copied = array::evaluate(made.storage()->device_ptr(), array::copy(made));
      const py::gil_scoped_acquire gil;
      results.append(std::make_unique<PyArray>(copied));
      return;
    }
    void* target = nullptr;
    {
      const py::gil_scoped_acquire gil;
      const py::array array(numpy_dtype(made.dtype()),
                            std::vector<py::ssize_t>(made.shape().begin(), made.shape().end()));
      target = const_cast<void*>(array.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast): made above
      results.append(array);
    }
    if (made.size() > 0) made.copy_to(target);
  });
  return results;
}

py::dict report(const PyOnnxSession& self) {
  const PlanReport plan = self.session()->report();
  return py::dict(py::arg("recorded") = plan.recorded, py::arg("reason") = plan.reason,
                  py::arg("commands") = plan.commands, py::arg("constant_commands") = plan.constant,
                  py::arg("shared_bytes") = plan.memory.bytes, py::arg("least_bytes") = plan.memory.least,
                  py::arg("own_bytes") = plan.memory.apart);
}

}  // namespace

void bind_onnx(py::module_& module) {
  module.def(
      "onnx_operators",
      [] {
        std::vector<std::tuple<std::string, std::string, int64_t>> rows;
        for (const OperatorRow& row : operator_rows())
          if (row.domain != kOwnDomain) rows.emplace_back(row.domain, row.name, row.since);
        return rows;
      },
      "The operators that have a row: (domain, name, the first opset of this meaning).");
  module.def(
      "onnx_fusions",
      [] {
        std::vector<std::pair<std::string, std::string>> rows;
        for (const FusionRow& row : fusion_rows()) rows.emplace_back(row.name, row.meaning);
        return rows;
      },
      "The fusions: (name, what it does).");
  module.def(
      "onnx_unsupported", [](const Named& model) { return unsupported(to_model(model)); }, py::arg("model"),
      "What a model needs and has no row, in words.");
  py::class_<PyOnnxSession> session(module, "OnnxSession",
                                    "A model on a device, as `vulkan_forge.onnx.InferenceSession` holds it.");
  session.def(py::init([](const Named& model, py::object device, bool record, bool share_memory, bool fold,
                          const std::optional<Texts>& fusions) {
                Model made = to_model(model);
                auto opened = device_or_default(device);
                return std::make_unique<PyOnnxSession>(std::make_shared<Session>(
                    std::move(opened), std::move(made), Options{record, share_memory, fold, fusions_named(fusions)}));
              }),
              py::arg("model"), py::arg("device") = py::none(), py::kw_only(), py::arg("record") = true,
              py::arg("share_memory") = true, py::arg("fold") = true, py::arg("fusions") = py::none());
  session.def("run", &run, py::arg("feeds"), py::arg("outputs"), py::arg("as_arrays") = false,
              "The wanted outputs, as ndarrays or as `Array`s.");
  session.def("report", &report, "What the last plan is made of.");
  session.def(
      "times", [](const PyOnnxSession& self) { return self.session()->times(); },
      "Runs the last plan again; its kernels in order, with milliseconds on the device.");
  bind_lifecycle(session, "OnnxSession");
}

}  // namespace forge::bind
