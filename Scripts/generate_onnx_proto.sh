#!/bin/sh
# Makes the C code that reads ONNX messages from Sources/System/COnnxProto/onnx.proto. Needs protoc-c
# (Debian: protobuf-c-compiler, Homebrew: protobuf-c). The result is committed; run this after a change of the .proto only.
set -eu
cd "$(dirname "$0")/../Sources/System/COnnxProto"
protoc-c --c_out=. onnx.proto
mv onnx.pb-c.h include/onnx.pb-c.h
