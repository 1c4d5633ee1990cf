/// Encoded bytes, in a file or already in memory.
struct ByteSource {
  private enum Place {
    case file(StoreFile, start: Int)
    case memory([UInt8])
  }

  private let place: Place
  let count: Int
  /// The file, for messages.
  let path: String
  /// Which part of the file, for messages: empty, or `inner chunk (0, 1, 0): `.
  let part: String

  init(_ file: StoreFile) {
    self.init(place: .file(file, start: 0), count: file.count, path: file.path, part: "")
  }

  private init(place: Place, count: Int, path: String, part: String) {
    self.place = place
    self.count = count
    self.path = path
    self.part = part
  }

  func read(_ range: Range<Int>) throws(ZarrError) -> [UInt8] {
    switch place {
    case .file(let file, let start): try file.read(start + range.lowerBound..<start + range.upperBound)
    case .memory(let bytes): Array(bytes[range])
    }
  }

  func readAll() throws(ZarrError) -> [UInt8] {
    if case .memory(let bytes) = place { return bytes }
    return try read(0..<count)
  }

  /// A part of these bytes.
  func slice(_ range: Range<Int>, named part: String) throws(ZarrError) -> ByteSource {
    switch place {
    case .file(let file, let start):
      ByteSource(place: .file(file, start: start + range.lowerBound), count: range.count, path: path, part: self.part + part)
    case .memory(let bytes):
      ByteSource(place: .memory(Array(bytes[range])), count: range.count, path: path, part: self.part + part)
    }
  }

  /// What these bytes were unpacked to.
  func unpacked(_ bytes: [UInt8]) -> ByteSource { ByteSource(place: .memory(bytes), count: bytes.count, path: path, part: part) }

  func damaged(_ detail: String) -> ZarrError { .damaged(file: path, detail: part + detail) }

  /// The codec's failure, with the name of the file.
  func error(_ failure: CodecFailure) -> ZarrError {
    switch failure {
    case .damaged(let detail): damaged(detail)
    case .unsupported(let detail): .unsupported(path: path, what: "cannot be unpacked: \(part)\(detail)", known: "Blosc frames of version 2")
    }
  }
}
