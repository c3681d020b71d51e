/* Rigid motions: quaternions, the rotation vector, composition about different centres. */
#include "hilum/register/rigid.h"

static HilumVec3 vector_part(HilumQuaternion q)
{
  return hilum_vec3(q.x, q.y, q.z);
}

static HilumQuaternion quaternion_make(double w, HilumVec3 v)
{
  return (HilumQuaternion){w, v.x, v.y, v.z};
}

static HilumQuaternion quaternion_normalize(HilumQuaternion q)
{
  double length = sqrt(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z);
  return (HilumQuaternion){q.w / length, q.x / length, q.y / length, q.z / length};
}

static HilumQuaternion quaternion_mul(HilumQuaternion a, HilumQuaternion b)
{
  HilumVec3 u = vector_part(a), v = vector_part(b);
  HilumVec3 r = hilum_vec3_cross(u, v);
  r = hilum_vec3_madd(r, a.w, v);
  r = hilum_vec3_madd(r, b.w, u);
  return quaternion_make(a.w * b.w - hilum_vec3_dot(u, v), r);
}

static HilumQuaternion quaternion_from_vector(HilumVec3 rotation_rad)
{
  double angle = hilum_vec3_length(rotation_rad);
  /* sin(a/2)/a without the division at 0 */
  double scale = angle > 1e-8 ? sin(angle / 2) / angle : 0.5 - angle * angle / 48;
  return quaternion_normalize(quaternion_make(cos(angle / 2), hilum_vec3_scale(rotation_rad, scale)));
}

static HilumVec3 quaternion_to_vector(HilumQuaternion q)
{
  double sign = q.w < 0 ? -1 : 1; /* q and -q turn the same way: take the shorter one */
  HilumVec3 v = hilum_vec3_scale(vector_part(q), sign);
  double s = hilum_vec3_length(v);
  return hilum_vec3_scale(v, s > 1e-8 ? 2 * atan2(s, sign * q.w) / s : 2);
}

HilumRigid hilum_rigid_identity(void)
{
  return (HilumRigid){.rotation = {1, 0, 0, 0}};
}

HilumRigid hilum_rigid_from_parameters(HilumRigidParameters parameters, HilumVec3 centre_mm)
{
  return (HilumRigid){quaternion_from_vector(parameters.rotation_rad), centre_mm, parameters.translation_mm};
}

HilumRigid hilum_rigid_recentre(HilumRigid rigid, HilumVec3 centre_mm)
{
  HilumVec3 image = hilum_rigid_apply(rigid, centre_mm);
  return (HilumRigid){rigid.rotation, centre_mm, hilum_vec3_sub(image, centre_mm)};
}

HilumRigidParameters hilum_rigid_to_parameters(HilumRigid rigid, HilumVec3 centre_mm)
{
  HilumRigid there = hilum_rigid_recentre(rigid, centre_mm);
  return (HilumRigidParameters){there.translation_mm, quaternion_to_vector(there.rotation)};
}

HilumVec3 hilum_rigid_rotate(HilumRigid rigid, HilumVec3 direction)
{
  HilumVec3 u = vector_part(rigid.rotation);
  HilumVec3 t = hilum_vec3_scale(hilum_vec3_cross(u, direction), 2);
  return hilum_vec3_add(hilum_vec3_madd(direction, rigid.rotation.w, t), hilum_vec3_cross(u, t));
}

HilumVec3 hilum_rigid_apply(HilumRigid rigid, HilumVec3 point_mm)
{
  HilumVec3 turned = hilum_rigid_rotate(rigid, hilum_vec3_sub(point_mm, rigid.centre_mm));
  return hilum_vec3_add(hilum_vec3_add(turned, rigid.centre_mm), rigid.translation_mm);
}

HilumRigid hilum_rigid_compose(HilumRigid outer, HilumRigid inner)
{
  HilumVec3 image = hilum_rigid_apply(outer, hilum_rigid_apply(inner, inner.centre_mm));
  return (HilumRigid){quaternion_normalize(quaternion_mul(outer.rotation, inner.rotation)), inner.centre_mm,
                      hilum_vec3_sub(image, inner.centre_mm)};
}

HilumRigid hilum_rigid_invert(HilumRigid rigid)
{
  HilumQuaternion back = {rigid.rotation.w, -rigid.rotation.x, -rigid.rotation.y, -rigid.rotation.z};
  return (HilumRigid){back, hilum_vec3_add(rigid.centre_mm, rigid.translation_mm),
                      hilum_vec3_scale(rigid.translation_mm, -1)};
}

HilumMat4 hilum_rigid_to_mat4(HilumRigid rigid)
{
  HilumVec3 x = hilum_rigid_rotate(rigid, hilum_vec3(1, 0, 0));
  HilumVec3 y = hilum_rigid_rotate(rigid, hilum_vec3(0, 1, 0));
  HilumVec3 z = hilum_rigid_rotate(rigid, hilum_vec3(0, 0, 1));
  HilumVec3 t = hilum_rigid_apply(rigid, hilum_vec3(0, 0, 0));
  return (HilumMat4){{x.x, x.y, x.z, 0, y.x, y.y, y.z, 0, z.x, z.y, z.z, 0, t.x, t.y, t.z, 1}};
}

double hilum_rigid_angle_rad(HilumRigid rigid)
{
  return 2 * atan2(hilum_vec3_length(vector_part(rigid.rotation)), fabs(rigid.rotation.w));
}

bool hilum_rigid_is_valid(HilumRigid rigid)
{
  HilumQuaternion q = rigid.rotation;
  double square = q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z;
  return fabs(square - 1) < 2e-6 && hilum_vec3_is_finite(rigid.centre_mm) &&
         hilum_vec3_is_finite(rigid.translation_mm);
}
