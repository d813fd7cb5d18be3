// Collects descriptor 2 in an anonymous file and passes on what the codec libraries did not write.

#include "codec_chatter.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <mutex>

namespace cocv {
namespace {

/// How the lines of the codec libraries begin: OpenCV's log and decoder, libpng, libjpeg's warnings.
constexpr const char *chatter[] = {
    "imdecode_(", "imencode", "[ WARN:", "[ERROR:", "[ INFO:", "OpenCV(", "libpng ", "Corrupt JPEG data",
    "Premature end of JPEG", "Invalid SOS parameters", "Inconsistent progression sequence", "Unknown Adobe color",
    "Warning: unknown JFIF", "Unsupported marker type", "TIFF", "OpenJPEG"};

/// `after_chatter`: whether the line before was chatter. OpenCV continues its lines with ">" and ends them twice.
bool is_chatter(const char *line, size_t length, bool after_chatter) noexcept {
  if (after_chatter && (length == 0 || line[0] == '>')) return true;
  for (const char *start : chatter) {
    const size_t count = std::strlen(start);
    if (length >= count && std::memcmp(line, start, count) == 0) return true;
  }
  return false;
}

void write_all(int descriptor, const char *text, size_t count) noexcept {
  while (count > 0) {
    const ssize_t written = write(descriptor, text, count);
    if (written <= 0) return;
    text += written;
    count -= static_cast<size_t>(written);
  }
}

void pass_on(int collected, int target) noexcept {
  const off_t size = lseek(collected, 0, SEEK_END);
  if (size <= 0) return;
  const size_t count = static_cast<size_t>(size);
  void *const mapping = mmap(nullptr, count, PROT_READ, MAP_PRIVATE, collected, 0);
  if (mapping == MAP_FAILED) return;
  const char *line = static_cast<const char *>(mapping);
  const char *const end = line + count;
  bool dropped = false;
  while (line < end) {
    const void *const found = std::memchr(line, '\n', static_cast<size_t>(end - line));
    const char *const next = found == nullptr ? end : static_cast<const char *>(found) + 1;
    const size_t length = static_cast<size_t>(next - line) - (found == nullptr ? 0 : 1);
    dropped = is_chatter(line, length, dropped);
    if (!dropped) write_all(target, line, static_cast<size_t>(next - line));
    line = next;
  }
  munmap(mapping, count);
}

std::mutex mutex;
int users = 0;
int saved = -1;      // where descriptor 2 points outside
int collected = -1;  // the anonymous file

}  // namespace

CodecChatterFilter::CodecChatterFilter() noexcept {
  const std::lock_guard<std::mutex> lock(mutex);
  if (users++ > 0) return;
  collected = memfd_create("stderr", MFD_CLOEXEC);
  saved = collected < 0 ? -1 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (saved >= 0) {
    fcntl(collected, F_SETFL, O_APPEND);
    dup2(collected, STDERR_FILENO);
  }
}

CodecChatterFilter::~CodecChatterFilter() {
  const std::lock_guard<std::mutex> lock(mutex);
  if (--users > 0) return;
  if (saved >= 0) {
    dup2(saved, STDERR_FILENO);
    pass_on(collected, saved);
    close(saved);
  }
  if (collected >= 0) close(collected);
  saved = collected = -1;
}

}  // namespace cocv
