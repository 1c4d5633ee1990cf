public import OctopiEngine

/// A compiled network as the sliding window sees it. The logits of a window do not depend on threads or on other windows.
public struct NetworkPredictor: WindowPredictor {
  private let session: WindowSession
  public let roi: VolumeShape

  public init(_ session: WindowSession) {
    self.session = session
    roi = VolumeShape(z: session.size[0], y: session.size[1], x: session.size[2])
  }

  /// What a person should know of the windows so far: how much of their time went to steps without a kernel.
  public var slowSteps: String? {
    let steps = session.referenceSteps
    guard let first = steps.first, session.referenceShare > 0 else { return nil }
    let percent = session.referenceShare * 100, text = percent < 1 ? "less than 1" : String(Int(percent.rounded()))
    return "\(steps.count == 1 ? "1 step" : "\(steps.count) steps") without a kernel ('\(first)'\(steps.count > 1 ? ", ..." : "")) took \(text) % of its time"
  }

  public var classes: Int { session.classes }
  public var batch: Int { 1 }
  public var residentBytes: Int { session.residentBytes }

  public mutating func predict(
    count: Int, fill: (_ window: Int, _ planes: Range<Int>, _ into: inout MutableSpan<Float>) -> Void,
    take: (_ window: Int, _ part: LogitPart, _ logits: Span<Float>) -> Void
  ) throws {
    for window in 0..<count {
      try session.predict(fill: { fill(window, $0, &$1) }, take: { take(window, $0, $1) })
    }
  }
}
