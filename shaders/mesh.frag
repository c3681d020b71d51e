// Two lights that travel with the eye and a rim, in linear light, premultiplied. Translucent surfaces are peeled:
// only what lies behind the last layer and before the opaque surfaces passes (Everitt 2001).
#version 330 core

#include "common/color.glsl"
#include "common/ball.glsl"

uniform vec4 u_color; // sRGB, opacity
uniform bool u_orthographic;
uniform bool u_peel;
uniform bool u_first; // layer: nothing lies before it
uniform sampler2D u_nearer;
uniform sampler2D u_opaque;

uniform int u_mapping; // 0: own colour, 1: the whole range, 2: only below its upper end
uniform vec3 u_map[17]; // sRGB
uniform vec2 u_map_range; // mm

in vec3 v_eye;
in vec3 v_normal;
in float v_value;
in vec3 v_at;
out vec4 f_color;

const vec3 KEY = normalize(vec3(-0.45, 0.60, 0.80));
const vec3 FILL = normalize(vec3(0.70, -0.15, 0.50));

vec3 surface_color()
{
  if (u_mapping == 0 || (u_mapping == 2 && v_value >= u_map_range.y)) return u_color.rgb;
  float t = clamp((v_value - u_map_range.x) / (u_map_range.y - u_map_range.x), 0.0, 1.0) * 16.0;
  int at = min(int(t), 15);
  return mix(u_map[at], u_map[at + 1], t - float(at));
}

void main()
{
  if (cut_by_ball(v_at)) discard;
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
  vec3 base = to_linear(surface_color());
  float key = max(dot(n, KEY), 0.0), fill = max(dot(n, FILL), 0.0);
  vec3 light = base * (0.16 + 0.74 * key * vec3(1.0, 0.97, 0.93) + 0.26 * fill * vec3(0.86, 0.92, 1.0));
  float glint = pow(max(dot(n, normalize(KEY + to_eye)), 0.0), 48.0);
  float rim = pow(1.0 - facing, 3.0);
  light += 0.16 * glint + 0.10 * rim * mix(base, vec3(1.0), 0.3);
  // A translucent skin is thicker to the eye where it is seen edge on.
  float alpha = u_color.a < 1.0 ? clamp(u_color.a * (0.75 + 1.1 * (1.0 - facing) * (1.0 - facing)), 0.0, 1.0) : 1.0;
  f_color = vec4(light * alpha, alpha);
}
