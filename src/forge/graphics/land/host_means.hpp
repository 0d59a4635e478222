#pragma once

#include "forge/graphics/land/relief.hpp"

namespace forge::graphics {

/// What shaders/land/work_heights.comp computes, by the host's threads: (plan.rows, plan.stride) heights from `level` on. Of
/// cells that stand for very many rows some are looked at, as there. For devices that share processor and memory with the
/// host, whose drivers load lane by lane.
void mean_heights(const Relief& relief, const GridPlan& plan, double level, float* target);

}  // namespace forge::graphics
