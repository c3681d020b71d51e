/* The workspace: surfaces under the brush, piece by piece. */
#include "workspace_private.h"

static void clear(WorkspacePieces *pieces, size_t n_tiles)
{
  for (size_t t = 0; pieces->tile && t < n_tiles; t++)
    g_clear_pointer(&pieces->tile[t].mesh, hilum_mesh_unref);
  g_free(pieces->tile);
  *pieces = (WorkspacePieces){0};
}

void hilum_workspace_clear_pieces(HilumWorkspace *self)
{
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    clear(&self->pieces[l], self->n_tiles);
  self->n_tiles = 0;
}

static void set_piece(HilumWorkspace *self, uint8_t label, int32_t tile, HilumMesh *mesh)
{
  WorkspacePieces *pieces = &self->pieces[label];
  HilumPiece *piece = &pieces->tile[tile];
  if (piece->mesh == mesh) return;
  g_clear_pointer(&piece->mesh, hilum_mesh_unref);
  piece->mesh = mesh ? hilum_mesh_ref(mesh) : NULL;
  piece->serial = pieces->serial = hilum_workspace_next_serial();
  pieces->counted = false;
}

void hilum_workspace_set_tile(HilumWorkspace *self, size_t n_tiles, int32_t tile,
                              const HilumLivePiece *pieces, size_t n)
{
  if (n_tiles != self->n_tiles) hilum_workspace_clear_pieces(self);
  self->n_tiles = n_tiles;
  g_return_if_fail(tile >= 0 && (size_t)tile < n_tiles);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    HilumMesh *mesh = NULL;
    for (size_t p = 0; p < n && !mesh; p++)
      if (pieces[p].label == l) mesh = pieces[p].mesh;
    if (mesh && !self->pieces[l].tile) self->pieces[l].tile = g_new0(HilumPiece, n_tiles);
    if (self->pieces[l].tile) set_piece(self, (uint8_t)l, tile, mesh);
  }
}

void hilum_workspace_show_pieces(HilumWorkspace *self, uint8_t label, uint64_t label_serial)
{
  self->pieces[label].label_serial = label_serial;
  hilum_workspace_changed(self, HILUM_CHANGE_MESHES);
}

bool hilum_workspace_shows_pieces(HilumWorkspace *self, uint8_t label)
{
  return self->pieces[label].label_serial > self->meshes[label].label_serial;
}

const HilumPiece *hilum_workspace_get_pieces(HilumWorkspace *self, uint8_t label, size_t *n_tiles)
{
  *n_tiles = self->pieces[label].tile ? self->n_tiles : 0;
  return self->pieces[label].tile;
}

uint64_t hilum_workspace_get_pieces_serial(HilumWorkspace *self, uint8_t label)
{
  return self->pieces[label].serial;
}

uint64_t hilum_workspace_get_pieces_label_serial(HilumWorkspace *self, uint8_t label)
{
  return self->pieces[label].label_serial;
}

const WorkspacePieces *hilum_workspace_count_pieces(HilumWorkspace *self, uint8_t label)
{
  WorkspacePieces *pieces = &self->pieces[label];
  if (pieces->counted) return pieces;
  pieces->triangles = 0;
  pieces->bounds_mm = hilum_box_empty();
  for (size_t t = 0; pieces->tile && t < self->n_tiles; t++) {
    if (!pieces->tile[t].mesh) continue;
    pieces->triangles += hilum_mesh_get_triangle_count(pieces->tile[t].mesh);
    pieces->bounds_mm = hilum_box_union(pieces->bounds_mm, hilum_mesh_get_bounds_mm(pieces->tile[t].mesh));
  }
  pieces->counted = true;
  return pieces;
}
