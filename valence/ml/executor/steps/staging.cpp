#include "valence/ml/executor/steps/staging.hpp"

#include <cstring>

namespace valence::ml::executor {
namespace {

class Stage final : public Step {
public:
    Stage(const View& from, BufferId to, const Staging& staging) : from_(from), to_(to), s_(staging) {
        // The columns of x that lie in the staged image.
        const std::int64_t width = from.shape[3];
        while (first_ < width && column(first_) < 0)
            ++first_;
        last_ = width;
        while (last_ > first_ && column(last_ - 1) >= static_cast<std::int64_t>(s_.width))
            --last_;
    }

    void run(const Frame& frame) const override {
        const std::size_t rows = from_.shape[0] * s_.height;
        const std::size_t row_size = s_.width * from_.shape[1];
        (*frame.workers)(rows* frame.items, row_size / 8 + 10, [&](std::size_t begin, std::size_t end) {
            for (; begin < end; ++begin) {
                const std::size_t row = begin % rows;
                stage_row(frame.at<const std::int16_t>(from_.buffer, begin / rows) +
                              static_cast<std::ptrdiff_t>(row / s_.height) * from_.strides[0],
                          row % s_.height, frame.at<std::int16_t>(to_, begin / rows) + row * row_size);
            }
        });
    }

private:
    std::int64_t column(std::int64_t q) const { return q * s_.spread[1] + s_.before[1]; }

    void stage_row(const std::int16_t* image, std::size_t row, std::int16_t* to) const {
        const std::int64_t channels = from_.shape[1];
        const std::int64_t at = static_cast<std::int64_t>(row) - s_.before[0];
        const bool inside =
            at >= 0 && at % s_.spread[0] == 0 && at / s_.spread[0] < std::int64_t{from_.shape[2]};
        const auto whole = static_cast<std::int64_t>(s_.width) * channels;
        if (!inside || s_.spread[1] != 1 || first_ >= last_) {
            std::fill_n(to, whole, std::int16_t{0});
            if (!inside || first_ >= last_) return;
        } else {
            std::fill_n(to, column(first_) * channels, std::int16_t{0});
            std::fill_n(to + (column(last_ - 1) + 1) * channels, whole - (column(last_ - 1) + 1) * channels,
                        std::int16_t{0});
        }
        const std::int16_t* line = image + at / s_.spread[0] * from_.strides[2];
        if (from_.strides[1] == 1 && from_.strides[3] == channels && s_.spread[1] == 1) {
            std::memcpy(to + column(first_) * channels, line + first_ * channels,
                        static_cast<std::size_t>((last_ - first_) * channels) * sizeof(std::int16_t));
            return;
        }
        // A few pixels at a time, so that what is written stays in the nearest cache while channels pass by.
        constexpr std::int64_t kPixels = 32;
        for (std::int64_t begin = first_; begin < last_; begin += kPixels)
            for (std::int64_t c = 0; c < channels; ++c)
                for (std::int64_t q = begin; q < std::min(begin + kPixels, last_); ++q)
                    to[column(q) * channels + c] = line[c * from_.strides[1] + q * from_.strides[3]];
    }

    View from_;
    BufferId to_;
    Staging s_;
    std::int64_t first_ = 0;
    std::int64_t last_ = 0;
};

}  // namespace

BufferId stage(Builder& builder, TensorId x, const Staging& staging) {
    const View from = builder.view(x);
    const bool same_size = staging.height == from.shape[2] && staging.width == from.shape[3];
    const bool in_place = same_size && staging.before == std::array<std::int64_t, 2>{0, 0} &&
                          staging.spread == std::array<std::int64_t, 2>{1, 1};
    if (in_place) return builder.channels_last(x).buffer;
    const std::size_t elements = from.shape[0] * staging.height * staging.width * from.shape[1];
    const BufferId to = builder.scratch(elements * sizeof(std::int16_t));
    builder.emit(std::make_unique<Stage>(from, to, staging), {from.buffer, to});
    return to;
}

}  // namespace valence::ml::executor
