#!/bin/sh
# Makes Tests/Data/model-file/version-1.octopi, which later programs must read or refuse with the remedy. Not to be made again for the same
# version of the format: that an old program wrote it is the point.
set -eu
cd "$(dirname "$0")/../.."
data=Tests/Data/vectors/pipeline
mkdir -p Tests/Data/model-file
"${OCTOPI:-octopi}" convert "$data/model/blob.onnx" --model-config "$data/model/model_config.yaml" --objects "$data/config.json" \
    -o Tests/Data/model-file/version-1.octopi
