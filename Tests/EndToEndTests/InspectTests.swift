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
    #expect(report["memory"]["weights"].int == 4 * 63_466)
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
