/// Edge of a cubic voxel in ångström.
///
/// Two spacings are equal when they agree to three decimals, the precision with which projects name their folders
/// (`VoxelSpacing13.480`): 13.48, 13.4801 and 13.4799 are one spacing, 13.48 and 13.481 are two.
public struct VoxelSpacing: Sendable, Hashable {
  public let angstrom: Double
  public init(_ angstrom: Double) { self.angstrom = angstrom }

  public static func == (a: VoxelSpacing, b: VoxelSpacing) -> Bool { a.thousandths == b.thousandths }
  public func hash(into hasher: inout Hasher) { hasher.combine(thousandths) }

  /// The text `%.3f` of C and Python: `13.480`. Rounded from the exact value of the double, halves to even.
  public var threeDecimals: String {
    guard angstrom.isFinite, thousandths.magnitude < 0x1p63 else { return String(angstrom) }
    let whole = UInt64(thousandths.magnitude)
    let fraction = String(whole % 1000)
    return (angstrom.sign == .minus ? "-" : "") + String(whole / 1000) + "." + String(repeating: "0", count: 3 - fraction.count) + fraction
  }

  /// The spacing in units of 0.001 Å, an integer: what `%.3f` rounds to. The product alone would round twice, so that its error
  /// decides where it seems to lie half-way.
  private var thousandths: Double {
    let product = angstrom * 1000
    guard product.isFinite else { return product }
    let error = (-product).addingProduct(angstrom, 1000)
    let below = product.rounded(.down)
    let rest = product - below
    if rest == 0.5, error != 0 { return error > 0 ? below + 1 : below }
    return product.rounded(.toNearestOrEven)
  }
}

extension VoxelSpacing: CustomStringConvertible {
  /// Shortest text with the unit: `10 A`, `13.48 A`.
  public var description: String {
    let text = String(angstrom)
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + " A"
  }
}
