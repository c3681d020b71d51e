/* The loop over a row of n values in vectors of VALUES. It ends with a vector that reaches back over values
 * already done, so that exactly n are touched; rows shorter than a vector are left to the reference: false.
 * `at` takes the arguments given and the index. Private to src/kernels. */
#pragma once

#define ROW_LOOP(at, ...)                                                                                    \
  if (n < VALUES) return false;                                                                              \
  size_t i = 0;                                                                                              \
  for (; i + VALUES <= n; i += VALUES)                                                                       \
    at(__VA_ARGS__, i);                                                                                      \
  if (i < n) at(__VA_ARGS__, n - VALUES);                                                                    \
  return true
