import ArgumentParser
import QuantEngine

/// `cortado bench`: how fast a net runs.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Time a net's forward pass; random weights when none are given.",
    discussion: """
      Example: cortado bench resnet50.prototxt --batch 16 --threads 2 --repeat 10
               cortado bench net.prototxt net.caffemodel --per-layer
      """)

  @OptionGroup var model: LooseModelOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Images per batch (default: the net's own).", valueName: "n"))
  var batch: Int?

  @Option(help: ArgumentHelp("Runs after one warm-up; the median is reported.", valueName: "r"))
  var `repeat` = 5

  @Option(help: ArgumentHelp("Write the weights used to a caffemodel.", valueName: "file"))
  var saveWeights: String?

  @Option(
    help: ArgumentHelp(
      "Also time calibration with this many batches, beside a forward pass of the same images.", valueName: "batches"))
  var calibrate: Int?

  @Flag(help: "Show every layer, in the order of the net, with its share of the time.")
  var perLayer = false

  @Flag(help: "Print the plan's steps, layouts and memory.")
  var dumpPlan = false

  func validate() throws {
    if !(1...10000).contains(`repeat`) { throw ValidationError("--repeat must be 1 to 10000") }
    if let calibrate, !(1...1000).contains(calibrate) { throw ValidationError("--calibrate must be 1 to 1000") }
    if let batch, batch < 1 { throw ValidationError("--batch must be positive") }
  }

  func run() throws {
    let job = BenchJob(
      files: try model.files(common), batch: batch, threads: threads.count, repeats: `repeat`, saveWeights: saveWeights,
      calibrationBatches: calibrate)
    var (times, plan) = try job.run(common.console.tell)
    if !perLayer { times.referenceShare = nil }
    if dumpPlan { plan.forEach(common.console.say) }
    common.show(times) { t in
      var table = TextTable(["ms", "%", "layer", "type", "backend"], right: [0, 1])
      let total = max(1e-12, t.layers.reduce(0) { $0 + $1.seconds })
      let shown = perLayer ? t.layers[...] : t.layers.sorted { $0.seconds > $1.seconds }.prefix(20)
      for l in shown {
        table.add([fixed(l.seconds * 1e3, 3), fixed(100 * l.seconds / total, 1), l.name, l.type, l.backend])
      }
      let reference = t.referenceShare.map { "\(fixed(100 * $0, 1)) % of the layers' time on the reference path\n" }
      let calibration = t.calibration.map {
        "calibration of \($0.images) images \(fixed($0.calibration * 1e3, 0)) ms, search \(fixed($0.search * 1e3, 0)) ms, "
          + "their forward pass \(fixed($0.forward * 1e3, 0)) ms, ratio \(fixed($0.ratio, 2)), "
          + "peak \(grouped($0.peakBytes)) bytes\n"
      }
      let summary =
        "forward \(fixed(t.seconds.forward * 1e3, 2)) ms, batch \(t.batch), \(t.threads) threads, "
        + "\(fixed(t.gflops, 1)) GFLOP/s, peak \(grouped(t.peakBytes)) bytes\n"
      return [summary, calibration, reference, table.text].compactMap(\.self).joined()
    }
  }
}
