import ArgumentParser
import QuantEngine

/// `cortado compare`: per-layer similarity of the original and the fake-quant net.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare every layer of the original and the fake-quant net.",
    discussion: """
      Example: cortado compare net.prototxt net.caffemodel out/net_fake_quant_model.prototxt \
      out/net_fake_quant_weights.caffemodel --quant-json out/net_quant.json --images calibration --fail-under 0.99
               cortado compare --run 4 --against 3
               cortado compare --run 4 --layer conv1
      """)

  @Argument(help: ArgumentHelp("Original net and weights, fake-quant net and weights.", valueName: "files"))
  var files: [String] = []

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("Show what a run of the project measured, instead of running nets.", valueName: "id"))
  var runID: String?

  @Option(help: ArgumentHelp("With --run: the run to take differences to.", valueName: "id"))
  var against: String?

  @Option(help: ArgumentHelp("With --run: show the details that the run kept of one layer.", valueName: "name"))
  var layer: String?

  @Option(help: ArgumentHelp("Write the details of all layers, as a run folder keeps them.", valueName: "file"))
  var details: String?

  @Option(help: ArgumentHelp("Project folder of --run (default: the nearest .cortado upwards).", valueName: "dir"))
  var project: String?

  @Option(help: ArgumentHelp("quant.json: says which layers were fused.", valueName: "file"))
  var quantJson: String?

  @Option(help: ArgumentHelp("Exit 5 when an output's cosine is lower.", valueName: "x"))
  var failUnder: Double?

  @OptionGroup var net: NetOptions
  @OptionGroup var data: DataFlags
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if runID == nil, files.count != 4 {
      throw ValidationError("compare takes four files: net, weights, fake-quant net, fake-quant weights; or --run ID")
    }
    if runID != nil, !files.isEmpty { throw ValidationError("give files or --run, not both") }
    if against != nil, runID == nil { throw ValidationError("--against goes with --run") }
    if layer != nil, runID == nil { throw ValidationError("--layer goes with --run") }
    if layer != nil, against != nil { throw ValidationError("give --layer or --against, not both") }
    if details != nil, runID != nil { throw ValidationError("--details goes with files; a run has its own") }
  }

  func run() throws {
    if let runID { return try showRun(runID) }
    let console = common.console
    let original = try net.files(files[0], files[1], common)
    let job = CompareJob(
      original: original,
      quantized: ModelFiles(
        prototxt: files[2], weights: files[3], protos: common.proto, plugins: common.plugin,
        passThrough: original.passThrough),
      quantJSON: quantJson, data: try data.options(threads: threads.count), threads: threads.count)
    let outcome = try job.run(console.tell) { console.progress("compare", done: $0, of: $1) }
    console.clearProgress()
    if let details { try outcome.writeDetails(to: details) }
    common.show(outcome.report, CompareCommand.table)
    try checkThreshold(outcome.report.outputCosine)
  }

  private func checkThreshold(_ cosine: Double) throws {
    if let failUnder, !(cosine >= failUnder) {
      throw QuantError(.thresholdMissed, "output cosine \(fixed(cosine, 6)) is under \(failUnder)")
    }
  }

  private func showRun(_ id: String) throws {
    let folder = try project.map(ProjectFolder.init(path:)) ?? ProjectFolder.nearest(to: ".")
    let comparison = try RunComparison(run: id, against: against, project: folder)
    if let layer {
      let details = try RunComparison.details(of: layer, run: id, project: folder)
      let metric = comparison.layers.first { $0.metric.layer == layer }?.metric
      common.show(details) { LayerDetailsText(details: $0, metric: metric).text }
      return
    }
    common.show(comparison) { c in
      var t = TextTable(
        ["layer", "type", "state", "cos", "min", "local", "SQNR dB", "rel L2", "slope", "sat %", "zero %", "delta"],
        right: Set(3...11))
      for l in c.layers {
        t.add(
          Self.cells(l.metric) + [l.delta.map { ($0 > 0 ? "+" : "") + fixed($0, 5) } ?? ""])
      }
      return "run \(c.run), \(c.images) images, \(Self.legend)\n" + t.text
    }
    try checkThreshold(comparison.outputCosine)
  }

  static let legend = "cos: chain error (all layers quantized), local: the layer alone"

  /// The columns that the tables of a comparison and of a run share.
  static func cells(_ l: LayerMetric) -> [String] {
    [
      l.layer, l.type, l.state, fixed(l.cosine, 5), fixed(l.cosineMin, 5), l.local.map { fixed($0, 5) } ?? "",
      fixed(l.sqnr_db, 1), l.rel_l2.map { fixed($0, 4) } ?? "", fixed(l.slope, 4),
      l.saturated.map { fixed($0 * 100, 2) } ?? "", l.zeroed.map { fixed($0 * 100, 2) } ?? "",
    ]
  }

  static func table(_ r: ComparisonReport) -> String {
    var t = TextTable(
      [
        "layer", "type", "state", "cos", "min", "local", "SQNR dB", "rel L2", "slope", "sat %", "zero %", "max|err|",
        "bias",
      ], right: Set(3...12))
    for l in r.layers { t.add(cells(l) + [fixed(l.max_abs, 4), l.mean_bias.map { fixed($0, 4) } ?? ""]) }
    for o in r.outputs {
      t.add([
        o.blob, "output", "", fixed(o.cosine, 5), fixed(o.cosineMin, 5), "", fixed(o.sqnr_db, 1),
        o.rel_l2.map { fixed($0, 4) } ?? "", fixed(o.slope, 4), "", o.zeroed.map { fixed($0 * 100, 2) } ?? "",
        fixed(o.max_abs, 4), o.mean_bias.map { fixed($0, 4) } ?? "",
      ])
    }
    return "\(r.images) images, \(legend)\n" + t.text
  }
}
