/// `y[m][i][j] = regions[m][i] == regions[m][j] ? same : different`: which positions of a window may see each other.
///
/// Input regions `[M, n]`; result `[M, n, n]` of `float32`.
public struct RegionMask: Operator, Hashable {
  public let same: Float
  public let different: Float

  public static let declaration = OperatorDeclaration(
    "RegionMask", domain: Fused.domain, opsets: [1], elements: [.int64]
  ) { (node) throws(GraphError) in RegionMask(same: try node.float("same") ?? 0, different: try node.float("different") ?? 0) }

  public var definition: OperatorDefinition { OperatorDefinition(["same": .float(same), "different": .float(different)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let shape = try inputs.required(0, "regions").type.shape
    guard shape.count == 2 else { throw .shape(place: "", reason: "regions of shape \(shape) are no list of windows") }
    return [try TensorType(.float32, [shape[0], shape[1], shape[1]]).checked()]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let regions: Tensor = try inputs.required(0, "regions")
    let type = try outputs(of: [Operand(regions)])[0], ids = regions.integers ?? [], n = regions.shape[1]
    var result: [Float] = []
    result.reserveCapacity(type.count)
    for window in 0..<regions.shape[0] {
      let row = ids[window * n..<(window + 1) * n]
      for id in row { result += row.lazy.map { $0 == id ? same : different } }
    }
    return [Tensor(type, .floats(result))]
  }

  /// The regions of which a mask `[M, n, n]` consists, and what it holds between different ones; nil where it is no such mask, or where it
  /// does not hold zero within a region.
  static func regions(of mask: Tensor) -> (regions: Tensor, different: Float)? {
    guard mask.shape.count == 3, mask.shape[1] == mask.shape[2], let values = mask.floats, let different = values.first(where: { $0 != 0 }) else {
      return nil
    }
    let n = mask.shape[1]
    var ids: [Int64] = []
    for window in 0..<mask.shape[0] {
      let start = window * n * n
      var row: [Int] = []
      for i in 0..<n {
        // A region is called after its first position.
        guard let first = (0...i).first(where: { values[start + i * n + $0] == 0 }) else { return nil }
        row.append(first)
      }
      for i in 0..<n {
        for j in 0..<n where values[start + i * n + j] != (row[i] == row[j] ? 0 : different) { return nil }
      }
      ids += row.map { Int64($0) }
    }
    return (Tensor(TensorType(.int64, [mask.shape[0], n]), .integers(ids)), different)
  }
}
