/// Products of plain matrices, and what attention makes of them.
///
/// The right-hand side is packed first, in blocks of 16 columns: `[block][k][16]`; columns that do not exist are zero. The order is the same
/// for all instruction sets, so that files can hold it.
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
  /// See `attentionKeyBounds` in `Source/MatMul/Attention.swift`.
  public typealias KeyBounds = @Sendable (_ shape: AttentionShape, _ k: Floats, _ bounds: MutableFloats) -> Void
  /// See `attend` in `Source/MatMul/Attention.swift`.
  public typealias Attend = @Sendable (
    _ shape: AttentionShape, _ q: Floats, _ k: Floats, _ v: Floats, _ added: AttentionAddends, _ y: MutableFloats, _ scratch: MutableFloats
  ) -> Void

  /// Rows that are computed together: what tasks should take is a multiple.
  public let tileRows: Int
  /// Columns that are computed together: what tasks should take is a multiple. A multiple of 16.
  public let panelColumns: Int
  /// `attend` computes few tokens at a time, so that few of its cache misses overlap: keys and values should lie side by side.
  public let gathersTokens: Bool
  public let pack: Pack
  public let multiply: Multiply
  public let keyBounds: KeyBounds
  public let attend: Attend

  public init(
    tileRows: Int, panelColumns: Int, gathersTokens: Bool, pack: @escaping Pack, multiply: @escaping Multiply, keyBounds: @escaping KeyBounds,
    attend: @escaping Attend
  ) {
    self.tileRows = tileRows
    self.panelColumns = panelColumns
    self.gathersTokens = gathersTokens
    self.pack = pack
    self.multiply = multiply
    self.keyBounds = keyBounds
    self.attend = attend
  }

  /// Floats that a packed matrix of k rows and n columns takes. A task may take whole blocks: column j, a multiple of 16, starts at
  /// `j * k`.
  public func packedCount(k: Int, n: Int) -> Int { k * ((n + 15) / 16 * 16) }

  /// Floats of scratch that `attend` needs for each thread.
  public func attentionScratch(tokens: Int, keySize: Int, valueSize: Int) -> Int { 16 * (tokens + keySize + valueSize) }
}

/// Sizes and strides of one head of attention.
public struct AttentionShape: Sendable, Hashable {
  /// Where the numbers of a matrix lie: the distance from row to row, and from number to number in a row.
  public struct Strides: Sendable, Hashable {
    public var row: Int, number: Int

    public init(row: Int, number: Int) {
      self.row = row
      self.number = number
    }
  }

  /// Queries of this call; keys and values; numbers of a query or key, and of a value.
  public var queries: Int, tokens: Int, keySize: Int, valueSize: Int
  public var query: Strides, key: Strides, value: Strides
  /// From row to row of the result.
  public var resultRow: Int
  public var scale: Float

  public init(
    queries: Int, tokens: Int, keySize: Int, valueSize: Int, query: Strides, key: Strides, value: Strides, resultRow: Int, scale: Float
  ) {
    self.queries = queries
    self.tokens = tokens
    self.keySize = keySize
    self.valueSize = valueSize
    self.query = query
    self.key = key
    self.value = value
    self.resultRow = resultRow
    self.scale = scale
  }
}

/// What is added to the scores of one head; each may be absent.
public struct AttentionAddends: @unchecked Sendable {
  /// Packed: see `attend`.
  public var bias: Floats?, mask: Floats?
  /// One number a token; the first query of the call is token `firstQuery`.
  public var regions: Floats?
  public var penalty: Float
  public var firstQuery: Int
  /// What bias and mask together do not exceed by magnitude, infinity where that is unknown.
  public var bound: Float
  /// The largest magnitude of each number of the keys.
  public var keyBounds: Floats

  public init(
    bias: Floats? = nil, mask: Floats? = nil, regions: Floats? = nil, penalty: Float = 0, firstQuery: Int = 0, bound: Float, keyBounds: Floats
  ) {
    self.bias = bias
    self.mask = mask
    (self.bound, self.keyBounds) = (bound, keyBounds)
    self.regions = regions
    self.penalty = penalty
    self.firstQuery = firstQuery
  }
}
