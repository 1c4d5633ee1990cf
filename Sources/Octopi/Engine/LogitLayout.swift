/// Where the logits of some planes and rows of a window lie in a span: as the network left them, in blocks of classes or class by class.
///
/// The logit of class `classes.lowerBound + i` of a block, plane z and row y (of those in the span), voxel x is number
/// `first + i * classStep + z * planeStep + y * rowStep + x * voxelStep`.
public struct LogitLayout: Sendable, Hashable {
  /// Classes that lie `classStep` apart.
  public struct Block: Sendable, Hashable {
    public let classes: Range<Int>
    /// Place of the first class of the first voxel.
    public let first: Int

    public init(classes: Range<Int>, first: Int) {
      self.classes = classes
      self.first = first
    }
  }

  /// The span's classes in ascending order.
  public internal(set) var blocks: [Block]
  public let classStep: Int, planeStep: Int, rowStep: Int, voxelStep: Int
  /// Floats of a voxel that are there and may be read, from the first class of a block on. Those without a class hold anything.
  public let lanes: Int

  /// Class by class, each row-major; a span of some planes begins with the first class's and ends with the last class's.
  ///
  /// - size: voxels of a window along z, y, x.
  public init(classes: Int, size: [Int]) {
    let plane = size[1] * size[2]
    blocks = [Block(classes: 0..<classes, first: 0)]
    (classStep, planeStep, rowStep, voxelStep) = (plane * size[0], plane, size[2], 1)
    lanes = 1
  }

  /// Of one image, from its first voxel on.
  init(_ view: BoundView) {
    let shape = view.shape, strides = view.strides
    if shape.width == 1 {
      (blocks, classStep) = ([Block(classes: 0..<shape.channels, first: 0)], strides.block)
    } else {
      blocks = zip(shape.firstChannels, shape.blocks).enumerated().map { index, channels in
        Block(classes: channels.0..<channels.0 + channels.1, first: index * strides.block)
      }
      classStep = 1
    }
    (planeStep, rowStep, voxelStep) = (strides.z, strides.y, strides.x)
    lanes = shape.width
  }

  /// Of one block of neighbouring classes, at steps that somebody chose.
  init(classes: Range<Int>, planeStep: Int, rowStep: Int, voxelStep: Int) {
    blocks = [Block(classes: classes, first: 0)]
    (classStep, self.planeStep, self.rowStep, self.voxelStep) = (1, planeStep, rowStep, voxelStep)
    lanes = voxelStep
  }

  /// Floats of a span that holds `planes` planes of `rows` rows of `voxels` voxels.
  public func count(planes: Int, rows: Int, voxels: Int) -> Int {
    guard let last = blocks.last, planes > 0, rows > 0, voxels > 0 else { return 0 }
    let block = max((last.classes.count - 1) * classStep + 1, lanes)
    return last.first + block + (planes - 1) * planeStep + (rows - 1) * rowStep + (voxels - 1) * voxelStep
  }
}

/// Logits of a part of a window that are handed over together: some planes and rows of it, all along x, of all classes or of some.
public struct LogitPart: Sendable, Hashable {
  public let planes: Range<Int>, rows: Range<Int>
  /// Where they lie in the span that comes along, which begins with the first plane's first row.
  public let layout: LogitLayout

  public init(planes: Range<Int>, rows: Range<Int>, layout: LogitLayout) {
    self.planes = planes
    self.rows = rows
    self.layout = layout
  }

  /// Floats of the span if rows have `voxels` voxels.
  public func floats(voxels: Int) -> Int { layout.count(planes: planes.count, rows: rows.count, voxels: voxels) }

  /// Logits of the part if rows have `voxels` voxels.
  public func logits(voxels: Int) -> Int { layout.blocks.reduce(0) { $0 + $1.classes.count } * planes.count * rows.count * voxels }
}

/// Takes a part of the logits of a window; valid during the call. Told every logit once, by several threads at once.
public typealias TakeLogits = (_ part: LogitPart, _ logits: Span<Float>) -> Void
