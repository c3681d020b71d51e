#version 330 core

#include "common/color.glsl"

uniform vec3 u_color; // sRGB
out vec4 f_color;

void main()
{
  f_color = vec4(to_linear(u_color), 1.0);
}
