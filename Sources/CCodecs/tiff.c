// TIFF by libtiff. Up to 8 bits a sample, and everything that is not plain grey or colour, go through libtiff's own
// conversion to RGBA; 10 to 16 bits read as grey keep their depth, the highest bit on top. Only the first picture of a
// file is read. Errors come back by libtiff's handlers of one file (since 4.5): the process-wide ones stay untouched.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

#include "header.h"

static const int64_t most_tile_bytes = INT64_C(1) << 30;

/// A file in memory and what libtiff said about it.
typedef struct Stream {
  const uint8_t *data;
  uint64_t size, position;
  cc_sink *sink;  // when writing
  char text[160];
} Stream;

static tmsize_t read_bytes(thandle_t handle, void *buffer, tmsize_t count) {
  Stream *const stream = handle;
  const uint8_t *const data = stream->sink != NULL ? stream->sink->bytes.data : stream->data;
  const uint64_t size = stream->sink != NULL ? stream->sink->bytes.count : stream->size;
  if (count < 0 || stream->position >= size) return 0;
  const uint64_t left = size - stream->position;
  if ((uint64_t)count > left) count = (tmsize_t)left;
  memcpy(buffer, data + stream->position, (size_t)count);
  stream->position += (uint64_t)count;
  return count;
}

static tmsize_t write_bytes(thandle_t handle, void *buffer, tmsize_t count) {
  Stream *const stream = handle;
  if (stream->sink == NULL || count < 0) return -1;
  stream->sink->position = (size_t)stream->position;
  cc_write(stream->sink, buffer, (size_t)count);
  stream->position += (uint64_t)count;
  return stream->sink->failed ? -1 : count;
}

static toff_t size_of(thandle_t handle) {
  const Stream *const stream = handle;
  return stream->sink != NULL ? stream->sink->bytes.count : stream->size;
}

static toff_t seek(thandle_t handle, toff_t offset, int whence) {
  Stream *const stream = handle;
  if (whence == SEEK_CUR) offset += stream->position;
  if (whence == SEEK_END) offset += size_of(handle);
  stream->position = offset;
  return offset;
}

static int close_nothing(thandle_t handle) {
  (void)handle;
  return 0;
}

/// Keeps the first error. Not 0: the process-wide handler is not asked.
static int note_error(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)module;
  Stream *const stream = user;
  if (stream->text[0] == 0) vsnprintf(stream->text, sizeof stream->text, format, arguments);
  return 1;
}

static int ignore_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)user;
  (void)module;
  (void)format;
  (void)arguments;
  return 1;
}

static TIFF *open_stream(Stream *stream, const char *mode) {
  TIFFOpenOptions *const options = TIFFOpenOptionsAlloc();
  if (options == NULL) return NULL;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, most_tile_bytes * 4);
  TIFFOpenOptionsSetErrorHandlerExtR(options, note_error, stream);
  TIFFOpenOptionsSetWarningHandlerExtR(options, ignore_warning, stream);
  TIFF *const tiff = TIFFClientOpenExt(
      "", mode, stream, read_bytes, write_bytes, seek, close_nothing, size_of, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  return tiff;
}

/// How the samples are stored.
typedef struct Layout {
  uint32_t width, height, tile_width, tile_height;  // a strip is a tile of the picture's width
  uint16_t bits, samples, photometric, format, planes, orientation;
  bool is_tiled;
} Layout;

static bool read_layout(TIFF *tiff, Layout *layout) {
  if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &layout->width) ||
      !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &layout->height) ||
      !TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &layout->photometric)) {
    return false;
  }
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &layout->bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &layout->samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &layout->format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &layout->planes);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &layout->orientation);
  layout->is_tiled = TIFFIsTiled(tiff) != 0;
  layout->tile_width = layout->width;
  if (layout->is_tiled) {
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &layout->tile_width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &layout->tile_height);
  } else {
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &layout->tile_height);
  }
  if (layout->tile_height > layout->height && !layout->is_tiled) layout->tile_height = layout->height;
  return layout->tile_width > 0 && layout->tile_height > 0 &&
         (int64_t)layout->tile_width * layout->tile_height < most_tile_bytes;
}

/// Any kind that libtiff converts, by bands of whole tiles or strips.
static cc_status read_converted(
    TIFF *tiff, const Layout *layout, const cc_source *source, Stream *stream, cc_image *image) {
  char refusal[1024] = "";
  if (!TIFFRGBAImageOK(tiff, refusal)) return CC_FAIL(source, CC_UNSUPPORTED, "%s", refusal);
  const cc_status status = cc_allocate(source, layout->width, layout->height, 1, image);
  if (status != CC_OK) return status;
  TIFFRGBAImage conversion;
  if (!TIFFRGBAImageBegin(&conversion, tiff, 1, refusal)) {
    return CC_FAIL(source, CC_CANNOT_DECODE, "the TIFF data are damaged: %s", refusal);
  }
  // As stored, whatever the orientation: cc_turn_upright turns all eight.
  conversion.orientation = conversion.req_orientation = ORIENTATION_TOPLEFT;
  uint32_t *const band = calloc((size_t)layout->width * layout->tile_height, sizeof *band);
  bool is_good = band != NULL;
  for (uint32_t y = 0; is_good && y < layout->height; y += layout->tile_height) {
    const uint32_t left = layout->height - y, rows = left < layout->tile_height ? left : layout->tile_height;
    conversion.row_offset = (int)y;
    conversion.col_offset = 0;
    is_good = TIFFRGBAImageGet(&conversion, band, layout->width, rows) != 0;
    uint8_t *out = cc_row(image, y);
    for (size_t index = 0; is_good && index < (size_t)rows * layout->width; index++) {
      out = cc_put(out, source->gray, TIFFGetR(band[index]), TIFFGetG(band[index]), TIFFGetB(band[index]));
    }
  }
  free(band);
  TIFFRGBAImageEnd(&conversion);
  if (band == NULL) return CC_FAIL(source, CC_OUT_OF_MEMORY, "no memory for a strip");
  return is_good ? CC_OK : CC_FAIL(source, CC_CANNOT_DECODE, "the TIFF data are damaged: %s", stream->text);
}

/// One row of `count` packed samples, the highest bit first; those of 16 bits are in native order already.
static void unpack(const uint8_t *packed, unsigned bits, size_t count, uint16_t *samples) {
  if (bits == 16) {
    memcpy(samples, packed, count * 2);
    return;
  }
  uint32_t pending = 0;
  unsigned held = 0;
  for (size_t index = 0; index < count; index++) {
    while (held < bits) {
      pending = pending << 8 | *packed++;
      held += 8;
    }
    held -= bits;
    samples[index] = (uint16_t)(pending >> held & ((1u << bits) - 1));
  }
}

/// 10 to 16 bits as grey of 16 bits, tile by tile.
static cc_status read_deep(TIFF *tiff, const Layout *layout, const cc_source *source, Stream *stream, cc_image *image) {
  const cc_status status = cc_allocate(source, layout->width, layout->height, 2, image);
  if (status != CC_OK) return status;
  const size_t count = (size_t)layout->tile_width * layout->samples;
  const size_t row_bytes = (count * layout->bits + 7) / 8;
  uint8_t *const tile = calloc(layout->tile_height, row_bytes);
  uint16_t *const samples = malloc(count * sizeof *samples);
  bool is_good = tile != NULL && samples != NULL;
  uint32_t number = 0;
  for (uint32_t top = 0; is_good && top < layout->height; top += layout->tile_height) {
    for (uint32_t left = 0; is_good && left < layout->width; left += layout->tile_width, number++) {
      const tmsize_t bytes = (tmsize_t)(row_bytes * layout->tile_height);
      is_good = (layout->is_tiled ? TIFFReadEncodedTile(tiff, number, tile, bytes)
                                  : TIFFReadEncodedStrip(tiff, number, tile, bytes)) >= 0;
      for (uint32_t y = 0; is_good && y < layout->tile_height && top + y < layout->height; y++) {
        unpack(tile + y * row_bytes, layout->bits, count, samples);
        uint16_t *const out = (uint16_t *)(void *)cc_row(image, top + y) + left;
        for (uint32_t x = 0; x < layout->tile_width && left + x < layout->width; x++) {
          const uint16_t *const color = samples + (size_t)x * layout->samples;
          const unsigned value = layout->samples == 1 ? color[0] : cc_luma(color[0], color[1], color[2]);
          out[x] = (uint16_t)(value << (16 - layout->bits));
        }
      }
    }
  }
  free(samples);
  free(tile);
  if (tile == NULL || samples == NULL) return CC_FAIL(source, CC_OUT_OF_MEMORY, "no memory for a strip");
  return is_good ? CC_OK : CC_FAIL(source, CC_CANNOT_DECODE, "the TIFF data are damaged: %s", stream->text);
}

static cc_status read_picture(TIFF *tiff, const cc_source *source, Stream *stream, cc_image *image) {
  Layout layout = {.format = SAMPLEFORMAT_UINT};
  if (!read_layout(tiff, &layout)) return CC_FAIL(source, CC_CANNOT_DECODE, "the TIFF data are damaged: no size");
  if (layout.format != SAMPLEFORMAT_UINT && layout.format != SAMPLEFORMAT_VOID) {
    return CC_FAIL(
        source, CC_UNSUPPORTED, "its values are %s; only unsigned 8 and 16 bits are read",
        layout.format == SAMPLEFORMAT_INT ? "signed" : "floating point");
  }
  if (layout.bits > 16) {
    return CC_FAIL(source, CC_UNSUPPORTED, "its values have %u bits; at most 16 are read", (unsigned)layout.bits);
  }
  const bool is_plain = layout.photometric <= PHOTOMETRIC_RGB &&
                        (layout.samples == 1 || layout.samples == 3 || layout.samples == 4);
  cc_status status;
  if (source->gray && layout.bits >= 10 && is_plain) {
    if (layout.samples > 1 && layout.planes != PLANARCONFIG_CONTIG) {
      return CC_FAIL(source, CC_UNSUPPORTED, "its channels of %u bits lie in planes", (unsigned)layout.bits);
    }
    status = read_deep(tiff, &layout, source, stream, image);
  } else {
    status = read_converted(tiff, &layout, source, stream, image);
  }
  if (status == CC_OK && !cc_turn_upright(image, layout.orientation)) {
    status = CC_FAIL(source, CC_OUT_OF_MEMORY, "no memory to turn the picture upright");
  }
  return status;
}

cc_status cc_decode_tiff(const cc_source *source, cc_image *image) {
  Stream stream = {source->data, source->size, 0, NULL, ""};
  TIFF *const tiff = open_stream(&stream, "r");
  if (tiff == NULL) return CC_FAIL(source, CC_CANNOT_DECODE, "the TIFF data are damaged: %s", stream.text);
  const cc_status status = read_picture(tiff, source, &stream, image);
  TIFFClose(tiff);
  return status;
}

/// LZW over horizontal differences, strips of 8 KB.
static bool write_picture(TIFF *tiff, const cc_image *image, uint8_t *row) {
  const int bits = image->bytes_per_value * 8;
  const size_t row_bytes = (size_t)image->width * (size_t)image->channels * (size_t)image->bytes_per_value;
  const size_t fitting = 8192 / row_bytes;
  const uint32_t rows = fitting < 1 ? 1 : fitting > (size_t)image->height ? (uint32_t)image->height : (uint32_t)fitting;
  bool is_good =
      TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, image->width) && TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, image->height) &&
      TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, bits) && TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW) &&
      TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, image->channels == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB) &&
      TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, image->channels) &&
      TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) &&
      TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, rows) &&
      TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT) &&
      TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
  for (int32_t y = 0; is_good && y < image->height; y++) {
    memcpy(row, cc_row(image, y), row_bytes);
    for (size_t at = 0; image->channels == 3 && at < row_bytes; at += 3) {
      const uint8_t blue = row[at];
      row[at] = row[at + 2];
      row[at + 2] = blue;
    }
    is_good = TIFFWriteScanline(tiff, row, (uint32_t)y, 0) == 1;  // which changes the row
  }
  return is_good && TIFFWriteDirectory(tiff);
}

cc_status cc_encode_tiff(const cc_target *target, cc_sink *sink) {
  const cc_image *const image = target->image;
  if (image->channels == 3 && image->bytes_per_value == 2) {
    return CC_FAIL(target, CC_CANNOT_ENCODE, "colour has 8 bits");
  }
  uint8_t *const row = malloc((size_t)image->width * (size_t)image->channels * (size_t)image->bytes_per_value);
  Stream stream = {NULL, 0, 0, sink, ""};
  TIFF *const tiff = row == NULL ? NULL : open_stream(&stream, "w");
  const bool is_good = tiff != NULL && write_picture(tiff, image, row);
  if (tiff != NULL) TIFFClose(tiff);
  free(row);
  return is_good ? CC_OK : CC_FAIL(target, CC_CANNOT_ENCODE, "TIFF: %s", stream.text);
}
