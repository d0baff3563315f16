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
      """)

  @Argument(help: ArgumentHelp("Original net and weights, fake-quant net and weights.", valueName: "files"))
  var files: [String] = []

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("Show what a run of the project measured, instead of running nets.", valueName: "id"))
  var runID: String?

  @Option(help: ArgumentHelp("With --run: the run to take differences to.", valueName: "id"))
  var against: String?

  @Option(help: ArgumentHelp("Project folder of --run (default: the nearest .cortado upwards).", valueName: "dir"))
  var project: String?

  @Option(help: ArgumentHelp("quant.json: says which layers were fused.", valueName: "file"))
  var quantJson: String?

  @Option(help: ArgumentHelp("Exit 5 when an output's cosine is lower.", valueName: "x"))
  var failUnder: Double?

  @OptionGroup var data: DataFlags
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if runID == nil, files.count != 4 {
      throw ValidationError("compare takes four files: net, weights, fake-quant net, fake-quant weights; or --run ID")
    }
    if runID != nil, !files.isEmpty { throw ValidationError("give files or --run, not both") }
    if against != nil, runID == nil { throw ValidationError("--against goes with --run") }
  }

  func run() throws {
    if let runID { return try showRun(runID) }
    let console = common.console
    let job = CompareJob(
      original: ModelFiles(prototxt: files[0], weights: files[1], protos: common.proto),
      quantized: ModelFiles(prototxt: files[2], weights: files[3], protos: common.proto),
      quantJSON: quantJson, data: try data.options(threads: threads.count), threads: threads.count)
    let report = try job.run(console.tell) { console.progress("compare", done: $0, of: $1) }
    console.clearProgress()
    common.show(report, CompareCommand.table)
    try checkThreshold(report.outputCosine)
  }

  private func checkThreshold(_ cosine: Double) throws {
    if let failUnder, !(cosine >= failUnder) {
      throw QuantError(.thresholdMissed, "output cosine \(fixed(cosine, 6)) is under \(failUnder)")
    }
  }

  private func showRun(_ id: String) throws {
    let folder = try project.map(ProjectFolder.init(path:)) ?? ProjectFolder.nearest(to: ".")
    let comparison = try RunComparison(run: id, against: against, project: folder)
    common.show(comparison) { c in
      var t = TextTable(["layer", "type", "state", "cos", "min", "SQNR dB", "delta"], right: [3, 4, 5, 6])
      for l in c.layers {
        t.add([
          l.layer, l.type, l.state, fixed(l.cosine, 5), fixed(l.cosineMin, 5), fixed(l.sqnr_db, 1),
          l.delta.map { ($0 > 0 ? "+" : "") + fixed($0, 5) } ?? "",
        ])
      }
      return "run \(c.run), \(c.images) images, chain error (all layers quantized)\n" + t.text
    }
    try checkThreshold(comparison.outputCosine)
  }

  static func table(_ r: ComparisonReport) -> String {
    var t = TextTable(
      ["layer", "type", "state", "cos", "min", "SQNR dB", "max|err|", "slope"], right: [3, 4, 5, 6, 7])
    for l in r.layers {
      t.add([
        l.layer, l.type, l.state, fixed(l.cosine, 5), fixed(l.cosineMin, 5), fixed(l.sqnr_db, 1), fixed(l.max_abs, 4),
        fixed(l.slope, 4),
      ])
    }
    for o in r.outputs {
      t.add([
        o.blob, "output", "", fixed(o.cosine, 5), fixed(o.cosineMin, 5), fixed(o.sqnr_db, 1), fixed(o.max_abs, 4),
        fixed(o.slope, 4),
      ])
    }
    return "\(r.images) images, chain error (all layers quantized)\n" + t.text
  }
}
