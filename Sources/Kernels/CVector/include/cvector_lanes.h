#pragma once
// More single operations on vectors of floats, under the rules of cvector.h: comparison and selection, rounding, bits of floats, lanes.
#include <stdint.h>
#include "cvector.h"

#define CVECTOR_INLINE static inline __attribute__((always_inline))

#define CVECTOR_LANE_OPS(N)                                                                                          \
    typedef int32_t cv##N##i __attribute__((ext_vector_type(N)));                                                    \
    typedef uint8_t cv##N##b __attribute__((ext_vector_type(N)));                                                    \
    CVECTOR_INLINE cv##N cv##N##_div(cv##N a, cv##N b) { return a / b; }                                             \
    /* NaN if a is NaN, like x86; use _maximum where NaN must come through from both sides. */                       \
    CVECTOR_INLINE cv##N cv##N##_min(cv##N a, cv##N b) { return a < b ? a : b; }                                     \
    /* NaN if either is NaN. */                                                                                      \
    CVECTOR_INLINE cv##N cv##N##_maximum(cv##N a, cv##N b) { return ((a > b) | (a != a)) ? a : b; }                    \
    CVECTOR_INLINE cv##N cv##N##_minimum(cv##N a, cv##N b) { return ((a < b) | (a != a)) ? a : b; }                    \
    CVECTOR_INLINE cv##N cv##N##_abs(cv##N a) { return (cv##N)((cv##N##i)a & 0x7fffffff); }                          \
    CVECTOR_INLINE cv##N cv##N##_neg(cv##N a) { return (cv##N)((cv##N##i)a ^ (int32_t)0x80000000); }                 \
    CVECTOR_INLINE cv##N cv##N##_copysign(cv##N a, cv##N s) {                                                        \
        return (cv##N)(((cv##N##i)a & 0x7fffffff) | ((cv##N##i)s & (int32_t)0x80000000));                            \
    }                                                                                                                \
    CVECTOR_INLINE cv##N cv##N##_floor(cv##N a) { return __builtin_elementwise_floor(a); }                           \
    CVECTOR_INLINE cv##N cv##N##_ceil(cv##N a) { return __builtin_elementwise_ceil(a); }                             \
    /* Halves to the even number: the rounding mode is never changed. */                                            \
    CVECTOR_INLINE cv##N cv##N##_roundeven(cv##N a) { return __builtin_elementwise_rint(a); }                   \
    /* Lane by lane: a < b ? x : y; a == b ? x : y; NaN makes both false. */                                         \
    CVECTOR_INLINE cv##N cv##N##_less(cv##N a, cv##N b, cv##N x, cv##N y) { return a < b ? x : y; }                  \
    CVECTOR_INLINE cv##N cv##N##_equal(cv##N a, cv##N b, cv##N x, cv##N y) { return a == b ? x : y; }                \
    /* a > b or only a is NaN: x, else y. */                                                                         \
    CVECTOR_INLINE cv##N cv##N##_exceeds(cv##N a, cv##N b, cv##N x, cv##N y) {                                       \
        return ((a > b) | ((a != a) & (b == b))) ? x : y;                                                            \
    }                                                                                                                \
    /* Of whole numbers 0...255. */                                                                                  \
    CVECTOR_INLINE cv##N##b cv##N##_bytes(cv##N a) { return __builtin_convertvector(a, cv##N##b); }                  \
    /* 2 to the power n; n whole, -126...127. */                                                                     \
    CVECTOR_INLINE cv##N cv##N##_exp2i(cv##N n) { return (cv##N)((__builtin_convertvector(n, cv##N##i) + 127) << 23); } \
    /* 2 to the power n, from n + 127 + 1.5 * 2^23; n whole, -126...127. */                                          \
    CVECTOR_INLINE cv##N cv##N##_exp2shifted(cv##N t) { return (cv##N)((cv##N##i)t << 23); }                         \
    /* a times 2 to the power n, from n + 1.5 * 2^23; n whole, a and the result normal. */                           \
    CVECTOR_INLINE cv##N cv##N##_scaledByShifted(cv##N a, cv##N t) { return (cv##N)((cv##N##i)a + ((cv##N##i)t << 23)); } \
    /* Of a normal number above 0: the exponent, and the number scaled into 1 ..< 2. */                              \
    CVECTOR_INLINE cv##N cv##N##_exponent(cv##N a) { return __builtin_convertvector(((cv##N##i)a >> 23) - 127, cv##N); } \
    CVECTOR_INLINE cv##N cv##N##_significand(cv##N a) { return (cv##N)(((cv##N##i)a & 0x007fffff) | 0x3f800000); }
CVECTOR_LANE_OPS(4)
CVECTOR_LANE_OPS(8)
CVECTOR_LANE_OPS(16)

// _swapD: lane i gets lane i ^ D. _zipLow, _zipHigh: lanes of a and b in turn, from their lower or upper halves. _reverse: last lane first.
#define CVECTOR_SHUFFLE(N, NAME, ...) CVECTOR_INLINE cv##N cv##N##_##NAME(cv##N a) { return __builtin_shufflevector(a, a, __VA_ARGS__); }
#define CVECTOR_SHUFFLE2(N, NAME, ...) CVECTOR_INLINE cv##N cv##N##_##NAME(cv##N a, cv##N b) { return __builtin_shufflevector(a, b, __VA_ARGS__); }
CVECTOR_SHUFFLE(4, swap1, 1, 0, 3, 2)
CVECTOR_SHUFFLE(4, swap2, 2, 3, 0, 1)
CVECTOR_SHUFFLE(4, reverse, 3, 2, 1, 0)
CVECTOR_SHUFFLE2(4, zipLow, 0, 4, 1, 5)
CVECTOR_SHUFFLE2(4, zipHigh, 2, 6, 3, 7)
CVECTOR_SHUFFLE(8, swap1, 1, 0, 3, 2, 5, 4, 7, 6)
CVECTOR_SHUFFLE(8, swap2, 2, 3, 0, 1, 6, 7, 4, 5)
CVECTOR_SHUFFLE(8, swap4, 4, 5, 6, 7, 0, 1, 2, 3)
CVECTOR_SHUFFLE(8, reverse, 7, 6, 5, 4, 3, 2, 1, 0)
CVECTOR_SHUFFLE2(8, zipLow, 0, 8, 1, 9, 2, 10, 3, 11)
CVECTOR_SHUFFLE2(8, zipHigh, 4, 12, 5, 13, 6, 14, 7, 15)
CVECTOR_SHUFFLE(16, swap1, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
CVECTOR_SHUFFLE(16, swap2, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
CVECTOR_SHUFFLE(16, swap4, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)
CVECTOR_SHUFFLE(16, swap8, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
CVECTOR_SHUFFLE(16, reverse, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
CVECTOR_SHUFFLE2(16, zipLow, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
CVECTOR_SHUFFLE2(16, zipHigh, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

// 0, 1, 2...
CVECTOR_INLINE cv4 cv4_laneNumbers(void) { return (cv4){0, 1, 2, 3}; }
CVECTOR_INLINE cv8 cv8_laneNumbers(void) { return (cv8){0, 1, 2, 3, 4, 5, 6, 7}; }
CVECTOR_INLINE cv16 cv16_laneNumbers(void) { return (cv16){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; }

// Stores that leave no line in the caches, and read none to complete it: whole lines of memory, one after the other. Aligned to the vector.
CVECTOR_INLINE void cv4_stream(cv4 a, void *p) { __builtin_nontemporal_store(a, (cv4 *)p); }
CVECTOR_INLINE void cv8_stream(cv8 a, void *p) { __builtin_nontemporal_store(a, (cv8 *)p); }
CVECTOR_INLINE void cv16_stream(cv16 a, void *p) { __builtin_nontemporal_store(a, (cv16 *)p); }

// Functions of the C library, for what is too rare for vector code.
CVECTOR_INLINE float cv_pow(float a, float b) { return __builtin_powf(a, b); }
CVECTOR_INLINE float cv_sin(float a) { return __builtin_sinf(a); }
CVECTOR_INLINE float cv_cos(float a) { return __builtin_cosf(a); }
