#version 450
#define LAYERS
#include "mesh_vertex.glsl"
