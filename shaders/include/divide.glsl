// Division by a number that the host knows, as product and shift: (magic, add, shift) from forge/array/ops/divider.hpp.
uint divide(uint value, uvec3 by) {
  uint upper, lower;
  umulExtended(value, by.x, upper, lower);
  return (upper + value * by.y) >> by.z;
}
