// mallopt(3) and malloc_trim(3): the Swift module of glibc leaves them out, other C libraries do not have them.
#pragma once

#if __has_include(<gnu/libc-version.h>)
#include <malloc.h>
#endif
