// libpng, and one call that writes a picture: libpng reports errors by longjmp, which must not cross Swift.
#pragma once

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  unsigned char *bytes;
  size_t count, room;
  char message[128];
} cpng_output;

static inline void cpng_append(png_structp png, png_bytep bytes, size_t count) {
  cpng_output *output = (cpng_output *)png_get_io_ptr(png);
  if (output->count + count > output->room) {
    size_t room = (output->count + count) * 2;
    unsigned char *larger = (unsigned char *)realloc(output->bytes, room);
    if (!larger) png_error(png, "out of memory");
    output->bytes = larger;
    output->room = room;
  }
  memcpy(output->bytes + output->count, bytes, count);
  output->count += count;
}

static inline void cpng_flush(png_structp png) { (void)png; }

static inline void cpng_error(png_structp png, png_const_charp text) {
  cpng_output *output = (cpng_output *)png_get_error_ptr(png);
  strncpy(output->message, text, sizeof output->message - 1);
  png_longjmp(png, 1);
}

static inline void cpng_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

// Rows of `stride` bytes, the first on top. Keys and texts: Latin-1, at most 79 bytes a key. 0 is success; `output` is the caller's to free.
static inline int cpng_write(
    const unsigned char *rows, size_t stride, unsigned width, unsigned height, int bits, int color, int filtered, int level,
    const char *const *keys, const char *const *texts, int count, cpng_output *output) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, output, cpng_error, cpng_warning);
  if (!png) return 1;
  png_infop info = png_create_info_struct(png);
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    return 1;
  }
  png_set_write_fn(png, output, cpng_append, cpng_flush);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, filtered ? PNG_ALL_FILTERS : PNG_FILTER_NONE);
  png_set_compression_level(png, level);
  png_set_compression_strategy(png, filtered ? 1 : 0);
  png_set_IHDR(png, info, width, height, bits, color, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  for (int i = 0; i < count; i++) {
    png_text text;
    memset(&text, 0, sizeof text);
    text.compression = PNG_TEXT_COMPRESSION_NONE;
    text.key = (png_charp)keys[i];
    text.text = (png_charp)texts[i];
    text.text_length = strlen(texts[i]);
    png_set_text(png, info, &text, 1);
  }
  png_write_info(png, info);
  for (unsigned y = 0; y < height; y++) png_write_row(png, rows + y * stride);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return 0;
}
