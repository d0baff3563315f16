import ArgumentParser
import QuantEngine

/// `cortado evaluate`: top-1 and top-5 on labelled images.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure a classifier's accuracy on labelled images.",
    discussion: "Example: cortado evaluate net.prototxt net.caffemodel --images eval.npy --labels labels.npy")

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
    let job = EvaluateJob(
      files: try model.files(common), data: try data.options(labels: labels, threads: threads.count), output: output,
      threads: threads.count)
    let result = try job.run(console.tell) { console.progress("evaluate", done: $0, of: $1) }
    console.clearProgress()
    common.show(result) {
      "\($0.images) images: top-1 \(fixed(100 * $0.top1, 2)) %, top-5 \(fixed(100 * $0.top5, 2)) %, \(fixed($0.seconds, 2)) s"
    }
  }
}
