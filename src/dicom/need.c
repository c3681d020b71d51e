/* How much memory a load takes, before anything is allocated for it. */
#include "need.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/dicom/error.h"

enum {
  /* No picture of a patient shrinks so far: a real slice of nothing but air takes a few hundred bytes for
   * half a megabyte of pixels. */
  MOST_COMPRESSION = 4096,
  COMPRESSED_FREE = 1 << 28 /* bytes of pixels below which nobody asks */
};

uint64_t hilum_record_scratch_bytes(const HilumRecord *r)
{
  uint64_t pixels = (uint64_t)MAX(r->rows, 0) * (uint64_t)MAX(r->columns, 0);
  uint64_t narrow = r->format.bits_allocated == 16 ? 0 : pixels;
  if (r->syntax->deflated) return 2 * (r->pixel_offset + r->pixel_length) + narrow;
  if (!r->encapsulated) return narrow;
  uint64_t compressed = 2 * MIN(r->pixel_length, r->file_size); /* joined, and as the decoder is handed it */
  /* OpenJPEG decodes to 32-bit samples, by way of another set of them. */
  return compressed + narrow + (r->syntax->coding == HILUM_CODING_JPEG2000 ? 8 * pixels : 0);
}

bool hilum_load_need(const HilumSeries *s, HilumLoadNeed *need)
{
  const HilumGrid *grid = &s->info.grid;
  const HilumStackPlan *plan = &s->plan;
  size_t voxels, slices = 0, all, bytes;
  *need = (HilumLoadNeed){.slice_voxels = 0};
  if (!hilum_size_mul3(grid->dims[0], grid->dims[1], grid->dims[2], &voxels) ||
      (plan->slices && !hilum_size_mul3((size_t)plan->columns, (size_t)plan->rows, plan->n, &slices)) ||
      !hilum_size_add(voxels, slices, &all) || !hilum_size_mul(all, sizeof(int16_t), &bytes) ||
      bytes > SIZE_MAX / 2)
    return false;
  need->slice_voxels = plan->slices ? slices : voxels;
  uint64_t scratch = 0;
  for (guint i = 0; i < s->records->len; i++) {
    const HilumRecord *r = g_ptr_array_index(s->records, i);
    scratch = MAX(scratch, hilum_record_scratch_bytes(r));
    need->compressed += r->encapsulated ? MIN(r->pixel_length, r->file_size) : 0;
    need->plain |= !r->encapsulated;
  }
  uint64_t workers = hilum_parallel_threads();
  need->pixels = bytes;
  need->bytes = bytes + workers * MIN(scratch, UINT32_MAX);
  return true;
}

bool hilum_load_check(const HilumSeries *s, HilumLoadNeed *need, GError **error)
{
  const int32_t *n = s->info.grid.dims;
  double budget = (double)hilum_memory_budget();
  if (!hilum_load_need(s, need)) {
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_UNSUPPORTED,
                "The volume of %d x %d x %d voxels is larger than any memory.", n[0], n[1], n[2]);
    return false;
  }
  if (!need->plain && need->pixels > COMPRESSED_FREE && need->pixels / MOST_COMPRESSION > need->compressed) {
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ,
                "The files promise %d x %d x %d voxels and hold only %.1f KiB of compressed pixels: they are "
                "damaged.",
                n[0], n[1], n[2], (double)need->compressed / 0x1p10);
    return false;
  }
  if ((double)need->bytes > budget) {
    g_set_error(
        error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_UNSUPPORTED,
        "The volume of %d x %d x %d voxels needs %.1f GiB of memory, more than this computer can spare "
        "(%.1f GiB).",
        n[0], n[1], n[2], (double)need->bytes / 0x1p30, budget / 0x1p30);
    return false;
  }
  return true;
}
