import ArgumentParser
import QuantEngine

/// `cortado convert`: quantized models from a user's own factors.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Make the quantized models from factors of your own, without calibration.",
    discussion: """
      The record is a scale_offset_record.txt, of today's or the older layout: steps and offsets of the inputs, steps of \
      the weights. BatchNorm, Scale and Bias are fused unless the record says skip_fusion. The files are those of quantize.

      Example: cortado convert net.prototxt net.caffemodel --record record.txt --out out/net
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataFlags
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("The factors, layer by layer.", valueName: "record.txt"))
  var record: String

  @Option(help: ArgumentHelp("Prefix of the files.", valueName: "prefix"))
  var out: String

  @Option(help: ArgumentHelp("Both, Fakequant or Deploy.", valueName: "type"))
  var type = SaveType.both

  @Option(help: ArgumentHelp("Labelled images on which float and fake-quant accuracy are measured.", valueName: "spec"))
  var evaluate: String?

  @Option(help: ArgumentHelp("Labels of --evaluate where its images carry none.", valueName: "file"))
  var labels: String?

  func validate() throws {
    if data.images != nil || !data.input.isEmpty {
      throw ValidationError("convert does not calibrate: it takes images only for accuracy, as --evaluate SPEC")
    }
    if evaluate == nil, labels != nil { throw ValidationError("--labels are those of --evaluate SPEC") }
  }

  func run() throws {
    let console = common.console
    var job = ConvertJob(files: try model.files(common), record: record, out: out)
    job.type = type
    job.evaluate = evaluate
    job.labels = labels
    job.data = try data.options(threads: threads.count)
    job.threads = threads.count
    job.isQuiet = common.quiet
    let result = try withInterrupts { try job.run(console.tell) { console.progress("evaluate", done: $0, of: $1) } }
    console.clearProgress()
    common.show(result, Self.text)
  }

  private static func text(_ r: ConvertResult) -> String {
    let count = r.layers.filter { $0.state == "quantized" }.count
    var lines = ["\(count) of \(r.layers.count) layers quantized"]
    if let e = r.evaluation {
      lines.append("top-1 float \(fixed(100 * e.float, 2)) %, fake-quant \(fixed(100 * e.fakeQuant, 2)) %")
    }
    lines += r.files.map { "wrote \($0)" }
    lines += ClosingLines(net: r.net, top1: r.evaluation, top5: r.topFive).lines
    return lines.joined(separator: "\n")
  }
}
