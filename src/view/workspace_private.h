/* The workspace's inside, shared by workspace*.c only. */
#pragma once

#include "hilum/view/workspace.h"

typedef struct {
  char *name;
  HilumVolume *volume; /* NULL while its images are missing */
  double file_center, file_width;
  bool own_window;
  HilumWindowLevel window; /* with own_window */
} WorkspacePhase;

typedef struct {
  HilumMesh *mesh;
  HilumBvh *bvh;
  uint64_t serial, label_serial;
  HilumColoring coloring;
  float *values; /* hilum_big_alloc(), or NULL */
  uint64_t values_serial;
} WorkspaceMesh;

/* What closes a structure that is cut open. */
typedef struct {
  HilumMesh *fill;
  GArray *outline;
  uint64_t serial;
  HilumCapSize size;
} WorkspaceCap;

/* One structure's pieces, by tile. */
typedef struct {
  HilumPiece *tile; /* NULL: there are none */
  uint64_t serial, label_serial;
  uint64_t triangles;
  HilumBox bounds_mm;
  bool counted; /* the two above are up to date */
} WorkspacePieces;

struct _HilumWorkspace {
  GObject parent;
  int frozen;
  unsigned pending;

  HilumCase *the_case;
  GArray *phases; /* WorkspacePhase */
  size_t active_phase;
  HilumVolume *stand_in, *stood_for; /* referenced; only compared */
  HilumLabelMap *labels;             /* borrowed from the case or the caller */
  uint64_t labels_identity;
  bool placed; /* slices, camera and cursor were set up for a grid */

  HilumStructureLook looks[HILUM_LABEL_COUNT]; /* names owned */
  uint8_t order[HILUM_LABEL_COUNT];            /* used labels in list order */
  size_t n_order;
  uint8_t active, isolated;
  uint64_t look_serial;
  WorkspaceMesh meshes[HILUM_LABEL_COUNT];
  WorkspacePieces pieces[HILUM_LABEL_COUNT];
  size_t n_tiles;
  double thin_mm;
  HilumSpan span;
  HilumClip clip;
  double last_radius_mm; /* of a sphere that cut */
  bool clipped;          /* there is a cut */
  HilumCutter cut;       /* of the caps */
  WorkspaceCap caps[HILUM_LABEL_COUNT];

  HilumSliceState slices[HILUM_SLICE_PLANES];
  HilumCamera camera;
  HilumWindowLevel window;
  HilumVec3 cursor_mm;
  bool pointer_inside;
  HilumSlicePlane pointer_plane;
  HilumVec3 pointer_mm;
  HilumViewOptions options;
  HilumFusion fusion;

  HilumTask task;
  HilumTool *tool;
  HilumPreview preview;
  HilumMask *preview_mask;            /* what preview.mask borrows */
  HilumLabelSnapshot *preview_labels; /* what preview.labels borrows */
  HilumEditLimits limits;
  bool in_stroke;
  GPtrArray *stroke; /* deltas of a stroke without a case, to take back */
};

/* One counter for all serials of all workspaces. Main thread. */
uint64_t hilum_workspace_next_serial(void);
/* Sets the map and, if it is another, its identity. */
void hilum_workspace_take_labels(HilumWorkspace *self, HilumLabelMap *labels);
/* Emits now or, frozen, at thaw. */
void hilum_workspace_changed(HilumWorkspace *self, unsigned changes);
/* Slices, camera, cursor and window for the first grid that comes. */
void hilum_workspace_place_views(HilumWorkspace *self);
void hilum_workspace_reload_case(HilumWorkspace *self, unsigned what);
void hilum_workspace_drop_cap(HilumWorkspace *self, uint8_t label);
void hilum_workspace_clear_caps(HilumWorkspace *self);
/* The values of a structure go. */
void hilum_workspace_drop_values(HilumWorkspace *self, uint8_t label);
void hilum_workspace_clear_colorings(HilumWorkspace *self);
/* Of the pieces of a structure, whether they are shown or not. */
const WorkspacePieces *hilum_workspace_count_pieces(HilumWorkspace *self, uint8_t label);
GArray *hilum_workspace_phases_new(void);
void hilum_workspace_clear_phases(HilumWorkspace *self);
void hilum_workspace_clear_looks(HilumWorkspace *self);
