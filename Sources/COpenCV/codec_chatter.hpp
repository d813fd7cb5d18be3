// libjpeg, libpng and parts of OpenCV print on stderr on their own account, with no way to stop them through OpenCV;
// the caller gets a status and reports in one line of its own.

#ifndef COPENCV_CODEC_CHATTER_HPP
#define COPENCV_CODEC_CHATTER_HPP

namespace cocv {

/// While at least one of these lives, file descriptor 2 is collected in memory; with the last one, the lines that
/// are not the codec libraries' (another thread's, say) are passed on to where descriptor 2 pointed before.
/// Best effort: without a descriptor to spare everything gets through.
class CodecChatterFilter {
 public:
  CodecChatterFilter() noexcept;
  ~CodecChatterFilter();
  CodecChatterFilter(const CodecChatterFilter &) = delete;
  CodecChatterFilter &operator=(const CodecChatterFilter &) = delete;
};

}  // namespace cocv

#endif
