#pragma once

#include "bind/objects.hpp"
#include "forge/graphics/scene_object.hpp"

namespace forge::bind {

/// What every kind of scene object derives from in Python.
class PySceneObject : public Owner<std::shared_ptr<graphics::SceneObject>> {
 public:
  using Owner::Owner;
  const std::shared_ptr<graphics::SceneObject>& share() const { return live("SceneObject"); }
};

}  // namespace forge::bind
