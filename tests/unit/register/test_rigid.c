/* The algebra of rigid motions against plain matrices. */
#include "hilum/register/rigid.h"

#include "hilum/base/random.h"

#include <glib.h>

static double uniform(uint64_t counter, double lo, double hi)
{
  return lo + (hi - lo) * hilum_random_uniform(7, counter);
}

static HilumVec3 random_vector(uint64_t counter, double size)
{
  return hilum_vec3(uniform(3 * counter, -size, size), uniform(3 * counter + 1, -size, size),
                    uniform(3 * counter + 2, -size, size));
}

static HilumRigid random_rigid(uint64_t counter)
{
  return hilum_rigid_from_parameters(
      (HilumRigidParameters){random_vector(10 * counter, 50), random_vector(10 * counter + 1, 1.7)},
      random_vector(10 * counter + 2, 300));
}

static void assert_near(HilumVec3 a, HilumVec3 b, double tolerance)
{
  g_assert_cmpfloat(hilum_vec3_distance(a, b), <=, tolerance);
}

static void test_identity(void)
{
  HilumVec3 p = {12, -7, 33};
  assert_near(hilum_rigid_apply(hilum_rigid_identity(), p), p, 0);
  g_assert_cmpfloat(hilum_rigid_angle_rad(hilum_rigid_identity()), ==, 0);
  g_assert_true(hilum_rigid_is_valid(hilum_rigid_identity()));
  g_assert_false(hilum_rigid_is_valid((HilumRigid){.centre_mm = {1, 2, 3}}));
  HilumRigid broken = hilum_rigid_identity();
  broken.translation_mm.y = NAN;
  g_assert_false(hilum_rigid_is_valid(broken));
}

/* A quarter turn about z through a point, by hand: right-handed, and the centre stays. */
static void test_by_hand(void)
{
  HilumRigid r = hilum_rigid_from_parameters((HilumRigidParameters){{1, 2, 3}, {0, 0, G_PI / 2}},
                                             hilum_vec3(10, 20, 30));
  assert_near(hilum_rigid_apply(r, hilum_vec3(10, 20, 30)), hilum_vec3(11, 22, 33), 1e-12);
  assert_near(hilum_rigid_apply(r, hilum_vec3(15, 20, 30)), hilum_vec3(11, 27, 33), 1e-12);
  assert_near(hilum_rigid_rotate(r, hilum_vec3(0, 1, 0)), hilum_vec3(-1, 0, 0), 1e-12);
  g_assert_cmpfloat_with_epsilon(hilum_rigid_angle_rad(r), G_PI / 2, 1e-12);
}

static void test_compose_and_invert(void)
{
  for (uint64_t n = 0; n < 200; n++) {
    HilumRigid a = random_rigid(2 * n), b = random_rigid(2 * n + 1);
    HilumVec3 p = random_vector(5000 + n, 400);
    assert_near(hilum_rigid_apply(hilum_rigid_compose(a, b), p),
                hilum_rigid_apply(a, hilum_rigid_apply(b, p)), 1e-9);
    assert_near(hilum_rigid_apply(hilum_rigid_invert(a), hilum_rigid_apply(a, p)), p, 1e-9);
    assert_near(hilum_mat4_transform_point(hilum_rigid_to_mat4(a), p), hilum_rigid_apply(a, p), 1e-9);
    assert_near(hilum_rigid_apply(hilum_rigid_recentre(a, b.centre_mm), p), hilum_rigid_apply(a, p), 1e-9);
    g_assert_true(hilum_rigid_is_valid(hilum_rigid_compose(a, b)));
  }
}

static void test_parameters(void)
{
  for (uint64_t n = 0; n < 200; n++) {
    HilumRigidParameters in = {random_vector(2 * n, 100), random_vector(2 * n + 1, 1.7)};
    if (n % 4 == 0) in.rotation_rad = hilum_vec3_scale(in.rotation_rad, 1e-9);
    HilumVec3 centre = random_vector(9000 + n, 300);
    HilumRigidParameters out = hilum_rigid_to_parameters(hilum_rigid_from_parameters(in, centre), centre);
    assert_near(out.translation_mm, in.translation_mm, 1e-10);
    assert_near(out.rotation_rad, in.rotation_rad, 1e-12);
  }
  /* q and -q are one rotation */
  HilumRigid r = random_rigid(3), minus = r;
  minus.rotation = (HilumQuaternion){-r.rotation.w, -r.rotation.x, -r.rotation.y, -r.rotation.z};
  assert_near(hilum_rigid_to_parameters(minus, r.centre_mm).rotation_rad,
              hilum_rigid_to_parameters(r, r.centre_mm).rotation_rad, 1e-12);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/register/rigid/identity", test_identity);
  g_test_add_func("/register/rigid/by-hand", test_by_hand);
  g_test_add_func("/register/rigid/compose-and-invert", test_compose_and_invert);
  g_test_add_func("/register/rigid/parameters", test_parameters);
  return g_test_run();
}
