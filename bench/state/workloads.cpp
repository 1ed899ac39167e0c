#include "bench/state/workloads.hpp"

#include <random>

#include <fmt/format.h>

namespace valence::bench {
namespace {

using state::StateChanges;
using state::StateDatabase;

constexpr auto kContract = base::address_from_number(0xc0ffee);
/// Slots loaded in one piece.
constexpr std::uint64_t kPiece = 250'000;

Address account_of(std::uint64_t n) { return base::address_from_number(0x1000'0000 + n * 7919); }

/// Slots as Solidity's mappings have them: anywhere. Any mixing does, since the trie hashes them again.
U256 slot_of(std::uint64_t n) {
    std::mt19937_64 random(n);
    return {random(), random(), random(), random()};
}

state::AccountChange& contract(StateChanges& changes) {
    auto& change = changes.accounts[kContract];
    change.account.emplace().nonce = 1;
    return change;
}

void must(const Result<void>& result) {
    if (result) return;
    fmt::print(stderr, "{}\n", result.error().message());
    std::exit(1);
}

std::uint64_t next_block(const StateDatabase& db) { return db.head()->number + 1; }

struct Timed {
    std::vector<Time> prepare;
    std::vector<Time> commit;
};

void run_block(StateDatabase& db, const StateChanges& changes, Timed& times) {
    std::optional<state::PreparedCommit> prepared;
    times.prepare.push_back(timed([&] { prepared = db.prepare(changes); }));
    times.commit.push_back(timed([&] { must(db.commit(next_block(db), {}, *prepared)); }));
}

void add(std::vector<Figure>& figures, const std::string& what, Timed times) {
    figures.push_back({"root: " + what, std::move(times.prepare), ""});
    figures.push_back({"commit: " + what, std::move(times.commit), ""});
}

}  // namespace

void build_state(StateDatabase& db, const Workload& workload, std::vector<Figure>& figures) {
    const auto time = timed([&] {
        for (std::uint64_t first = 0; first < workload.slots; first += kPiece) {
            StateChanges piece;
            auto& storage = contract(piece).storage;
            const auto end = std::min(workload.slots, first + kPiece);
            for (auto n = first; n < end; ++n)
                storage[slot_of(n)] = U256{1 + n};
            must(db.load(piece));
        }
        StateChanges accounts;
        for (std::uint64_t n = 0; n < workload.accounts; ++n) {
            accounts.accounts[account_of(n)].account.emplace().balance = U256{1 + n};
        }
        must(db.load(accounts));
        must(db.commit(0, {}, db.prepare({})));
    });
    figures.push_back(
        {fmt::format("load {} slots, {} accounts", workload.slots, workload.accounts), {time}, ""});
}

void commit_dirty_slots(StateDatabase& db, const Workload& workload, std::uint64_t rounds,
                        const std::string& warmth, std::vector<Figure>& figures) {
    std::mt19937_64 random(next_block(db));
    Timed times;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        StateChanges changes;
        auto& storage = contract(changes).storage;
        for (std::uint64_t i = 0; i < workload.dirty; ++i) {
            storage[slot_of(random() % workload.slots)] = U256{1 + random()};
        }
        run_block(db, changes, times);
    }
    add(figures, fmt::format("{} of {} slots, {}", workload.dirty, workload.slots, warmth), std::move(times));
}

void commit_all_accounts(StateDatabase& db, const Workload& workload, std::uint64_t rounds,
                         std::vector<Figure>& figures) {
    Timed times;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        StateChanges changes;
        for (std::uint64_t n = 0; n < workload.accounts; ++n) {
            auto& account = changes.accounts[account_of(n)].account.emplace();
            account.nonce = next_block(db);
            account.balance = U256{1 + n} * U256{1'000'000'007} + U256{round};
        }
        run_block(db, changes, times);
    }
    add(figures, fmt::format("{} changed accounts", workload.accounts), std::move(times));
}

void commit_small_blocks(StateDatabase& db, std::uint64_t rounds, std::vector<Figure>& figures) {
    std::mt19937_64 random(7);
    Timed times;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        StateChanges changes;
        changes.accounts[account_of(0)].account.emplace().nonce = round;
        changes.accounts[account_of(1)].account.emplace().balance = round;
        auto& storage = contract(changes).storage;
        storage[slot_of(round % 10)] = round + 1;
        storage[slot_of(10 + random() % 1000)] = round + 2;
        run_block(db, changes, times);
    }
    add(figures, "3 accounts, 2 slots", std::move(times));
}

void read_state(const StateDatabase& db, const Workload& workload, std::vector<Figure>& figures) {
    std::mt19937_64 random(3);
    std::vector<U256> slots;
    for (int i = 0; i < 20'000; ++i)
        slots.push_back(slot_of(random() % workload.slots));
    const auto reader = db.latest();
    const auto read_all = [&](const state::StateReader& from, std::size_t count) {
        U256 sum;
        std::vector<Time> each;
        // Batches, so that the clock costs nothing.
        for (std::size_t i = 0; i < count; i += 100) {
            each.push_back(timed(
                [&] {
                    for (std::size_t j = i; j < i + 100; ++j)
                        sum += from.storage(kContract, slots[j]);
                },
                100));
        }
        return each;
    };
    figures.push_back({"read a slot at the head, not cached", read_all(*reader, slots.size()), "each"});
    figures.push_back({"read a slot at the head, cached", read_all(*reader, slots.size()), "each"});
    std::vector<Time> absent;
    for (std::uint64_t i = 0; i < 200; ++i) {
        absent.push_back(timed(
            [&] {
                for (std::uint64_t j = 0; j < 100; ++j) {
                    (void)reader->storage(kContract, slot_of(workload.slots + i * 100 + j));
                }
            },
            100));
    }
    figures.push_back({"read a slot at the head, absent", std::move(absent), "each"});
    const auto past = db.head()->number - std::min<std::uint64_t>(db.head()->number - db.oldest_block(), 10);
    const auto past_reader = db.reader_at(past);
    if (past_reader) {
        figures.push_back({"read a slot ten blocks back", read_all(*past_reader.value(), 5'000), "each"});
    }
    for (const std::uint64_t back : {0u, 1u, 10u}) {
        std::vector<Time> times;
        for (std::size_t i = 0; i < 20; ++i) {
            const U256 slot[] = {slots[i]};
            times.push_back(timed([&] {
                if (!db.prove(db.head()->number - back, kContract, slot)) std::exit(1);
            }));
        }
        figures.push_back(
            {fmt::format("prove an account and a slot, {} blocks back", back), std::move(times), ""});
    }
}

}  // namespace valence::bench
