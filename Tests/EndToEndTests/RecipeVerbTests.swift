import Foundation
import Testing

@Suite struct `cortado recipe` {
  private let folder = TemporaryFolder()
  private let model = Sample.digits.model

  private func recipe(_ text: String) throws -> String { try folder.write("r.cfg", text) }

  private static let text = """
    batch_num : 2
    skip_layers : "prob"  # scores
    common_config : { ifmr_quantize : { num_bits : 10 } }
    override_layer_types : { layer_type : "Pooling" calibration_config : { ifmr_quantize : { num_bits : 12 } } }
    override_layer_configs : { layer_name : "pool2" calibration_config : { ifmr_quantize : { num_bits : 14 } } }

    """

  @Test func `check reads a recipe alone, or with its net`() throws {
    let file = try recipe(Self.text)
    let alone = try cortado("recipe", "check", file)
    alone.expect(0)
    #expect(alone.out == "ok: common rule, 1 type rule, 1 layer rule\n")
    let json = try cortado(["recipe", "check", file] + model + ["--json"]).json
    #expect(json["layerTypes"].int == 1 && json["listed"].int == 8 && json["quantized"].int == 6)
  }

  @Test func `an error has its place and ends with 3`() throws {
    try cortado("recipe", "check", try recipe("batch_num : 2\nactivation_ofset : true\n"))
      .expect(3, says: "r.cfg:2:1: error: unknown field 'activation_ofset'", "did you mean 'activation_offset'?")
    try cortado("recipe", "check", try recipe("common_config { snq_quantize { max_iteration: 3 } }"))
      .expect(3, says: "r.cfg:1:32: error: The max_iteration must be in range [500, 2000]")
    try cortado(["recipe", "check", try recipe("skip_layers: 'conv3'")] + model)
      .expect(3, says: "r.cfg:1:1: error: Layer conv3 does not exist in the graph.")
    try cortado("recipe", "check", folder / "none.cfg").expect(3, says: "none.cfg: error: cannot read this file")
  }

  @Test func `show tells which rule a layer takes and what would change`() throws {
    let file = try recipe(Self.text)
    let shown = try cortado(["recipe", "show", file] + model + ["--json"])
    shown.expect(0)
    let effect = try shown.json["effect"]
    let type = effect["rules"].first("rule", "override_layer_types Pooling")
    #expect(type["matches"].list.map(\.string) == ["pool1", "pool2"])
    #expect(type["governs"].list.map(\.string) == ["pool1"])
    #expect(type["shadowed"].first("layer", "pool2")["by"].string == "override_layer_configs pool2")
    // prob becomes float; the others get other bits, relu1 as well, which stays off.
    #expect(effect["added"].int == 0 && effect["removed"].int == 1 && effect["changed"].int == 7)
    let text = try cortado(["recipe", "show", file] + model)
    text.expect(0)
    #expect(text.out.contains("override_layer_types Pooling: matches 2 layers, governs pool1\n  pool2 takes"))
  }

  @Test func `apply keeps or replaces what was set by hand`() throws {
    let file = try recipe(Self.text)
    let config = folder / "config.json"
    try cortado(["recipe", "apply", file] + model + ["-o", config]).expect(0)
    let same = folder / "same.json"
    try cortado(["config", "init"] + model + ["--recipe", file, "-o", same]).expect(0)
    #expect(try folder.text("config.json") == folder.text("same.json"))

    try cortado("config", "set", "conv1", "activation.num_bits=16", "--config", config).expect(0)
    let next = try folder.write("next.cfg", "common_config { ifmr_quantize { num_bits: 9 } }")
    let words = ["recipe", "apply", next] + model + ["--config", config, "--previous", file, "--json"]
    let kept = try cortado(words + ["-o", folder / "kept.json"])
    kept.expect(0)
    #expect(try kept.json["kept"].list.map { $0["path"].string } == ["conv1.activation_quant_params.num_bits"])
    func bits(_ name: String, _ layer: String) throws -> Int? {
      try JSONNode(file: folder / name)[layer]["activation_quant_params"]["num_bits"].int
    }
    let found = try ["conv1", "conv2", "pool2"].map { try bits("kept.json", $0) }
    #expect(found == [16, 9, 9])
    let taken = try cortado(words + ["--hand", "take", "-o", folder / "taken.json"])
    #expect(try taken.json["replaced"].list.map { $0["old"].string } == ["16"])
    #expect(try bits("taken.json", "conv1") == 9)
  }

  @Test func `apply without a model takes the one beside the project, or asks`() throws {
    let file = try recipe(Self.text)
    try cortado("recipe", "apply", file, "-o", folder / "c.json", in: folder.path).expect(
      64, says: "Give MODEL and WEIGHTS")
    for path in model {
      try FileManager.default.copyItem(atPath: path, toPath: folder / (path as NSString).lastPathComponent)
    }
    try FileManager.default.createDirectory(atPath: folder / ".cortado", withIntermediateDirectories: true)
    try cortado("recipe", "apply", file, "-o", folder / "c.json", in: folder.path).expect(0)
    #expect(folder.names().contains("c.json"))
  }

  @Test func `lift makes a recipe that gives the config again`() throws {
    let file = try recipe(Self.text)
    let config = folder / "config.json"
    try cortado(["recipe", "apply", file] + model + ["-o", config]).expect(0)
    try cortado("config", "set", "conv1", "activation.num_bits=16", "--config", config).expect(0)
    try cortado("config", "set", "ip1", "quant_enable=false", "--config", config).expect(0)
    let lifted = try cortado(
      ["recipe", "lift"] + model + ["--config", config, "--recipe", file, "-o", folder / "b.cfg", "--json"])
    lifted.expect(0)
    #expect(try lifted.json["overridden"].list.map(\.string) == ["conv1"])
    #expect(try lifted.json["skipped"].list.map(\.string) == ["ip1"])
    #expect(
      try folder.text("b.cfg").hasPrefix("batch_num : 2\nskip_layers : \"prob\"  # scores\nskip_layers : \"ip1\"\n"))
    try cortado(["recipe", "apply", folder / "b.cfg"] + model + ["-o", folder / "again.json"]).expect(0)
    #expect(try folder.text("again.json") == folder.text("config.json"))
  }

  @Test func `lift refuses what a recipe cannot say, and writes nothing`() throws {
    let config = folder / "config.json"
    try cortado(["config", "init"] + model + ["-o", config]).expect(0)
    try cortado("config", "set", "relu1", "quant_enable=true", "--config", config).expect(0)
    try cortado(["recipe", "lift"] + model + ["--config", config, "-o", folder / "out.cfg"])
      .expect(3, says: "config.json:", "error: a recipe cannot express quant_enable true", "in layer 'relu1'")
    #expect(folder.names() == ["config.json"])
  }
}
