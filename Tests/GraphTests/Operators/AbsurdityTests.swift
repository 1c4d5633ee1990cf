import Graph
import Testing
import TestSupport

/// Whatever a file says, an operator answers or throws; it never traps. Each case is a stream of nodes made of plausible and absurd parts.
@Suite("Absurd nodes", .tags(.operator))
struct AbsurdityTests {
  struct Dice {
    var random: SplitMix64
    mutating func roll(_ sides: Int) -> Int { Int(random.next() % UInt64(sides)) }
    mutating func pick<T>(_ list: [T]) -> T { list[roll(list.count)] }
    mutating func list<T>(upTo count: Int, _ item: (inout Dice) -> T) -> [T] { (0..<roll(count + 1)).map { _ in item(&self) } }

    mutating func integer() -> Int64 {
      roll(6) > 0 ? Int64(roll(7)) - 2 : pick([.min, .max, -1 << 31, 1 << 31, 1 << 20, -1 << 20, 1 << 40, 255, 1 << 62])
    }
    mutating func float() -> Float { roll(4) > 0 ? Float(roll(9)) / 2 - 1 : pick([.nan, .infinity, -.infinity, 3e38, -3e38, .leastNonzeroMagnitude, -0.0]) }
  }

  static let words: [String: [String]] = [
    "mode": ["nearest", "linear", "cubic", "bilinear", "bicubic", "constant", "reflect", "edge", "wrap", "DCR", "CRD"],
    "auto_pad": ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"], "nearest_mode": ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"],
    "coordinate_transformation_mode": [
      "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize", "tf_half_pixel_for_nn",
    ],
    "keep_aspect_ratio_policy": ["stretch", "not_larger", "not_smaller"], "padding_mode": ["zeros", "border", "reflection"],
    "equation": ["ij,jk->ik", "...i,...i->...", "ii->i", "i,j,k", "abc,cd", "...", ",", "ij->ji"], "reduction": ["none", "add", "mul", "max", "min"],
    "approximate": ["none", "tanh"], "direction": ["left", "right"],
  ]
  static let lists = ["axes", "pads", "strides", "dilations", "kernel_shape", "output_shape", "output_padding", "perm", "split", "starts", "ends", "shape"]
  static let numbers = [
    "axis", "group", "ceil_mode", "count_include_pad", "storage_order", "p", "keepdims", "noop_with_empty_axes", "select_last_index", "num_groups",
    "size", "align_corners", "antialias", "exclude_outside", "transA", "transB", "q_num_heads", "kv_num_heads", "is_causal", "left_window_size",
    "right_window_size", "blocksize", "batch_dims", "to", "allowzero", "upper", "exclusive", "reverse", "fmod", "largest", "sorted", "start", "end",
    "num_outputs", "k", "stash_type", "training_mode", "spatial", "is_test", "broadcast", "qk_matmul_output_mode",
  ]
  static let reals = ["alpha", "beta", "bias", "epsilon", "scale", "softcap", "extrapolation_value", "cubic_coeff_a", "height_scale", "width_scale"]

  /// A few of the attributes that exist anywhere; what an operator does not ask for does not matter here.
  static func attributes(_ dice: inout Dice) -> [String: Attribute] {
    var all: [String: Attribute] = [:]
    for (name, values) in words.sorted(by: { $0.key < $1.key }) where dice.roll(2) == 0 { all[name] = .string(dice.pick(values)) }
    if all["equation"] == nil { all["equation"] = .string("ij,jk->ik") }
    for name in lists where dice.roll(4) == 0 { all[name] = .ints(dice.list(upTo: 6) { $0.integer() }) }
    if dice.roll(2) == 0 { all["kernel_shape"] = .ints(dice.list(upTo: 3) { Int64($0.roll(3) + 1) }) }
    for name in numbers where dice.roll(4) == 0 { all[name] = .int(dice.integer()) }
    for name in ["size", "num_groups", "blocksize", "to"] where all[name] == nil { all[name] = .int(Int64(dice.roll(3) + 1)) }
    for name in reals where dice.roll(4) == 0 { all[name] = .float(dice.float()) }
    if dice.roll(2) == 0 { all["scales"] = .floats(dice.list(upTo: 5) { $0.float() }) }
    return all
  }

  static func shape(_ dice: inout Dice, absurd: Bool) -> [Int] {
    while true {
      let shape = dice.list(upTo: 5) { $0.roll(5) > 0 || !absurd ? $0.roll(4) : $0.pick([1 << 10, 1 << 20, 1 << 31]) }
      if (try? TensorType(.float32, shape).checked()) != nil { return shape }
    }
  }

  static func operand(_ dice: inout Dice) -> Operand? {
    if dice.roll(9) == 0 { return nil }
    let element = dice.pick([ElementType.float32, .float32, .float32, .float64, .float16, .int64, .int64, .int8, .uint64, .bool])
    if dice.roll(3) == 0 { return Operand(TensorType(element, shape(&dice, absurd: true))) }
    let type = TensorType(element, dice.roll(3) == 0 ? [dice.roll(6)] : shape(&dice, absurd: false))
    if element == .float64 { return Operand(Tensor(type, .doubles((0..<type.count).map { _ in Double(dice.float()) }))) }
    if element.isFloatingPoint { return Operand(Tensor(type, rounding: (0..<type.count).map { _ in dice.float() })) }
    return Operand(Tensor(type, wrapping: (0..<type.count).map { _ in dice.integer() }))
  }

  /// Infers types and, where all is small and constant, evaluates.
  static func run(_ declaration: OperatorDeclaration, _ dice: inout Dice) throws(GraphError) {
    let given = attributes(&dice)
    let count = min(declaration.inputs.lowerBound + dice.roll(3), declaration.inputs.upperBound)
    let outputs = min(declaration.outputs.lowerBound + dice.roll(2), declaration.outputs.upperBound)
    let opset = dice.pick(declaration.opsets)
    let node = AttributeReader(node: "node", opset: opset, inputCount: count, outputCount: outputs, attributes: given)
    let operation = try declaration.make(node)
    var inputs = (0..<count).map { _ in operand(&dice) }
    // Mostly one shape or one element for all, so that more gets past the first checks.
    if dice.roll(2) == 0, let first = inputs.first { inputs = inputs.map { _ in first } }
    if let first = inputs.first??.type.element, !declaration.elements.contains(first) { return }
    var types: [TensorType] = []
    for type in try operation.outputs(of: inputs) { types.append(try type.checked()) }
    let tensors = inputs.map { $0.flatMap(\.constant) }
    guard zip(inputs, tensors).allSatisfy({ ($0 == nil) == ($1 == nil) }), types.allSatisfy({ $0.count <= 1 << 12 }) else { return }
    let results = try operation.evaluate(tensors)
    #expect(zip(results, types).allSatisfy { $0.type == $1 })
  }

  @Test(arguments: Operators.all.map { $0.name }.sorted())
  func neverTrap(name: String) throws {
    let declaration = try #require(Operators.declaration(of: name))
    for seed in 0..<600 {
      var dice = Dice(random: SplitMix64(seed: UInt64(seed)))
      do { try Self.run(declaration, &dice) } catch { #expect(!error.reason.isEmpty, "seed \(seed)") }
    }
  }
}
