/* What is being looked at and how: the case, its active phase and structure, three slice states, the camera,
 * window/level, crosshair, task and tool, the preview of the tool, and the surfaces that 3D shows. The one
 * object that widgets and render read, toolkit-free and testable without a display. Main thread only.
 *
 * Every setter that changes something emits "changed" with bits of HilumChange; widgets mark dirty and queue
 * a redraw, render uploads what the serials say is new at the next frame. Between freeze and thaw the bits
 * are collected and emitted once. */
#pragma once

#include "hilum/mesh/live.h"
#include "hilum/segment/limits.h"
#include "hilum/segment/step.h"
#include "hilum/view/camera.h"
#include "hilum/view/caps.h"
#include "hilum/view/clip.h"
#include "hilum/view/picking.h"
#include "hilum/view/slice_state.h"
#include "hilum/view/window.h"
#include "hilum/volume/label_map.h"
#include "hilum/volume/volume.h"

#include <glib-object.h>

G_BEGIN_DECLS

typedef struct _HilumCase HilumCase; /* hilum/casefile/case.h */
typedef struct _HilumTool HilumTool; /* hilum/view/tool.h */

typedef enum {
  HILUM_CHANGE_CASE = 1 << 0,       /* another case: everything */
  HILUM_CHANGE_PHASE = 1 << 1,      /* another volume is shown, or the list of phases changed */
  HILUM_CHANGE_STRUCTURES = 1 << 2, /* list, name, colour, visibility, opacity, lock, isolation */
  HILUM_CHANGE_ACTIVE = 1 << 3,     /* active structure */
  HILUM_CHANGE_LABELS = 1 << 4,     /* voxels */
  HILUM_CHANGE_MESHES = 1 << 5,
  HILUM_CHANGE_AXIAL = 1 << 6, /* slice, zoom, pan of one pane: 1 << (6 + HilumSlicePlane) */
  HILUM_CHANGE_SAGITTAL = 1 << 7,
  HILUM_CHANGE_CORONAL = 1 << 8,
  HILUM_CHANGE_CAMERA = 1 << 9,
  HILUM_CHANGE_WINDOW = 1 << 10,
  HILUM_CHANGE_CURSOR = 1 << 11, /* crosshair */
  HILUM_CHANGE_TASK = 1 << 12,
  HILUM_CHANGE_TOOL = 1 << 13,
  HILUM_CHANGE_PREVIEW = 1 << 14,
  HILUM_CHANGE_POINTER = 1 << 15, /* the place under the pointer: status bar, brush ring */
  HILUM_CHANGE_OPTIONS =
      1 << 16,                   /* interpolation, overlay, crosshair shown, slice planes in 3D, projection */
  HILUM_CHANGE_FUSION = 1 << 17, /* which two phases are seen at once, and how; window of the second */
  HILUM_CHANGE_OUTLINE = 1 << 18,   /* what the tool in hand draws over the panes, and its badge */
  HILUM_CHANGE_LIMITS = 1 << 19,    /* what edits may change */
  HILUM_CHANGE_COLORING = 1 << 20,  /* what the surfaces' colours mean, and their values */
  HILUM_CHANGE_CLIP = 1 << 21,      /* where models are cut open, and their caps */
  HILUM_CHANGE_SPAN = 1 << 22,      /* a distance that is shown */
  HILUM_CHANGE_SMOOTHING = 1 << 23, /* how smooth surfaces are made */
  HILUM_CHANGE_ALL = (1 << 24) - 1
} HilumChange;

typedef enum { HILUM_TASK_SEGMENT, HILUM_TASK_MODEL, HILUM_TASK_PLAN, HILUM_TASK_REVIEW } HilumTask;

#define HILUM_TYPE_WORKSPACE hilum_workspace_get_type()
G_DECLARE_FINAL_TYPE(HilumWorkspace, hilum_workspace, HILUM, WORKSPACE, GObject)
/* Signal "changed" (HilumWorkspace *workspace, guint changes, gpointer data). */

HilumWorkspace *hilum_workspace_new(void);
void hilum_workspace_freeze(HilumWorkspace *workspace);
void hilum_workspace_thaw(HilumWorkspace *workspace);

/* --- content --- */
/* Follows a case (referenced; NULL: none): its phases, labels, structures and their changes. Resets view
 * state. */
void hilum_workspace_set_case(HilumWorkspace *workspace, HilumCase *the_case);
HilumCase *hilum_workspace_get_case(HilumWorkspace *workspace);
/* Without a case, for pictures of loose volumes and for tests: volumes are referenced, names copied; the map
 * is borrowed and must outlive the workspace or be unset with NULL. */
void hilum_workspace_set_phases(HilumWorkspace *workspace, HilumVolume *const *volumes,
                                const char *const *names, size_t n);
void hilum_workspace_set_labels(HilumWorkspace *workspace, HilumLabelMap *labels);

size_t hilum_workspace_get_phase_count(HilumWorkspace *workspace);
const char *hilum_workspace_get_phase_name(HilumWorkspace *workspace, size_t index);
HilumVolume *hilum_workspace_get_volume(HilumWorkspace *workspace,
                                        size_t index); /* borrowed; NULL: not there */
size_t hilum_workspace_get_active_phase(HilumWorkspace *workspace);
void hilum_workspace_set_active_phase(HilumWorkspace *workspace, size_t index);
HilumVolume *hilum_workspace_get_active_volume(HilumWorkspace *workspace); /* borrowed; NULL: empty */
/* While the volume that is active now is on its way to the screen, `coarse` (referenced; of the same bounds)
 * may be drawn in its place, so that panes do not go dark. NULL, or another active volume, ends it. Emits
 * nothing. */
void hilum_workspace_set_stand_in(HilumWorkspace *workspace, HilumVolume *coarse);
HilumVolume *hilum_workspace_get_stand_in(HilumWorkspace *workspace); /* borrowed or NULL */
HilumLabelMap *hilum_workspace_get_labels(HilumWorkspace *workspace); /* borrowed; NULL: empty */
/* Names which label map this is: never the same for two maps, though one may lie where the other was freed.
 * All serials of all workspaces are drawn from one counter, so that equal serials mean equal content. */
uint64_t hilum_workspace_get_labels_identity(HilumWorkspace *workspace);
/* Call after a change of the label map that did not go through the workspace or its case. */
void hilum_workspace_labels_changed(HilumWorkspace *workspace);

/* --- structures, as they look: index is the label --- */
typedef struct {
  bool used, visible, locked;
  bool outline; /* silhouette in 3D and hatching in 2D: tumour, for the colour-blind */
  uint8_t rgb[3];
  double opacity; /* 0..1, of the surface; the overlay in 2D scales with it */
  const char *name;
} HilumStructureLook;

/* Borrowed, all zero where unused; never NULL. */
const HilumStructureLook *hilum_workspace_get_look(HilumWorkspace *workspace, uint8_t label);
/* Only without a case; with one, change the case and the look follows. */
void hilum_workspace_set_look(HilumWorkspace *workspace, uint8_t label, const HilumStructureLook *look);
/* Visible, and not hidden by isolation. */
bool hilum_workspace_is_shown(HilumWorkspace *workspace, uint8_t label);
/* Shows one structure alone without touching anybody's visibility; 0 ends it. */
void hilum_workspace_set_isolated(HilumWorkspace *workspace, uint8_t label);
uint8_t hilum_workspace_get_isolated(HilumWorkspace *workspace);
uint8_t hilum_workspace_get_active(HilumWorkspace *workspace); /* label; 0: none */
void hilum_workspace_set_active(HilumWorkspace *workspace, uint8_t label);
/* Next (+1) or previous (-1) used label after the active one, in the case's order, wrapping round. */
uint8_t hilum_workspace_next_structure(HilumWorkspace *workspace, int direction);
/* Grows with every change of looks, isolation or active structure. */
uint64_t hilum_workspace_get_look_serial(HilumWorkspace *workspace);

/* --- surfaces: index is the label --- */
/* Referenced; NULL clears. `bvh` (may be NULL) lets clicks in 3D hit it; `label_serial` says which state of
 * the labels the surface shows. */
void hilum_workspace_set_mesh(HilumWorkspace *workspace, uint8_t label, HilumMesh *mesh, HilumBvh *bvh,
                              uint64_t label_serial);
HilumMesh *hilum_workspace_get_mesh(HilumWorkspace *workspace, uint8_t label); /* borrowed or NULL */
HilumBvh *hilum_workspace_get_bvh(HilumWorkspace *workspace, uint8_t label);
/* Grows with every set_mesh of this label; 0 while none was set. */
uint64_t hilum_workspace_get_mesh_serial(HilumWorkspace *workspace, uint8_t label);
uint64_t hilum_workspace_get_mesh_label_serial(HilumWorkspace *workspace, uint8_t label);

/* --- surfaces coloured by a number at each vertex, in millimetres --- */
typedef enum {
  HILUM_COLORING_OWN,       /* the structure's own colour */
  HILUM_COLORING_DEVIATION, /* from the boundary of its label, outside above zero: a diverging map */
  HILUM_COLORING_THICKNESS, /* greatest inscribed ball; only what is thinner than a limit is coloured */
  HILUM_COLORING_KINDS
} HilumColoring;
const char *hilum_coloring_id(HilumColoring coloring); /* "own" "deviation" "thickness" */
bool hilum_coloring_parse(const char *id, HilumColoring *coloring);

/* What a structure's colours mean; own until it is set, and with another case. */
void hilum_workspace_set_coloring(HilumWorkspace *workspace, uint8_t label, HilumColoring coloring);
HilumColoring hilum_workspace_get_coloring(HilumWorkspace *workspace, uint8_t label);
/* What counts as thin, 0.1..50 mm (clamped); 2 until it is set. */
void hilum_workspace_set_thin_mm(HilumWorkspace *workspace, double thin_mm);
double hilum_workspace_get_thin_mm(HilumWorkspace *workspace);
/* The ends of the map: of a deviation plus and minus half the largest spacing of the labels, which no vertex
 * goes beyond; of a thickness 0 and what counts as thin. */
void hilum_workspace_get_coloring_range(HilumWorkspace *workspace, HilumColoring coloring, double *lo_mm,
                                        double *hi_mm);
/* True if the structure is shown, is to be coloured, has a surface, and the values are missing. */
bool hilum_workspace_needs_values(HilumWorkspace *workspace, uint8_t label);
/* One value a vertex of `mesh`, in a hilum_big_alloc() buffer that is taken over. Dropped, with false, if the
 * structure has another surface by now or is coloured otherwise. They go with the surface. */
bool hilum_workspace_set_values(HilumWorkspace *workspace, uint8_t label, HilumMesh *mesh,
                                HilumColoring coloring, float *values_mm);
/* Of the structure's surface; NULL: there are none. Borrowed. Their serial is 0 then, and else grows. */
const float *hilum_workspace_get_values(HilumWorkspace *workspace, uint8_t label);
uint64_t hilum_workspace_get_values_serial(HilumWorkspace *workspace, uint8_t label);

/* --- models cut open --- */
const HilumClip *hilum_workspace_get_clip(HilumWorkspace *workspace);
/* Dropped if it is not valid (hilum_clip_is_valid()). */
void hilum_workspace_set_clip(HilumWorkspace *workspace, const HilumClip *clip);
/* Cuts at this slice, and takes away what lies between it and the eye. */
void hilum_workspace_clip_towards_eye(HilumWorkspace *workspace, HilumSlicePlane plane);
/* A free cut through the crosshair: a plane that faces the eye, or a sphere, as large as the last one (20 mm
 * at first). */
void hilum_workspace_clip_freely(HilumWorkspace *workspace, HilumClipKind kind);
/* A sphere that holds all that lies within so many millimetres of a structure, about its vertices' middle:
 * false if the structure has no surface. */
bool hilum_workspace_clip_about(HilumWorkspace *workspace, uint8_t label, double margin_mm);
/* What is asked for. What is above a plane goes. False if models are whole. */
bool hilum_workspace_get_wanted_cut(HilumWorkspace *workspace, HilumCutter *cutter);
/* What closes the models there, by label, referenced; what was measured of it is copied. */
void hilum_workspace_set_cut(HilumWorkspace *workspace, const HilumCutter *cutter, const HilumCaps *caps);
/* What is shown. At a slice models and caps always belong together, even if the slice is a step ahead of
 * them; a free cut follows the hand at once, and its caps follow: until then they are themselves cut
 * (caps_lag). */
typedef struct {
  HilumCutter cutter;
  bool inside_goes; /* of a sphere; else what is outside goes, and of a plane what is above */
  bool caps_lag;
} HilumCut;
bool hilum_workspace_get_cut(HilumWorkspace *workspace, HilumCut *cut);
/* Borrowed; NULL: none. The serial grows with every change, and is 0 without a cap. */
HilumMesh *hilum_workspace_get_cap(HilumWorkspace *workspace, uint8_t label, GArray **outline,
                                   uint64_t *serial);
/* Of the structure's section; false while there is none. It is that of the caps, if they lag. */
bool hilum_workspace_get_section(HilumWorkspace *workspace, uint8_t label, HilumCapSize *size);
/* All of them as a table for the clipboard: tabs and LF, C locale, a header with units, and how it was cut in
 * every row. NULL: there are none. g_free(). */
char *hilum_workspace_dup_sections(HilumWorkspace *workspace);

/* --- a distance that is shown, over all panes --- */
typedef struct {
  bool on;
  HilumVec3 a_mm, b_mm; /* its ends, LPS */
} HilumSpan;
const HilumSpan *hilum_workspace_get_span(HilumWorkspace *workspace);
/* Off with another case. */
void hilum_workspace_set_span(HilumWorkspace *workspace, const HilumSpan *span);

/* --- surfaces under the brush: pieces, a tile of the labels each (hilum/mesh/live.h) --- */
typedef struct {
  HilumMesh *mesh; /* NULL: none */
  uint64_t serial; /* grows when another one comes; 0: there never was one */
} HilumPiece;

/* What a tile of `n_tiles` holds now, of all structures: takes the place of what it held. Shows nothing yet.
 */
void hilum_workspace_set_tile(HilumWorkspace *workspace, size_t n_tiles, int32_t tile,
                              const HilumLivePiece *pieces, size_t n);
/* 3D shows the structure's pieces, which stand for the labels' state `label_serial`, until there is a mesh of
 * that state or a newer one. Picking goes on with the mesh. */
void hilum_workspace_show_pieces(HilumWorkspace *workspace, uint8_t label, uint64_t label_serial);
bool hilum_workspace_shows_pieces(HilumWorkspace *workspace, uint8_t label);
/* By tile; NULL: there are none. Borrowed until the next change. */
const HilumPiece *hilum_workspace_get_pieces(HilumWorkspace *workspace, uint8_t label, size_t *n_tiles);
/* Grows with every change of the structure's pieces; which state of the labels they were last shown for. */
uint64_t hilum_workspace_get_pieces_serial(HilumWorkspace *workspace, uint8_t label);
uint64_t hilum_workspace_get_pieces_label_serial(HilumWorkspace *workspace, uint8_t label);
/* Of one structure: also those of the pieces that stand in its place. */
uint64_t hilum_workspace_count_structure_triangles(HilumWorkspace *workspace, uint8_t label);
void hilum_workspace_clear_pieces(HilumWorkspace *workspace);

uint64_t hilum_workspace_count_triangles(HilumWorkspace *workspace); /* of what is shown */
/* Bounds of shown surfaces; of the volume if there are none; empty without either. */
HilumBox hilum_workspace_get_scene_bounds(HilumWorkspace *workspace);
/* First shown surface along a ray whose opacity is at least `min_opacity`: 0.6 looks through a translucent
 * parenchyma at the vessels in it, 0 takes what comes first. Surfaces without a bvh are not hit, nor is what
 * is cut away; where the ray comes through the cut into a structure, that is hit there. */
bool hilum_workspace_pick(HilumWorkspace *workspace, HilumRay ray, double min_opacity, HilumPick *pick);

/* --- view state --- */
const HilumSliceState *hilum_workspace_get_slice(HilumWorkspace *workspace, HilumSlicePlane plane);
/* Change a copy with hilum_slice_state_* and hand it back. */
void hilum_workspace_set_slice(HilumWorkspace *workspace, const HilumSliceState *state);
const HilumCamera *hilum_workspace_get_camera(HilumWorkspace *workspace);
void hilum_workspace_set_camera(HilumWorkspace *workspace, const HilumCamera *camera);
HilumWindowLevel hilum_workspace_get_window(HilumWorkspace *workspace);
void hilum_workspace_set_window(HilumWorkspace *workspace, HilumWindowLevel window);
/* A window of the phase's own, in effect whenever it is active or fused; a phase without one shares the
 * active one's if both are in HU, else has its default. Kept while the phases of the case change. */
HilumWindowLevel hilum_workspace_get_phase_window(HilumWorkspace *workspace, size_t index);
void hilum_workspace_set_phase_window(HilumWorkspace *workspace, size_t index, HilumWindowLevel window);
HilumVec3 hilum_workspace_get_cursor_mm(HilumWorkspace *workspace);
/* Moves the crosshair and brings all three slices to it. */
void hilum_workspace_set_cursor_mm(HilumWorkspace *workspace, HilumVec3 point_mm);
/* What is under the pointer; inside == false when it left. `plane` is the pane it is in (HILUM_SLICE_PLANES:
 * 3D). */
void hilum_workspace_set_pointer(HilumWorkspace *workspace, HilumSlicePlane plane, HilumVec3 point_mm,
                                 bool inside);
bool hilum_workspace_get_pointer(HilumWorkspace *workspace, HilumSlicePlane *plane, HilumVec3 *point_mm);
/* Value and structure at a point: false outside the volume. */
bool hilum_workspace_probe(HilumWorkspace *workspace, HilumVec3 point_mm, double *value, uint8_t *label);

typedef struct {
  bool smooth;       /* linear interpolation in 2D; else voxels are seen */
  bool hide_overlay; /* no structures in 2D */
  bool hide_fill;    /* outlines only */
  bool hide_crosshair;
  bool slice_planes; /* the three slices in 3D */
  bool hide_marker;  /* orientation cube */
  HilumOrbit orbit;
  bool interacting; /* a drag is going on: 3D may draw fewer layers */
} HilumViewOptions;
const HilumViewOptions *hilum_workspace_get_options(HilumWorkspace *workspace);
void hilum_workspace_set_options(HilumWorkspace *workspace, const HilumViewOptions *options);

/* --- two phases at once, in the slices --- */
typedef enum {
  HILUM_FUSION_OFF,
  HILUM_FUSION_BLEND,
  HILUM_FUSION_CHECKER,
  HILUM_FUSION_MODES
} HilumFusionMode;
const char *hilum_fusion_mode_id(HilumFusionMode mode); /* "off" "blend" "checker" */
bool hilum_fusion_mode_parse(const char *id, HilumFusionMode *mode);
typedef struct {
  HilumFusionMode mode;
  size_t phase;     /* seen with the active one */
  double blend;     /* share of `phase` in a blend, 0..1 */
  double square_mm; /* side of a checkerboard's square, 2..200; it stands still in the patient */
} HilumFusion;
/* As it was set, clamped; off, with a blend of a half and squares of 20 mm, until then. */
const HilumFusion *hilum_workspace_get_fusion(HilumWorkspace *workspace);
void hilum_workspace_set_fusion(HilumWorkspace *workspace, const HilumFusion *fusion);
/* The second volume to draw, borrowed; NULL if nothing is fused: mode off, the active phase itself, images
 * missing, or another grid (volumes without a case). */
HilumVolume *hilum_workspace_get_fused_volume(HilumWorkspace *workspace);

/* --- task, tool, preview --- */
HilumTask hilum_workspace_get_task(HilumWorkspace *workspace);
void hilum_workspace_set_task(HilumWorkspace *workspace, HilumTask task);
/* Referenced; NULL: no tool. The former tool is cancelled first. */
void hilum_workspace_set_tool(HilumWorkspace *workspace, HilumTool *tool);
HilumTool *hilum_workspace_get_tool(HilumWorkspace *workspace);

/* What the tool would do, shown over the slices: a range or a mask in the active structure's colour, or how
 * the labels would be, each in its own, what changes brighter than what stays. */
typedef enum {
  HILUM_PREVIEW_NONE,
  HILUM_PREVIEW_RANGE,
  HILUM_PREVIEW_MASK,
  HILUM_PREVIEW_LABELS
} HilumPreviewKind;
typedef struct {
  HilumPreviewKind kind;
  double lo, hi; /* RANGE: real values, inclusive; decided per pixel on the GPU, so it is always live */
  const HilumMask *mask; /* MASK: over the labels' grid; owned by the tool, replaced, never edited */
  const HilumLabelSnapshot *labels; /* LABELS: on the labels' grid; borrowed */
  HilumVoxelBox box;                /* MASK: where it has voxels; LABELS: where they may differ */
  uint64_t serial;                  /* grows with every change */
} HilumPreview;
const HilumPreview *hilum_workspace_get_preview(HilumWorkspace *workspace);
/* Takes `mask` over; finds its box. */
void hilum_workspace_set_preview_mask(HilumWorkspace *workspace, HilumMask *mask);
/* References `labels`. Labels that no structure has yet are shown in colours to spare. */
void hilum_workspace_set_preview_labels(HilumWorkspace *workspace, HilumLabelSnapshot *labels,
                                        HilumVoxelBox box);
void hilum_workspace_set_preview_range(HilumWorkspace *workspace, double lo, double hi);
void hilum_workspace_clear_preview(HilumWorkspace *workspace);

/* Tools call this when hilum_tool_get_outline() has something else to say. */
void hilum_workspace_outline_changed(HilumWorkspace *workspace);

/* --- writing labels: what tools use --- */
/* What edits may change, for every tool; none at the start of a case. `other` is 0 in what comes back if that
 * structure is gone. */
HilumEditLimits hilum_workspace_get_limits(HilumWorkspace *workspace);
void hilum_workspace_set_limits(HilumWorkspace *workspace, const HilumEditLimits *limits);
/* Everything hilum_label_delta_new_from_mask() needs to write into the active structure. False with
 * HILUM_VIEW_ERROR_INVALID if none is active, or what the case says if it is locked. */
bool hilum_workspace_prepare_write(HilumWorkspace *workspace, HilumLabelMode mode, HilumLabelWrite *write,
                                   GError **error);
/* The same for clearing voxels of every structure that is shown and not locked (HILUM_LABEL_CLEAR): hidden
 * and locked ones stay. False with HILUM_VIEW_ERROR_INVALID if there is no such structure. */
bool hilum_workspace_prepare_clear(HilumWorkspace *workspace, HilumLabelWrite *write, GError **error);
/* What places the structures' surfaces, for a job (hilum_case_dup_surface_ranges()); NULL without a case. */
HilumSurfaceRange *hilum_workspace_dup_surface_ranges(HilumWorkspace *workspace);
/* Passes of the filter that all surfaces are made with, as the case keeps them; clamped. The default without
 * a case. */
int hilum_workspace_get_smoothing(HilumWorkspace *workspace);
void hilum_workspace_set_smoothing(HilumWorkspace *workspace, int passes);
/* One undoable step named `title` ("Grow Parenchyma"). HILUM_CASEFILE_ERROR_STALE, with nothing changed, if
 * the labels changed since the snapshot that the delta was made from. */
bool hilum_workspace_commit(HilumWorkspace *workspace, const char *title, HilumLabelDelta *delta,
                            GError **error);
/* The same for a delta that `write` was used for: the case also remembers the range that made the structure
 * (hilum_case_apply_found_labels()). */
bool hilum_workspace_commit_found(HilumWorkspace *workspace, const char *title, HilumLabelDelta *delta,
                                  const HilumLabelWrite *write, const HilumMade *made, GError **error);
/* A brush stroke: deltas between begin and end show at once and become one undoable step at the end, or are
 * taken back by abort. Strokes do not nest. */
void hilum_workspace_begin_stroke(HilumWorkspace *workspace, const char *title);
void hilum_workspace_end_stroke(HilumWorkspace *workspace);
void hilum_workspace_abort_stroke(HilumWorkspace *workspace);
bool hilum_workspace_is_in_stroke(HilumWorkspace *workspace);

G_END_DECLS
