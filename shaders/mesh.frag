// Two lights that travel with the eye and a rim, in linear light, premultiplied. Translucent surfaces are peeled:
// only what lies behind the last layer and before the opaque surfaces passes (Everitt 2001).
#version 330 core

#include "common/color.glsl"

uniform vec4 u_color; // sRGB, opacity
uniform bool u_orthographic;
uniform bool u_peel;
uniform bool u_first; // layer: nothing lies before it
uniform sampler2D u_nearer;
uniform sampler2D u_opaque;

in vec3 v_eye;
in vec3 v_normal;
out vec4 f_color;

const vec3 KEY = normalize(vec3(-0.45, 0.60, 0.80));
const vec3 FILL = normalize(vec3(0.70, -0.15, 0.50));

void main()
{
  if (u_peel) {
    ivec2 px = ivec2(gl_FragCoord.xy);
    if (gl_FragCoord.z >= texelFetch(u_opaque, px, 0).r) discard;
    if (!u_first && gl_FragCoord.z <= texelFetch(u_nearer, px, 0).r) discard;
  }
  vec3 n = normalize(v_normal);
  vec3 to_eye = u_orthographic ? vec3(0.0, 0.0, 1.0) : normalize(-v_eye);
  float facing = dot(n, to_eye);
  if (facing < 0.0) {
    n = -n;
    facing = -facing;
  }
  vec3 base = to_linear(u_color.rgb);
  float key = max(dot(n, KEY), 0.0), fill = max(dot(n, FILL), 0.0);
  vec3 light = base * (0.16 + 0.74 * key * vec3(1.0, 0.97, 0.93) + 0.26 * fill * vec3(0.86, 0.92, 1.0));
  float glint = pow(max(dot(n, normalize(KEY + to_eye)), 0.0), 48.0);
  float rim = pow(1.0 - facing, 3.0);
  light += 0.16 * glint + 0.10 * rim * mix(base, vec3(1.0), 0.3);
  // A translucent skin is thicker to the eye where it is seen edge on.
  float alpha = u_color.a < 1.0 ? clamp(u_color.a * (0.75 + 1.1 * (1.0 - facing) * (1.0 - facing)), 0.0, 1.0) : 1.0;
  f_color = vec4(light * alpha, alpha);
}
