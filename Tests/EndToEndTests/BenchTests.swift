import Testing

@Suite struct `cortado bench` {
  private let folder = TemporaryFolder()

  @Test func `times a net with random weights`() throws {
    let outcome = try cortado(
      "bench", Sample.digits.prototxt, "--batch", "3", "--repeat", "2", "--threads", "1", "--json")
    outcome.expect(0)
    let report = try outcome.json
    #expect(report.keys == ["seconds", "peakBytes", "layers", "batch", "threads", "gflops"])
    #expect(report["batch"].int == 3 && report["threads"].int == 1)
    #expect(report["seconds"].keys == ["load", "plan", "forward"])
    let forward = try #require(report["seconds"]["forward"].number)
    // MACs of one image as in InspectTests; two operations each.
    let gflops = 2 * 3 * 1_099_712 / forward / 1e9
    #expect(abs(try #require(report["gflops"].number) - gflops) <= 1e-6 * gflops)
    #expect(report["layers"].list.contains { $0["name"].string == "conv2" && $0["type"].string == "Convolution" })
  }

  @Test func `per layer it shows all layers in order, and the share of the reference path`() throws {
    // Im2col runs on its reference loops, ReLU does not: both parts are there.
    let net = try folder.write(
      "net.prototxt",
      """
      input: "x" input_shape { dim: 1 dim: 4 dim: 32 dim: 32 }
      layer { name: "columns" type: "Im2col" bottom: "x" top: "h" convolution_param { kernel_size: 3 } }
      layer { name: "relu" type: "ReLU" bottom: "h" top: "y" }
      """)
    let outcome = try cortado("bench", net, "--per-layer", "--repeat", "3", "--threads", "1", "--json")
    outcome.expect(0)
    let report = try outcome.json
    #expect(
      report["layers"].list.filter { $0["type"].string != "reorder" }.compactMap { $0["name"].string } == [
        "columns", "relu",
      ])
    let times = report["layers"].list.map { ($0["seconds"].number ?? 0, $0["backend"].string) }
    let reference = times.filter { $0.1 == "reference" }.reduce(0) { $0 + $1.0 } / times.reduce(0) { $0 + $1.0 }
    #expect(abs(try #require(report["referenceShare"].number) - reference) < 1e-9)
    #expect(reference > 0 && reference < 1)
    let text = try cortado("bench", net, "--per-layer", "--repeat", "1").out
    #expect(text.contains("% of the layers' time on the reference path"))
  }

  @Test func `times calibration beside a forward pass`() throws {
    let outcome = try cortado(
      "bench", Sample.digits.prototxt, "--batch", "4", "--calibrate", "3", "--repeat", "2", "--threads", "1", "--json")
    outcome.expect(0)
    let times = try outcome.json["calibration"]
    #expect(times.keys == ["images", "forward", "calibration", "search", "ratio", "peakBytes"])
    #expect(times["images"].int == 12)
    let (all, search) = (try #require(times["calibration"].number), try #require(times["search"].number))
    #expect(search > 0 && search < all)
    #expect(try #require(times["ratio"].number) > 0)
    try cortado("bench", Sample.digits.prototxt, "--calibrate", "0").expect(64)
  }

  @Test(arguments: ["--threads", "--calibrate"]) func `without memory it ends in words, as a failed run`(
    _ option: String
  ) throws {
    // 200000 images of 28 x 28 floats are 0.6 GB, all activations several times that.
    let program = try RunningProgram(
      ["bench", Sample.digits.prototxt, "--batch", "200000", option, "1"],
      launcher: ["/usr/bin/prlimit", "--as=2000000000"])
    try program.wait().expect(4, says: "no memory for")
  }

  @Test func `saves the weights it used`() throws {
    try cortado("bench", Sample.digits.prototxt, "--repeat", "1", "--save-weights", folder / "w.caffemodel").expect(0)
    try cortado("inspect", Sample.digits.prototxt, folder / "w.caffemodel").expect(0)
    try cortado(
      "forward", Sample.digits.prototxt, folder / "w.caffemodel", "--input", "data=1", "--out", folder / "out"
    )
    .expect(0)
  }
}
