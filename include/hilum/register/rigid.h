/* A rigid motion of the patient between two volumes: it maps a point of the fixed volume to the point of the
 * moving volume that shows the same anatomy, LPS mm to LPS mm:
 *
 *   moving_mm = R (fixed_mm - centre_mm) + centre_mm + translation_mm
 *
 * The centre is only a way of writing it down: it decides what the translation means. Small value type, any
 * thread. */
#pragma once

#include "hilum/geom/mat4.h"
#include "hilum/geom/vec3.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Unit quaternion w + xi + yj + zk. */
typedef struct {
  double w, x, y, z;
} HilumQuaternion;

typedef struct {
  HilumQuaternion rotation;
  HilumVec3 centre_mm;
  HilumVec3 translation_mm;
} HilumRigid;

/* The six numbers of a rigid motion about a given centre. The rotation is a vector: its direction the axis,
 * its length the angle (right-hand rule, at most pi). */
typedef struct {
  HilumVec3 translation_mm;
  HilumVec3 rotation_rad;
} HilumRigidParameters;

HilumRigid hilum_rigid_identity(void);
HilumRigid hilum_rigid_from_parameters(HilumRigidParameters parameters, HilumVec3 centre_mm);
/* The six numbers about any centre, not only the one the motion was written with. */
HilumRigidParameters hilum_rigid_to_parameters(HilumRigid rigid, HilumVec3 centre_mm);
/* The same motion written about another centre. */
HilumRigid hilum_rigid_recentre(HilumRigid rigid, HilumVec3 centre_mm);

HilumVec3 hilum_rigid_apply(HilumRigid rigid, HilumVec3 point_mm);
/* The rotation alone, for directions. */
HilumVec3 hilum_rigid_rotate(HilumRigid rigid, HilumVec3 direction);
/* outer after inner, about the inner's centre. A manual nudge of a result is
 * hilum_rigid_compose(hilum_rigid_from_parameters(nudge, cursor_mm), result). */
HilumRigid hilum_rigid_compose(HilumRigid outer, HilumRigid inner);
HilumRigid hilum_rigid_invert(HilumRigid rigid);
/* The same motion as a matrix, for the renderer. */
HilumMat4 hilum_rigid_to_mat4(HilumRigid rigid);
/* Angle in 0..pi. */
double hilum_rigid_angle_rad(HilumRigid rigid);
/* All numbers finite and the quaternion of unit length to 1e-6. */
bool hilum_rigid_is_valid(HilumRigid rigid);

#ifdef __cplusplus
}
#endif
