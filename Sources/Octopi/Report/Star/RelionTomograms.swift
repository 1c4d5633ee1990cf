/// What RELION's `tomograms.star` says of each tomogram.
public struct RelionTomograms: Sendable, Hashable {
  struct Tomogram: Sendable, Hashable {
    /// Half the size times the pixel size, in ångström.
    let centre: ParticleCentre
    /// Of the tilt series, in ångström.
    let pixelSize: Double
    /// `rlnVoltage`, `rlnSphericalAberration`, `rlnAmplitudeContrast`, as far as they are there.
    let optics: [String: Double]
  }

  let file: String
  private let names: [String]
  private let tomograms: [String: Tomogram]

  static let opticsColumns = ["rlnVoltage", "rlnSphericalAberration", "rlnAmplitudeContrast"]
  private static let needed = ["rlnTomoName", "rlnTomoSizeX", "rlnTomoSizeY", "rlnTomoSizeZ", "rlnTomoTiltSeriesPixelSize"]

  /// Reads the block `global`, else the first that has what is needed.
  public init(file: String) throws(StarError) {
    let blocks = try StarReader.blocks(file: file).filter { block in RelionTomograms.needed.allSatisfy { block.table.column($0) != nil } }
    guard let table = (blocks.first { $0.name == "global" } ?? blocks.first)?.table, let nameColumn = table.column("rlnTomoName") else {
      throw .noColumns(file: file, RelionTomograms.needed)
    }
    self.file = file
    names = table.rows.map { $0[nameColumn] }
    var tomograms: [String: Tomogram] = [:]
    for (index, name) in names.enumerated() {
      func number(_ column: String, least: Double = .leastNonzeroMagnitude) throws(StarError) -> Double {
        let text = table.column(column).map { table.rows[index][$0] } ?? ""
        guard let value = Double(text), value.isFinite, value >= least else {
          throw .notPositive(file: file, line: table.lines[index], column: column, value: text)
        }
        return value
      }
      let pixel = try number("rlnTomoTiltSeriesPixelSize")
      let centre = ParticleCentre(
        x: try number("rlnTomoSizeX") / 2 * pixel, y: try number("rlnTomoSizeY") / 2 * pixel, z: try number("rlnTomoSizeZ") / 2 * pixel)
      var optics: [String: Double] = [:]
      for column in RelionTomograms.opticsColumns where table.column(column) != nil { optics[column] = try number(column, least: 0) }
      tomograms[name] = Tomogram(centre: centre, pixelSize: pixel, optics: optics)
    }
    self.tomograms = tomograms
  }

  /// - Throws: `StarError.noTomogram` for a run that the file does not have.
  func tomogram(of run: String) throws(StarError) -> Tomogram {
    guard let tomogram = tomograms[run] else { throw .noTomogram(run: run, file: file, names: names) }
    return tomogram
  }
}
