// One peeled layer goes under those before it; the blend function does the rest.
#version 330 core

uniform sampler2D u_layer;
out vec4 f_color;

void main()
{
  f_color = texelFetch(u_layer, ivec2(gl_FragCoord.xy), 0);
}
