/* The protocols that come with the program, packed into the library. */
#include "hilum/segment/protocol.h"

#include "hilum/segment/error.h"
#include "protocols_resource.h"

#define PREFIX "/org/hilum/protocols/"

static const char *const ids[] = {"ct-three-phases", "ct-two-phases", "ct-one-phase", "mr", NULL};

const char *const *hilum_protocol_list_builtin(void)
{
  return ids;
}

HilumProtocol *hilum_protocol_load_builtin(const char *id, GError **error)
{
  g_return_val_if_fail(id != NULL, NULL);
  if (!g_strv_contains(ids, id)) {
    g_autofree char *known = g_strjoinv(", ", (char **)ids);
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                "There is no protocol called “%s”; those that come with Hilum are %s.", id, known);
    return NULL;
  }
  static gsize registered;
  if (g_once_init_enter(&registered)) {
    hilum_protocols_register_resource();
    g_once_init_leave(&registered, 1);
  }
  g_autofree char *path = g_strdup_printf(PREFIX "%s.protocol", id);
  g_autoptr(GBytes) bytes = g_resources_lookup_data(path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  if (bytes == NULL) return NULL;
  gsize length;
  const char *data = g_bytes_get_data(bytes, &length);
  return hilum_protocol_new_from_data(data, length, error);
}
