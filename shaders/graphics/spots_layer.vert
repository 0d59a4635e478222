#version 450
#define LAYERS
#include "spots_vertex.glsl"
