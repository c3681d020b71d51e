// A slice as a quad in 3D: four corners in order, with their image positions.
#version 330 core

uniform mat4 u_view;
uniform mat4 u_projection;
uniform vec3 u_corners[4]; // mm, relative to the view matrix's origin
uniform vec3 u_indices[4];

out vec3 v_index;
out vec2 v_uv;

void main()
{
  int corner = gl_VertexID == 2 ? 3 : gl_VertexID == 3 ? 2 : gl_VertexID; // strip order
  v_index = u_indices[corner];
  v_uv = vec2(corner == 1 || corner == 2, corner > 1);
  gl_Position = u_projection * (u_view * vec4(u_corners[corner], 1.0));
}
