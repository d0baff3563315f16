import Foundation
import ScreenTesting
import Tensors
import Testing

/// Parts of a net on the command line. The whole net, run by the same program, is checked against NumPy in ForwardTests.
@Suite struct `Parts of a net` {
  private let folder = TemporaryFolder()
  private let sample = Sample.digits

  /// Runs the net up to pool1 on the first batch, and gives the file.
  private func pool1() throws -> String {
    try cortado(
      ["forward"] + sample.model + sample.evaluation + [
        "--limit", "8", "--outputs", "pool1", "--out", folder / "front",
      ]
    ).expect(0)
    #expect(folder.names("front") == ["pool1.npy"])
    return folder / "front/pool1.npy"
  }

  @Test func `front and back of a net give what the whole net gives`() throws {
    let pool1 = try pool1()
    try cortado(
      ["forward"] + sample.model + ["--inputs", "pool1", "--input", "pool1=" + pool1, "--out", folder / "back"]
    ).expect(0)
    let got = try NumpyFile.readTensor(folder / "back/prob.npy")
    let want = try NumpyFile.readTensor(sample / "expected/float_outputs.npy")
    #expect(got.shape == want.shape)
    for (a, b) in zip(got.array, want.array) { #expect(abs(a - b) <= 2e-5, "\(a) for \(b)") }
  }

  @Test func `inspect shows the part, with shapes of the whole net`() throws {
    let outcome = try cortado(["inspect"] + sample.model + ["--inputs=pool1", "--outputs=conv2", "--json"])
    outcome.expect(0)
    let net = try outcome.json
    // 28 - 5 + 1 = 24, 24 / 2 = 12; 12 - 5 + 1 = 8
    #expect(net["inputs"][0]["shape"].ints == [8, 16, 12, 12])
    #expect(net["outputs"].strings == ["conv2"])
    #expect(net["layers"].list.compactMap { $0["type"].string } == ["Input", "Convolution"])
    #expect(net["layers"][1]["topShapes"][0].ints == [8, 32, 8, 8])
  }

  @Test func `a run of a part writes the part, keeps it, and is compared with the same part`() throws {
    let pool1 = try pool1()
    let data = ["--input", "pool1=" + pool1]
    try cortado(
      ["quantize"] + sample.model + data + [
        "--inputs", "pool1", "--outputs", "ip1", "--batch-num", "1", "--work", folder / "run", "--out", folder / "net",
      ]
    ).expect(0)
    let part = try JSONNode(file: folder / "run/part.json")
    #expect(part["inputs"].strings == ["pool1"] && part["outputs"].strings == ["ip1"])
    #expect(try JSONNode(file: folder / "run/run.json")["part"]["outputs"].strings == ["ip1"])
    for name in ["net_fake_quant_model.prototxt", "net_deploy_model.prototxt"] {
      let net = try cortado("inspect", folder / name, "--json").json
      #expect(net["inputs"][0]["blob"].string == "pool1")
      #expect(net["inputs"][0]["shape"].ints == [8, 16, 12, 12])
      #expect(net["outputs"].strings == ["ip1"])
      #expect(!net["layers"].list.contains { $0["name"].string == "conv1" || $0["name"].string == "prob" })
    }
    let fake = [folder / "net_fake_quant_model.prototxt", folder / "net_fake_quant_weights.caffemodel"]
    let compared = try cortado(
      ["compare"] + sample.model + fake + data + ["--quant-json", folder / "net_quant.json", "--json"])
    compared.expect(0, says: "compared with the part from pool1 to ip1")
    let report = try compared.json
    #expect(report["outputs"].list.compactMap { $0["blob"].string } == ["ip1"])
    #expect(try #require(report["outputs"][0]["cosine"].number) > 0.99)
  }

  @Test func `a run that goes on keeps to its part`() throws {
    let pool1 = try pool1()
    let words =
      ["quantize"] + sample.model + ["--input", "pool1=" + pool1, "--batch-num", "1", "--work", folder / "run"]
    try cortado(words + ["--inputs", "pool1", "--stop-after", "weights"]).expect(0)
    // As if it had been killed.
    try FileManager.default.removeItem(atPath: folder / "run/run.json")
    try cortado(words + ["--resume", "--inputs", "pool2"])
      .expect(3, says: "is of the part from pool1, not of the part from pool2")
    try cortado(words + ["--resume"]).expect(0)
    let net = try cortado("inspect", folder / "run/modified_model.prototxt", "--json").json
    #expect(net["inputs"][0]["blob"].string == "pool1")
  }

  @Test func `a run in a project tells its part`() throws {
    let words = ["--outputs", "pool2", "--batch-num", "1", "--project", folder / "project"]
    try cortado(["quantize"] + sample.model + sample.calibration + words).expect(0)
    let shown = try cortado("runs", "show", "1", "--project", folder / "project")
    shown.expect(0)
    #expect(shown.out.contains("the part to pool2"))
    let json = try cortado("runs", "show", "1", "--project", folder / "project", "--json").json
    #expect(json["part"]["outputs"].strings == ["pool2"])
  }

  @Test func `the workbench shows the part and runs it`() throws {
    for path in Sample.shapes.model {
      try FileManager.default.copyItem(atPath: path, toPath: folder / (path as NSString).lastPathComponent)
    }
    let pty = try Pty(
      "cortado",
      [folder / "shapes.prototxt", folder / "shapes.caffemodel", "--outputs", "res2"] + Sample.shapes.calibration,
      environment: ["HOME": folder.path], columns: 120, rows: 40)
    #expect(pty.wait(for: "[ok] model loads"), "\(pty.screen)")
    pty.send("2")
    #expect(pty.wait(for: "res2_b_bn"), "\(pty.screen)")
    #expect(!pty.screen.contains("conv3_dw"), "cut off")
    pty.send("r")
    #expect(pty.wait(for: "of 64 found"), "\(pty.screen)")
    pty.send("\r")
    #expect(pty.wait(for: "run 1 done", .seconds(120)), "\(pty.screen)")
    #expect(try JSONNode(file: folder / ".cortado/runs/0001/part.json")["outputs"].strings == ["res2"])
    pty.send("q")
    #expect(pty.exit() == .status(0))
  }

  @Test func `unknown blobs and layers that are cut off`() throws {
    try cortado(["inspect"] + sample.model + ["--outputs", "pol1,ip2", "--inputs", "relu1"])
      .expect(3, says: "--outputs: the net has no blob 'pol1'", "did you mean 'pool1'?", "its top is 'ip1'")
    try cortado(["inspect"] + sample.model + ["--outputs", "ip1,,ip2"]).expect(
      64, says: "--outputs takes names of blobs")
    let net = try folder.write(
      "net.prototxt", sample.prototxt("type: \"InnerProduct\"", "type: \"Nobody\""))
    let run = ["forward", net, sample.weights] + sample.evaluation + ["--limit", "8", "--out", folder / "out"]
    try cortado(run).expect(
      3, says: "layer type 'Nobody' (2 layers) cannot be run: nobody knows it", "layer 'ip1' has type 'Nobody'",
      "--outputs pool2")
    try cortado(run + ["--outputs", "pool2"]).expect(0)
    #expect(folder.names("out") == ["pool2.npy"])
    try cortado(["forward", net, "--inputs", "ip1", "--input", "ip1=1,2", "--out", folder / "tail"]).expect(
      3, says: "the shape of 'ip1' is not known", "--input-shape ip1=N,C,H,W")
  }
}
