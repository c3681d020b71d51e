/* One structure of a case: a label value with a name, a colour and what it is. A structure belongs to one
 * HilumCase and is changed only through it (hilum_case_rename_structure() and its kin), so that every change
 * can be undone; here are only getters and properties to bind to. Main thread only. */
#pragma once

#include <glib-object.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef enum {
  HILUM_STRUCTURE_OTHER, /* first, so that zero means "nothing known" */
  HILUM_STRUCTURE_PARENCHYMA,
  HILUM_STRUCTURE_TUMOUR,
  HILUM_STRUCTURE_CYST,
  HILUM_STRUCTURE_ARTERY,
  HILUM_STRUCTURE_VEIN,
  HILUM_STRUCTURE_COLLECTING,
  HILUM_STRUCTURE_SINUS,
  HILUM_STRUCTURE_BONE,
  HILUM_STRUCTURE_KINDS
} HilumStructureKind;

/* Stable word for files and JSON: "parenchyma" "tumour" "cyst" "artery" "vein" "collecting" "sinus" "bone"
 * "other". */
const char *hilum_structure_kind_id(HilumStructureKind kind);
/* Default name: "Parenchyma", "Collecting system", ... */
const char *hilum_structure_kind_name(HilumStructureKind kind);
/* What a name means, whatever its case: "arteries", "Renal artery", "tumor", "Kidney" (parenchyma), "ureter"
 * (collecting system), "Vein 2". HILUM_STRUCTURE_OTHER for anything else. */
HilumStructureKind hilum_structure_kind_from_name(const char *name);
/* Display colour, 0xRRGGBB sRGB. `index` picks from the fixed palette of "other" (0, 1, ... wraps) and is
 * ignored for the rest. */
uint32_t hilum_structure_kind_color(HilumStructureKind kind, unsigned index);
/* Opacity a new structure of this kind gets: parenchyma lets one look inside, the rest is solid. */
double hilum_structure_kind_opacity(HilumStructureKind kind);

/* The range of real values (HU) in one phase that made a structure, ends included: where the two voxels on
 * either side of its boundary agree with the range, its surface lies where the values say (docs/meshing.md),
 * else half way between them. All zero: from labels. */
typedef struct {
  double lo, hi;  /* either may be infinite, not both */
  uint32_t phase; /* index of the phase that they are read in */
} HilumStructureBoundary;

/* False for a boundary from labels, and for what is no range: ends that are no numbers, or lo >= hi. */
bool hilum_structure_boundary_is_range(const HilumStructureBoundary *boundary);
/* The same range in the same phase, or both from labels. */
bool hilum_structure_boundary_equal(const HilumStructureBoundary *a, const HilumStructureBoundary *b);

#define HILUM_TYPE_STRUCTURE hilum_structure_get_type()
G_DECLARE_FINAL_TYPE(HilumStructure, hilum_structure, HILUM, STRUCTURE, GObject)
/* Properties, all read-only with notify: "label" (uint), "name" (string), "kind" (uint: HilumStructureKind),
 * "color" (uint: 0xRRGGBB), "opacity" (double 0..1), "visible", "locked" (boolean), "voxels" (uint64),
 * "volume-ml" (double), "boundary" (pointer: HilumStructureBoundary, borrowed). */

uint8_t hilum_structure_get_label(HilumStructure *self); /* 1..255, never changes */
const char *hilum_structure_get_name(HilumStructure *self);
HilumStructureKind hilum_structure_get_kind(HilumStructure *self);
uint32_t hilum_structure_get_color(HilumStructure *self);
double hilum_structure_get_opacity(HilumStructure *self);
bool hilum_structure_get_visible(HilumStructure *self);
bool hilum_structure_get_locked(HilumStructure *self);
uint64_t hilum_structure_get_voxels(HilumStructure *self); /* follows the label map */
double hilum_structure_get_volume_ml(HilumStructure *self);
const HilumStructureBoundary *hilum_structure_get_boundary(HilumStructure *self); /* borrowed; never NULL */

G_END_DECLS
