public import Graph
import ONNXImport

/// Inputs of networks as files.
public enum TensorFile {
  /// The tensor in a `.npy` file or an ONNX tensor file (`.pb`).
  ///
  /// - Throws: `InputError`, `NumPyError`, `ImportError`.
  public static func tensor(path: String) throws -> Tensor {
    guard try InputFile.isFile(path) else {
      if try InputFile.isFolder(path) { throw InputError.damaged(path: path, reason: " is a folder, not a file", remedy: nil) }
      throw InputError.missing(what: "input", path: path, remedy: "give a .npy or .pb file")
    }
    if path.lowercased().hasSuffix(".pb") { return try ONNXImport.tensor(path: path).tensor }
    let bytes = try InputFile.bytes(of: path, what: "input", limit: largest)
    guard NumPyFile.isAtStart(of: bytes) || path.lowercased().hasSuffix(".npy") else {
      throw InputError.damaged(path: path, reason: " is neither a .npy nor a .pb file", remedy: "save the array with numpy.save")
    }
    return try NumPyFile.tensor(bytes, file: path)
  }

  private static let largest = 1 << 36
}

extension Tensor {
  /// The same numbers as `element`: floating point from any type, integers from integers that all fit. Nil where that loses more than
  /// digits.
  public func converted(to element: ElementType) -> Tensor? {
    if element == self.element { return self }
    let type = TensorType(element, shape)
    if element.isFloatingPoint { return Tensor(type, rounding: doubles) }
    guard let integers else { return nil }
    let wrapped = Tensor(type, wrapping: integers)
    // The bits of uint64 read as int64 are the same number only where the sign is not set.
    let isUnsigned = element == .uint64 || self.element == .uint64
    return wrapped.integers == integers && !(isUnsigned && integers.contains { $0 < 0 }) ? wrapped : nil
  }
}
