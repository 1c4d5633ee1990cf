import Foundation
import Kernels
import Octopi
import TestSupport

/// The project of `Tests/Data/vectors/evaluate`, the arguments that octopi 1.7.0 was called with, and what it wrote.
struct EvaluateVectors: Decodable {
  struct Case: Decodable, Sendable {
    let name: String
    let arguments: [String]
    let expected: String

    /// The value behind an option.
    func option(_ name: String) -> String? {
      arguments.firstIndex(of: name).flatMap { arguments.indices.contains($0 + 1) ? arguments[$0 + 1] : nil }
    }

    func list(_ name: String) -> [String]? {
      option(name)?.trimmingCharacters(in: CharacterSet(charactersIn: "[]")).split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    func text(_ file: String) throws -> String {
      try String(decoding: TestData.bytes(EvaluateVectors.folder + expected + "/" + file), as: UTF8.self)
    }
  }

  let cases: [Case]

  static let folder = "vectors/evaluate/"

  static let all: [Case] = (try? JSONDecoder().decode(EvaluateVectors.self, from: Data(TestData.bytes(folder + "cases.json"))))?.cases ?? []

  static let runs = ["TS_1", "TS_2", "TS_3"]

  static func objects() throws -> [EvaluatedObject] {
    struct Config: Decodable {
      struct Object: Decodable {
        struct Metadata: Decodable { let weight: Double? }
        let name: String, is_particle: Bool, radius: Double?, metadata: Metadata?
      }
      let pickable_objects: [Object]
    }
    let config = try JSONDecoder().decode(Config.self, from: Data(TestData.bytes(folder + "config.json")))
    return try config.pickable_objects.filter(\.is_particle).map { object in
      // The project writes 2 and 0 as integers, 0.5 as a float.
      let weight = object.metadata?.weight.map { weight in Int(exactly: weight).map(PythonValue.int) ?? .float(weight) }
      return try EvaluatedObject(name: object.name, radius: object.radius, weight: weight)
    }
  }

  /// The centres in a picks file of either root; none if there is no file.
  static func centres(run: String, object: String, user: String, session: String) throws -> [ParticleCentre] {
    for root in ["static", "overlay"] {
      let path = folder + "\(root)/ExperimentRuns/\(run)/Picks/\(user)_\(session)_\(object).json"
      guard FileManager.default.fileExists(atPath: TestData.root.appending(path: path).path) else { continue }
      return try centres(in: TestData.bytes(path))
    }
    return []
  }

  /// What Foundation reads.
  static func centres(in bytes: [UInt8]) throws -> [ParticleCentre] {
    struct Picks: Decodable {
      struct Location: Decodable { let x: Double, y: Double, z: Double }
      struct Point: Decodable { let location: Location, transformation_: [[Double]] }
      let pickable_object_name: String, user_id: String, session_id: String
      let points: [Point]
    }
    return try JSONDecoder().decode(Picks.self, from: Data(bytes)).points.map { point in
      let shift = point.transformation_.map { $0[3] }
      return ParticleCentre(x: point.location.x + shift[0], y: point.location.y + shift[1], z: point.location.z + shift[2])
    }
  }
}
