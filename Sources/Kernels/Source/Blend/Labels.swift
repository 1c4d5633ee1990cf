import KernelTable

/// `sums[c][i] /= counts[i]`: float32, one division each; rows of `count` neighbours, `sumsClass` floats from class to class.
@inline(never)
func divideRow(_ count: Int, _ classes: Int, _ sums: MutableFloats, _ sumsClass: Int, _ counts: Floats) {
  for c in 0..<classes {
    let sums = sums + c * sumsClass
    forEachVector(count) { i, lanes in
      Vector.div(Vector(loading: sums + i, lanes), Vector(loading: counts + i, lanes, filling: 1)).stored(at: sums + i, lanes)
    }
  }
}

/// `labels[i]`: the class with the highest `x[c][i]`, the lowest on ties; a NaN counts as the highest, the first one if there are several.
///
/// Rows of `count` neighbours, `xClass` floats from class to class; 1...256 classes.
@inline(never)
func argmaxRow(_ count: Int, _ classes: Int, _ x: Floats, _ xClass: Int, _ labels: UnsafeMutablePointer<UInt8>) {
  forEachVector(count) { i, lanes in
    let first = Vector(loading: x + i, lanes)
    highest(from: 1, classes, x + i, xClass, lanes, best: first, step: 0).storedAsBytes(at: labels + i, lanes)
  }
}

/// `labels[i]`: 1 + the class with the highest `x[c][i]` among those above `threshold`, 0 if there is none; ties and NaN as in `argmaxRow`.
/// 1...255 classes.
@inline(never)
func argmaxAboveRow(_ count: Int, _ classes: Int, _ x: Floats, _ xClass: Int, _ threshold: Float, _ labels: UnsafeMutablePointer<UInt8>) {
  forEachVector(count) { i, lanes in
    highest(from: 0, classes, x + i, xClass, lanes, best: Vector(repeating: threshold), step: 1).storedAsBytes(at: labels + i, lanes)
  }
}

/// The class, plus `step`, of what exceeds `best` and all classes from `first` on before it; 0 if nothing does.
@inline(__always)
private func highest(from first: Int, _ classes: Int, _ x: Floats, _ xClass: Int, _ lanes: Int, best: Vector, step: Int) -> Vector {
  var best = best, label = Vector(repeating: 0)
  for c in first..<max(first, classes) {
    let candidate = Vector(loading: x + c * xClass, lanes)
    label = Vector.exceeds(candidate, best, Vector(repeating: Float(c + step)), label)
    best = Vector.exceeds(candidate, best, candidate, best)
  }
  return label
}
