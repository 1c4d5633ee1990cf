import Foundation
import Testing

@testable import Octopi

/// How well colours are told apart, also by the colour-blind: distances in CIE L*a*b* (CIE 1976), white D65.
@Suite("preview: palette")
struct PaletteTests {
  /// Linear sRGB as people see it who lack one kind of cones (Machado, Oliveira, Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1).
  private static let sights: [(name: String, matrix: [[Double]])] = [
    ("protanopia", [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    ("deuteranopia", [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    ("tritanopia", [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
    ("full sight", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
  ]

  private static func product(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
    matrix.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  private static func linear(_ colour: RGB) -> [Double] {
    [colour.red, colour.green, colour.blue].map { channel in
      let value = Double(channel) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
  }

  private static func lab(_ linear: [Double]) -> [Double] {
    let xyz = product([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]], linear)
    let f = zip(xyz, [0.95047, 1, 1.08883]).map { value, white in
      let t = value / white
      return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116
    }
    return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
  }

  private static func difference(_ a: RGB, _ b: RGB, _ matrix: [[Double]]) -> Double {
    func seen(_ colour: RGB) -> [Double] { lab(product(matrix, linear(colour)).map { min(1, max(0, $0)) }) }
    return sqrt(zip(seen(a), seen(b)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
  }

  /// The smallest distance of two colours of the safe palette, as numpy gives them; 2.3 is just noticed. In grey some are alike: that is why no
  /// mark is told by its colour alone.
  @Test func smallestDifferences() {
    let classes = (0..<8).map { PreviewClass(name: "\($0)", radius: 60) }, colours = ClassPalette.colours(of: classes, usesSafe: true)
    #expect(Set(colours).count == 8)
    let pairs = colours.indices.flatMap { a in colours.indices.filter { $0 > a }.map { (colours[a], colours[$0]) } }
    let expected = ["protanopia": 19.3, "deuteranopia": 14.6, "tritanopia": 13.0, "full sight": 21.8]
    for sight in Self.sights {
      let closest = pairs.min { Self.difference($0.0, $0.1, sight.matrix) < Self.difference($1.0, $1.1, sight.matrix) } ?? pairs[0]
      let smallest = Self.difference(closest.0, closest.1, sight.matrix)
      print("safe palette, \(sight.name): \(fixed(smallest, digits: 1)) between \(closest.0.hexadecimal) and \(closest.1.hexadecimal)")
      #expect(abs(smallest - (expected[sight.name] ?? 0)) < 0.1, "\(sight.name)")
    }
    let grey = pairs.map { ($0.0.lightness - $0.1.lightness).magnitude }.min() ?? .nan
    print("safe palette, grey: \(fixed(grey, digits: 2))")
    #expect(abs(grey - 0.04) < 0.01)
  }

  /// A dark colour of a project, as it is drawn, on the darkest and on the lightest image: it lies on its halo.
  @Test(arguments: [0, 255] as [UInt8])
  func aDarkColourIsSeen(ground: UInt8) {
    let colour = RGB(0x4C005C).brightened
    var raster = Raster(width: 40, height: 40)
    raster.fill(x: 0, y: 0, width: 40, height: 40, RGB(grey: ground))
    raster.stroke([.circle(x: 20.5, y: 20.5, radius: 12, dash: nil)], width: 1.5, colour)
    let row = (20..<40).map { raster[$0, 20] }
    // The middle of the pen has the colour, and what is beside it differs.
    #expect(row.contains(colour))
    let halo = row[10], full = Self.sights[3].matrix
    #expect(Self.difference(colour, halo, full) > 40, "\(halo.hexadecimal) beside \(colour.hexadecimal)")
    #expect(Self.difference(halo, RGB(grey: ground), full) > 20 || ground == 0)
  }

  /// Dashes and centres differ for every pair of outcomes that one panel can show.
  @Test func outcomesDifferWithoutColour() {
    func drawn(_ outcome: PickOutcome) -> [UInt8] {
      var raster = Raster(width: 60, height: 60)
      let pen = PanelPainter.pen(outcome), white = RGB(0xFFFFFF)
      raster.stroke([.circle(x: 30, y: 30, radius: 20, dash: pen.dash)], width: pen.width, white)
      raster.stroke(PanelPainter.centre(outcome, 30, 30), width: 1.5, white)
      return raster.bytes
    }
    for (a, b) in [(.hit, .falseAlarm), (.miss, .found), (.hit, .miss), (.falseAlarm, .miss)] as [(PickOutcome, PickOutcome)] {
      #expect(zip(drawn(a), drawn(b)).count { ($0 > 128) != ($1 > 128) } >= 30, "\(a) and \(b)")
    }
  }
}
