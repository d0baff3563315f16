import Foundation
import ScreenTesting
import Testing

/// Verbs over the runs of a project: two runs of the sample, by default settings and with its repair.
@Suite(.serialized) struct `Runs of a project` {
  private let folder = TemporaryFolder()

  init() throws {
    for path in Sample.shapes.model {
      try FileManager.default.copyItem(atPath: path, toPath: folder / (path as NSString).lastPathComponent)
    }
    try quantize(
      "--label", "defaults", "--evaluate", Sample.shapes / "evaluation.npy", "--labels",
      Sample.shapes / "evaluation_labels.npy")
    try call("config", "init", "shapes.prototxt", "shapes.caffemodel", "-o", ".cortado/config.json")
    try call("config", "set", "conv3_dw", "activation.num_bits=12", "--config", ".cortado/config.json")
    try quantize("--config", ".cortado/config.json", "--out", "out/mine", "--type", "Fakequant")
  }

  @discardableResult private func call(_ words: String...) throws -> Outcome {
    let outcome = try cortado(words, in: folder.path)
    outcome.expect(0)
    return outcome
  }

  private func refused(_ status: Int32, _ words: String..., says text: String) throws {
    try cortado(words, in: folder.path).expect(status, says: text)
  }

  private func quantize(_ flags: String...) throws {
    try cortado(
      ["quantize", "shapes.prototxt", "shapes.caffemodel"] + Sample.shapes.calibration + flags, in: folder.path
    ).expect(0)
  }

  @Test func `are listed, shown and compared`() throws {
    let list = try call("runs", "list", "--json").json
    #expect(list.list.map { $0["run"].string } == ["0002", "0001"])
    let (second, first) = (list[0], list[1])
    #expect(first["label"].string == "defaults" && first["parent"].isNull && second["parent"].string == "0001")
    #expect(first["state"].string == "done" && first["version"].string == "0.1.0")
    // The sample's README: 16 layers, all the net's operations are in them; 98.5 % and 80.5 % on the evaluation images.
    #expect(first["quantized"].int == 16 && first["macShare"].number == 1)
    #expect(first["evaluation"]["float"].number == 0.985)
    #expect((first["below"].int ?? 0) > 5 && second["below"].int == 0)
    let now = Date().timeIntervalSince1970
    #expect(abs((first["started"].number ?? 0) - now) < 600)

    let table = try call("runs").out
    #expect(table.contains("defaults") && table.split(separator: "\n").count == 3)

    let shown = try call("runs", "show", "2", "--json").json
    #expect(shown["configChanges"].list.map { $0["path"].string } == ["conv3_dw.activation_quant_params.num_bits"])
    let file = shown["files"].first("path", folder / "out/mine_quant.json")
    #expect(file["bytes"].int == (try folder.bytes("out/mine_quant.json").count) && file["sha256"].string?.count == 64)
    #expect((shown["peakBytes"].int ?? 0) > 1_000_000 && shown["stages"].list.count >= 7)

    let diff = try call("runs", "diff", "0001", "2", "--json").json
    #expect(diff["config"][0]["old"].string == "8" && diff["config"][0]["new"].string == "12")
    #expect((diff["better"].int ?? 0) > 10 && diff["worse"].int == 0)
    let layer = diff["layers"].first("name", "conv3_dw")
    #expect(layer["verdict"].string == "better" && (layer["before"].number ?? 1) < 0.95)
    #expect((layer["after"].number ?? 0) > 0.999)
    try refused(3, "runs", "show", "7", says: "its runs are 1, 2")
    try refused(64, "runs", "lst", says: "did you mean 'list'?")
    try cortado(["runs", "list"], in: "/").expect(3, says: "--project")
    try cortado(["runs", "list", "--project", folder / "nowhere"]).expect(3, says: "no project folder")
  }

  @Test func `are restored, named, pinned and deleted`() throws {
    let edited = try folder.text(".cortado/config.json")
    let restored = try call("runs", "restore", "1")
    #expect(restored.out.contains("num_bits: 12 -> 8"))
    #expect(try folder.text(".cortado/config.json") == folder.text(".cortado/runs/0001/config.json"))
    let kept = try #require(folder.names(".cortado/history").first)
    #expect(try folder.text(".cortado/history/" + kept) == edited)
    // The line it prints brings the old one back.
    #expect(restored.out.contains("cp \(folder.path)/.cortado/history/\(kept) \(folder.path)/.cortado/config.json"))
    try quantize("--config", ".cortado/config.json", "--stop-after", "weights")
    #expect(try call("runs", "list", "--json").json[0]["parent"].string == "0001")

    try call("runs", "rename", "2", "twelve \"bits\"\nthere")
    #expect(try call("runs", "show", "2", "--json").json["summary"]["label"].string == "twelve \"bits\"\nthere")
    try call("runs", "pin", "2")
    try refused(3, "runs", "delete", "3", "2", "--yes", says: "pinned")
    #expect(folder.has(".cortado/runs/0003"), "all are checked before the first is deleted")
    try refused(64, "runs", "delete", "3", says: "--yes")
    try call("runs", "delete", "3", "--yes")
    #expect(!folder.has(".cortado/runs/0003"))
    try call("runs", "unpin", "2")
    try call("runs", "delete", "2", "1", "--yes")
    #expect(try call("runs", "list", "--json").json.list.isEmpty)
    #expect(folder.has("out/mine_quant.json"))
  }

  @Test func `are deleted from a terminal only after a yes`() throws {
    let words = ["runs", "delete", "2", "--project", folder / ".cortado"]
    let no = try Pty("cortado", words)
    #expect(no.wait(for: "delete run 0002? [y/N]"), "\(no.screen)")
    no.send("\r")
    #expect(no.wait(for: "nothing was deleted"), "\(no.screen)")
    #expect(no.exit() == .status(0))
    #expect(folder.has(".cortado/runs/0002"))
    let yes = try Pty("cortado", words)
    #expect(yes.wait(for: "[y/N]"), "\(yes.screen)")
    yes.send("y\r")
    #expect(yes.wait(for: "deleted run 0002"), "\(yes.screen)")
    #expect(yes.exit() == .status(0))
    #expect(!folder.has(".cortado/runs/0002"))
  }

  @Test func `become a page, a table and Markdown`() throws {
    try call("runs", "rename", "2", "<i>&")
    try call("report", "2", "--html", "r.html", "--csv", "r.csv", "--md", "r.md")
    let page = try folder.text("r.html")
    let tree = try TagTree(page)
    #expect(tree.text("title") == ["Run 2"] && tree.text("h1").joined() == "Run 2: &lt;i&gt;&amp;")
    #expect(tree.text("h2") == ["Outputs", "Layers", "Time", "Configuration", "Files"])
    // 46 layers, 1 output, 1 changed setting, the stages and the files have a row head each.
    let result = try JSONNode(text: folder.text(".cortado/runs/0002/run.json"))
    let names = result["layers"].list.compactMap { $0["layer"].string }
    #expect(names.count == 46 && Set(names).isSubset(of: tree.text("th")))
    let cosine = try #require(result["comparison"]["layers"].first("layer", "conv5")["cosine"].number)
    #expect(tree.text("td").contains(String(format: "%.5f", cosine)))
    #expect(page.contains(try sha256(folder / "out/mine_quant.json")))
    for word in ["src=", "href=", "url(", "http", "<script"] where word != "http" { #expect(!page.contains(word)) }
    #expect(try folder.text("r.csv") == folder.text(".cortado/runs/0002/metrics.csv"))
    let markdown = try folder.text("r.md")
    #expect(markdown.contains("\\<i\\>\\&") && markdown.contains("`conv3_dw.activation_quant_params.num_bits`"))
    // The folder itself is as good as the number.
    try cortado(["report", folder / ".cortado/runs/0002", "--md", folder / "again.md"]).expect(0)
    #expect(try folder.text("again.md") == markdown)
    try refused(64, "report", "2", says: "--html, --csv or --md")
    try refused(3, "report", "out", "--md", "x.md", says: "no run folder")
    try refused(3, "report", "nowhere", "--md", "x.md", says: "neither a run's number nor a run folder")
    #expect(!folder.has("x.md"))
  }

  /// By the system's own tool.
  private func sha256(_ path: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
    process.arguments = [path]
    let out = Pipe()
    process.standardOutput = out
    try process.run()
    let data = try out.fileHandleForReading.readToEnd() ?? Data()
    return String(decoding: data.prefix(64), as: UTF8.self)
  }

  @Test func `give their models under another prefix`() throws {
    let saved = try call("save", "1", "--out", "new/name", "--type", "Deploy", "--json").json
    let suffixes = [
      "deploy_model.prototxt", "deploy_weights.caffemodel", "quant.json", "quant_param_record.bin",
      "quant_param_record.txt",
    ]
    #expect(saved["files"].strings.sorted() == suffixes.map { "new/name_" + $0 })
    #expect(folder.names("new") == suffixes.map { "name_" + $0 })
    for suffix in suffixes where suffix != "quant.json" {
      #expect(try folder.bytes("new/name_" + suffix) == folder.bytes(".cortado/runs/0001/shapes_" + suffix))
    }
    #expect(try JSONNode(file: folder / "new/name_quant.json")["name"].string == "name")
    #expect(
      try folder.text("new/name_quant.json").replacingOccurrences(
        of: "\"name\": \"name\"", with: "\"name\": \"shapes\"")
        == folder.text(".cortado/runs/0001/shapes_quant.json"))
    try refused(3, "save", "1", "--out", "new/name", says: "there already")
    try call("save", "1", "--out", "new/name", "--overwrite")
    #expect(folder.names("new").count == 7)
    // Saved under out/mine from another folder's view: the paths in run.json are relative.
    try cortado(["save", folder / ".cortado/runs/0002", "--out", folder / "third/x"]).expect(0)
    #expect(folder.names("third").count == 5)
    // Run 2 was saved as Fakequant: the deploy model is made of its folder.
    try call("save", "2", "--out", "both/mine", "--type", "Both")
    #expect(folder.names("both").count == 7)
    for name in folder.names("out") {
      #expect(try folder.bytes("both/\(name)") == folder.bytes("out/\(name)"), "\(name)")
    }
    try FileManager.default.removeItem(atPath: folder / "out/mine_quant.json")
    try refused(3, "save", "2", "--out", "y", says: "not there any more")
  }
}
