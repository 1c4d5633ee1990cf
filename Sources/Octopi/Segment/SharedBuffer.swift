#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Memory that several threads read and write at disjoint places at once; who writes where is for the owner to arrange. Whoever uses it
/// sees bounded spans. It begins as zeros.
final class SharedBuffer<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  private let storage: UnsafeMutableBufferPointer<Element>
  private let isMapped: Bool

  /// Little memory: from the heap.
  init(count: Int) {
    storage = .allocate(capacity: count)
    isMapped = false
    UnsafeMutableRawBufferPointer(storage).initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// Much memory: from the system, in huge pages where it has them, since rows of a window lie far apart. What is never touched takes none.
  ///
  /// - Throws: `SegmentationError.outOfMemory` if the system refuses.
  init(mapping count: Int) throws(SegmentationError) {
    let bytes = max(1, count) * MemoryLayout<Element>.stride
    let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != UnsafeMutableRawPointer(bitPattern: -1) else { throw .outOfMemory(bytes: bytes) }
    #if os(Linux)
      madvise(address, bytes, MADV_HUGEPAGE) // Refused by kernels without huge pages: small ones serve as well.
    #endif
    storage = UnsafeMutableBufferPointer(start: address.bindMemory(to: Element.self, capacity: count), count: count)
    isMapped = true
  }

  deinit {
    if isMapped {
      munmap(storage.baseAddress, max(1, storage.count) * MemoryLayout<Element>.stride)
    } else {
      storage.deallocate()
    }
  }

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

extension SharedBuffer<UInt8> {
  /// Copies bytes to `offset` and on.
  func copy(_ bytes: RawSpan, to offset: Int) {
    bytes.withUnsafeBytes { source in
      write(offset..<offset + source.count) { target in
        target.withUnsafeMutableBytes { $0.copyMemory(from: source) }
      }
    }
  }
}
