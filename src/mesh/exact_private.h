/* Signs of determinants of float coordinates, exact: -1, 0, 1. A double with an error bound decides nearly
 * always; else the determinant is summed without rounding (Shewchuk 1997). Exponents of millimetres can
 * neither overflow nor vanish. */
#pragma once

/* The volume spanned by a - d, b - d, c - d. */
int hilum_orient3(const float *a, const float *b, const float *c, const float *d);
/* The area of a, b, c in the plane that is left when axis `drop` is. */
int hilum_orient2(const float *a, const float *b, const float *c, int drop);
