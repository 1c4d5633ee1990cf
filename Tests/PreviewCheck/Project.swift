import Foundation

/// A pick in voxels, as the files of a project have it.
struct FilePick {
  let x: Double, y: Double, z: Double
}

/// A copick project, read with nothing of ours.
struct CheckedProject {
  let folder: String
  let spacing = 10.0
  /// Objects with radius in ångström, in order.
  let objects: [(name: String, radius: Double?)]

  init(folder: String) throws {
    self.folder = folder
    let configuration = try CheckedProject.json(folder + "/config.json")
    objects = (configuration["pickable_objects"] as? [[String: Any]] ?? []).map {
      ($0["name"] as? String ?? "", ($0["radius"] as? NSNumber)?.doubleValue)
    }
  }

  static func json(_ path: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any] ?? [:]
  }

  /// - root: `overlay` or `static`.
  /// - owner: `octopi_1`.
  func picks(_ root: String, run: String, owner: String, object: String) throws -> [FilePick] {
    let path = "\(folder)/\(root)/ExperimentRuns/\(run)/Picks/\(owner)_\(object).json"
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    return try (CheckedProject.json(path)["points"] as? [[String: Any]] ?? []).map { point in
      let location = point["location"] as? [String: Any] ?? [:], rows = point["transformation_"] as? [[NSNumber]] ?? []
      func place(_ axis: String, _ row: Int) -> Double {
        let shift = rows.count > row && rows[row].count > 3 ? rows[row][3].doubleValue : 0
        return ((location[axis] as? NSNumber)?.doubleValue ?? .nan) / spacing + shift / spacing
      }
      return FilePick(x: place("x", 0), y: place("y", 1), z: place("z", 2))
    }
  }
}

/// Three planes of noise, 4 x 5 voxels of 10 A, with one bright voxel, labels and one pick.
struct NoiseProject {
  static let depth = 3, height = 4, width = 5, bright = (z: 1, y: 0, x: 3), colour = [230.0, 159.0, 0.0]

  /// In storage order.
  static let voxels: [Float] = {
    var state: UInt32 = 7
    var values = (0..<depth * height * width).map { _ -> Float in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / Float(1 << 24) - 0.5
    }
    values[(bright.z * height + bright.y) * width + bright.x] = 4
    return values
  }()

  /// 1 in a box of plane 1, 2 in a corner of plane 0.
  static func label(z: Int, y: Int, x: Int) -> UInt8 { z == 1 && y >= 2 && x <= 2 ? 1 : z == 0 && y == 3 && x == 4 ? 2 : 0 }

  /// - run: any name that a folder can have.
  /// - more: what the log of the segmentation calls label 2: any text, as no file is named after it.
  static func write(to folder: String, run: String, more: String) throws {
    let manager = FileManager.default
    func put(_ data: Data, _ path: String) throws {
      let file = URL(filePath: folder).appending(path: path)
      try manager.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: file)
    }
    func put(_ object: Any, _ path: String) throws { try put(JSONSerialization.data(withJSONObject: object), path) }
    func array(_ type: String) -> [String: Any] {
      [
        "zarr_format": 2, "shape": [depth, height, width], "chunks": [depth, height, width], "dtype": type, "compressor": NSNull(), "fill_value": 0,
        "order": "C", "filters": NSNull(), "dimension_separator": "/",
      ]
    }
    let objects: [[String: Any]] = [
      ["name": "ribosome", "is_particle": true, "label": 1, "radius": 10.0, "color": [230, 159, 0, 255]],
    ]
    try put(["config_type": "filesystem", "overlay_root": "overlay", "static_root": "static", "pickable_objects": objects], "config.json")
    let tomogram = "static/ExperimentRuns/\(run)/VoxelSpacing10.000/wbp.zarr"
    try put(["zarr_format": 2], tomogram + "/.zgroup")
    try put(array("<f4"), tomogram + "/0/.zarray")
    try put(voxels.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }, tomogram + "/0/0/0/0")
    let labels = "overlay/ExperimentRuns/\(run)/Segmentations/10.000_octopi_1_predict-multilabel.zarr"
    let values = (0..<depth * height * width).map { label(z: $0 / (height * width), y: $0 / width % height, x: $0 % width) }
    try put(["zarr_format": 2], labels + "/.zgroup")
    try put(array("|u1"), labels + "/0/.zarray")
    try put(Data(values), labels + "/0/0/0/0")
    // JSON is YAML.
    let parts: [String: Any] = [
      "inputs": ["config": "config.json", "tomo_alg": "wbp", "voxel_size": 10.0], "labels": ["ribosome": 1, more: 2],
      "model": ["configs": ["model.yaml"], "weights": ["model.onnx"]], "parameters": ["sw_bs": 4, "overlap": 0.5, "ntta": 4],
      "outputs": ["seg_name": "predict", "seg_user_id": "octopi", "seg_session_id": "1"],
    ]
    try put(parts, "overlay/logs/segment-octopi_1_predict.yaml")
    let unit = (0..<4).map { row in (0..<4).map { $0 == row ? 1.0 : 0 } }
    let point: [String: Any] = [
      "location": ["x": 10 * bright.x, "y": 10 * bright.y, "z": 10 * bright.z], "transformation_": unit, "instance_id": 0, "score": 1.0,
    ]
    try put(
      [
        "pickable_object_name": "ribosome", "user_id": "octopi", "session_id": "1", "run_name": run, "voxel_spacing": NSNull(), "unit": "angstrom",
        "points": [point],
      ], "overlay/ExperimentRuns/\(run)/Picks/octopi_1_ribosome.json")
  }

  /// What the page shows of a plane: greys 0...255 in order, by the definition of the preview, in plain loops.
  static func greys(z: Int) -> [Double] {
    // All three planes are in the middle half, and a slab of 1 A is one plane.
    let sorted = voxels.map(Double.init).sorted()
    func percentile(_ percent: Double) -> Double {
      let place = percent / 100 * Double(sorted.count - 1), below = Int(place)
      return below + 1 < sorted.count ? sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below]) : sorted[below]
    }
    let low = percentile(0.1), high = percentile(99.9), black = percentile(0.5), white = percentile(99.5)
    return voxels[z * height * width..<(z + 1) * height * width].map { voxel in
      let share = min(1, max(0, (Double(voxel) - low) / (high - low))), stored = (255 * share + 0.5).rounded(.down)
      let value = low + stored / 255 * (high - low)
      return (255 * min(1, max(0, (value - black) / (white - black))) + 0.5).rounded(.down)
    }
  }
}
