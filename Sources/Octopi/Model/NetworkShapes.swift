import Graph

extension NetworkFile {
  /// Edge of a window where neither the file nor the user says one: that of octopi's own networks.
  public static let usualSize = 96

  /// A shape for each input: what the file fixes, and for what it leaves open one image, the channels that the first convolution reads,
  /// and a window of `size`.
  ///
  /// - size: along z, y, x; one number for all; nil for `usualSize` where the file leaves it open.
  /// - Throws: `NetworkShapeError` if the file fixes another size; what `graph` throws.
  public func inputShapes(size: [Int]?) throws -> [[Int]] {
    var shapes: [[Int]] = []
    for (index, value) in inputs.enumerated() {
      let declared = value.declared?.shape ?? [Dimension](repeating: .unknown, count: 5)
      var shape: [Int] = []
      for (axis, dimension) in declared.enumerated() {
        let wanted = axis < 2 || declared.count < 3 ? nil : Self.length(of: size, axis: axis - 2, of: declared.count - 2)
        if case .known(let length) = dimension {
          if let wanted, wanted != length { throw NetworkShapeError.fixed(model: path, input: value.name, takes: TypeText.declared(value), wanted: wanted) }
          shape.append(length)
        } else {
          shape.append(axis == 0 ? 1 : axis == 1 && declared.count > 2 ? try channels(ofInput: index) : wanted ?? Self.usualSize)
        }
      }
      shapes.append(shape)
    }
    return shapes
  }

  private static func length(of size: [Int]?, axis: Int, of axes: Int) -> Int? {
    guard let size, let first = size.first else { return nil }
    // A plane of a network in two dimensions lies in y and x.
    let index = size.count - axes + axis
    return size.indices.contains(index) ? size[index] : first
  }

  /// Channels that the convolutions which read an input take; 1 where none does.
  private func channels(ofInput index: Int) throws -> Int {
    let graph = try graph
    guard graph.inputs.indices.contains(index) else { return 1 }
    let id = graph.inputs[index]
    for node in graph.nodes where node.inputs.first == id {
      guard let conv = node.operation as? Conv, let weight = node.inputs.optional(1), let shape = graph[weight].type?.shape, shape.count > 1 else { continue }
      return shape[1] * conv.groups
    }
    return 1
  }
}

/// A network cannot have the window that was asked for.
public enum NetworkShapeError: Error, Sendable, Hashable {
  case fixed(model: String, input: String, takes: String, wanted: Int)
}

extension NetworkShapeError: Failure {
  public var kind: FailureKind { .usage }

  public var message: String {
    switch self {
    case .fixed(let model, let input, let takes, let wanted): "'\(model)' has a fixed size: input '\(input)' is \(takes), not \(wanted)"
    }
  }

  public var remedy: String? { "leave out --size, or export the network with open axes" }
}
