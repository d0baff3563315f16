import ArgumentParser
import QuantEngine

extension FactorsJob.Algorithm: ExpressibleByArgument {}

/// `cortado factors`: one algorithm on one tensor.
struct FactorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "factors", abstract: "Run one quantization algorithm on a tensor file.",
    discussion: """
      Example: cortado factors ifmr x.npy --set num_bits=8 --set with_offset=true
               cortado factors arq w.npy --set axis=0 --codes codes.npy
               cortado factors snq w.npy --set init_algo=gaussian --codes codes.npy
      """)

  @Argument(help: "ifmr, arq, snq, ulq or searchn.")
  var algorithm: FactorsJob.Algorithm

  @Argument(help: ArgumentHelp("The tensor.", valueName: "file.npy"))
  var file: String

  @Option(
    help: ArgumentHelp("A parameter of the algorithm, named as in config.json (repeatable).", valueName: "key=value"))
  var set: [String] = []

  @Option(help: ArgumentHelp("Write the integer codes (arq: int8, snq: uint8).", valueName: "out.npy"))
  var codes: String?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if codes != nil, ![.arq, .snq].contains(algorithm) { throw ValidationError("--codes goes with arq and snq") }
  }

  func run() throws {
    let job = try FactorsJob(file: file, settings: set, threads: threads.count)
    switch algorithm {
    case .ifmr:
      common.show(try job.ifmr()) {
        "scale \($0.scale)  offset \($0.offset)  best \($0.best) of \($0.candidates)  clip \($0.clip_min) .. \($0.clip_max)  mse \($0.mse)"
      }
    case .arq: common.show(try job.arq(codes: codes)) { $0.scale.map { "\($0)" }.joined(separator: "\n") }
    case .snq:
      common.show(try job.snq(codes: codes)) {
        "centres \($0.centres.map(String.init).joined(separator: " "))  iterations \($0.iterations)  mse \($0.mse)\n"
          + $0.scale.map { "\($0)" }.joined(separator: "\n")
      }
    case .ulq:
      common.show(try job.ulq()) {
        "scale \($0.scale)  offset_record \($0.offset_record)  clip \($0.clip_lo) .. \($0.clip_hi)"
      }
    case .searchn:
      common.show(try job.searchN()) { "n \($0.n.map(String.init).joined(separator: " "))  tensor \($0.n_tensor)" }
    }
  }
}
