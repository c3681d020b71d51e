// Surfaces: positions in mm relative to the mesh's own origin.
#version 330 core

layout(location = 0) in vec3 a_position;
layout(location = 1) in vec3 a_normal;
layout(location = 2) in float a_value; // mm

uniform mat4 u_view;
uniform mat4 u_projection;
uniform vec4 u_clip; // what is above this plane goes, mm relative to the mesh's origin
uniform float u_toward_mm; // depth only: opaque surfaces win over translucent walls that touch them

out vec3 v_eye;
out vec3 v_normal;
out float v_value;
out vec3 v_at; // as a_position

void main()
{
  vec4 eye = u_view * vec4(a_position, 1.0);
  v_eye = eye.xyz;
  gl_ClipDistance[0] = -dot(u_clip, vec4(a_position, 1.0));
  v_value = a_value;
  v_at = a_position;
  v_normal = mat3(u_view) * a_normal;
  gl_Position = u_projection * eye;
  vec4 nearer = u_projection * vec4(eye.xy, eye.z + u_toward_mm, 1.0);
  gl_Position.z = nearer.z / nearer.w * gl_Position.w;
}
