// The order in which a graph's nodes can be computed.
#pragma once

#include <vector>

#include <onnx/onnx_pb.h>

namespace valence::ml::onnx_import {

using NodeList = ::google::protobuf::RepeatedPtrField<::onnx::NodeProto>;

/// Places of the nodes, each after those whose outputs it or a graph inside it reads, and otherwise as they
/// stand. ONNX wants files in such an order; converters to float16 write others and runtimes sort them. Nodes
/// on a cycle come last, as they stand.
std::vector<int> computing_order(const NodeList& nodes);

}  // namespace valence::ml::onnx_import
