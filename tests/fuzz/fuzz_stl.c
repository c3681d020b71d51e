/* STL, binary and text. */
#include "fuzz.h"

#include "hilum/exchange/stl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *path = fuzz_write("model.stl", data, size);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) mesh = hilum_stl_read(path, NULL, &error);
  fuzz_expect(mesh != NULL, error);
  return 0;
}
