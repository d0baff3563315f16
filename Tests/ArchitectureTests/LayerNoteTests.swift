import CaffeFormat
import Foundation
import LayerGraph
import Layers
import QuantEngine
import Testing

/// The table of notes beside the catalog, against the catalog, the sources and the schema.
@Suite("Layer notes") struct LayerNoteTests {
  private let types = LayerCatalog.builtIn.types

  @Test func `every note is of a type that there is`() {
    let names = Set(types.map { $0.caffeType })
    #expect(Set(LayerNote.all.keys).subtracting(names) == [])
  }

  /// Types that have no note yet: empty cells in docs/layers.md.
  private static let pending: Set<String> = []

  @Test func `every type has a note, or is known to have none`() {
    let missing = Set(types.map { $0.caffeType }).filter { LayerNote.all[$0] == nil }
    let new = missing.subtracting(Self.pending).sorted()
    #expect(new == [], "add a line for each to LayerNotes.swift, or its name to `pending`")
    #expect(Self.pending.subtracting(missing) == [], "these have notes now")
  }

  @Test func `a note names the file that the type's comment names`() throws {
    for type in types {
      guard let note = LayerNote.all[type.caffeType] else { continue }
      #expect(!note.source.isEmpty, "\(type)")
      let text = try SourceTree.text("Sources/Layers/\(type).swift")
      guard let comment = text.firstMatch(of: /(?m)^\/\/\/ - Source: .*(?:\n\/\/\/   .*)*/) else { continue }
      for file in note.source.matches(of: /\w+\.cpp/) {
        #expect(comment.0.contains(file.0), "\(type): \(file.0)")
      }
    }
  }

  @Test func `every type with a note can be made, so that its role is known`() throws {
    let schema = try ProtoSchema.builtIn()
    var without: [String] = []
    for type in types where LayerNote.all[type.caffeType] != nil {
      if LayerCatalog.example(of: type, schema) == nil { without.append(type.caffeType) }
    }
    #expect(without == [], "give an example in LayerNotes.swift")
  }

  @Test func `settings that a type reads are among its parameters`() throws {
    let schema = try ProtoSchema.builtIn()
    for type in types where LayerNote.all[type.caffeType] != nil {
      let known = LayerCatalog.parameterFields(of: type.caffeType, schema)
      for match in try SourceTree.text("Sources/Layers/\(type).swift").matches(of: /settings\("(\w+)"\)/) {
        #expect(known.contains(String(match.1)), "\(type) reads \(match.1)")
      }
    }
  }

  @Test func `the list knows roles, rules and parameters`() throws {
    let list = try LayerList.all()
    let byName = Dictionary(uniqueKeysWithValues: list.map { ($0.type, $0) })
    // amct-facts: weights and input by channel; Pooling by its input; Eltwise by all inputs; BatchNorm off; ReLU by none.
    #expect(byName["Convolution"]?.rule == "weights by channel and input")
    #expect(byName["Pooling"]?.rule == "input")
    #expect(byName["Eltwise"]?.rule == "all inputs")
    #expect(byName["Input"]?.rule == "-")
    // caffe.proto: PoolingParameter.pool = 1 [default = MAX], kernel_size = 2, global_pooling = 12 [default = false]
    let pooling = byName["Pooling"]?.parameters ?? []
    #expect(pooling.first { $0.name == "pooling_param.pool" }?.defaultValue == "MAX")
    #expect(pooling.contains { $0.name == "pooling_param.kernel_size" && $0.type == "int" && $0.defaultValue == nil })
    #expect(byName["BatchNorm"]?.parameters.map(\.name).contains("batch_norm_param.eps") == true)
    #expect(byName["Deconvolution"]?.parameters.first?.name.hasPrefix("convolution_param.") == true)
    #expect(list.map { $0.type.lowercased() } == list.map { $0.type.lowercased() }.sorted())
  }
}
