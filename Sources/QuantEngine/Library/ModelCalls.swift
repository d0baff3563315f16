import Diagnostics
import Foundation

// The original toolkit's calls that need no task, under their names. Paths are relative to the working directory; files
// are written aside and renamed, what is there already is replaced.

/// Gets warnings and notes, a line or more each.
public typealias NewsHandler = (String) -> Void

/// Writes news to standard error.
public func printNews(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}

extension Diagnostic {
  func tell(_ news: NewsHandler) { news(lines.joined(separator: "\n")) }
}

/// Writes the quantization config of a net: every layer that can be quantized, with its settings (create_quant_config).
///
/// ```swift
/// try createQuantConfig(
///   configFile: "config.json", modelFile: "net.prototxt", weightsFile: "net.caffemodel", batchNum: 2)
/// ```
/// - Parameters:
///   - batchNum: batches that calibration will use, at least 1.
///   - activationOffset: whether activations get an offset; without one they are quantized symmetrically.
///   - skipLayers: layers that stay float; skipLayerTypes: types whose layers do.
///   - configDefinition: a simple `.cfg` from which the config is made; `batchNum`, `activationOffset` and the skip lists
///     come from it then.
/// - Throws: `QuantError` for a model that can't be read, unknown layers and types, a `.cfg` with mistakes, a net without
///   anything to quantize; nothing is written then.
public func createQuantConfig(
  configFile: String, modelFile: String, weightsFile: String, batchNum: Int = 1, activationOffset: Bool = true,
  skipLayers: [String] = [], skipLayerTypes: [String] = [], configDefinition: String? = nil,
  news: NewsHandler = printNews
) throws(QuantError) {
  var source = ConfigSource(recipe: configDefinition, batchNum: configDefinition == nil ? batchNum : nil)
  if configDefinition == nil {
    source.symmetric = !activationOffset
    source.skipLayers = skipLayers
    source.skipLayerTypes = skipLayerTypes
  }
  let files = ModelFiles(prototxt: modelFile, weights: weightsFile)
  try ConfigDocument.make(source, for: files) { $0.tell(news) }.write(to: configFile)
}

/// Makes the quantized models from factors of your own (convert_model).
///
/// ```swift
/// let files = try convertModel(
///   modelFile: "net.prototxt", weightsFile: "net.caffemodel", scaleOffsetRecordFile: "record.txt", savePath: "out/net")
/// ```
/// - Parameters:
///   - scaleOffsetRecordFile: factors by layer, as docs/file-formats/scale-offset-record.md has them.
///   - savePath: folder and prefix of the files.
/// - Returns: the files written.
/// - Throws: `QuantError` for model or record; nothing is written then.
@discardableResult
public func convertModel(
  modelFile: String, weightsFile: String, scaleOffsetRecordFile: String, savePath: String, saving: SavedModel = .both,
  news: NewsHandler = printNews
) throws(QuantError) -> [String] {
  var job = ConvertJob(
    files: ModelFiles(prototxt: modelFile, weights: weightsFile), record: scaleOffsetRecordFile, out: savePath)
  job.type = saving.saveType
  job.isQuiet = true
  return try job.run { $0.tell(news) }.files
}

/// Writes a net in which every top has a blob of its own, with the layers of phase TEST and those of no phase
/// (uninplace_model).
///
/// ```swift
/// try uninplaceModel(modelFile: "net.prototxt", uninplacedModelFile: "net_uninplaced.prototxt")
/// ```
/// - Throws: `QuantError` for a model that can't be read, and when the input would be overwritten.
public func uninplaceModel(
  modelFile: String, uninplacedModelFile: String, news: NewsHandler = printNews
) throws(QuantError) {
  _ = try UninplaceJob(files: ModelFiles(prototxt: modelFile), out: uninplacedModelFile).run { $0.tell(news) }
}

/// Chooses the CPU, which is where everything is computed anyway (set_cpu_mode).
///
/// ```swift
/// setCPUMode()
/// ```
public func setCPUMode() {}

/// There is no GPU path, and a program that counts on one is to know (set_gpu_mode).
///
/// ```swift
/// do { try setGPUMode() } catch { print(error) }
/// ```
/// - Throws: always. Results would not differ: the GPU mode of the original changes the speed alone.
public func setGPUMode() throws(QuantError) {
  throw QuantError(
    .usage, "there is no GPU path: everything is computed on the CPU",
    help: ["leave the call out; the results are the same"])
}
