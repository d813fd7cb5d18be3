// Brute force, no approximate index: each tile of 6 x 16 comparisons is computed at once (a matrix product for
// floats, population counts for bits) and goes straight into the running two best of its rows and the best of its
// columns, so that the n0 x n1 table never exists. The first set is cut into chunks that do not depend on the number
// of threads, every sum runs in one order, and ties go to the lower index: any number of threads gives the same
// matches. The ratio test follows Lowe (2004), section 7.1; distances that it compares are recomputed without
// cancellation.

#include "descriptor_matching.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

// Not under ThreadSanitizer, which is not ready when the dynamic linker picks (see CKernelsTarget.h).
#if defined(__x86_64__) && !__has_feature(thread_sanitizer)
#define COCV_DISPATCH __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define COCV_DISPATCH
#endif

namespace cocv {

constexpr int tile_rows = 6, tile_columns = 16;

/// Dot products of 6 descriptors with 16; `panel` holds the 16 transposed, panel[d * 16 + column].
COCV_DISPATCH
void dot_tile(const float *const rows[tile_rows], const float *panel, int length, float *tile) {
  float sums[tile_rows][tile_columns] = {};
  for (int d = 0; d < length; ++d) {
    for (int row = 0; row < tile_rows; ++row) {
      for (int column = 0; column < tile_columns; ++column) {
        sums[row][column] += rows[row][d] * panel[d * tile_columns + column];
      }
    }
  }
  std::copy(&sums[0][0], &sums[0][0] + tile_rows * tile_columns, tile);
}

/// Hamming distances of 6 descriptors of `length` words to 16.
COCV_DISPATCH
void hamming_tile(const uint64_t *const rows[tile_rows], const uint64_t *panel, int length, float *tile) {
  for (int row = 0; row < tile_rows; ++row) {
    int64_t sums[tile_columns] = {};
    for (int d = 0; d < length; ++d) {
      for (int column = 0; column < tile_columns; ++column) {
        sums[column] += __builtin_popcountll(rows[row][d] ^ panel[d * tile_columns + column]);
      }
    }
    for (int column = 0; column < tile_columns; ++column) {
      tile[row * tile_columns + column] = static_cast<float>(sums[column]);
    }
  }
}

namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();

/// Descriptors padded with zeros to whole tiles: row-major for the first set, panels for the second.
template <typename Value>
struct Padded {
  int count, length;
  std::vector<Value> values;

  const Value *row(int index) const { return values.data() + static_cast<size_t>(index) * length; }
  const Value *panel(int first) const { return values.data() + static_cast<size_t>(first) * length; }
};

/// The bytes of one descriptor as values; a last, incomplete word is filled with zero bits.
template <typename Value>
Padded<Value> padded(const cv::Mat &descriptors, int multiple, bool panels) {
  const size_t bytes = descriptors.cols * descriptors.elemSize();
  Padded<Value> result;
  result.count = descriptors.rows;
  result.length = static_cast<int>((bytes + sizeof(Value) - 1) / sizeof(Value));
  const int rows = (descriptors.rows + multiple - 1) / multiple * multiple;
  result.values.assign(static_cast<size_t>(rows) * result.length, Value(0));
  std::vector<Value> one(result.length, Value(0));
  for (int row = 0; row < descriptors.rows; ++row) {
    std::memcpy(one.data(), descriptors.ptr(row), bytes);
    const int panel = row / multiple * multiple, column = row - panel;
    Value *const base = result.values.data() + static_cast<size_t>(panels ? panel : row) * result.length;
    for (int d = 0; d < result.length; ++d) base[panels ? d * multiple + column : d] = one[d];
  }
  return result;
}

/// What one tile needs to become distances: floats from dot products and squared norms, bits as they are.
struct FloatComparison {
  std::vector<float> norms0, norms1;

  FloatComparison(const cv::Mat &descriptors0, const cv::Mat &descriptors1)
      : norms0(norms(descriptors0, tile_rows)), norms1(norms(descriptors1, tile_columns)) {}

  static std::vector<float> norms(const cv::Mat &descriptors, int multiple) {
    std::vector<float> result((descriptors.rows + multiple - 1) / multiple * multiple, 0.0f);
    for (int row = 0; row < descriptors.rows; ++row) {
      const float *const values = descriptors.ptr<float>(row);
      double sum = 0;
      for (int d = 0; d < descriptors.cols; ++d) sum += static_cast<double>(values[d]) * values[d];
      result[row] = static_cast<float>(sum);
    }
    return result;
  }

  void operator()(const float *const rows[], const float *panel, int length, int row, int column, float *tile) const {
    dot_tile(rows, panel, length, tile);
    for (int r = 0; r < tile_rows; ++r) {
      for (int c = 0; c < tile_columns; ++c) {
        float &value = tile[r * tile_columns + c];
        value = norms0[row + r] + norms1[column + c] - 2 * value;
      }
    }
  }
};

struct BitComparison {
  void operator()(const uint64_t *const rows[], const uint64_t *panel, int length, int, int, float *tile) const {
    hamming_tile(rows, panel, length, tile);
  }
};

struct Nearest {
  int best = -1, second = -1;
  float best_distance = infinite, second_distance = infinite;

  void offer(int index, float distance) {
    if (distance < best_distance) {
      second = best;
      second_distance = best_distance;
      best = index;
      best_distance = distance;
    } else if (distance < second_distance) {
      second = index;
      second_distance = distance;
    }
  }
};

struct Neighbours {
  std::vector<Nearest> of0;  // two nearest of the second set, for each of the first
  std::vector<Nearest> of1;  // nearest of the first set, for each of the second
};

template <typename Value, typename Comparison>
Neighbours find_neighbours(
    const Padded<Value> &first, const Padded<Value> &second, const Comparison &compare, int threads) {
  // At most 64 chunks, so that their columns' bests stay small.
  const int rows_per_chunk = std::max(192, (first.count / 64 + tile_rows) / tile_rows * tile_rows);
  const int chunks = (first.count + rows_per_chunk - 1) / rows_per_chunk;
  std::vector<Nearest> of0(first.count);
  std::vector<std::vector<Nearest>> of1(chunks);
  for_each_index(chunks, threads, [&](int chunk) {
    std::vector<Nearest> &columns = of1[chunk];
    columns.resize(second.count);
    const int end = std::min(first.count, (chunk + 1) * rows_per_chunk);
    // Panels outside, so that a panel stays in the cache while a chunk's rows pass by.
    for (int column = 0; column < second.count; column += tile_columns) {
      const int used_columns = std::min(tile_columns, second.count - column);
      for (int row = chunk * rows_per_chunk; row < end; row += tile_rows) {
        const Value *rows[tile_rows];
        for (int r = 0; r < tile_rows; ++r) rows[r] = first.row(row + r);
        float tile[tile_rows * tile_columns];
        compare(rows, second.panel(column), first.length, row, column, tile);
        const int used_rows = std::min(tile_rows, end - row);
        for (int r = 0; r < used_rows; ++r) {
          Nearest &nearest = of0[row + r];
          for (int c = 0; c < used_columns; ++c) {
            const float distance = tile[r * tile_columns + c];
            if (distance < nearest.second_distance) nearest.offer(column + c, distance);
            if (distance < columns[column + c].best_distance) columns[column + c].offer(row + r, distance);
          }
        }
      }
    }
  });
  Neighbours result{std::move(of0), std::vector<Nearest>(second.count)};
  for (const auto &columns : of1) {
    for (int column = 0; column < second.count; ++column) {
      result.of1[column].offer(columns[column].best, columns[column].best_distance);
    }
  }
  return result;
}

Neighbours find_neighbours(const cv::Mat &descriptors0, const cv::Mat &descriptors1, int threads) {
  if (descriptors0.depth() == CV_32F) {
    return find_neighbours(
        padded<float>(descriptors0, tile_rows, false), padded<float>(descriptors1, tile_columns, true),
        FloatComparison(descriptors0, descriptors1), threads);
  }
  return find_neighbours(
      padded<uint64_t>(descriptors0, tile_rows, false), padded<uint64_t>(descriptors1, tile_columns, true),
      BitComparison(), threads);
}

double distance(const cv::Mat &descriptors0, int row0, const cv::Mat &descriptors1, int row1) {
  double sum = 0;
  if (descriptors0.depth() == CV_32F) {
    const float *const a = descriptors0.ptr<float>(row0), *const b = descriptors1.ptr<float>(row1);
    for (int d = 0; d < descriptors0.cols; ++d) sum += (double{a[d]} - b[d]) * (double{a[d]} - b[d]);
    return std::sqrt(sum);
  }
  const uint8_t *const a = descriptors0.ptr(row0), *const b = descriptors1.ptr(row1);
  for (int d = 0; d < descriptors0.cols; ++d) sum += __builtin_popcount(a[d] ^ b[d]);
  return sum;
}

}  // namespace

std::vector<DescriptorMatch> match_descriptors(
    const cv::Mat &descriptors0, const cv::Mat &descriptors1, double ratio, bool mutual, int threads) {
  std::vector<DescriptorMatch> matches;
  // Without a runner-up there is no ratio to test.
  if (descriptors0.rows < 1 || descriptors1.rows < 2) return matches;
  require(
      descriptors0.type() == descriptors1.type() && descriptors0.cols == descriptors1.cols &&
          (descriptors0.type() == CV_32F || descriptors0.type() == CV_8U),
      "descriptors of both images must have one kind and length");
  const Neighbours neighbours = find_neighbours(descriptors0, descriptors1, threads);
  for (int index0 = 0; index0 < descriptors0.rows; ++index0) {
    const Nearest &nearest = neighbours.of0[index0];
    if (nearest.second < 0) continue;
    if (mutual && neighbours.of1[nearest.best].best != index0) continue;
    const double best = distance(descriptors0, index0, descriptors1, nearest.best);
    const double second = distance(descriptors0, index0, descriptors1, nearest.second);
    if (best > ratio * second) continue;
    const double score = second > 0 ? std::max(0.0, 1 - best / second) : 0;
    matches.push_back({index0, nearest.best, score});
  }
  return matches;
}

}  // namespace cocv

cocv_status cocv_match_descriptors(
    const void *descriptors0, size_t count0, const void *descriptors1, size_t count1, size_t length, int32_t binary,
    double ratio, int32_t mutual, int32_t threads, int32_t *indices0, int32_t *indices1, double *scores, size_t *count,
    char *reason, size_t reason_size) noexcept {
  return cocv::guard(reason, reason_size, [&] {
    cocv::require(descriptors0 && descriptors1 && indices0 && indices1 && scores && count, "no argument may be null");
    cocv::require(count0 <= 1000000 && count1 <= 1000000, "more than 1000000 descriptors");
    cocv::require(length >= 1 && length <= 4096, "a descriptor has 1 to 4096 values");
    cocv::require(ratio > 0 && ratio <= 1, "the ratio lies in 0...1, 0 excluded");
    cocv::require(threads >= 1, "at least one thread is needed");
    *count = 0;
    if (count0 == 0 || count1 == 0) return COCV_OK;
    const int type = binary != 0 ? CV_8U : CV_32F;
    const auto rows = [&](const void *values, size_t number) {
      return cv::Mat(static_cast<int>(number), static_cast<int>(length), type, const_cast<void *>(values));
    };
    const auto matches =
        cocv::match_descriptors(rows(descriptors0, count0), rows(descriptors1, count1), ratio, mutual != 0, threads);
    for (const auto &match : matches) {
      indices0[*count] = match.index0;
      indices1[*count] = match.index1;
      scores[*count] = match.score;
      ++*count;
    }
    return COCV_OK;
  });
}
