import Kernels

/// Bytes that do not change while this object lives: a file mapped into memory, or a copy. All reads of a `.octopi` file go through here.
public final class MappedBytes: @unchecked Sendable {
  public let count: Int
  private let start: UnsafeRawPointer
  private let release: @Sendable () -> Void

  /// - bytes: stay as they are until `release` is called, and start at a multiple of 64.
  public init(_ bytes: UnsafeRawBufferPointer, release: @escaping @Sendable () -> Void) {
    count = bytes.baseAddress == nil ? 0 : bytes.count
    start = bytes.baseAddress ?? UnsafeRawPointer(MappedBytes.nothing)
    self.release = release
  }

  /// A copy.
  public convenience init(_ bytes: [UInt8]) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 64)
    copy.copyBytes(from: bytes)
    let address = UInt(bitPattern: copy.baseAddress)
    self.init(UnsafeRawBufferPointer(start: copy.baseAddress, count: bytes.count)) { UnsafeMutableRawPointer(bitPattern: address)?.deallocate() }
  }

  deinit { release() }

  private nonisolated(unsafe) static let nothing = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)

  /// The number at a byte, in the order of bytes that the format has everywhere, the lowest first.
  func integer<I: FixedWidthInteger>(at offset: Int, as type: I.Type = I.self) -> I {
    precondition(offset >= 0 && offset <= count - MemoryLayout<I>.size, "checked by the reader")
    return I(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: I.self))
  }

  func bytes(_ range: Range<Int>) -> [UInt8] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "checked by the reader")
    return [UInt8](UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count))
  }

  /// `count` numbers from a byte on.
  func numbers<N: BitwiseCopyable>(_ count: Int, at offset: Int, as type: N.Type) -> [N] {
    precondition(offset >= 0 && count >= 0 && offset <= self.count && count <= (self.count - offset) / MemoryLayout<N>.size, "checked by the reader")
    return [N](unsafeUninitializedCapacity: count) { buffer, initialised in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(start: start + offset, count: count * MemoryLayout<N>.size))
      initialised = count
    }
  }

  /// Floats where they lie; `offset` is a multiple of 64.
  func floats(at offset: Int) -> Floats {
    precondition(offset >= 0 && offset % 64 == 0 && offset < count, "checked by the reader")
    return (start + offset).assumingMemoryBound(to: Float.self)
  }

  /// See `Checksum`. The range starts at a multiple of 8 and holds whole blocks of 64 bytes.
  func checksum(_ range: Range<Int>) -> UInt64 {
    precondition(range.lowerBound >= 0 && range.upperBound <= count && range.count % 64 == 0 && range.lowerBound % 8 == 0, "checked by the reader")
    return Checksum.of(UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count))
  }
}
