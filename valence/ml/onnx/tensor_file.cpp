#include "valence/ml/onnx/tensor_file.hpp"

#include <limits>

#include <onnx/onnx_pb.h>

#include "valence/ml/onnx/import_error.hpp"
#include "valence/ml/onnx/read_tensor.hpp"

namespace valence::ml {

Result<real::Tensor> read_tensor_file(BytesView file) {
    ::onnx::TensorProto proto;
    if (file.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
        !proto.ParseFromArray(file.data(), static_cast<int>(file.size())))
        return Error{ImportError::malformed, "not an ONNX tensor"};
    return onnx_import::read_tensor(proto);
}

}  // namespace valence::ml
