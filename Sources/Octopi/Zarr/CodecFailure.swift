/// Why encoded bytes do not turn back into values; the file they came from is named by the error that wraps this one.
enum CodecFailure: Error, Hashable {
  /// The bytes contradict themselves or what the array declares.
  case damaged(String)
  /// The bytes may be good, but this program or the library that it runs with cannot decode them.
  case unsupported(String)

  var detail: String {
    switch self {
    case .damaged(let detail), .unsupported(let detail): detail
    }
  }
}

/// How many bytes a codec's output may have. Decoders stop one byte beyond.
enum DecodedSize: Hashable {
  case exactly(Int)
  case atMost(Int)

  var limit: Int {
    switch self {
    case .exactly(let count), .atMost(let count): count
    }
  }

  /// Refuses `count` bytes of output if they are too many or too few.
  func check(_ count: Int) throws(CodecFailure) {
    if count > limit { throw .damaged("it unpacks to more than \(limit) bytes") }
    if case .exactly(let expected) = self, count < expected { throw .damaged("it unpacks to \(count) bytes, expected are \(expected)") }
  }
}
