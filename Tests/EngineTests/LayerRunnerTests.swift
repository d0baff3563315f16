import CaffeFormat
import Engine
import LayerGraph
import Layers
import Tensors
import TestSupport
import Testing

@Suite struct LayerRunnerTests {
  /// Each type's example on bottoms of [2, 4, 6, 6], planned: what runs it is what the table of notes says.
  @Test func `a plan runs each type on what its note says`() throws {
    let schema = try ProtoSchema.builtIn()
    var seen = 0
    for type in LayerCatalog.builtIn.types where !(type is any InputLayerType.Type) {
      guard let note = LayerNote.all[type.caffeType],
        let example = LayerCatalog.exampleParameter(of: type, schema)
      else { continue }
      let text =
        example.bottoms.map { NetText.input($0, [2, 4, 6, 6]) }.joined()
        + NetText.layer("example", type.caffeType, example.bottoms, example.tops, note.example)
      // Some want bottoms of other shapes.
      guard let graph = try? NetText.graph(text), let plan = try? Plan(graph, PlanOptions(threads: 1)),
        let step = plan.steps.last(where: { $0.name == "example" })
      else { continue }
      seen += 1
      let isRight =
        switch note.runner {
        case .oneDNN: step.backend.hasPrefix("oneDNN:")
        // "view" where the example's settings leave all values in place.
        case .own: step.backend == "own" || step.backend == "view"
        case .oneDNNOrOwn: step.backend == "own" || step.backend == "view" || step.backend.hasPrefix("oneDNN:")
        case .reference: step.backend == "reference"
        case .nothing: step.backend == "view" || example.tops.isEmpty
        }
      #expect(isRight, "\(type.caffeType) runs on \(step.backend), its note says \(note.runner.rawValue)")
    }
    #expect(seen >= 35, "\(seen)")
  }
}
