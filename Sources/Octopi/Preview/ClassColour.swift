import Foundation

/// A colour of sRGB.
public struct RGB: Sendable, Hashable {
  public let red: UInt8, green: UInt8, blue: UInt8

  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// From 0xRRGGBB.
  init(_ hexadecimal: UInt32) {
    self.init(UInt8(truncatingIfNeeded: hexadecimal >> 16), UInt8(truncatingIfNeeded: hexadecimal >> 8), UInt8(truncatingIfNeeded: hexadecimal))
  }

  init(grey: UInt8) { self.init(grey, grey, grey) }

  var channels: [UInt8] { [red, green, blue] }

  /// `#0083F7`.
  public var hexadecimal: String {
    "#" + channels.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
  }

  /// This colour over another: each channel `opacity * this + (1 - opacity) * other`, halves up.
  func over(_ other: RGB, opacity: Double) -> RGB {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 { UInt8(clamping: Int((opacity * Double(a) + (1 - opacity) * Double(b) + 0.5).rounded(.down))) }
    return RGB(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
  }

  /// CIE L*, 0 for black to 100 for white (CIE 15:2004; sRGB of IEC 61966-2-1, white D65).
  var lightness: Double {
    func linear(_ channel: UInt8) -> Double {
      let value = Double(channel) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    return luminance > 216.0 / 24389 ? 116 * cbrt(luminance) - 16 : luminance * 24389 / 27
  }

  /// The lightness from which a colour is seen on a dark image.
  static let leastLightness = 55.0

  /// The first colour that is light enough: all channels scaled so that the largest becomes one more, up to 255; then more and more white.
  var brightened: RGB {
    if lightness >= RGB.leastLightness { return self }
    let largest = Int(max(red, green, blue))
    if largest > 0 {
      for target in largest...255 {
        func scaled(_ channel: UInt8) -> UInt8 { UInt8(clamping: (2 * Int(channel) * target + largest) / (2 * largest)) }
        let colour = RGB(scaled(red), scaled(green), scaled(blue))
        if colour.lightness >= RGB.leastLightness { return colour }
      }
      let full = RGB(
        UInt8(clamping: (2 * Int(red) * 255 + largest) / (2 * largest)), UInt8(clamping: (2 * Int(green) * 255 + largest) / (2 * largest)),
        UInt8(clamping: (2 * Int(blue) * 255 + largest) / (2 * largest)))
      return full.whitened
    }
    return whitened
  }

  private var whitened: RGB {
    let white = RGB(0xFFFFFF)
    for step in 0...255 {
      let colour = white.over(self, opacity: Double(step) / 255)
      if colour.lightness >= RGB.leastLightness { return colour }
    }
    return white
  }
}

/// What a mark tells about a pick.
public enum PickOutcome: String, Sendable, Hashable, CaseIterable {
  /// A prediction with a true pick near it.
  case hit
  /// A prediction without.
  case falseAlarm = "false alarm"
  /// A true pick without a prediction near it.
  case miss
  /// A true pick with one.
  case found
  /// A prediction of a class without truth in this run.
  case plain

  /// The colour where rings are coloured by outcome.
  var colour: RGB {
    switch self {
    case .hit, .found: RGB(0x56B4E9)
    case .falseAlarm: RGB(0xD55E00)
    case .miss: RGB(0xF0E442)
    case .plain: RGB(0xBBBBBB)
    }
  }
}

/// Colours of classes.
enum ClassPalette {
  /// Okabe and Ito's colours, told apart by the colour-blind (jfly.uni-koeln.de/color).
  static let safe = [0x56B4E9, 0xE69F00, 0x009E73, 0xF0E442, 0xCC79A7, 0xD55E00, 0x0072B2].map { RGB($0) }
  static let last = RGB(0xBBBBBB)

  /// A colour for each class, light enough to be seen.
  /// - usesSafe: the built-in colours for all, else for those that have none.
  static func colours(of classes: [PreviewClass], usesSafe: Bool) -> [RGB] {
    var next = 0
    return classes.map { shown in
      if !usesSafe, let colour = shown.colour { return colour.brightened }
      defer { next += 1 }
      return (next < safe.count ? safe[next] : last).brightened
    }
  }

  /// Two classes of one colour can not be told apart.
  static func warnings(_ classes: [PreviewClass], _ colours: [RGB]) -> [Warning] {
    for first in classes.indices {
      for second in classes.indices where second > first && colours[first] == colours[second] && colours[first] != last {
        return [
          Warning(
            "'\(classes[first].name)' and '\(classes[second].name)' have the same colour \(colours[first].hexadecimal)",
            remedy: "--palette safe gives every object a colour of its own")
        ]
      }
    }
    return []
  }
}
