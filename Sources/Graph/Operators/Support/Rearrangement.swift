extension Tensor {
  /// The elements at `offset + sum of index * stride` for every index of `shape`, row-major: any transpose, slice or broadcast.
  func strided(_ shape: [Int], strides: [Int], offset: Int = 0) -> Tensor {
    let walk = StrideWalk(shape, strides: [strides])
    let type = TensorType(element, shape)
    return switch values {
    case .floats(let v): Tensor(type, .floats(Self.strided(v, walk, offset, type.count)))
    case .doubles(let v): Tensor(type, .doubles(Self.strided(v, walk, offset, type.count)))
    case .integers(let v): Tensor(type, .integers(Self.strided(v, walk, offset, type.count)))
    }
  }

  private static func strided<T>(_ source: [T], _ walk: StrideWalk, _ offset: Int, _ count: Int) -> [T] {
    var result: [T] = []
    result.reserveCapacity(count)
    let length = walk.rowLength, stride = walk.rowStrides[0]
    walk.forEachRow { offsets in
      var at = offset + offsets[0]
      if stride == 1 {
        result.append(contentsOf: source[at..<(at + length)])
      } else {
        for _ in 0..<length {
          result.append(source[at])
          at += stride
        }
      }
    }
    return result
  }

  /// This tensor as if it had the larger `shape` (NumPy's broadcasting).
  func broadcast(to shape: [Int]) -> Tensor { strided(shape, strides: broadcastStrides(self.shape, to: shape)) }

  /// Runs of `length` elements that start at `starts`, one after the other; a start of nil gives `length` times `filler`.
  func runs(_ starts: [Int?], length: Int, shape: [Int], filler: Tensor? = nil) -> Tensor {
    let type = TensorType(element, shape)
    switch (values, filler?.values) {
    case (.floats(let v), .floats(let f)?): return Tensor(type, .floats(Self.runs(v, starts, length, f.first ?? 0)))
    case (.doubles(let v), .doubles(let f)?): return Tensor(type, .doubles(Self.runs(v, starts, length, f.first ?? 0)))
    case (.integers(let v), .integers(let f)?): return Tensor(type, .integers(Self.runs(v, starts, length, f.first ?? 0)))
    case (.floats(let v), _): return Tensor(type, .floats(Self.runs(v, starts, length, 0)))
    case (.doubles(let v), _): return Tensor(type, .doubles(Self.runs(v, starts, length, 0)))
    case (.integers(let v), _): return Tensor(type, .integers(Self.runs(v, starts, length, 0)))
    }
  }

  private static func runs<T>(_ source: [T], _ starts: [Int?], _ length: Int, _ filler: T) -> [T] {
    var result: [T] = []
    result.reserveCapacity(starts.count * length)
    for start in starts {
      if let start {
        if length == 1 { result.append(source[start]) } else { result.append(contentsOf: source[start..<(start + length)]) }
      } else {
        result.append(contentsOf: repeatElement(filler, count: length))
      }
    }
    return result
  }

  /// The first value `count` times.
  func repeated(_ shape: [Int]) -> Tensor {
    strided(shape, strides: [Int](repeating: 0, count: shape.count))
  }
}

/// An operator that hands one of its inputs on unchanged under certain circumstances; such nodes are removed.
protocol Forwarding: Operator {
  /// Index of the input that is the first result, given the types and constants of all inputs and the types of all results; nil if none is.
  func forwarded(_ inputs: [Operand?], results: [TensorType]) -> Int?
}

/// An operator whose results follow from the types of its inputs alone.
protocol TypeOnly: Operator {
  func evaluate(types: [TensorType?]) throws(GraphError) -> [Tensor]
}
