import Diagnostics
import Foundation

/// A quantization in steps, as the original toolkit's calls are (init, weights_quantize_model, activation_quantize_model,
/// inference, save_model): `initialize` makes one.
///
/// Each step is a run that ends behind its stage and takes over what the steps before it found, so a step may be made
/// again, and the result is that of `cortado quantize`, bit by bit. Where the runs lie is `projectFolder`.
///
/// ```swift
/// let task = try initialize(
///   configFile: "config.json", modelFile: "net.prototxt", weightsFile: "net.caffemodel",
///   scaleOffsetRecordFile: "record.txt", data: CalibrationData(images: "calibration"))
/// try task.weightsQuantizeModel(modifiedModelFile: "modified.prototxt", modifiedWeightsFile: "modified.caffemodel")
/// try task.activationQuantizeModel(modifiedModelFile: "modified.prototxt", modifiedWeightsFile: "modified.caffemodel")
/// try task.calibrate()
/// let files = try task.saveModel(.both, savePath: "out/net")
/// ```
public final class QuantTask {
  /// How far the task has come.
  public enum Step: Int, Sendable, Comparable {
    case initialized, weightsQuantized, activationsQuantized, calibrated, saved

    /// True when step `a` comes before step `b`.
    public static func < (a: Step, b: Step) -> Bool { a.rawValue < b.rawValue }
  }

  /// The runs of this task: their logs, events, configs and figures. Temporary unless it was given.
  public let projectFolder: String
  /// The last step that was made.
  public private(set) var step = Step.initialized
  private let isTemporary: Bool
  private let record: String
  private let job: QuantizeJob
  private let news: NewsHandler

  fileprivate init(job: QuantizeJob, record: String, projectFolder: String?, news: @escaping NewsHandler) {
    self.projectFolder = projectFolder ?? NSTemporaryDirectory() + "cortado-task-\(UUID().uuidString)"
    isTemporary = projectFolder == nil
    self.record = record
    self.news = news
    var job = job
    job.project = self.projectFolder
    self.job = job
  }

  deinit {
    if isTemporary { try? FileManager.default.removeItem(atPath: projectFolder) }
  }

  /// Fuses BatchNorm, Scale and Bias, quantizes the weights, and writes the net with weights that were quantized and
  /// dequantized; their factors go to the record.
  ///
  /// With `update_bn` nothing is fused yet, and the BatchNorm layers of the net written use the statistics of the batch.
  /// - Throws: `QuantError` for weights that can't be quantized, and files that can't be written.
  public func weightsQuantizeModel(modifiedModelFile: String, modifiedWeightsFile: String) throws(QuantError) {
    let run = try run(to: .weights)
    try copy(run.modifiedModel, to: modifiedModelFile)
    try copy(run.modifiedWeights, to: modifiedWeightsFile)
    try copy(run.record, to: record)
    step = max(step, .weightsQuantized)
  }

  /// Writes the net with an IFMR layer at every input that is quantized. With `update_bn` its BatchNorm layers are
  /// refreshed on the data first, and fused.
  /// - Throws: `QuantError` when `weightsQuantizeModel` has not been called, or files can't be written.
  public func activationQuantizeModel(modifiedModelFile: String, modifiedWeightsFile: String) throws(QuantError) {
    try require(.weightsQuantized, "activationQuantizeModel", after: "weightsQuantizeModel")
    let run = try run(to: .activations)
    let isRefreshed = FileManager.default.fileExists(atPath: run.activationModel)
    try copy(isRefreshed ? run.activationModel : run.modifiedModel, to: modifiedModelFile)
    try copy(isRefreshed ? run.activationWeights : run.modifiedWeights, to: modifiedWeightsFile)
    step = max(step, .activationsQuantized)
  }

  /// Runs the net over `batch_num` batches of the data and finds the factors of every quantized input: what the original
  /// leaves to a loop of your own. They go to the record.
  /// - Throws: `QuantError` when `activationQuantizeModel` has not been called, for data that is not finite, or steps out of
  ///   range.
  public func calibrate() throws(QuantError) {
    try require(.activationsQuantized, "calibrate", after: "activationQuantizeModel")
    try copy(try run(to: .calibration).factorRecord, to: record)
    step = max(step, .calibrated)
  }

  /// Writes the quantized models, `quant.json` and the quantization parameters for ATC.
  /// - Parameters:
  ///   - savePath: folder and prefix of the files.
  /// - Returns: the files written.
  /// - Throws: `QuantError` when `calibrate` has not been called, for biases that leave int32, and files that can't be
  ///   written.
  @discardableResult
  public func saveModel(_ saving: SavedModel = .both, savePath: String) throws(QuantError) -> [String] {
    guard step >= .calibrated else {
      throw QuantError(
        .badInput, "Cannot find scale_d of the quantized layers in record file \(record)",
        help: ["call calibrate() first: it finds them"])
    }
    var job = job
    job.out = savePath
    job.type = saving.saveType
    let files = try job.run(tell).files
    step = .saved
    return files
  }

  private func require(_ earlier: Step, _ call: String, after name: String) throws(QuantError) {
    guard step >= earlier else { throw QuantError(.usage, "\(call) comes after \(name)") }
  }

  private func run(to stage: QuantizeJob.StopAfter) throws(QuantError) -> RunFolder {
    var job = job
    job.stopAfter = stage
    return RunFolder(path: try job.run(tell).work)
  }

  private func tell(_ event: JobEvent) {
    if event.kind == .warning, let text = event.text { news(text) }
  }

  private func copy(_ from: String, to path: String) throws(QuantError) {
    try attempting(.runFailed) { try AtomicFile.write(path: path, bytes: try ConfigSource.bytes(from)) }
  }
}

/// Reads a net and its config and begins a task (init).
///
/// - Parameters:
///   - configFile: what `createQuantConfig` wrote, edited or not.
///   - scaleOffsetRecordFile: gets the factors; emptied when it is there.
///   - data: what the net is fed in `calibrate`.
///   - threads: cores to use; all when `nil`.
///   - projectFolder: where the runs of the task are kept; they are temporary when `nil`.
/// - Throws: `QuantError` for everything about model, config and data that can be found without running the net.
public func initialize(
  configFile: String, modelFile: String, weightsFile: String, scaleOffsetRecordFile: String, data: CalibrationData,
  threads: Int? = nil, projectFolder: String? = nil, news: @escaping NewsHandler = printNews
) throws(QuantError) -> QuantTask {
  let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
  var job = QuantizeJob(
    files: ModelFiles(prototxt: modelFile, weights: weightsFile), data: try data.resolved(threads: threads),
    threads: threads)
  job.config = configFile
  for warning in try job.checked().warnings { warning.tell(news) }
  try attempting(.runFailed) { try AtomicFile.write(path: scaleOffsetRecordFile, text: "") }
  return QuantTask(job: job, record: scaleOffsetRecordFile, projectFolder: projectFolder, news: news)
}
