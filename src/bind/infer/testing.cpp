#include <pybind11/stl.h>

#include "bind/infer/infer.hpp"
#include "forge/infer/llm/scheduler.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

void bind_llm_testing(py::module_& module) {
  py::module_ testing = module.attr("_testing");
  using llm::Scheduler;
  py::class_<Scheduler>(testing, "Scheduler",
                        "The scheduler without a device: whoever tests it says what models would.")
      .def(py::init([](const std::string& policy, uint32_t aging_steps, uint32_t most_sessions, uint32_t batch_tokens,
                       uint32_t chunk_tokens, uint32_t context, bool share_prefixes, uint32_t pages,
                       uint32_t page_tokens) {
             const auto which = policy == "priority" ? llm::Policy::priority : llm::Policy::fcfs;
             return Scheduler({which, aging_steps, most_sessions, batch_tokens, chunk_tokens, context, share_prefixes},
                              pages, page_tokens);
           }),
           py::kw_only(), "policy"_a = "fcfs", "aging_steps"_a = 16, "most_sessions"_a = 4, "batch_tokens"_a = 32,
           "chunk_tokens"_a = 8, "context"_a = 64, "share_prefixes"_a = true, "pages"_a = 16, "page_tokens"_a = 4)
      .def("add", &Scheduler::add, "prompt"_a, "most_said"_a, "priority"_a = 0)
      .def("remove", &Scheduler::remove, "session"_a)
      .def("plan",
           [](Scheduler& self) {
             py::list list;
             for (const llm::Part& p : self.plan()) list.append(py::make_tuple(p.session, p.begin, p.end, p.speaks));
             return list;
           })
      .def(
          "done",
          [](Scheduler& self, const std::vector<std::tuple<uint64_t, uint32_t, uint32_t, bool>>& rows,
             const std::vector<uint32_t>& said) {
            std::vector<llm::Part> parts;
            for (const auto& [session, begin, end, speaks] : rows) parts.push_back({session, begin, end, speaks});
            self.done(parts, said);
          },
          "parts"_a, "said"_a)
      .def(
          "session",
          [](const Scheduler& self, uint64_t id) -> py::object {
            const auto view = self.find(id);
            if (!view) return py::none();
            return py::make_tuple(view->tokens, view->pages, view->running);
          },
          "session"_a)
      .def(
          "holders", [](const Scheduler& self, uint32_t page) { return self.blocks().holders(page); }, "page"_a)
      .def("counts", [](const Scheduler& self) {
        const llm::SchedulerCounts c = self.counts();
        return py::dict("waiting"_a = c.waiting, "running"_a = c.running, "used_pages"_a = c.used_pages,
                        "pages"_a = c.pages, "preemptions"_a = c.preemptions, "shared_tokens"_a = c.shared_tokens);
      });
}

}  // namespace forge::bind
