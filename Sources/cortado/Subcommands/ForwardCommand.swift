import ArgumentParser
import QuantEngine

extension DumpKind: ExpressibleByArgument {}

/// `cortado forward`: run a net once and write blobs.
struct ForwardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forward", abstract: "Run a net (phase TEST) and write its blobs as .npy.",
    discussion: "Example: cortado forward net.prototxt net.caffemodel --input data=x.npy --out blobs --dump layers")

  @OptionGroup var model: LooseModelOptions
  @OptionGroup var data: DataFlags
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Folder for the .npy files.", valueName: "dir"))
  var out: String

  @Option(
    help: ArgumentHelp(
      "outputs: per net output; blobs: every blob's final value; layers: every top of every layer.", valueName: "what"))
  var dump = DumpKind.outputs

  @Option(help: ArgumentHelp("Time N runs and report the median.", valueName: "n"))
  var `repeat` = 1

  func validate() throws {
    if !(1...10000).contains(`repeat`) { throw ValidationError("--repeat must be 1 to 10000") }
  }

  func run() throws {
    let job = ForwardJob(
      files: try model.files(common), data: try data.options(threads: threads.count), output: out, dump: dump,
      threads: threads.count, repeats: `repeat`)
    common.show(try job.run(common.console.tell)) { times in
      "load \(fixed(times.seconds.load * 1e3, 1)) ms, plan \(fixed(times.seconds.plan * 1e3, 1)) ms, "
        + "forward \(fixed(times.seconds.forward * 1e3, 2)) ms; blobs are in \(out)"
    }
  }
}
