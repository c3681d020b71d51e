#version 330 core

#include "common/color.glsl"
#include "common/volume.glsl"

uniform vec3 u_border; // sRGB: the pane's colour
in vec3 v_index;
in vec2 v_uv;
out vec4 f_color;

void main()
{
  vec2 d = min(v_uv, 1.0 - v_uv) / fwidth(v_uv);
  vec3 color = min(d.x, d.y) < 1.5 ? u_border : vec3(grey_at(v_index));
  f_color = vec4(to_linear(color), 1.0);
}
