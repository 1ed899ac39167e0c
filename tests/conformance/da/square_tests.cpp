// Squares: from a block's transactions, or given; their parity, roots and data root.
#include "da_suites.hpp"
#include "da_values.hpp"
#include <fmt/core.h>

#include "valence/da/square/pay_for_blobs.hpp"

namespace valence::conformance {
namespace {

/// The roots and the data root a file gives, those of them that it has.
void compare_roots(const json::value& want, const da::SquareRoots& have, FileReport& report) {
    if (const auto* rows = find(want, "row_roots"))
        report.add("row roots",
                   difference<da::NamespacedHash>("row", list_of<da::NamespacedHash>(*rows), have.rows));
    if (const auto* columns = find(want, "column_roots"))
        report.add("column roots", difference<da::NamespacedHash>(
                                       "column", list_of<da::NamespacedHash>(*columns), have.columns));
    if (const auto* root = find(want, "data_root"))
        report.add("data root", difference("data root", exact_of<Hash>(*root), have.data_root()));
}

/// What the payer signed for is what the blobs are.
std::string check_payment(const da::BlobTransaction& transaction, std::size_t& compared) {
    const auto paid = da::parse_pay_for_blobs(transaction.transaction);
    if (!paid) return paid.error().message();
    const auto& [signer, names, sizes, commitments, versions] = paid.value();
    const auto count = transaction.blobs.size();
    if (names.size() != count || sizes.size() != count || commitments.size() != count)
        return fmt::format("pays for {} blobs of {}", commitments.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& blob = transaction.blobs[i];
        if (auto wrong = difference("namespace", names[i], blob.name); !wrong.empty()) return wrong;
        if (sizes[i] != blob.data.size())
            return fmt::format("size: expected {}, actual {}", sizes[i], blob.data.size());
        if (auto wrong = difference("commitment", commitments[i], da::blob_commitment(blob)); !wrong.empty())
            return wrong;
        ++compared;
    }
    return {};
}

void compare_commitments(const std::vector<Bytes>& transactions, FileReport& report) {
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        const auto parsed = value_of(da::parse_blob_transaction(transactions[i]));
        if (!parsed) continue;
        std::size_t compared = 0;
        auto wrong = check_payment(*parsed, compared);
        report.add(fmt::format("commitments of transaction {}", i), std::move(wrong));
    }
}

/// The same transactions come out of the square's shares as went in.
std::string check_transactions(std::span<const da::Share> shares, const std::vector<Bytes>& want) {
    const auto have = da::square_transactions(shares);
    if (!have) return have.error().message();
    if (have.value().size() != want.size())
        return fmt::format("expected {}, actual {}", want.size(), have.value().size());
    for (std::size_t i = 0; i < want.size(); ++i) {
        if (have.value()[i] != want[i]) return fmt::format("transaction {} differs", i);
    }
    return {};
}

/// Of a whole block: the transactions in its shares give the same shares.
void compare_layout(std::span<const da::Share> shares, FileReport& report) {
    const auto transactions = da::square_transactions(shares);
    if (!transactions) {
        report.skip("layout", "the square is no whole block: " + transactions.error().message());
        return;
    }
    const auto again = da::build_square(transactions.value());
    if (!again) {
        report.fail("layout", again.error().message());
        return;
    }
    report.add("layout", difference<da::Share>("share", shares, again.value().shares));
}

std::vector<da::Share> shares_of(const json::value& root) {
    if (const auto* shares = find(root, "ods_shares_b64")) return list_of<da::Share>(*shares);
    return {exact_of<da::Share>(member(root, "share_hex"))};
}

/// All squares in the files beside this one.
std::vector<da::ExtendedSquare> squares_beside(const std::filesystem::path& path) {
    std::vector<da::ExtendedSquare> squares;
    for (const auto& entry : std::filesystem::directory_iterator(path.parent_path())) {
        if (!entry.is_regular_file() || entry.path().extension() != ".json") continue;
        const auto root = read_json(entry.path());
        if (!root) continue;
        const auto* shares = find(*root, "data_square");
        if (shares == nullptr) continue;
        auto square = da::ExtendedSquare::from_shares(list_of<da::Share>(*shares));
        if (square) squares.push_back(std::move(square).value());
    }
    return squares;
}

std::size_t equal_roots(const da::SquareRoots& a, const da::SquareRoots& b) {
    std::size_t equal = 0;
    for (std::size_t i = 0; i < a.rows.size(); ++i)
        equal += (a.rows[i] == b.rows[i] ? 1u : 0u) + (a.columns[i] == b.columns[i] ? 1u : 0u);
    return equal;
}

}  // namespace

void run_da_block(const Fixture& f, FileReport& report) {
    std::vector<Bytes> transactions;
    for (const auto& transaction : array_of(member(f.root, "txs")))
        transactions.push_back(base64_of(transaction));
    const auto* root = find(f.root, "data_hash");
    const auto want = exact_of<Hash>(root != nullptr ? *root : member(f.root, "main_net_dah"));
    const auto square = value_of(da::build_square(transactions));
    const auto extended = value_of(da::ExtendedSquare::extend(square.shares));
    report.add("data root", difference("data root", want, value_of(da::roots_of(extended)).data_root()));
    report.add("transactions", check_transactions(square.shares, transactions));
    compare_commitments(transactions, report);
}

void run_da_square(const Fixture& f, FileReport& report) {
    const auto shares = shares_of(f.root);
    if (const auto* width = find(f.root, "ods_width"); width != nullptr) {
        const auto have = da::square_width_for(shares.size());
        report.add("width", u64_of(*width) == have && have * have == shares.size()
                                ? ""
                                : fmt::format("expected {}, actual {}", u64_of(*width), have));
    }
    const auto extended = value_of(da::ExtendedSquare::extend(shares));
    compare_roots(f.root, value_of(da::roots_of(extended)), report);
    compare_layout(shares, report);
}

void run_da_extended_square(const Fixture& f, FileReport& report) {
    const auto want =
        value_of(da::ExtendedSquare::from_shares(list_of<da::Share>(member(f.root, "data_square"))));
    const auto data = want.data();
    const auto have = value_of(da::ExtendedSquare::extend(data));
    report.add("parity", difference<da::Share>("share", want.shares(), have.shares()));
    report.add("order of namespaces", [&] {
        const auto roots = da::roots_of(have);
        return roots ? std::string{} : roots.error().message();
    }());
    compare_layout(data, report);
}

void run_da_roots(const Fixture& f, FileReport& report) {
    const auto rows = list_of<da::NamespacedHash>(member(f.root, "row_roots"));
    const auto columns = list_of<da::NamespacedHash>(member(f.root, "column_roots"));
    const da::SquareRoots want{rows, columns};
    if (const auto size = da::check_roots(want); !size) {
        report.fail("", size.error().message());
        return;
    }
    // The square whose roots these are is the one that has most of them.
    std::optional<da::SquareRoots> nearest;
    for (const auto& square : squares_beside(f.path)) {
        if (square.width() != want.width()) continue;
        auto roots = value_of(da::roots_of(square));
        if (!nearest || equal_roots(want, roots) > equal_roots(want, *nearest)) nearest = std::move(roots);
    }
    if (!nearest) {
        report.skip("", "no extended square of this size beside it");
        return;
    }
    compare_roots(f.root, *nearest, report);
}

}  // namespace valence::conformance
