/// The frame of a `.octopi` file: header, directory, sections one after the other; each byte is covered by one checksum.
/// `Docs/ModelFormat.md` tells it byte by byte.
public enum ModelFileFormat {
  /// The version that is written; all from the first on are read.
  public static let version = 2
  /// What every file begins with.
  public static let magic: [UInt8] = [0x89, 0x4F, 0x43, 0x54, 0x4F, 0x50, 0x49, 0x0A]

  static let headerBytes = 64
  static let entryBytes = 32
  /// More sections than any version has.
  static let mostSections = 64
  /// Zeros behind the last tensor, which kernels may read.
  static let tailBytes = 4096

  enum Section: UInt32, CaseIterable {
    case summary = 1, graph, window, tensors, numbers, configuration, objects

    var name: String { "section '\(self)'" }
  }

  /// Where each section lies.
  static func sections(_ bytes: MappedBytes, file: String) throws(ModelFileError) -> [(kind: Section, range: Range<Int>)] {
    guard bytes.count >= magic.count, bytes.bytes(0..<magic.count) == magic else { throw .foreign(file: file) }
    func damaged(_ place: String, _ reason: String) -> ModelFileError { .damaged(file: file, place: place, reason: reason) }
    guard bytes.count >= headerBytes else { throw damaged("header", "the file has \(bytes.count) bytes") }
    // The version comes first: another one may have another header.
    let found = Int(bytes.integer(at: 8, as: UInt32.self))
    guard (1...version).contains(found) else { throw .version(file: file, found: found) }
    guard bytes.integer(at: 56, as: UInt64.self) == checksum(header: bytes.bytes(0..<56)) else { throw damaged("header", "its checksum is wrong") }
    let count = Int(bytes.integer(at: 12, as: UInt32.self)), length = bytes.integer(at: 16, as: UInt64.self)
    guard length == UInt64(bytes.count) else { throw damaged("header", "\(length) bytes are announced, the file has \(bytes.count)") }
    guard count <= mostSections else { throw damaged("header", "\(count) sections are announced") }
    let start = headerBytes + (count * entryBytes + 63) / 64 * 64
    guard bytes.integer(at: 24, as: UInt64.self) == UInt64(headerBytes), start <= bytes.count else { throw damaged("directory", "it does not fit the file") }
    guard bytes.integer(at: 32, as: UInt64.self) == bytes.checksum(headerBytes..<start) else { throw damaged("directory", "its checksum is wrong") }

    var sections: [(Section, Range<Int>)] = [], end = start
    for index in 0..<count {
      let at = headerBytes + index * entryBytes, code = bytes.integer(at: at, as: UInt32.self)
      guard let kind = Section(rawValue: code), bytes.integer(at: at + 4, as: UInt32.self) == 0 else { throw damaged("directory", "section \(index) is of no known kind") }
      guard bytes.integer(at: at + 8, as: UInt64.self) == UInt64(end) else { throw damaged(kind.name, "it does not begin where the one before it ends") }
      guard let length = Int(exactly: bytes.integer(at: at + 16, as: UInt64.self)), length <= bytes.count - end else {
        throw damaged(kind.name, "it reaches beyond the end of the file")
      }
      let next = end + (length + 63) / 64 * 64
      guard next <= bytes.count else { throw damaged(kind.name, "it reaches beyond the end of the file") }
      guard bytes.integer(at: at + 24, as: UInt64.self) == bytes.checksum(end..<next) else { throw damaged(kind.name, "its checksum is wrong") }
      sections.append((kind, end..<end + length))
      end = next
    }
    guard end == bytes.count else { throw damaged("directory", "\(bytes.count - end) bytes follow the last section") }
    return sections
  }

  /// Of the first 56 bytes, followed by 8 zeros.
  static func checksum(header: [UInt8]) -> UInt64 { (header + [UInt8](repeating: 0, count: 8)).withUnsafeBytes(Checksum.of) }
}
