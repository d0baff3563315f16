import ArgumentParser
import Dispatch
import Foundation
import QuantEngine

extension SaveType: ExpressibleByArgument {}
extension QuantizeJob.StopAfter: ExpressibleByArgument {}

/// `cortado quantize`: the whole job without a screen.
struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize", abstract: "Quantize a model: fuse, quantize weights, calibrate, save, compare.",
    discussion: """
      Example: cortado quantize net.prototxt net.caffemodel --images calibration --preprocess preprocess.json \
      --batch-size 8 --batch-num 4 --out out/net
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataFlags
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("config.json to follow (default: made by the layer types' defaults).", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("Simple .cfg recipe to make the config from.", valueName: "file"))
  var recipe: String?

  @Option(help: ArgumentHelp("Batches that calibration uses; overrides the config.", valueName: "n"))
  var batchNum: Int?

  @Option(help: ArgumentHelp("Prefix of the final files (default: in the run folder).", valueName: "prefix"))
  var out: String?

  @Option(help: ArgumentHelp("Both, Fakequant or Deploy.", valueName: "type"))
  var type = SaveType.both

  @Option(help: ArgumentHelp("Run folder for this run; must be empty, unless --resume is given.", valueName: "dir"))
  var work: String?

  @Flag(help: "Go on with the interrupted run in the --work folder: its finished layers are kept.")
  var resume = false

  @Option(help: ArgumentHelp("Project folder (default: .cortado beside the model).", valueName: "dir"))
  var project: String?

  @Option(help: ArgumentHelp("A name for the run.", valueName: "text"))
  var label: String?

  @Flag(help: "Start the run as a process of its own and return; its events.jsonl tells how it goes.")
  var detach = false

  @Flag(name: [.customShort("n"), .long], help: "Only say what the run would cost and what it would reuse.")
  var dryRun = false

  @Option(help: ArgumentHelp("End early: weights, bn-update, activations or calibration.", valueName: "stage"))
  var stopAfter: QuantizeJob.StopAfter?

  @Option(help: ArgumentHelp("Labelled images on which float and fake-quant accuracy are measured.", valueName: "spec"))
  var evaluate: String?

  @Option(help: ArgumentHelp("Labels of --evaluate where its images carry none.", valueName: "file"))
  var labels: String?

  @Option(
    help: ArgumentHelp("Bytes of activations to hold in memory; more go to disk (K, M, G allowed).", valueName: "bytes")
  )
  var memory: String?

  @Option(
    help: ArgumentHelp(
      "Bytes of activations to keep on disk for later runs, 0 for none (default: 2G).", valueName: "bytes"))
  var sampleCache: String?

  func validate() throws {
    if resume, work == nil { throw ValidationError("--resume needs the run folder: --work DIR") }
    if sampleCache != nil, sampleBytes == nil {
      throw ValidationError("--sample-cache takes a number of bytes, or 512M, 2G")
    }
    if let batchNum, batchNum < 1 { throw ValidationError("The batch_num must be greater than zero.") }
    if memory != nil, bytes == nil { throw ValidationError("--memory takes a positive number of bytes, or 512M, 2G") }
  }

  private var bytes: Int? { memory.flatMap(Self.bytes).flatMap { $0 > 0 ? $0 : nil } }
  private var sampleBytes: Int? { sampleCache.flatMap(Self.bytes) }

  private static func bytes(_ given: String) -> Int? {
    var text = given.uppercased()
    guard let last = text.last else { return nil }
    var unit = 1
    if let power = ["K", "M", "G"].firstIndex(of: String(last)) {
      unit = 1 << (10 * (power + 1))
      text.removeLast()
    }
    guard let n = Int(text), n >= 0, !n.multipliedReportingOverflow(by: unit).overflow else { return nil }
    return n * unit
  }

  func run() throws {
    let console = common.console
    var job = QuantizeJob(
      files: try model.files(common), data: try data.options(threads: threads.count), threads: threads.count)
    job.labels = labels
    job.config = config
    job.recipe = recipe
    job.batchNum = batchNum
    job.out = out
    job.type = type
    job.work = work
    job.project = project
    job.label = label
    job.stopAfter = stopAfter
    job.evaluate = evaluate
    job.memory = bytes
    job.resume = resume
    job.isQuiet = common.quiet
    if let sampleBytes { job.sampleCache = sampleBytes }
    if dryRun { return common.show(try job.forecast(), Self.text) }
    if detach {
      let words = CommandLine.arguments.dropFirst().filter { $0 != "--detach" }
      return common.show(try job.detach(Array(words))) { "run \($0.run) started as process \($0.pid) in \($0.work)" }
    }
    let result = try withInterrupts { try job.run { console.tell($0) } }
    console.clearProgress()
    common.show(result, Self.text)
  }

  static func text(_ r: QuantizeResult) -> String {
    let quantized = r.layers.filter { $0.state == "quantized" }
    var lines = r.comparison.map { [CompareCommand.table($0), ""] } ?? []
    lines.append(
      "run \(r.run): \(quantized.count) of \(r.layers.count) layers quantized on \(r.images) images, run folder \(r.work)"
    )
    if let b = r.bnUpdate {
      lines.append("BatchNorm: \(b.layers) layers refreshed in \(b.iterations) iterations over \(b.batches) batches")
    }
    if let e = r.evaluation {
      lines.append("top-1 float \(fixed(100 * e.float, 2)) %, fake-quant \(fixed(100 * e.fakeQuant, 2)) %")
    }
    lines += r.files.map { "wrote \($0)" }
    // Nothing of a run that was told to stop early.
    if let net = r.net, !r.files.isEmpty {
      lines += ClosingLines(net: net, top1: r.evaluation, top5: r.topFive).lines
    }
    return lines.joined(separator: "\n")
  }
}

extension QuantizeCommand {
  private static func text(_ f: RunForecast) -> String {
    let origins = Set(f.searches.compactMap(\.reused)).sorted().joined(separator: ", ")
    var lines = [
      "images    \(f.images) of \(f.imagesFound)",
      "factors   \(f.newCount) to search, \(f.searches.count - f.newCount) reused\(origins.isEmpty ? "" : " of \(origins)")",
    ]
    lines += f.searches.filter { $0.reused == nil }.prefix(20).map { search in
      let name = search.input > 0 ? "\(search.layer)[\(search.input)]" : search.layer
      return "          \(name): \(search.tries) tries, \(search.reason == .first ? "first time" : "changed")"
    }
    if f.newCount > 20 { lines.append("          and \(f.newCount - 20) more") }
    if let layer = f.startsBehind { lines.append("starts    behind \(layer), from kept activations") }
    let megabytes = { (bytes: Int) in "\((bytes + 999_999) / 1_000_000) MB" }
    lines.append("memory    \(megabytes(f.memoryBytes))\(f.isSpilled ? ", part of it in a file" : "")")
    let update = f.updateSeconds.map { "\(fixed($0, 1)) s to refresh BatchNorm, " } ?? ""
    lines.append(
      "time      \(update)\(fixed(f.calibrateSeconds, 1)) s to calibrate, \(fixed(f.compareSeconds, 1)) s to compare")
    return lines.joined(separator: "\n")
  }
}

/// Turns SIGINT and SIGTERM into a request to stop while `body` runs; a second one ends the process at once.
func withInterrupts<R>(_ body: () throws -> R) rethrows -> R {
  let sources = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      if Interrupt.isRequested { _exit(ExitStatus.interrupted.rawValue) }
      Interrupt.request()
    }
    source.resume()
    return source
  }
  defer { sources.forEach { $0.cancel() } }
  return try body()
}

extension Console {
  /// The news of a run, as a person reads them.
  func tell(_ event: JobEvent) {
    switch event.kind {
    case .stage: if let stage = event.stage { say("\(stage.rawValue) ...") }
    case .progress:
      progress(event.stage?.rawValue ?? "", done: event.done ?? 0, of: event.total ?? 0)
    case .warning: if let text = event.text { say(text) }
    case .failed: say("layer '\(event.layer ?? "")' failed: \(event.text ?? "")")
    case .started, .waiting, .searching, .found, .reused, .metric, .error, .finished: break
    }
  }
}
