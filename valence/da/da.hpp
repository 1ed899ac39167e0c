// Module da: data availability, Celestia's data model bit for bit. Pure, but for layer/, sampling/ and rpc/:
// no I/O, no clock.
//
//     transactions with blobs ─ build_square ─► Square ─ extend ─► ExtendedSquare ─► roots ─► data root
//                                                                       ▲                        │
//                              samples with proofs ─ repair ────────────┘   commitment proofs ◄──┘
//
// Vocabulary
//   namespace    29 bytes that say whose data it is; what is in order in a square
//   blob         the bytes somebody posts to a namespace
//   share        512 bytes: a cell of a square
//   square       a block's shares, 2ⁿ × 2ⁿ
//   extended     the square with parity: twice as wide and high, any row or column from half of its shares
//   commitment   a digest of a blob that a square can be shown to contain, wherever the blob lies in it
//   data root    the digest of all rows' and columns' roots; what a header names
//
// Folders
//   square/      shares, blobs, transactions, where everything lies
//   tree/        Merkle trees with and without namespaces, and their proofs
//   inclusion/   commitments to blobs and proofs of them
//   coding/      Reed–Solomon in two fields
//   extended/    extended squares: roots, repair, proofs of wrong coding
//   sampling/    how sure one can be from a few shares; blobs from those that come
//   layer/       a layer as its users see it, and one embedded in this process
//   rpc/         celestia-node's API: the embedded layer's server, and the client of either
#pragma once

#include "valence/da/da_error.hpp"
#include "valence/da/inclusion/commitment.hpp"
#include "valence/da/namespace.hpp"
#include "valence/da/square/square.hpp"
