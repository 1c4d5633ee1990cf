/// Operators that make, read and change shapes, or move values without computing with them.
enum ShapeFamily {
  static let operators = [
    Constant.declaration, ConstantOfShape.declaration, Shape.declaration, Size.declaration, RangeOfNumbers.declaration,
    Identity.declaration, Dropout.declaration, Reshape.declaration, Flatten.declaration, Squeeze.declaration, Unsqueeze.declaration,
    Transpose.declaration, Expand.declaration, Tile.declaration, Slice.declaration, DepthToSpace.declaration, SpaceToDepth.declaration,
    Concat.declaration, Split.declaration, Pad.declaration,
  ]
}

/// The definitions at which ONNX only added element types to an operator that moves values.
let movementOpsets = [21, 23, 24, 25]
