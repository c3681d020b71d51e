/* The loop over a row of n values in vectors of VALUES. It ends with a vector that reaches back over values
 * already done, so that exactly n are touched; rows shorter than a vector are left to `reference`, the entry
 * of the reference's table. `at` takes the arguments given and the index. Private to src/kernels. */
#pragma once

#define ROW_LOOP(reference, at, ...)                                                                         \
  if (VALUES > 1 && n < VALUES) {                                                                            \
    reference(__VA_ARGS__, n);                                                                               \
    return;                                                                                                  \
  }                                                                                                          \
  size_t i = 0;                                                                                              \
  for (; i + VALUES <= n; i += VALUES)                                                                       \
    at(__VA_ARGS__, i);                                                                                      \
  if (i < n) at(__VA_ARGS__, n - VALUES)
