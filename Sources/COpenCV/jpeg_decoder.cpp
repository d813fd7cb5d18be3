#include "jpeg_decoder.hpp"

#include <memory>

#include <libexif/exif-data.h>
#include <turbojpeg.h>

namespace cocv {
namespace {

// Whether the EXIF data ask for a turned or mirrored picture.
bool is_turned(const std::uint8_t *data, std::size_t size) {
  const std::unique_ptr<ExifData, void (*)(ExifData *)> exif(
      exif_data_new_from_data(data, static_cast<unsigned int>(size)), exif_data_unref);
  if (exif == nullptr) return false;
  const ExifEntry *const entry = exif_content_get_entry(exif->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (entry == nullptr) return false;
  // An entry of another kind: imgcodecs shall judge it.
  if (entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return true;
  return exif_get_short(entry->data, exif_data_get_byte_order(exif.get())) != 1;
}

}  // namespace

std::optional<cv::Mat> decode_ordinary_jpeg(const std::uint8_t *data, std::size_t size, bool gray) {
  if (is_turned(data, size)) return std::nullopt;
  const std::unique_ptr<void, int (*)(tjhandle)> decoder(tjInitDecompress(), tjDestroy);
  if (decoder == nullptr) return std::nullopt;
  int width = 0, height = 0, subsampling = 0, colors = 0;
  if (tjDecompressHeader3(decoder.get(), data, size, &width, &height, &subsampling, &colors) != 0) return std::nullopt;
  if (colors != TJCS_YCbCr && colors != TJCS_GRAY) return std::nullopt;
  cv::Mat pixels(height, width, gray ? CV_8UC1 : CV_8UC3);
  // A progressive file of endless scans is refused, and so is one with so much as a warning.
  const int flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS | TJFLAG_STOPONWARNING;
  const int pitch = static_cast<int>(pixels.step[0]);
  if (tjDecompress2(
          decoder.get(), data, size, pixels.data, width, pitch, height, gray ? TJPF_GRAY : TJPF_BGR, flags) != 0) {
    return std::nullopt;
  }
  return pixels;
}

}  // namespace cocv
