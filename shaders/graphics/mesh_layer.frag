#version 450
#define LAYERS
#include "mesh_fragment.glsl"
#include "layers.glsl"

void main() { keep_layer(push.heads, push.fragments, push.capacity, uint(frame.size.x), shaded(), 0u); }
