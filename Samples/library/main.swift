// The original toolkit's sample script in Swift: every call of the library, on the net in Samples/shapes.
//
//     swift run library-example [OUT]
import Foundation
import QuantEngine

let out = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : ".build/library-example"
let (model, weights) = ("Samples/shapes/shapes.prototxt", "Samples/shapes/shapes.caffemodel")
let (modified, modifiedWeights) = (out + "/tmp/modified_model.prototxt", out + "/tmp/modified_model.caffemodel")
let record = out + "/tmp/scale_offset_record.txt"

do {
  setCPUMode()
  do { try setGPUMode() } catch { print("set_gpu_mode: \(error)") }

  try uninplaceModel(modelFile: model, uninplacedModelFile: out + "/tmp/uninplaced.prototxt")
  try createQuantConfig(
    configFile: out + "/tmp/config.json", modelFile: model, weightsFile: weights, batchNum: 2, skipLayers: ["fc6"])

  let task = try initialize(
    configFile: out + "/tmp/config.json", modelFile: model, weightsFile: weights, scaleOffsetRecordFile: record,
    data: CalibrationData(images: "Samples/shapes/calibration", preprocessing: "Samples/shapes/preprocess.json"))
  try task.weightsQuantizeModel(modifiedModelFile: modified, modifiedWeightsFile: modifiedWeights)
  try task.activationQuantizeModel(modifiedModelFile: modified, modifiedWeightsFile: modifiedWeights)
  try task.calibrate()
  for file in try task.saveModel(.both, savePath: out + "/results/shapes") { print("saved \(file)") }

  // The factors found can be used again, with or without a change by hand.
  let again = try convertModel(
    modelFile: model, weightsFile: weights, scaleOffsetRecordFile: record, savePath: out + "/convert/shapes",
    saving: .deploy)
  for file in again { print("converted \(file)") }
} catch {
  print(error)
  exit(1)
}
