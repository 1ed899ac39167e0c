// Module base: the vocabulary everything else is written in.
//
//   bytes.hpp         Bytes, BytesView, Address, Hash: byte strings of free and fixed size
//   hex.hpp           bytes to hexadecimal text and back
//   u256.hpp          U256, the 256-bit word of the EVM
//   result.hpp        Result<T>: a value or an Error; how every fallible function of the project answers
//   hash_secret.hpp   what makes hash tables safe from chosen keys
//
// The names of this module are used everywhere, so they are also visible as valence::Bytes, valence::U256 and
// so on.
#pragma once

#include "valence/base/bytes.hpp"
#include "valence/base/hex.hpp"
#include "valence/base/result.hpp"
#include "valence/base/u256.hpp"
