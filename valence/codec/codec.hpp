// Module codec: byte encodings that Ethereum defines.
//
//   rlp.hpp   Recursive Length Prefix: blocks, transactions, receipts, trie nodes
//   abi.hpp   the contract ABI: calls, return values, revert reasons
//   gzip.hpp  what development nodes pack dumps of their state in
//
// Decoders are total: they answer an error on bytes that are not the one canonical encoding of a value, and
// allocate no more than a small multiple of their input.
#pragma once

#include "valence/codec/abi.hpp"
#include "valence/codec/rlp.hpp"
