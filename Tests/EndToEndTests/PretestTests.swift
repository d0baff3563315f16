import Foundation
import Tensors
import Testing

@Suite struct `cortado pretest` {
  private let folder = TemporaryFolder()
  private let digits = Sample.digits

  /// NetParameter { layer { name: "side" type: "InnerProduct" blobs { shape { dim: 1 dim: 8 } data: 8 zeros } } }
  private static var weights: Data {
    let blob: [UInt8] = [0x2a, 32] + [UInt8](repeating: 0, count: 32) + [0x3a, 4, 0x0a, 2, 1, 8]
    let names: [UInt8] = [0x0a, 4] + Array("side".utf8) + [0x12, 12] + Array("InnerProduct".utf8)
    let layer: [UInt8] = names + [0x3a, UInt8(blob.count)] + blob
    return Data([0xa2, 0x06, UInt8(layer.count)] + layer)
  }

  @Test func `labelled images give the closing lines of the original's samples`() throws {
    let outcome = try cortado(["pretest"] + digits.model + digits.evaluation + digits.labels, in: folder.path)
    outcome.expect(0)
    let lines = outcome.out.split(separator: "\n").map(String.init)
    // README: 97.0 %
    #expect(lines.count == 3 && lines.first == "******final top1:0.97")
    #expect(lines.dropFirst().first?.hasPrefix("******final top5:") == true)
    #expect(lines.last == "[AMCT][INFO]Run Digits without quantize success!")
    let line = try #require(try folder.text("amct_log/amct_caffe.log").split(separator: "\n").last)
    #expect(
      try #/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - INFO - \[AMCT\]:\[Pretest\]: Run Digits without quantize success!/#
        .wholeMatch(in: line) != nil, "\(line)")
  }

  @Test func `without labels it tells the best classes of each image`() throws {
    let call = ["pretest"] + digits.model + digits.evaluation + ["--limit", "8"]
    let result = try cortado(call + ["--json"], in: folder.path).json
    #expect(result["top1"].isNull && result["name"].string == "Digits" && result["images"].int == 8)
    #expect(result["outputs"][0]["blob"].string == "prob" && result["outputs"][0]["shape"].ints == [8, 10])
    // Made by NumPy, see the sample's README.
    let scores = try NumpyFile.readTensor(digits / "expected/float_outputs.npy").array
    for (i, prediction) in result["predictions"].list.enumerated() {
      let own = Array(scores[10 * i..<10 * i + 10])
      let best = own.indices.max { own[$0] < own[$1] }
      #expect(prediction["classes"].ints.first == best && prediction["classes"].ints.count == 5)
    }
    #expect(result["predictions"].list.count == 8)
    let text = try cortado(call, in: folder.path)
    #expect(text.out.contains("the images have no labels") && !text.out.contains("top1"))
    #expect(text.out.hasSuffix("[AMCT][INFO]Run Digits without quantize success!\n"))
  }

  @Test func `detections are counted, and evaluate says that there is no mAP`() throws {
    let net = try folder.write(
      "boxes.prototxt",
      """
      input: "loc" input_shape { dim: 1 dim: 8 }
      input: "conf" input_shape { dim: 1 dim: 4 }
      input: "prior" input_shape { dim: 1 dim: 2 dim: 8 }
      layer { name: "det" type: "DetectionOutput" bottom: "loc" bottom: "conf" bottom: "prior" top: "det"
        detection_output_param { num_classes: 2 confidence_threshold: 0.5 nms_param { nms_threshold: 0.5 } } }
      layer { name: "side" type: "InnerProduct" bottom: "loc" top: "side" inner_product_param { num_output: 1 bias_term: false } }
      """)
    let weights = try folder.write("w.caffemodel", Self.weights)
    // Two boxes far apart: class 1 of the first has 0.9, of the second 0.8; both pass 0.5.
    let inputs = [
      "--input", "loc=0", "--input", "conf=0.1,0.9,0.2,0.8", "--input",
      "prior=0.1,0.1,0.3,0.3,0.6,0.6,0.9,0.9,0.1,0.1,0.2,0.2,0.1,0.1,0.2,0.2",
    ]
    let result = try cortado(["pretest", net, weights, "--json"] + inputs, in: folder.path)
    result.expect(0)
    #expect(try result.json["detections"].int == 2 && result.json["imagesWithDetections"].int == 1)
    let text = try cortado(["pretest", net, weights] + inputs, in: folder.path)
    #expect(text.out.contains("2 detections in 1 of 1 images; mAP needs labels"))
    #expect(text.out.hasSuffix("[AMCT][INFO]Run boxes without quantize success!\n"))
    try cortado(["evaluate", net, weights] + inputs, in: folder.path).expect(3, says: "holds detections", "mAP")
  }

  @Test func `outputs that are not finite end with 4`() throws {
    let net = try folder.write(
      "net.prototxt",
      """
      input: "x" input_shape { dim: 1 dim: 8 }
      layer { name: "side" type: "InnerProduct" bottom: "x" top: "y" inner_product_param { num_output: 1 bias_term: false } }
      """)
    let weights = try folder.write("w.caffemodel", Self.weights)
    try cortado(["pretest", net, weights, "--input", "x=3"], in: folder.path).expect(0)
    // 0 times infinity.
    try cortado(["pretest", net, weights, "--input", "x=inf"], in: folder.path)
      .expect(4, says: "output 'y' has 1 values that are not finite")
    #expect(try folder.text("amct_log/amct_caffe.log").contains(" - ERROR - [AMCT]:[Cortado]: output 'y' has"))
  }

  @Test func `quantize closes as the original's samples do`() throws {
    let call = ["quantize"] + digits.model + digits.calibration + ["--work", folder / "run", "--out", folder / "q"]
    let labelled = try cortado(call + ["--evaluate", digits / "evaluation.npy"] + digits.labels)
    labelled.expect(0)
    let lines = labelled.out.split(separator: "\n").suffix(4).map(String.init)
    #expect(lines[0].hasPrefix("******final top1:0.9") && lines[1].hasPrefix("******final top5:"))
    let after = lines[0].dropFirst("******final top1:".count)
    #expect(lines[2] == "[AMCT][INFO] Digits top1 before quantize is 0.97, after quantize is \(after)")
    #expect(lines[3] == "[AMCT][INFO]Run Digits with quantize success!")
    let plain = try cortado(
      ["quantize"] + digits.model + digits.calibration + ["--work", folder / "b", "--out", folder / "b/q"])
    #expect(plain.out.hasSuffix("\n[AMCT][INFO]Run Digits with quantize success!\n") && !plain.out.contains("top1"))
    let early = try cortado(
      ["quantize"] + digits.model + digits.calibration + ["--work", folder / "c", "--stop-after", "weights"])
    early.expect(0)
    #expect(!early.out.contains("[AMCT]"))
  }
}
