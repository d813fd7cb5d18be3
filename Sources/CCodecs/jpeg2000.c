// JPEG 2000 by OpenJPEG: JP2 files and bare code streams of 8 to 16 bits, grey, RGB or sYCC, with or without alpha.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openjpeg.h>

#include "codec.h"

typedef struct Stream {
  const uint8_t *data;
  size_t size, position;
  char text[128];
} Stream;

static OPJ_SIZE_T read_bytes(void *buffer, OPJ_SIZE_T count, void *user) {
  Stream *const stream = user;
  const size_t left = stream->size - stream->position;
  if (left == 0) return (OPJ_SIZE_T)-1;
  if (count > left) count = left;
  memcpy(buffer, stream->data + stream->position, count);
  stream->position += count;
  return count;
}

static OPJ_OFF_T skip_bytes(OPJ_OFF_T count, void *user) {
  Stream *const stream = user;
  const size_t left = stream->size - stream->position;
  if (count < 0 || left == 0) return -1;
  if ((size_t)count > left) count = (OPJ_OFF_T)left;
  stream->position += (size_t)count;
  return count;
}

static OPJ_BOOL seek(OPJ_OFF_T position, void *user) {
  Stream *const stream = user;
  if (position < 0) return OPJ_FALSE;
  stream->position = (size_t)position < stream->size ? (size_t)position : stream->size;
  return OPJ_TRUE;
}

static void note_error(const char *text, void *user) {
  Stream *const stream = user;
  if (stream->text[0] == 0) snprintf(stream->text, sizeof stream->text, "%s", text);
}

static void ignore(const char *text, void *user) {
  (void)text;
  (void)user;
}

/// The components as grey or blue, green, red.
static cc_status convert(const cc_source *source, const opj_image_t *picture, cc_image *image) {
  unsigned precision = 0;
  for (OPJ_UINT32 index = 0; index < picture->numcomps; index++) {
    const opj_image_comp_t *const component = &picture->comps[index];
    if (component->sgnd || component->prec > 16) {
      return CC_FAIL(source, CC_UNSUPPORTED, "its values are signed or of more than 16 bits");
    }
    if (component->dx != 1 || component->dy != 1 || component->w != picture->comps[0].w ||
        component->h != picture->comps[0].h || component->data == NULL) {
      return CC_FAIL(source, CC_UNSUPPORTED, "its channels differ in size");
    }
    if (component->prec > precision) precision = component->prec;
  }
  const OPJ_COLOR_SPACE space = picture->color_space;
  if (picture->numcomps < 1 || picture->numcomps > 4 || precision < 8 || space == OPJ_CLRSPC_CMYK ||
      space == OPJ_CLRSPC_EYCC) {
    return CC_FAIL(source, CC_UNSUPPORTED, "its colours or depth are not read");
  }
  const bool is_deep = precision > 8 && source->gray;
  const unsigned shift = precision > 8 && !source->gray ? precision - 8 : 0;
  const cc_status status =
      cc_allocate(source, picture->comps[0].w, picture->comps[0].h, is_deep ? 2 : 1, image);
  if (status != CC_OK) return status;
  // sYCC has brightness first; grey and its alpha are one or two components.
  const bool is_gray = picture->numcomps < 3 || space == OPJ_CLRSPC_GRAY;
  const bool is_sycc = space == OPJ_CLRSPC_SYCC && !is_gray;
  const OPJ_INT32 *const first = picture->comps[0].data;
  const OPJ_INT32 *const second = is_gray ? first : picture->comps[1].data;
  const OPJ_INT32 *const third = is_gray ? first : picture->comps[2].data;
  uint8_t *out = image->pixels;
  const size_t count = (size_t)image->width * (size_t)image->height;
  for (size_t index = 0; index < count; index++) {
    unsigned a = (unsigned)first[index] >> shift;
    unsigned b = (unsigned)second[index] >> shift, c = (unsigned)third[index] >> shift;
    if (is_deep) {
      ((uint16_t *)image->pixels)[index] = (uint16_t)(is_gray || is_sycc ? a : cc_fine_luma(a, b, c));
    } else if (source->gray) {
      *out++ = (uint8_t)(is_gray || is_sycc ? a : cc_fine_luma(a, b, c));
    } else {
      if (is_sycc) {
        // IEC 61966-2-1 annex F: as in JPEG.
        const float y = (float)a, blue = (float)b - 128, red = (float)c - 128;
        const float channels[3] = {y + 1.402f * red, y - 0.344136f * blue - 0.714136f * red, y + 1.772f * blue};
        unsigned *const targets[3] = {&a, &b, &c};
        for (int k = 0; k < 3; k++) {
          *targets[k] = channels[k] < 0 ? 0 : channels[k] > 255 ? 255 : (unsigned)(channels[k] + 0.5f);
        }
      }
      out = cc_put(out, false, a, b, c);
    }
  }
  return CC_OK;
}

static cc_status decode(
    const cc_source *source, Stream *stream, opj_codec_t *codec, opj_stream_t *input, opj_image_t **picture,
    cc_image *image) {
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_set_error_handler(codec, note_error, stream);
  opj_set_warning_handler(codec, ignore, NULL);
  opj_set_info_handler(codec, ignore, NULL);
  bool is_good = opj_setup_decoder(codec, &parameters) && opj_read_header(input, codec, picture);
  if (is_good) {
    // Refuses a size that cannot be, before OpenJPEG takes four bytes a value.
    const opj_image_t *const header = *picture;
    const cc_status status = cc_allocate(
        source, (int64_t)header->x1 - header->x0, (int64_t)header->y1 - header->y0, 1, image);
    cc_image_free(image);
    if (status != CC_OK) return status;
    is_good = opj_decode(codec, input, *picture);
  }
  if (!is_good) {
    return CC_FAIL(source, CC_CANNOT_DECODE, "the JPEG 2000 data are damaged or incomplete: %s", stream->text);
  }
  return convert(source, *picture, image);
}

cc_status cc_decode_jpeg2000(const cc_source *source, cc_image *image) {
  Stream stream = {source->data, source->size, 0, ""};
  opj_codec_t *const codec = opj_create_decompress(source->data[0] == 0xFF ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
  opj_stream_t *const input = opj_stream_default_create(OPJ_TRUE);
  opj_image_t *picture = NULL;
  cc_status status = CC_OUT_OF_MEMORY;
  if (codec != NULL && input != NULL) {
    opj_stream_set_user_data(input, &stream, NULL);
    opj_stream_set_user_data_length(input, source->size);
    opj_stream_set_read_function(input, read_bytes);
    opj_stream_set_skip_function(input, skip_bytes);
    opj_stream_set_seek_function(input, seek);
    status = decode(source, &stream, codec, input, &picture, image);
  }
  if (picture != NULL) opj_image_destroy(picture);
  if (input != NULL) opj_stream_destroy(input);
  if (codec != NULL) opj_destroy_codec(codec);
  return status;
}
