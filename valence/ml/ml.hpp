// Module ml: a machine-learning model from its ONNX file to integers that are the same on every machine.
//
//     model.onnx ─ onnx/ ─► FloatGraph ─ quantise/ ─► Graph ─ model/ ─► model.vmodel, model id
//                                                       │
//                            reference/ (the definition) and executor/ (the same numbers, fast)
// check/ does all of it for one file, compares the integers with the floats and says what it found.
//
// graph/ holds the graph's declaration, its validation and its cost; functions/ the tables it looks values up
// in; testing/ random graphs. docs/model-semantics.md states what each operation computes.
//
// Vocabulary
//   activation   a 16-bit integer q that stands for q·2^−exponent
//   accumulator  an exact 64-bit sum of products
//   requantise   accumulator to activation: shift, round half up, saturate
//   table        the 65,536 values of a function of one activation, drawn through exact knots (functions/)
//   calibrate    run the float graph on samples to learn the range of every tensor
// Floating point exists in onnx/, float_graph/ and quantise/ only; a Graph and all that computes it are
// integers. (The executor finds two quotients in double precision, with a proof that they are the exact
// ones.)
#pragma once

#include "valence/ml/graph/graph.hpp"
#include "valence/ml/graph/operation.hpp"
#include "valence/ml/graph/shape.hpp"
