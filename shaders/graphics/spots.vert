#version 450
#include "spots_vertex.glsl"
