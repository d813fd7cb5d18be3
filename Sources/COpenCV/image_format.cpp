// Walks the structure of JPEG (ITU T.81 annex B), PNG, BMP, TIFF 6.0 and WebP (RIFF) files.
// JPEG matters most: OpenCV decodes a baseline JPEG whose end is missing to a partly grey picture and says
// nothing, so the entropy-coded data are followed to the EOI marker. Bytes after EOI are fine (motion photos).

#include "image_format.hpp"

#include <algorithm>
#include <cstring>

namespace cocv {
namespace {

/// Big- or little-endian numbers at offsets that may lie outside: those read as 0 and set `past_end`.
class Reader {
 public:
  Reader(const std::uint8_t *data, std::size_t size, bool big_endian) noexcept
      : data_(data), size_(size), big_endian_(big_endian) {}

  std::uint64_t number(std::uint64_t offset, unsigned bytes) noexcept {
    if (offset > size_ || size_ - offset < bytes) {
      past_end = true;
      return 0;
    }
    std::uint64_t value = 0;
    for (unsigned index = 0; index < bytes; ++index) {
      const unsigned place = big_endian_ ? index : bytes - 1 - index;
      value = value << 8 | data_[offset + place];
    }
    return value;
  }

  bool past_end = false;

 private:
  const std::uint8_t *data_;
  std::size_t size_;
  bool big_endian_;
};

void read_jpeg(const std::uint8_t *data, std::size_t size, ImageHeader &header) noexcept {
  Reader reader(data, size, true);
  header.complete = false;
  std::size_t at = 2;  // after SOI
  while (at + 1 < size) {
    if (data[at] != 0xFF) {  // entropy-coded data, or stray bytes that decoders skip as well
      const void *const next = std::memchr(data + at, 0xFF, size - at);
      if (next == nullptr) return;
      at = static_cast<std::size_t>(static_cast<const std::uint8_t *>(next) - data);
      continue;
    }
    const std::uint8_t marker = data[at + 1];
    if (marker == 0xFF) {  // fill byte
      at += 1;
    } else if (marker == 0xD9) {  // EOI
      header.complete = true;
      return;
    } else if (marker == 0x00 || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {
      at += 2;  // stuffed zero, TEM, restart: no payload
    } else {
      const std::uint64_t length = reader.number(at + 2, 2);
      if (reader.past_end) return;
      const bool frame =
          marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
      if (frame && header.width == 0) {
        header.height = static_cast<std::int64_t>(reader.number(at + 5, 2));
        header.width = static_cast<std::int64_t>(reader.number(at + 7, 2));
      }
      at += 2 + static_cast<std::size_t>(std::max<std::uint64_t>(length, 2));
    }
  }
}

void read_png(const std::uint8_t *data, std::size_t size, ImageHeader &header) noexcept {
  Reader reader(data, size, true);
  header.width = static_cast<std::int64_t>(reader.number(16, 4));
  header.height = static_cast<std::int64_t>(reader.number(20, 4));
  header.complete = false;
  for (std::uint64_t at = 8; at + 12 <= size;) {
    const std::uint64_t next = at + 12 + reader.number(at, 4);
    if (next > size) return;
    if (std::memcmp(data + at + 4, "IEND", 4) == 0) {
      header.complete = true;
      return;
    }
    at = next;
  }
}

void read_bmp(const std::uint8_t *data, std::size_t size, ImageHeader &header) noexcept {
  Reader reader(data, size, false);
  const std::uint64_t pixels = reader.number(10, 4);
  const bool old_header = reader.number(14, 4) == 12;
  std::uint64_t bits = 0, compression = 0;
  if (old_header) {
    header.width = static_cast<std::int64_t>(reader.number(18, 2));
    header.height = static_cast<std::int64_t>(reader.number(20, 2));
    bits = reader.number(24, 2);
  } else {
    header.width = static_cast<std::int32_t>(reader.number(18, 4));
    header.height = static_cast<std::int32_t>(reader.number(22, 4));
    bits = reader.number(28, 2);
    compression = reader.number(30, 4);
  }
  if (header.height < 0) header.height = -header.height;  // rows from the top
  if (header.width < 0) header.width = 0;
  header.complete = !reader.past_end;
  if (header.complete && compression == 0) {
    const std::uint64_t row = (static_cast<std::uint64_t>(header.width) * bits + 31) / 32 * 4;
    header.complete =
        pixels <= size && (row == 0 || static_cast<std::uint64_t>(header.height) <= (size - pixels) / row);
  }
}

/// The first directory of a classic TIFF file. Its strips (or tiles) must lie inside the file.
void read_tiff(const std::uint8_t *data, std::size_t size, ImageHeader &header) noexcept {
  Reader reader(data, size, data[0] == 'M');
  const std::uint64_t directory = reader.number(4, 4);
  const std::uint64_t entries = reader.number(directory, 2);
  struct Field {
    std::uint64_t at = 0, count = 0;
    unsigned bytes = 0;
  };
  Field offsets, counts;
  for (std::uint64_t entry = 0; entry < entries && !reader.past_end; ++entry) {
    const std::uint64_t at = directory + 2 + entry * 12;
    const std::uint64_t tag = reader.number(at, 2);
    const unsigned bytes = reader.number(at + 2, 2) == 3 ? 2 : 4;
    const std::uint64_t count = reader.number(at + 4, 4);
    const Field field{count * bytes <= 4 ? at + 8 : reader.number(at + 8, 4), count, bytes};
    if (tag == 256) header.width = static_cast<std::int64_t>(reader.number(field.at, bytes));
    if (tag == 257) header.height = static_cast<std::int64_t>(reader.number(field.at, bytes));
    if (tag == 273 || tag == 324) offsets = field;
    if (tag == 279 || tag == 325) counts = field;
  }
  for (std::uint64_t strip = 0; strip < std::min(offsets.count, counts.count) && !reader.past_end; ++strip) {
    const std::uint64_t start = reader.number(offsets.at + strip * offsets.bytes, offsets.bytes);
    const std::uint64_t length = reader.number(counts.at + strip * counts.bytes, counts.bytes);
    if (start > size || length > size - start) reader.past_end = true;
  }
  header.complete = !reader.past_end;
}

void read_webp(const std::uint8_t *data, std::size_t size, ImageHeader &header) noexcept {
  Reader reader(data, size, false);
  header.complete = reader.number(4, 4) + 8 <= size;
  if (size < 30) {
    header.complete = false;
  } else if (std::memcmp(data + 12, "VP8X", 4) == 0) {
    header.width = static_cast<std::int64_t>(reader.number(24, 3) + 1);
    header.height = static_cast<std::int64_t>(reader.number(27, 3) + 1);
  } else if (std::memcmp(data + 12, "VP8L", 4) == 0) {
    const std::uint64_t bits = reader.number(21, 4);
    header.width = static_cast<std::int64_t>((bits & 0x3FFF) + 1);
    header.height = static_cast<std::int64_t>((bits >> 14 & 0x3FFF) + 1);
  } else if (std::memcmp(data + 12, "VP8 ", 4) == 0) {
    header.width = static_cast<std::int64_t>(reader.number(26, 2) & 0x3FFF);
    header.height = static_cast<std::int64_t>(reader.number(28, 2) & 0x3FFF);
  }
}

bool starts_with(const std::uint8_t *data, std::size_t size, const char *text, std::size_t count) noexcept {
  return size >= count && std::memcmp(data, text, count) == 0;
}

}  // namespace

ImageHeader read_image_header(const std::uint8_t *data, std::size_t size) noexcept {
  ImageHeader header;
  const auto found = [&](ImageFormat format, const char *name) {
    header.format = format;
    header.name = name;
  };
  if (starts_with(data, size, "\xFF\xD8\xFF", 3)) {
    found(ImageFormat::jpeg, "JPEG");
    read_jpeg(data, size, header);
  } else if (starts_with(data, size, "\x89PNG\r\n\x1A\n", 8)) {
    found(ImageFormat::png, "PNG");
    read_png(data, size, header);
  } else if (starts_with(data, size, "II*\0", 4) || starts_with(data, size, "MM\0*", 4)) {
    found(ImageFormat::tiff, "TIFF");
    read_tiff(data, size, header);
  } else if (starts_with(data, size, "RIFF", 4) && size >= 12 && std::memcmp(data + 8, "WEBP", 4) == 0) {
    found(ImageFormat::webp, "WebP");
    read_webp(data, size, header);
  } else if (starts_with(data, size, "BM", 2) && size >= 18 && data[15] == 0 && data[16] == 0 && data[17] == 0) {
    found(ImageFormat::bmp, "BMP");
    read_bmp(data, size, header);
  }
  return header;
}

}  // namespace cocv
