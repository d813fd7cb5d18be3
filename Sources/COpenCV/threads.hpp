// Threads of our own for the comparison of features. OpenCV's loops cannot be given a number of threads: its one
// setting belongs to the whole process, and so to the host.

#ifndef COPENCV_THREADS_HPP
#define COPENCV_THREADS_HPP

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <opencv2/core/utility.hpp>

namespace cocv {

/// Runs `body`, OpenCV's own loops inside it on the calling thread: OpenCV does not divide a loop inside a loop.
template <typename Body>
void on_this_thread(Body &&body) {
  cv::parallel_for_(cv::Range(0, 1), [&](const cv::Range &) { body(); });
}

/// Calls body(0) to body(count - 1), in any order, on up to `threads` threads, the caller's among them; fewer where the
/// system has no more. Throws what the first failing call threw, after all have ended.
template <typename Body>
void for_each_index(int count, int threads, Body &&body) {
  std::atomic<int> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&] {
    try {
      for (int index = next++; index < count; index = next++) body(index);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> helpers;
  helpers.reserve(static_cast<std::size_t>(std::max(0, std::min(count, threads) - 1)));
  try {
    while (helpers.size() < helpers.capacity()) helpers.emplace_back(work);
  } catch (const std::system_error &) {
  }
  work();
  for (std::thread &helper : helpers) helper.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace cocv

#endif
