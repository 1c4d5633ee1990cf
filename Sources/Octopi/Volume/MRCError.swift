/// What is wrong with an MRC file.
public enum MRCError: Error, Sendable, Hashable {
  /// Nothing is there.
  case missing(file: String)
  /// It is there, and cannot be read.
  case unreadable(file: String, reason: String)
  /// It is not an MRC file: `what` completes "'FILE' ...".
  case notMRC(file: String, what: String, remedy: String?)
  /// Another format, or packed: `what` completes "'FILE' ...".
  case otherFormat(file: String, what: String, remedy: String)
  /// A number of the header that cannot be: `place` says which.
  case header(file: String, place: String, problem: String)
  /// Values of a type that is not read.
  case mode(file: String, mode: Int, meaning: String?)
  /// The file has not the size that its header says.
  case size(file: String, bytes: Int, expected: Int, what: String)
  /// Several volumes in one file.
  case stack(file: String, volumes: Int, sections: Int)
}

extension MRCError: Failure {
  public var kind: FailureKind {
    switch self {
    case .missing: .missing
    case .unreadable: .inputOutput
    case .notMRC, .header, .size, .stack: .damaged
    case .otherFormat, .mode: .unsupported
    }
  }

  public var message: String {
    switch self {
    case .missing(let file): "no tomogram '\(file)'"
    case .unreadable(let file, let reason): "cannot read '\(file)': \(reason)"
    case .notMRC(let file, let what, _), .otherFormat(let file, let what, _): "'\(file)' \(what)"
    case .header(let file, let place, let problem): "'\(file)' is damaged: \(place) of its header \(problem)"
    case .mode(let file, let mode, let meaning): "'\(file)' has values of mode \(mode)" + (meaning.map { " (\($0))" } ?? "")
    case .size(let file, let bytes, let expected, let what):
      "'\(file)' is damaged: it has \(bytes) bytes, \(what) \(expected) bytes"
    case .stack(let file, let volumes, let sections): "'\(file)' is a stack of \(volumes) volumes of \(sections) sections each"
    }
  }

  public var remedy: String? {
    switch self {
    case .missing: "check the path; tomograms are MRC files (.mrc, .rec, .map) and OME-Zarr stores"
    case .unreadable: "check the file's permissions and the disk that it is on"
    case .notMRC(_, _, let remedy): remedy
    case .otherFormat(_, _, let remedy): remedy
    case .header: "copy it again from its source, or write it again"
    case .mode: "known: 0 (int8, or uint8 by IMOD's flag), 1 (int16), 2 (float32), 6 (uint16), 12 (float16); convert it, e.g. 'newstack -mode 2'"
    case .size(_, let bytes, let expected, _):
      bytes < expected ? "copy it again from its source: its end is missing" : "its header does not belong to its values: write it again"
    case .stack: "write each volume to a file of its own"
    }
  }
}
