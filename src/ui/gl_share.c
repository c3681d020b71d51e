/* What the GtkGLAreas of one window share on the GPU. */
#include "gl_share.h"

struct HilumGlShare {
  int references, users;
  HilumGpu *gpu;
  GError *failure;
};

HilumGlShare *hilum_gl_share_new(void)
{
  HilumGlShare *share = g_new0(HilumGlShare, 1);
  share->references = 1;
  return share;
}

HilumGlShare *hilum_gl_share_ref(HilumGlShare *share)
{
  share->references++;
  return share;
}

void hilum_gl_share_unref(HilumGlShare *share)
{
  if (--share->references > 0) return;
  g_clear_error(&share->failure);
  g_free(share);
}

void hilum_gl_share_attach(HilumGlShare *share)
{
  share->users++;
}

void hilum_gl_share_detach(HilumGlShare *share)
{
  if (--share->users == 0) g_clear_pointer(&share->gpu, hilum_gpu_free);
}

HilumGpu *hilum_gl_share_get(HilumGlShare *share, GError **error)
{
  if (!share->gpu && !share->failure) share->gpu = hilum_gpu_new(&share->failure);
  if (!share->gpu && error) *error = g_error_copy(share->failure);
  return share->gpu;
}

HilumGpu *hilum_gl_share_peek(HilumGlShare *share)
{
  return share->gpu;
}
