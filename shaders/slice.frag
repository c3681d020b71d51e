// One slice: grey values of one phase or two, structures, preview, crosshair, brush ring. Every pixel finds its own place in the image,
// so that outlines are one pixel wide at any zoom.
#version 330 core

#include "common/volume.glsl"

uniform usampler3D u_labels;
uniform usampler3D u_preview;
uniform sampler2D u_table; // 256 x 2: colour with opacity; shown, active, hatched, locked
uniform bool u_has_volume;
uniform bool u_has_labels;
uniform bool u_fill;
uniform int u_preview_kind; // 0 none, 1 range, 2 mask, 3 how the labels would be
uniform vec2 u_preview_range;
uniform ivec3 u_preview_lo, u_preview_hi; // box of the texture
uniform vec3 u_preview_color;
uniform vec2 u_viewport; // lower left corner of the pane in the framebuffer
uniform vec3 u_origin;   // image position of the pane's lower left corner
uniform vec3 u_dx, u_dy; // image position per device pixel, right and up
uniform float u_scale;   // device pixels per widget pixel
uniform vec2 u_cross;    // crosshair in device pixels from the lower left corner
uniform vec4 u_cross_x, u_cross_y; // colours of the vertical and the horizontal line; alpha 0: none
uniform vec3 u_ring; // centre and radius in device pixels; radius 0: none
uniform sampler3D u_fused; // a second phase on the same grid
uniform int u_fusion;      // 0 none, 1 blend, 2 checkerboard
uniform vec2 u_fused_rescale, u_fused_window; // as in common/volume.glsl
uniform float u_fused_loaded;
uniform float u_blend; // share of the second phase
uniform vec3 u_square; // corner of a square of the checkerboard, and side, in device pixels

out vec4 f_color;

const vec3 OUTSIDE = vec3(0.030, 0.034, 0.040);

uint label_at(vec3 index)
{
  return inside_volume(index) ? texelFetch(u_labels, voxel_at(index), 0).r : 0u;
}

// What a pixel shows: the label, or what it would become.
uint shown_label_at(vec3 index)
{
  if (u_preview_kind != 3 || !inside_volume(index)) return label_at(index);
  ivec3 v = voxel_at(index);
  if (any(lessThan(v, u_preview_lo)) || any(greaterThanEqual(v, u_preview_hi))) return label_at(index);
  return texelFetch(u_preview, v - u_preview_lo, 0).r;
}

// Of labels that no structure has yet.
vec3 spare_color(uint label)
{
  const vec3 SPARE[5] = vec3[](vec3(0.35, 0.75, 0.95), vec3(0.95, 0.60, 0.20), vec3(0.55, 0.85, 0.35),
                               vec3(0.90, 0.45, 0.75), vec3(0.95, 0.90, 0.35));
  return SPARE[int(label % 5u)];
}

bool preview_at(vec3 index)
{
  if (!inside_volume(index)) return false;
  ivec3 v = voxel_at(index);
  if (u_preview_kind == 1) {
    float real = real_at_voxel(v);
    return real >= u_preview_range.x && real <= u_preview_range.y;
  }
  if (any(lessThan(v, u_preview_lo)) || any(greaterThanEqual(v, u_preview_hi))) return false;
  return texelFetch(u_preview, v - u_preview_lo, 0).r != 0u;
}

// Diagonal stripes, so that a tumour is told from its kidney without colour.
float hatch(vec2 px)
{
  float d = fract((px.x + px.y) / (7.0 * u_scale));
  return step(d, 0.2);
}

vec3 add_structures(vec3 color, vec3 index, vec2 px)
{
  uint label = shown_label_at(index);
  if (label == 0u) return color;
  bool fresh = u_preview_kind == 3 && label_at(index) != label;
  vec4 flags = texelFetch(u_table, ivec2(int(label), 1), 0);
  if (flags.r < 0.5 && !fresh) return color;
  vec4 tint = texelFetch(u_table, ivec2(int(label), 0), 0);
  if (fresh && tint.a == 0.0) tint.rgb = spare_color(label);
  vec3 sx = u_dx * u_scale, sy = u_dy * u_scale;
  bool edge = shown_label_at(index + sx) != label || shown_label_at(index - sx) != label ||
              shown_label_at(index + sy) != label || shown_label_at(index - sy) != label;
  if (edge) return mix(color, fresh ? mix(tint.rgb, vec3(1.0), 0.5) : tint.rgb, 0.92);
  if (fresh) return mix(color, tint.rgb, 0.45);
  if (!u_fill) return color;
  float amount = mix(0.14, 0.30, tint.a);
  if (flags.g > 0.5) amount += 0.06;
  if (flags.b > 0.5) amount = max(amount, 0.75 * hatch(px));
  return mix(color, tint.rgb, amount);
}

vec3 add_preview(vec3 color, vec3 index)
{
  if (u_preview_kind == 0 || u_preview_kind == 3 || !preview_at(index)) return color;
  vec3 sx = u_dx * u_scale, sy = u_dy * u_scale;
  bool edge = !preview_at(index + sx) || !preview_at(index - sx) || !preview_at(index + sy) ||
              !preview_at(index - sy);
  return mix(color, edge ? mix(u_preview_color, vec3(1.0), 0.6) : u_preview_color, edge ? 0.95 : 0.45);
}

vec3 add_lines(vec3 color, vec2 px)
{
  vec2 d = abs(px - u_cross);
  float gap = 9.0 * u_scale, half_width = 0.5 * u_scale;
  if (d.x <= half_width && d.y > gap) color = mix(color, u_cross_x.rgb, u_cross_x.a);
  if (d.y <= half_width && d.x > gap) color = mix(color, u_cross_y.rgb, u_cross_y.a);
  if (u_ring.z > 0.0) {
    float off = abs(distance(px, u_ring.xy) - u_ring.z) / u_scale;
    color = mix(color, vec3(0.0), 0.6 * (1.0 - smoothstep(1.0, 2.0, off))); // dark rim: seen on white too
    color = mix(color, vec3(1.0, 0.95, 0.6), 1.0 - smoothstep(0.3, 1.0, off));
  }
  return color;
}

float fused_grey_at(vec3 index)
{
  float stored = u_smooth ? texture(u_fused, (index + 0.5) / u_dims).r : texelFetch(u_fused, voxel_at(index), 0).r;
  float real = u_fused_rescale.x * (stored * 32767.0) + u_fused_rescale.y;
  return clamp((real - u_fused_window.y) / u_fused_window.x + 0.5, 0.0, 1.0);
}

// How much of the second phase a pixel shows.
float fused_share(vec3 index, vec2 px)
{
  if (u_fusion == 0 || index.z > u_fused_loaded + 0.5) return 0.0;
  if (u_fusion == 1) return u_blend;
  vec2 square = floor((px - u_square.xy) / u_square.z);
  return mod(square.x + square.y, 2.0);
}

void main()
{
  vec2 px = gl_FragCoord.xy - u_viewport;
  vec3 index = u_origin + px.x * u_dx + px.y * u_dy;
  vec3 color = OUTSIDE;
  if (inside_volume(index)) {
    if (u_has_volume) color = index.z <= u_loaded + 0.5 ? vec3(grey_at(index)) : OUTSIDE * 1.6;
    float share = u_has_volume ? fused_share(index, px) : 0.0;
    if (share > 0.0) color = mix(color, vec3(fused_grey_at(index)), share);
    if (u_has_labels) color = add_structures(color, index, px);
    color = add_preview(color, index);
  }
  f_color = vec4(add_lines(color, px), 1.0);
}
