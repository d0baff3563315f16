import Foundation
import Tensors
import Testing

/// Mistakes about the images that come last in a run, told before it begins, and images that are left out.
@Suite struct EvaluateChecksTests {
  private let folder = TemporaryFolder()

  private func quantize(_ more: String...) throws -> Outcome {
    try cortado(["quantize"] + Sample.digits.model + Sample.digits.calibration + ["--work", folder / "run"] + more)
  }

  @Test func `labelled images that are not there cost no run`() throws {
    try quantize("--evaluate", folder / "none").expect(3, says: "none: error: ")
    try quantize("--evaluate", Sample.digits / "evaluation.npy", "--labels", Sample.digits / "calibration.txt")
      .expect(3, says: "calibration.txt")
    #expect(!folder.has("run"))
  }

  @Test func `an image left out of calibration need not be among those of the evaluation`() throws {
    let outcome = try quantize(
      ["--skip-image", "003.png", "--limit", "8", "--json", "--evaluate", Sample.digits / "evaluation.npy"]
        + Sample.digits.labels)
    outcome.expect(0)
    // 97.0 % as in the sample's README: all 200 images, whatever --limit says of calibration.
    #expect(try outcome.json["evaluation"]["float"].number == 0.97)
  }

  private func quantize(_ more: [String]) throws -> Outcome {
    try cortado(["quantize"] + Sample.digits.model + Sample.digits.calibration + ["--work", folder / "run"] + more)
  }

  @Test func `a model is not written over itself`() throws {
    let net = folder / "net_deploy_model.prototxt"
    try FileManager.default.copyItem(atPath: Sample.digits.prototxt, toPath: net)
    let outcome = try cortado(
      ["quantize", net, Sample.digits.weights] + Sample.digits.calibration
        + ["--work", folder / "run", "--out", folder / "net"])
    outcome.expect(3, says: "net_deploy_model.prototxt would overwrite ")
    #expect(!folder.has("run"))
    #expect(FileManager.default.contentsEqual(atPath: net, andPath: Sample.digits.prototxt))
  }

  @Test func `two inputs of one layer are not fed images and labels when the second is no label`() throws {
    let net = try folder.write(
      "two.prototxt",
      """
      layer { name: "in" type: "Input" top: "data" top: "im_info"
        input_param { shape { dim: 1 dim: 1 dim: 28 dim: 28 } shape { dim: 1 dim: 3 } } }
      layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 1 kernel_size: 1 } }
      """)
    try cortado("bench", net, "--save-weights", folder / "two.caffemodel").expect(0)
    try cortado(["evaluate", net, folder / "two.caffemodel"] + Sample.digits.evaluation)
      .expect(3, says: "images feed one input, the net has 2: data, im_info", "give every input with --input")
  }

  /// Ten of 64 entries, one of them left out, with labels for the first dozen.
  @Test func `a limit and images left out go together`() throws {
    try cortado("dataset", "make-lmdb", Sample.digits / "calibration.txt", folder / "lmdb", "--gray").expect(0)
    let labels = try folder.write("labels.txt", Array(repeating: "1\n", count: 12).joined())
    for images in [folder / "lmdb", Sample.digits / "calibration"] {
      let outcome = try cortado(
        ["evaluate"] + Sample.digits.model + Sample.digits.preprocess
          + [
            "--images", images, "--labels", labels, "--limit", "10", "--skip-image", "00000003_calibration/003.png",
            "--json",
          ])
      outcome.expect(0)
      #expect(try outcome.json["images"].int == 10)
    }
  }
}
