import Octopi
import Testing

@Suite("VoxelSpacing") struct VoxelSpacingTests {
  @Test(arguments: [(10.0, "10.000", "10 A"), (13.48, "13.480", "13.48 A"), (7.8405, "7.840", "7.8405 A"), (1.0005, "1.000", "1.0005 A"),
    (0.0625, "0.062", "0.0625 A"), (2.6745, "2.675", "2.6745 A"), (1234.5678, "1234.568", "1234.5678 A"), (0.0004, "0.000", "0.0004 A"),
    (-1.5, "-1.500", "-1.5 A")])
  func textIsThatOfPython(angstrom: Double, text: String, description: String) {
    #expect(VoxelSpacing(angstrom).threeDecimals == text)
    #expect(VoxelSpacing(angstrom).description == description)
  }

  @Test func equalToThreeDecimals() {
    #expect(VoxelSpacing(13.48) == VoxelSpacing(13.4801))
    #expect(VoxelSpacing(13.48).hashValue == VoxelSpacing(13.4799).hashValue)
    #expect(VoxelSpacing(13.48) != VoxelSpacing(13.481))
    #expect(VoxelSpacing(.nan) != VoxelSpacing(.nan))
    #expect(VoxelSpacing(.infinity).threeDecimals == "inf")
  }
}
