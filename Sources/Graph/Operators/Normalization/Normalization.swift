/// Shift and scale to unit deviation, norm or sum.
enum Normalization {
  static let operators = [
    BatchNormalization.declaration, InstanceNormalization.declaration, LayerNormalization.declaration, GroupNormalization.declaration,
    RMSNormalization.declaration, MeanVarianceNormalization.declaration, LRN.declaration, LpNormalization.declaration,
    Softmax.declaration, LogSoftmax.declaration, Hardmax.declaration,
  ]
}

/// Mean and biased variance in two passes over the values less their first, so that equal values have that mean and no variance, and a
/// large common offset costs no digits.
struct Moments {
  let mean: Double
  let variance: Double

  /// NaN where there are no values.
  init(_ values: some Collection<Double>) {
    let origin = values.first ?? 0, count = Double(values.count)
    let shift = values.reduce(0) { $0 + ($1 - origin) } / count
    mean = origin + shift
    variance = values.reduce(0) { $0 + ($1 - origin - shift) * ($1 - origin - shift) } / count
  }
}

/// A floating-point type and shape `[C]` for a parameter per channel.
func checkPerChannel(_ parameter: TensorType, _ name: String, channels: Int) throws(GraphError) {
  try checkFloating(parameter, name)
  guard parameter.shape == [channels] else {
    throw .shape(place: "", reason: "input '\(name)' has the shape \(parameter.shape), not [\(channels)]")
  }
}

func checkFloating(_ parameter: TensorType, _ name: String) throws(GraphError) {
  guard parameter.element.isFloatingPoint else {
    throw .invalid(place: "", reason: "input '\(name)' is \(parameter.element.onnxName), not a floating-point type")
  }
}
