#version 330 core

#include "common/color.glsl"
#include "common/ball.glsl"

uniform vec3 u_color; // sRGB
in vec3 v_at;
out vec4 f_color;

void main()
{
  if (cut_by_ball(v_at)) discard;
  f_color = vec4(to_linear(u_color), 1.0);
}
