import Foundation
import ScreenTesting
import Testing

/// The Recipe screen of `cortado` itself on an emulated terminal: files checked byte for byte.
@Suite("Recipe screen, end to end", .serialized) struct RecipeScreenEndToEndTests {
  private static let text = """
    # Rules for the board; ask before a change.
    batch_num: 1   # 8 images
    common_config {
      # searched coarsely
      ifmr_quantize { search_step: 0.02 }
    }

    """

  private func makeFolder() throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    for path in Sample.shapes.model {
      try FileManager.default.copyItem(atPath: path, toPath: folder / (path as NSString).lastPathComponent)
    }
    return folder
  }

  private func start(_ folder: TemporaryFolder, _ more: [String] = [], columns: Int = 120, rows: Int = 40) throws -> Pty
  {
    try Pty(
      "cortado", [folder / "shapes.prototxt", folder / "shapes.caffemodel"] + Sample.shapes.calibration + more,
      columns: columns, rows: rows)
  }

  private func expectLeft(_ pty: Pty) {
    #expect(pty.exit() == .status(0))
    #expect(pty.isCooked)
  }

  @Test func `a recipe is brought in, extended, applied over a hand edit, lifted, saved, undone`() throws {
    let folder = try makeFolder()
    let file = try folder.write("board.cfg", Self.text)
    let pty = try start(folder, ["--recipe", file])
    #expect(pty.wait(forAll: ["[3 Recipe]", "Recipe: recipe.cfg", "unsaved: recipe.cfg"]), "\(pty.screen)")
    // A rule for InnerProduct, 12 bits.
    pty.send("at")
    #expect(pty.wait(for: "rule for the layer type:"), "\(pty.screen)")
    pty.send("Inn\t\r")
    #expect(pty.wait(for: "Block: override_layer_types InnerProduct"), "\(pty.screen)")
    pty.send("\r\r\u{15}12\r")
    #expect(pty.wait(for: "recipe type InnerProduct num_bits: 8 -> 12"), "\(pty.screen)")
    let extended =
      Self.text + """
        override_layer_types {
          layer_type: "InnerProduct"
          calibration_config { ifmr_quantize { num_bits: 12 } }
        }

        """
    // conv1 gets 12 bits by hand and keeps them.
    pty.send("2b")
    #expect(pty.wait(for: "conv1: num_bits 8 -> 12"), "\(pty.screen)")
    pty.send("3A")
    #expect(pty.wait(forAll: ["Apply the recipe", "keep mine   conv1", "mine 12, recipe 8"]), "\(pty.screen)")
    pty.send("\r")
    #expect(pty.wait(for: "recipe applied, 1 of 1 kept as set by hand"), "\(pty.screen)")
    pty.send("S")
    #expect(pty.wait(forAll: ["ok  saved:", "and recipe.cfg"]), "\(pty.screen)")
    #expect(try folder.text(".cortado/recipe.cfg") == extended)
    #expect(try folder.text(".cortado/applied.cfg") == extended)
    #expect(try folder.text("board.cfg") == Self.text)
    // What the verb makes of the same recipe differs in conv1's bits alone.
    let verb = try cortado(
      ["config", "init"] + Sample.shapes.model + [
        "--recipe", folder / ".cortado/recipe.cfg", "-o", folder / "verb.json",
      ])
    #expect(verb.status == 0, "\(verb.err)")
    let diff = try cortado(["config", "diff", folder / "verb.json", "--config", folder / ".cortado/config.json"])
    #expect(diff.out.split(separator: "\n").count { $0.contains("num_bits") } == 1, "\(diff.out)")
    #expect(diff.out.contains("conv1"))
    // Lifted, the recipe makes the config as it is.
    pty.send("i")
    #expect(pty.wait(forAll: ["Lift the config into the recipe", "conv1  num_bits 12"]), "\(pty.screen)")
    pty.send("\r")
    #expect(pty.wait(for: "lifted into the recipe: 1 change"), "\(pty.screen)")
    pty.send("S")
    #expect(pty.wait(for: "ok  saved:"), "\(pty.screen)")
    let lifted =
      extended + """
        override_layer_configs {
          layer_name: "conv1"
          calibration_config {
            ifmr_quantize {
              num_bits: 12
              search_step: 0.02
            }
          }
        }

        """
    #expect(try folder.text(".cortado/recipe.cfg") == lifted)
    #expect(try folder.text(".cortado/applied.cfg") == folder.text(".cortado/recipe.cfg"))
    let again = try cortado(
      ["config", "init"] + Sample.shapes.model + [
        "--recipe", folder / ".cortado/recipe.cfg", "-o", folder / "again.json",
      ])
    #expect(again.status == 0)
    let same = try cortado(["config", "diff", folder / "again.json", "--config", folder / ".cortado/config.json"])
    #expect(!same.out.contains("num_bits") && !same.out.contains("search"), "\(same.out)")
    // Everything undone: no recipe, the config of the beginning; saving takes the files away.
    pty.send("uuuuuu")
    #expect(
      pty.wait(forAll: ["This project has no recipe.", "unsaved: config.json recipe.cfg"]), "\(pty.screen)")
    pty.send("S")
    #expect(pty.wait(forAll: ["ok  saved:", "unsaved: -"]), "\(pty.screen)")
    #expect(!folder.has(".cortado/recipe.cfg"))
    #expect(!folder.has(".cortado/applied.cfg"))
    let fresh = try cortado(["config", "init"] + Sample.shapes.model + ["-o", folder / "fresh.json"])
    #expect(fresh.status == 0)
    #expect(try folder.text(".cortado/config.json") == folder.text("fresh.json"))
    pty.send("q")
    expectLeft(pty)
  }

  @Test func `a run keeps the recipe that made its config, byte for byte`() throws {
    let folder = try makeFolder()
    let file = try folder.write("board.cfg", Self.text)
    let pty = try start(folder, ["--recipe", file], columns: 80, rows: 24)
    #expect(pty.wait(for: "Recipe: recipe.cfg"), "\(pty.screen)")
    pty.send("A\r")
    #expect(pty.wait(for: "recipe applied"), "\(pty.screen)")
    pty.send("r\r")
    #expect(pty.wait(for: "run 1 done", .seconds(120)), "\(pty.screen)")
    #expect(try folder.text(".cortado/runs/0001/recipe.cfg") == Self.text)
    pty.send("qd")
    expectLeft(pty)
  }

  @Test func `a damaged recipe does not keep the model closed`() throws {
    let folder = try makeFolder()
    _ = try folder.write(".cortado/recipe.cfg", "common_config {\n  nmae: 1\n}\n")
    let pty = try start(folder)
    pty.send("2")
    #expect(pty.wait(for: "conv1_bn"), "\(pty.screen)")
    pty.send("3")
    #expect(pty.wait(forAll: ["This recipe cannot be read.", "recipe.cfg:2:", "nmae: 1"]), "\(pty.screen)")
    pty.send("q")
    expectLeft(pty)
  }

  @Test func `a recipe that is not there is told before the screen`() throws {
    let folder = try makeFolder()
    let pty = try start(folder, ["--recipe", folder / "gone.cfg"])
    #expect(pty.exit() == .status(3))
    #expect(String(decoding: pty.output, as: UTF8.self).contains("gone.cfg"))
  }
}
