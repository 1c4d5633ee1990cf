#pragma once
// Functions of the C library in double, for oracles: by the compiler's names, so that no header of a platform is needed.
#define CLIBM(NAME) static inline double clibm_##NAME(double x) { return __builtin_##NAME(x); }
CLIBM(exp)
CLIBM(expm1)
CLIBM(log)
CLIBM(log1p)
CLIBM(sin)
CLIBM(cos)
CLIBM(tanh)
CLIBM(erf)
CLIBM(erfc)
static inline float clibm_powf(float a, float b) { return __builtin_powf(a, b); }
