/* hilum-bench: segmentation. */
#include "bench.h"

const BenchOp bench_segment_ops[] = {{NULL, NULL, NULL, NULL, NULL}};
