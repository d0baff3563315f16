import Diagnostics
import Foundation
import Tensors
import Testing

@testable import Datasets

/// Images that are left out.
@Suite("Picked images") struct PickedImagesTests {
  /// Images that are nothing but a name and, as label, their number.
  private struct Named: ImageCollection {
    let names: [String]
    var kind: String { "folder" }
    var count: Int { names.count }
    func name(_ i: Int) -> String { names[i] }
    func label(_ i: Int) throws(DiagnosticError) -> Int? { i }
    func load(_ i: Int, into out: MutableFloatView, shape: Shape, _ preprocessing: Preprocessing)
      throws(DiagnosticError)
    {}
    func info(_ i: Int) -> ImageInfo { ImageInfo(shape: [], storage: "") }
    func addContent(of i: Int, to hasher: borrowing ContentHasher) throws(DiagnosticError) {}
  }

  private let base = Named(names: ["a/1.png", "a/2.png", "b/1.png", "b/3.png"])
  private let here = SourceLocation(file: "a")

  private func names(_ leavingOut: [String], isWhole: Bool = true) throws -> [String] {
    let picked = try PickedImages(of: base, leavingOut: leavingOut, limit: nil, isWhole: isWhole, at: here)
    return (0..<picked.count).map(picked.name)
  }

  @Test func `a path leaves out one image, a file's name all of that name`() throws {
    #expect(try names(["a/1.png"]) == ["a/2.png", "b/1.png", "b/3.png"])
    #expect(try names(["1.png"]) == ["a/2.png", "b/3.png"])
    #expect(try names([]) == base.names)
  }

  @Test func `labels stay with their images`() throws {
    let picked = try PickedImages(of: base, leavingOut: ["a/2.png"], limit: nil, isWhole: true, at: here)
    #expect(try (0..<3).map { try picked.label($0) } == [0, 2, 3])
  }

  @Test func `a name of no image is a mistake, unless only a part is known`() throws {
    #expect {
      try names(["4.png"])
    } throws: { error in
      "\(error)".contains("there is no image '4.png' to leave out")
    }
    #expect(try names(["4.png"], isWhole: false) == base.names)
  }

  @Test func `images behind a limit are not looked at`() throws {
    let picked = try PickedImages(of: base, leavingOut: ["a/2.png"], limit: 3, isWhole: false, at: here)
    #expect((0..<picked.count).map(picked.name) == ["a/1.png", "b/1.png"])
  }

  @Test func `something must be left`() {
    #expect {
      try names(["1.png", "2.png", "3.png"])
    } throws: { error in
      "\(error)".contains("every image is left out")
    }
  }
}
