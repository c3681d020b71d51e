/* The small pictures of a study browser. */
#include "thumbnails.h"

#include "hilum/base/job.h"
#include "hilum/dicom/preview.h"

#include <glib/gi18n.h>

/* Pixels of a picture (twice the row's, for sharp screens), and how many are kept. */
enum { WIDTH = 128, HEIGHT = 108, KEPT = 512, AT_ONCE = 2 };

typedef struct {
  HilumStudyItem *item;
  GtkWidget *row;
} Wish;

typedef struct {
  HilumThumbnails *owner; /* NULL: nobody waits any more */
  HilumCatalog *catalog;
  HilumStudyItem *item;
  guint index;
  HilumJob *job;
} Request;

struct HilumThumbnails {
  HilumCatalog *catalog;
  GtkWidget *view;
  GCallback changed;
  gpointer data;
  GArray *wishes;      /* of Wish, the latest last */
  GPtrArray *requests; /* under way, borrowed */
  GQueue *kept;        /* items that have a picture, the latest first */
  guint look_id;
};

static void wish_clear(gpointer data)
{
  g_clear_object(&((Wish *)data)->item);
}

static bool is_seen(const HilumThumbnails *self, GtkWidget *row)
{
  graphene_rect_t bounds, view;
  if (!gtk_widget_get_mapped(row) || !gtk_widget_compute_bounds(row, self->view, &bounds)) return false;
  graphene_rect_init(&view, 0, 0, (float)gtk_widget_get_width(self->view),
                     (float)gtk_widget_get_height(self->view));
  return graphene_rect_intersection(&bounds, &view, NULL);
}

static bool is_under_way(const HilumThumbnails *self, HilumStudyItem *item)
{
  for (guint n = 0; n < self->requests->len; n++)
    if (((const Request *)self->requests->pdata[n])->item == item) return true;
  return false;
}

/* --- one picture --- */

static void request_free(gpointer data)
{
  Request *request = data;
  hilum_catalog_free(request->catalog);
  g_object_unref(request->item);
  g_free(request);
}

static gpointer make(gpointer data, const HilumProgress *progress, GError **error)
{
  const Request *request = data;
  return hilum_catalog_make_picture(request->catalog, request->index, WIDTH, HEIGHT, progress, error);
}

static GdkTexture *make_texture(const HilumSlicePicture *picture)
{
  const size_t n = (size_t)picture->width * (size_t)picture->height;
  guchar *rgb = g_malloc(3 * n);
  for (size_t i = 0; i < n; i++)
    rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = picture->grey[i];
  g_autoptr(GBytes) bytes = g_bytes_new_take(rgb, 3 * n);
  return gdk_memory_texture_new(picture->width, picture->height, GDK_MEMORY_R8G8B8, bytes,
                                3 * (gsize)picture->width);
}

/* Those not seen for the longest give theirs back. */
static void keep(HilumThumbnails *self, HilumStudyItem *item)
{
  g_queue_push_head(self->kept, g_object_ref(item));
  while (g_queue_get_length(self->kept) > KEPT) {
    g_autoptr(HilumStudyItem) oldest = g_queue_pop_tail(self->kept);
    hilum_study_item_set_picture(oldest, HILUM_PICTURE_UNKNOWN, NULL);
  }
}

static void made(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Request *request = user_data;
  HilumThumbnails *self = request->owner;
  g_autofree HilumSlicePicture *picture = result;
  if (!self) return;
  g_ptr_array_remove(self->requests, request);
  if (picture) {
    g_autoptr(GdkTexture) texture = make_texture(picture);
    hilum_study_item_set_picture(request->item, HILUM_PICTURE_SHOWN, texture);
    keep(self, request->item);
  } else /* the row says what is wrong with the volume, if anything is */
    hilum_study_item_set_picture(request->item, HILUM_PICTURE_NONE, NULL);
  hilum_thumbnails_look(self);
  if (self->changed) ((void (*)(gpointer))self->changed)(self->data);
}

static void start(HilumThumbnails *self, HilumStudyItem *item)
{
  Request *request = g_new0(Request, 1);
  request->owner = self;
  request->catalog = hilum_catalog_ref(self->catalog);
  request->item = g_object_ref(item);
  request->index = hilum_study_item_get_index(item);
  g_ptr_array_add(self->requests, request);
  request->job =
      hilum_job_start(_("Making a small picture"), make, request, request_free, g_free, made, request);
}

/* --- which one next --- */

static gboolean look(gpointer data)
{
  HilumThumbnails *self = data;
  self->look_id = 0;
  for (guint n = self->wishes->len; n-- > 0 && self->requests->len < AT_ONCE;) {
    const Wish *wish = &g_array_index(self->wishes, Wish, n);
    if (hilum_study_item_get_picture_state(wish->item) == HILUM_PICTURE_UNKNOWN &&
        !is_under_way(self, wish->item) && is_seen(self, wish->row))
      start(self, wish->item);
  }
  return G_SOURCE_REMOVE;
}

/* After the layout, which says where rows are. */
void hilum_thumbnails_look(HilumThumbnails *self)
{
  if (!self->look_id) self->look_id = g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, look, self, NULL);
}

void hilum_thumbnails_want(HilumThumbnails *self, HilumStudyItem *item, GtkWidget *row)
{
  hilum_thumbnails_leave(self, row);
  const Wish wish = {g_object_ref(item), row};
  g_array_append_val(self->wishes, wish);
  hilum_thumbnails_look(self);
}

void hilum_thumbnails_leave(HilumThumbnails *self, GtkWidget *row)
{
  for (guint n = self->wishes->len; n-- > 0;)
    if (g_array_index(self->wishes, Wish, n).row == row) g_array_remove_index(self->wishes, n);
}

guint hilum_thumbnails_count_waiting(HilumThumbnails *self)
{
  guint count = 0;
  for (guint n = 0; n < self->wishes->len; n++) {
    const Wish *wish = &g_array_index(self->wishes, Wish, n);
    count +=
        hilum_study_item_get_picture_state(wish->item) == HILUM_PICTURE_UNKNOWN && is_seen(self, wish->row);
  }
  return count;
}

/* --- life --- */

HilumThumbnails *hilum_thumbnails_new(HilumCatalog *catalog, GtkWidget *view, GCallback changed,
                                      gpointer data)
{
  HilumThumbnails *self = g_new0(HilumThumbnails, 1);
  self->catalog = hilum_catalog_ref(catalog);
  self->view = view;
  self->changed = changed;
  self->data = data;
  self->wishes = g_array_new(FALSE, FALSE, sizeof(Wish));
  g_array_set_clear_func(self->wishes, wish_clear);
  self->requests = g_ptr_array_new();
  self->kept = g_queue_new();
  return self;
}

void hilum_thumbnails_free(HilumThumbnails *self)
{
  if (!self) return;
  g_clear_handle_id(&self->look_id, g_source_remove);
  for (guint n = 0; n < self->requests->len; n++) {
    Request *request = self->requests->pdata[n];
    request->owner = NULL;
    hilum_job_cancel(request->job);
  }
  g_ptr_array_unref(self->requests);
  g_array_unref(self->wishes);
  g_queue_free_full(self->kept, g_object_unref);
  hilum_catalog_free(self->catalog);
  g_free(self);
}
