/* Shared by the passes: one vertex array and a stream buffer per context. */
#pragma once

#include "glyphs.h"
#include "gpu_private.h"

#include "hilum/render/slice_pass.h"

typedef struct {
  GLuint vao;
  GLuint stream; /* vertices of this frame's flat triangles */
} PassArrays;

void hilum_pass_arrays_init(PassArrays *arrays);
void hilum_pass_arrays_clear(PassArrays *arrays);
/* Draws FlatVertex triangles with the flat program; no depth test. */
void hilum_pass_draw_flat(HilumGpu *gpu, PassArrays *arrays, GArray *vertices, HilumMat4 matrix);
/* Pixels of the viewport, y up. */
HilumMat4 hilum_pass_pixel_matrix(const HilumViewport *viewport);
/* sRGB of a pane's frame and of its plane in the others: axial red, sagittal yellow, coronal green. */
extern const uint8_t HILUM_PLANE_COLORS[HILUM_SLICE_PLANES][3];

/* legend.c: the colour at t in 0..1 of a coloring's range (sRGB, 0..1), and what the colours of the shown
 * surfaces mean, in the lower left corner. */
void hilum_legend_color(HilumColoring coloring, double t, double rgb[3]);
void hilum_legend_draw(HilumGpu *gpu, PassArrays *arrays, HilumWorkspace *workspace,
                       const HilumViewport *viewport);

/* marker.c: the orientation cube in the lower right corner. */
void hilum_marker_draw(HilumGpu *gpu, PassArrays *arrays, const HilumCamera *camera,
                       const HilumViewport *viewport);
