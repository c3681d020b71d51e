// Silhouette: the surface's far side, pushed out along its normals by a width in pixels, seen only around it.
#version 330 core

layout(location = 0) in vec3 a_position;
layout(location = 1) in vec3 a_normal;

uniform mat4 u_view;
uniform mat4 u_projection;
uniform vec4 u_clip; // what is above this plane goes, mm relative to the mesh's origin
uniform vec2 u_offset; // clip space units of the line's width

out vec3 v_at; // as a_position

void main()
{
  v_at = a_position;
  gl_ClipDistance[0] = -dot(u_clip, vec4(a_position, 1.0));
  gl_Position = u_projection * (u_view * vec4(a_position, 1.0));
  vec2 n = (mat3(u_projection) * (mat3(u_view) * a_normal)).xy;
  float len = length(n);
  if (len > 1e-6) gl_Position.xy += n / len * u_offset * gl_Position.w;
}
