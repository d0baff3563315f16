import Foundation
import Glibc

/// Runs workers over all inputs of a format, keeps the inputs that ended one, and goes on behind them.
struct Supervisor {
  private let format: FuzzFormat
  private let arguments: Arguments
  /// After so many the format is given up: they are likely one mistake.
  private static let mostFailures = 50

  init(_ format: FuzzFormat, _ arguments: Arguments) {
    self.format = format
    self.arguments = arguments
  }

  /// - Returns: the number of inputs that ended a worker.
  func run() throws -> Int {
    let start = ContinuousClock.now
    let note = NSTemporaryDirectory() + "cortado-fuzz-\(getpid())-\(format.name)"
    defer { unlink(note) }
    var (from, accepted, refused, bad) = (0, 0, 0, 0)
    while from < arguments.inputs, bad < Self.mostFailures {
      let (status, errors) = try work(from, note)
      guard let progress = Progress.read(note) else { throw POSIXError(.EIO) }
      accepted += progress.accepted
      refused += progress.refused
      if status == nil { throw CocoaError(.featureUnsupported) }
      if status == 0 { break }
      bad += 1
      try keep(progress.next, signal: status ?? 0, errors)
      from = progress.next + 1
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let inputs = accepted + refused + bad
    print(
      "\(format.name): \(inputs) inputs, \(accepted) accepted, \(refused) refused, \(bad) ended the reader,"
        + " \(Int(seconds)) s, seed \(arguments.seed)")
    fflush(nil)
    return bad
  }

  /// - Returns: 0, or the signal that ended the worker; `nil` when it gave up by itself.
  private func work(_ from: Int, _ note: String) throws -> (Int32?, String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [
      format.name, "--inputs", "\(arguments.inputs)", "--seed", "\(arguments.seed)", "--timeout",
      "\(arguments.timeout)",
      "--worker", "\(from)", note,
    ]
    var environment = ProcessInfo.processInfo.environment
    environment["SWIFT_BACKTRACE"] = "enable=no"
    process.environment = environment
    let log = note + ".err"
    defer { unlink(log) }
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    try process.run()
    process.waitUntilExit()
    let errors = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    if process.terminationReason == .uncaughtSignal { return (process.terminationStatus, errors) }
    if process.terminationStatus == 0 { return (0, errors) }
    print(errors)
    return (nil, errors)
  }

  private func keep(_ index: Int, signal: Int32, _ errors: String) throws {
    try FileManager.default.createDirectory(atPath: arguments.out, withIntermediateDirectories: true)
    let mutator = Mutator(seeds: try format.seeds(), dictionary: try format.dictionary().map { Array($0.utf8) })
    let path = "\(arguments.out)/\(format.name)-\(arguments.seed)-\(index).\(format.ending)"
    try Data(mutator.input(index, seed: arguments.seed)).write(to: URL(fileURLWithPath: path))
    let what = signal == SIGALRM ? "took over \(arguments.timeout) s" : "signal \(signal)"
    let first = errors.split(separator: "\n").last { $0.contains("Fatal error") } ?? ""
    print("\(format.name): input \(index), \(what), kept as \(path) \(first)")
    fflush(nil)
  }
}
