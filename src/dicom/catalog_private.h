/* The inside of a catalog, for loading. */
#pragma once

#include "series.h"

const HilumSeries *hilum_catalog_get_volume(const HilumCatalog *catalog, size_t index);
