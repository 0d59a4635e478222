#version 450
#define ORIENTED
#define PLAIN
#include "mesh_vertex.glsl"
