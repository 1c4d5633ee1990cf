import Foundation

/// The orientation of a particle as RELION has it: Euler angles ZYZ (rot, tilt, psi) in degrees of the rotation from the tomogram's frame
/// to the particle's, that is, of the inverse of what picks carry (copick `util/formats.py: _relion_eulers`).
struct ParticleAngles: Hashable {
  let rot: Double, tilt: Double, psi: Double

  static let zero = ParticleAngles(rot: 0, tilt: 0, psi: 0)

  private init(rot: Double, tilt: Double, psi: Double) {
    self.rot = rot
    self.tilt = tilt
    self.psi = psi
  }

  /// Angles of a transformation of picks, 4x4, row by row; nil if its rotation is none. Where rot and psi turn about the same axis, psi is 0.
  init?(transformation t: [Double]) {
    assert(t.count == 16)
    let rows = [[t[0], t[1], t[2]], [t[4], t[5], t[6]], [t[8], t[9], t[10]]]
    guard ParticleAngles.isRotation(rows) else { return nil }
    let sine = (rows[2][0] * rows[2][0] + rows[2][1] * rows[2][1]).squareRoot(), tilt = atan2(sine, rows[2][2])
    if sine <= 1e-7 {
      let sign: Double = rows[2][2] > 0 ? 1 : -1
      self.init(rot: ParticleAngles.degrees(atan2(sign * rows[0][1], sign * rows[0][0])), tilt: ParticleAngles.degrees(tilt), psi: 0)
    } else {
      self.init(
        rot: ParticleAngles.degrees(atan2(rows[2][1], rows[2][0])), tilt: ParticleAngles.degrees(tilt),
        psi: ParticleAngles.degrees(atan2(rows[1][2], -rows[0][2])))
    }
  }

  private static func degrees(_ radians: Double) -> Double { radians * 180 / .pi }

  /// Three orthogonal rows of length 1, to 1e-3, that form a right-handed system.
  private static func isRotation(_ rows: [[Double]]) -> Bool {
    func dot(_ a: [Double], _ b: [Double]) -> Double { a[0] * b[0] + a[1] * b[1] + a[2] * b[2] }
    for i in 0..<3 {
      for j in i..<3 where !((dot(rows[i], rows[j]) - (i == j ? 1 : 0)).magnitude < 1e-3) { return false }
    }
    let (a, b) = (rows[0], rows[1])
    return dot([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]], rows[2]) > 0
  }
}
