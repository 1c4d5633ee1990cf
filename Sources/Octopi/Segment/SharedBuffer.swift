/// Memory that several threads read and write at disjoint places at once; who writes where is for the owner to arrange. Whoever uses it
/// sees bounded spans.
final class SharedBuffer<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  private let storage: UnsafeMutableBufferPointer<Element>

  init(repeating value: Element, count: Int) {
    storage = .allocate(capacity: count)
    storage.initialize(repeating: value)
  }

  deinit { storage.deallocate() }

  var count: Int { storage.count }

  @inline(__always)
  func read<Result>(_ range: Range<Int>, _ body: (Span<Element>) throws -> Result) rethrows -> Result {
    try body(UnsafeBufferPointer(rebasing: storage[range]).span)
  }

  @inline(__always)
  func write<Result>(_ range: Range<Int>, _ body: (inout MutableSpan<Element>) throws -> Result) rethrows -> Result {
    var span = UnsafeMutableBufferPointer(rebasing: storage[range]).mutableSpan
    return try body(&span)
  }
}
