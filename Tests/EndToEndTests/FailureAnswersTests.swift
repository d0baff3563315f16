import Foundation
import Tensors
import Testing

/// The failures that the original manual's FAQ lists: each with the words that users know, its cause, and what to do.
@Suite struct FailureAnswersTests {
  private let folder = TemporaryFolder()

  private func images(_ change: (inout [Float]) -> Void) throws -> String {
    var values = (0..<8 * 784).map { Float($0 % 255) / 255 }
    change(&values)
    try NumpyFile.write(Tensor(shape: [8, 1, 28, 28], values), to: folder / "x.npy")
    return folder / "x.npy"
  }

  private func quantize(_ images: String, _ more: String...) throws -> Outcome {
    try cortado(
      ["quantize"] + Sample.digits.model + ["--images", images, "--work", folder / "run", "--out", folder / "out/net"]
        + more)
  }

  /// A range of 255 / FLT_EPSILON = 255 * 8388608 = 2.139e9 is the widest that 8 bits take; this one is 1e10.
  @Test(arguments: [(false, "IfmrQuantWithOffset"), (true, "IfmrQuantWithoutOffset")])
  func `an illegal scale is told with the range of the data`(_ symmetric: Bool, _ name: String) throws {
    let config = folder / "config.json"
    try cortado(["config", "init"] + Sample.digits.model + ["-o", config] + (symmetric ? ["--symmetric"] : []))
      .expect(0)
    let outcome = try quantize(try images { $0[5] = 1e10 }, "--config", config)
    outcome.expect(
      4, says: "Do IFMR calibration failed for input 0 of layer 'conv1'",
      "Not support scale greater than 1 / FLT_EPSILON. currentScale: ", "\(name) scale is illegal.",
      "its values go from 0.0 to 1e+10; 8 bits reach over a range of 2.139095e+09",
      "are the images prepared as for the training?", "quant_enable false")
    #expect(!folder.has("out"))
  }

  @Test(arguments: [Float.infinity, .nan])
  func `data that is not finite names the image that may be left out`(_ value: Float) throws {
    let path = try images { $0[2 * 784 + 7] = value }
    let failed = try quantize(path)
    failed.expect(
      4, says: "1 value is not finite; the first comes from image '", "leave it out: --skip-image '\(path)[2]'")
    // What it says to do works.
    try FileManager.default.removeItem(atPath: folder / "run")
    try quantize(path, "--skip-image", path + "[2]", "--batch-size", "7").expect(0)
  }

  @Test func `too few images for batch_num are refused before anything is made`() throws {
    try quantize(try images { _ in }, "--batch-num", "3", "--batch-size", "4")
      .expect(3, says: "batch_num 3 x batch size 4 = 12 images are needed, there are 8", "lower batch_num (2 fits)")
    #expect(!folder.has("run") && !folder.has("out"))
  }

  /// Images up to 1 and weights of 1e-4 make scale_d * scale_w = 1/255 * 1e-4/127 = 3.1e-9; a bias of 1e6 is 3.2e14 of
  /// those steps, over 2^31.
  @Test func `a bias beyond int32 names the layer to leave float`() throws {
    let net = try folder.write(
      "net.prototxt",
      """
      input: "data" input_shape { dim: 8 dim: 1 dim: 28 dim: 28 }
      layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
        convolution_param { num_output: 1 kernel_size: 1 } }
      """)
    let weights = try folder.write(
      "net.caffemodel",
      """
      layer { name: "conv" type: "Convolution"
        blobs { shape { dim: 1 dim: 1 dim: 1 dim: 1 } data: 1e-4 } blobs { shape { dim: 1 } data: 1e6 } }
      """)
    let outcome = try cortado(
      "quantize", net, weights, "--images", try images { _ in }, "--work", folder / "run", "--out", folder / "out/net")
    outcome.expect(
      4, says: "Quantized bias ", "of layer \"conv\" exceed int32 range:[-2147483648.0, 2147483647.0]",
      "please add it to skip layer")
    #expect(!folder.has("out"))
  }
}
