/// A parameter of config.json. The order of the cases is the order in which a group is written.
///
/// - Source: AMCT user guide, chapter on the quantization configuration, tables 1 to 26.
package enum ConfigField: String, Sendable, CaseIterable {
  case version, batchNum, activationOffset, jointQuant, doFusion, skipFusionLayers, updateBN
  case movingAverageFraction, updateIterations, dumpDirectory
  case quantEnable
  case activationBits, maxPercentile, minPercentile, searchRange, searchStep, withOffset
  case weightAlgorithm, channelWise, weightBits, maxIteration, minDistance, initAlgorithm

  /// The JSON object that a parameter stands in; the raw value is the object's key where it has one.
  package enum Group: String, Sendable, CaseIterable {
    case global
    case bnUpdate = "bn_update_config"
    case layer
    case activation = "activation_quant_params"
    case weights = "weight_quant_params"

    package var fields: [ConfigField] { ConfigField.allCases.filter { $0.group == self } }

    /// The parameter with this key, or `nil`.
    package func field(_ key: String) -> ConfigField? { fields.first { $0.key == key } }
  }

  /// What a parameter's value looks like.
  package enum Kind: Sendable, Hashable {
    case flag, integer, real, range, string, names
    case choice([String])
  }

  package var group: Group { spec.group }
  /// The key in config.json.
  package var key: String { spec.key }
  package var kind: Kind { spec.kind }
  /// What an absent parameter means. `nil`: depends on the layer (`quantEnable`, `channelWise`) or inherits
  /// (`withOffset`).
  package var defaultValue: ConfigValue? { spec.defaultValue }
  /// Legal values, in words.
  package var rangeText: String { spec.range }
  /// What to know when changing it; may be empty.
  package var advice: String { spec.advice }

  /// True for the parameters that only non-uniform weights have.
  package var isNonUniformOnly: Bool { [.maxIteration, .minDistance, .initAlgorithm].contains(self) }

  package static let uniformAlgorithm = "arq_quantize"
  package static let nonUniformAlgorithm = "snq_quantize"

  private struct Spec {
    let group: Group
    let key: String
    let kind: Kind
    let defaultValue: ConfigValue?
    let range: String
    let advice: String

    init(_ group: Group, _ key: String, _ kind: Kind, _ value: ConfigValue?, _ range: String, _ advice: String = "") {
      self.group = group
      self.key = key
      self.kind = kind
      self.defaultValue = value
      self.range = range
      self.advice = advice
    }
  }

  private var spec: Spec {
    let flag = "true or false"
    switch self {
    case .version: return Spec(.global, "version", .integer, .number("1"), "1")
    case .batchNum:
      return Spec(
        .global, "batch_num", .integer, .number("1"), "a whole number above 0",
        "batch_num x batch size = images used: 16 or 32 serve, above 50 only costs memory and time")
    case .activationOffset:
      return Spec(
        .global, "activation_offset", .flag, .flag(true), flag, "true: asymmetric data; the default of with_offset")
    case .jointQuant:
      return Spec(.global, "joint_quant", .flag, .flag(false), flag, "true: the inputs of an Eltwise share one factor")
    case .doFusion:
      return Spec(
        .global, "do_fusion", .flag, .flag(true), flag, "folds BatchNorm, Scale and Bias into the layer before them")
    case .skipFusionLayers:
      return Spec(.global, "skip_fusion_layers", .names, .names([]), "names of fusable layers")
    case .updateBN:
      return Spec(
        .global, "update_bn", .flag, .flag(false), flag, "true is advised with non-uniform weights, false otherwise")
    case .movingAverageFraction:
      return Spec(
        .bnUpdate, "bn_moving_average_fraction", .real, .number("0.5"), "above 0, below 1.0",
        "the smaller, the fewer iterations; a BatchNorm's own moving_average_fraction goes first")
    case .updateIterations:
      return Spec(.bnUpdate, "bn_update_iterations", .integer, .number("30"), "a whole number above 0, below 1000")
    case .dumpDirectory:
      return Spec(
        .bnUpdate, "bn_dump_dir", .string, .string(BNUpdateSettings.defaultDirectory), "a writable directory",
        "in the run's folder, unless it begins with /; tmp/bn_data is the folder bn_data there")
    case .quantEnable:
      return Spec(.layer, "quant_enable", .flag, nil, flag, "false, or no entry: the layer stays float")
    case .activationBits:
      return Spec(
        .activation, "num_bits", .integer, .number("8"), "a whole number from 8 to 16",
        "8 or 12; anything above 8 is stored as 16 bit")
    case .maxPercentile:
      return Spec(
        .activation, "max_percentile", .real, .number("0.999999"), "above 0.5, at most 1.0",
        "1.0 takes the largest value as upper bound")
    case .minPercentile:
      return Spec(
        .activation, "min_percentile", .real, .number("0.999999"), "above 0.5, at most 1.0",
        "1.0 takes the smallest value as lower bound")
    case .searchRange:
      return Spec(
        .activation, "search_range", .range, .range("0.7", "1.3"), "two numbers, 0 < start < end",
        "how far the clip bound is moved in the search")
    case .searchStep:
      return Spec(
        .activation, "search_step", .real, .number("0.01"), "above 0, at most end - start of search_range",
        "the smaller, the more tries")
    case .withOffset:
      return Spec(.activation, "with_offset", .flag, nil, "true, false or inherit", "inherit: takes activation_offset")
    case .weightAlgorithm:
      return Spec(
        .weights, "wts_algo", .choice([Self.uniformAlgorithm, Self.nonUniformAlgorithm]),
        .string(Self.uniformAlgorithm), "arq_quantize (8 bit) or snq_quantize (4 bit)",
        "snq_quantize for Convolution, DepthwiseConv, Deconvolution, InnerProduct; not for the first and last layer")
    case .channelWise:
      return Spec(
        .weights, "channel_wise", .flag, nil, flag, "true: a factor for each output channel; InnerProduct needs false")
    case .weightBits:
      return Spec(.weights, "num_bits", .integer, .number("8"), "8 with arq_quantize, 4 with snq_quantize")
    case .maxIteration:
      return Spec(
        .weights, "max_iteration", .integer, .number("1000"), "a whole number from 500 to 2000",
        "more iterations may be more accurate and take longer")
    case .minDistance:
      return Spec(
        .weights, "min_distance", .real, .number("1e-10"), "from 1e-10 to 1e-3", "the smaller, the more iterations")
    case .initAlgorithm:
      return Spec(
        .weights, "init_algo", .choice(["uniform", "gaussian", "d2sampling"]), .string("uniform"),
        "uniform, gaussian or d2sampling", "uniform is advised")
    }
  }
}
