/* Repair and print preparation, by choice and with a record: nothing here is done unless asked for, and what
 * was done is listed. Meshes are immutable: every operation gives a new one. Any thread, all cores, the same
 * bits with any number of threads. */
#pragma once

#include "hilum/mesh/verdict.h"

G_BEGIN_DECLS

typedef struct {
  bool fill_holes;         /* close open borders */
  double remove_below_mm3; /* 0: none; else closed pieces that enclose less go, cavities too */
  bool resolve; /* remake as the boundary of what is inside (winding number above 0): no piece crosses
                   itself or another */
  double min_diameter_mm; /* 0: as it is; else what is thinner is thickened to this diameter: every point of
                             the result lies in a ball of it inside. Whether that was reached is looked at and
                             said (HilumModification) */
  double hollow_mm;     /* 0: solid; else hollow with walls of this thickness; thinner parts stay solid. With
                           min_diameter_mm thickened again, to the lesser of the two: where cavities meet, what is
                           between them can be thin */
  double resolution_mm; /* grid of the last three; 0: a sixth of the least length asked for, within 0.1 to 0.5
                           mm, or as much coarser as the grid needs to fit, up to a third of that length (1 mm
                           where only `resolve` is asked for) */
  double decimate_error_mm; /* as HilumDecimateOptions */
  uint32_t decimate_triangles;
} HilumPrepareOptions;

/* One thing that was done. */
typedef struct {
  const char *op;       /* static: "fill-holes" "remove-shells" "resolve" "thicken" "hollow" "decimate" */
  double value;         /* what was asked for: mm, mm3 or triangles; 0 where nothing is */
  uint64_t count;       /* holes filled, shells removed, places thickened, triangles taken away */
  double resolution_mm; /* spacing of the grid that it went through; 0: none */
  double volume_before_mm3, volume_change_mm3;
  uint32_t shells_before, shells_after;
  double least_mm; /* "thicken", "hollow": least thickness of the surface that is handed out (before hollowing
                      for "thicken" if both are asked for), by ball or by ray, as found; at most `value`.
                      NAN: not looked at */
  uint64_t below;  /* places (corners and middles of triangles) that are thinner than `value`: by ball by
                      more than half the tolerance, by ray by more than two of it; for certain where they are
                      at most 300, of more some may be thick enough */
  double tolerance_mm; /* of those two: an eighth of the spacing, and the bound of a decimation after it:
                          corners of flat triangles stick out by as much */
  double deviation_mm; /* no point of either surface lies farther from the other (Hausdorff, bounded); for
                          "resolve" no point of the new one from the old; NAN where that is not bounded, and
                          for "hollow" (the inner surface is meant to) */
} HilumModification;

/* In the order of the fields. `record` gets a GArray of HilumModification, empty if nothing had to be done.
 * Fails with HILUM_MESH_ERROR_INVALID on negative lengths, _LIMIT if the grid would have more than 400
 * million points or than memory holds (at the resolution asked for, or at the coarsest that it chooses),
 * _EMPTY if nothing is left. */
HilumMesh *hilum_mesh_prepare(HilumMesh *mesh, const HilumPrepareOptions *options, GArray **record,
                              const HilumProgress *progress, GError **error);

/* What was done, in words, without its subject: "thickened to 2 mm with 812 balls, volume +0.310 ml (+2.1 %),
 * no point farther than 0.620 mm from before". g_free(). */
char *hilum_modification_dup_text(const HilumModification *modification);

/* What hilum_mesh_prepare() would refuse, or would do for nothing, as far as measures tell. */
typedef struct {
  const char *op; /* static, as in HilumModification */
  bool refused;   /* it would fail; else it would change nothing that matters */
  char *sentence; /* owned */
} HilumObjection;

/* Of a surface with these bounds and measures. `beyond` NULL: not measured yet, then less is foreseen.
 * Nothing is promised for what no objection is made to. GArray of HilumObjection, which frees its sentences,
 * in the order of doing; empty if there is nothing to say. */
GArray *hilum_mesh_dup_objections(HilumBox bounds_mm, const HilumMeshReport *report,
                                  const HilumMeshBeyond *beyond, const HilumPrepareOptions *options);

G_END_DECLS
