/// Reads numbers, texts and lists one after the other; knows where its section ends and names it in errors.
struct ByteReader {
  let bytes: MappedBytes
  let file: String
  let place: String
  private(set) var position: Int
  private let end: Int

  init(_ bytes: MappedBytes, _ range: Range<Int>, file: String, place: String) {
    self.bytes = bytes
    self.file = file
    self.place = place
    position = range.lowerBound
    end = range.upperBound
  }

  func damaged(_ reason: String) -> ModelFileError { .damaged(file: file, place: place, reason: reason) }

  private mutating func take(_ count: Int) throws(ModelFileError) -> Int {
    guard count >= 0, count <= end - position else { throw damaged("it ends before byte \(position) is followed by \(count) more") }
    defer { position += count }
    return position
  }

  mutating func integer<I: FixedWidthInteger>(_ type: I.Type = I.self) throws(ModelFileError) -> I {
    bytes.integer(at: try take(MemoryLayout<I>.size), as: type)
  }

  mutating func float() throws(ModelFileError) -> Float { Float(bitPattern: try integer(UInt32.self)) }

  /// A number of 64 bits that stands for a size or a place.
  mutating func size() throws(ModelFileError) -> Int {
    guard let value = Int(exactly: try integer(UInt64.self)) else { throw damaged("a size at byte \(position - 8) is absurd") }
    return value
  }

  /// How many entries of at least `entryBytes` follow: never more than the section has room for.
  mutating func count(entryBytes: Int) throws(ModelFileError) -> Int {
    let count = Int(try integer(UInt32.self))
    guard count <= (end - position) / entryBytes else { throw damaged("\(count) entries are announced at byte \(position - 4), more than it can hold") }
    return count
  }

  mutating func text() throws(ModelFileError) -> String {
    let count = try count(entryBytes: 1), start = try take(count)
    guard let text = String(validating: bytes.bytes(start..<start + count), as: UTF8.self) else { throw damaged("the text at byte \(start) is not UTF-8") }
    return text
  }

  mutating func list<Element>(entryBytes: Int, _ entry: (inout ByteReader) throws(ModelFileError) -> Element) throws(ModelFileError) -> [Element] {
    let count = try count(entryBytes: entryBytes)
    var list: [Element] = []
    list.reserveCapacity(count)
    for _ in 0..<count { list.append(try entry(&self)) }
    return list
  }

  mutating func numbers<N: BitwiseCopyable>(_ type: N.Type) throws(ModelFileError) -> [N] {
    let count = try count(entryBytes: MemoryLayout<N>.size)
    return bytes.numbers(count, at: try take(count * MemoryLayout<N>.size), as: type)
  }

  /// Nothing but what was read may stand there.
  func finish() throws(ModelFileError) {
    guard position == end else { throw damaged("\(end - position) bytes follow its end") }
  }
}

/// The inverse of `ByteReader`.
struct ByteWriter {
  private(set) var bytes: [UInt8]

  init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  mutating func integer<I: FixedWidthInteger>(_ value: I) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
  mutating func float(_ value: Float) { integer(value.bitPattern) }
  mutating func size(_ value: Int) { integer(UInt64(value)) }
  mutating func count(_ value: Int) { integer(UInt32(value)) }

  mutating func text(_ text: String) {
    count(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func list<Element>(_ list: [Element], _ entry: (inout ByteWriter, Element) throws(ModelFileError) -> Void) throws(ModelFileError) {
    count(list.count)
    for element in list { try entry(&self, element) }
  }

  mutating func numbers<N: BitwiseCopyable>(_ list: [N]) {
    count(list.count)
    raw(list)
  }

  /// The numbers alone. Machines that this program runs on have the lowest byte first.
  mutating func raw<N: BitwiseCopyable>(_ list: [N]) { list.withUnsafeBytes { bytes.append(contentsOf: $0) } }

  /// Zeros up to the next multiple of 64.
  mutating func align() { bytes.append(contentsOf: [UInt8](repeating: 0, count: (64 - bytes.count % 64) % 64)) }
  mutating func zeros(_ count: Int) { bytes.append(contentsOf: [UInt8](repeating: 0, count: count)) }

  /// `count` floats that `fill` writes, which are zeros at first.
  mutating func floats(_ count: Int, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    let start = bytes.count
    zeros(count * MemoryLayout<Float>.size)
    assert(start % MemoryLayout<Float>.alignment == 0)
    bytes.withUnsafeMutableBytes { fill(UnsafeMutableRawBufferPointer(rebasing: $0[start...]).bindMemory(to: Float.self)) }
  }
  mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }
}
