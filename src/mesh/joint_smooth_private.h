/* What the files of joint smoothing share. */
#pragma once

#include "joint_private.h"
#include "smooth_private.h"

typedef struct {
  HilumSmoothing s;
  const HilumJoint *joint;
  const HilumProgress *progress;
  const HilumSmoothOptions *light; /* NULL: one filter */
  const float *weight;             /* with it: per vertex */
  uint8_t *line;                   /* per vertex: more than two labels meet */
  HilumCorners corners;
  HilumLanes *base;
  HilumGuard guard;
  HilumPieces *pieces;
  uint8_t labels[HILUM_LABEL_COUNT]; /* present, ascending */
  int n_labels, index[HILUM_LABEL_COUNT];
  double *area;                /* n_labels squared: the matrix */
  double d[HILUM_LABEL_COUNT]; /* by label */
  double *part;                /* per triangle */
} HilumJointSmoothing;

/* Takes back from `from`, on the way from the start to here, what makes triangles cross or touch that did
 * not. The guard is on; `base` is scratch. */
bool hilum_joint_keep_apart(HilumJointSmoothing *smoothing, GError **error);
