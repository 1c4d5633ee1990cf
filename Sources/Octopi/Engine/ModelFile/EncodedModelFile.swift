/// A `.octopi` file on its way to the disk: its numbers are laid out part by part while it is written, and never in memory as a whole.
public struct EncodedModelFile: Sendable {
  /// Contents of a section: parts that are made when their turn comes, all but the last of whole blocks of 64 bytes.
  struct Section: Sendable {
    let kind: ModelFileFormat.Section
    let count: Int
    let parts: [@Sendable () -> [UInt8]]

    init(_ kind: ModelFileFormat.Section, count: Int, parts: [@Sendable () -> [UInt8]]) {
      (self.kind, self.count, self.parts) = (kind, count, parts)
    }

    init(_ kind: ModelFileFormat.Section, _ bytes: [UInt8]) { self.init(kind, count: bytes.count, parts: [{ bytes }]) }
  }

  private let sections: [Section]
  private let start: Int
  /// Bytes of the file.
  public let count: Int

  init(_ sections: [Section]) {
    self.sections = sections
    start = ModelFileFormat.headerBytes + (sections.count * ModelFileFormat.entryBytes + 63) / 64 * 64
    count = sections.reduce(start) { $0 + ($1.count + 63) / 64 * 64 }
  }

  /// Calls `put` with parts of the file and where they go: the header comes last, since it sums up the others.
  public func write<Failure: Error>(_ put: (_ bytes: [UInt8], _ offset: Int) throws(Failure) -> Void) throws(Failure) {
    var directory = ByteWriter(), offset = start
    for section in sections {
      let first = offset
      var checksum = Checksum()
      for part in section.parts {
        var bytes = ByteWriter(part())
        bytes.align()
        bytes.bytes.withUnsafeBytes { checksum.add($0) }
        try put(bytes.bytes, offset)
        offset += bytes.bytes.count
      }
      assert(offset == first + (section.count + 63) / 64 * 64, "\(section.kind)")
      directory.integer(section.kind.rawValue)
      directory.integer(UInt32(0))
      directory.size(first)
      directory.size(section.count)
      directory.integer(checksum.value)
    }
    directory.align()
    try put(header(of: directory) + directory.bytes, 0)
  }

  private func header(of directory: ByteWriter) -> [UInt8] {
    var header = ByteWriter()
    header.append(ModelFileFormat.magic)
    header.integer(UInt32(ModelFileFormat.version))
    header.count(sections.count)
    header.size(count)
    header.size(ModelFileFormat.headerBytes)
    header.integer(directory.bytes.withUnsafeBytes(Checksum.of))
    header.zeros(16)
    header.integer(ModelFileFormat.checksum(header: header.bytes))
    return header.bytes
  }

  /// The whole file.
  public var bytes: [UInt8] {
    var file = [UInt8](repeating: 0, count: count)
    write { (bytes, offset) in file.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
    return file
  }
}
