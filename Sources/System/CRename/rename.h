// renameat2(2): the C library hides it from Swift behind _GNU_SOURCE.
#pragma once

#ifdef __linux__
extern int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned int flags);

enum {
  CRENAME_NOREPLACE = 1 << 0,
  CRENAME_EXCHANGE = 1 << 1,
};
#endif
