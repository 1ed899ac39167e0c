// Module chain: Ethereum's transactions and blocks, and the rules under which they change the state.
//
//   transaction.hpp   what an account signs        block.hpp     header, body, roots
//   receipt.hpp       what a transaction leaves    genesis.hpp   the first block and state
//   rule_set.hpp      which rules hold when, and in what our chain differs from Ethereum
//   chain_error.hpp   every rule that can be broken
//
// The way of a block: decode_block → validate_header, validate_body, validate_ommers → recover_sender of each
// transaction → execute_block (on a state::JournaledState) → validate_result → the state root, by whoever
// keeps the state. A builder drives BlockExecution step by step instead. execute_transaction is the one
// function that runs a transaction.
#pragma once

#include "valence/chain/block.hpp"
#include "valence/chain/block_fees.hpp"
#include "valence/chain/chain_error.hpp"
#include "valence/chain/execute_block.hpp"
#include "valence/chain/genesis.hpp"
#include "valence/chain/receipt.hpp"
#include "valence/chain/rule_set.hpp"
#include "valence/chain/transaction.hpp"
#include "valence/chain/validate_block.hpp"
#include "valence/chain/validate_transaction.hpp"
