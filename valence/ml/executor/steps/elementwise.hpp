// A step that computes every element of its output from the elements at the same place of its inputs.
#pragma once

#include <tuple>
#include <utility>

#include "valence/ml/executor/steps/steps.hpp"

namespace valence::ml::executor {

/// y = f(x₁, …) with f(x₁, …) → To, an inlinable function object on one element of each input. The loops over
/// runs of elements are compiled once per instruction set. The output may lie over an input.
template <typename F, typename To, typename... From>
class Elementwise final : public Step {
public:
    static constexpr std::size_t kArrays = 1 + sizeof...(From);

    Elementwise(F f, LoopNest<kArrays> nest, std::array<BufferId, kArrays> buffers,
                InstructionSet instructions)
        : f_(std::move(f)), nest_(std::move(nest)), buffers_(buffers), instructions_(instructions) {}

    void run(const Frame& frame) const override {
        const std::size_t blocks = (nest_.elements() + kBlock - 1) / kBlock;
        (*frame.workers)(blocks* frame.items, kBlock, [&](std::size_t begin, std::size_t end) {
            for (; begin < end; ++begin)
                block(frame, begin / blocks, begin % blocks, std::index_sequence_for<From...>{});
        });
    }

private:
    static constexpr std::size_t kBlock = 4096;
    /// Results go through a small array, so that the compiler need not fear that they overwrite the inputs.
    static constexpr std::size_t kRun = 256;
    using Offsets = typename LoopNest<kArrays>::Offsets;

    template <std::size_t... K>
    void block(const Frame& frame, std::size_t item, std::size_t number, std::index_sequence<K...>) const {
        To* to = frame.at<To>(buffers_[0], item);
        const std::tuple<const From*...> from{frame.at<const From>(buffers_[K + 1], item)...};
        const std::size_t first = number * kBlock;
        nest_.run(first, std::min(first + kBlock, nest_.elements()),
                  [&](const Offsets& offsets, std::size_t count) {
#if defined(__x86_64__)
                      if (instructions_ == InstructionSet::avx2)
                          return run_avx2(count, to + offsets[0], (std::get<K>(from) + offsets[K + 1])...);
#endif
                      run_inner(count, to + offsets[0], (std::get<K>(from) + offsets[K + 1])...);
                  });
    }

#if defined(__x86_64__)
    [[gnu::target("avx2")]] void run_avx2(std::size_t count, To* to, const From*... from) const {
        run_inner(count, to, from...);
    }
#endif

    [[gnu::always_inline]] void run_inner(std::size_t count, To* to, const From*... from) const {
        const Offsets& stride = nest_.inner();
        bool contiguous = stride[0] == 1 && stride[1] == 1;
        bool uniform = contiguous;  // all inputs but the first stay the same
        for (std::size_t k = 2; k < kArrays; ++k) {
            contiguous = contiguous && stride[k] == 1;
            uniform = uniform && stride[k] == 0;
        }
        if (contiguous)
            run_contiguous(f_, count, to, from...);
        else if (uniform)
            run_uniform(f_, count, to, from...);
        else
            run_strided(count, to, std::index_sequence_for<From...>{}, from...);
    }

    [[gnu::always_inline]] static void run_contiguous(const F f, std::size_t count, To* to,
                                                      const From*... from) {
        std::size_t done = 0;
        for (; done + kRun <= count; done += kRun) {
            To results[kRun];
            for (std::size_t k = 0; k < kRun; ++k)
                results[k] = f(from[done + k]...);
            std::copy_n(results, kRun, to + done);
        }
        To results[kRun];
        for (std::size_t k = 0; k < count - done; ++k)
            results[k] = f(from[done + k]...);
        std::copy_n(results, count - done, to + done);
    }

    template <typename First, typename... Rest>
    [[gnu::always_inline]] static void run_uniform(const F f, std::size_t count, To* to, const First* first,
                                                   const Rest*... rest) {
        const std::tuple<Rest...> fixed{*rest...};
        for (std::size_t done = 0; done < count; done += kRun) {
            const std::size_t length = std::min(kRun, count - done);
            To results[kRun];
            std::apply(
                [&](const Rest... values) {
                    for (std::size_t k = 0; k < length; ++k)
                        results[k] = f(first[done + k], values...);
                },
                fixed);
            std::copy_n(results, length, to + done);
        }
    }

    template <std::size_t... K>
    [[gnu::always_inline]] void run_strided(std::size_t count, To* to, std::index_sequence<K...>,
                                            const From*... from) const {
        const Offsets& stride = nest_.inner();
        for (std::size_t k = 0; k < count; ++k) {
            const auto at = static_cast<std::ptrdiff_t>(k);
            to[at * stride[0]] = f_(from[at * stride[K + 1]]...);
        }
    }

    F f_;
    LoopNest<kArrays> nest_;
    std::array<BufferId, kArrays> buffers_;
    InstructionSet instructions_;
};

/// An input of an elementwise step: a buffer and how it is read as the output's shape.
struct Source {
    BufferId buffer;
    Strides strides;
};

inline Source source(const View& view, const Shape& to) {
    return {view.buffer, broadcast_strides(view.shape, view.strides, to)};
}

template <typename To, typename... From, typename F>
void emit_elementwise(Builder& builder, F f, const View& to,
                      const std::array<Source, sizeof...(From)>& from) {
    std::array<Strides, 1 + sizeof...(From)> strides{to.strides};
    std::array<BufferId, 1 + sizeof...(From)> buffers{to.buffer};
    for (std::size_t k = 0; k < from.size(); ++k) {
        strides[k + 1] = from[k].strides;
        buffers[k + 1] = from[k].buffer;
    }
    builder.emit(std::make_unique<Elementwise<F, To, From...>>(
                     std::move(f), LoopNest<1 + sizeof...(From)>(to.shape, strides), buffers,
                     builder.resources().instructions),
                 std::span<const BufferId>(buffers));
}

}  // namespace valence::ml::executor
