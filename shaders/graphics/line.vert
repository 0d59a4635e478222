#version 450
#include "stroke_vertex.glsl"
