import Testing

@Suite struct `cortado inspect` {
  private let folder = TemporaryFolder()

  @Test func `tells inputs, outputs, layers, parameters and MACs of digits`() throws {
    let report = try cortado(["inspect"] + Sample.digits.model + ["--json"]).json
    #expect(report.keys == ["name", "inputs", "outputs", "layers", "totals"])
    #expect(report["name"].string == "Digits")
    #expect(report["inputs"].list.count == 1)
    #expect(report["inputs"][0]["blob"].string == "data")
    #expect(report["inputs"][0]["shape"].ints == [8, 1, 28, 28])
    #expect(report["outputs"].strings == ["prob"])
    // 16*1*5*5+16 + 32*16*5*5+32 + 96*512+96 + 10*96+10
    #expect(report["totals"]["params"].int == 63_466)
    // 8 images * (16*24*24 * 25 + 32*8*8 * 16*25 + 96*512 + 10*96)
    #expect(report["totals"]["macs"].int == 8 * (230_400 + 819_200 + 49_152 + 960))

    let layers = report["layers"]
    #expect(
      layers.list.map { $0["name"].string }
        == ["data", "conv1", "pool1", "conv2", "pool2", "ip1", "relu1", "ip2", "prob"])
    #expect(layers.list.map { $0["index"].int } == Array(0..<9))
    for layer in layers.list {
      #expect(
        layer.keys == [
          "index", "name", "type", "known", "bottoms", "tops", "topShapes", "params", "macs", "role",
          "enabledByDefault", "fusedInto",
        ])
      #expect(layer["known"].bool == true && layer["fusedInto"].isNull)
    }
    let conv2 = layers.first("name", "conv2")
    #expect(conv2["type"].string == "Convolution" && conv2["bottoms"].strings == ["pool1"])
    #expect(conv2["topShapes"].list.map(\.ints) == [[8, 32, 8, 8]])
    #expect(conv2["params"].int == 12_832 && conv2["macs"].int == 8 * 819_200)
    #expect(conv2["role"].string == "weights+data" && conv2["enabledByDefault"].bool == true)
    let relu = layers.first("name", "relu1")
    #expect(relu["bottoms"].strings == ["ip1"] && relu["tops"].strings == ["ip1"])
    #expect(relu["role"].string == "data" && relu["enabledByDefault"].bool == false)
    #expect(layers.first("name", "data")["role"].string == "none")
  }

  @Test func `says into which layer BatchNorm and Scale are fused`() throws {
    let layers = try cortado(["inspect"] + Sample.shapes.model + ["--json"]).json["layers"]
    for host in ["conv1", "res2_b", "conv3_dw", "conv5"] {
      #expect(layers.first("name", host + "_bn")["fusedInto"].string == host)
      #expect(layers.first("name", host + "_scale")["fusedInto"].string == host)
      #expect(layers.first("name", host)["fusedInto"].isNull)
    }
    #expect(layers.list.count { $0["fusedInto"].string != nil } == 20, "ten of each")
  }

  @Test func `reads a net without weights, and another input shape`() throws {
    let report = try cortado(
      "inspect", Sample.digits.prototxt, "--input-shape", "data=1,1,28,28", "--json", "--memory"
    ).json
    #expect(report["layers"].first("name", "conv1")["topShapes"][0].ints == [1, 16, 24, 24])
    let memory = report["memory"]
    #expect(memory["weights"].int == 4 * 63_466)
    // Convolutions and inner products have their weights once more, in blocks filled up with zeros.
    #expect(try #require(memory["packed"].int) >= 4 * 63_000)
    let parts = ["weights", "packed", "activations", "scratch", "program"].compactMap { memory[$0].int }
    #expect(try parts.reduce(0, +) == #require(memory["total"].int))
  }

  @Test func `the forecast of memory is what a run takes`() throws {
    // About 60 MB of learned values and 26 MB of activations, so that the program itself does not decide.
    let net = try folder.write(
      "net.prototxt",
      """
      layer { name: "in" type: "Input" top: "x" input_param { shape { dim: 4 dim: 16 dim: 160 dim: 160 } } }
      layer { name: "conv" type: "Convolution" bottom: "x" top: "c" convolution_param { num_output: 16 kernel_size: 3 } }
      layer { name: "pool" type: "Pooling" bottom: "c" top: "p" pooling_param { kernel_size: 10 stride: 10 } }
      layer { name: "fc" type: "InnerProduct" bottom: "p" top: "f" inner_product_param { num_output: 4000 } }
      """)
    let forecast = try cortado("inspect", net, "--memory", "--threads", "1", "--json").json["memory"]["total"].number
    let peak = try cortado("bench", net, "--repeat", "1", "--threads", "1", "--json").json["peakBytes"].number
    let ratio = try #require(forecast) / #require(peak)
    #expect(ratio > 0.95 && ratio < 1.05, "\(ratio)")
  }

  @Test func `goes on over a layer type that nobody knows, with a warning`() throws {
    let net = try folder.write("net.prototxt", Sample.digits.prototxt("type: \"ReLU\"", "type: \"Rectify\""))
    let outcome = try cortado("inspect", net, "--json")
    outcome.expect(0, says: "net.prototxt:61:1: warning: layer 'relu1': unknown layer type 'Rectify'")
    let relu = try outcome.json["layers"].first("name", "relu1")
    #expect(relu["known"].bool == false)
    #expect(relu["topShapes"].list.isEmpty)
  }

  @Test func `flags of all verbs may stand before the verb`() throws {
    let outcome = try cortado("--json", "--color", "never", "inspect", Sample.digits.prototxt, "--quiet")
    outcome.expect(0)
    #expect(try outcome.json["name"].string == "Digits")
    #expect(outcome.err.isEmpty)
  }
}
