import Diagnostics
import Foundation
import Tensors
import Testing

/// The expected values are those of `Samples/samplekit.py`: a forward pass in NumPy, in double precision.
@Suite struct `cortado forward` {
  private let folder = TemporaryFolder()

  private func tensor(_ path: String) throws -> Tensor { try NumpyFile.readTensor(path) }

  @Test(arguments: Sample.allCases)
  func `every top of every layer is as the reference has it`(_ sample: Sample) throws {
    let outcome = try cortado(
      ["forward"] + sample.model + sample.evaluation + ["--limit", "1", "--dump", "layers", "--out", folder / "layers"])
    outcome.expect(0)
    let expected = try JSONNode(file: sample / "expected/layers.json").list
    #expect(folder.names("layers") == expected.map { ($0["name"].string ?? "") + ".0.npy" }.sorted())
    for layer in expected {
      let name = try #require(layer["name"].string)
      let top = try tensor(folder / "layers/\(name).0.npy")
      #expect(top.shape.dims == layer["shape"].ints, "\(name)")
      let l2 = try #require(layer["l2"].number)
      let mean = try #require(layer["mean"].number)
      let values = top.array.map(Double.init)
      let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(norm - l2) <= 1e-5 * l2, "\(name): \(norm) for \(l2)")
      // float32 against double, in units of the layer's own size
      let size = l2 / Double(top.count).squareRoot()
      #expect(abs(values.reduce(0, +) / Double(top.count) - mean) <= 1e-5 * size, "\(name)")
      for (i, want) in layer["first8"].list.compactMap(\.number).enumerated() {
        #expect(abs(values[i] - want) <= 1e-4 * max(size, abs(want)), "\(name)[\(i)]: \(values[i]) for \(want)")
      }
    }
  }

  @Test(arguments: Sample.allCases)
  func `outputs are the default, in Caffe's shape`(_ sample: Sample) throws {
    let outcome = try cortado(
      ["forward"] + sample.model + sample.evaluation + [
        "--limit", "8", "--out", folder / "out", "--json", "--threads", "2",
      ])
    outcome.expect(0)
    #expect(folder.names("out") == ["prob.npy"])
    let got = try tensor(folder / "out/prob.npy")
    let want = try tensor(sample / "expected/float_outputs.npy")
    #expect(got.shape == want.shape)
    for (a, b) in zip(got.array, want.array) { #expect(abs(a - b) <= 2e-5, "\(a) for \(b)") }
    let times = try outcome.json
    #expect(times["seconds"].keys == ["load", "plan", "forward"])
    #expect(try #require(times["peakBytes"].int) > 1_000_000)
    #expect(times["layers"].list.allSatisfy { $0.keys == ["name", "type", "seconds", "backend"] })
  }

  @Test func `blobs has one file per name, with its final value`() throws {
    let sample = Sample.digits
    let input = ["--limit", "1", "--dump"]
    try cortado(["forward"] + sample.model + sample.evaluation + input + ["blobs", "--out", folder / "blobs"]).expect(0)
    try cortado(["forward"] + sample.model + sample.evaluation + input + ["layers", "--out", folder / "layers"]).expect(
      0)
    #expect(
      folder.names("blobs") == ["conv1", "conv2", "data", "ip1", "ip2", "pool1", "pool2", "prob"].map { $0 + ".npy" })
    #expect(try tensor(folder / "blobs/ip1.npy") == tensor(folder / "layers/relu1.0.npy"), "in place: ReLU wrote last")
    #expect(try tensor(folder / "layers/ip1.0.npy").array.contains { $0 < 0 }, "as ip1 left it")
  }

  @Test func `a tensor file is the input as it is`() throws {
    let sample = Sample.digits
    try cortado(
      ["forward"] + sample.model + sample.evaluation + ["--limit", "8", "--dump", "blobs", "--out", folder / "a"]
    )
    .expect(0)
    try cortado(["forward"] + sample.model + ["--input", "data=" + (folder / "a/data.npy"), "--out", folder / "b"])
      .expect(0)
    #expect(try folder.bytes("a/prob.npy") == folder.bytes("b/prob.npy"))
  }

  @Test func `a slash in a layer's name does not leave the folder`() throws {
    let net = try folder.write(
      "net.prototxt",
      """
      layer { name: "in" type: "Input" top: "x" input_param { shape { dim: 1 dim: 2 } } }
      layer { name: "../a/b" type: "Power" bottom: "x" top: "../y" power_param { scale: 3 shift: 1 } }
      """)
    try cortado("forward", net, "--input", "x=1,2", "--dump", "layers", "--out", folder / "out").expect(0)
    #expect(folder.names("out") == ["..%2Fa%2Fb.0.npy", "in.0.npy"])
    // 1 * 3 + 1, 2 * 3 + 1
    #expect(try tensor(folder / "out/..%2Fa%2Fb.0.npy").array == [4, 7])
  }
}
