/* One cell of a label map cut into its labels: the generalized marching cubes of joint surfaces. Pure; any
 * thread. The rules and why they fit from cell to cell: joint_cell.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Vertices of a cell: 0..15 the edge slots of the marching-cubes table (HILUM_MC_X00 ...), then the middles
 * of its faces (face = 2 * axis + side), then the apexes inside it. */
enum { HILUM_CELL_FACE = 16, HILUM_CELL_APEX = 22, HILUM_CELL_MAX_APEXES = 8, HILUM_CELL_MAX_TRIANGLES = 64 };

typedef struct {
  uint8_t corner[3];       /* counter-clockwise seen from `outside` */
  uint8_t inside, outside; /* labels; inside is the lower one that is not 0 */
} HilumCellTriangle;

typedef struct {
  int n_triangles, n_apexes;
  HilumCellTriangle triangle[HILUM_CELL_MAX_TRIANGLES];
  /* An apex lies in the mean of the vertices in its set (bit per vertex), or half way between that and an
   * earlier apex (towards; -1: none). */
  uint32_t members[HILUM_CELL_MAX_APEXES];
  int8_t towards[HILUM_CELL_MAX_APEXES];
} HilumCell;

/* Corner c of the labels is the point (c & 1, c >> 1 & 1, c >> 2). */
void hilum_cell_build(const uint8_t labels[8], HilumCell *cell);

/* Which of two different labels a boundary between them has inside, and which is joined where both lie on
 * diagonals of one face: the lower one, but never 0, the outside. */
static inline bool hilum_label_wins(uint8_t a, uint8_t b)
{
  return (uint8_t)(a - 1) < (uint8_t)(b - 1);
}

/* True if the boundaries on a face with these labels (in cyclic order) meet in its middle: three or four
 * labels, none of them on both ends of a diagonal. */
static inline bool hilum_face_has_middle(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
  return a != c && b != d && (a != b) + (b != c) + (c != d) + (d != a) > 2;
}
