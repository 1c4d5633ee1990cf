#define _GNU_SOURCE
#include "cpu.h"
#ifdef __linux__
#include <sched.h>
#endif

int ccpu_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return 2;
  if (__builtin_cpu_supports("x86-64-v3")) return 1;
#endif
  return 0;
}

int ccpu_affinity(uint64_t *words, ptrdiff_t count) {
#ifdef __linux__
  return sched_getaffinity(0, (size_t)count * sizeof *words, (cpu_set_t *)words) < 0 ? -1 : 0;
#else
  (void)words, (void)count;
  return -1;
#endif
}
