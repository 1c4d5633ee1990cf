/// Products of plain matrices, and what attention makes of them.
///
/// The right-hand side is packed first: in panels of `panelColumns` columns, `[panel][k][panelColumns]`; the last panel may be narrower, a
/// multiple of the vector's lanes, its surplus filled with zeros.
public struct MatMulKernels: Sendable {
  /// See `packPanels` in `Source/MatMul/MatMul.swift`.
  public typealias Pack = @Sendable (
    _ k: Int, _ n: Int, _ b: Floats, _ bRow: Int, _ bColumn: Int, _ alpha: Float, _ packed: MutableFloats
  ) -> Void
  /// See `multiply` in `Source/MatMul/MatMul.swift`.
  public typealias Multiply = @Sendable (
    _ m: Int, _ n: Int, _ k: Int, _ a: Floats, _ aRow: Int, _ aColumn: Int, _ packed: Floats, _ bias: Floats?, _ addend: Floats?, _ addendRow: Int,
    _ c: MutableFloats, _ cRow: Int
  ) -> Void
  /// See `attend` in `Source/MatMul/Attention.swift`.
  public typealias Attend = @Sendable (
    _ shape: AttentionShape, _ q: Floats, _ keys: Floats, _ values: Floats, _ bias: Floats?, _ mask: Floats?, _ y: MutableFloats,
    _ scratch: MutableFloats
  ) -> Void

  /// Rows that are computed together: what tasks should take is a multiple.
  public let tileRows: Int
  public let panelColumns: Int
  public let lanes: Int
  public let pack: Pack
  public let multiply: Multiply
  public let attend: Attend

  public init(tileRows: Int, panelColumns: Int, lanes: Int, pack: @escaping Pack, multiply: @escaping Multiply, attend: @escaping Attend) {
    self.tileRows = tileRows
    self.panelColumns = panelColumns
    self.lanes = lanes
    self.pack = pack
    self.multiply = multiply
    self.attend = attend
  }

  /// Floats that a packed matrix of k rows and n columns takes. A task may take whole panels: panel i starts at
  /// `i * packedCount(k: k, n: panelColumns)` and at column `i * panelColumns`.
  public func packedCount(k: Int, n: Int) -> Int { k * ((n + lanes - 1) / lanes * lanes) }

  /// Floats of scratch that `attend` needs for each thread.
  public func attentionScratch(tokens: Int) -> Int { tileRows * ((tokens + lanes - 1) / lanes * lanes) }
}

/// Sizes and strides of one head of attention.
public struct AttentionShape: Sendable, Hashable {
  /// Queries, that is rows, of this call; keys and values; numbers of a query or key, and of a value.
  public var queries: Int, tokens: Int, keySize: Int, valueSize: Int
  /// From row to row of the queries, the result, the bias and the mask.
  public var queryRow: Int, resultRow: Int, biasRow: Int, maskRow: Int

  public init(queries: Int, tokens: Int, keySize: Int, valueSize: Int, queryRow: Int, resultRow: Int, biasRow: Int, maskRow: Int) {
    self.queries = queries
    self.tokens = tokens
    self.keySize = keySize
    self.valueSize = valueSize
    self.queryRow = queryRow
    self.resultRow = resultRow
    self.biasRow = biasRow
    self.maskRow = maskRow
  }
}
