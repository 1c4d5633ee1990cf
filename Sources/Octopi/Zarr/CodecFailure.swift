/// Why encoded bytes do not turn back into values; the file they came from is named by the error that wraps this one.
enum CodecFailure: Error, Hashable {
  /// The bytes contradict themselves or what the array declares.
  case damaged(String)
  /// The bytes may be good, but this program or the library that it runs with cannot decode them.
  case unsupported(String)
}
