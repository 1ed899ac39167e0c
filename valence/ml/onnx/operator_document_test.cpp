// docs/onnx.md lists the operators there are. To renew it, replace its tables by what this test prints.
#include "valence/ml/onnx/operator_document.hpp"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace valence::ml::onnx_import {
namespace {

TEST(OperatorDocument, IsTheTablesOfTheDocumentation) {
    std::ifstream in(VALENCE_SOURCE_DIR "/docs/onnx.md");
    const std::string document{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    EXPECT_THAT(document, ::testing::HasSubstr(operator_document()));
}

}  // namespace
}  // namespace valence::ml::onnx_import
