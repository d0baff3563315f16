import ArgumentParser
import Diagnostics
import QuantEngine

/// `cortado pretest`: the float net on the images, before it is quantized.
struct PretestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretest", abstract: "Run the float net on images: does it work, how good is it?",
    discussion: """
      Example: cortado pretest net.prototxt net.caffemodel --images val_lmdb
      With labels it prints top-1 and top-5, without them the best classes of each image; of a detection net the number
      of detections. Labels of boxes are not read, so there is no mAP.
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataFlags
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Labels where the images carry none: .npy or .txt.", valueName: "file"))
  var labels: String?

  @Option(help: ArgumentHelp("The blob with the scores (default: the net's only output).", valueName: "blob"))
  var output: String?

  func run() throws {
    let console = common.console
    let log = try AMCTLog(isQuiet: common.quiet)
    let job = PretestJob(
      files: try model.files(common), data: try data.options(labels: labels, threads: threads.count), output: output,
      threads: threads.count)
    let result = try log.noting {
      try withInterrupts { try job.run(console.tell) { console.progress("pretest", done: $0, of: $1) } }
    }
    console.clearProgress()
    console.say("\(result.images) images, \(fixed(result.seconds, 2)) s")
    log.write(.info, "Pretest", "Run \(result.name) without quantize success!")
    common.show(result, Self.text)
  }

  /// More images than this are summed up.
  private static let shownImages = 20

  static func text(_ r: PretestJob.Result) -> String {
    var lines: [String] = []
    if let found = r.detections, let images = r.imagesWithDetections {
      lines.append(
        "\(found) detections in \(images) of \(r.images) images; mAP needs labels of boxes, which are not read")
    } else if let predictions = r.predictions {
      lines.append("the images have no labels; the best classes of each:")
      for p in predictions.prefix(shownImages) {
        lines.append("\(p.image): " + zip(p.classes, p.scores).map { "\($0) (\($1))" }.joined(separator: ", "))
      }
      if predictions.count > shownImages { lines.append("and \(predictions.count - shownImages) more images (--json)") }
    } else if r.top1 == nil {
      lines += r.outputs.map { "output \($0.blob) \($0.shape)" }
    }
    lines += ClosingLines.accuracy(top1: r.top1, top5: r.top5)
    lines.append("[AMCT][INFO]Run \(r.name) without quantize success!")
    return lines.joined(separator: "\n")
  }
}
