#version 450
#define ORIENTED
#include "mesh_vertex.glsl"
