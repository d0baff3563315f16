import Tensors
import Testing

@Suite struct `cortado factors` {
  private let folder = TemporaryFolder()

  private func file(_ shape: Shape, _ values: [Float]) throws -> String {
    try NumpyFile.write(Tensor(shape: shape, values), to: folder / "x.npy")
    return folder / "x.npy"
  }

  private let range = ["--set", "search_range=[0.9,1.1]", "--set", "search_step=0.1", "--json"]

  /// Ratios 0.9, 1.0, 1.1 of 2.55; at 1.0 the step is 2.55 / 255 = 0.01, of which every value is a multiple.
  @Test func `ifmr with offset finds the step that all values are multiples of`() throws {
    let result = try cortado(["factors", "ifmr", try file([2, 2], [0, 1, 2, 2.55])] + range).json
    #expect(result.keys == ["scale", "offset", "candidates", "best", "clip_min", "clip_max", "mse"])
    #expect(result["candidates"].int == 3 && result["best"].int == 1)
    #expect(abs(try #require(result["scale"].number) - 0.01) < 1e-8)
    #expect(result["offset"].int == -128, "the range begins at 0: -round(0 / scale) - 128")
    #expect(result["clip_min"].number == 0)
    #expect(abs(try #require(result["clip_max"].number) - 2.55) < 1e-6)
    #expect(try #require(result["mse"].number) < 1e-12)
  }

  /// The range -1.00 ... 1.55 has 255 steps of 0.01: offset = -round(-1 / 0.01) - 128 = -28.
  @Test func `ifmr with offset keeps the lower bound`() throws {
    let result = try cortado(["factors", "ifmr", try file([3], [-1, 0.5, 1.55])] + range).json
    #expect(abs(try #require(result["scale"].number) - 0.01) < 1e-8)
    #expect(result["best"].int == 1 && result["offset"].int == -28 && result["clip_min"].number == -1)
  }

  /// The positive side is the larger one: 1.27 / 127; then the negative one: 1.28 / 128.
  @Test(arguments: [([-1, 0.5, 1.27], 0.01), ([-2.56, 0.5, 1.28], 0.02)] as [([Float], Double)])
  func `ifmr without offset divides the larger side by its own limit`(_ values: [Float], _ scale: Double) throws {
    let result = try cortado(["factors", "ifmr", try file([3], values), "--set", "with_offset=false"] + range).json
    #expect(abs(try #require(result["scale"].number) - scale) < 1e-8)
    #expect(result["best"].int == 1 && result["offset"].int == 0)
  }

  /// 12 bits: the same range has 4095 steps.
  @Test func `ifmr takes the number of bits`() throws {
    let result = try cortado(["factors", "ifmr", try file([3], [0, 1.5, 4.095]), "--set", "num_bits=12"] + range).json
    #expect(abs(try #require(result["scale"].number) - 0.001) < 1e-9)
    #expect(result["offset"].int == -2048)
  }

  /// Row 0: 1.27 / 127 = 0.01; row 1: -2.56 / -128 = 0.02. Codes are value / step.
  @Test func `arq has one step per channel and writes int8 codes`() throws {
    let path = try file([2, 3], [1.27, -0.5, 0.25, -2.56, 1, 0.1])
    let outcome = try cortado("factors", "arq", path, "--set", "axis=0", "--codes", folder / "codes.npy", "--json")
    outcome.expect(0)
    let scale = try outcome.json["scale"].list.compactMap(\.number)
    #expect(scale.count == 2 && abs(scale[0] - 0.01) < 1e-8 && abs(scale[1] - 0.02) < 1e-8)
    let codes = try NumpyFile.read(folder / "codes.npy")
    #expect(codes.element == .int8 && codes.shape == [2, 3])
    #expect(try codes.integers() == [127, -50, 25, -128, 50, 5])
  }

  /// axis=-1: the whole tensor has -2.56 / -128 = 0.02; halves go away from zero: 0.25 / 0.02 = 12.5 -> 13.
  @Test func `arq of the whole tensor has one step`() throws {
    let path = try file([2, 3], [1.27, -0.5, 0.26, -2.56, 1, 0.1])
    let outcome = try cortado("factors", "arq", path, "--set", "axis=-1", "--codes", folder / "codes.npy", "--json")
    #expect(try outcome.json["scale"].list.count == 1)
    #expect(try NumpyFile.read(folder / "codes.npy").integers() == [64, -25, 13, -128, 50, 5])
  }

  /// The weights of SNQTests: step 0.5, quotients 0, 1, 2, 10, 127, of which the first three share the level 1.
  @Test func `snq has 16 levels and writes uint8 codes`() throws {
    let path = try file([1, 5], [0, 0.5, 1, 5, 63.5])
    let outcome = try cortado("factors", "snq", path, "--set", "axis=0", "--codes", folder / "codes.npy", "--json")
    outcome.expect(0)
    let result = try outcome.json
    #expect(result.keys == ["scale", "centres", "iterations", "mse"])
    #expect(result["scale"].floats == [0.5] && result["iterations"].int == 2 && result["mse"].number == 0.1)
    #expect(result["centres"].ints == [1, 10, 20, 28, 36, 44, 52, 60, 67, 75, 83, 91, 99, 107, 115, 127])
    let codes = try NumpyFile.read(folder / "codes.npy")
    #expect(codes.element == .uint8 && codes.shape == [1, 5])
    #expect(try codes.integers() == [0, 0, 0, 1, 15])
    for start in ["uniform", "gaussian", "d2sampling"] {
      let words = ["--set", "init_algo=\(start)", "--set", "max_iteration=500", "--set", "min_distance=1e-3"]
      try cortado(["factors", "snq", path, "--set", "axis=-1"] + words).expect(0)
    }
  }

  @Test func `snq takes what config_json takes`() throws {
    let path = try file([1, 2], [1, 2])
    for (setting, words) in [
      ("max_iteration=499", "The max_iteration must be in range [500, 2000]"),
      ("max_iteration=2001", "The max_iteration must be in range [500, 2000]"),
      ("min_distance=1e-11", "The min_distance must be in range [1e-10, 1e-3]"),
      ("min_distance=nan", "The min_distance must be in range [1e-10, 1e-3]"),
      ("init_algo=random", "The init_algo must be one of [uniform, gaussian, d2sampling]"), ("axis=2", "axis 2"),
      ("axis=-2", "axis -2"),
    ] {
      try cortado("factors", "snq", path, "--set", setting).expect(3, says: words)
    }
    try cortado("factors", "snq", path, "--set", "max_iterations=600").expect(64, says: "did you mean 'max_iteration'?")
    try cortado("factors", "snq", try file([2], [1, .nan])).expect(3, says: "NaN")
    try cortado("factors", "snq", try file([2], [1, .infinity])).expect(3, says: "inf")
    try cortado("factors", "snq", try file([0, 4], [])).expect(0)
  }

  /// ulq: the published library's case normal_0 (QuantizationTests/Goldens/ulq.json). searchn: the calculation of
  /// SearchNTests.
  @Test func `ulq and searchn are those of the library`() throws {
    let path = try file([2, 2], [65536, 0, 65536, 0])
    let ulq = try cortado(
      "factors", "ulq", path, "--set", "clip_max=1", "--set", "clip_min=-1", "--json"
    ).json
    #expect(ulq.keys == ["scale", "offset_record", "low_int", "clip_lo", "clip_hi"])
    #expect(ulq["low_int"].int == -127 && ulq["offset_record"].int == -1)
    #expect(ulq["clip_hi"].number.map(Float.init) == 1.0039216 && ulq["clip_lo"].number.map(Float.init) == -0.9960785)
    let shifts = try cortado("factors", "searchn", path, "--set", "deq=[1,4]", "--json").json
    #expect(shifts["n"].ints == [2, 1] && shifts["n_tensor"].int == 2)
  }

  @Test func `what cannot be quantized has status 3, a wrong key 64`() throws {
    try cortado("factors", "ifmr", try file([2], [1, .nan])).expect(3, says: "nan")
    try cortado("factors", "ifmr", try file([2], [1, .infinity])).expect(3, says: "inf")
    try cortado("factors", "arq", try file([2], [1, .nan])).expect(3, says: "NaN")
    try cortado("factors", "ifmr", try file([1], [3e38]), "--set", "with_offset=false").expect(3, says: "FLT_EPSILON")
    try cortado("factors", "arq", try file([2], [1, 2]), "--set", "axis=1").expect(3, says: "axis 1")
    try cortado("factors", "arq", try file([2], [1, 2]), "--set", "axes=0").expect(64, says: "did you mean 'axis'?")
    try cortado("factors", "ifmr", folder / "none.npy").expect(3, says: "none.npy")
  }

  @Test func `bad parameters are refused, not searched`() throws {
    let path = try file([2], [1, 2])
    for setting in [
      "num_bits=1", "num_bits=17", "num_bits=9223372036854775807", "search_step=0", "search_step=-1", "search_step=nan",
      "search_step=1e-30", "search_range=[1,0.5]", "search_range=[0,1]", "search_range=[1,inf]", "max_percentile=2",
      "max_percentile=nan", "min_percentile=0.2",
    ] {
      let outcome = try cortado("factors", "ifmr", path, "--set", setting)
      #expect(outcome.exited && [3, 64].contains(outcome.status), "\(setting): \(outcome.status) \(outcome.err)")
    }
  }
}
