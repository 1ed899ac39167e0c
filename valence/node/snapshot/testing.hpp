// What the fuzzer of snapshot files and their tests share.
#pragma once

#include <sstream>

#include "valence/node/snapshot/snapshot_reader.hpp"
#include "valence/node/snapshot/snapshot_writer.hpp"

namespace valence::node::testing {

inline SnapshotReader reader_of(BytesView file) {
    return {std::make_unique<std::istringstream>(std::string(base::as_text(file))), file.size(), "memory"};
}

/// The parts before the accounts: of an empty block with two headers before it.
inline void write_front(SnapshotWriter& writer) {
    sequencer::StoredBlock stored;
    stored.block.header.number = 2;
    stored.block.header.extra_data = Bytes(32, 0);
    std::vector<chain::Header> ancestors(2, stored.block.header);
    ancestors[0].number = 1;
    ancestors[1].number = 0;
    writer.start({chain::header_hash(ancestors[1]), 2, chain::header_hash(stored.block.header)});
    writer.ancestors(ancestors);
    writer.block(stored);
}

template <typename Write>
Bytes written(Write&& write) {
    std::ostringstream out;
    SnapshotWriter writer(out);
    write(writer);
    VALENCE_CHECK(writer.works());
    const auto text = out.str();
    return base::to_bytes(base::as_bytes(text));
}

inline Bytes front_of_file() { return written(write_front); }

/// Some accounts with and without code and slots.
inline Bytes small_file() {
    return written([](SnapshotWriter& writer) {
        write_front(writer);
        writer.account(base::address_from_number(1), {1, U256{1'000}, {}}, {});
        writer.account(base::address_from_number(2), {1, U256{}, {}}, Bytes{0x60, 0x00});
        writer.slot(U256{3}, U256{4});
        writer.slot(U256{1} << 200, U256{1} << 100);
        writer.account(base::address_from_number(300), {7, U256{1} << 128, {}}, {});
        writer.end();
    });
}

/// An account with slots for three frames between two others, one of them with a code that fills the rest.
inline Bytes file_of_several_frames() {
    return written([](SnapshotWriter& writer) {
        write_front(writer);
        writer.account(base::address_from_number(1), {1, U256{1}, {}}, {});
        writer.account(base::address_from_number(2), {2, U256{2}, {}}, Bytes{0x00});
        for (std::uint64_t slot = 1; slot <= 40'000; ++slot)
            writer.slot(U256{slot}, U256{slot});
        writer.account(base::address_from_number(3), {3, U256{3}, {}}, Bytes(kFullFrame, 0xfe));
        writer.slot(U256{1}, U256{1});
        writer.end();
    });
}

/// Writes what a file holds once more, which must give the same file; or says why it is none.
inline Result<Bytes> rewritten(BytesView file) {
    auto reader = reader_of(file);
    std::ostringstream out;
    SnapshotWriter writer(out);
    BOOST_OUTCOME_TRY(const auto info, reader.start());
    writer.start(info);
    BOOST_OUTCOME_TRY(const auto ancestors, reader.ancestors());
    std::vector<chain::Header> headers;
    for (const auto& ancestor : ancestors)
        headers.push_back(ancestor.header);
    writer.ancestors(headers);
    BOOST_OUTCOME_TRY(auto read, reader.block());
    for (const auto& sender : read.senders)
        read.block.facts.emplace_back().sender = sender;
    writer.block(read.block);
    std::optional<Address> last;
    for (;;) {
        BOOST_OUTCOME_TRY(const auto changes, reader.accounts());
        if (!changes) break;
        for (const auto& [address, change] : changes->accounts) {
            const auto code = changes->code.find(change.account->code_hash);
            if (last != address)
                writer.account(address, *change.account,
                               code == changes->code.end() ? BytesView{} : BytesView{*code->second});
            last = address;
            for (const auto& [slot, value] : change.storage)
                writer.slot(slot, value);
        }
    }
    writer.end();
    VALENCE_CHECK(writer.works());
    const auto text = out.str();
    return base::to_bytes(base::as_bytes(text));
}

}  // namespace valence::node::testing
