/* Kernels: numeric inner loops over plain arrays. Each kernel header declares a table of function pointers
 * and an init that fills it with the C reference and then lets the variants of hilum_cpu_flags() overwrite
 * entries. The contract (bit-exact or bounded) stands with each entry. libc only; no allocation; any thread.
 */
#pragma once
