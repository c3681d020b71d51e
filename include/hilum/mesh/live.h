/* Surfaces that follow an edit while it happens: one piece a tile and structure, and only the tiles that an
 * edit can reach are made anew. Pieces fit bit for bit: their triangles, taken together, are those of the
 * whole surface made and filtered at once, and vertices on the seam between two tiles have the same floats
 * and normals on both sides (docs/meshing.md). What needs the whole - each structure's volume, the guard,
 * the twenty passes of a sharper filter - is left to hilum_surface_joint_new(), which follows in the
 * background.
 *
 * A cache with one owner: one thread at a time, any thread; an update uses all cores. Pieces are immutable
 * meshes. The same bits whatever the history of updates and with any number of threads. */
#pragma once

#include "hilum/mesh/mesh.h"
#include "hilum/mesh/surface.h"
#include "hilum/volume/label_map.h"

G_BEGIN_DECLS

/* Passes of the filter; more would need a wider margin around every tile. Its pass band is half of that of
 * the surface that follows, so that with fewer passes it comes as near to that as it can: of all points 95 %
 * lie within 0.15 voxel of where they will be (docs/meshing.md). Where grey values place vertices, the band
 * is that surface's. */
#define HILUM_LIVE_PASSES 8
#define HILUM_LIVE_PASS_BAND 0.05
#define HILUM_LIVE_GREY_PASS_BAND 0.4
/* Cells around a tile that its pieces depend on: one a pass, a ring for the normals, and the torn rim; where
 * grey values place vertices, another ring, because middles follow theirs. */
#define HILUM_LIVE_MARGIN (HILUM_LIVE_PASSES + 2)
#define HILUM_LIVE_GREY_MARGIN (HILUM_LIVE_MARGIN + 1)
/* Tiles are cubes of 16 voxels: half a brick of the label map, so that a brush reaches few voxels more than
 * it must. */
#define HILUM_LIVE_EDGE 16

typedef struct HilumLive HilumLive;

typedef struct {
  uint8_t label;
  HilumMesh *mesh; /* with normals; vertices are relative to the middle of the grid */
} HilumLivePiece;

/* `wanted` (NULL: all): which labels are structures; the rest is outside. */
HilumLive *hilum_live_new(const uint8_t wanted[HILUM_LABEL_COUNT]);
void hilum_live_free(HilumLive *live);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumLive, hilum_live_free)

/* From the next update on, other labels are structures: it makes what they, and those that are none any more,
 * can reach. */
void hilum_live_set_wanted(HilumLive *live, const uint8_t wanted[HILUM_LABEL_COUNT]);
/* From the next update on, vertices lie where these ranges say (hilum_surface_joint_new_grey()); NULL, as at
 * first: half way. Copied, with references to the images. */
void hilum_live_set_ranges(HilumLive *live, const HilumSurfaceRange ranges[HILUM_LABEL_COUNT]);
/* Follows the labels from the last state seen to `labels`: makes all tiles on the first call and on another
 * grid, and after that those whose cells, or what the filter sees around them, hold a voxel that changed.
 * Appends them to `changed` (int32_t; may be NULL). On failure or cancellation nothing has changed.
 * HILUM_MESH_ERROR_INVALID if the image of a range is not on the labels' grid. */
bool hilum_live_update(HilumLive *live, HilumLabelSnapshot *labels, GArray *changed,
                       const HilumProgress *progress, GError **error);
/* Tiles of the grid last seen: index = (kz * ny + ky) * nx + kx. All 0 before the first update. */
void hilum_live_get_dims(const HilumLive *live, int32_t out[3]);
/* The pieces of a tile, ascending by label; borrowed until the next update. */
const HilumLivePiece *hilum_live_get_pieces(const HilumLive *live, int32_t tile, size_t *n);
/* All pieces of a structure in one mesh, tile by tile; seam vertices are there once a tile.
 * HILUM_MESH_ERROR_EMPTY if there is none. */
HilumMesh *hilum_live_join(const HilumLive *live, uint8_t label, GError **error);

G_END_DECLS
