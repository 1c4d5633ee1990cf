import Foundation
import Kernels
import TestSupport

@testable import Octopi

/// The label volumes of `Tests/Data/vectors/localize`, and what octopi 1.7.0 made of them.
struct LocalizeVectors: Decodable {
  struct Case: Decodable {
    let name: String
    let labels: String
    let objects: [Object]
    let steps: Steps?
  }

  struct Object: Decodable {
    let label: Int
    let minRadius: Double
    let maxRadius: Double
    let filterSize: Int
    /// Picks as z, y, x.
    let watershed: [[Double]]
    let com: [[Double]]

    var target: LocalizeTarget { LocalizeTarget(label: label, minimumRadiusVoxels: minRadius, maximumRadiusVoxels: maxRadius) }
  }

  struct Steps: Decodable {
    let label: Int
    let filterSize: Int
    let box: [[Int]]
    let opened: String, distance: String, markers: String, watershed: String
  }

  let cases: [Case]

  static let folder = "vectors/localize/"

  static let all: [Case] = {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return (try? decoder.decode(LocalizeVectors.self, from: Data(TestData.bytes(folder + "cases.json"))))?.cases ?? []
  }()

  static func volume(_ name: String) throws -> Volume<Int64> {
    let array = try NumPyArray(gzip: TestData.bytes(folder + name))
    return try Volume(shape: VolumeShape(z: array.shape[0], y: array.shape[1], x: array.shape[2]), voxels: array.integers)
  }
}

/// An array in NumPy's format 1.0, row-major, little-endian.
struct NumPyArray {
  enum Failure: Error { case notNumPy, type(String) }

  let shape: [Int]
  private let type: String
  private let data: ArraySlice<UInt8>

  init(gzip bytes: [UInt8]) throws { try self.init(Deflate.decode(bytes, .gzip, size: .atMost(1 << 26))) }

  init(_ bytes: [UInt8]) throws {
    guard bytes.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]) else { throw Failure.notNumPy }
    let end = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    let header = String(decoding: bytes[10..<end], as: UTF8.self)
    guard let match = header.firstMatch(of: /'descr': '([^']+)', 'fortran_order': False, 'shape': \(([0-9, ]*)\)/) else { throw Failure.notNumPy }
    type = String(match.1)
    shape = match.2.split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    data = bytes[end...]
  }

  /// The values of an integer array.
  var integers: [Int64] {
    get throws {
      switch type {
      case "|u1": data.map { Int64($0) }
      case "<u2": words(2).map { Int64($0) }
      case "<i4": words(4).map { Int64(Int32(truncatingIfNeeded: $0)) }
      default: throw Failure.type(type)
      }
    }
  }

  /// The values of a float32 array.
  var floats: [Float] {
    get throws {
      guard type == "<f4" else { throw Failure.type(type) }
      return words(4).map { Float(bitPattern: UInt32($0)) }
    }
  }

  private func words(_ size: Int) -> [UInt64] {
    stride(from: data.startIndex, to: data.endIndex, by: size).map { start in
      (0..<size).reduce(0) { $0 | UInt64(data[start + $1]) << UInt64(8 * $1) }
    }
  }
}
