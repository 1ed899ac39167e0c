#include "valence/node/snapshot/snapshot_writer.hpp"

#include "valence/sequencer/stored_receipts.hpp"

namespace valence::node {

using codec::RlpWriter;

/// Length, then a list of the kind and what `rest` writes.
void SnapshotWriter::frame(SnapshotFrame kind, const std::function<void(RlpWriter&)>& rest) {
    const auto number = static_cast<std::size_t>(kind);
    RlpWriter w;
    w.list([&] {
        w.u64(number);
        rest(w);
    });
    const auto payload = w.take();
    const auto size = payload.size();
    if (size > kLargestFrame[number]) {
        too_large_ = true;
        return;
    }
    for (const int shift : {24, 16, 8, 0})
        out_.put(static_cast<char>(size >> shift));
    out_.write(reinterpret_cast<const char*>(payload.data()), static_cast<std::streamsize>(size));
    bytes_ += 4 + size;
}

void SnapshotWriter::start(const SnapshotInfo& info) {
    frame(SnapshotFrame::start, [&](RlpWriter& w) {
        w.bytes(base::as_bytes(kSnapshotMark)).u64(kSnapshotVersion);
        w.bytes(info.genesis_hash).u64(info.number).bytes(info.hash);
    });
}

void SnapshotWriter::ancestors(std::span<const chain::Header> headers) {
    frame(SnapshotFrame::ancestors, [&](RlpWriter& w) {
        for (const auto& header : headers)
            chain::write_header(w, header);
    });
}

void SnapshotWriter::block(const sequencer::StoredBlock& block) {
    frame(SnapshotFrame::block, [&](RlpWriter& w) {
        w.bytes(chain::encode_block(block.block)).bytes(outcome::encode_settled(block.outcomes));
        w.bytes(block.beacon ? BytesView{*block.beacon} : BytesView{});
        w.bytes(sequencer::encode_stored_receipts(block));
    });
}

void SnapshotWriter::account(const Address& address, const state::Account& account, BytesView code) {
    end_entry();
    flush_full();
    ++accounts_;
    address_ = address;
    account_ = account;
    begin_entry(code);
}

void SnapshotWriter::slot(const U256& slot, const U256& value) {
    if (weight_ >= kFullFrame) {
        end_entry();
        flush();
        begin_entry({});
    }
    ++slots_;
    weight_ += kSlotWeight;
    listed_slots_.list([&] { listed_slots_.u256(slot).u256(value); });
}

void SnapshotWriter::end() {
    end_entry();
    if (weight_ > 0) flush();
    frame(SnapshotFrame::end, [this](RlpWriter& w) { w.u64(accounts_).u64(slots_); });
}

void SnapshotWriter::begin_entry(BytesView code) {
    has_entry_ = true;
    code_ = base::to_bytes(code);
    listed_slots_ = RlpWriter{};
    weight_ += kAccountWeight + code.size();
}

void SnapshotWriter::end_entry() {
    if (!has_entry_) return;
    has_entry_ = false;
    const auto listed = listed_slots_.take();
    RlpWriter w;
    w.list([&] {
        w.bytes(address_).u64(account_.nonce).u256(account_.balance).bytes(code_);
        w.list([&] { w.raw(listed); });
    });
    base::append(entries_, w.view());
}

void SnapshotWriter::flush_full() {
    if (weight_ >= kFullFrame) flush();
}

void SnapshotWriter::flush() {
    frame(SnapshotFrame::accounts, [this](RlpWriter& w) { w.raw(entries_); });
    entries_.clear();
    weight_ = 0;
}

}  // namespace valence::node
