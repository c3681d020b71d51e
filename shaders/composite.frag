// Background, opaque surfaces and the sum of the layers into the pane, from linear light to sRGB, with edges softened
// along their direction (after Lottes, "FXAA", 2009, shortened).
#version 330 core

#include "common/color.glsl"

uniform sampler2D u_opaque; // premultiplied
uniform sampler2D u_layers; // premultiplied
uniform vec2 u_texel;       // of those textures
uniform bool u_soften;
uniform vec3 u_top, u_bottom; // sRGB

in vec2 v_uv;
out vec4 f_color;

vec3 shade(vec2 uv)
{
  vec4 solid = texture(u_opaque, uv), layers = texture(u_layers, uv);
  vec3 behind = to_linear(mix(u_bottom, u_top, uv.y));
  vec3 c = solid.rgb + (1.0 - solid.a) * behind;
  return to_srgb(layers.rgb + (1.0 - layers.a) * c);
}

float luma(vec3 c)
{
  return dot(c, vec3(0.299, 0.587, 0.114));
}

vec3 soften(vec2 uv, vec3 middle)
{
  float nw = luma(shade(uv + vec2(-1.0, 1.0) * u_texel)), ne = luma(shade(uv + u_texel));
  float sw = luma(shade(uv - u_texel)), se = luma(shade(uv + vec2(1.0, -1.0) * u_texel));
  float m = luma(middle);
  float lo = min(m, min(min(nw, ne), min(sw, se))), hi = max(m, max(max(nw, ne), max(sw, se)));
  if (hi - lo < max(0.04, 0.125 * hi)) return middle;
  vec2 along = vec2((sw + se) - (nw + ne), (nw + sw) - (ne + se));
  float least = max((nw + ne + sw + se) * 0.03125, 0.0078);
  along = clamp(along / (min(abs(along.x), abs(along.y)) + least), -8.0, 8.0) * u_texel;
  vec3 a = 0.5 * (shade(uv + along * (1.0 / 3.0 - 0.5)) + shade(uv + along * (2.0 / 3.0 - 0.5)));
  vec3 b = 0.5 * a + 0.25 * (shade(uv - 0.5 * along) + shade(uv + 0.5 * along));
  float l = luma(b);
  return l < lo || l > hi ? a : b;
}

void main()
{
  vec3 c = shade(v_uv);
  if (u_soften) c = soften(v_uv, c);
  // Half a step of ordered noise keeps the gradient from banding.
  float noise = fract(dot(floor(gl_FragCoord.xy), vec2(0.75487767, 0.56984029))) - 0.5;
  f_color = vec4(c + noise / 255.0, 1.0);
}
