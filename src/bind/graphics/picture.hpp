#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <mutex>
#include <utility>
#include <vector>

#include "bind/gil.hpp"
#include "bind/graphics/arrays.hpp"
#include "bind/objects.hpp"
#include "forge/graphics/frame.hpp"
#include "forge/graphics/png.hpp"

// What the classes that make pictures of one size have in common.
namespace forge::bind {

/// An object that is used by one thread at a time.
template <class T>
struct Guarded {
  T object;
  std::mutex mutex;
  template <class... Args>
  explicit Guarded(Args&&... args) : object(std::forward<Args>(args)...) {}
};

/// Holds a Renderer or a Scene. Other threads wait, without the GIL, for the picture in the making.
template <class T>
class Picture : public Owner<std::shared_ptr<Guarded<T>>> {
 public:
  Picture(std::shared_ptr<Guarded<T>> share, const char* name)
      : Owner<std::shared_ptr<Guarded<T>>>(std::move(share)), name_(name) {}
  /// Runs an action with nobody else inside. The GIL is released first: whoever is inside may need it.
  template <class Action>
  auto with(Action&& action) const {
    const auto share = this->live(name_);
    const GilRelease nogil;
    const std::lock_guard lock(share->mutex);
    return action(share->object);
  }
  /// What never changes may be asked at any time.
  const T& fixed() const { return this->live(name_)->object; }

 private:
  const char* name_;
};

/// Throws BAD_TYPE for what is no integer, INVALID_ARGUMENT below 1.
uint32_t to_extent(pybind11::handle value, const char* name);

/// `device`, or the default one, or, where a CPU driver is preferred and no device is named, one of its own.
std::shared_ptr<vk::Device> device_for(bool prefer_software, pybind11::handle device);

pybind11::dict to_dict(const graphics::RenderMetrics& metrics);

template <class T>
pybind11::array_t<uint8_t> to_rgba(const Picture<T>& self, void (T::*draw)(uint8_t*)) {
  const T& fixed = self.fixed();
  pybind11::array_t<uint8_t> picture({static_cast<pybind11::ssize_t>(fixed.height()),
                                      static_cast<pybind11::ssize_t>(fixed.width()),
                                      static_cast<pybind11::ssize_t>(4)});
  uint8_t* pixels = picture.mutable_data();
  self.with([&](T& object) { (object.*draw)(pixels); });
  return picture;
}

template <class T>
void to_png(const Picture<T>& self, pybind11::handle path, void (T::*draw)(uint8_t*)) {
  const std::filesystem::path file = to_path(path);
  self.with([&](T& object) {
    std::vector<uint8_t> pixels(size_t{object.width()} * object.height() * 4);
    (object.*draw)(pixels.data());
    graphics::write_png(file, {pixels.data(), object.width(), object.height(), 4, 0});
  });
}

/// Size, device and metrics.
template <class Class>
void bind_picture(Class& cls) {
  using Self = Class::type;
  cls.def_property_readonly("width", [](const Self& self) { return self.fixed().width(); }, "Pixels.");
  cls.def_property_readonly("height", [](const Self& self) { return self.fixed().height(); }, "Pixels.");
  cls.def_property_readonly(
      "device", [](const Self& self) { return PyDevice(self.fixed().device()); }, "The device that draws.");
  cls.def(
      "metrics", [](const Self& self) { return to_dict(self.with([](auto& object) { return object.metrics(); })); },
      "Where the last picture's time went, in milliseconds, and the bytes it moved.");
}

}  // namespace forge::bind
