#include "valence/zk/accountability/transcript/generalised_birthday.hpp"

#include <algorithm>
#include <memory>

#include "valence/base/base.hpp"

namespace valence::zk::testing {
namespace {

__extension__ using Wide = __int128;
constexpr Wide kModulus = Goldilocks::kModulus;
constexpr std::size_t kMostKept = std::size_t{1} << 16;
constexpr std::size_t kLists = 128;

/// A coefficient as the integer nearest to 0, which fits since p < 2^64.
std::int64_t centred(Wide value) {
    while (value > kModulus / 2)
        value -= kModulus;
    while (value < -kModulus / 2)
        value += kModulus;
    return static_cast<std::int64_t>(value);
}

struct Sum {
    std::int64_t coefficients[2];
    /// Places in the two lists that it is of; in a given list its own.
    std::uint32_t left, right;
};

struct List {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> from;
    std::unique_ptr<List> left, right;
    std::vector<Sum> sums;
};

std::vector<Sum> sums_of(const std::vector<Extension2>& elements) {
    std::vector<Sum> sums;
    for (std::size_t i = 0; i < elements.size(); ++i)
        sums.push_back({{centred(elements[i][0].value()), centred(elements[i][1].value())},
                        static_cast<std::uint32_t>(i),
                        0});
    return sums;
}

/// A list's places by one coefficient, ascending.
std::vector<std::pair<std::int64_t, std::uint32_t>> sorted_places(const std::vector<Sum>& sums,
                                                                  std::size_t coefficient) {
    std::vector<std::pair<std::int64_t, std::uint32_t>> places;
    for (std::size_t i = 0; i < sums.size(); ++i)
        places.emplace_back(sums[i].coefficients[coefficient], static_cast<std::uint32_t>(i));
    std::ranges::sort(places);
    return places;
}

/// Those of all left + right whose coefficient is, modulo p, in [−bound, bound), or 0 if the bound is 0.
std::vector<Sum> small_sums(const std::vector<Sum>& left, const std::vector<Sum>& right,
                            std::size_t coefficient, Wide bound) {
    const auto of_left = sorted_places(left, coefficient), of_right = sorted_places(right, coefficient);
    std::vector<Sum> kept;
    for (const Wide turn : {Wide{0}, -kModulus, kModulus}) {
        // What is wanted on the right grows as what is on the left falls.
        auto first = of_right.begin();
        for (auto each = of_left.rbegin(); each != of_left.rend() && kept.size() < kMostKept; ++each) {
            const Wide wanted = turn - each->first;
            while (first != of_right.end() && first->first < wanted - bound)
                ++first;
            for (auto match = first;
                 match != of_right.end() && match->first < wanted + std::max<Wide>(bound, 1); ++match) {
                Sum sum{{}, each->second, match->second};
                for (std::size_t k = 0; k < 2; ++k)
                    sum.coefficients[k] =
                        centred(Wide{left[sum.left].coefficients[k]} + right[sum.right].coefficients[k]);
                kept.push_back(sum);
            }
        }
    }
    return kept;
}

/// 2^height lists from `first` on as one: of its sums, 16 bits more are 0 for each step up.
std::unique_ptr<List> merge(const std::vector<std::vector<Extension2>>& lists, std::size_t first,
                            int height) {
    auto merged = std::make_unique<List>();
    if (height == 0) {
        merged->sums = sums_of(lists[first]);
        return merged;
    }
    merged->left = merge(lists, first, height - 1);
    merged->right = merge(lists, first + (std::size_t{1} << (height - 1)), height - 1);
    // The first coefficient takes four steps; the last step takes 32 bits at once.
    constexpr Wide kOne = 1;
    const Wide bounds[] = {kOne << 47, kOne << 31, kOne << 15, 0, kOne << 47, kOne << 31, 0};
    merged->sums =
        small_sums(merged->left->sums, merged->right->sums, height <= 4 ? 0 : 1, bounds[height - 1]);
    merged->left->sums = {};
    merged->right->sums = {};
    for (const Sum& sum : merged->sums)
        merged->from.emplace_back(sum.left, sum.right);
    return merged;
}

void collect(const List& list, std::size_t place, std::vector<std::size_t>& chosen) {
    if (list.left == nullptr) {
        chosen.push_back(place);
        return;
    }
    collect(*list.left, list.from[place].first, chosen);
    collect(*list.right, list.from[place].second, chosen);
}

}  // namespace

std::vector<std::size_t> that_add_up_to_nothing(const std::vector<std::vector<Extension2>>& lists) {
    VALENCE_CHECK(lists.size() == kLists);
    const auto all = merge(lists, 0, 7);
    std::vector<std::size_t> chosen;
    if (!all->from.empty()) collect(*all, 0, chosen);
    return chosen;
}

}  // namespace valence::zk::testing
