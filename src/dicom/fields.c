/* The table of attributes that are read. */
#include "fields.h"

const HilumFieldInfo hilum_fields[HILUM_FIELD_COUNT] = {
#define HILUM_FIELD_ROW(name, group, element, vr, localised) {HILUM_TAG(group, element), #vr, localised},
    HILUM_FIELDS(HILUM_FIELD_ROW)
#undef HILUM_FIELD_ROW
};

int hilum_field_find(uint32_t tag)
{
  int low = 0, high = HILUM_FIELD_COUNT - 1;
  while (low <= high) {
    int middle = (low + high) / 2;
    if (hilum_fields[middle].tag == tag) return middle;
    if (hilum_fields[middle].tag < tag)
      low = middle + 1;
    else
      high = middle - 1;
  }
  return -1;
}
