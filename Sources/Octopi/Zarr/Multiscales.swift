/// The part of OME-Zarr's attributes that says which array is the image at full resolution, and what it measures (OME-NGFF 0.1 to 0.5,
/// `multiscales`; of several images the first).
struct Multiscales: Hashable {
  /// Folder of the full-resolution array, relative to the group; nil when it is not said or leads out of the group.
  let path: String?
  /// Names of the axes.
  let axes: [String]
  /// Edge of a voxel along the last three axes in ångström; nil when it is not said.
  let spacing: [Double]?
  /// What is odd about the units that `spacing` was made with.
  let unitNote: String?

  /// - attributes: `.zattrs`, or `attributes` of `zarr.json`, where OME-Zarr 0.5 puts everything under `ome`.
  init?(_ attributes: PythonValue?) {
    guard let image = (attributes?["ome"]?["multiscales"] ?? attributes?["multiscales"])?.list?.first else { return nil }
    let dataset = image["datasets"]?.list?.first
    let axes = image["axes"]?.list ?? []
    path = dataset?["path"]?.string.flatMap(Self.insidePath)
    self.axes = axes.compactMap { $0.string ?? $0["name"]?.string }
    guard let scale = Self.scale(dataset), scale.count >= 3 else {
      (spacing, unitNote) = (nil, nil)
      return
    }
    let common = Self.scale(image) ?? []
    let units = scale.indices.suffix(3).map { Unit(axes.count == scale.count ? axes[$0]["unit"] : nil) }
    spacing = zip(scale.indices.suffix(3), units).map { axis, unit in
      scale[axis] * (common.count == scale.count ? common[axis] : 1) * unit.angstrom
    }
    unitNote = units.lazy.compactMap(\.note).first
  }

  /// The product of all scales of a list of transformations; translations do not change what a voxel measures.
  private static func scale(_ owner: PythonValue?) -> [Double]? {
    let scales = owner?["coordinateTransformations"]?.list?.compactMap { $0["scale"]?.list?.compactMap(\.number) } ?? []
    guard var product = scales.first else { return nil }
    for scale in scales.dropFirst() where scale.count == product.count { product = zip(product, scale).map { $0 * $1 } }
    return product
  }

  /// A relative path whose parts are names.
  private static func insidePath(_ path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts.contains { $0.isEmpty || $0 == "." || $0 == ".." } ? nil : path
  }

  /// Unit of length of an axis.
  private struct Unit {
    let angstrom: Double
    let note: String?

    private static let known: [String: Double] = [
      "angstrom": 1, "picometer": 0.01, "nanometer": 10, "micrometer": 1e4, "millimeter": 1e7, "centimeter": 1e8, "meter": 1e10,
    ]

    init(_ value: PythonValue?) {
      angstrom = value?.string.flatMap { Unit.known[$0] } ?? 1
      switch value {
      case nil, .null: note = "no unit given, angstrom assumed"
      case .some(let value) where value.string.flatMap { Unit.known[$0] } == nil: note = "unit \(value.brief) not known, angstrom assumed"
      default: note = nil
      }
    }
  }
}
