/// How a kernel of taps slides over space: what convolutions and poolings share.
///
/// All attributes are per spatial axis and may be absent in the file; sizes are limited so that no sum of them overflows.
public struct SlidingWindow: Sendable, Hashable {
  /// Who decides the padding.
  public enum AutoPad: String, Sendable, CaseIterable {
    /// `pads` does.
    case notSet = "NOTSET"
    /// As much as gives `ceil(input / stride)` windows, an odd one at the end.
    case sameUpper = "SAME_UPPER"
    /// The same, an odd one at the beginning.
    case sameLower = "SAME_LOWER"
    /// None.
    case valid = "VALID"
  }

  public let autoPad: AutoPad
  /// Absent: the weights' own shape.
  public let kernelShape: [Int]?
  public let strides: [Int]?
  public let dilations: [Int]?
  /// All begins, then all ends.
  public let pads: [Int]?

  static let largest = 1 << 20

  /// `needsKernel`: there are no weights that could tell the kernel's shape.
  init(_ node: AttributeReader, needsKernel: Bool = false) throws(GraphError) {
    autoPad = try node.choice("auto_pad", default: .notSet)
    kernelShape = try node.ints("kernel_shape", in: 1...Self.largest)
    if needsKernel, kernelShape == nil { throw .invalid(place: node.node, reason: "attribute 'kernel_shape' is missing") }
    strides = try node.ints("strides", in: 1...Self.largest)
    dilations = try node.ints("dilations", in: 1...Self.largest)
    pads = try node.ints("pads", in: 0...Self.largest)
    if autoPad != .notSet, let pads, pads.contains(where: { $0 != 0 }) {
      throw .invalid(place: node.node, reason: "pads \(pads) and auto_pad \(autoPad.rawValue) exclude each other")
    }
  }

  /// The same window over an input with so much more padding, all begins, then all ends; nil where the padding follows from the input.
  func padded(by more: [Int]) -> SlidingWindow? {
    guard autoPad == .notSet || autoPad == .valid else { return nil }
    let sums = pads.map { zip($0, more).map { $0 + $1 } } ?? more
    guard sums.count == more.count, sums.allSatisfy({ $0 <= Self.largest }) else { return nil }
    return SlidingWindow(autoPad: .notSet, kernelShape: kernelShape, strides: strides, dilations: dilations, pads: sums)
  }

  private init(autoPad: AutoPad, kernelShape: [Int]?, strides: [Int]?, dilations: [Int]?, pads: [Int]?) {
    (self.autoPad, self.kernelShape, self.strides, self.dilations, self.pads) = (autoPad, kernelShape, strides, dilations, pads)
  }

  /// What `init(_:)` reads.
  var attributes: [String: Attribute?] {
    [
      "auto_pad": .string(autoPad.rawValue), "kernel_shape": kernelShape.map(Attribute.integers), "strides": strides.map(Attribute.integers),
      "dilations": dilations.map(Attribute.integers), "pads": pads.map(Attribute.integers),
    ]
  }

  /// Refuses lists whose length is not the number of spatial axes, `axes`.
  func check(axes: Int) throws(GraphError) {
    guard (1...3).contains(axes) else { throw .unsupported(place: "", reason: "\(axes) spatial axes; 1 to 3 are supported") }
    let lists = [("kernel_shape", kernelShape, axes), ("strides", strides, axes), ("dilations", dilations, axes), ("pads", pads, 2 * axes)]
    for (name, list, count) in lists {
      if let list, list.count != count {
        throw .invalid(place: "", reason: "\(name) \(list) has \(list.count) numbers; \(axes) spatial axes need \(count)")
      }
    }
  }

  func stride(_ axis: Int) -> Int { strides?[axis] ?? 1 }
  func dilation(_ axis: Int) -> Int { dilations?[axis] ?? 1 }

  /// Padding at both ends of one axis that makes `total`, the odd one where `autoPad` wants it.
  func split(_ total: Int) -> (begin: Int, end: Int) {
    autoPad == .sameLower ? (total - total / 2, total / 2) : (total / 2, total - total / 2)
  }

  /// Padding and number of windows along one axis of `size` elements under a kernel of `kernel` taps.
  ///
  /// `roundsUp` counts a last window that reaches beyond the padding, unless it would start there (ONNX MaxPool 22).
  func windows(axis: Int, size: Int, kernel: Int, roundsUp: Bool) throws(GraphError) -> (begin: Int, end: Int, count: Int) {
    let stride = stride(axis), span = (kernel - 1) * dilation(axis) + 1
    if autoPad == .sameUpper || autoPad == .sameLower {
      let count = (size + stride - 1) / stride
      let pads = split(max(0, (count - 1) * stride + span - size))
      return (pads.begin, pads.end, count)
    }
    let axes = (pads?.count ?? 0) / 2
    let begin = pads?[axis] ?? 0, end = pads?[axes + axis] ?? 0
    let room = size + begin + end - span
    guard room >= 0 else {
      throw .shape(place: "", reason: "a kernel spanning \(span) does not fit axis \(axis + 2) of \(size) with padding \(begin) and \(end)")
    }
    var count = room / stride + 1
    if roundsUp, autoPad == .notSet, room % stride != 0, count * stride < size + begin { count += 1 }
    return (begin, end, count)
  }
}
