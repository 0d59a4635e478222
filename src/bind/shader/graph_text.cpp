#include "bind/shader/graph_text.hpp"

#include <pybind11/stl.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace py = pybind11;

namespace forge::bind {

namespace {

using shader::Graph;

std::string buffer_name(const Graph& graph, const vk::BufferRef& ref) {
  const std::string known = graph.resource_name(ref.buffer->id());
  return known.empty() ? "memory " + std::to_string(ref.buffer->id()) : known;
}

std::string resource_text(const Graph& graph, uint64_t id) {
  const std::string known = graph.resource_name(id);
  return known.empty() ? "memory " + std::to_string(id) : known;
}

std::string size_text(const vk::Work& work) {
  if (const auto* dispatch = std::get_if<vk::DispatchWork>(&work)) {
    if (dispatch->groups_from) return "groups on the device";
    const auto& groups = dispatch->groups;
    return std::to_string(groups[0]) + " x " + std::to_string(groups[1]) + " x " + std::to_string(groups[2]) +
           " groups";
  }
  if (const auto* copy = std::get_if<vk::CopyWork>(&work)) return std::to_string(copy->from.size) + " bytes";
  if (const auto* fill = std::get_if<vk::FillWork>(&work)) return std::to_string(fill->to.size) + " bytes";
  if (const auto* pass = std::get_if<vk::RenderPass>(&work))
    return std::to_string(pass->width) + " x " + std::to_string(pass->height) + " pixels";
  return {};
}

struct Uses {
  std::vector<std::string> reads, writes;
};

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

Uses uses_of(const Graph& graph, const vk::Work& work) {
  Uses uses;
  vk::visit_touches(
      work,
      [&](const vk::BufferRef& ref, vk::Usage usage) {
        const std::string name = buffer_name(graph, ref);
        if (usage != vk::Usage::compute_write && usage != vk::Usage::transfer_write) add_once(uses.reads, name);
        if (vk::usage_row(usage).writes) add_once(uses.writes, name);
      },
      [&](const std::shared_ptr<vk::Image>& image, vk::Usage usage) {
        const std::string known = graph.resource_name(image->id());
        const std::string name = !known.empty() ? known : image->spec().label.empty() ? "image" : image->spec().label;
        const bool writes = vk::usage_row(usage).writes;
        if (!writes || usage == vk::Usage::compute_read_write) add_once(uses.reads, name);
        if (writes) add_once(uses.writes, name);
      });
  return uses;
}

size_t barriers_of(const Graph& graph) {
  size_t count = graph.order().last.needed();
  for (const vk::Level& level : graph.order().levels) count += level.before.needed();
  return count;
}

std::string plural(size_t count, const char* word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

std::string headline(const Graph& graph) {
  return plural(graph.commands().size(), "command") + " in " + plural(graph.order().levels.size(), "level") + ", " +
         plural(barriers_of(graph), "barrier");
}

py::list nodes(const PyGraph& self) {
  const auto graph = self.share();
  py::list rows;
  for (size_t i = 0; i < graph->commands().size(); ++i) {
    const vk::Work& work = graph->commands()[i].work;
    const Uses uses = uses_of(*graph, work);
    py::dict row;
    row["name"] = graph->labels()[i];
    row["level"] = graph->order().level_of[i];
    row["size"] = size_text(work);
    row["reads"] = uses.reads;
    row["writes"] = uses.writes;
    rows.append(row);
  }
  return rows;
}

py::list edges(const PyGraph& self) {
  const auto graph = self.share();
  py::list rows;
  for (const vk::Dependency& edge : graph->order().dependencies)
    rows.append(py::make_tuple(graph->labels()[edge.from], graph->labels()[edge.to],
                               resource_text(*graph, edge.resource), vk::name_of(edge.hazard)));
  return rows;
}

std::string text(const Graph& graph) {
  std::ostringstream out;
  out << "Graph: " << headline(graph);
  constexpr size_t most = 40;  // lines
  size_t shown = 0;
  for (size_t level = 0; level < graph.order().levels.size(); ++level)
    for (const uint32_t index : graph.order().levels[level].commands) {
      if (++shown > most) return out.str() + "\n  ... (" + std::to_string(graph.commands().size() - most) + " more)";
      const Uses uses = uses_of(graph, graph.commands()[index].work);
      out << "\n  " << level << "  " << graph.labels()[index] << "  " << size_text(graph.commands()[index].work);
      const auto list = [&](const char* what, const std::vector<std::string>& names) {
        for (size_t i = 0; i < names.size(); ++i) out << (i ? ", " : what) << names[i];
      };
      list("  reads ", uses.reads);
      list("  writes ", uses.writes);
    }
  return out.str();
}

std::string escaped(const std::string& text, bool html) {
  std::string out;
  for (const char c : text) {
    if (html && (c == '<' || c == '>' || c == '&'))
      out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;";
    else if (!html && (c == '"' || c == '\\'))
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

std::string dot(const Graph& graph) {
  std::ostringstream out;
  out << "digraph graph_of_" << graph.commands().size() << " {\n  label=\"" << headline(graph)
      << "\";\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n";
  for (size_t i = 0; i < graph.commands().size(); ++i)
    out << "  n" << i << " [label=\"" << escaped(graph.labels()[i], false) << "\\n"
        << escaped(size_text(graph.commands()[i].work), false) << "\"];\n";
  for (const vk::Level& level : graph.order().levels) {
    out << "  { rank=same;";
    for (const uint32_t index : level.commands) out << " n" << index << ";";
    out << " }\n";
  }
  std::map<std::pair<uint32_t, uint32_t>, std::string> labels;  // one arrow for all that two commands share
  for (const vk::Dependency& edge : graph.order().dependencies) {
    std::string& label = labels[{edge.from, edge.to}];
    label += (label.empty() ? "" : "\\n") + escaped(resource_text(graph, edge.resource), false) + ": " +
             vk::name_of(edge.hazard);
  }
  for (const auto& [ends, label] : labels)
    out << "  n" << ends.first << " -> n" << ends.second << " [label=\"" << label << "\"];\n";
  out << "}\n";
  return out.str();
}

std::string html(const Graph& graph) {
  std::ostringstream out;
  out << "<table><caption>Graph: " << headline(graph)
      << "</caption><tr><th>level</th><th>command</th><th>size</th><th>reads</th><th>writes</th></tr>";
  constexpr size_t most = 200;  // rows
  size_t shown = 0;
  const auto list = [](const std::vector<std::string>& names) {
    std::string joined;
    for (const std::string& name : names) joined += (joined.empty() ? "" : ", ") + name;
    return escaped(joined, true);
  };
  for (size_t level = 0; level < graph.order().levels.size() && shown < most; ++level)
    for (const uint32_t index : graph.order().levels[level].commands) {
      if (++shown > most) break;
      const Uses uses = uses_of(graph, graph.commands()[index].work);
      out << "<tr><td>" << level << "</td><td>" << escaped(graph.labels()[index], true) << "</td><td>"
          << size_text(graph.commands()[index].work) << "</td><td>" << list(uses.reads) << "</td><td>"
          << list(uses.writes) << "</td></tr>";
    }
  out << "</table>";
  return out.str();
}

void save_dot(const PyGraph& self, const py::object& path) {
  const std::string text = dot(*self.share());
  const py::object name = py::module_::import("os").attr("fspath")(path);
  const py::object file = py::module_::import("io").attr("open")(name, "w", py::arg("encoding") = "utf-8");
  file.attr("write")(text);
  file.attr("close")();
}

void save_png(const py::object& self, const py::object& path) {
  py::module_::import("vulkan_forge.graph_picture").attr("save_png")(self, path);
}

}  // namespace

void bind_graph_text(py::class_<PyGraph>& cls) {
  cls.def_property_readonly("nodes", &nodes,
                            "The commands in the order of recording: dicts with name, level, size, reads and writes.");
  cls.def_property_readonly("edges", &edges,
                            "What must follow what: (from, to, array, hazard) with hazard \"read after write\",\n"
                            "\"write after read\", \"write after write\" or \"layout\" (of an image).");
  cls.def_property_readonly(
      "names", [](const PyGraph& self) { return self.share()->names(); }, "The names that `run` takes, sorted.");
  cls.def_property_readonly(
      "levels", [](const PyGraph& self) { return self.share()->order().levels.size(); },
      "Steps in which the commands run; those of one step need nothing from each other.");
  cls.def_property_readonly(
      "barriers", [](const PyGraph& self) { return barriers_of(*self.share()); }, "Barriers between the levels.");
  cls.def("__len__", [](const PyGraph& self) { return self.share()->commands().size(); });
  cls.def("__str__", [](const PyGraph& self) { return text(*self.share()); });
  cls.def("__repr__", [](const PyGraph& self) {
    if (self.closed()) return std::string("Graph(closed)");
    if (!self.ready()) return std::string("Graph(nothing recorded)");
    return "Graph(" + headline(*self.share()) + ")";
  });
  cls.def("_repr_html_", [](const PyGraph& self) { return html(*self.share()); });
  cls.def(
      "save_dot", &save_dot, py::arg("path"),
      "Writes the graph in the DOT language: a node for each command, an edge for each dependency, labelled with the\n"
      "array and the hazard.");
  cls.def("save_png", &save_png, py::arg("path"),
          R"(Draws the graph: levels from top to bottom, an arrow for each dependency.

Args:
    path: Where to write the PNG.

Raises:
    LimitError: More than the picture can hold; `save_dot` has no limit.
)");
}

}  // namespace forge::bind
