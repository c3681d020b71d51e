/* The workspace: surfaces coloured by numbers. */
#include "workspace_private.h"

#include "hilum/base/memory.h"

#include <math.h>

/* In place of no opposite wall: thicker than whatever counts as thin, and harmless to interpolate. */
#define VERY_THICK_MM 1e6f

static const char *const IDS[HILUM_COLORING_KINDS] = {"own", "deviation", "thickness"};

const char *hilum_coloring_id(HilumColoring coloring)
{
  return IDS[coloring];
}

bool hilum_coloring_parse(const char *id, HilumColoring *coloring)
{
  for (int c = 0; c < HILUM_COLORING_KINDS; c++)
    if (g_str_equal(id, IDS[c])) {
      *coloring = (HilumColoring)c;
      return true;
    }
  return false;
}

void hilum_workspace_drop_values(HilumWorkspace *self, uint8_t label)
{
  WorkspaceMesh *slot = &self->meshes[label];
  hilum_big_free(slot->values);
  slot->values = NULL;
  slot->values_serial = 0;
}

void hilum_workspace_clear_colorings(HilumWorkspace *self)
{
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    hilum_workspace_drop_values(self, (uint8_t)l);
    self->meshes[l].coloring = HILUM_COLORING_OWN;
  }
}

void hilum_workspace_set_coloring(HilumWorkspace *self, uint8_t label, HilumColoring coloring)
{
  if (self->meshes[label].coloring == coloring) return;
  hilum_workspace_drop_values(self, label);
  self->meshes[label].coloring = coloring;
  hilum_workspace_changed(self, HILUM_CHANGE_COLORING);
}

HilumColoring hilum_workspace_get_coloring(HilumWorkspace *self, uint8_t label)
{
  return self->meshes[label].coloring;
}

void hilum_workspace_set_thin_mm(HilumWorkspace *self, double thin_mm)
{
  thin_mm = CLAMP(thin_mm, 0.1, 50);
  if (thin_mm == self->thin_mm) return;
  self->thin_mm = thin_mm;
  hilum_workspace_changed(self, HILUM_CHANGE_COLORING);
}

double hilum_workspace_get_thin_mm(HilumWorkspace *self)
{
  return self->thin_mm;
}

void hilum_workspace_get_coloring_range(HilumWorkspace *self, HilumColoring coloring, double *lo_mm,
                                        double *hi_mm)
{
  *lo_mm = 0;
  *hi_mm = self->thin_mm;
  if (coloring == HILUM_COLORING_THICKNESS) return;
  const HilumGrid *grid = self->labels ? hilum_label_map_get_grid(self->labels) : NULL;
  *hi_mm = grid ? 0.5 * fmax(grid->spacing_mm[0], fmax(grid->spacing_mm[1], grid->spacing_mm[2])) : 0.5;
  *lo_mm = -*hi_mm;
}

bool hilum_workspace_needs_values(HilumWorkspace *self, uint8_t label)
{
  const WorkspaceMesh *slot = &self->meshes[label];
  return slot->coloring != HILUM_COLORING_OWN && slot->mesh && !slot->values &&
         hilum_workspace_is_shown(self, label);
}

bool hilum_workspace_set_values(HilumWorkspace *self, uint8_t label, HilumMesh *mesh, HilumColoring coloring,
                                float *values_mm)
{
  WorkspaceMesh *slot = &self->meshes[label];
  if (slot->mesh != mesh || slot->coloring != coloring || coloring == HILUM_COLORING_OWN) {
    hilum_big_free(values_mm);
    return false;
  }
  for (size_t v = 0; v < hilum_mesh_get_vertex_count(mesh); v++)
    if (!isfinite(values_mm[v])) values_mm[v] = VERY_THICK_MM;
  hilum_workspace_drop_values(self, label);
  slot->values = values_mm;
  slot->values_serial = hilum_workspace_next_serial();
  hilum_workspace_changed(self, HILUM_CHANGE_COLORING);
  return true;
}

const float *hilum_workspace_get_values(HilumWorkspace *self, uint8_t label)
{
  return self->meshes[label].values;
}

uint64_t hilum_workspace_get_values_serial(HilumWorkspace *self, uint8_t label)
{
  return self->meshes[label].values_serial;
}
