// Module derive: the chain as blobs, and the chain out of blobs. Pure: no I/O, no clock.
//
//   blocks ─ encode_blocks ─► batch ─ cut ─► pieces, signed ─► blobs of the chain's namespace
//   blobs in the layer's order ─ open_piece ─► Assembler ─► batch ─ decode ─► Derivation ─► candidates
//   headers, forced transactions ─► LayerWindow ─────────────────────────────────┘
//
// Vocabulary
//   batch        consecutive whole blocks with all that verifying them takes, or the file of a model;
//   compressed piece        a batch's bytes as one blob holds them, signed by the sequencer: nobody else's
//   are looked into candidate    a block that the sequencer posted for a number; of several the first valid
//   one is the chain's finding      what an auditor should know: where which blob, batch or block was
//   refused, and why
//
// Anybody may write into a namespace: everything here is total on any bytes and holds no more than it says.
#pragma once

#include "valence/derive/assembler.hpp"
#include "valence/derive/batch.hpp"
#include "valence/derive/derivation.hpp"
#include "valence/derive/derive_error.hpp"
#include "valence/derive/layer_window.hpp"
#include "valence/derive/piece.hpp"
