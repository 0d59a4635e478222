#version 450
#define LAYERS
#include "stroke_vertex.glsl"
